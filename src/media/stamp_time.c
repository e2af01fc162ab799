/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stamp_time.h"

#include "media/stamp_octets.h"

/* From 1900 to 1970 (RFC 5905, figure 4). */
#define SECONDS_TO_1970 INT64_C(2208988800)
#define NANOSECONDS     INT64_C(1000000000)

/* S|Z|Scale|Multiplier (RFC 8762, figure 3). */
#define ERROR_SYNCHRONISED 0x8000U
#define ERROR_PTP          0x4000U
#define SCALE_MAX          63U
#define MULTIPLIER_MAX     255U

void stamp_put_time(uint8_t *octets, int64_t utc_ns)
{
	uint64_t seconds = (uint64_t)(utc_ns / NANOSECONDS + SECONDS_TO_1970);
	uint64_t rest = (uint64_t)(utc_ns % NANOSECONDS);

	put_32(octets, (uint32_t)seconds);
	put_32(octets + 4, (uint32_t)((rest << 32) / (uint64_t)NANOSECONDS));
}

int64_t stamp_get_time(const uint8_t *octets, uint16_t error)
{
	int64_t seconds = get_32(octets);
	uint64_t rest = get_32(octets + 4);

	/* PTP's count of TAI; taken for UTC, since the difference is not on the wire. */
	if (error & ERROR_PTP)
		return seconds * NANOSECONDS + (int64_t)rest;
	/* Era 1 begins in February 2036 (RFC 4330, section 3). */
	if (!(seconds >> 31))
		seconds += INT64_C(1) << 32;
	/* Rounded, so that what stamp_put_time() cut off comes back to the nanosecond. */
	rest = (rest * (uint64_t)NANOSECONDS + (UINT64_C(1) << 31)) >> 32;
	return (seconds - SECONDS_TO_1970) * NANOSECONDS + (int64_t)rest;
}

/* Multiplier * 2^(Scale - 32) seconds; a multiplier of 0 makes a packet corrupt. */
uint16_t stamp_error(int64_t error_us, bool synchronised)
{
	uint16_t flag = synchronised ? ERROR_SYNCHRONISED : 0;
	uint64_t multiplier;
	unsigned scale = 0;

	/* Not known, or more than an hour: no error of a clock that is worth a word. */
	if (error_us <= 0 || error_us > INT64_C(3600000000))
		return (uint16_t)(flag | SCALE_MAX << 8 | MULTIPLIER_MAX);
	multiplier = (((uint64_t)error_us << 32) - 1) / 1000000 + 1;
	for (; multiplier > MULTIPLIER_MAX; scale++)
		multiplier = (multiplier + 1) / 2;
	return (uint16_t)(flag | scale << 8 | multiplier);
}

int64_t stamp_error_us(uint16_t estimate)
{
	unsigned scale = estimate >> 8 & SCALE_MAX;
	uint64_t multiplier = estimate & MULTIPLIER_MAX;

	/* 2^44 units are 68 minutes: what follows stays within 64 bits. */
	if (!(estimate & ERROR_SYNCHRONISED) || multiplier == 0 || scale > 36)
		return INT64_MAX;
	return (int64_t)(((multiplier << scale) * 15625 + (1 << 26) - 1) >> 26);
}
