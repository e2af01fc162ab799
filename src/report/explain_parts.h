/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of an explanation; for report/ itself only. */
#ifndef REPORT_EXPLAIN_PARTS_H
#define REPORT_EXPLAIN_PARTS_H

#include "base/text.h"
#include "report/explain_words.h"
#include "report/source.h"

#define EXPLAIN_INDENT 4

struct diagnosis;

/** One requirement at one site, on its way to a text. */
struct explanation {
	const struct report_source *source;
	const struct requirement_state *state;
	const struct diagnosis *diagnosis; /* NULL = nothing common explains it */
	enum language language;
	bool remembered; /* see explain_options */
	bool one;        /* asked for by its id, not one of all */
	struct text *text;
};

/** A line of its own, after an empty one. */
void explain_heading(const struct explanation *explanation, enum explain_word word);

/** Wrapped under its heading. */
void explain_sentence(const struct explanation *explanation, const char *sentence);

/** As explain_sentence(), of a line that is then freed; nothing for an empty one. */
void explain_paragraph(const struct explanation *explanation, struct text *line);

/** What is known of the ports of its range, if it has one that keeps them. */
void explain_ports(const struct explanation *explanation);

/** What was said just now, or what the daemon remembers: failures and history. */
void explain_memory(const struct explanation *explanation);

#endif
