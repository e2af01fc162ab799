/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "engine/diagnosis.h"
#include "report/json_parts.h"

static void append_text(struct json_writer *writer, json_t *list, const char *text)
{
	if (json_array_append_new(list, json_text(text)) != 0)
		writer->failed = true;
}

/* Each row once, at however many sites it is explained. */
static json_t *covered(struct json_writer *writer, const struct store *store,
	const struct diagnosis *diagnosis)
{
	const struct plan *plan = store_plan(store);
	bool *listed = calloc(plan->requirement_count + 1, sizeof(*listed));
	json_t *list = json_array();

	if (!listed)
		writer->failed = true;
	for (size_t i = 0; listed && i < store_requirements(store); i++) {
		const struct requirement *requirement =
			store_requirement(store, i).requirement;
		size_t row = (size_t)(requirement - plan->requirements);

		if (diagnoses_cover(writer->diagnoses, i) != diagnosis || listed[row])
			continue;
		append_text(writer, list, requirement->id);
		listed[row] = true;
	}
	free(listed);
	return list;
}

/* Requirements of one site are neighbours. */
static json_t *sites(struct json_writer *writer, const struct store *store,
	const struct diagnosis *diagnosis)
{
	const struct site *before = NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < store_requirements(store); i++) {
		const struct site *site = store_requirement(store, i).site;

		if (diagnoses_cover(writer->diagnoses, i) != diagnosis || site == before)
			continue;
		append_text(writer, list, site->name);
		before = site;
	}
	return list;
}

static json_t *common_cause(struct json_writer *writer, const struct store *store,
	const struct diagnosis *diagnosis)
{
	json_t *value = json_object();

	json_put(writer, value, "site",
		json_text(diagnosis->site ? diagnosis->site->name : NULL));
	json_put(writer, value, "common_cause",
		json_text(common_cause_name(diagnosis->cause)));
	json_put(writer, value, "sentence",
		json_text(common_cause_sentence(diagnosis->cause, writer->language)));
	json_put(writer, value, "remedy",
		json_text(common_cause_remedy(diagnosis->cause, writer->language)));
	json_put_time(writer, value, "since", diagnosis->since_us);
	json_put_evidence(writer, value, &diagnosis->evidence);
	json_put(writer, value, "requirements", covered(writer, store, diagnosis));
	json_put(writer, value, "sites", sites(writer, store, diagnosis));
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
