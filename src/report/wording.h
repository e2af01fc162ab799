/* SPDX-License-Identifier: Apache-2.0 */
/* How a result reads: the same words in JSON, on the page and on the terminal. */
#ifndef REPORT_WORDING_H
#define REPORT_WORDING_H

#include "base/text.h"
#include "engine/diagnosis.h"
#include "engine/store.h"
#include "report/summary.h"

/** One sentence; a result that does not exist yet says so instead of "nothing is wrong".
 */
const char *wording_sentence(
	enum verdict verdict, enum cause cause, enum language language);

/** "ok", "degraded", … as people of the language say it. */
const char *wording_verdict(enum verdict verdict, enum language language);

/** "3 of 31 requirements failed." */
void wording_summary(
	const struct summary *summary, enum language language, struct text *text);

/** Room for wording_said(). */
#define WORDING_SAID_MAX (2 * EVIDENCE_TEXT_MAX)

/**
 * evidence_format() in the reader's language, as far as the words are our own: names of
 * protocols and what others said stay as they are. \return buffer
 */
const char *wording_said(const struct evidence *evidence, enum language language,
	char *buffer, size_t size);

/** Its sentence, with who said so. */
void wording_diagnosed(
	const struct diagnosis *diagnosis, enum language language, struct text *text);

/** What is common to several rows: the sentence, the evidence and what to do. */
void wording_diagnosis(
	const struct diagnosis *diagnosis, enum language language, struct text *text);

/** What it explains: "license-443, ntp" at one site, "hq 31, branch 30" at several. */
void wording_covered(const struct diagnoses *diagnoses, const struct diagnosis *diagnosis,
	const struct store *store, struct text *text);

/** What an outbound row can prove at most. */
const char *wording_limit(enum language language);

/**
 * How to make an unknown row testable, or what its silence means; of an ok one what that
 * does not prove. NULL when there is nothing to say.
 */
const char *wording_hint(const struct requirement_state *state, enum language language);

/** Who said so, when the run that confirmed the state is the last one; else NULL. */
const struct evidence *wording_evidence(const struct requirement_state *state);

/**
 * What is asked, for people: the target of the deciding check, else the row's host and
 * ports, with the transport behind: "license.starface.de:443/tcp".
 */
void wording_target(const struct requirement_state *state, struct text *text);

#endif
