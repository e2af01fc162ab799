/* SPDX-License-Identifier: Apache-2.0 */
#include "net/volley_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/udp_socket.h"

static void note(struct volley_talk *talk, char what)
{
	unsigned count = talk->answers + talk->refusals + talk->failures;

	if (count < sizeof(talk->order))
		talk->order[count - 1] = what;
	if (talk->close_within) {
		volley_close(talk->volley);
		talk->volley = NULL;
	}
	if (count >= talk->wanted)
		loop_stop(talk->loop);
}

static void heard_answer(void *context, const struct volley_answer *answer)
{
	struct volley_talk *talk = context;
	size_t length = answer->length;

	talk->last = *answer;
	if (length > sizeof(talk->words) - 1)
		length = sizeof(talk->words) - 1;
	memcpy(talk->words, answer->data, length);
	talk->words[length] = '\0';
	talk->answers++;
	note(talk, 'a');
}

static void heard_refusal(void *context, uint16_t port, const struct finding *finding)
{
	struct volley_talk *talk = context;

	talk->refused_port = port;
	talk->finding = *finding;
	talk->refusals++;
	note(talk, 'r');
}

static void heard_failure(void *context, const struct finding *finding)
{
	struct volley_talk *talk = context;

	talk->finding = *finding;
	talk->failures++;
	note(talk, 'f');
}

static const struct volley_events events = { heard_answer, heard_refusal, heard_failure };

static void patience_ended(void *context)
{
	struct volley_talk *talk = context;

	loop_stop(talk->loop);
}

static void begin(
	struct volley_talk *talk, const char *literal, size_t partners, bool claims)
{
	struct volley_settings settings = {
		.dscp = 46, .claims = claims, .events = &events, .context = talk
	};
	struct finding finding;

	memset(talk, 0, sizeof(*talk));
	talk->wanted = 1;
	assert_int_equal(loop_new(&talk->loop), 0);
	loop_timer_init(
		&talk->patience, talk->loop, LOOP_PRIORITY_START, patience_ended, talk);
	assert_true(address_parse(literal, &talk->address));
	while (talk->partner_count < partners) {
		struct transport_address bound;
		size_t index = talk->partner_count++;

		talk->partners[index] = udp_socket(literal, &bound);
		talk->ports[index] = bound.port;
	}
	settings.loop = talk->loop;
	settings.address = talk->address;
	talk->volley = volley_open(&settings, &finding);
	assert_non_null(talk->volley);
}

void talk_begin(struct volley_talk *talk, const char *literal, size_t partners)
{
	begin(talk, literal, partners, false);
}

void talk_claim(struct volley_talk *talk, const char *literal, size_t partners)
{
	begin(talk, literal, partners, true);
}

void partner_leaves(struct volley_talk *talk, size_t index)
{
	close(talk->partners[index]);
	talk->partners[index] = -1;
}

void talk_turn(struct volley_talk *talk, int64_t patience_us)
{
	loop_timer_set(&talk->patience, patience_us);
	assert_int_equal(loop_run(talk->loop), 0);
	loop_timer_cancel(&talk->patience);
}

void talk_end(struct volley_talk *talk)
{
	volley_close(talk->volley);
	for (size_t i = 0; i < talk->partner_count; i++) {
		if (talk->partners[i] >= 0)
			close(talk->partners[i]);
	}
	loop_timer_done(&talk->patience);
	loop_free(talk->loop);
}

size_t talk_say(struct volley_talk *talk, const char *words, size_t count)
{
	struct volley_datagram datagrams[PARTNERS_MAX];

	for (size_t i = 0; i < count; i++)
		datagrams[i] =
			(struct volley_datagram){ talk->ports[i], words, strlen(words) };
	return volley_send(talk->volley, datagrams, count);
}

void answer_from(int fd, const struct sockaddr_storage *to, const char *words)
{
	socklen_t length = to->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						     : sizeof(struct sockaddr_in);

	assert_int_equal(
		sendto(fd, words, strlen(words), 0, (const struct sockaddr *)to, length),
		strlen(words));
}

bool partner_hears(
	const struct volley_talk *talk, size_t index, struct sockaddr_storage *ret_from)
{
	socklen_t length = sizeof(*ret_from);
	char buffer[16];

	return recvfrom(talk->partners[index], buffer, sizeof(buffer), MSG_DONTWAIT,
		       (struct sockaddr *)ret_from, &length) >= 0;
}

void partner_echoes(const struct volley_talk *talk, size_t index, const char *words)
{
	struct sockaddr_storage from;

	assert_true(partner_hears(talk, index, &from));
	answer_from(talk->partners[index], &from, words);
}
