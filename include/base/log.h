/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on standard error: `time level msg key=value …` as logfmt or JSON, and with
 * journal prefixes instead of time and level when systemd reads them. Control characters
 * are escaped, so nothing from the network can forge a line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

#define LOG_LEVEL_COUNT (LOG_LEVEL_ERROR + 1)

/** \param fd  where lines go; whether it is the journal is read from $JOURNAL_STREAM. */
void log_setup(int fd, enum log_level least, enum log_format format);

/** Keys and values alternate after the message and end with NULL. */
void log_write(enum log_level level, const char *message, ...) __attribute__((sentinel));

#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__, (char *)NULL)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__, (char *)NULL)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__, (char *)NULL)
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__, (char *)NULL)

/** "debug", "info", "warn", "error" */
const char *log_level_name(enum log_level level);

bool log_level_parse(const char *name, enum log_level *ret_level);
bool log_format_parse(const char *name, enum log_format *ret_format);

/** Lines written so far at this level, shown as a metric. */
unsigned long log_lines(enum log_level level);

#endif
