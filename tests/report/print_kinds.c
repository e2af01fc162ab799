/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the metrics of one check of each real probe kind with every gauge measured. */
#include <stdio.h>
#include <string.h>

#include "probes/probe_kinds.h"
#include "report/metrics.h"

#define KINDS_MAX 32

static struct requirement requirements[KINDS_MAX];
static struct check checks[KINDS_MAX];
static const struct site site = { .name = "hq" };

static size_t make_checks(const struct probe_kind *const *kinds)
{
	size_t count = 0;

	for (; kinds[count]; count++) {
		requirements[count] = (struct requirement){ .id = kinds[count]->name,
			.feature = "kinds",
			.kind = kinds[count],
			.confirm = 1 };
		checks[count] = (struct check){ .identity = kinds[count]->name,
			.site = &site,
			.requirement = &requirements[count],
			.host = "host",
			.target = "host:1",
			.family = FAMILY_IPV4 };
	}
	return count;
}

static void measure(struct store *store, size_t index, const struct probe_kind *kind)
{
	struct outcome outcome = { .finding = { .verdict = VERDICT_OK }, .wall_us = 1 };

	for (unsigned i = 0; kind->gauges && kind->gauges[i].name; i++) {
		outcome.values_set |= 1U << i;
		outcome.values[i] = kind->gauges[i].label ? 0 : 1.5;
	}
	store_outcome(store, index, &outcome, NULL);
}

int main(int argc, char **argv)
{
	bool openmetrics = argc > 1 && strcmp(argv[1], "openmetrics") == 0;
	const struct probe_kind *const *kinds = probe_kinds();
	size_t count = make_checks(kinds);
	struct plan plan = { requirements, count, &site, 1, checks, count };
	struct store *store = store_new(&plan, 0);
	struct report_source source = {
		.store = store, .kinds = kinds, .version = "0", .revision = "0"
	};
	struct text text = { 0 };

	for (size_t i = 0; i < count; i++)
		measure(store, i, kinds[i]);
	metrics_write(
		&source, openmetrics ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT, &text);
	if (text_failed(&text))
		return 1;
	fputs(text.data, stdout);
	text_done(&text);
	store_free(store);
	return 0;
}
