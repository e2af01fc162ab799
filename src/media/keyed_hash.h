/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that nobody without the key can
 * foresee, so that strangers cannot aim at one place of a table.
 */
#ifndef MEDIA_KEYED_HASH_H
#define MEDIA_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_KEY_LENGTH 16

uint64_t keyed_hash(
	const uint8_t key[static HASH_KEY_LENGTH], const uint8_t *data, size_t length);

#endif
