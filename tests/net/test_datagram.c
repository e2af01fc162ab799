/* SPDX-License-Identifier: Apache-2.0 */
#include "net/datagram.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/udp_socket.h"

/* Everything arrives within milliseconds on loopback; this is for a broken program. */
#define PATIENCE (5 * SECOND)

int __real_setsockopt(int, int, int, const void *, socklen_t);
int __wrap_setsockopt(int, int, int, const void *, socklen_t);

static bool stamps_refused;

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	if (stamps_refused && level == SOL_SOCKET && name == SO_TIMESTAMPNS) {
		errno = ENOPROTOOPT;
		return -1;
	}
	return __real_setsockopt(fd, level, name, value, length);
}

/* A conversation and what was heard in it. */
struct talk {
	struct loop *loop;
	struct loop_timer patience;
	struct datagram datagram;
	int partner; /* the socket that is asked */
	struct transport_address asked;
	struct sockaddr_storage asker; /* of the last question it heard */
	socklen_t asker_length;
	unsigned answers, strangers, failures;
	unsigned wanted; /* stop after so many events */
	bool close_within;
	char last[64];
	size_t last_length;
	bool stamped, cut;
	int64_t arrived_us;
	struct finding finding; /* the last one */
	char order[8];
};

static void note(struct talk *talk, char what)
{
	unsigned count = talk->answers + talk->strangers + talk->failures;

	if (count < sizeof(talk->order))
		talk->order[count - 1] = what;
	if (talk->close_within)
		datagram_close(&talk->datagram);
	if (count >= talk->wanted)
		loop_stop(talk->loop);
}

static void heard_answer(void *context, const struct datagram_answer *answer)
{
	struct talk *talk = context;

	talk->last_length = answer->length;
	memcpy(talk->last, answer->data,
		answer->length < sizeof(talk->last) ? answer->length
						    : sizeof(talk->last));
	talk->stamped = answer->stamped;
	talk->cut = answer->cut;
	talk->arrived_us = answer->arrived_us;
	talk->answers++;
	note(talk, 'a');
}

static void heard_stranger(void *context, const struct finding *finding)
{
	struct talk *talk = context;

	talk->finding = *finding;
	talk->strangers++;
	note(talk, 's');
}

static void heard_failure(void *context, const struct finding *finding)
{
	struct talk *talk = context;

	talk->finding = *finding;
	talk->failures++;
	note(talk, 'f');
}

static const struct datagram_events events = { heard_answer, heard_stranger,
	heard_failure };

static void patience_ended(void *context)
{
	struct talk *talk = context;

	loop_stop(talk->loop);
}

static void talk_begin(struct talk *talk, const char *literal)
{
	struct finding finding;

	memset(talk, 0, sizeof(*talk));
	talk->wanted = 1;
	assert_int_equal(loop_new(&talk->loop), 0);
	loop_timer_init(
		&talk->patience, talk->loop, LOOP_PRIORITY_START, patience_ended, talk);
	talk->partner = udp_socket(literal, &talk->asked);
	assert_true(datagram_open(&talk->datagram, talk->loop, &talk->asked.address,
		talk->asked.port, &events, talk, &finding));
}

static void talk_turn(struct talk *talk, int64_t patience_us)
{
	loop_timer_set(&talk->patience, patience_us);
	assert_int_equal(loop_run(talk->loop), 0);
	loop_timer_cancel(&talk->patience);
}

static void talk_end(struct talk *talk)
{
	datagram_close(&talk->datagram);
	datagram_close(&talk->datagram);
	close(talk->partner);
	loop_timer_done(&talk->patience);
	loop_free(talk->loop);
}

static void talk_say(struct talk *talk, const char *words)
{
	struct finding finding;

	assert_true(datagram_send(&talk->datagram, words, strlen(words), &finding));
}

/* Takes the question off the partner's socket. */
static void partner_hears(struct talk *talk)
{
	char buffer[16];

	talk->asker_length = sizeof(talk->asker);
	assert_true(recvfrom(talk->partner, buffer, sizeof(buffer), 0,
			    (struct sockaddr *)&talk->asker, &talk->asker_length) >= 0);
}

static void answer_from(const struct talk *talk, int fd, const void *data, size_t length)
{
	assert_int_equal(
		sendto(fd, data, length, 0, (const struct sockaddr *)&talk->asker,
			talk->asker_length),
		length);
}

static void partner_says(const struct talk *talk, const char *words)
{
	answer_from(talk, talk->partner, words, strlen(words));
}

