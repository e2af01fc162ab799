/* SPDX-License-Identifier: Apache-2.0 */
/* Our own end of a conversation by UDP, as the kernel will choose it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/datagram.h"
#include "net/udp_socket.h"

struct talk {
	struct loop *loop;
	struct datagram datagram;
	int partner; /* the socket that is asked */
	struct transport_address there;
	unsigned strangers;
};

static void heard_stranger(void *context, const struct finding *finding)
{
	struct talk *talk = context;

	(void)finding;
	talk->strangers++;
	loop_stop(talk->loop);
}

static void heard_nothing_else(void *context, const struct datagram_answer *answer)
{
	(void)context;
	(void)answer;
	fail_msg("an answer");
}

static void heard_failure(void *context, const struct finding *finding)
{
	(void)context;
	(void)finding;
	fail_msg("a failure");
}

static const struct datagram_events events = { heard_nothing_else, heard_stranger,
	heard_failure };

static void talk_begin(struct talk *talk, const char *literal)
{
	struct finding finding;

	*talk = (struct talk){ 0 };
	assert_int_equal(loop_new(&talk->loop), 0);
	talk->partner = udp_socket(literal, &talk->there);
	assert_true(datagram_open(&talk->datagram, talk->loop, &talk->there.address,
		talk->there.port, &events, talk, &finding));
}

static void talk_end(struct talk *talk)
{
	datagram_close(&talk->datagram);
	close(talk->partner);
	loop_free(talk->loop);
}

/* Whom the partner takes a datagram of ours to be from. */
static struct transport_address seen_by_partner(struct talk *talk)
{
	struct transport_address seen = { .port = 0 };
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	struct finding finding;
	char octet;

	assert_true(datagram_send(&talk->datagram, "x", 1, &finding));
	assert_int_equal(
		recvfrom(talk->partner, &octet, 1, 0, (struct sockaddr *)&from, &length),
		1);
	address_from_socket((struct sockaddr *)&from, &seen.address, &seen.port);
	return seen;
}

static void test_own_end(void **state)
{
	static const char *const literals[] = { "127.0.0.1", "::1" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct transport_address before, after, seen;
		struct talk talk;

		talk_begin(&talk, literals[i]);
		assert_true(datagram_local(&talk.datagram, &before));
		seen = seen_by_partner(&talk);
		assert_true(transport_address_equal(&before, &seen));
		/* bound by now */
		assert_true(datagram_local(&talk.datagram, &after));
		assert_true(transport_address_equal(&after, &seen));
		talk_end(&talk);
	}
}

/* Having looked for the way, the socket still hears what comes from elsewhere. */
static void test_strangers_are_heard(void **state)
{
	struct transport_address local, elsewhere;
	struct sockaddr_storage to;
	struct talk talk;
	socklen_t length;
	int other;

	(void)state;
	talk_begin(&talk, "127.0.0.1");
	assert_true(datagram_local(&talk.datagram, &local));
	other = udp_socket("127.0.0.1", &elsewhere);
	length = address_to_socket(&local.address, local.port, &to);
	assert_int_equal(sendto(other, "x", 1, 0, (struct sockaddr *)&to, length), 1);
	assert_int_equal(loop_run(talk.loop), 0);
	assert_int_equal(talk.strangers, 1);
	close(other);
	talk_end(&talk);
}

/* No way there: nothing is said of our own end, and the socket is as it was. */
static void test_no_own_end(void **state)
{
	struct transport_address local = { .port = 7 };
	struct talk talk;

	(void)state;
	talk_begin(&talk, "127.0.0.1");
	/* broadcast is not allowed on a socket that did not ask for it */
	assert_true(address_parse("255.255.255.255", &talk.datagram.peer));
	assert_false(datagram_local(&talk.datagram, &local));
	assert_int_equal(local.port, 7);
	talk.datagram.peer = talk.there.address;
	assert_true(datagram_local(&talk.datagram, &local));
	assert_true(address_equal(&local.address, &talk.there.address));
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_end),
		cmocka_unit_test(test_strangers_are_heard),
		cmocka_unit_test(test_no_own_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
