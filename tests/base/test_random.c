/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An id as large as a probe's. */
struct id {
	uint8_t octets[32];
};

static bool empty; /* the kernel has nothing yet */
static unsigned asked;

ssize_t __wrap_getrandom(void *data, size_t length, unsigned flags);
ssize_t __real_getrandom(void *data, size_t length, unsigned flags);

ssize_t __wrap_getrandom(void *data, size_t length, unsigned flags)
{
	asked++;
	if (empty) {
		errno = EAGAIN;
		return -1;
	}
	return __real_getrandom(data, length, flags);
}

static struct id id_new(void)
{
	struct id id = { { 0 } };

	random_fill(&id, sizeof(id));
	return id;
}

static bool same(const struct id *one, const struct id *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}

static void assert_all_differ(const struct id *ids, size_t number)
{
	for (size_t i = 0; i < number; i++) {
		for (size_t k = i + 1; k < number; k++)
			assert_false(same(&ids[i], &ids[k]));
	}
}

static void test_no_two_are_alike(void **state)
{
	struct id ids[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		ids[i] = id_new();
	assert_all_differ(ids, 100);
}

static void test_the_kernel_is_asked_for_eight_at_a_time(void **state)
{
	unsigned before;

	(void)state;
	/* whatever is left of earlier ones is used up within eight */
	for (int i = 0; i < 8; i++)
		id_new();
	before = asked;
	for (int i = 0; i < 80; i++)
		id_new();
	assert_int_equal(asked - before, 10);
}

static void test_any_length(void **state)
{
	uint8_t octets[1001], seen = 0;

	(void)state;
	for (size_t length = 0; length <= 1000; length++) {
		memset(octets, 0xa5, sizeof(octets));
		random_fill(octets, length);
		assert_int_equal(octets[length], 0xa5);
		if (length >= 16)
			assert_memory_not_equal(octets, octets + length / 2, length / 2);
		for (size_t i = 0; i < length; i++)
			seen |= octets[i];
	}
	assert_int_equal(seen, 0xff);
}

static void test_a_child_has_others(void **state)
{
	struct id ours, theirs;
	int ends[2], status;
	pid_t child;

	(void)state;
	/* so that some are left */
	for (unsigned before = asked; asked == before;)
		id_new();
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		ours = id_new();
		status = write(ends[1], &ours, sizeof(ours)) == sizeof(ours) ? 0 : 1;
		/* valgrind asks for the child's descriptors, too */
		close(ends[0]);
		close(ends[1]);
		_exit(status);
	}
	assert_true(child > 0);
	ours = id_new();
	assert_int_equal(read(ends[0], &theirs, sizeof(theirs)), sizeof(theirs));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(same(&ours, &theirs));
	close(ends[0]);
	close(ends[1]);
}

static void test_the_clock_stands_in(void **state)
{
	struct id ids[20];

	(void)state;
	empty = true;
	for (size_t i = 0; i < 20; i++)
		ids[i] = id_new();
	empty = false;
	assert_all_differ(ids, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_two_are_alike),
		cmocka_unit_test(test_the_kernel_is_asked_for_eight_at_a_time),
		cmocka_unit_test(test_any_length),
		cmocka_unit_test(test_a_child_has_others),
		cmocka_unit_test(test_the_clock_stands_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
