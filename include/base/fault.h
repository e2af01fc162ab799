/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration, said so that it can be mended: where, which key,
 * and what to write instead. All faults are collected; the first never hides the rest.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

struct text;

struct fault {
	char *file;     /* as the person named it; "" when no file is at fault */
	unsigned line;  /* from 1; 0 = the file as a whole */
	char *key;      /* path of the setting, "sites[0].pbx"; "" when none */
	char *sentence; /* what is wrong and what to write instead */
};

/** A file of noise has more faults than memory; nobody mends them all in one go. */
#define FAULTS_KEPT_MAX 200U

/** A list of faults. Zero it to begin; faults_done() frees what it holds. */
struct faults {
	struct fault *items;
	size_t count;
	size_t dropped; /* faults for which there was no memory: never silently lost */
	size_t more;    /* faults beyond FAULTS_KEPT_MAX, only counted */
};

void faults_add(struct faults *faults, const char *file, unsigned line, const char *key,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/** All that were added, kept or not. */
static inline size_t faults_total(const struct faults *faults)
{
	return faults->count + faults->dropped + faults->more;
}

static inline bool faults_any(const struct faults *faults)
{
	return faults_total(faults) > 0;
}

/** "file:line: key: sentence", a line each, as editors and compilers have it. */
void faults_print(const struct faults *faults, struct text *text);

void faults_done(struct faults *faults);

#endif
