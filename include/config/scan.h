/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file, lexed as libconfig 1.5 lexes it, to find what libconfig would swallow. What
 * libconfig is to read goes out with @include replaced and integers kept whole.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/text.h"

/** Where the text of all files goes. */
struct scan_out {
	struct text text;
	unsigned lines;    /* of text so far, from 1 */
	bool stopped;      /* at what is no text; the rest was not read */
	uint64_t lists;    /* open brackets, the innermost in bit 0: 1 = ( or [, 0 = { */
	bool after_string; /* and nothing but white space and comments since */
};

struct scan {
	struct scan_out *out;
	struct faults *faults;
	const char *file;
	const char *at, *end; /* what is left of the file */
	unsigned line;        /* of at, from 1 */
	unsigned depth;       /* 0 for the file the person named */
	const struct scan *parent;
	dev_t device;
	ino_t inode;

	/** Scans the file of an @include directive in place of it. */
	void (*include)(struct scan *scan, const char *name);
	void *context;
};

void scan_run(struct scan *scan);

#endif
