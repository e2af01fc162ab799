/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ntp_message.h"

#include <string.h>

/* From 1900 to 1970 (RFC 5905, figure 4). */
#define SECONDS_TO_1970 UINT64_C(2208988800)

#define MODE_CLIENT 3U
#define MODE_SERVER 4U
#define VERSION     4U

/* Offsets of the fields, RFC 5905, figure 8. */
enum {
	AT_FLAGS = 0,
	AT_STRATUM = 1,
	AT_ROOT_DELAY = 4,
	AT_ROOT_DISPERSION = 8,
	AT_REFERENCE = 12,
	AT_ORIGIN = 24,
	AT_RECEIVE = 32,
	AT_TRANSMIT = 40,
};

static uint64_t get(const uint8_t *octets, unsigned count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | *octets++;
	return value;
}

/* The short format: 16 bits of seconds and 16 of fraction. */
static double get_short(const uint8_t *octets)
{
	return (double)get(octets, 4) / 65536.0;
}

void ntp_request_write(uint64_t transmit, uint8_t ret_packet[static NTP_MESSAGE_LENGTH])
{
	memset(ret_packet, 0, NTP_MESSAGE_LENGTH);
	ret_packet[AT_FLAGS] = VERSION << 3 | MODE_CLIENT;
	for (int i = 7; i >= 0; i--, transmit >>= 8)
		ret_packet[AT_TRANSMIT + i] = (uint8_t)transmit;
}

/* Four letters or fewer, left justified and zero filled (RFC 5905, 7.4). */
static bool is_kiss(const uint8_t reference[static 4])
{
	unsigned i = 0;

	while (i < 4 && reference[i] > ' ' && reference[i] < 0x7f)
		i++;
	return i > 0 && (i == 4 || get(reference + i, 4 - i) == 0);
}

bool ntp_reply_read(const uint8_t *data, size_t length, struct ntp_reply *ret_reply)
{
	struct ntp_reply reply;

	if (length < NTP_MESSAGE_LENGTH || length % 4 != 0 ||
		(data[AT_FLAGS] & 7) != MODE_SERVER)
		return false;
	reply.leap = data[AT_FLAGS] >> 6;
	reply.version = data[AT_FLAGS] >> 3 & 7;
	reply.stratum = data[AT_STRATUM];
	reply.root_delay_seconds = get_short(data + AT_ROOT_DELAY);
	reply.root_dispersion_seconds = get_short(data + AT_ROOT_DISPERSION);
	memcpy(reply.reference, data + AT_REFERENCE, sizeof(reply.reference));
	reply.origin = get(data + AT_ORIGIN, 8);
	reply.receive = get(data + AT_RECEIVE, 8);
	reply.transmit = get(data + AT_TRANSMIT, 8);
	if (reply.version < 1 || reply.version > VERSION ||
		reply.stratum > NTP_STRATUM_UNSYNCHRONISED)
		return false;
	reply.kiss = reply.stratum == 0 && is_kiss(reply.reference);
	if (reply.stratum == 0 && !reply.kiss)
		reply.stratum = NTP_STRATUM_UNSYNCHRONISED;
	*ret_reply = reply;
	return true;
}

uint64_t ntp_of_wall(int64_t wall_us)
{
	uint64_t seconds = (uint64_t)(wall_us / 1000000) + SECONDS_TO_1970;
	uint64_t micros = (uint64_t)(wall_us % 1000000);

	return seconds << 32 | (micros << 32) / 1000000;
}

double ntp_seconds_between(uint64_t earlier, uint64_t later)
{
	return (double)(int64_t)(later - earlier) / 4294967296.0;
}