/* A talk in which the partner has heard a first word. */
static void talk_asked(struct talk *talk, const char *literal)
{
	talk_begin(talk, literal);
	talk_say(talk, "hello");
	partner_hears(talk);
}

static void partner_leaves(struct talk *talk)
{
	close(talk->partner);
	talk->partner = -1;
}

static void await_error(const struct talk *talk)
{
	struct pollfd wait = { .fd = talk->datagram.fd };

	assert_int_equal(poll(&wait, 1, 5000), 1);
}

static const char *const literals[] = { "127.0.0.1", "::1" };

static void test_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t began_us = clock_wall_us();
		struct talk talk;

		talk_asked(&talk, literals[i]);
		partner_says(&talk, "world");
		talk_turn(&talk, PATIENCE);
		assert_int_equal(talk.answers, 1);
		assert_int_equal(talk.strangers + talk.failures, 0);
		assert_int_equal(talk.last_length, 5);
		assert_memory_equal(talk.last, "world", 5);
		assert_true(talk.stamped);
		assert_false(talk.cut);
		assert_in_range(talk.arrived_us, began_us, clock_wall_us());
		talk_end(&talk);
	}
}

static void test_empty_both_ways(void **state)
{
	struct talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1");
	talk_say(&talk, "");
	partner_hears(&talk);
	partner_says(&talk, "");
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.answers, 1);
	assert_int_equal(talk.last_length, 0);
	talk_end(&talk);
}

static void test_stamp_missing(void **state)
{
	struct talk talk;

	(void)state;
	stamps_refused = true;
	talk_begin(&talk, "127.0.0.1");
	stamps_refused = false;
	talk_say(&talk, "hello");
	partner_hears(&talk);
	partner_says(&talk, "world");
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.answers, 1);
	assert_false(talk.stamped);
	assert_in_range(talk.arrived_us, clock_wall_us() - PATIENCE, clock_wall_us());
	talk_end(&talk);
}

static void test_stranger_is_named_and_passed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct transport_address elsewhere;
		struct talk talk;
		char expected[32];
		int other;

		talk_begin(&talk, literals[i]);
		other = udp_socket(literals[i], &elsewhere);
		talk_say(&talk, "hello");
		partner_hears(&talk);
		talk.wanted = 2;
		answer_from(&talk, other, "mine", 4);
		partner_says(&talk, "world");
		talk_turn(&talk, PATIENCE);
		assert_string_equal(talk.order, "sa");
		assert_int_equal(talk.finding.cause, CAUSE_WRONG_SOURCE);
		assert_int_equal(talk.finding.verdict, VERDICT_FAILED);
		assert_int_equal(talk.finding.evidence.kind, EVIDENCE_PEER);
		assert_true(address_equal(
			&talk.finding.evidence.offender, &elsewhere.address));
		snprintf(expected, sizeof(expected), "port %u", elsewhere.port);
		assert_string_equal(talk.finding.evidence.detail, expected);
		close(other);
		talk_end(&talk);
	}
}

static void assert_port_unreachable(const struct talk *talk)
{
	bool ipv6 = talk->asked.address.family == FAMILY_IPV6;
	const struct evidence *evidence = &talk->finding.evidence;

	assert_int_equal(talk->finding.cause,
		ipv6 ? CAUSE_ICMP6_PORT_UNREACHABLE : CAUSE_ICMP_PORT_UNREACHABLE);
	assert_int_equal(evidence->kind, ipv6 ? EVIDENCE_ICMP6 : EVIDENCE_ICMP);
	assert_int_equal(evidence->type, ipv6 ? 1 : 3);
	assert_int_equal(evidence->code, ipv6 ? 4 : 3);
	assert_true(address_equal(&evidence->offender, &talk->asked.address));
}

static void test_closed_port(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct talk talk;

		talk_begin(&talk, literals[i]);
		partner_leaves(&talk);
		talk_say(&talk, "hello");
		talk_turn(&talk, PATIENCE);
		assert_string_equal(talk.order, "f");
		assert_port_unreachable(&talk);
		talk_end(&talk);
	}
}

/* The ICMP error of the first datagram is the errno of the second sendto(). */
static void test_error_surfaces_in_send(void **state)
{
	struct talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1");
	partner_leaves(&talk);
	talk_say(&talk, "hello");
	await_error(&talk);
	assert_false(datagram_send(&talk.datagram, "again", 5, &talk.finding));
	assert_port_unreachable(&talk);
	talk_end(&talk);
}

