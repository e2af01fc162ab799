/* SPDX-License-Identifier: Apache-2.0 */
/* A session after its handshake: what other protocols say through it. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/credentials.h"
#include "net/tls.h"
#include "net/tls_partner.h"

#define HOST "pbx.test"

struct world {
	struct loop *loop;
	struct tls_trust *trust;
	struct credential shown;
	char folder[64];
	char path[128];
};

/* A client that waits for its stream turn by turn. */
struct talk {
	struct loop *loop;
	struct stream stream;
	struct tls_session session;
	unsigned turns; /* of waiting for the stream */
};

static void on_connected(void *context)
{
	struct talk *talk = context;

	loop_stop(talk->loop);
}

static void on_ready(void *context, unsigned ready)
{
	struct talk *talk = context;

	(void)ready;
	loop_stop(talk->loop);
}

static void on_failed(void *context, const struct finding *finding)
{
	(void)context;
	fail_msg("connect: %s", cause_name(finding->cause));
}

static const struct stream_events events = {
	.connected = on_connected,
	.ready = on_ready,
	.failed = on_failed,
};

static int set_up(void **state)
{
	static const struct credential_spec spec = {
		.name = "pbx", .alternatives = "DNS:" HOST, .authority = true
	};
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->shown = credential_make(&spec, NULL);
	credentials_folder(world->folder);
	snprintf(world->path, sizeof(world->path), "%s/pbx.pem", world->folder);
	credential_write(&world->shown, world->path, true);
	assert_int_equal(loop_new(&world->loop), 0);
	assert_int_equal(tls_trust_new(world->path, &world->trust), 0);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	tls_trust_free(world->trust);
	loop_free(world->loop);
	credentials_remove(world->folder);
	credential_free(&world->shown);
	free(world);
	return 0;
}

static void wait_for(struct talk *talk, unsigned interest)
{
	talk->turns++;
	stream_want(&talk->stream, interest);
	loop_run(talk->loop);
	stream_want(&talk->stream, 0);
}

static void dial(struct talk *talk, const struct world *world, uint16_t port)
{
	struct stream_peer peer = { .port = port };
	struct finding finding;

	*talk = (struct talk){ .loop = world->loop };
	assert_true(address_parse("127.0.0.1", &peer.address));
	assert_true(
		stream_open(&talk->stream, world->loop, &peer, &events, talk, &finding));
	loop_run(world->loop);
}

static void secure(struct talk *talk, const struct world *world)
{
	enum tls_progress progress;
	struct finding finding;

	assert_true(
		tls_open(&talk->session, world->trust, &talk->stream, HOST, &finding));
	while ((progress = tls_handshake(&talk->session)) != TLS_DONE) {
		assert_true(progress != TLS_FAILED);
		wait_for(talk, talk->session.wants);
	}
}

static void hang_up(struct talk *talk)
{
	tls_close(&talk->session);
	stream_close(&talk->stream);
}

/* As a kind must read: until -EAGAIN, and only then wait. \return of the last read */
static ssize_t read_on(struct talk *talk, char *text, size_t size, size_t *ret_length)
{
	size_t used = 0;
	ssize_t length;

	while ((length = tls_read(&talk->session, text + used, size - used)) != 0) {
		if (length > 0)
			used += (size_t)length;
		else if (length == -EAGAIN)
			wait_for(talk, talk->session.wants);
		else
			break;
		if (used == size)
			break;
	}
	*ret_length = used;
	return length;
}

static void write_all(struct talk *talk, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t taken = tls_write(&talk->session, data, length);

		if (taken == -EAGAIN) {
			wait_for(talk, talk->session.write_wants);
			continue;
		}
		assert_true(taken > 0);
		data += taken;
		length -= (size_t)taken;
	}
}

/* A real server, which turns each line round. */
static void speaks_with_openssl(void **state)
{
	static const char *const versions[] = { "-tls1_2", "-tls1_3" };
	const struct world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		const char *const arguments[] = { "-cert", world->path, "-key",
			world->path, "-rev", versions[i], NULL };
		struct tls_server server;
		struct talk talk;
		char text[64];
		size_t length;

		if (!tls_server_start(&server, arguments))
			skip();
		dial(&talk, world, server.port);
		secure(&talk, world);
		write_all(&talk, "OPTIONS\n", 8);
		assert_true(read_on(&talk, text, 8, &length) > 0);
		assert_memory_equal(text, "SNOITPO\n", 8);
		write_all(&talk, "CLOSE\n", 6);
		assert_int_equal(read_on(&talk, text, sizeof(text), &length), 0);
		assert_int_equal(length, 0);
		hang_up(&talk);
		tls_server_stop(&server);
	}
}

