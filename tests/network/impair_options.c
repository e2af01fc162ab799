/* SPDX-License-Identifier: Apache-2.0 */
#include "impair.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct row {
	const char *name, *unit, *help;
	size_t offset; /* of a double, or of a bool where there is no unit */
	double scale, most;
};

#define AT(member) offsetof(struct impairment, member)

static const struct row rows[] = {
	{ "queue", "N", "the queue of the iptables rule", AT(queue), 1, 65535 },
	{ "seed", "N", "of the random numbers; the same gives the same", AT(seed), 1,
		1e15 },
	{ "loss", "PERCENT", "packets that vanish", AT(loss), 0.01, 100 },
	{ "burst", "PACKETS", "how many vanish in a row, on average", AT(burst), 1, 1e6 },
	{ "delay", "MS", "more time on the way", AT(delay), 1, 60000 },
	{ "jitter", "MS", "up to so much more or less delay", AT(jitter), 1, 60000 },
	{ "keep-order", NULL, "jitter lets none overtake", AT(keep_order), 0, 0 },
	{ "reorder", "PERCENT", "packets that are held back", AT(reorder), 0.01, 100 },
	{ "reorder-by", "MS", "for so long (20)", AT(reorder_by), 1, 60000 },
	{ "duplicate", "PERCENT", "packets that come twice", AT(duplicate), 0.01, 100 },
	{ "corrupt", "PERCENT", "packets with one octet wrong", AT(corrupt), 0.01, 100 },
	{ "mend", NULL, "their checksum fits again", AT(mend), 0, 0 },
	{ "larger-than", "OCTETS", "larger packets vanish", AT(larger_than), 1, 65535 },
	{ "every-other", "MS", "silence and health by turns", AT(every_other), 1, 1e7 },
};
enum {
	ROWS = sizeof(rows) / sizeof(rows[0]),
	FIRST = 256,
};

static void usage(void)
{
	fputs("usage: impair [OPTION ...]   packets of an NFQUEUE, until a signal\n",
		stderr);
	for (size_t i = 0; i < ROWS; i++)
		fprintf(stderr, "  --%-12s %-8s %s\n", rows[i].name,
			rows[i].unit ? rows[i].unit : "", rows[i].help);
}

static bool row_read(
	const struct row *row, const char *text, struct impairment *impairment)
{
	char *end, *member = (char *)impairment + row->offset;
	double value;

	if (!row->unit) {
		*(bool *)member = true;
		return true;
	}
	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end || errno || !(value >= 0 && value <= row->most)) {
		fprintf(stderr, "impair: --%s: %s is not from 0 to %g\n", row->name, text,
			row->most);
		return false;
	}
	*(double *)(void *)member = value * row->scale;
	return true;
}

bool impairment_read(int argc, char *argv[], struct impairment *ret_impairment)
{
	struct impairment read = { .seed = 1, .burst = 1, .reorder_by = 20 };
	struct option options[ROWS + 1] = { 0 };
	int found;

	for (int i = 0; i < ROWS; i++)
		options[i] = (struct option){ rows[i].name,
			rows[i].unit ? required_argument : no_argument, NULL, FIRST + i };
	while ((found = getopt_long(argc, argv, "", options, NULL)) >= FIRST)
		if (!row_read(&rows[found - FIRST], optarg, &read))
			return false;
	if (found != -1 || optind < argc) {
		usage();
		return false;
	}
	*ret_impairment = read;
	return true;
}
