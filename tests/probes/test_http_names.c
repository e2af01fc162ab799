/* SPDX-License-Identifier: Apache-2.0 */
/* Redirects to other names: each hop by the run's own resolver, one at a time. */
#include <arpa/nameser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/dns_partner.h"
#include "net/http_partner.h"
#include "net/transfer.h"
#include "probes/harness.h"
#include "probes/probe_kinds.h"

struct world {
	struct harness harness;
	struct partner names;
	struct resolver *resolver;
	struct http_partner first, second;
	struct http_script redirects;
	char says[256];
};

static void lead_home(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_noerror);
	message_address(answer, "127.0.0.1", 60);
}

static void deny(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	message_answer(answer, question, ns_r_nxdomain);
}

static void stay_silent(
	struct partner *partner, const struct message *question, struct message *answer)
{
	(void)partner;
	(void)question;
	answer->length = 0;
}

static const struct http_script page = {
	.say = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhome"
};

/* first sends everybody to other.test, which is second */
static void world_open(struct world *world, partner_fn behave)
{
	*world = (struct world){ 0 };
	harness_open(&world->harness);
	partner_open(&world->names, world->harness.loop, behave);
	assert_int_equal(resolver_new(world->harness.loop, &world->names.server, 1,
				 &world->resolver),
		0);
	assert_int_equal(transfers_new(world->harness.loop, NULL,
				 &world->harness.services.transfers),
		0);
	http_partner_start(&world->second, &page);
	snprintf(world->says, sizeof(world->says),
		"HTTP/1.1 302 Found\r\nLocation: http://other.test:%u/there\r\n"
		"Content-Length: 0\r\n\r\n",
		world->second.port);
	world->redirects.say = world->says;
	http_partner_start(&world->first, &world->redirects);
}

static void world_close(struct world *world)
{
	http_partner_stop(&world->first);
	http_partner_stop(&world->second);
	transfers_free(world->harness.services.transfers);
	resolver_free(world->resolver);
	partner_close(&world->names);
	harness_close(&world->harness);
}

static struct verdict_of_trial run(struct world *world, const struct trial *what)
{
	static const char *const options[] = { "redirects", "2", NULL };
	struct trial trial = *what;

	trial.kind = probe_http();
	trial.host = "pbx.test";
	trial.port = world->first.port;
	trial.resolver = world->resolver;
	trial.options = options;
	return harness_try(&world->harness, &trial);
}

static void test_hop_is_resolved(void **state)
{
	struct verdict_of_trial verdict;
	struct world world;
	char host[64];

	(void)state;
	world_open(&world, lead_home);
	verdict = run(&world, &(struct trial){ 0 });
	assert_int_equal(verdict.outcome.finding.verdict, VERDICT_OK);
	assert_int_equal(world.names.questions, 1);
	assert_memory_equal(world.second.heard, "GET /there HTTP/1.1\r\n", 21);
	snprintf(host, sizeof(host), "\r\nHost: other.test:%u\r\n", world.second.port);
	assert_non_null(strstr(world.second.heard, host));
	/* the run is about the address that was asked first */
	assert_int_equal(verdict.outcome.port, world.first.port);
	world_close(&world);
}

static void test_unknown_name_is_theirs(void **state)
{
	struct verdict_of_trial verdict;
	struct world world;

	(void)state;
	world_open(&world, deny);
	verdict = run(&world, &(struct trial){ 0 });
	assert_int_equal(verdict.outcome.finding.verdict, VERDICT_FAILED);
	assert_int_equal(verdict.outcome.finding.cause, CAUSE_DNS_NXDOMAIN);
	assert_int_equal(verdict.outcome.phase, PHASE_RESOLVE);
	assert_int_equal(world.second.served, 0);
	world_close(&world);
}

static void test_silent_name_server_is_ours(void **state)
{
	struct verdict_of_trial verdict;
	struct world world;

	(void)state;
	world_open(&world, stay_silent);
	verdict = run(&world, &(struct trial){ .timeout_us = 100 * MILLISECOND });
	assert_true(verdict.by_deadline);
	assert_int_equal(verdict.outcome.finding.verdict, VERDICT_UNKNOWN);
	assert_int_equal(verdict.outcome.finding.cause, CAUSE_DNS_TIMEOUT);
	assert_int_equal(verdict.outcome.phase, PHASE_RESOLVE);
	world_close(&world);
}

static void test_stops_while_resolving(void **state)
{
	struct verdict_of_trial verdict;
	struct world world;

	(void)state;
	world_open(&world, stay_silent);
	verdict = run(&world,
		&(struct trial){ .abandon = true, .abandon_after_us = 20 * MILLISECOND });
	assert_int_equal(verdict.finishes, 0);
	harness_turn(&world.harness, 5 * MILLISECOND);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hop_is_resolved),
		cmocka_unit_test(test_unknown_name_is_theirs),
		cmocka_unit_test(test_silent_name_server_is_ours),
		cmocka_unit_test(test_stops_while_resolving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
