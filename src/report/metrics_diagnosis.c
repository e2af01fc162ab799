/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diagnosis.h"
#include "report/metrics_parts.h"

/* Two PBXs of a site may be silent, two families or devices, which is one series. */
static bool is_repeated(const struct diagnoses *diagnoses, size_t index)
{
	const struct diagnosis *items = diagnoses->items;

	for (size_t i = 0; i < index; i++) {
		if (items[i].cause == items[index].cause &&
			items[i].site == items[index].site)
			return true;
	}
	return false;
}

static void write_present(struct exposition *exposition,
	const struct diagnoses *diagnoses, struct text *labels)
{
	exposition_family(exposition, METRIC_GAUGE, "starface_common_cause",
		"What takes several requirements down at once: 1 while it does. An "
		"empty site means several of them, and this host as a rule.");
	for (size_t i = 0; i < diagnoses->count; i++) {
		const struct diagnosis *diagnosis = &diagnoses->items[i];

		if (is_repeated(diagnoses, i))
			continue;
		/* which to Prometheus is no such label */
		labels_append(
			labels, "site", diagnosis->site ? diagnosis->site->name : "");
		labels_append(
			labels, "common_cause", common_cause_name(diagnosis->cause));
		metrics_write_one(exposition, labels);
	}
}

static void write_covers(struct exposition *exposition, const struct store *store,
	const struct diagnoses *diagnoses, struct text *labels)
{
	exposition_family(exposition, METRIC_GAUGE, "starface_requirement_covered",
		"Requirements that a common cause explains.");
	for (size_t i = 0; diagnoses->count > 0 && i < store_requirements(store); i++) {
		const struct diagnosis *cover = diagnoses_cover(diagnoses, i);
		struct requirement_state state;

		if (!cover)
			continue;
		state = store_requirement(store, i);
		labels_append(labels, "site", state.site->name);
		labels_append(labels, "requirement", state.requirement->id);
		labels_append(labels, "common_cause", common_cause_name(cover->cause));
		metrics_write_one(exposition, labels);
	}
}

/* Not starface_common_cause_info: OpenMetrics takes that for a sample of the gauge. */
static void write_words(struct exposition *exposition, struct text *labels)
{
	exposition_family(exposition, METRIC_INFO, "starface_remedy",
		"Every common cause there is, with its sentence and what to do.");
	for (enum common_cause cause = 1; cause < COMMON_CAUSE_COUNT; cause++) {
		labels_append(labels, "common_cause", common_cause_name(cause));
		labels_append(
			labels, "sentence", common_cause_sentence(cause, LANGUAGE_EN));
		labels_append(labels, "remedy", common_cause_remedy(cause, LANGUAGE_EN));
		metrics_write_one(exposition, labels);
	}
}

void metrics_write_diagnoses(
	struct exposition *exposition, const struct report_source *source)
{
	struct diagnoses diagnoses;
	struct text labels = { 0 };

	if (!diagnoses_make(source->store, &source->host, &diagnoses)) {
		exposition->text->failed = true;
		return;
	}
	write_present(exposition, &diagnoses, &labels);
	write_covers(exposition, source->store, &diagnoses, &labels);
	write_words(exposition, &labels);
	diagnoses_done(&diagnoses);
	text_done(&labels);
}
