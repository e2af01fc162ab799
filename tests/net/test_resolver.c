/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver against name servers that do what no real one does on command. */
#include <arpa/nameser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/dns_partner.h"

static struct loop *loop;

static int begin(void **state)
{
	(void)state;
	return loop_new(&loop);
}

static int end(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static int type_asked(const struct message *question)
{
	return question->data[question->length - 3];
}

static void answer_address(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_address(
		answer, type_asked(question) == ns_t_a ? "192.0.2.7" : "2001:db8::7", 60);
}

static void answer_ttl_zero(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_address(answer, "192.0.2.7", 0);
}

static void answer_twenty(
	struct partner *partner, const struct message *question, struct message *answer)
{
	char text[ADDRESS_TEXT_MAX];

	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	for (int i = 1; i <= 20; i++) {
		snprintf(text, sizeof(text), "192.0.2.%d", i);
		message_address(answer, text, 60);
	}
}

static void answer_alias(
	struct partner *partner, const struct message *question, struct message *answer)
{
	static const uint8_t address[] = { 192, 0, 2, 9 };

	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	/* records out of their order, owners in other letters: both are allowed */
	message_record(answer, 1, "C.test", ns_t_a, 60, address, sizeof(address));
	message_alias(answer, "b.test", "c.TEST");
	message_alias(answer, NULL, "B.test");
}

static void answer_alias_loop(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_alias(answer, NULL, "b.test");
	message_alias(answer, "b.test", "name.test");
}

static void answer_alias_nxdomain(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_nxdomain);
	message_alias(answer, NULL, "gone.test");
}

static void answer_nxdomain(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_nxdomain);
}

static void answer_nodata(
	struct partner *partner, const struct message *question, struct message *answer)
{
	static const uint8_t soa[22] = { 0 };

	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_record(answer, 2, "test", ns_t_soa, 60, soa, sizeof(soa));
}

static void answer_referral(
	struct partner *partner, const struct message *question, struct message *answer)
{
	static const uint8_t root = 0;

	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_record(answer, 2, "test", ns_t_ns, 60, &root, sizeof(root));
}

static void answer_servfail(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_servfail);
}

static void answer_notimpl(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_notimpl);
}

static void answer_formerr(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_formerr);
}

static void answer_refused(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_refused);
}

static void answer_truncated(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	answer->data[2] |= 0x02;
}

/* Over TCP its second behaviour. */
static void truncate_first(struct partner *partner, const struct message *question,
	struct message *answer, partner_fn second)
{
	if (partner->by_stream)
		second(partner, question, answer);
	else
		answer_truncated(partner, question, answer);
}

static void answer_truncated_address(
	struct partner *partner, const struct message *question, struct message *answer)
{
	truncate_first(partner, question, answer, answer_address);
}

static void answer_truncated_refused(
	struct partner *partner, const struct message *question, struct message *answer)
{
	truncate_first(partner, question, answer, answer_refused);
}

static void answer_truncated_servfail(
	struct partner *partner, const struct message *question, struct message *answer)
{
	truncate_first(partner, question, answer, answer_servfail);
}

static void answer_truncated_nxdomain(
	struct partner *partner, const struct message *question, struct message *answer)
{
	truncate_first(partner, question, answer, answer_nxdomain);
}

/* Truncation does not exist over TCP. */
static void answer_truncated_always(
	struct partner *partner, const struct message *question, struct message *answer)
{
	answer_truncated(partner, question, answer);
}

static void answer_nothing(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	(void)question;
	(void)answer;
}

static void answer_bad_id(
	struct partner *partner, const struct message *question, struct message *answer)
{
	answer_address(partner, question, answer);
	answer->data[1] ^= 0x55;
}

static void answer_other_question(
	struct partner *partner, const struct message *question, struct message *answer)
{
	answer_address(partner, question, answer);
	answer->data[13] ^= 0x01;
}

static void answer_three_octets(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	(void)question;
	memcpy(answer->data, "abc", 3);
	answer->length = 3;
}

static void answer_cut_record(
	struct partner *partner, const struct message *question, struct message *answer)
{
	answer_address(partner, question, answer);
	answer->length -= 2;
}

static void answer_short_address(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_record(answer, 1, NULL, type_asked(question), 60, "ab", 2);
}

static void answer_first_wrong_then_right(
	struct partner *partner, const struct message *question, struct message *answer)
{
	if (partner->questions == 1)
		answer_bad_id(partner, question, answer);
	else
		answer_address(partner, question, answer);
}

/* As block lists do. */
static void answer_nowhere(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_address(answer, "192.0.2.7", 60);
	message_address(answer, "0.0.0.0", 60);
}

/* These partners stand on loopback themselves: they may mean us. */
static void answer_ourselves(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_address(answer, "127.0.0.1", 60);
}

struct row {
	const char *what;
	partner_fn behave;
	enum verdict verdict;
	enum cause cause;
	int rcode; /* -1 = the evidence is no rcode */
	size_t count, total;
};

