/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation, and every socket, connection and poll, of a daemon's life fails once:
 * an engine is made, each kind of probe asks a healthy partner, another plan is adopted,
 * the reports are written and served. Nothing crashes or hangs, and no partner is blamed;
 * that nothing leaks is for the sanitizers and valgrind to say.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "net/credentials.h"
#include "net/partner.h"
#include "net/transfer.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"
#include "program/failing.h"
#include "report/json.h"
#include "report/metrics.h"
#include "report/page.h"
#include "web/web.h"

#define STEPS_MAX 5000

/* More than a run's deadline, less than patience. */
#define BELT (5 * SECOND)

enum server {
	SERVER_UDP,
	SERVER_TCP,
	SERVER_HTTP,
	SERVER_TLS,
	SERVER_SWEPT,
	SERVER_COUNT
};

struct row {
	const struct probe_kind *(*kind)(void);
	enum server server;
	const char *options[3];
};

static const struct row rows[] = {
	{ probe_tcp, SERVER_TCP, { NULL } },
	{ probe_tls, SERVER_TLS, { "trust", "any" } },
	{ probe_tls_versions, SERVER_SWEPT, { NULL } },
	{ probe_http, SERVER_HTTP, { NULL } },
	{ probe_dns, SERVER_UDP, { NULL } },
	{ probe_ntp, SERVER_UDP, { NULL } },
	{ probe_udp, SERVER_UDP, { "payload", "hello" } },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static struct world {
	struct harness harness;
	struct tls_trust *trust;
	struct transfers *transfers;
	struct loop_watch udp;
	int udp_fd;
	struct partner tcp, http;
	struct tls_server tls, swept; /* s_server has time for one at a time */
	uint16_t ports[SERVER_COUNT];
	char folder[64];
	struct resolver_server name_server;
	struct site site;
	struct requirement requirements[ROWS];
	struct check checks[ROWS];
	char identities[ROWS][32];
	struct plan plan, shorter;
	struct engine *engine;
	struct loop_timer belt;
} world;

static size_t answer_dns(uint8_t *message, size_t length)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4 };
	/* the resolver asks for the partners, the probe for somebody else */
	bool is_partner = memcmp(message + 13, "pbx", 3) == 0;
	const uint8_t address[] = { is_partner ? 127 : 192, 0, is_partner ? 0 : 2, 1 };

	message[2] |= 0x80;
	message[7] = 1;
	memcpy(message + length, record, sizeof(record));
	memcpy(message + length + sizeof(record), address, sizeof(address));
	return length + sizeof(record) + sizeof(address);
}

static size_t answer_ntp(uint8_t *message, size_t length)
{
	uint32_t now = htonl((uint32_t)(time(NULL) + 2208988800));

	memcpy(message + 24, message + 40, 8);
	message[0] = 0x24;
	message[1] = 2;
	memcpy(message + 12, "\x7f\0\0\1", 4);
	memcpy(message + 16, &now, 4);
	memcpy(message + 32, &now, 4);
	memcpy(message + 40, &now, 4);
	return length;
}

/* Name server, time server and echo in one, told apart by what comes. */
static void udp_came(void *context, unsigned ready)
{
	uint8_t message[512];
	struct sockaddr_storage from;
	socklen_t from_length = sizeof(from);
	ssize_t came = recvfrom(
		world.udp_fd, message, 256, 0, (struct sockaddr *)&from, &from_length);
	size_t length = (size_t)came;

	(void)context;
	(void)ready;
	if (came < 0)
		return;
	if (length == 48)
		length = answer_ntp(message, length);
	else if (length > 20)
		length = answer_dns(message, length);
	sendto(world.udp_fd, message, length, 0, (struct sockaddr *)&from, from_length);
}

static void open_udp(void)
{
	struct sockaddr_storage here;
	socklen_t length;

	assert_true(address_parse("127.0.0.1", &world.name_server.address));
	length = address_to_socket(&world.name_server.address, 0, &here);
	world.udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(world.udp_fd, (struct sockaddr *)&here, length), 0);
	getsockname(world.udp_fd, (struct sockaddr *)&here, &length);
	address_from_socket((struct sockaddr *)&here, &world.name_server.address,
		&world.name_server.port);
	loop_watch_init(&world.udp, world.harness.loop, udp_came, NULL);
	loop_watch_set(&world.udp, world.udp_fd, LOOP_READ);
	world.ports[SERVER_UDP] = world.name_server.port;
}

