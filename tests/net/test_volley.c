/* SPDX-License-Identifier: Apache-2.0 */
#include "net/volley.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/udp_socket.h"
#include "net/volley_talk.h"

static const char *const literals[] = { "127.0.0.1", "::1" };

static void test_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t began_us = clock_wall_us();
		struct volley_talk talk;

		talk_begin(&talk, literals[i], 2);
		assert_int_equal(talk_say(&talk, "hello", 2), 2);
		partner_echoes(&talk, 1, "world");
		talk_turn(&talk, PATIENCE);
		assert_string_equal(talk.order, "a");
		assert_string_equal(talk.words, "world");
		assert_int_equal(talk.last.length, 5);
		assert_int_equal(talk.last.port, talk.ports[1]);
		assert_true(talk.last.stamped);
		assert_false(talk.last.cut);
		assert_in_range(talk.last.arrived_ns / 1000, began_us, clock_wall_us());
		assert_int_equal(talk.last.ttl, 64);
		assert_int_equal(talk.last.tos, 0);
		talk_end(&talk);
	}
}

/* What we send carries the code point; theirs is told. */
static void test_code_point(void **state)
{
	int on = 1;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		bool ipv6 = i == 1;
		char control[64], octet;
		struct iovec part = { &octet, 1 };
		struct msghdr message = { .msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		int tos = 0x2a;
		struct volley_talk talk;

		talk_begin(&talk, literals[i], 1);
		assert_int_equal(
			setsockopt(talk.partners[0], ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
				ipv6 ? IPV6_RECVTCLASS : IP_RECVTOS, &on, sizeof(on)),
			0);
		assert_int_equal(
			setsockopt(talk.partners[0], ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
				ipv6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)),
			0);
		talk_say(&talk, "x", 1);
		talk_say(&talk, "y", 1);
		assert_int_equal(recvmsg(talk.partners[0], &message, 0), 1);
		assert_int_equal(*CMSG_DATA(CMSG_FIRSTHDR(&message)), 46 << 2);
		partner_echoes(&talk, 0, "world");
		talk_turn(&talk, PATIENCE);
		assert_int_equal(talk.last.tos, 0x2a);
		talk_end(&talk);
	}
}

/* More than one system call's worth. */
static void test_many(void **state)
{
	struct volley_talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1", PARTNERS_MAX);
	assert_int_equal(talk_say(&talk, "hello", PARTNERS_MAX), PARTNERS_MAX);
	for (size_t i = 0; i < PARTNERS_MAX; i++)
		partner_echoes(&talk, i, "world");
	talk.wanted = PARTNERS_MAX;
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.answers, PARTNERS_MAX);
	talk_end(&talk);
}

struct pause {
	struct volley_talk *talk;
	unsigned answers_by_then;
	struct loop_timer timer;
};

static void pause_fired(void *context)
{
	struct pause *pause = context;

	pause->answers_by_then = pause->talk->answers;
}

/* Others get their turn between two batches. */
static void test_flood_is_read_in_portions(void **state)
{
	struct sockaddr_storage from;
	struct pause pause;
	struct volley_talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1", 1);
	talk_say(&talk, "hello", 1);
	assert_true(partner_hears(&talk, 0, &from));
	for (int i = 0; i < 2 * VOLLEY_BATCH; i++)
		answer_from(talk.partners[0], &from, "world");
	talk.wanted = 2 * VOLLEY_BATCH;
	pause.talk = &talk;
	loop_timer_init(
		&pause.timer, talk.loop, LOOP_PRIORITY_ANSWER, pause_fired, &pause);
	loop_timer_set(&pause.timer, 0);
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.answers, 2 * VOLLEY_BATCH);
	assert_in_range(pause.answers_by_then, 0, VOLLEY_BATCH);
	loop_timer_done(&pause.timer);
	talk_end(&talk);
}

/* While the loop is elsewhere, answers wait. */
static void test_answers_wait(void **state)
{
	struct sockaddr_storage from;
	struct volley_talk talk;

	(void)state;
	if (geteuid() != 0)
		skip();
	talk_begin(&talk, "127.0.0.1", 1);
	talk_say(&talk, "hello", 1);
	assert_true(partner_hears(&talk, 0, &from));
	for (int i = 0; i < 4000; i++)
		answer_from(talk.partners[0], &from, "world");
	talk.wanted = 4000;
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.answers, 4000);
	talk_end(&talk);
}

static void test_strays_are_counted(void **state)
{
	struct transport_address elsewhere, local;
	struct sockaddr_storage to;
	struct volley_talk talk;
	int other;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		talk_begin(&talk, literals[i], 1);
		assert_true(volley_local(talk.volley, &local));
		/* an address of the host that nobody asked; ::1 has no second one */
		other = udp_socket(i == 0 ? "127.0.0.2" : "::1", &elsewhere);
		address_to_socket(&local.address, local.port, &to);
		answer_from(other, &to, "mine");
		talk_say(&talk, "hello", 1);
		partner_echoes(&talk, 0, "world");
		talk.wanted = i == 0 ? 1 : 2;
		talk_turn(&talk, PATIENCE);
		assert_string_equal(talk.words, "world");
		assert_int_equal(volley_strays(talk.volley), i == 0 ? 1 : 0);
		close(other);
		talk_end(&talk);
	}
}

static void test_own_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct transport_address local, seen;
		struct sockaddr_storage from;
		struct volley_talk talk;

		talk_begin(&talk, literals[i], 1);
		assert_true(volley_local(talk.volley, &local));
		talk_say(&talk, "hello", 1);
		assert_true(partner_hears(&talk, 0, &from));
		address_from_socket((struct sockaddr *)&from, &seen.address, &seen.port);
		assert_true(transport_address_equal(&local, &seen));
		talk_end(&talk);
	}
}

