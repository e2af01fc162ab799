/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back from a SIP server, by UDP and in a stream. The first octet says how. */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "net/sip_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void assert_printable(const char *text, size_t size)
{
	assert(strnlen(text, size) < size);
	for (; *text; text++)
		assert(*text >= ' ' && *text <= '~');
}

static void assert_sound(const struct sip_answer *answer, enum sip_reading reading)
{
	assert_printable(answer->words, sizeof(answer->words));
	assert_printable(answer->server, sizeof(answer->server));
	assert(answer->change_count <= SIP_CHANGES_MAX);
	for (unsigned i = 0; i < answer->change_count; i++) {
		assert(strcmp(answer->changes[i].sent, answer->changes[i].heard) != 0);
		assert_printable(answer->changes[i].heard, SIZE_MAX);
	}
	assert(answer->ours || answer->change_count == 0);
	if (reading == SIP_RESPONSE)
		assert(answer->headed && answer->status >= 100 && answer->status <= 699);
}

/* In memory of exactly its size. */
static enum sip_reading read_copy(const struct sip_request *request, const uint8_t *data,
	size_t length, enum sip_framing framing, struct sip_answer *answer)
{
	uint8_t *copy = malloc(length + (length == 0));
	enum sip_reading reading;

	assert(copy);
	memcpy(copy, data, length);
	reading = sip_answer_read(request, copy, length, framing, answer);
	free(copy);
	assert(reading != SIP_NO_MEMORY);
	assert_sound(answer, reading);
	return reading;
}

static void assert_same(const struct sip_answer *left, const struct sip_answer *right)
{
	assert(left->status == right->status);
	assert(strcmp(left->words, right->words) == 0);
	assert(strcmp(left->server, right->server) == 0);
	assert(left->methods_listed == right->methods_listed);
	assert(left->methods == right->methods);
	assert(transport_address_equal(&left->seen, &right->seen));
	assert(left->ours == right->ours);
	assert(memcmp(&left->identity, &right->identity, sizeof(left->identity)) == 0);
	assert(strcmp(left->announced, right->announced) == 0);
	assert(strcmp(left->came, right->came) == 0);
	assert(left->change_count == right->change_count);
}

/* An answer as usual is compared; with a header of nobody's it is decoded by libre. */
static void assert_decoded_alike(const struct sip_request *request, const uint8_t *data,
	size_t length, enum sip_framing framing, const struct sip_answer *answer)
{
	static const char strange[] = "X-Strange: 1\r\n";
	size_t more = sizeof(strange) - 1;
	const uint8_t *end = memchr(data, '\n', length);
	uint8_t *longer;
	struct sip_answer other;
	size_t first;

	assert(end);
	first = (size_t)(end - data) + 1;
	/* such is never compared; what goes on from the status line would from ours */
	if (first < length && !isalpha(data[first]))
		return;
	longer = malloc(length + more);
	assert(longer);
	memcpy(longer, data, first);
	memcpy(longer + first, strange, more);
	memcpy(longer + first + more, data + first, length - first);
	assert(read_copy(request, longer, length + more, framing, &other) ==
		SIP_RESPONSE);
	free(longer);
	assert_same(answer, &other);
}

/* \return the octets of the message, 0 = there is no more to be read */
static size_t read_one(const struct sip_request *request, const uint8_t *data,
	size_t length, enum sip_framing framing)
{
	struct sip_answer answer;
	enum sip_reading reading = read_copy(request, data, length, framing, &answer);

	if (reading == SIP_RESPONSE && data[0] == 'S')
		assert_decoded_alike(request, data, length, framing, &answer);
	if (framing != SIP_STREAM || reading == SIP_INCOMPLETE || reading == SIP_STRANGER)
		return 0;
	assert(answer.length <= length && (answer.length > 0 || length == 0));
	return answer.length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	/* the seeds answer this one */
	static const struct sip_question question = { .transport = SIP_UDP,
		.host = "pbx.test",
		.port = 5060,
		.agent = "fuzz",
		.local = { { FAMILY_IPV4, { 192, 0, 2, 7 }, 0 }, 40000 },
		.random = { { 1, 2, 3 }, 4 } };
	static struct sip_request request;
	enum sip_framing framing;
	size_t step = 1;

	if (length == 0)
		return 0;
	assert(sip_request_write(&question, &request));
	framing = (enum sip_framing)(data[0] % 3);
	data++;
	length--;
	while (step > 0) {
		step = read_one(&request, data, length, framing);
		data += step;
		length -= step;
	}
	return 0;
}
