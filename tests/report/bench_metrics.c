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
 * Page faults of new memory are part of the measure, in a virtual machine half of it:
 * hence the other two ways to begin a round.
 */
enum memory { MEMORY_NEW, MEMORY_RESERVED, MEMORY_KEPT, MEMORY_COUNT };

static const char *const memory_names[] = { "new", "reserved", "kept" };

static void begin_round(struct text *text, enum memory memory)
{
	size_t length = text->length;

	if (memory == MEMORY_KEPT) {
		text_clear(text);
		return;
	}
	text_done(text);
	if (memory == MEMORY_RESERVED)
		text_reserve(text, length + length / 16);
}

static void measure(const struct fixture *fixture, enum exposition_format format,
	const char *name, enum memory memory)
{
	struct text text = { 0 };
	int64_t best = INT64_MAX;
	size_t lines;

	for (unsigned round = 0; round < ROUNDS; round++) {
		int64_t begun = clock_now_us(), taken;

		begin_round(&text, memory);
		metrics_write(&fixture->source, format, &text);
		taken = clock_now_us() - begun;
		best = taken < best ? taken : best;
	}
	lines = count_lines(&text);
	printf("%-12s memory %-9s %zu lines, %zu octets, %" PRId64
	       " us, %.1f ns a line\n",
		name, memory_names[memory], lines, text.length, best,
		(double)best * 1000.0 / (double)lines);
	text_done(&text);
}

int main(int argc, char **argv)
{
	size_t checks = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 20000;
	struct fixture fixture = { 0 };

	fixture_init_large(&fixture, checks);
	for (enum memory memory = 0; memory < MEMORY_COUNT; memory++) {
		measure(&fixture, EXPOSITION_TEXT, "text 0.0.4", memory);
		measure(&fixture, EXPOSITION_OPENMETRICS, "openmetrics", memory);
	}
	fixture_done(&fixture);
	return 0;
}
