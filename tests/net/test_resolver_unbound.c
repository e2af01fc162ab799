/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver against a real name server: unbound on a loopback port of its own. */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/dns_partner.h"

#define UNBOUND      "/usr/sbin/unbound"
#define MANY         60 /* addresses: more than fit into 512 octets */
#define EXIT_SKIPPED 77

static const char config[] = "server:\n"
			     "  interface: 127.0.0.1\n"
			     "  port: %u\n"
			     "  username: \"\"\n"
			     "  chroot: \"\"\n"
			     "  directory: \"%s\"\n"
			     "  pidfile: \"\"\n"
			     "  use-syslog: no\n"
			     "  verbosity: 1\n"
			     "  module-config: \"iterator\"\n"
			     "  do-not-query-localhost: no\n"
			     "  local-zone: \"refused.\" refuse\n"
			     "stub-zone:\n"
			     "  name: \"broken.\"\n"
			     "  stub-addr: 127.0.0.1@%u\n"
			     "auth-zone:\n"
			     "  name: \"zone.\"\n"
			     "  zonefile: \"zone\"\n"
			     "  for-downstream: yes\n"
			     "  for-upstream: yes\n";

static const char zone[] = "$ORIGIN zone.\n"
			   "$TTL 60\n"
			   "@ IN SOA ns h 1 3600 600 86400 60\n"
			   "@ IN NS ns\n"
			   "ns IN A 192.0.2.53\n"
			   "both IN A 192.0.2.1\n"
			   "both IN AAAA 2001:db8::1\n"
			   "alias IN CNAME both\n"
			   "first IN CNAME second\n"
			   "second IN CNAME first\n"
			   "dangling IN CNAME gone\n";

struct row {
	const char *name;
	enum family family;
	enum cause cause;
	size_t count, total;
	const char *address;
};

static const struct row rows[] = {
	{ "both.zone", FAMILY_IPV4, CAUSE_NONE, 1, 1, "192.0.2.1" },
	{ "Both.ZONE.", FAMILY_IPV6, CAUSE_NONE, 1, 1, "2001:db8::1" },
	{ "alias.zone", FAMILY_IPV4, CAUSE_NONE, 1, 1, "192.0.2.1" },
	{ "alias.zone", FAMILY_IPV6, CAUSE_NONE, 1, 1, "2001:db8::1" },
	{ "many.zone", FAMILY_IPV4, CAUSE_NONE, 8, MANY, NULL }, /* by TCP */
	{ "none.zone", FAMILY_IPV4, CAUSE_DNS_NXDOMAIN, 0, 0, NULL },
	{ "ns.zone", FAMILY_IPV6, CAUSE_DNS_NODATA, 0, 0, NULL },
	{ "dangling.zone", FAMILY_IPV4, CAUSE_DNS_NODATA, 0, 0, NULL },
	{ "first.zone", FAMILY_IPV4, CAUSE_DNS_CNAME_LOOP, 0, 0, NULL },
	{ "x.refused", FAMILY_IPV4, CAUSE_DNS_REFUSED, 0, 0, NULL },
	{ "x.broken", FAMILY_IPV4, CAUSE_DNS_SERVFAIL, 0, 0, NULL },
};

static struct {
	char directory[32];
	struct loop *loop;
	struct partner broken; /* an upstream server that refuses: unbound's SERVFAIL */
	struct resolver_server server;
	pid_t pid;
} world;

static void answer_refused(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_refused);
}

static uint16_t free_port(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&here, length), 0);
	getsockname(fd, (struct sockaddr *)&here, &length);
	close(fd);
	return ntohs(here.sin_port);
}

static FILE *create(const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world.directory, name);
	file = fopen(path, "we");
	assert_non_null(file);
	return file;
}

static void write_files(void)
{
	FILE *file = create("conf");

	fprintf(file, config, world.server.port, world.directory,
		world.broken.server.port);
	fclose(file);
	file = create("zone");
	fputs(zone, file);
	for (int i = 1; i <= MANY; i++)
		fprintf(file, "many IN A 192.0.2.%d\n", i);
	fclose(file);
}

/* Its log says when it serves. */
static void await_start(int log)
{
	char line[256];
	FILE *stream = fdopen(log, "r");

	assert_non_null(stream);
	do {
		assert_non_null(fgets(line, sizeof(line), stream));
	} while (!strstr(line, "start of service"));
	fclose(stream);
}

static void start_unbound(void)
{
	char path[64];
	int log[2];

	snprintf(path, sizeof(path), "%s/conf", world.directory);
	assert_int_equal(pipe(log), 0);
	world.pid = fork();
	if (world.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(log[1], STDERR_FILENO);
		close(log[0]);
		close(log[1]);
		execl(UNBOUND, "unbound", "-dd", "-c", path, (char *)NULL);
		_exit(EXIT_SKIPPED);
	}
	close(log[1]);
	await_start(log[0]);
}

static int begin(void **state)
{
	(void)state;
	snprintf(world.directory, sizeof(world.directory), "/tmp/unbound.XXXXXX");
	assert_non_null(mkdtemp(world.directory));
	assert_int_equal(loop_new(&world.loop), 0);
	partner_open(&world.broken, world.loop, answer_refused);
	address_parse("127.0.0.1", &world.server.address);
	world.server.port = free_port();
	write_files();
	start_unbound();
	return 0;
}

static int remove_one(
	const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	kill(world.pid, SIGTERM);
	waitpid(world.pid, NULL, 0);
	partner_close(&world.broken);
	loop_free(world.loop);
	return nftw(world.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void check(const struct row *row, const struct resolution *resolution)
{
	const struct evidence *evidence = &resolution->finding.evidence;
	struct address expected;

	print_message("[   row    ] %s %s\n", row->name, family_name(row->family));
	assert_string_equal(
		cause_name(resolution->finding.cause), cause_name(row->cause));
	assert_int_equal(resolution->count, row->count);
	assert_int_equal(resolution->total, row->total);
	if (row->address) {
		assert_true(address_parse(row->address, &expected));
		assert_true(address_equal(&resolution->addresses[0], &expected));
	}
	if (row->cause != CAUSE_NONE) {
		assert_int_equal(evidence->kind, EVIDENCE_DNS_RCODE);
		assert_true(address_equal(&evidence->offender, &world.server.address));
	}
}

static void test_names(void **state)
{
	struct resolver *resolver;

	(void)state;
	assert_int_equal(resolver_new(world.loop, &world.server, 1, &resolver), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct resolution resolution =
			asker_wait(world.loop, resolver, rows[i].name, rows[i].family);

		check(&rows[i], &resolution);
	}
	resolver_free(resolver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	if (access(UNBOUND, X_OK) != 0) {
		puts("skipped: unbound is not installed");
		return EXIT_SKIPPED;
	}
	return cmocka_run_group_tests_name("resolver with unbound", tests, begin, end);
}
