/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: what is read as a key, what is refused and why, and what is written. */
#include "net/key_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/stamp.h"

#define DIGITS "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF"

struct place {
	char folder[32], file[64];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	snprintf(place->folder, sizeof(place->folder), "/tmp/starface-key-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->file, sizeof(place->file), "%s/key", place->folder);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	rmdir(place->folder);
	free(place);
	return 0;
}

static void write_file(const char *file, const char *text, mode_t mode)
{
	FILE *stream;

	unlink(file);
	stream = fopen(file, "w");
	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(file, mode), 0);
}

/* The same packet as with the octets themselves: the digits were read as meant. */
static void assert_same_key(const struct stamp_key *key)
{
	static const uint8_t octets[32] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
		0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45,
		0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
		0xef };
	const struct stamp_request request = { .sequence = 7 };
	uint8_t left[STAMP_KEYED_LENGTH], right[STAMP_KEYED_LENGTH];
	struct stamp_key *same = NULL;

	assert_int_equal(stamp_key_new(octets, sizeof(octets), &same), 0);
	assert_int_equal(
		stamp_write_request(left, sizeof(left), &request, key), sizeof(left));
	stamp_write_request(right, sizeof(right), &request, same);
	assert_memory_equal(left, right, sizeof(left));
	stamp_key_free(same);
}

static void test_read(void **state)
{
	static const char *const good[] = { DIGITS, DIGITS "\n",
		("\t0123456789abcdef 0123456789abcdef\r\n\n0123456789abcdef "
		 "0123456789abcdef") };
	const struct place *place = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct stamp_key *key = NULL;
		char why[200] = "";

		write_file(place->file, good[i], i % 2 == 0 ? 0600 : 0440);
		assert_int_equal(key_file_read(place->file, &key, why, sizeof(why)), 0);
		assert_string_equal(why, "");
		assert_same_key(key);
		stamp_key_free(key);
	}
}

static void test_refused(void **state)
{
	static char endless[8000];
	static const struct {
		const char *text;
		mode_t mode;
		const char *why;
	} rows[] = {
		{ "", 0600, "hexadecimal digits" },
		{ " \n", 0600, "hexadecimal digits" },
		{ DIGITS "a", 0600, "hexadecimal digits" }, /* half an octet */
		{ DIGITS "ag", 0600, "hexadecimal digits" },
		{ "a word of no key", 0600, "hexadecimal digits" },
		{ "0123456789abcdef", 0600, "a key of 8 octets; write 32 or more" },
		{ DIGITS, 0604, "open to everybody; chmod o= it" },
		{ DIGITS, 0602, "open to everybody" },
		{ DIGITS, 0620, "written by its group; chmod g-w" },
		{ endless, 0600, "too long" },
	};
	const struct place *place = *state;

	memset(endless, 'a', sizeof(endless) - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stamp_key *key = NULL;
		char why[200] = "";

		write_file(place->file, rows[i].text, rows[i].mode);
		assert_true(key_file_read(place->file, &key, why, sizeof(why)) < 0);
		assert_null(key);
		if (!strstr(why, rows[i].why))
			fail_msg("row %zu: %s", i, why);
	}
}

static void test_no_file(void **state)
{
	const struct place *place = *state;
	struct stamp_key *key = NULL;
	char why[200] = "";

	assert_int_equal(key_file_read("/nowhere/key", &key, why, sizeof(why)), -ENOENT);
	assert_string_equal(why, "cannot be read: No such file or directory");
	assert_true(key_file_read(place->folder, &key, why, sizeof(why)) < 0);
	assert_string_equal(why, "is not a regular file; name one");
	/* a pipe that nobody writes to must not hold up the start */
	assert_int_equal(mkfifo(place->file, 0600), 0);
	assert_true(key_file_read(place->file, &key, why, sizeof(why)) < 0);
	assert_null(key);
}

static void test_write(void **state)
{
	const struct place *place = *state;
	struct stamp_key *key = NULL;
	struct stat status;
	char why[200], first[80] = "", second[80] = "";
	FILE *stream;
	mode_t mask = umask(0777);

	assert_int_equal(key_file_write(place->file), 0);
	umask(mask);
	assert_int_equal(stat(place->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(key_file_read(place->file, &key, why, sizeof(why)), 0);
	stamp_key_free(key);
	stream = fopen(place->file, "r");
	assert_non_null(fgets(first, sizeof(first), stream));
	fclose(stream);
	/* a key in use is never overwritten */
	assert_int_equal(key_file_write(place->file), -EEXIST);
	unlink(place->file);
	assert_int_equal(symlink("/nowhere/key", place->file), 0);
	assert_int_equal(key_file_write(place->file), -EEXIST);
	unlink(place->file);
	assert_int_equal(key_file_write(place->file), 0);
	stream = fopen(place->file, "r");
	assert_non_null(fgets(second, sizeof(second), stream));
	fclose(stream);
	assert_int_equal(strlen(first), 2 * KEY_FILE_SECRET + 1);
	assert_string_not_equal(first, second);
	assert_int_equal(key_file_write("/nowhere/key"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
