/* SPDX-License-Identifier: Apache-2.0 */
/* No memory inside liblber and expat is our own trouble, and leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <expat.h>
#include <lber.h>

#include "base/clock.h"
#include "net/partner.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"

#define WORDS(text) (text), sizeof(text) - 1

/* Linked in the place of the real ones, which they call unless it is theirs to fail. */
BerElement *__real_ber_alloc_t(int options);
BerElement *__wrap_ber_alloc_t(int options);
int __real_ber_flatten2(BerElement *ber, struct berval *value, int alloc);
int __wrap_ber_flatten2(BerElement *ber, struct berval *value, int alloc);
XML_Parser __real_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator);
XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator);
enum XML_Status __real_XML_Parse(
	XML_Parser parser, const char *data, int length, int end);
enum XML_Status __wrap_XML_Parse(
	XML_Parser parser, const char *data, int length, int end);
enum XML_Error __real_XML_GetErrorCode(XML_Parser parser);
enum XML_Error __wrap_XML_GetErrorCode(XML_Parser parser);

enum failing { FAILS_NOTHING, FAILS_BER, FAILS_FLATTEN, FAILS_PARSER, FAILS_PARSE };

static struct {
	enum failing failing;
	unsigned after; /* calls that still succeed */
} plan;

static bool fails(enum failing what)
{
	return plan.failing == what && plan.after-- == 0;
}

BerElement *__wrap_ber_alloc_t(int options)
{
	return fails(FAILS_BER) ? NULL : __real_ber_alloc_t(options);
}

int __wrap_ber_flatten2(BerElement *ber, struct berval *value, int alloc)
{
	return fails(FAILS_FLATTEN) ? -1 : __real_ber_flatten2(ber, value, alloc);
}

XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator)
{
	return fails(FAILS_PARSER) ? NULL
				   : __real_XML_ParserCreateNS(encoding, separator);
}

enum XML_Status __wrap_XML_Parse(XML_Parser parser, const char *data, int length, int end)
{
	return plan.failing == FAILS_PARSE ? XML_STATUS_ERROR
					   : __real_XML_Parse(parser, data, length, end);
}

enum XML_Error __wrap_XML_GetErrorCode(XML_Parser parser)
{
	return plan.failing == FAILS_PARSE ? XML_ERROR_NO_MEMORY
					   : __real_XML_GetErrorCode(parser);
}

struct row {
	const struct probe_kind *(*kind)(void);
	enum failing failing;
	unsigned after;
	const char *words;
	size_t length;
	enum cause cause;
};

#define DONE "\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00"

static const struct row rows[] = {
	{ probe_ldap, FAILS_BER, 0, WORDS(DONE), CAUSE_LOCAL_RESOURCE },
	{ probe_ldap, FAILS_FLATTEN, 0, WORDS(DONE), CAUSE_LOCAL_RESOURCE },
	{ probe_ldap, FAILS_BER, 1, WORDS(DONE), CAUSE_LOCAL_RESOURCE },
	/* what is left out is only the goodbye */
	{ probe_ldap, FAILS_BER, 2, WORDS(DONE), CAUSE_NONE },
	{ probe_ldap, FAILS_NOTHING, 0, WORDS(DONE), CAUSE_NONE },
	{ probe_xmpp, FAILS_PARSER, 0, WORDS("<a/>"), CAUSE_LOCAL_RESOURCE },
	{ probe_xmpp, FAILS_PARSE, 0, WORDS("<a/>"), CAUSE_LOCAL_RESOURCE },
	{ probe_xmpp, FAILS_NOTHING, 0, WORDS("<a/>"), CAUSE_GARBAGE },
};

static void it_is_our_own_trouble(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct partner partner;
		struct outcome outcome;

		partner_open(&partner, harness->loop, NULL, MANNER_ANSWERS, row->words,
			row->length);
		plan.failing = row->failing;
		plan.after = row->after;
		outcome = harness_run(harness,
			&(struct trial){ .kind = row->kind(), .port = partner.port });
		plan.failing = FAILS_NOTHING;
		partner_close(&partner);
		if (outcome.finding.cause != row->cause)
			fail_msg("row %zu: %s", i, cause_name(outcome.finding.cause));
		if (row->cause == CAUSE_LOCAL_RESOURCE)
			assert_int_equal(outcome.finding.verdict, VERDICT_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_our_own_trouble),
	};

	return cmocka_run_group_tests(tests, harness_set_up, harness_tear_down);
}
