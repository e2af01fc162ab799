/* SPDX-License-Identifier: Apache-2.0 */
/* What every probe kind owes its readers: tables from which configuration, manual and
 * exposition can be made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/harness.h"
#include "probes/probe_kinds.h"

/* Words that promtool refuses or that name no base unit (conventions, 1.1). */
static const char *const unit_words[] = { "ms", "s", "h", "b", "us", "milliseconds",
	"microseconds", "minutes", "hours", "days", "bits", "percent", "gauge", "counter",
	"histogram", "summary", NULL };

static const char *const last_words[] = { "count", "sum", "bucket", "total", "created",
	NULL };

/* Labels that clash with those of targets. */
static const char *const taken_labels[] = { "type", "instance", "job", "service", "env",
	"environment", "region", "zone", "cluster", "dc", "owner", "customer", "stage",
	"team", "site", "requirement", "target", "family", NULL };

static bool is_one_of(const char *const *words, const char *word, size_t length)
{
	for (; *words; words++) {
		if (strlen(*words) == length && memcmp(*words, word, length) == 0)
			return true;
	}
	return false;
}

static bool is_name_of(const char *name, const char *characters)
{
	size_t length = strspn(name, characters);

	return length > 0 && name[length] == '\0' && name[0] >= 'a' &&
		name[length - 1] != '_' && !strstr(name, "__");
}

static bool is_name(const char *name)
{
	return is_name_of(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

static void sentence_is_whole(const char *owner, const char *name, const char *sentence)
{
	size_t length = sentence ? strlen(sentence) : 0;

	if (length < 10 || sentence[length - 1] != '.')
		fail_msg("%s: %s: its help is no sentence", owner, name);
}

static void words_are_allowed(const char *kind, const char *name)
{
	const char *word = name;

	if (!is_name(name))
		fail_msg("%s: %s is no name", kind, name);
	while (word) {
		size_t length = strcspn(word, "_");

		if (is_one_of(unit_words, word, length) ||
			(!word[length] && is_one_of(last_words, word, length)))
			fail_msg("%s: %s: not \"%.*s\"", kind, name, (int)length, word);
		word = word[length] ? word + length + 1 : NULL;
	}
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), size = strlen(end);

	return length >= size && strcmp(name + length - size, end) == 0;
}

static void label_is_allowed(const char *kind, const struct probe_gauge *gauge)
{
	if (!is_name(gauge->label) ||
		is_one_of(taken_labels, gauge->label, strlen(gauge->label)))
		fail_msg("%s: %s: not the label %s", kind, gauge->name, gauge->label);
}

static void list_is_closed(const char *const *values)
{
	assert_non_null(values);
	assert_non_null(values[0]);
	for (size_t i = 0; values[i]; i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(values[i], values[j]);
	}
}

static void values_differ(const struct probe_gauge *one, const struct probe_gauge *other)
{
	assert_int_equal(one->also_label != NULL, other->also_label != NULL);
	if (one->also_label) {
		assert_string_equal(one->also_label, other->also_label);
		assert_true(strcmp(one->label_value, other->label_value) != 0 ||
			strcmp(one->also_value, other->also_value) != 0);
	} else {
		assert_string_not_equal(one->label_value, other->label_value);
	}
}

/* Rows of one name stand together, each with its own values of the same labels. */
static void rows_stand_together(
	const struct probe_gauge *gauges, const struct probe_gauge *row)
{
	for (const struct probe_gauge *other = gauges; other < row; other++) {
		if (strcmp(other->name, row->name) != 0)
			continue;
		assert_string_equal(other->label, row->label);
		assert_string_equal(other->help, row->help);
		values_differ(other, row);
		assert_string_equal(row[-1].name, row->name);
	}
}

static void labels_are_closed(const struct probe_kind *kind, size_t index)
{
	const struct probe_gauge *gauge = &kind->gauges[index];

	if (!gauge->label) {
		assert_null(gauge->label_values);
		assert_null(gauge->label_value);
		return;
	}
	label_is_allowed(kind->name, gauge);
	assert_true((gauge->label_values != NULL) != (gauge->label_value != NULL));
	if (gauge->label_values)
		list_is_closed(gauge->label_values);
	else
		rows_stand_together(kind->gauges, gauge);
}

static void gauges_are_clean(void **state)
{
	(void)state;
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		const char *name = (*kind)->name;
		size_t count = 0;

		for (; (*kind)->gauges[count].name; count++) {
			const struct probe_gauge *gauge = &(*kind)->gauges[count];

			words_are_allowed(name, gauge->name);
			sentence_is_whole(name, gauge->name, gauge->help);
			labels_are_closed(*kind, count);
			assert_int_equal(gauge->label_values != NULL,
				ends_with(gauge->name, "_info"));
			if (strstr(gauge->name, "timestamp"))
				assert_true(ends_with(gauge->name, "_timestamp_seconds"));
		}
		assert_true(count <= OUTCOME_VALUES_MAX);
	}
}

