/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/memory.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static long left = -1;
static bool once, failed;

void memory_limit(long allowed)
{
	left = allowed;
	once = failed = false;
}

void memory_fail_once(long allowed)
{
	memory_limit(allowed);
	once = true;
}

bool memory_has_failed(void)
{
	return failed;
}

static bool is_out(void)
{
	if (left < 0)
		return false;
	if (left == 0) {
		failed = true;
		left = once ? -1 : 0;
		return true;
	}
	left--;
	return false;
}

void *__wrap_malloc(size_t size)
{
	return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return is_out() ? NULL : __real_realloc(memory, size);
}