static void open_tls(void)
{
	static const struct credential_spec spec = { .name = "pbx" };
	struct credential credential = credential_make(&spec, NULL);
	char path[128];
	const char *arguments[] = { "-cert", path, "-key", path, NULL };

	credentials_folder(world.folder);
	snprintf(path, sizeof(path), "%s/pbx.pem", world.folder);
	credential_write(&credential, path, true);
	credential_free(&credential);
	assert_int_equal(tls_trust_new(path, &world.trust), 0);
	if (!tls_server_start(&world.tls, arguments) ||
		!tls_server_start(&world.swept, arguments))
		skip();
	world.ports[SERVER_TLS] = world.tls.port;
	world.ports[SERVER_SWEPT] = world.swept.port;
}

static void open_servers(void)
{
	static const char page[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	struct loop *loop = world.harness.loop;

	open_udp();
	open_tls();
	partner_open(&world.tcp, loop, NULL, MANNER_SILENT, NULL, 0);
	partner_open(&world.http, loop, NULL, MANNER_ANSWERS, page, sizeof(page) - 1);
	world.ports[SERVER_TCP] = world.tcp.port;
	world.ports[SERVER_HTTP] = world.http.port;
}

static void make_check(size_t i)
{
	const struct probe_kind *kind = rows[i].kind();

	snprintf(world.identities[i], sizeof(world.identities[i]), "hq/%s", kind->name);
	world.requirements[i] = (struct requirement){ .id = kind->name,
		.feature = "apps",
		.host = "pbx.test",
		.protocol = kind->name,
		.breaks = { "nothing", "nichts" },
		.source = "here",
		.kind = kind,
		.options = harness_options(kind, rows[i].options),
		.interval_us = MINUTE,
		.confirm_interval_us = 5 * SECOND,
		.timeout_us = 4 * SECOND,
		.confirm = 2 };
	world.checks[i] = (struct check){ .identity = world.identities[i],
		.hash = i,
		.site = &world.site,
		.requirement = &world.requirements[i],
		.host = "pbx.test",
		.port = world.ports[rows[i].server],
		.target = "pbx.test",
		.family = FAMILY_IPV4 };
}

static int begin(void **state)
{
	(void)state;
	harness_open(&world.harness);
	open_servers();
	assert_int_equal(
		transfers_new(world.harness.loop, world.trust, &world.transfers), 0);
	world.harness.services.trust = world.trust;
	world.harness.services.transfers = world.transfers;
	world.site = (struct site){
		.name = "hq", .name_servers = &world.name_server, .name_server_count = 1
	};
	for (size_t i = 0; i < ROWS; i++)
		make_check(i);
	world.plan = (struct plan){ world.requirements, ROWS, &world.site, 1,
		world.checks, ROWS };
	world.shorter = (struct plan){ world.requirements, ROWS - 1, &world.site, 1,
		world.checks, ROWS - 1 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		harness_options_free(
			rows[i].kind(), (void *)world.requirements[i].options);
	transfers_free(world.transfers);
	tls_trust_free(world.trust);
	tls_server_stop(&world.tls);
	tls_server_stop(&world.swept);
	partner_close(&world.tcp);
	partner_close(&world.http);
	loop_watch_done(&world.udp);
	close(world.udp_fd);
	harness_close(&world.harness);
	credentials_remove(world.folder);
	return 0;
}

static void belt_torn(void *context)
{
	(void)context;
	fail_msg("somebody waits for ever");
}

/* Turns the loop until it is stopped, but not for ever. */
static void turn(void)
{
	struct loop *loop = world.harness.loop;

	loop_timer_init(&world.belt, loop, LOOP_PRIORITY_ANSWER, belt_torn, NULL);
	loop_timer_set(&world.belt, BELT);
	assert_int_equal(loop_run(loop), 0);
	loop_timer_done(&world.belt);
}

static void all_run(void *context)
{
	(void)context;
	loop_stop(world.harness.loop);
}

/* \return how many went wrong, for reasons of our own all */
static unsigned check_records(void)
{
	const struct store *store = engine_store(world.engine);
	unsigned troubled = 0;

	for (size_t i = 0; i < store_size(store); i++) {
		const struct record *record = store_record(store, i);
		const struct finding *finding = &record->last.finding;

		assert_int_equal(record->runs, 1);
		if (finding->verdict == VERDICT_OK)
			continue;
		troubled++;
		if (finding->verdict != VERDICT_UNKNOWN)
			fail_msg("%s: %s %s", record->check->identity,
				verdict_name(finding->verdict),
				cause_name(finding->cause));
	}
	return troubled;
}

static struct report_source source_now(void)
{
	return (struct report_source){ .store = engine_store(world.engine),
		.kinds = probe_kinds(),
		.engine = engine_statistics(world.engine),
		.version = "1",
		.revision = "r",
		.now_wall_us = clock_wall_us() };
}

static void write_all(struct text texts[4])
{
	struct report_source source = source_now();

	metrics_write(&source, EXPOSITION_TEXT, &texts[0]);
	metrics_write(&source, EXPOSITION_OPENMETRICS, &texts[1]);
	json_status(&source, LANGUAGE_EN, &texts[2]);
	page_write(&source, LANGUAGE_DE, &texts[3]);
}

/* A report is whole, or says that it is not. */
static void check_reports(void)
{
	struct text texts[4] = { 0 };

	write_all(texts);
	for (size_t i = 0; i < 4; i++) {
		assert_true(text_failed(&texts[i]) || texts[i].length > 100);
		text_done(&texts[i]);
	}
}

static void serve_metrics(
	void *context, struct web_request *request, struct web_response *response)
{
	struct report_source source = source_now();

	(void)context;
	(void)request;
	metrics_write(&source, EXPOSITION_TEXT, &response->body);
}

struct client {
	struct loop_watch watch;
	int fd;
	char answer[64]; /* how it begins */
	size_t length;
};

static void client_ready(void *context, unsigned ready)
{
	struct client *client = context;
	char octets[4096];
	ssize_t length = read(client->fd, octets, sizeof(octets));

	(void)ready;
	if (length <= 0) {
		loop_stop(world.harness.loop);
		return;
	}
	for (ssize_t i = 0; i < length && client->length + 1 < sizeof(client->answer);
		i++)
		client->answer[client->length++] = octets[i];
}

/* The kernel takes the connection and the request before anybody accepts. */
static void client_open(struct client *client, uint16_t port)
{
	static const char request[] =
		"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct sockaddr_in there = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*client = (struct client){ .fd = (int)syscall(
					   SYS_socket, AF_INET, SOCK_STREAM, 0) };
	assert_int_equal(syscall(SYS_connect, client->fd, &there, sizeof(there)), 0);
	assert_int_equal(
		write(client->fd, request, sizeof(request) - 1), sizeof(request) - 1);
	loop_watch_init(&client->watch, world.harness.loop, client_ready, client);
	loop_watch_set(&client->watch, client->fd, LOOP_READ);
}