static void say_many(SSL *ssl)
{
	char request;

	SSL_read(ssl, &request, 1);
	tls_partner_say_records(ssl, "0123456789", 10, 50);
	/* then silence: only the client's leave ends it */
	SSL_read(ssl, &request, 1);
}

/*
 * Fifty records in one segment lie in OpenSSL after the first read: the socket will
 * never be ready for them again.
 */
static void what_lies_in_openssl_is_read(void **state)
{
	const struct world *world = *state;
	struct tls_partner partner;
	struct talk talk;
	char text[500];
	size_t length;

	tls_partner_init(&partner, &world->shown);
	partner.talk = say_many;
	tls_partner_start(&partner);
	dial(&talk, world, partner.port);
	secure(&talk, world);
	write_all(&talk, "?", 1);
	talk.turns = 0;
	assert_int_equal(read_on(&talk, text, sizeof(text), &length), 10);
	assert_int_equal(length, sizeof(text));
	assert_memory_equal(text + 490, "0123456789", 10);
	assert_true(talk.turns <= 3);
	assert_int_equal(tls_read(&talk.session, text, sizeof(text)), -EAGAIN);
	assert_int_equal(talk.session.wants, LOOP_READ);
	hang_up(&talk);
	tls_partner_stop(&partner);
}

static void say_and_end(SSL *ssl)
{
	tls_partner_say_records(ssl, "bye", 3, 1);
}

static void an_end_is_an_end_with_and_without_notice(void **state)
{
	const struct world *world = *state;

	for (unsigned rude = 0; rude <= 1; rude++) {
		struct tls_partner partner;
		struct talk talk;
		char text[64];
		size_t length;

		tls_partner_init(&partner, &world->shown);
		partner.talk = say_and_end;
		partner.rude = rude;
		tls_partner_start(&partner);
		dial(&talk, world, partner.port);
		secure(&talk, world);
		assert_int_equal(read_on(&talk, text, sizeof(text), &length), 0);
		assert_int_equal(length, 3);
		assert_int_equal(tls_read(&talk.session, text, sizeof(text)), 0);
		hang_up(&talk);
		tls_partner_stop(&partner);
	}
}

static void reset_peer(SSL *ssl)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void say_garbage(SSL *ssl)
{
	BIO_write(SSL_get_wbio(ssl), "HTTP/1.1 200 OK\r\n", 17);
	(void)BIO_flush(SSL_get_wbio(ssl));
}

static void say_broken_record(SSL *ssl)
{
	BIO_write(SSL_get_wbio(ssl),
		"\x17\x03\x03\x00\x20wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", 37);
	(void)BIO_flush(SSL_get_wbio(ssl));
}

static void a_broken_session_says_how(void **state)
{
	static const struct {
		void (*talk)(SSL *ssl);
		enum cause cause;
		bool rude;
	} rows[] = {
		{ reset_peer, CAUSE_RESET, true },
		{ say_garbage, CAUSE_GARBAGE, false },
		{ say_broken_record, CAUSE_GARBAGE, false },
	};
	const struct world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_partner partner;
		struct talk talk;
		char text[64];
		size_t length;

		tls_partner_init(&partner, &world->shown);
		partner.talk = rows[i].talk;
		partner.rude = rows[i].rude;
		tls_partner_start(&partner);
		dial(&talk, world, partner.port);
		secure(&talk, world);
		assert_true(read_on(&talk, text, sizeof(text), &length) < 0);
		assert_int_equal(length, 0);
		assert_true(talk.session.failed);
		if (talk.session.failure.cause != rows[i].cause)
			fail_msg(
				"row %zu: %s", i, cause_name(talk.session.failure.cause));
		hang_up(&talk);
		tls_partner_stop(&partner);
	}
}

/* TLS 1.3 refuses a client without certificate only after the client's own handshake. */
static void a_late_refusal_still_proves_the_service(void **state)
{
	const struct world *world = *state;
	const char *const arguments[] = { "-cert", world->path, "-key", world->path,
		"-rev", "-tls1_3", "-Verify", "1", NULL };
	struct tls_server server;
	struct talk talk;
	char text[8];
	size_t length;

	if (!tls_server_start(&server, arguments))
		skip();
	dial(&talk, world, server.port);
	secure(&talk, world);
	assert_true(read_on(&talk, text, sizeof(text), &length) < 0);
	assert_int_equal(talk.session.failure.cause, CAUSE_TLS_HANDSHAKE_FAILURE);
	assert_true(tls_only_wants_certificate(&talk.session.observer));
	hang_up(&talk);
	tls_server_stop(&server);
}

