/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our side of test_stamp_vectors.py: a line in, a line out. Octets are hexadecimal, the
 * secret is "-" in open mode, reports tell that each port has the state port % 8.
 *
 *   write SECRET sequence sent_ns error ssid dscp|-1 first count length padding
 *   answer SECRET OCTETS sequence sent_ns received_ns error ttl dscp ecn
 *   read SECRET OCTETS padding
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/stamp.h"

#define OCTETS_MAX 2048

static size_t from_hex(const char *text, uint8_t *octets)
{
	size_t length = 0;
	unsigned octet;

	for (; sscanf(text, "%2x", &octet) == 1; text += 2)
		octets[length++] = (uint8_t)octet;
	return length;
}

static void print_hex(const char *name, const uint8_t *octets, size_t length)
{
	printf(" %s=", name);
	for (size_t i = 0; i < length; i++)
		printf("%02x", octets[i]);
}

static void do_write(const char *arguments, const struct stamp_key *key)
{
	struct stamp_request request = { 0 };
	uint8_t packet[STAMP_LENGTH_MAX];
	int dscp;

	if (sscanf(arguments,
		    "%" SCNu32 "%" SCNd64 "%" SCNu16 "%" SCNu16 "%d%" SCNu16 "%" SCNu16
		    "%zu%" SCNu32,
		    &request.sequence, &request.sent_ns, &request.error, &request.ssid,
		    &dscp, &request.report_first, &request.report_count, &request.length,
		    &request.padding) != 9)
		abort();
	request.asks_class = dscp >= 0;
	request.dscp = dscp >= 0 ? (uint8_t)dscp : 0;
	print_hex("packet", packet,
		stamp_write_request(packet, sizeof(packet), &request, key));
}

static void print_request(const struct stamp_request *request)
{
	printf(" sequence=%" PRIu32 " sent_ns=%" PRId64
	       " error=%u ssid=%u class=%d dscp=%u "
	       "first=%u count=%u good=%d",
		request->sequence, request->sent_ns, request->error, request->ssid,
		request->asks_class, request->dscp, request->report_first,
		request->report_count, request->tlvs_good);
}

static void do_answer(const char *arguments, const struct stamp_key *key)
{
	char hex[2 * OCTETS_MAX + 1];
	uint8_t packet[OCTETS_MAX];
	struct stamp_request request;
	struct stamp_report report;
	struct stamp_answer answer = { 0 };
	enum stamp_flaw flaw;
	size_t length;

	if (sscanf(arguments,
		    "%4096s%" SCNu32 "%" SCNd64 "%" SCNd64 "%" SCNu16 "%" SCNu8 "%" SCNu8
		    "%" SCNu8,
		    hex, &answer.sequence, &answer.sent_ns, &answer.received_ns,
		    &answer.error, &answer.ttl, &answer.dscp, &answer.ecn) != 8)
		abort();
	length = from_hex(hex, packet);
	flaw = stamp_read_request(packet, length, key, &request);
	printf(" flaw=%d", flaw);
	if (flaw != STAMP_GOOD)
		return;
	print_request(&request);
	report.first = request.report_first;
	report.count = request.report_count;
	for (unsigned i = 0; i < report.count; i++)
		report.ports[i] = (uint8_t)((report.first + i) % 8);
	answer.tlvs_good = request.tlvs_good;
	answer.report = report.count ? &report : NULL;
	stamp_make_reply(packet, length, key, &answer);
	print_hex("packet", packet, length);
}

static void do_read(const char *arguments, const struct stamp_key *key)
{
	char hex[2 * OCTETS_MAX + 1];
	uint8_t packet[OCTETS_MAX];
	struct stamp_reply reply;
	enum stamp_flaw flaw;
	uint32_t padding;

	if (sscanf(arguments, "%4096s%" SCNu32, hex, &padding) != 2)
		abort();
	flaw = stamp_read_reply(packet, from_hex(hex, packet), key, padding, &reply);
	printf(" flaw=%d", flaw);
	if (flaw != STAMP_GOOD && flaw != STAMP_MALFORMED)
		return;
	printf(" sequence=%" PRIu32 " sent_ns=%" PRId64
	       " error=%u ssid=%u received_ns=%" PRId64 " sender_sequence=%" PRIu32
	       " sender_sent_ns=%" PRId64 " sender_error=%u "
	       "sender_ttl=%u class=%d refused=%d dscp=%u ecn=%u altered=%d first=%u",
		reply.sequence, reply.sent_ns, reply.error, reply.ssid, reply.received_ns,
		reply.sender_sequence, reply.sender_sent_ns, reply.sender_error,
		reply.sender_ttl, reply.class_told, reply.class_refused, reply.class_dscp,
		reply.class_ecn, reply.padding_altered, reply.report.first);
	print_hex("ports", reply.report.ports, reply.report.count);
}

static const struct {
	const char *name;
	void (*done)(const char *arguments, const struct stamp_key *key);
} verbs[] = {
	{ "write", do_write },
	{ "answer", do_answer },
	{ "read", do_read },
};

static void do_line(const char *line)
{
	char verb[8], secret[129];
	uint8_t octets[64];
	struct stamp_key *key = NULL;
	int behind;

	if (sscanf(line, "%7s%128s%n", verb, secret, &behind) != 2)
		abort();
	if (strcmp(secret, "-") != 0 &&
		stamp_key_new(octets, from_hex(secret, octets), &key) != 0)
		abort();
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verb, verbs[i].name) == 0)
			verbs[i].done(line + behind, key);
	stamp_key_free(key);
	putchar('\n');
	fflush(stdout);
}

int main(void)
{
	static char line[3 * OCTETS_MAX];

	while (fgets(line, sizeof(line), stdin))
		do_line(line);
	return 0;
}
