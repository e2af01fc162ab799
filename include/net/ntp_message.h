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
#define NTP_STRATUM_UNSYNCHRONISED 16

struct ntp_reply {
	unsigned leap;
	unsigned version;
	unsigned stratum; /* 0 of a kiss; else 1 to 16: on the wire 16 is often 0 */
	bool kiss;        /* a kiss of death; reference says which */
	double root_delay_seconds;
	double root_dispersion_seconds;
	uint8_t reference[4]; /* of a kiss the code, in ASCII, zero filled */
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
 * Reads a server's answer. Stratum 0 means two things: a kiss of death if a code of ASCII
 * letters stands in the reference identifier (RFC 5905, 7.4), else "unsynchronised" (RFC
 * 5905, A.5.1.1; chronyd without a source answers so). Extension fields and a MAC after
 * it are left alone. \retval false  too short, not in words of 32 bits, another mode or
 * version, a stratum that is reserved
 */
bool ntp_reply_read(const uint8_t *data, size_t length, struct ntp_reply *ret_reply);

/** Wall time in microseconds since 1970 as a time stamp. */
uint64_t ntp_of_wall(int64_t wall_us);

/** later - earlier, in seconds, right while they are less than 68 years apart. */
double ntp_seconds_between(uint64_t earlier, uint64_t later);

#endif
