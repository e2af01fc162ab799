/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU of this process per lookup, the name server in another: `meson test --benchmark`.
 * Uncached names one after the other (a socket each, as c-ares closes idle ones), then
 * many in flight, then one name from the cache.
 */
#include <arpa/nameser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/dns_partner.h"

#define LOOKUPS   4000 /* fewer than the cache holds: nothing is evicted */
#define IN_FLIGHT 64

struct lane {
	struct lookup lookup;
	struct bench *bench;
};

struct bench {
	struct loop *loop;
	struct resolver *resolver;
	struct lane lanes[IN_FLIGHT];
	unsigned asked, told;
	bool same_name;
};

static void answer(
	struct partner *partner, const struct message *question, struct message *reply)
{
	(void)partner;
	message_answer(reply, question, ns_r_noerror);
	message_address(reply, "192.0.2.7", 60);
}

static void told(void *context, const struct resolution *resolution);

static void ask(struct lane *lane)
{
	struct bench *bench = lane->bench;
	char name[32];

	if (bench->asked >= LOOKUPS)
		return;
	snprintf(name, sizeof(name), "name-%u.test", bench->same_name ? 0 : bench->asked);
	bench->asked++;
	resolver_lookup(bench->resolver, name, FAMILY_IPV4, &lane->lookup, told, lane);
}

static void told(void *context, const struct resolution *resolution)
{
	struct lane *lane = context;

	if (resolution->finding.verdict != VERDICT_OK)
		exit(EXIT_FAILURE);
	if (++lane->bench->told == LOOKUPS)
		loop_stop(lane->bench->loop);
	ask(lane);
}

static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void measure(const char *what, struct loop *loop,
	const struct resolver_server *server, unsigned lanes, bool same_name)
{
	struct bench bench = { .loop = loop, .same_name = same_name };
	double began;

	if (resolver_new(loop, server, 1, &bench.resolver) < 0)
		exit(EXIT_FAILURE);
	began = cpu_us();
	for (unsigned i = 0; i < lanes; i++) {
		bench.lanes[i].bench = &bench;
		ask(&bench.lanes[i]);
	}
	loop_run(loop);
	printf("%-28s %6.2f us CPU a lookup\n", what, (cpu_us() - began) / LOOKUPS);
	resolver_free(bench.resolver);
}

int main(void)
{
	struct partner partner;
	struct loop *loop;
	pid_t server;

	if (loop_new(&loop) < 0)
		return EXIT_FAILURE;
	partner_open(&partner, loop, answer);
	loop_watch_done(&partner.watch);
	server = fork();
	if (server == 0) {
		struct loop *own;

		/* fork() shares the epoll set: the child serves by one of its own */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (loop_new(&own) < 0)
			_exit(EXIT_FAILURE);
		partner_serve(&partner, own);
		loop_run(own);
	}
	measure("uncached, one at a time", loop, &partner.server, 1, false);
	measure("uncached, 64 in flight", loop, &partner.server, IN_FLIGHT, false);
	measure("cached", loop, &partner.server, 1, true);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(partner.fd);
	loop_free(loop);
	return EXIT_SUCCESS;
}
