/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the resolver beside causes: literals, waiters, cache, failover, own
 * trouble. The clock is a fake one, so that a TTL passes at once; the loop and c-ares are
 * real.
 */
#include <arpa/nameser.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake/fake.h"
#include "net/dns_partner.h"

static struct loop *loop;
static struct partner partner;
static struct resolver *resolver;
static uint32_t ttl = 60;

static void behave(
	struct partner *who, const struct message *question, struct message *answer)
{
	(void)who;
	message_answer(answer, question, ns_r_noerror);
	message_address(answer, "192.0.2.7", ttl);
}

static void behave_nxdomain(
	struct partner *who, const struct message *question, struct message *answer)
{
	(void)who;
	message_answer(answer, question, ns_r_nxdomain);
}

static void behave_silent(
	struct partner *who, const struct message *question, struct message *answer)
{
	(void)who;
	(void)question;
	(void)answer;
}

static int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static int begin(void **state)
{
	(void)state;
	fake_clock_reset();
	ttl = 60;
	assert_int_equal(loop_new(&loop), 0);
	partner_open(&partner, loop, behave);
	return resolver_new(loop, &partner.server, 1, &resolver);
}

static int end(void **state)
{
	(void)state;
	resolver_free(resolver);
	partner_close(&partner);
	loop_free(loop);
	return 0;
}

static enum cause cause_of(const char *name, enum family family)
{
	return asker_wait(loop, resolver, name, family).finding.cause;
}

/* Turns the loop until what was asked before is told. */
static void await(struct asker *asker)
{
	asker->stops_loop = true;
	while (asker->told == 0)
		loop_run(loop);
}

static void test_literals_are_never_asked_for(void **state)
{
	static const char *const literals[] = { "127.0.0.1", "192.0.2.1", "::1",
		"[2001:db8::1]" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		enum family own = i < 2 ? FAMILY_IPV4 : FAMILY_IPV6;
		enum family other = i < 2 ? FAMILY_IPV6 : FAMILY_IPV4;
		struct resolution found = asker_wait(loop, resolver, literals[i], own);

		assert_int_equal(found.finding.verdict, VERDICT_OK);
		assert_int_equal(found.count, 1);
		assert_int_equal(found.addresses[0].family, own);
		assert_int_equal(cause_of(literals[i], other), CAUSE_DNS_NODATA);
	}
	assert_int_equal(partner.questions, 0);
	assert_int_equal(resolver_statistics(resolver).queries, 0);
}

/* Whose link is gone is no name that does not exist. */
static void test_literal_of_a_missing_link(void **state)
{
	struct resolution found;

	(void)state;
	found = asker_wait(loop, resolver, "fe80::1%nosuchlink", FAMILY_IPV6);
	assert_int_equal(found.finding.cause, CAUSE_LOCAL_LINK_DOWN);
	assert_int_equal(found.finding.verdict, VERDICT_UNKNOWN);
	assert_string_equal(found.finding.evidence.detail, "fe80::1%nosuchlink");
	assert_int_equal(found.count, 0);
	assert_int_equal(cause_of("fe80::1%nosuchlink", FAMILY_IPV4), CAUSE_DNS_NODATA);
	assert_int_equal(partner.questions, 0);
}

static void test_impossible_names_are_never_asked_for(void **state)
{
	char long_label[80], long_name[300];
	const char *const names[] = { "", ".", "a..b", ".a", "a b", "a\\.b", "a/b",
		"b\xc3\xbc"
		"ro",
		"a.b..", long_label, long_name, "hidden.onion" };

	(void)state;
	memset(long_label, 'a', 64);
	long_label[64] = '\0';
	for (size_t i = 0; i < sizeof(long_name); i++)
		long_name[i] = i % 50 == 49 ? '.' : 'a';
	long_name[254] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(cause_of(names[i], FAMILY_IPV4), CAUSE_DNS_NXDOMAIN);
	assert_int_equal(partner.questions, 0);
	long_label[63] = long_name[253] = '\0';
	assert_int_equal(cause_of(long_label, FAMILY_IPV4), CAUSE_NONE);
	assert_int_equal(cause_of(long_name, FAMILY_IPV4), CAUSE_NONE);
	assert_int_equal(partner.questions, 2);
}

static void test_equal_names_are_asked_once(void **state)
{
	static const char *const spellings[] = { "a.test", "A.Test", "a.test." };
	struct asker askers[3], other;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		asker_ask(&askers[i], loop, resolver, spellings[i], FAMILY_IPV4);
	asker_ask(&other, loop, resolver, "b.test", FAMILY_IPV4);
	for (size_t i = 0; i < 3; i++)
		await(&askers[i]);
	await(&other);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(askers[i].told, 1);
	assert_int_equal(partner.questions, 2);
	assert_int_equal(resolver_statistics(resolver).coalesced, 2);
}

