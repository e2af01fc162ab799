/* SPDX-License-Identifier: Apache-2.0 */
/* A name server's answer: the id is made to fit, all else is the fuzzer's. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/resolver_answer.h"
#include "net/resolver_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void check(const struct dns_reply *reply)
{
	assert(reply->rcode < 16);
	assert(reply->address_count <= DNS_ADDRESSES_MAX);
	assert(reply->address_count <= reply->records);
	assert(reply->records > 0 || reply->ttl == 0);
	assert(reply->ttl <= INT32_MAX);
}

/* Whose it is, and what one who resolves takes it for. */
static void resolve(const uint8_t *message, size_t length)
{
	struct address server = { .family = FAMILY_IPV4 };
	struct resolution resolution;
	struct resolver_key key;
	struct dns_question question;
	struct dns_head head;
	uint32_t ttl;

	if (!dns_head_read(message, length, &head) ||
		!resolver_key_of_question(&head.question, &key))
		return;
	question = resolver_key_question(&key);
	assert(question.name_length == head.question.name_length);
	question.id = head.question.id;
	resolver_answer_read(message, length, &question, &server, &resolution, &ttl);
	assert(resolution.count <= resolution.total);
	assert((resolution.count > 0) == (resolution.finding.verdict == VERDICT_OK));
	assert(resolution.count > 0 || ttl == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static const uint16_t types[] = { DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_SRV,
		DNS_TYPE_SOA, DNS_TYPE_TXT };
	/* of its own size, so that a read beyond its end is seen */
	uint8_t *message = malloc(length + 1);

	assert(message);
	memcpy(message, data, length);
	if (length >= 3) {
		message[0] = 0x12;
		message[1] = 0x34;
		message[2] |= 0x80;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct dns_question question = { .id = 0x1234, .type = types[i] };
		struct dns_reply reply;

		dns_name_parse("a.bc", &question);
		if (dns_reply_read(message, length, &question, &reply) == DNS_FITS)
			check(&reply);
	}
	resolve(message, length);
	free(message);
	return 0;
}
