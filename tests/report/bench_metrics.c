/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what a line of /metrics costs with 20,000 checks; a tool, not a test. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "report/fixture.h"
#include "report/metrics.h"

#define ROUNDS 7

static size_t count_lines(const struct text *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->length; i++)
		lines += text->data[i] == '\n';
	return lines;
}

/*
 * With `keep`, the memory of the round before is used again; without, the page faults of
 * a new text are part of the measure (in a virtual machine half of it).
 */
static void measure(const struct fixture *fixture, enum exposition_format format,
	bool keep, const char *name)
{
	struct text text = { 0 };
	int64_t best = INT64_MAX;
	size_t lines;

	for (unsigned round = 0; round < ROUNDS; round++) {
		int64_t begun, taken;

		if (keep)
			text_clear(&text);
		else
			text_done(&text);
		begun = clock_now_us();
		metrics_write(&fixture->source, format, &text);
		taken = clock_now_us() - begun;
		best = taken < best ? taken : best;
	}
	lines = count_lines(&text);
	printf("%-26s %zu lines, %zu octets, %" PRId64 " us, %.1f ns a line\n", name,
		lines, text.length, best, (double)best * 1000.0 / (double)lines);
	text_done(&text);
}

int main(int argc, char **argv)
{
	size_t checks = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 20000;
	struct fixture fixture = { 0 };

	fixture_init_large(&fixture, checks);
	measure(&fixture, EXPOSITION_TEXT, false, "text 0.0.4, new memory");
	measure(&fixture, EXPOSITION_TEXT, true, "text 0.0.4, kept memory");
	measure(&fixture, EXPOSITION_OPENMETRICS, false, "openmetrics, new memory");
	measure(&fixture, EXPOSITION_OPENMETRICS, true, "openmetrics, kept memory");
	fixture_done(&fixture);
	return 0;
}
