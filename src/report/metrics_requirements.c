/* SPDX-License-Identifier: Apache-2.0 */
#include "report/metrics_parts.h"
#include "report/summary.h"

static void append_requirement_labels(
	struct text *labels, const struct requirement *requirement)
{
	char ports[PORTS_TEXT_MAX];

	labels_append(labels, "requirement", requirement->id);
	labels_append(labels, "feature", requirement->feature);
	labels_append(labels, "direction", direction_name(requirement->direction));
	labels_append(labels, "severity", severity_name(requirement->severity));
	labels_append(
		labels, "port", requirement_ports(requirement, ports, sizeof(ports)));
	labels_append(labels, "transport", transport_name(requirement->transport));
}

void metrics_write_one(struct exposition *exposition, struct text *labels)
{
	struct series series = { .labels = labels->data, .length = labels->length };

	if (text_failed(labels))
		exposition->text->failed = true;
	else
		exposition_integer(exposition, series, 1);
	text_clear(labels);
}

static void write_requirement_info(
	struct exposition *exposition, const struct plan *plan, struct text *labels)
{
	exposition_family(exposition, METRIC_INFO, "starface_requirement",
		"A row of the vendor's table: what must be reachable.");
	for (size_t i = 0; i < plan->requirement_count; i++) {
		append_requirement_labels(labels, &plan->requirements[i]);
		metrics_write_one(exposition, labels);
	}
}

/* One sample for each state; empties the labels for the next. */
static void write_states(
	struct exposition *exposition, struct text *labels, enum verdict present)
{
	struct series series = {
		.labels = labels->data, .length = labels->length, .name = "state"
	};

	if (text_failed(labels))
		exposition->text->failed = true;
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		series.value = verdict_name(verdict);
		exposition_integer(exposition, series, verdict == present);
	}
	text_clear(labels);
}

/*
 * A gauge in both formats, not OpenMetrics' state set: that would force the label to bear
 * the name of the family, and queries would depend on the format negotiated.
 */
static void write_requirement_state(
	struct exposition *exposition, const struct store *store, struct text *labels)
{
	exposition_family(exposition, METRIC_GAUGE, "starface_requirement_state",
		"Confirmed state of a requirement at a site: 1 for the state it is in.");
	for (size_t i = 0; i < store_requirements(store); i++) {
		struct requirement_state state = store_requirement(store, i);

		if (!state.worst)
			continue; /* nothing of it applies here */
		labels_append(labels, "site", state.site->name);
		labels_append(labels, "requirement", state.requirement->id);
		write_states(exposition, labels, state.verdict);
	}
}

static void write_causes(struct exposition *exposition, struct text *labels)
{
	exposition_family(exposition, METRIC_INFO, "starface_cause",
		"Every cause there is, with its layer and the sentence that explains "
		"it.");
	for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
		labels_append(labels, "cause", cause_name(cause));
		labels_append(labels, "layer", layer_name(cause_layer(cause)));
		labels_append(labels, "sentence", cause_sentence(cause, LANGUAGE_EN));
		metrics_write_one(exposition, labels);
	}
}

static void write_completeness(struct exposition *exposition, const struct store *store)
{
	const struct plan *plan = store_plan(store);
	struct summaries summaries;

	if (!summaries_make(store, &summaries)) {
		exposition->text->failed = true;
		return;
	}
	exposition_family(exposition, METRIC_GAUGE, "starface_completeness_ratio",
		"Rows really tested, of the rows required at this site.");
	for (size_t i = 0; i < plan->site_count; i++) {
		struct series series = { .name = "site", .value = plan->sites[i].name };

		if (summaries.sites[i].rows > 0)
			exposition_number(exposition, series,
				summary_completeness(&summaries.sites[i]));
	}
	summaries_done(&summaries);
}

void metrics_write_requirements(
	struct exposition *exposition, const struct report_source *source)
{
	const struct plan *plan = store_plan(source->store);
	struct text labels = { 0 };

	write_requirement_state(exposition, source->store, &labels);
	write_requirement_info(exposition, plan, &labels);
	write_causes(exposition, &labels);
	write_completeness(exposition, source->store);
	text_done(&labels);
}
