/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parsed file: libconfig's tree, where each setting stands, and how to complain about
 * it. Settings live as long as the document.
 */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include "config/source.h"
#include "config/suggest.h"

/* libconfig's own; its header stays in src/config/. */
struct config_t;
struct config_setting_t;

struct document {
	const char *file;
	struct arena *arena;
	struct faults *faults;
	struct source source;
	struct config_t *config; /* NULL until the text was read */
};

/** \retval false  unreadable or not well formed, with a fault; document_done() is due. */
bool document_open(struct document *document, struct arena *arena, const char *file,
	struct faults *faults);
void document_done(struct document *document);

const struct config_setting_t *document_root(const struct document *document);

/** Adds a fault at a setting: its file, line and path. */
void document_fault(const struct document *document,
	const struct config_setting_t *setting, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** A word nobody knows: the sentence, the nearest known word, and all known words. */
void document_fault_unknown(const struct document *document,
	const struct config_setting_t *setting, const char *sentence,
	const struct suggestion *suggestion);

/**
 * As document_fault() for a group's key, at its value, or at the group where that is not
 * of the file: absent, by default, from the command line or of the host.
 */
void document_fault_member(const struct document *document,
	const struct config_setting_t *group, const char *key, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
