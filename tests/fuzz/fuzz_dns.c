/* SPDX-License-Identifier: Apache-2.0 */
/* A name server's answer: the id is made to fit, all else is the fuzzer's. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void check(const struct dns_reply *reply)
{
	assert(reply->rcode < 16);
	assert(reply->address_count <= DNS_ADDRESSES_MAX);
	assert(reply->address_count <= reply->records);
	assert(reply->records > 0 || reply->ttl == 0);
	assert(reply->ttl <= INT32_MAX);
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
	free(message);
	return 0;
}
