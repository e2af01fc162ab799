/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/udp_partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/udp_socket.h"

static int open_socket(const char *literal, uint16_t *ret_port)
{
	struct transport_address bound;
	int fd = udp_socket(literal, &bound);

	*ret_port = bound.port;
	return fd;
}

static void partner_ready(void *context, unsigned ready)
{
	struct udp_partner *partner = context;
	uint8_t question[2048];
	ssize_t length;

	(void)ready;
	partner->from_length = sizeof(partner->from);
	length = recvfrom(partner->fd, question, sizeof(question), MSG_DONTWAIT,
		(struct sockaddr *)&partner->from, &partner->from_length);
	if (length < 0)
		return;
	partner->questions++;
	if (partner->hear)
		partner->hear(partner, question, (size_t)length);
}

void partner_open(struct udp_partner *partner, struct loop *loop, const char *literal,
	partner_fn hear, const void *script)
{
	uint16_t other_port;

	*partner = (struct udp_partner){ .hear = hear, .script = script };
	partner->fd = open_socket(literal, &partner->port);
	partner->other_fd = open_socket(literal, &other_port);
	loop_watch_init(&partner->watch, loop, partner_ready, partner);
	loop_watch_set(&partner->watch, partner->fd, LOOP_READ);
}

static void say(
	const struct udp_partner *partner, int fd, const void *data, size_t length)
{
	assert_int_equal(
		sendto(fd, data, length, 0, (const struct sockaddr *)&partner->from,
			partner->from_length),
		length);
}

void partner_says(struct udp_partner *partner, const void *data, size_t length)
{
	say(partner, partner->fd, data, length);
}

void partner_says_from_elsewhere(
	struct udp_partner *partner, const void *data, size_t length)
{
	say(partner, partner->other_fd, data, length);
}

void partner_close(struct udp_partner *partner)
{
	loop_watch_done(&partner->watch);
	close(partner->fd);
	close(partner->other_fd);
}

struct outcome udp_partner_asked(struct harness *harness, partner_fn hear,
	const void *script, struct trial trial, unsigned *ret_questions)
{
	struct udp_partner partner;
	struct verdict_of_trial verdict;

	partner_open(&partner, harness->loop, trial.address, hear, script);
	trial.port = partner.port;
	verdict = harness_try(harness, &trial);
	assert_int_equal(verdict.finishes, trial.abandon ? 0 : 1);
	if (trial.abandon)
		harness_turn(harness, trial.timeout_us);
	if (ret_questions)
		*ret_questions = partner.questions;
	partner_close(&partner);
	return verdict.outcome;
}

void udp_refusal_is_told(struct harness *harness, const struct probe_kind *kind)
{
	static const char *const literals[] = { "127.0.0.1", "::1" };

	for (size_t i = 0; i < 2; i++) {
		struct outcome outcome = harness_run(harness,
			&(struct trial){ .kind = kind,
				.address = literals[i],
				.port = closed_udp_port(literals[i]) });

		harness_found(kind->name, &outcome, VERDICT_FAILED,
			i == 0 ? CAUSE_ICMP_PORT_UNREACHABLE
			       : CAUSE_ICMP6_PORT_UNREACHABLE,
			NULL);
		assert_true(address_equal(
			&outcome.finding.evidence.offender, &outcome.address));
	}
}

uint16_t closed_udp_port(const char *literal)
{
	uint16_t port;

	close(open_socket(literal, &port));
	return port;
}