static const struct row rows[] = {
	{ "address", answer_address, VERDICT_OK, CAUSE_NONE, -1, 1, 1 },
	{ "ttl 0", answer_ttl_zero, VERDICT_OK, CAUSE_NONE, -1, 1, 1 },
	{ "twenty", answer_twenty, VERDICT_OK, CAUSE_NONE, -1, 8, 20 },
	{ "alias", answer_alias, VERDICT_OK, CAUSE_NONE, -1, 1, 1 },
	{ "alias loop", answer_alias_loop, VERDICT_FAILED, CAUSE_DNS_CNAME_LOOP, 0, 0,
		0 },
	{ "nxdomain", answer_nxdomain, VERDICT_FAILED, CAUSE_DNS_NXDOMAIN, 3, 0, 0 },
	{ "alias nxdomain", answer_alias_nxdomain, VERDICT_FAILED, CAUSE_DNS_NXDOMAIN, 3,
		0, 0 },
	{ "nodata", answer_nodata, VERDICT_FAILED, CAUSE_DNS_NODATA, 0, 0, 0 },
	{ "referral", answer_referral, VERDICT_UNKNOWN, CAUSE_DNS_REFUSED, 0, 0, 0 },
	{ "servfail", answer_servfail, VERDICT_UNKNOWN, CAUSE_DNS_SERVFAIL, 2, 0, 0 },
	{ "notimpl", answer_notimpl, VERDICT_UNKNOWN, CAUSE_DNS_SERVFAIL, 4, 0, 0 },
	{ "formerr", answer_formerr, VERDICT_UNKNOWN, CAUSE_DNS_SERVFAIL, 1, 0, 0 },
	{ "refused", answer_refused, VERDICT_UNKNOWN, CAUSE_DNS_REFUSED, 5, 0, 0 },
	{ "truncated", answer_truncated, VERDICT_UNKNOWN, CAUSE_DNS_TRUNCATED_NO_TCP, -1,
		0, 0 },
	{ "truncated, tcp", answer_truncated_address, VERDICT_OK, CAUSE_NONE, -1, 1, 1 },
	{ "truncated, tcp refused", answer_truncated_refused, VERDICT_UNKNOWN,
		CAUSE_DNS_REFUSED, 5, 0, 0 },
	{ "truncated, tcp servfail", answer_truncated_servfail, VERDICT_UNKNOWN,
		CAUSE_DNS_SERVFAIL, 2, 0, 0 },
	{ "truncated, tcp nxdomain", answer_truncated_nxdomain, VERDICT_FAILED,
		CAUSE_DNS_NXDOMAIN, 3, 0, 0 },
	{ "truncated, tcp as well", answer_truncated_always, VERDICT_UNKNOWN,
		CAUSE_DNS_GARBAGE, -1, 0, 0 },
	{ "silence", answer_nothing, VERDICT_UNKNOWN, CAUSE_DNS_TIMEOUT, -1, 0, 0 },
	{ "bad id", answer_bad_id, VERDICT_UNKNOWN, CAUSE_DNS_BAD_ID, -1, 0, 0 },
	{ "other question", answer_other_question, VERDICT_UNKNOWN, CAUSE_DNS_TIMEOUT, -1,
		0, 0 },
	{ "three octets", answer_three_octets, VERDICT_UNKNOWN, CAUSE_DNS_GARBAGE, -1, 0,
		0 },
	{ "cut record", answer_cut_record, VERDICT_UNKNOWN, CAUSE_DNS_GARBAGE, 0, 0, 0 },
	{ "short address", answer_short_address, VERDICT_UNKNOWN, CAUSE_DNS_GARBAGE, 0, 0,
		0 },
	{ "nowhere", answer_nowhere, VERDICT_FAILED, CAUSE_DNS_WRONG_ADDRESS, -1, 0, 0 },
	{ "ourselves", answer_ourselves, VERDICT_OK, CAUSE_NONE, -1, 1, 1 },
	{ "wrong, then right", answer_first_wrong_then_right, VERDICT_OK, CAUSE_NONE, -1,
		1, 1 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void check_row(const struct row *row, const struct partner *partner,
	const struct resolution *resolution)
{
	const struct evidence *evidence = &resolution->finding.evidence;

	print_message("[   row    ] %s: %s\n", row->what,
		cause_name(resolution->finding.cause));
	assert_string_equal(
		cause_name(resolution->finding.cause), cause_name(row->cause));
	assert_int_equal(resolution->finding.verdict, row->verdict);
	assert_int_equal(resolution->count, row->count);
	assert_int_equal(resolution->total, row->total);
	if (row->rcode >= 0) {
		assert_int_equal(evidence->kind, EVIDENCE_DNS_RCODE);
		assert_int_equal(evidence->code, row->rcode);
	}
	if (row->cause != CAUSE_NONE)
		assert_true(address_equal(&evidence->offender, &partner->server.address));
}

/* All rows at once: the silent ones need their whole 4.5 s. */
static void test_causes(void **state)
{
	/* on the stack they would be gone when a loop ends that still watches them */
	static struct partner partners[ROWS];
	static struct resolver *resolvers[ROWS];
	static struct asker askers[ROWS];
	int64_t began = clock_now_us();

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		partner_open(&partners[i], loop, rows[i].behave);
		if (rows[i].behave != answer_truncated) /* the one without TCP */
			partner_listen(&partners[i], loop);
		assert_int_equal(
			resolver_new(loop, &partners[i].server, 1, &resolvers[i]), 0);
		asker_ask(&askers[i], loop, resolvers[i], "name.test", FAMILY_IPV4);
	}
	for (size_t i = 0; i < ROWS; i++) {
		askers[i].stops_loop = true;
		while (askers[i].told == 0)
			loop_run(loop);
	}
	assert_true(clock_now_us() - began >= 4 * SECOND);
	for (size_t i = 0; i < ROWS; i++) {
		check_row(&rows[i], &partners[i], &askers[i].resolution);
		assert_int_equal(askers[i].told, 1);
		resolver_free(resolvers[i]);
		partner_close(&partners[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_causes, begin, end),
	};

	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
