/* SPDX-License-Identifier: Apache-2.0 */
/* What to change, by the cause and the way that was tested; for report/ itself only. */
#ifndef REPORT_ADVICE_H
#define REPORT_ADVICE_H

#include "base/text.h"
#include "engine/store.h"
#include "report/advice_list.h"

#define ADVICE_ENUMERATOR(identifier, rule, en, de) ADVICE_##identifier,
enum advice { ADVICE_MISSING, ADVICE_LIST(ADVICE_ENUMERATOR) ADVICE_COUNT };
#undef ADVICE_ENUMERATOR

/** Inbound is what the PBX is asked, also of a row of both ways that leads to it. */
bool advice_is_inbound(const struct requirement *requirement);

/** What to do about this row when it is so. \retval ADVICE_MISSING  never */
enum advice advice_of(
	const struct requirement *requirement, enum verdict verdict, enum cause cause);

/** The same, and by what the run that decides has heard: for advice_write(). */
enum advice advice_for(const struct requirement_state *state);

/** Whether a rule of a firewall may be what is missing. */
bool advice_needs_rule(enum advice advice);

/** Sentences for people, the names of this requirement filled in. */
void advice_write(enum advice advice, const struct requirement_state *state,
	enum language language, struct text *text);

#endif
