/* SPDX-License-Identifier: Apache-2.0 */
/* The closed vocabulary of results: verdicts, causes, layers, phases, languages. */
#ifndef BASE_CAUSE_H
#define BASE_CAUSE_H

#include <stdbool.h>

#include "base/cause_list.h"

enum language { LANGUAGE_EN, LANGUAGE_DE, LANGUAGE_COUNT };

/** Zero is unknown: what was never written claims nothing. */
enum verdict {
	VERDICT_UNKNOWN,
	VERDICT_OK,
	VERDICT_DEGRADED,
	VERDICT_FAILED,
	VERDICT_COUNT
};

enum layer {
	LAYER_NONE,
	LAYER_PATH,
	LAYER_LOCAL,
	LAYER_DNS,
	LAYER_TLS,
	LAYER_HTTP,
	LAYER_PROTOCOL,
	LAYER_NTP,
	LAYER_LDAP,
	LAYER_SIP,
	LAYER_XMPP,
	LAYER_STUN,
	LAYER_RTP,
	LAYER_ROW,
	LAYER_COUNT
};

#define CAUSE_ENUMERATOR(identifier, name, layer, verdict, en, de) CAUSE_##identifier,
enum cause { CAUSE_LIST(CAUSE_ENUMERATOR) CAUSE_COUNT };
#undef CAUSE_ENUMERATOR

/** The parts of a conversation, in order; an outcome names the one it ended in. */
enum phase {
	PHASE_RESOLVE,
	PHASE_CONNECT,
	PHASE_TLS,
	PHASE_REQUEST,
	PHASE_RESPONSE,
	PHASE_COUNT
};

/** "ok", "degraded", "failed", "unknown" */
const char *verdict_name(enum verdict verdict);

/** The worse of two by what a person must know first: failed, degraded, unknown, ok. */
enum verdict verdict_worse(enum verdict left, enum verdict right);

/**
 * The verdict over several ways to one service (addresses of a name, address families),
 * of which verdicts were seen: any way that works proves the service, any that fails
 * degrades it, and only when all fail has it failed: one that could not be asked may
 * work. \param seen  bit 1 << VERDICT_x; 0 gives unknown
 */
enum verdict verdict_of_ways(unsigned seen);

const char *cause_name(enum cause cause);
enum layer cause_layer(enum cause cause);

/** The verdict a finding of this cause carries unless its probe kind knows better. */
enum verdict cause_verdict(enum cause cause);

/** One full sentence for people. */
const char *cause_sentence(enum cause cause, enum language language);

/** \retval false  no such cause; *ret_cause is untouched. */
bool cause_by_name(const char *name, enum cause *ret_cause);

const char *layer_name(enum layer layer);
const char *phase_name(enum phase phase);

/** "en", "de" */
const char *language_name(enum language language);

/** All of them in the order of the enum, NULL terminated. */
const char *const *language_names(void);

#endif
