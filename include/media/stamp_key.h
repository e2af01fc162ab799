/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA-256 cut to 16 octets (RFC 8762, section 4.4), by a secret both sides have. */
#ifndef MEDIA_STAMP_KEY_H
#define MEDIA_STAMP_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Least length of a secret: that of HMAC-SHA-256 (RFC 2104, section 3). */
#define STAMP_SECRET_MIN 32

struct stamp_key;

/** \retval 0, -EINVAL for a secret that is too short, or -ENOMEM */
int stamp_key_new(const void *secret, size_t length, struct stamp_key **ret_key);
void stamp_key_free(struct stamp_key *key);

#define STAMP_TAG_LENGTH 16

/** A part of what is signed. */
struct stamp_text {
	const uint8_t *data;
	size_t length;
};

/** Signs two texts, one behind the other. \retval false  out of memory, ret_tag is zeros
 */
bool stamp_key_sign(const struct stamp_key *key, struct stamp_text first,
	struct stamp_text second, uint8_t ret_tag[static STAMP_TAG_LENGTH]);

/** Takes the same time wherever the tags differ. */
bool stamp_key_verify(const struct stamp_key *key, struct stamp_text first,
	struct stamp_text second, const uint8_t tag[static STAMP_TAG_LENGTH]);

#endif
