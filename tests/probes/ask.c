/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one kind, for tests that are not C:
 * ask KIND ADDRESS PORT TIMEOUT_MS[xRUNS] [OPTION VALUE]...
 * The environment's ASK_HOST is the name as configured; else it is the address.
 * prints a line "key=value" for everything in the outcome; of several runs how many
 * ended with which cause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/tls.h"
#include "net/transfer.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"

static void print_outcome(const struct probe_kind *kind, const struct outcome *outcome)
{
	const struct evidence *evidence = &outcome->finding.evidence;
	char offender[ADDRESS_TEXT_MAX], end[TRANSPORT_ADDRESS_TEXT_MAX];

	printf("verdict=%s\ncause=%s\nphase=%s\n", verdict_name(outcome->finding.verdict),
		cause_name(outcome->finding.cause), phase_name(outcome->phase));
	printf("evidence=%s\ntype=%d\ncode=%d\noffender=%s\ndetail=%s\n",
		evidence_name(evidence->kind), evidence->type, evidence->code,
		address_format(&evidence->offender, offender, sizeof(offender)),
		evidence->detail);
	printf("local=%s\n", transport_address_format(&outcome->local, end, sizeof(end)));
	printf("mapped=%s\n",
		transport_address_format(&outcome->mapped, end, sizeof(end)));
	for (unsigned i = 0; kind->gauges[i].name; i++) {
		if (outcome_has_value(outcome, i))
			printf("%s=%.9g\n", kind->gauges[i].name, outcome->values[i]);
	}
}

static struct outcome run_once(
	struct harness *harness, const struct probe_kind *kind, char **argv)
{
	return harness_run(harness,
		&(struct trial){ .kind = kind,
			.host = getenv("ASK_HOST"),
			.address = argv[2],
			.port = (uint16_t)strtoul(argv[3], NULL, 10),
			.timeout_us = strtol(argv[4], NULL, 10) * MILLISECOND,
			.options = (const char *const *)argv + 5 });
}

static void run_often(struct harness *harness, const struct probe_kind *kind, char **argv,
	unsigned long runs)
{
	unsigned causes[CAUSE_COUNT] = { 0 };

	while (runs-- > 0)
		causes[run_once(harness, kind, argv).finding.cause]++;
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		if (causes[i] > 0)
			printf("%s=%u\n", cause_name((enum cause)i), causes[i]);
	}
}

int main(int argc, char **argv)
{
	const struct probe_kind *kind = argc > 4 ? probe_kind_by_name(argv[1]) : NULL;
	const char *runs = kind ? strchr(argv[4], 'x') : NULL;
	struct tls_trust *trust;
	struct harness harness;
	struct outcome outcome;

	if (!kind) {
		fprintf(stderr,
			"usage: ask KIND ADDRESS PORT TIMEOUT_MS[xRUNS] [OPTION "
			"VALUE]\n");
		return 2;
	}
	harness_open(&harness);
	/* Debian's, which takes 20 ms, unless the option trust says whom to believe */
	assert_int_equal(tls_trust_new(NULL, &trust), 0);
	harness.services.trust = trust;
	assert_int_equal(
		transfers_new(harness.loop, trust, &harness.services.transfers), 0);
	if (runs) {
		run_often(&harness, kind, argv, strtoul(runs + 1, NULL, 10));
	} else {
		outcome = run_once(&harness, kind, argv);
		print_outcome(kind, &outcome);
	}
	transfers_free(harness.services.transfers);
	tls_trust_free(trust);
	harness_close(&harness);
	return 0;
}
