/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NTP packet (RFC 5905, 7.3) as a client needs it. Pure. Time stamps stay in their
 * own form, 32 bits of seconds and 32 of fraction; differences are taken modulo 2^64, so
 * that the end of the era in February 2036 is no event (RFC 5905, section 6).
 */
#ifndef NET_NTP_MESSAGE_H
#define NET_NTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTP_MESSAGE_LENGTH 48

#define NTP_LEAP_UNSYNCHRONISED    3
#define NTP_STRATUM_KISS           0
#define NTP_STRATUM_UNSYNCHRONISED 16

struct ntp_reply {
	unsigned leap;
	unsigned version;
	unsigned stratum;
	double root_delay_seconds;
	double root_dispersion_seconds;
	uint8_t reference[4]; /* with stratum 0 the kiss code, in ASCII */
	uint64_t origin;      /* our transmit stamp, if it is an answer to us */
	uint64_t receive;
	uint64_t transmit;
};

/**
 * A client's question (mode 3, version 4). Only the transmit stamp is set, and it should
 * be random: an answer proves itself by giving it back, and our clock is nobody's concern
 * (draft-ietf-ntp-data-minimization).
 */
void ntp_request_write(uint64_t transmit, uint8_t ret_packet[static NTP_MESSAGE_LENGTH]);

/**
 * Reads a server's answer; extension fields and a MAC after it are left alone.
 * \retval false  too short, not in words of 32 bits, another mode or version, a stratum
 *                that is reserved
 */
bool ntp_reply_read(const uint8_t *data, size_t length, struct ntp_reply *ret_reply);

/** Wall time in microseconds since 1970 as a time stamp. */
uint64_t ntp_of_wall(int64_t wall_us);

/** later - earlier, in seconds, right while they are less than 68 years apart. */
double ntp_seconds_between(uint64_t earlier, uint64_t later);

#endif