static void echo(SSL *ssl)
{
	char text[64];
	int length = SSL_read(ssl, text, sizeof(text));

	tls_partner_say_records(ssl, text, length, 1);
}

static void begins_in_the_middle_of_a_conversation(void **state)
{
	const struct world *world = *state;
	struct tls_partner partner;
	struct talk talk;
	char text[64];
	size_t length;
	ssize_t heard;

	tls_partner_init(&partner, &world->shown);
	partner.consent = "<proceed/>";
	partner.talk = echo;
	tls_partner_start(&partner);
	dial(&talk, world, partner.port);
	assert_int_equal(stream_write(&talk.stream, "<starttls/>", 11), 11);
	wait_for(&talk, LOOP_READ);
	heard = stream_read(&talk.stream, text, sizeof(text));
	assert_int_equal(heard, 10);
	secure(&talk, world);
	assert_int_equal(talk.session.observer.facts.trust.verdict, VERDICT_OK);
	write_all(&talk, "<stream>", 8);
	assert_int_equal(read_on(&talk, text, sizeof(text), &length), 0);
	assert_int_equal(length, 8);
	assert_memory_equal(text, "<stream>", 8);
	hang_up(&talk);
	tls_partner_stop(&partner);
}

static void swallow(SSL *ssl)
{
	char sink[16384];

	for (size_t seen = 0; seen < 8 * 1024 * 1024;) {
		int length = SSL_read(ssl, sink, sizeof(sink));

		if (length <= 0)
			return;
		seen += (size_t)length;
	}
	tls_partner_say_records(ssl, "all", 3, 1);
}

/* More than the buffers hold: what was refused is offered again from elsewhere. */
static void a_full_stream_is_waited_for(void **state)
{
	const struct world *world = *state;
	size_t size = 8 * 1024 * 1024;
	char *data = calloc(1, size);
	struct tls_partner partner;
	struct talk talk;
	char text[8];
	size_t length;

	assert_non_null(data);
	tls_partner_init(&partner, &world->shown);
	partner.talk = swallow;
	tls_partner_start(&partner);
	dial(&talk, world, partner.port);
	secure(&talk, world);
	write_all(&talk, data, size);
	assert_int_equal(read_on(&talk, text, sizeof(text), &length), 0);
	assert_memory_equal(text, "all", 3);
	hang_up(&talk);
	tls_partner_stop(&partner);
	free(data);
}

#define FLOOD_UPDATES 6000
#define FLOOD_OCTETS  (FLOOD_UPDATES * 27)

static void flood_with_key_updates(SSL *ssl)
{
	for (unsigned i = 0; i < FLOOD_UPDATES; i++) {
		SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
		if (SSL_do_handshake(ssl) != 1)
			return;
	}
	tls_partner_say_records(ssl, "at last", 7, 1);
}

static int octets_waiting(const struct talk *talk)
{
	int waiting = 0;

	ioctl(talk->stream.fd, FIONREAD, &waiting);
	return waiting;
}

/* OpenSSL would go on inside one call for as long as such records come. */
static void a_flood_gives_the_loop_its_turns(void **state)
{
	const struct world *world = *state;
	const int room = 2 * FLOOD_OCTETS;
	struct tls_partner partner;
	struct talk talk;
	char text[16];
	size_t length;

	tls_partner_init(&partner, &world->shown);
	SSL_CTX_set_min_proto_version(partner.context, TLS1_3_VERSION);
	partner.talk = flood_with_key_updates;
	tls_partner_start(&partner);
	dial(&talk, world, partner.port);
	setsockopt(talk.stream.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	secure(&talk, world);
	while (octets_waiting(&talk) < FLOOD_OCTETS - 32768)
		sched_yield();
	assert_int_equal(tls_read(&talk.session, text, sizeof(text)), -EAGAIN);
	assert_true(octets_waiting(&talk) > 0);
	assert_int_equal(read_on(&talk, text, sizeof(text), &length), 0);
	assert_int_equal(length, 7);
	hang_up(&talk);
	tls_partner_stop(&partner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_with_openssl),
		cmocka_unit_test(what_lies_in_openssl_is_read),
		cmocka_unit_test(an_end_is_an_end_with_and_without_notice),
		cmocka_unit_test(a_broken_session_says_how),
		cmocka_unit_test(a_late_refusal_still_proves_the_service),
		cmocka_unit_test(begins_in_the_middle_of_a_conversation),
		cmocka_unit_test(a_full_stream_is_waited_for),
		cmocka_unit_test(a_flood_gives_the_loop_its_turns),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
