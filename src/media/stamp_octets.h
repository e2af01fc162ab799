/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in network order. */
#ifndef MEDIA_STAMP_OCTETS_H
#define MEDIA_STAMP_OCTETS_H

#include <stdint.h>

static inline uint16_t get_16(const uint8_t *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

static inline uint32_t get_32(const uint8_t *octets)
{
	return (uint32_t)get_16(octets) << 16 | get_16(octets + 2);
}

static inline uint8_t *put_16(uint8_t *octets, uint16_t value)
{
	octets[0] = (uint8_t)(value >> 8);
	octets[1] = (uint8_t)value;
	return octets + 2;
}

static inline uint8_t *put_32(uint8_t *octets, uint32_t value)
{
	return put_16(put_16(octets, (uint16_t)(value >> 16)), (uint16_t)value);
}

#endif
