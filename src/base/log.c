/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static struct {
	int fd;
	enum log_level least;
	enum log_format format;
	bool journal;
	unsigned long lines[LOG_LEVEL_COUNT];
} settings = { .fd = STDERR_FILENO, .least = LOG_LEVEL_INFO };

static const char *const level_names[LOG_LEVEL_COUNT] = { "debug", "info", "warn",
	"error" };

/* $JOURNAL_STREAM is "device:inode" of the journal's socket (systemd.exec(5)). */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
		fstat(fd, &status) == 0 && status.st_dev == device &&
		status.st_ino == inode;
}

void log_setup(int fd, enum log_level least, enum log_format format)
{
	settings.fd = fd;
	settings.least = least;
	settings.format = format;
	settings.journal = is_journal(fd);
}

static void append_escaped(struct text *line, const char *value)
{
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (byte == '"' || byte == '\\')
			text_format(line, "\\%c", byte);
		else if (byte == '\n')
			text_append(line, "\\n");
		else if (byte < 0x20 || byte == 0x7f)
			text_format(line, "\\u%04x", byte);
		else
			text_append_char(line, (char)byte);
	}
}

static bool needs_quotes(const char *value)
{
	if (!*value)
		return true;
	for (; *value; value++) {
		if ((unsigned char)*value <= ' ' || strchr("\"=\\\x7f", *value))
			return true;
	}
	return false;
}

static void append_field(struct text *line, const char *key, const char *value)
{
	bool json = settings.format == LOG_FORMAT_JSON;
	bool quoted = json || needs_quotes(value);

	if (json)
		text_format(line, "%s\"%s\":", line->length > 1 ? "," : "", key);
	else
		text_format(line, "%s%s=", line->length > 0 ? " " : "", key);
	if (quoted)
		text_append_char(line, '"');
	append_escaped(line, value);
	if (quoted)
		text_append_char(line, '"');
}

static void append_time_and_level(struct text *line, enum log_level level)
{
	int64_t now = clock_wall_us();
	time_t seconds = (time_t)(now / SECOND);
	char stamp[40];
	struct tm utc;
	size_t used;

	gmtime_r(&seconds, &utc);
	used = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(
		stamp + used, sizeof(stamp) - used, ".%03dZ", (int)(now % SECOND / 1000));
	append_field(line, "time", stamp);
	append_field(line, "level", level_names[level]);
}

/* The journal has its own time; the level goes in as a syslog priority (sd-daemon(3)). */
static void append_prefix(struct text *line, enum log_level level)
{
	static const int priorities[LOG_LEVEL_COUNT] = { 7, 6, 4, 3 };

	text_format(line, "<%d>", priorities[level]);
}

void log_write(enum log_level level, const char *message, ...)
{
	struct text prefix = { 0 };
	struct text line = { 0 };
	const char *key;
	va_list fields;

	settings.lines[level]++;
	if (level < settings.least)
		return;
	if (settings.journal)
		append_prefix(&prefix, level);
	if (settings.format == LOG_FORMAT_JSON)
		text_append_char(&line, '{');
	if (!settings.journal)
		append_time_and_level(&line, level);
	append_field(&line, "msg", message);
	va_start(fields, message);
	while ((key = va_arg(fields, const char *)) != NULL)
		append_field(&line, key, va_arg(fields, const char *));
	va_end(fields);
	text_append(&line, settings.format == LOG_FORMAT_JSON ? "}\n" : "\n");
	/* A log that cannot be written must not stop the probing: the result is ignored.
	 */
	if (!text_failed(&line))
		dprintf(settings.fd, "%s%s", prefix.data ? prefix.data : "", line.data);
	text_done(&prefix);
	text_done(&line);
}

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

bool log_level_parse(const char *name, enum log_level *ret_level)
{
	for (enum log_level level = 0; level < LOG_LEVEL_COUNT; level++) {
		if (strcmp(name, level_names[level]) == 0) {
			*ret_level = level;
			return true;
		}
	}
	return false;
}

bool log_format_parse(const char *name, enum log_format *ret_format)
{
	if (strcmp(name, "logfmt") != 0 && strcmp(name, "json") != 0)
		return false;
	*ret_format = strcmp(name, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_LOGFMT;
	return true;
}

unsigned long log_lines(enum log_level level)
{
	return settings.lines[level];
}
