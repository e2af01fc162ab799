/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/probe.h"
#include "probes/probe_kinds.h"
#include "report/proof.h"

/* Whoever adds a kind has to say what it proves, and what not. */
static void every_kind_says_what_it_proves(void **state)
{
	(void)state;
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		const struct proof *proof = proof_of((*kind)->name);

		if (!proof)
			fail_msg("kind %s has no proof", (*kind)->name);
		for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
			assert_non_null(proof->proves[language]);
			assert_non_null(proof->leaves_open[language]);
		}
	}
	assert_null(proof_of("telepathy"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_says_what_it_proves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