/* There is no cancelling one query of c-ares: it ends alone and fills the cache. */
static void test_waiters_leave(void **state)
{
	struct asker gone, stays;

	(void)state;
	asker_ask(&gone, loop, resolver, "a.test", FAMILY_IPV4);
	asker_ask(&stays, loop, resolver, "b.test", FAMILY_IPV4);
	lookup_cancel(&gone.lookup);
	lookup_cancel(&gone.lookup);
	await(&stays);
	assert_int_equal(gone.told, 0);
	assert_int_equal(cause_of("a.test", FAMILY_IPV4), CAUSE_NONE);
	assert_int_equal(partner.questions, 2);
	assert_int_equal(resolver_statistics(resolver).cache_hits, 1);
	asker_ask(&gone, loop, resolver, "a.test", FAMILY_IPV4); /* known, not yet told */
	lookup_cancel(&gone.lookup);
	asker_ask(&stays, loop, resolver, "b.test", FAMILY_IPV4);
	await(&stays);
	assert_int_equal(gone.told, 0);
}

struct chain {
	struct asker next;
	struct asker *victim;
	struct lookup lookup;
	bool told;
};

static void ask_again(void *context, const struct resolution *resolution)
{
	struct chain *chain = context;

	(void)resolution;
	chain->told = true;
	lookup_cancel(&chain->victim->lookup);
	asker_ask(&chain->next, loop, resolver, "a.test", FAMILY_IPV4);
	assert_int_equal(chain->next.told, 0);
}

static void test_waiters_ask_and_cancel_while_told(void **state)
{
	struct asker victim;
	struct chain chain = { .victim = &victim };

	(void)state;
	/* last come is told first */
	asker_ask(&victim, loop, resolver, "a.test", FAMILY_IPV4);
	resolver_lookup(
		resolver, "a.test", FAMILY_IPV4, &chain.lookup, ask_again, &chain);
	while (!chain.told || chain.next.told == 0) {
		if (chain.told)
			chain.next.stops_loop = true;
		else
			assert_int_equal(cause_of("a.test", FAMILY_IPV4), CAUSE_NONE);
		if (chain.next.stops_loop && chain.next.told == 0)
			loop_run(loop);
	}
	assert_int_equal(victim.told, 0);
	assert_int_equal(partner.questions, 1);
}

static void check_lifetime(uint32_t seconds, int64_t fresh_us)
{
	unsigned before;

	ttl = seconds;
	resolver_free(resolver);
	assert_int_equal(resolver_new(loop, &partner.server, 1, &resolver), 0);
	cause_of("a.test", FAMILY_IPV4);
	before = partner.questions;
	fake_clock_advance(fresh_us - 1);
	cause_of("a.test", FAMILY_IPV4);
	assert_int_equal(partner.questions, before);
	fake_clock_advance(1);
	cause_of("a.test", FAMILY_IPV4);
	assert_int_equal(partner.questions, before + 1);
}

static void test_answers_live_by_ttl_within_bounds(void **state)
{
	(void)state;
	check_lifetime(60, 60 * SECOND);
	check_lifetime(0, 5 * SECOND);
	check_lifetime(86400, 60 * MINUTE);
	check_lifetime(UINT32_MAX, 5 * SECOND); /* the top bit set means 0 */
}

/* Or one answer would confirm itself. */
static void test_failures_are_asked_again(void **state)
{
	(void)state;
	partner.behave = behave_nxdomain;
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(cause_of("a.test", FAMILY_IPV4), CAUSE_DNS_NXDOMAIN);
		assert_int_equal(partner.questions, i);
	}
	partner.behave = behave;
	assert_int_equal(cause_of("a.test", FAMILY_IPV4), CAUSE_NONE);
}