static const struct volley_events no_events = { 0 };

static void test_source_port(void **state)
{
	struct volley_settings settings = { .events = &no_events };
	struct transport_address local;
	struct volley *volley;
	struct finding finding;

	(void)state;
	assert_int_equal(loop_new(&settings.loop), 0);
	for (size_t i = 0; i < 2; i++) {
		struct transport_address taken;
		int other = udp_socket(literals[i], &taken);

		settings.address = taken.address;
		settings.source_port = taken.port;
		assert_null(volley_open(&settings, &finding));
		assert_int_equal(finding.cause, CAUSE_LOCAL_RESOURCE);
		assert_int_equal(finding.verdict, VERDICT_UNKNOWN);
		assert_int_equal(finding.evidence.code, EADDRINUSE);
		close(other);
		volley = volley_open(&settings, &finding);
		assert_non_null(volley);
		assert_true(volley_local(volley, &local));
		assert_int_equal(local.port, taken.port);
		volley_close(volley);
	}
	loop_free(settings.loop);
}

static void test_refusals_name_their_port(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct volley_talk talk;
		bool seen[2] = { false, false };

		talk_begin(&talk, literals[i], 3);
		partner_leaves(&talk, 0);
		partner_leaves(&talk, 2);
		assert_int_equal(talk_say(&talk, "hello", 3), 3);
		for (int turn = 0; turn < 2; turn++) {
			talk.wanted = (unsigned)turn + 1;
			if (talk.refusals < talk.wanted)
				talk_turn(&talk, PATIENCE);
			seen[0] |= talk.refused_port == talk.ports[0];
			seen[1] |= talk.refused_port == talk.ports[2];
		}
		assert_int_equal(talk.refusals, 2);
		assert_true(seen[1]);
		assert_int_equal(talk.finding.cause,
			i == 1 ? CAUSE_ICMP6_PORT_UNREACHABLE
			       : CAUSE_ICMP_PORT_UNREACHABLE);
		assert_true(
			address_equal(&talk.finding.evidence.offender, &talk.address));
		talk_end(&talk);
	}
}

/* The error of what went before is the errno of the next send, which is made again. */
static void test_pending_error_stops_no_send(void **state)
{
	struct pollfd wait = { .events = POLLIN };
	struct volley_talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1", 2);
	partner_leaves(&talk, 0);
	assert_int_equal(talk_say(&talk, "hello", 1), 1);
	assert_int_equal(talk_say(&talk, "hello", 2), 2);
	wait.fd = talk.partners[1];
	assert_int_equal(poll(&wait, 1, 5000), 1);
	partner_echoes(&talk, 1, "world");
	talk.wanted = 3;
	talk_turn(&talk, PATIENCE);
	/* an answer that lies behind errors counts more */
	assert_string_equal(talk.order, "arr");
	assert_int_equal(talk.refused_port, talk.ports[0]);
	talk_end(&talk);
}

/* All ports of the address are heard, and refusals told by port, as without. */
static void test_claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct volley_talk talk;

		talk_claim(&talk, literals[i], 3);
		partner_leaves(&talk, 1);
		assert_int_equal(talk_say(&talk, "hello", 3), 3);
		partner_echoes(&talk, 0, "world");
		partner_echoes(&talk, 2, "world");
		talk.wanted = 3;
		talk_turn(&talk, PATIENCE);
		assert_int_equal(talk.answers, 2);
		assert_int_equal(talk.last.port, talk.ports[2]);
		assert_int_equal(talk.refused_port, talk.ports[1]);
		assert_true(talk.last.stamped);
		talk_end(&talk);
	}
}

static void test_close_within(void **state)
{
	struct sockaddr_storage from;
	struct volley_talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1", 2);
	partner_leaves(&talk, 1);
	talk_say(&talk, "hello", 1);
	assert_true(partner_hears(&talk, 0, &from));
	answer_from(talk.partners[0], &from, "one");
	answer_from(talk.partners[0], &from, "two");
	talk.close_within = true;
	talk_turn(&talk, PATIENCE);
	talk_turn(&talk, 10 * MILLISECOND);
	assert_string_equal(talk.order, "a");
	talk_end(&talk);

	talk_begin(&talk, "127.0.0.1", 2);
	partner_leaves(&talk, 0);
	partner_leaves(&talk, 1);
	talk_say(&talk, "hello", 2);
	talk.close_within = true;
	talk_turn(&talk, PATIENCE);
	talk_turn(&talk, 10 * MILLISECOND);
	assert_string_equal(talk.order, "r");
	talk_end(&talk);
}

static void test_long_datagram_is_cut(void **state)
{
	static char much[VOLLEY_DATAGRAM_MAX + 2];
	struct sockaddr_storage from;
	struct volley_talk talk;

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	talk_begin(&talk, "127.0.0.1", 1);
	talk_say(&talk, "hello", 1);
	assert_true(partner_hears(&talk, 0, &from));
	answer_from(talk.partners[0], &from, much);
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.last.length, VOLLEY_DATAGRAM_MAX);
	assert_true(talk.last.cut);
	answer_from(talk.partners[0], &from, much + 1);
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.last.length, VOLLEY_DATAGRAM_MAX);
	assert_false(talk.last.cut);
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_code_point),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_flood_is_read_in_portions),
		cmocka_unit_test(test_answers_wait),
		cmocka_unit_test(test_strays_are_counted),
		cmocka_unit_test(test_own_end),
		cmocka_unit_test(test_source_port),
		cmocka_unit_test(test_refusals_name_their_port),
		cmocka_unit_test(test_pending_error_stops_no_send),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_close_within),
		cmocka_unit_test(test_long_datagram_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
