/* SPDX-License-Identifier: Apache-2.0 */
/* A directory's answers, one behind the other as a stream has them. */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/ldap_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void text_is_within(
	const struct ldap_text *text, const uint8_t *message, size_t length)
{
	const uint8_t *octets = (const uint8_t *)text->octets;

	if (text->length > 0)
		assert(octets >= message && octets + text->length <= message + length);
}

/* The last octet of a page behind which nothing may be read: liblber has no sanitizer in
 * it that would see a step beyond. */
static uint8_t *end_of_page(void)
{
	static uint8_t *pages;
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (!pages) {
		pages = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert(pages != MAP_FAILED);
		assert(mprotect(pages + size, size, PROT_NONE) == 0);
	}
	return pages + size;
}

static void read_one(const uint8_t *data, size_t length)
{
	uint8_t *octets = end_of_page() - length;
	struct ldap_message message;

	/* before the page lies nothing of ours to write to */
	assert(length <= (size_t)sysconf(_SC_PAGESIZE));
	memcpy(octets, data, length);
	if (ldap_message_read(octets, length, &message) == 0) {
		assert(message.id >= 0);
		assert(message.result >= LDAP_RESULT_NONE);
		assert(ldap_result_name(message.result));
		text_is_within(&message.diagnostic, octets, length);
		text_is_within(&message.referral, octets, length);
		text_is_within(&message.name, octets, length);
		assert(message.root.naming_contexts <= length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	size_t size;

	(void)ldap_consent(data, length, 1);
	read_one(data, length);
	while (ldap_frame(data, length, 1000, &size) == LDAP_FRAME_WHOLE) {
		assert(size >= 2 && size <= length);
		read_one(data, size);
		data += size;
		length -= size;
	}
	return 0;
}