static bool same_text(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

static void compare_gauges(const struct probe_kind *left, const struct probe_kind *right)
{
	for (const struct probe_gauge *here = left->gauges; here->name; here++) {
		for (const struct probe_gauge *there = right->gauges; there->name;
			there++) {
			if (here == there || strcmp(here->name, there->name) != 0)
				continue;
			if (left == right && here->label_value)
				continue; /* rows_stand_together() */
			if (left == right || !same_text(here->help, there->help) ||
				!same_text(here->label, there->label))
				fail_msg("%s means two things in %s and %s", here->name,
					left->name, right->name);
		}
	}
}

static void one_gauge_means_one_thing(void **state)
{
	(void)state;
	for (const struct probe_kind *const *left = probe_kinds(); *left; left++) {
		for (const struct probe_kind *const *right = probe_kinds(); *right;
			right++)
			compare_gauges(*left, *right);
	}
}

static void kinds_are_in_order(void **state)
{
	const char *before = "";

	(void)state;
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		/* written as causes and ids are; it is never part of a metric's name */
		assert_true(is_name_of(
			(*kind)->name, "abcdefghijklmnopqrstuvwxyz0123456789-"));
		assert_true(strcmp(before, (*kind)->name) < 0);
		before = (*kind)->name;
		sentence_is_whole(before, "summary", (*kind)->summary);
		assert_non_null((*kind)->options);
		assert_non_null((*kind)->gauges);
		assert_non_null((*kind)->start);
		assert_non_null((*kind)->stop);
		assert_ptr_equal(probe_kind_by_name(before), *kind);
	}
	assert_null(probe_kind_by_name("no such kind"));
	assert_ptr_equal(probe_kinds(), probe_kinds());
}

static size_t field_size(enum probe_option_type type)
{
	static const size_t sizes[] = {
		[PROBE_OPTION_BOOL] = sizeof(bool),
		[PROBE_OPTION_INTEGER] = sizeof(int64_t),
		[PROBE_OPTION_DURATION] = sizeof(int64_t),
		[PROBE_OPTION_STRING] = sizeof(const char *),
		[PROBE_OPTION_FILE] = sizeof(const char *),
		[PROBE_OPTION_CHOICE] = sizeof(int),
	};

	return sizes[type];
}

static void option_is_whole(
	const struct probe_kind *kind, const struct probe_option *option, void *options)
{
	bool is_number = option->type == PROBE_OPTION_INTEGER ||
		option->type == PROBE_OPTION_DURATION;

	if (!is_name(option->name))
		fail_msg("%s: %s is no name", kind->name, option->name);
	sentence_is_whole(kind->name, option->name, option->help);
	if (option->offset + field_size(option->type) > kind->options_size ||
		option->offset % field_size(option->type) != 0)
		fail_msg("%s: %s lies outside", kind->name, option->name);
	assert_int_equal(option->choices != NULL, option->type == PROBE_OPTION_CHOICE);
	if (is_number)
		assert_true(option->least < option->most);
	if (option->fallback || !harness_option_is_text(option)) {
		if (!harness_option_set(option, options, option->fallback))
			fail_msg("%s: %s: its fallback does not fit", kind->name,
				option->name);
	}
}

static void options_are_whole(void **state)
{
	(void)state;
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		void *options = calloc(1, (*kind)->options_size + 1);
		const struct probe_option *table = (*kind)->options;

		assert_non_null(options);
		for (size_t i = 0; table[i].name; i++) {
			option_is_whole(*kind, &table[i], options);
			for (size_t j = 0; j < i; j++) {
				assert_string_not_equal(table[i].name, table[j].name);
				assert_int_not_equal(table[i].offset, table[j].offset);
			}
		}
		free(options);
		/* the fallbacks also agree with each other */
		options = harness_options(*kind, NULL);
		harness_options_free(*kind, options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_in_order),
		cmocka_unit_test(options_are_whole),
		cmocka_unit_test(gauges_are_clean),
		cmocka_unit_test(one_gauge_means_one_thing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
