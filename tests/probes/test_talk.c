/* SPDX-License-Identifier: Apache-2.0 */
/* What the transcript of a run holds, kind by kind where no frame keeps it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/http_partner.h"
#include "net/partner.h"
#include "net/transfer.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"

struct world {
	struct harness harness;
	struct transcript *transcript;
};

static void open_world(struct world *world)
{
	struct transfers *transfers;

	harness_open(&world->harness);
	assert_int_equal(transfers_new(world->harness.loop, NULL, &transfers), 0);
	world->harness.services.transfers = transfers;
	world->transcript = transcript_new();
	assert_non_null(world->transcript);
}

static void close_world(struct world *world)
{
	free(world->transcript);
	transfers_free(world->harness.services.transfers);
	harness_close(&world->harness);
}

/* "note connected" and so on, a line an entry; octets beyond ASCII as \xNN. */
static char *lines_of(const struct transcript *transcript)
{
	struct text text = { 0 };
	char said[4 * TRANSCRIPT_ENTRY_MAX + 1];

	for (unsigned i = 0; i < transcript->entries_used; i++) {
		const struct transcript_entry *entry = &transcript->entries[i];

		text_copy_printable(said, sizeof(said),
			(const char *)transcript->octets + entry->begin, entry->kept);
		text_format(&text, "%s %s\n", transcript_side_name(entry->side), said);
	}
	return text_release(&text, NULL);
}

static char *lines_by_http(
	struct world *world, const struct http_script *script, uint16_t *ret_port)
{
	struct http_partner partner;

	http_partner_start(&partner, script);
	harness_run(&world->harness,
		&(struct trial){ .kind = probe_http(),
			.port = partner.port,
			.transcript = world->transcript });
	http_partner_stop(&partner);
	*ret_port = partner.port;
	return lines_of(world->transcript);
}

static void http_head_and_body(void **state)
{
	static const struct http_script script = {
		.say = "HTTP/1.1 503 Busy\r\nset-cookie: id=7\r\nContent-Length: "
		       "4\r\n\r\n"
		       "busy",
	};
	struct world world;
	uint16_t port;
	char expected[512];
	char *lines;

	(void)state;
	open_world(&world);
	lines = lines_by_http(&world, &script, &port);
	snprintf(expected, sizeof(expected),
		"note to 127.0.0.1:%u\nnote connected\n"
		"sent GET / HTTP/1.1\\x0d\\x0aHost: 127.0.0.1:%u\\x0d\\x0a",
		port, port);
	assert_memory_equal(lines, expected, strlen(expected));
	assert_non_null(strstr(lines,
		"\nreceived HTTP/1.1 503 Busy\\x0d\\x0aset-cookie: (not "
		"shown)\\x0d\\x0a"
		"Content-Length: 4\\x0d\\x0a\\x0d\\x0a\nreceived busy\n"
		"note response: http-status\n"));
	assert_null(strstr(lines, "id=7"));
	free(lines);
	close_world(&world);
}

/* A stranger in HTTP's place: what it said is there, though it is no head. */
static void http_stranger(void **state)
{
	static const struct http_script script = { .at_once = true,
		.say = "SSH-2.0-OpenSSH_9.2\r\n",
		.end = HTTP_PARTNER_HOLDS };
	struct world world;
	uint16_t port;
	char *lines;

	(void)state;
	open_world(&world);
	lines = lines_by_http(&world, &script, &port);
	assert_non_null(strstr(lines, "\nreceived SSH-2.0-OpenSSH_9.2"));
	assert_non_null(strstr(lines, "note response: wrong-protocol\n"));
	free(lines);
	close_world(&world);
}

/* The length in front of a message over TCP is none of it. */
static void dns_over_tcp(void **state)
{
	static const char *const options[] = { "transport", "tcp", "name",
		"license.starface.de", NULL };
	static const char answer[] = "\0\x0c\x12\x34\x81\x80\0\1\0\0\0\0\0\0";
	struct world world;
	struct partner partner;
	char *lines;

	(void)state;
	open_world(&world);
	partner_open(&partner, world.harness.loop, NULL, MANNER_ANSWERS, answer,
		sizeof(answer) - 1);
	harness_run(&world.harness,
		&(struct trial){ .kind = probe_dns(),
			.port = partner.port,
			.options = options,
			.timeout_us = 1500 * MILLISECOND, /* of a slow machine */
			.transcript = world.transcript });
	partner_close(&partner);
	lines = lines_of(world.transcript);
	assert_int_equal(world.transcript->entries[1].side, TRANSCRIPT_SENT);
	assert_non_null(strstr(lines, "\\x07license\\x08starface\\x02de\\x00"));
	assert_int_equal(world.transcript->entries[2].side, TRANSCRIPT_RECEIVED);
	assert_int_equal(world.transcript->entries[2].length, 12);
	free(lines);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_head_and_body),
		cmocka_unit_test(http_stranger),
		cmocka_unit_test(dns_over_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
