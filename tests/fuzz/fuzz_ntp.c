/* SPDX-License-Identifier: Apache-2.0 */
/* A time server's answer. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/ntp_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	uint8_t *packet = malloc(length + 1);
	struct ntp_reply reply;

	assert(packet);
	memcpy(packet, data, length);
	if (ntp_reply_read(packet, length, &reply)) {
		assert(reply.kiss == (reply.stratum == 0));
		assert(reply.stratum <= NTP_STRATUM_UNSYNCHRONISED);
		assert(reply.leap <= NTP_LEAP_UNSYNCHRONISED);
		assert(reply.root_delay_seconds >= 0);
		assert(ntp_seconds_between(reply.receive, reply.transmit) < 2147483649.0);
	}
	free(packet);
	return 0;
}
