/* SPDX-License-Identifier: Apache-2.0 */
/* Advice that goes by what the deciding run has heard, and not by its cause alone. */
#include "report/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/fixture.h"

/* What a reflector may have against us is named while nothing of it was heard. */
static void advice_on_a_silent_reflector(void **state)
{
	static const struct {
		enum evidence_kind kind;
		enum phase phase;
		const char *detail;
		enum advice advice;
	} rows[] = {
		{ EVIDENCE_COMPARISON, PHASE_REQUEST,
			"nothing answers: neither port 862 nor any of 300 ports",
			ADVICE_RTP_SILENT },
		{ EVIDENCE_COMPARISON, PHASE_REQUEST,
			"nothing answers: neither port 862 nor any of 300 ports; or no "
			"reflector with this key",
			ADVICE_RTP_KEYED },
		{ EVIDENCE_COMPARISON, PHASE_REQUEST,
			"2 packets came back, none of them signed with our key",
			ADVICE_RTP_KEYED },
		{ EVIDENCE_COMPARISON, PHASE_RESPONSE,
			"port 862 of the reflector answers, and none of 300 ports",
			ADVICE_RTP_RANGE },
		{ EVIDENCE_ICMP, PHASE_REQUEST, "", ADVICE_RTP_RANGE },
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome last = { .finding = finding_of(CAUSE_RTP_ALL_BLOCKED),
			.phase = rows[i].phase };
		struct requirement_state row = store_requirement(fixture.store, 1);
		struct record worst = *row.worst;
		struct text english = { 0 }, german = { 0 };

		last.finding.evidence.kind = rows[i].kind;
		snprintf(last.finding.evidence.detail,
			sizeof(last.finding.evidence.detail), "%s", rows[i].detail);
		worst.last = last;
		row.worst = &worst;
		row.verdict = VERDICT_FAILED;
		row.cause = CAUSE_RTP_ALL_BLOCKED;
		assert_int_equal(advice_for(&row), rows[i].advice);
		advice_write(advice_for(&row), &row, LANGUAGE_EN, &english);
		advice_write(advice_for(&row), &row, LANGUAGE_DE, &german);
		assert_int_equal(strstr(english.data, "reflector") != NULL,
			rows[i].advice != ADVICE_RTP_RANGE);
		assert_int_equal(strstr(german.data, "Uhr") != NULL,
			rows[i].advice == ADVICE_RTP_KEYED);
		assert_null(strchr(english.data, '{'));
		assert_null(strstr(german.data, " the "));
		text_done(&english);
		text_done(&german);
	}
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advice_on_a_silent_reflector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
