/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of one lookup fails once, c-ares's own included: nothing crashes or
 * leaks, and who waits is told exactly once.
 */
#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/dns_partner.h"

#define ALLOCATIONS_MAX 2000

static struct {
	int left;    /* successes until one fails; -1 = none fails */
	int serial;  /* how many were asked for */
	long in_use; /* blocks taken and not given back */
} memory = { .left = -1 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

/* \return whether this one succeeds */
static bool granted(void)
{
	memory.serial++;
	if (memory.left < 0 || memory.left-- > 0)
		return true;
	errno = ENOMEM;
	return false;
}

void *__wrap_malloc(size_t size)
{
	void *block = granted() ? __real_malloc(size) : NULL;

	memory.in_use += block != NULL;
	return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
	void *block = granted() ? __real_calloc(count, size) : NULL;

	memory.in_use += block != NULL;
	return block;
}

void *__wrap_realloc(void *block, size_t size)
{
	void *grown = granted() ? __real_realloc(block, size) : NULL;

	memory.in_use += grown && !block;
	return grown;
}

void __wrap_free(void *block)
{
	memory.in_use -= block != NULL;
	__real_free(block);
}

static void answer(
	struct partner *partner, const struct message *question, struct message *reply)
{
	(void)partner;
	message_answer(reply, question, ns_r_noerror);
	message_address(reply, "192.0.2.7", 60);
}

static struct loop *loop;
static struct partner partner;

/* \retval false  not even a resolver could be made */
static bool look_up(struct asker *asker, struct asker *literal)
{
	struct resolver *resolver = NULL;

	if (resolver_new(loop, &partner.server, 1, &resolver) < 0) {
		assert_null(resolver); /* untouched on failure */
		return false;
	}
	asker_ask(asker, loop, resolver, "name.test", FAMILY_IPV4);
	asker_ask(literal, loop, resolver, "192.0.2.1", FAMILY_IPV4);
	assert_int_equal(asker->told + literal->told, 0);
	asker->stops_loop = literal->stops_loop = true;
	while (asker->told == 0 || literal->told == 0)
		loop_run(loop);
	resolver_free(resolver);
	return true;
}

static void check(const struct asker *asker)
{
	const struct finding *finding = &asker->resolution.finding;

	assert_int_equal(asker->told, 1);
	if (finding->verdict != VERDICT_OK)
		assert_int_equal(finding->verdict, VERDICT_UNKNOWN);
}

static void test_every_allocation_fails_once(void **state)
{
	struct asker asker, literal;
	int failing = 0, unlucky = 0;
	long before;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	partner_open(&partner, loop, answer);
	assert_true(look_up(&asker, &literal));
	before = memory.in_use;
	for (; failing < ALLOCATIONS_MAX; failing++) {
		memory.left = failing;
		if (look_up(&asker, &literal)) {
			check(&asker);
			check(&literal);
			unlucky += asker.resolution.finding.verdict != VERDICT_OK;
		}
		if (memory.left >= 0)
			break; /* all have failed in their turn */
		assert_int_equal(memory.in_use, before);
	}
	memory.left = -1;
	print_message(
		"[   note   ] %d allocations, %d lookups ended for lack of memory\n",
		failing, unlucky);
	assert_in_range(failing, 20, ALLOCATIONS_MAX - 1);
	assert_true(unlucky > 0);
	partner_close(&partner);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_fails_once),
	};

	/* the library's own calls are not wrapped by the linker; it asks through these */
	ares_library_init_mem(
		ARES_LIB_INIT_ALL, __wrap_malloc, __wrap_free, __wrap_realloc);
	return cmocka_run_group_tests_name("resolver memory", tests, NULL, NULL);
}
