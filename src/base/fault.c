/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void fault_done(struct fault *fault)
{
	free(fault->file);
	free(fault->key);
	free(fault->sentence);
}

void faults_add(struct faults *faults, const char *file, unsigned line, const char *key,
	const char *format, ...)
{
	struct fault fault = { .line = line };
	struct fault *items;
	va_list arguments;
	int length;

	if (faults->count == FAULTS_KEPT_MAX) {
		faults->more++;
		return;
	}
	va_start(arguments, format);
	length = vasprintf(&fault.sentence, format, arguments);
	va_end(arguments);
	if (length < 0)
		fault.sentence = NULL;
	fault.file = strdup(file);
	fault.key = strdup(key);
	items = realloc(faults->items, (faults->count + 1) * sizeof(*items));
	if (items)
		faults->items = items;
	if (!items || !fault.sentence || !fault.file || !fault.key) {
		fault_done(&fault);
		faults->dropped++;
		return;
	}
	faults->items[faults->count++] = fault;
}

static void fault_print(const struct fault *fault, struct text *text)
{
	if (*fault->file)
		text_format(text, "%s:", fault->file);
	if (fault->line > 0)
		text_format(text, "%u:", fault->line);
	if (text->length > 0 && text->data[text->length - 1] == ':')
		text_append_char(text, ' ');
	if (*fault->key)
		text_format(text, "%s: ", fault->key);
	text_format(text, "%s\n", fault->sentence);
}

void faults_print(const struct faults *faults, struct text *text)
{
	for (size_t i = 0; i < faults->count; i++)
		fault_print(&faults->items[i], text);
	if (faults->dropped > 0)
		text_format(text, "%zu further faults: out of memory\n", faults->dropped);
	if (faults->more > 0)
		text_format(text, "and %zu more\n", faults->more);
}

void faults_done(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		fault_done(&faults->items[i]);
	free(faults->items);
	*faults = (struct faults){ 0 };
}
