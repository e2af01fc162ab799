/* SPDX-License-Identifier: Apache-2.0 */
/* A reflector where the limit of descriptors is low. */
#include "program/reflecting.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "config/reflector.h"
#include "net/loop.h"

static bool raising_is_denied;

int __real_setrlimit64(int resource, const struct rlimit *limit);
int __wrap_setrlimit64(int resource, const struct rlimit *limit);

/* As systemd's filter of @resources does. Sizes of files have 64 bits, so do limits. */
int __wrap_setrlimit64(int resource, const struct rlimit *limit)
{
	if (raising_is_denied) {
		errno = EPERM;
		return -1;
	}
	return __real_setrlimit64(resource, limit);
}

static void soft_limit(rlim_t most)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = most;
	assert_int_equal(__real_setrlimit64(RLIMIT_NOFILE, &limit), 0);
}

static void low_limit(void **state)
{
	static struct reflector_range range = { 10000, 10499 };
	const struct reflector_plan plan = {
		.settings = { .ranges = &range, .range_count = 1 }, .descriptors = 508
	};
	struct reflector *reflector = NULL;
	struct text error = { 0 };
	struct loop *loop;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	soft_limit(500);
	raising_is_denied = true;
	assert_false(reflecting_new(loop, &plan, &reflector, &error));
	assert_null(reflector);
	assert_string_equal(error.data,
		"reflector: its ports need 508 descriptors, and this process may have "
		"500 and not raise that; write LimitNOFILE=65536 into its unit or steer "
		"= true, or name fewer ports");
	raising_is_denied = false;
	assert_true(reflecting_new(loop, &plan, &reflector, &error));
	reflector_free(reflector);
	assert_true(reflecting_new(loop, NULL, &reflector, &error));
	assert_null(reflector);
	text_done(&error);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(low_limit) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
