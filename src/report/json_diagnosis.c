/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diagnosis.h"
#include "report/json_parts.h"

static json_t *covered(struct json_writer *writer, const struct store *store,
	const struct diagnosis *diagnosis)
{
	json_t *list = json_array();

	for (size_t i = 0; i < store_requirements(store); i++) {
		const char *id;

		if (diagnoses_cover(writer->diagnoses, i) != diagnosis)
			continue;
		id = store_requirement(store, i).requirement->id;
		if (json_array_append_new(list, json_text(id)) != 0)
			writer->failed = true;
	}
	return list;
}

static json_t *common_cause(struct json_writer *writer, const struct store *store,
	const struct diagnosis *diagnosis)
{
	json_t *value = json_object();

	json_put(writer, value, "site", json_text(diagnosis->site->name));
	json_put(writer, value, "common_cause",
		json_text(common_cause_name(diagnosis->cause)));
	json_put(writer, value, "sentence",
		json_text(common_cause_sentence(diagnosis->cause, writer->language)));
	json_put(writer, value, "remedy",
		json_text(common_cause_remedy(diagnosis->cause, writer->language)));
	json_put_time(writer, value, "since", diagnosis->since_us);
	json_put_evidence(writer, value, &diagnosis->evidence);
	json_put(writer, value, "requirements", covered(writer, store, diagnosis));
	return value;
}

void json_put_common_causes(
	struct json_writer *writer, json_t *object, const struct store *store)
{
	json_t *list = json_array();

	for (size_t i = 0; i < writer->diagnoses->count; i++) {
		json_t *value = common_cause(writer, store, &writer->diagnoses->items[i]);

		if (json_array_append_new(list, value) != 0)
			writer->failed = true;
	}
	json_put(writer, object, "common_causes", list);
}

void json_put_cover(struct json_writer *writer, json_t *object, size_t index)
{
	const struct diagnosis *cover = diagnoses_cover(writer->diagnoses, index);

	json_put(writer, object, "common_cause",
		json_text(cover ? common_cause_name(cover->cause) : NULL));
}
