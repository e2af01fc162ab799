/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/transcript.h"

static uint8_t flood[3 * TRANSCRIPT_OCTETS_MAX];

static void keeps_what_was_said_in_order(void **state)
{
	struct transcript *transcript = transcript_new();
	const struct transcript_entry *entry;

	(void)state;
	assert_non_null(transcript);
	transcript_add(transcript, TRANSCRIPT_NOTE, "connected", 9);
	transcript_add(transcript, TRANSCRIPT_SENT, "question", 8);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, NULL, 0);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, "\0answer", 7);
	assert_int_equal(transcript->entries_used, 4);
	entry = &transcript->entries[3];
	assert_int_equal(entry->side, TRANSCRIPT_RECEIVED);
	assert_int_equal(entry->length, 7);
	assert_int_equal(entry->kept, 7);
	assert_memory_equal(transcript->octets + entry->begin, "\0answer", 7);
	assert_true(entry->after_us >= transcript->entries[0].after_us);
	assert_int_equal(transcript->entries[2].kept, 0);
	transcript_begin(transcript);
	assert_int_equal(transcript->entries_used, 0);
	free(transcript);
}

/* One long message leaves room for others, many long ones do not, and none is lost
 * without being counted. */
static void is_bounded_in_every_direction(void **state)
{
	struct transcript *transcript = transcript_new();

	(void)state;
	assert_non_null(transcript);
	transcript_add(transcript, TRANSCRIPT_RECEIVED, flood, sizeof(flood));
	assert_int_equal(transcript->entries[0].length, sizeof(flood));
	assert_int_equal(transcript->entries[0].kept, TRANSCRIPT_ENTRY_MAX);
	for (unsigned i = 0; i < 2 * TRANSCRIPT_ENTRIES_MAX; i++)
		transcript_add(transcript, TRANSCRIPT_RECEIVED, flood, sizeof(flood));
	assert_int_equal(transcript->octets_used, TRANSCRIPT_OCTETS_MAX);
	assert_int_equal(transcript->entries_used, TRANSCRIPT_ENTRIES_MAX);
	assert_int_equal(transcript->left_out, TRANSCRIPT_ENTRIES_MAX + 1);
	assert_int_equal(transcript->entries[TRANSCRIPT_ENTRIES_MAX - 1].kept, 0);
	free(transcript);
}

static void a_kept_copy_is_whole_and_full(void **state)
{
	struct transcript *transcript = transcript_new();
	struct transcript *copy;

	(void)state;
	assert_non_null(transcript);
	transcript_add(transcript, TRANSCRIPT_SENT, "question", 8);
	copy = transcript_keep(transcript);
	assert_non_null(copy);
	transcript_begin(transcript);
	transcript_add(transcript, TRANSCRIPT_SENT, "another!", 8);
	assert_int_equal(copy->entries_used, 1);
	assert_memory_equal(copy->octets + copy->entries[0].begin, "question", 8);
	transcript_add(copy, TRANSCRIPT_RECEIVED, "no room", 7);
	assert_int_equal(copy->entries_used, 1);
	assert_int_equal(copy->left_out, 1);
	assert_true(transcript_size(copy) < 100);
	free(copy);
	free(transcript);
}

/* A head that comes line by line is one entry, and bounded as one. */
static void goes_on_with_the_same_side(void **state)
{
	struct transcript *transcript = transcript_new();

	(void)state;
	transcript_continue(transcript, TRANSCRIPT_RECEIVED, "HTTP", 4);
	transcript_continue(transcript, TRANSCRIPT_RECEIVED, "/1.1", 4);
	assert_int_equal(transcript->entries_used, 1);
	assert_int_equal(transcript->entries[0].kept, 8);
	assert_memory_equal(transcript->octets, "HTTP/1.1", 8);
	transcript_continue(transcript, TRANSCRIPT_SENT, "GET", 3);
	transcript_continue(transcript, TRANSCRIPT_RECEIVED, flood, sizeof(flood));
	transcript_continue(transcript, TRANSCRIPT_RECEIVED, flood, sizeof(flood));
	assert_int_equal(transcript->entries_used, 3);
	assert_int_equal(transcript->entries[2].kept, TRANSCRIPT_ENTRY_MAX);
	assert_int_equal(transcript->entries[2].length, 2 * sizeof(flood));
	assert_int_equal(transcript->octets_used, 8 + 3 + TRANSCRIPT_ENTRY_MAX);
	for (unsigned i = 0; i < TRANSCRIPT_ENTRIES_MAX; i++)
		transcript_add(transcript, TRANSCRIPT_SENT, NULL, 0);
	/* what was left out between is not joined */
	transcript_continue(transcript, TRANSCRIPT_SENT, "x", 1);
	assert_int_equal(transcript->left_out, 4);
	free(transcript);
}

static void sides_have_names(void **state)
{
	(void)state;
	assert_string_equal(transcript_side_name(TRANSCRIPT_SENT), "sent");
	assert_string_equal(transcript_side_name(TRANSCRIPT_RECEIVED), "received");
	assert_string_equal(transcript_side_name(TRANSCRIPT_NOTE), "note");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_was_said_in_order),
		cmocka_unit_test(is_bounded_in_every_direction),
		cmocka_unit_test(a_kept_copy_is_whole_and_full),
		cmocka_unit_test(goes_on_with_the_same_side),
		cmocka_unit_test(sides_have_names),
	};

	return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
