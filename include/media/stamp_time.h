/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of eight octets (RFC 8762, section 4.2.1), and how true they are. */
#ifndef MEDIA_STAMP_TIME_H
#define MEDIA_STAMP_TIME_H

#include <stdbool.h>
#include <stdint.h>

/** NTP's 64-bit format. */
void stamp_put_time(uint8_t *octets, int64_t utc_ns);

/** \param error  that of the same packet: its Z bit says which format it is */
int64_t stamp_get_time(const uint8_t *octets, uint16_t error);

/**
 * An honest error estimate of a clock (RFC 4656, section 4.1.2): the least one that is
 * not below the error. \param error_us  0 = not known, which is told as the largest
 */
uint16_t stamp_error(int64_t error_us, bool synchronised);

/** What an estimate of the other side promises; INT64_MAX when it promises nothing. */
int64_t stamp_error_us(uint16_t estimate);

#endif
