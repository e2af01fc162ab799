/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file and what it includes, read as one text before libconfig sees it.
 * libconfig 1.5 ends the process at a directory include, cuts integers to 32 bit,
 * swallows the rest of the file after an unterminated comment and cuts strings at NUL,
 * all without a word; here these become faults with a place, or cannot happen.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "base/fault.h"
#include "config/arena.h"
#include "config/scan.h"

struct source_segment;

struct source_place {
	const char *file;
	unsigned line;
};

struct source {
	struct scan_out out; /* what libconfig reads: no @include, no oversized integer */
	unsigned files;
	struct source_segment *segments;
	size_t segment_count;
	struct arena *arena;
};

/**
 * Reads file and its includes, which are named relative to the file that includes them.
 * Faults are added; what could be read stands in text even then.
 * \retval false  file itself cannot be read
 */
bool source_read(struct source *source, struct arena *arena, const char *file,
	struct faults *faults);
void source_done(struct source *source);

/** Where a line of text comes from. */
struct source_place source_place(const struct source *source, unsigned line);

/** "file" as seen from the directory of "from"; absolute names stay. NULL: no memory. */
char *source_relative(struct arena *arena, const char *from, const char *file);

/**
 * The same for a secret: a name without a slash is first looked for among those that
 * systemd hands over ($CREDENTIALS_DIRECTORY, systemd.exec(5)).
 */
char *source_credential(struct arena *arena, const char *from, const char *file);

/**
 * Opens a regular file for reading; a directory, a pipe or a device is refused.
 * \param why  what is wrong, on -1
 */
int source_open(const char *file, char *why, size_t why_size);

#endif