/* A request is answered, refused with a status, or its connection is closed. */
static void check_web(void)
{
	const struct web_route route = {
		.method = WEB_GET, .path = "/metrics", .handle = serve_metrics
	};
	struct text error = { 0 };
	struct client client;
	struct web *web = NULL;

	if (web_new(world.harness.loop, &route, 1, NULL, &web) < 0)
		return;
	if (web_listen(web, "127.0.0.1:0", &error) == 0) {
		client_open(&client, web_port(web, 0));
		turn();
		assert_true(client.length == 0 ||
			strncmp(client.answer, "HTTP/1.1 200", 12) == 0 ||
			strncmp(client.answer, "HTTP/1.1 50", 11) == 0);
		loop_watch_done(&client.watch);
		close(client.fd);
	}
	text_done(&error);
	web_free(web);
}

/* \return checks that ended for want of something of our own */
static unsigned live_once(void)
{
	static const struct engine_limits limits = { 16, 8, 1 };
	struct engine_settings settings = { .services = &world.harness.services,
		.limits = limits };
	unsigned troubled;

	world.engine = NULL;
	if (engine_new(&settings, &world.plan, &world.engine) < 0) {
		assert_null(world.engine);
		return 0;
	}
	engine_run_once(world.engine, all_run, NULL);
	turn();
	troubled = check_records();
	check_reports();
	if (engine_adopt(world.engine, &world.shorter, &limits) == 0)
		assert_int_equal(store_size(engine_store(world.engine)), ROWS - 1);
	else
		assert_int_equal(store_size(engine_store(world.engine)), ROWS);
	check_reports();
	check_web();
	engine_free(world.engine);
	return troubled;
}

static void each_fails_once(enum fault fault, int at_least)
{
	unsigned troubled = 0;
	int step = 0;

	assert_int_equal(live_once(), 0); /* all partners are healthy */
	for (; step < STEPS_MAX; step++) {
		failing_after(fault, step);
		troubled += live_once();
		if (failing_is_due(fault))
			break; /* all have failed in their turn */
	}
	failing_after(fault, -1);
	print_message("[   note   ] %d failed in turn, %u checks ended for it\n", step,
		troubled);
	assert_in_range(step, at_least, STEPS_MAX - 1);
	assert_int_equal(live_once(), 0);
}

static void every_allocation(void **state)
{
	(void)state;
	each_fails_once(FAULT_MEMORY, 50);
}

static void every_socket(void **state)
{
	(void)state;
	each_fails_once(FAULT_SOCKET, ROWS);
}

static void every_connect(void **state)
{
	(void)state;
	each_fails_once(FAULT_CONNECT, 3);
}

static void every_watch(void **state)
{
	(void)state;
	each_fails_once(FAULT_POLL, ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation),
		cmocka_unit_test(every_socket),
		cmocka_unit_test(every_connect),
		cmocka_unit_test(every_watch),
	};

	failing_init();
	return cmocka_run_group_tests_name("failures", tests, begin, end);
}
