/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when the n-th allocation fails, or when the kernel has no IPv6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "net/loop.h"
#include "web/gzip.h"
#include "web/listener.h"
#include "web/web.h"

static unsigned allocations_left;
static int socket_error_inet6;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *string);
int __real_socket(int domain, int type, int protocol);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *string);
int __wrap_socket(int domain, int type, int protocol);

static bool allocation_fails(void)
{
	return allocations_left > 0 && --allocations_left == 0;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *string)
{
	return allocation_fails() ? NULL : __real_strdup(string);
}

int __wrap_socket(int domain, int type, int protocol)
{
	if (domain == AF_INET6 && socket_error_inet6) {
		errno = socket_error_inet6;
		return -1;
	}
	return __real_socket(domain, type, protocol);
}

static void test_gzip_round_trip(void **state)
{
	struct text text = { 0 };
	unsigned char plain[64 * 1024];
	z_stream stream = { .next_out = plain, .avail_out = sizeof(plain) };

	(void)state;
	for (int i = 0; i < 5000; i++)
		text_format(&text, "%d ", i);
	assert_true(text.length < sizeof(plain));
	assert_true(gzip_text(&text));
	assert_int_equal((unsigned char)text.data[0], 0x1f);
	assert_int_equal((unsigned char)text.data[1], 0x8b);
	stream.next_in = (Bytef *)text.data;
	stream.avail_in = (uInt)text.length;
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	inflateEnd(&stream);
	assert_memory_equal(plain, "0 1 2 3 ", 8);
	assert_memory_equal(plain + stream.total_out - 5, "4999 ", 5);
	text_done(&text);
}

static void test_gzip_without_memory_leaves_the_text(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_append(&text, "as it was");
	allocations_left = 1;
	assert_false(gzip_text(&text));
	assert_int_equal(allocations_left, 0);
	assert_string_equal(text.data, "as it was");
	text_done(&text);
}

/* Every allocation of our own fails once; none may leak or be used. */
static void test_new_and_listen_without_memory(void **state)
{
	struct text error = { 0 };
	struct loop *loop;
	struct web *web;
	unsigned failed = 0;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	text_reserve(&error, 1024);
	for (unsigned n = 1; n < 20; n++) {
		bool fails = true;

		allocations_left = n;
		if (web_new(loop, NULL, 0, NULL, &web) == 0) {
			fails = web_listen(web, "127.0.0.1:0", &error) < 0;
			if (fails)
				assert_non_null(
					strstr(error.data, "Cannot allocate memory"));
			else
				assert_true(web_port(web, 0) > 0);
			web_free(web);
		}
		failed += fails;
		assert_int_equal(fails, allocations_left == 0);
		allocations_left = 0;
	}
	assert_int_equal(failed, 3);
	text_done(&error);
	loop_free(loop);
}

static void test_without_ipv6_listens_on_ipv4(void **state)
{
	static const int errors[] = { EAFNOSUPPORT, EADDRNOTAVAIL };
	struct text error = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sockaddr_storage local = { 0 };
		socklen_t length = sizeof(local);
		int fd;

		socket_error_inet6 = errors[i];
		fd = listener_open(":0", &error);
		assert_true(fd >= 0);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &length), 0);
		assert_int_equal(local.ss_family, AF_INET);
		close(fd);
	}
	assert_int_equal(listener_open("[::1]:0", &error), -EADDRNOTAVAIL);
	socket_error_inet6 = EMFILE;
	assert_int_equal(listener_open(":0", &error), -EMFILE);
	socket_error_inet6 = 0;
	text_done(&error);
}

static void test_free_of_nothing(void **state)
{
	(void)state;
	web_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip_round_trip),
		cmocka_unit_test(test_gzip_without_memory_leaves_the_text),
		cmocka_unit_test(test_new_and_listen_without_memory),
		cmocka_unit_test(test_without_ipv6_listens_on_ipv4),
		cmocka_unit_test(test_free_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
