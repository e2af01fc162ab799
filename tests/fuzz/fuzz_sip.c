/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back from a SIP server, by UDP and in a stream. The first octet says how. */
#include <assert.h>
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

/* \return the octets of the message, 0 = there is no more to be read */
static size_t read_one(const struct sip_request *request, const uint8_t *data,
	size_t length, enum sip_framing framing)
{
	uint8_t *copy = malloc(length + (length == 0));
	enum sip_reading reading;
	struct sip_answer answer;

	assert(copy);
	memcpy(copy, data, length);
	reading = sip_answer_read(request, copy, length, framing, &answer);
	free(copy);
	assert(reading != SIP_NO_MEMORY);
	assert_sound(&answer, reading);
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
