/* SPDX-License-Identifier: Apache-2.0 */
/* A STUN server's answer. The id is the message's own, else nothing would get through. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/stun_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	uint8_t *message = malloc(length + 1);
	uint8_t id[STUN_ID_LENGTH] = { 0 };
	struct stun_reply reply;

	assert(message);
	memcpy(message, data, length);
	if (length >= 8 + sizeof(id))
		memcpy(id, data + 8, sizeof(id));
	if (stun_reply_read(message, length, id, &reply) == STUN_FITS) {
		assert(reply.error == 0 || (reply.error >= 300 && reply.error <= 699));
		assert(strlen(reply.reason) < sizeof(reply.reason));
		assert(reply.unknown >= -1 && reply.unknown < 0x8000);
		assert(reply.mapped.port != 0 ||
			reply.mapped.address.family == FAMILY_NONE);
	}
	free(message);
	return 0;
}