static void test_free_tells_who_waits(void **state)
{
	struct asker askers[3];
	int before = count_descriptors();

	(void)state;
	partner.behave = behave_silent;
	asker_ask(&askers[0], loop, resolver, "a.test", FAMILY_IPV4);
	asker_ask(&askers[1], loop, resolver, "a.test", FAMILY_IPV4);
	asker_ask(&askers[2], loop, resolver, "192.0.2.1", FAMILY_IPV4);
	assert_int_equal(count_descriptors(), before + 1);
	resolver_free(resolver);
	resolver = NULL;
	assert_int_equal(count_descriptors(), before);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(askers[i].told, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(askers[i].resolution.finding.verdict, VERDICT_UNKNOWN);
		assert_int_equal(
			askers[i].resolution.finding.cause, CAUSE_LOCAL_RESOURCE);
	}
	assert_int_equal(askers[2].resolution.finding.verdict, VERDICT_OK);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct resolution ask_two(const struct resolver_server *first, double *ret_seconds)
{
	struct resolver_server servers[2] = { *first, partner.server };
	struct resolver *pair;
	struct resolution resolution;
	double began = seconds_now();

	assert_int_equal(resolver_new(loop, servers, 2, &pair), 0);
	resolution = asker_wait(loop, pair, "a.test", FAMILY_IPV4);
	*ret_seconds = seconds_now() - began;
	resolver_free(pair);
	return resolution;
}

static void test_a_dead_first_server_is_passed_over(void **state)
{
	struct resolver_server closed = { .port = 1 };
	struct partner silent, failing;
	double seconds;

	(void)state;
	partner_open(&silent, loop, behave_silent);
	partner_open(&failing, loop, behave_nxdomain);
	assert_int_equal(ask_two(&silent.server, &seconds).finding.verdict, VERDICT_OK);
	assert_true(seconds > 0.1 && seconds < 1);
	address_parse("127.0.0.1", &closed.address);
	assert_int_equal(ask_two(&closed, &seconds).finding.verdict, VERDICT_OK);
	assert_true(seconds < 0.5);
	/* an answer is an answer: the second server is not asked for another opinion */
	assert_int_equal(
		ask_two(&failing.server, &seconds).finding.cause, CAUSE_DNS_NXDOMAIN);
	partner_close(&silent);
	partner_close(&failing);
}

static void test_all_servers_silent(void **state)
{
	struct partner silent;
	struct resolution resolution;
	double seconds;

	(void)state;
	partner.behave = behave_silent;
	partner_open(&silent, loop, behave_silent);
	resolution = ask_two(&silent.server, &seconds);
	assert_int_equal(resolution.finding.cause, CAUSE_DNS_TIMEOUT);
	assert_int_equal(resolution.finding.verdict, VERDICT_UNKNOWN);
	/* two were silent: neither is named alone */
	assert_int_equal(resolution.finding.evidence.offender.family, FAMILY_NONE);
	assert_true(seconds > 4 && seconds < 5);
	assert_int_equal(silent.questions, 4);
	partner_close(&silent);
}

/* The closed port's ICMP names who sent it; and the channel lives on after it. */
static void test_unreachable_server(void **state)
{
	struct resolver_server closed = { .port = 1 };
	struct resolver *lost;

	(void)state;
	address_parse("127.0.0.1", &closed.address);
	assert_int_equal(resolver_new(loop, &closed, 1, &lost), 0);
	for (int i = 0; i < 3; i++) {
		struct resolution resolution =
			asker_wait(loop, lost, "a.test", FAMILY_IPV4);
		const struct evidence *evidence = &resolution.finding.evidence;

		assert_int_equal(resolution.finding.cause, CAUSE_DNS_UNREACHABLE);
		assert_int_equal(resolution.finding.verdict, VERDICT_UNKNOWN);
		assert_int_equal(evidence->kind, EVIDENCE_ICMP);
		assert_int_equal(evidence->type, 3);
		assert_int_equal(evidence->code, 3);
		assert_true(address_equal(&evidence->offender, &closed.address));
		fake_clock_advance(MINUTE);
	}
	assert_int_equal(resolver_statistics(lost).queries, 3);
	resolver_free(lost);
}

static void test_no_descriptors_left(void **state)
{
	struct rlimit limit, none;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(cause_of("a.test", FAMILY_IPV4), CAUSE_LOCAL_RESOURCE);
	setrlimit(RLIMIT_NOFILE, &limit);
	/* our own trouble is not kept */
	assert_int_equal(cause_of("a.test", FAMILY_IPV4), CAUSE_NONE);
}

static bool hosts_file_has_localhost(void)
{
	char line[256];
	bool found = false;
	FILE *file = fopen("/etc/hosts", "re");

	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "127.", 4) == 0 && strstr(line, "localhost");
	if (file)
		fclose(file);
	return found;
}

static void test_host_servers_and_hosts_file(void **state)
{
	struct resolution resolution;

	(void)state;
	/* else the question would go to the host's own servers, out of this machine */
	if (!hosts_file_has_localhost())
		skip();
	resolver_free(resolver);
	assert_int_equal(resolver_new(loop, NULL, 0, &resolver), 0);
	resolution = asker_wait(loop, resolver, "localhost", FAMILY_IPV4);
	assert_int_equal(resolution.finding.verdict, VERDICT_OK);
	assert_int_equal(resolution.addresses[0].bytes[0], 127);
	assert_int_equal(resolver_statistics(resolver).queries, 0);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_literals_are_never_asked_for),
		RULE(test_literal_of_a_missing_link),
		RULE(test_impossible_names_are_never_asked_for),
		RULE(test_equal_names_are_asked_once),
		RULE(test_waiters_leave),
		RULE(test_waiters_ask_and_cancel_while_told),
		RULE(test_answers_live_by_ttl_within_bounds),
		RULE(test_failures_are_asked_again),
		RULE(test_free_tells_who_waits),
		RULE(test_a_dead_first_server_is_passed_over),
		RULE(test_all_servers_silent),
		RULE(test_unreachable_server),
		RULE(test_no_descriptors_left),
		RULE(test_host_servers_and_hosts_file),
	};

	return cmocka_run_group_tests_name("resolver rules", tests, NULL, NULL);
}
