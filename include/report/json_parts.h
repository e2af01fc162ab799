/* SPDX-License-Identifier: Apache-2.0 */
/* The objects json_status() is made of, for those who write JSON of the same shape. */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include <jansson.h>

#include "base/text.h"
#include "report/source.h"
#include "report/summary.h"

struct diagnoses;

/**
 * Objects are built by jansson one requirement at a time and printed at once: a tree of
 * 20,000 checks would take many times the memory of its text.
 */
struct json_writer {
	struct text *text;
	enum language language;
	const struct diagnoses *diagnoses; /* of the store that is written */
	bool whole;  /* one requirement, at length: long lists are not cut short */
	bool failed; /* memory ran out somewhere */
};

/** Steals value; a NULL value is memory that ran out, json_null() is what is unknown. */
void json_put(struct json_writer *writer, json_t *object, const char *key, json_t *value);

/** A string, repaired where it is not UTF-8 (jansson refuses it whole); NULL is null. */
json_t *json_text(const char *string);

/** Two members: key as RFC 3339 and key_epoch as seconds; both null for 0. */
void json_put_time(
	struct json_writer *writer, json_t *object, const char *key, int64_t wall_us);

void json_put_evidence(
	struct json_writer *writer, json_t *object, const struct evidence *evidence);
/** verdict, cause, sentence and evidence */
void json_put_finding(
	struct json_writer *writer, json_t *object, const struct finding *finding);

/** address and port; null where there is none */
void json_put_peer(
	struct json_writer *writer, json_t *object, const struct transport_address *peer);

void json_put_summary(
	struct json_writer *writer, json_t *object, const struct summary *summary);
void json_put_host(
	struct json_writer *writer, json_t *object, const struct host_state *host);

/** reflector: what it holds and what it answered; null where there is none */
void json_put_reflector(
	struct json_writer *writer, json_t *object, const struct report_source *source);

/** common_causes: what is common to requirements that are not well */
void json_put_common_causes(
	struct json_writer *writer, json_t *object, const struct store *store);

/** common_cause: what explains a requirement, by its index in the store */
void json_put_cover(struct json_writer *writer, json_t *object, size_t index);

/** What the catalogue says of a requirement: the part that no run changes. */
void json_put_requirement(struct json_writer *writer, json_t *object,
	const struct requirement *requirement);

/** A check with its last run. */
json_t *json_check(struct json_writer *writer, const struct record *record);

/** What is known of the ports of a check that keeps them; null before the first run. */
json_t *json_ports(struct json_writer *writer, const struct record *record);

/** Prints and frees value; `members` leaves the braces out, to go on within them. */
void json_print(struct json_writer *writer, json_t *value, bool members);

#endif
