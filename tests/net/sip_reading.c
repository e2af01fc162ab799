/* SPDX-License-Identifier: Apache-2.0 */
#include "sip_reading.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct mbuf;
struct sip_msg;
struct mbuf *__real_mbuf_alloc(size_t size);
struct mbuf *__wrap_mbuf_alloc(size_t size);
int __real_sip_msg_decode(struct sip_msg **ret_message, struct mbuf *buffer);
int __wrap_sip_msg_decode(struct sip_msg **ret_message, struct mbuf *buffer);

static enum sip_reading_memory memory;

static unsigned decoded;

struct mbuf *__wrap_mbuf_alloc(size_t size)
{
	return memory == MEMORY_NO_BUFFER ? NULL : __real_mbuf_alloc(size);
}

int __wrap_sip_msg_decode(struct sip_msg **ret_message, struct mbuf *buffer)
{
	decoded++;
	return memory == MEMORY_NO_MESSAGE ? ENOMEM
					   : __real_sip_msg_decode(ret_message, buffer);
}

unsigned sip_reading_decoded(void)
{
	return decoded;
}

void sip_reading_starve(enum sip_reading_memory lack)
{
	memory = lack;
}

struct sip_question sip_reading_question(void)
{
	struct sip_question question = { .transport = SIP_UDP,
		.host = "pbx.test",
		.port = 5060,
		.agent = "test",
		.local = { .port = 40000 },
		.random = { { 1, 2, 3 }, 4 } };

	assert_true(address_parse("192.0.2.7", &question.local.address));
	return question;
}

struct sip_request sip_reading_request(void)
{
	struct sip_question ask = sip_reading_question();
	struct sip_request written = { 0 }; /* compared whole, tails of texts too */

	assert_true(sip_request_write(&ask, &written));
	return written;
}

enum sip_reading sip_reading_once(const char *text, size_t length,
	enum sip_framing framing, struct sip_answer *answer)
{
	static struct sip_request asked; /* the answer points into it */
	uint8_t *copy = malloc(length + (length == 0));
	enum sip_reading reading;

	assert_non_null(copy);
	asked = sip_reading_request();
	memcpy(copy, text, length);
	reading = sip_answer_read(&asked, copy, length, framing, answer);
	free(copy);
	return reading;
}

static void assert_same(const struct sip_answer *left, const struct sip_answer *right)
{
	assert_int_equal(left->status, right->status);
	assert_int_equal(left->headed, right->headed);
	assert_int_equal(left->ours, right->ours);
	assert_string_equal(left->words, right->words);
	assert_string_equal(left->server, right->server);
	assert_int_equal(left->methods_listed, right->methods_listed);
	assert_int_equal(left->methods, right->methods);
	assert_true(transport_address_equal(&left->seen, &right->seen));
	assert_memory_equal(&left->identity, &right->identity, sizeof(left->identity));
	assert_string_equal(left->announced, right->announced);
	assert_string_equal(left->came, right->came);
	assert_string_equal(left->vias, right->vias);
	assert_int_equal(left->change_count, right->change_count);
	for (unsigned i = 0; i < left->change_count; i++) {
		assert_string_equal(left->changes[i].what, right->changes[i].what);
		assert_string_equal(left->changes[i].heard, right->changes[i].heard);
	}
}

enum sip_reading sip_reading_twice(const char *text, size_t length,
	enum sip_framing framing, struct sip_answer *answer)
{
	const char *end = memchr(text, '\n', length);
	size_t first = end ? (size_t)(end - text) + 1 : 0;
	size_t more = strlen(STRANGE_HEADER);
	enum sip_reading reading = sip_reading_once(text, length, framing, answer);
	char longer[2048];
	struct sip_answer other;
	unsigned before;

	/* what begins with blank lines has its status line behind them */
	if (first <= 2 || length + more > sizeof(longer))
		return reading;
	memcpy(longer, text, first);
	memcpy(longer + first, STRANGE_HEADER, more);
	memcpy(longer + first + more, text + first, length - first);
	before = decoded;
	assert_int_equal(
		sip_reading_once(longer, length + more, framing, &other), reading);
	if (reading != SIP_RESPONSE)
		return reading;
	assert_int_equal(decoded, before + 1);
	assert_int_equal(other.length, answer->length + more);
	assert_same(answer, &other);
	return reading;
}