/* An unconnected socket is told of errors about whatever was sent from its port. */
static void test_error_about_another_is_left_out(void **state)
{
	struct sockaddr_storage elsewhere;
	struct transport_address closed;
	struct talk talk;
	socklen_t length;

	(void)state;
	for (int sending = 0; sending < 2; sending++) {
		talk_begin(&talk, "127.0.0.1");
		close(udp_socket("127.0.0.1", &closed));
		length = address_to_socket(&closed.address, closed.port, &elsewhere);
		assert_int_equal(sendto(talk.datagram.fd, "x", 1, 0,
					 (struct sockaddr *)&elsewhere, length),
			1);
		await_error(&talk);
		if (sending == 0)
			talk_turn(&talk, 20 * MILLISECOND);
		talk_say(&talk, "hello");
		partner_hears(&talk);
		partner_says(&talk, "world");
		talk_turn(&talk, PATIENCE);
		assert_string_equal(talk.order, "a");
		talk_end(&talk);
	}
}

/* recvmsg() gives the pending error first; the answer behind it counts more. */
static void test_answer_before_error(void **state)
{
	struct talk talk;

	(void)state;
	talk_asked(&talk, "127.0.0.1");
	partner_says(&talk, "world");
	partner_leaves(&talk);
	talk_say(&talk, "still there?");
	await_error(&talk);
	talk.wanted = 2;
	talk_turn(&talk, PATIENCE);
	assert_string_equal(talk.order, "af");
	assert_port_unreachable(&talk);
	talk_end(&talk);
}

static void test_long_datagram_is_cut(void **state)
{
	static const char much[DATAGRAM_MAX + 1];
	struct talk talk;

	(void)state;
	talk_asked(&talk, "127.0.0.1");
	for (size_t size = DATAGRAM_MAX; size <= sizeof(much); size++) {
		answer_from(&talk, talk.partner, much, size);
		talk_turn(&talk, PATIENCE);
		assert_int_equal(talk.last_length, DATAGRAM_MAX);
		assert_int_equal(talk.cut, size > DATAGRAM_MAX);
	}
	talk_end(&talk);
}

struct pause {
	struct talk *talk;
	unsigned answers_by_then;
	struct loop_timer timer;
};

static void pause_fired(void *context)
{
	struct pause *pause = context;

	pause->answers_by_then = pause->talk->answers;
}

/* Others get their turn while a peer floods. */
static void test_flood_is_read_in_portions(void **state)
{
	struct pause pause;
	struct talk talk;

	(void)state;
	talk_asked(&talk, "127.0.0.1");
	for (int i = 0; i < 48; i++)
		partner_says(&talk, "world");
	talk.wanted = 48;
	pause.talk = &talk;
	loop_timer_init(
		&pause.timer, talk.loop, LOOP_PRIORITY_ANSWER, pause_fired, &pause);
	loop_timer_set(&pause.timer, 0);
	talk_turn(&talk, PATIENCE);
	assert_int_equal(talk.answers, 48);
	assert_true(pause.answers_by_then < 48);
	loop_timer_done(&pause.timer);
	talk_end(&talk);
}

static void test_close_within(void **state)
{
	struct talk talk;

	(void)state;
	talk_asked(&talk, "127.0.0.1");
	partner_says(&talk, "one");
	partner_says(&talk, "two");
	talk.close_within = true;
	talk_turn(&talk, PATIENCE);
	talk_turn(&talk, 10 * MILLISECOND);
	assert_int_equal(talk.answers, 1);
	talk_end(&talk);
}

static void test_no_descriptor_left(void **state)
{
	struct rlimit limit, none;
	struct datagram datagram = { 0 };
	struct finding finding;
	struct address address;
	struct loop *loop;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	assert_true(address_parse("127.0.0.1", &address));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_false(
		datagram_open(&datagram, loop, &address, 9, &events, NULL, &finding));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(finding.verdict, VERDICT_UNKNOWN);
	assert_int_equal(finding.cause, CAUSE_LOCAL_RESOURCE);
	assert_int_equal(finding.evidence.code, EMFILE);
	datagram_close(&datagram);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_empty_both_ways),
		cmocka_unit_test(test_stamp_missing),
		cmocka_unit_test(test_stranger_is_named_and_passed),
		cmocka_unit_test(test_closed_port),
		cmocka_unit_test(test_error_surfaces_in_send),
		cmocka_unit_test(test_error_about_another_is_left_out),
		cmocka_unit_test(test_answer_before_error),
		cmocka_unit_test(test_long_datagram_is_cut),
		cmocka_unit_test(test_flood_is_read_in_portions),
		cmocka_unit_test(test_close_within),
		cmocka_unit_test(test_no_descriptor_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
