/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of common causes: complete, distinct, in both languages. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/common_cause.h"

static void check_sentence(const char *sentence)
{
	size_t length = strlen(sentence);

	assert_true(length > 10 && isupper((unsigned char)sentence[0]));
	assert_int_equal(sentence[length - 1], '.');
	assert_null(strpbrk(sentence, "\n\t<>"));
	assert_null(strstr(sentence, "  "));
}

static void check_words(enum common_cause cause, enum language language)
{
	const char *sentence = common_cause_sentence(cause, language);
	const char *remedy = common_cause_remedy(cause, language);

	check_sentence(sentence);
	check_sentence(remedy);
	assert_string_not_equal(sentence, remedy);
	for (enum common_cause other = 1; other < cause; other++) {
		assert_string_not_equal(sentence, common_cause_sentence(other, language));
		assert_string_not_equal(remedy, common_cause_remedy(other, language));
	}
}

static void every_one_is_whole(void **state)
{
	(void)state;
	for (enum common_cause cause = 1; cause < COMMON_CAUSE_COUNT; cause++) {
		const char *name = common_cause_name(cause);
		enum common_cause found = COMMON_CAUSE_NONE;

		assert_int_equal(
			strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_true(common_cause_by_name(name, &found));
		assert_int_equal(found, cause);
		check_words(cause, LANGUAGE_EN);
		check_words(cause, LANGUAGE_DE);
	}
}

static void what_is_not_there_is_not_found(void **state)
{
	enum common_cause cause = COMMON_CAUSE_OWN_LINK;

	(void)state;
	assert_false(common_cause_by_name("none", &cause));
	assert_false(common_cause_by_name("no-such-thing", &cause));
	assert_false(common_cause_by_name("", &cause));
	assert_int_equal(cause, COMMON_CAUSE_OWN_LINK);
	assert_string_equal(common_cause_name(COMMON_CAUSE_NONE), "none");
}

/* Alerts, dashboards and the fault table name them. */
static void the_promised_ones_are_there(void **state)
{
	static const char *const names[] = { "own-link", "own-route", "own-gateway",
		"own-resolver", "own-clock", "internet-uplink", "common-device",
		"pbx-down", "pbx-silent", "possible-ban", "tls-interception",
		"captive-portal", "dns-hijack", "vendor-silent" };

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), COMMON_CAUSE_COUNT - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum common_cause cause;

		if (!common_cause_by_name(names[i], &cause))
			fail_msg("there is no common cause %s", names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_one_is_whole),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(the_promised_ones_are_there),
	};

	return cmocka_run_group_tests_name("common causes", tests, NULL, NULL);
}
