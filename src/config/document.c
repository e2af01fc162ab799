/* SPDX-License-Identifier: Apache-2.0 */
#include "config/document.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_DEPTH_MAX 16
#define SENTENCE_MAX   2048

static void syntax_fault(const struct document *document)
{
	struct source_place place = source_place(
		&document->source, (unsigned)config_error_line(document->config));

	faults_add(document->faults, place.file, place.line, "",
		"%s here or on the line before; write NAME = VALUE; with strings in "
		"double quotes, lists as ( A, B ) and groups as { … }",
		config_error_text(document->config));
}

bool document_open(struct document *document, struct arena *arena, const char *file,
	struct faults *faults)
{
	*document = (struct document){ .file = file, .arena = arena, .faults = faults };
	if (!source_read(&document->source, arena, file, faults) ||
		document->source.out.stopped || arena->failed)
		return false;
	document->config = arena_alloc(arena, sizeof(*document->config));
	if (!document->config)
		return false;
	config_init(document->config);
	/* A belt: every @include is replaced by now; one that libconfig still saw would
	 * be looked for below a file, and fail instead of ending the process. */
	config_set_include_dir(document->config, "/dev/null");
	if (config_read_string(document->config,
		    document->source.out.text.data ? document->source.out.text.data : ""))
		return true;
	syntax_fault(document);
	return false;
}

void document_done(struct document *document)
{
	if (document->config)
		config_destroy(document->config);
	source_done(&document->source);
	*document = (struct document){ 0 };
}

const config_setting_t *document_root(const struct document *document)
{
	return config_root_setting(document->config);
}

/* "sites[0].pbx": from the setting up to the root, then written the other way round. */
static void setting_path(const config_setting_t *setting, struct text *text)
{
	const config_setting_t *steps[PATH_DEPTH_MAX];
	size_t depth = 0;

	for (; setting && !config_setting_is_root(setting) && depth < PATH_DEPTH_MAX;
		setting = config_setting_parent(setting))
		steps[depth++] = setting;
	while (depth-- > 0) {
		const char *name = config_setting_name(steps[depth]);

		if (name)
			text_format(text, "%s%s", text->length > 0 ? "." : "", name);
		else
			text_format(text, "[%d]", config_setting_index(steps[depth]));
	}
}

__attribute__((format(printf, 4, 0))) static void fault_add(
	const struct document *document, const config_setting_t *setting, const char *key,
	const char *format, va_list arguments)
{
	struct source_place place = { document->file, 0 };
	unsigned line = config_setting_source_line(setting);
	char sentence[SENTENCE_MAX];
	struct text path = { 0 };

	if (line > 0)
		place = source_place(&document->source, line);
	setting_path(setting, &path);
	if (key)
		text_format(&path, "%s%s", path.length > 0 ? "." : "", key);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	faults_add(document->faults, place.file, place.line, path.data ? path.data : "",
		"%s", sentence);
	text_done(&path);
}

void document_fault(const struct document *document, const config_setting_t *setting,
	const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fault_add(document, setting, NULL, format, arguments);
	va_end(arguments);
}

void document_fault_member(const struct document *document, const config_setting_t *group,
	const char *key, const char *format, ...)
{
	const config_setting_t *member = config_setting_get_member(group, key);
	va_list arguments;

	va_start(arguments, format);
	fault_add(document, member ? member : group, member ? NULL : key, format,
		arguments);
	va_end(arguments);
}

void document_fault_unknown(const struct document *document,
	const config_setting_t *setting, const char *sentence,
	const struct suggestion *suggestion)
{
	const char *known = suggestion->known.data;

	if (suggestion->best)
		document_fault(document, setting, "%s; did you mean \"%s\"? Known: %s",
			sentence, suggestion->best, known ? known : "");
	else
		document_fault(document, setting, "%s; known: %s", sentence,
			known ? known : "none");
}
