/* SPDX-License-Identifier: Apache-2.0 */
#include "media/keyed_hash.h"

#include <endian.h>
#include <string.h>

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void mix(uint64_t v[static 4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

/* Up to eight octets, the first one lowest. */
static uint64_t word(const uint8_t *data, size_t length)
{
	uint64_t value = 0;

	for (size_t i = 0; i < length; i++)
		value |= (uint64_t)data[i] << 8 * i;
	return value;
}

/* Octet by octet it was half of a hash, of which a reflector makes two for a packet. */
static uint64_t whole_word(const uint8_t data[static 8])
{
	uint64_t value;

	memcpy(&value, data, sizeof(value));
	return le64toh(value);
}

static void take(uint64_t v[static 4], uint64_t value)
{
	v[3] ^= value;
	mix(v, 2);
	v[0] ^= value;
}

uint64_t keyed_hash(
	const uint8_t key[static HASH_KEY_LENGTH], const uint8_t *data, size_t length)
{
	uint64_t low = whole_word(key), high = whole_word(key + 8);
	uint64_t v[4] = { low ^ UINT64_C(0x736f6d6570736575),
		high ^ UINT64_C(0x646f72616e646f6d), low ^ UINT64_C(0x6c7967656e657261),
		high ^ UINT64_C(0x7465646279746573) };
	size_t left = length;

	for (; left >= 8; left -= 8, data += 8)
		take(v, whole_word(data));
	take(v, word(data, left) | (uint64_t)length << 56);
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
