/* SPDX-License-Identifier: Apache-2.0 */
/* The site most tests of common causes need, and what is expected of it. */
#ifndef TESTS_ENGINE_USUAL_SITE_H
#define TESTS_ENGINE_USUAL_SITE_H

#include "engine/diagnosis.h"
#include "sites.h"

#define IN  DIRECTION_INBOUND
#define OUT DIRECTION_OUTBOUND
#define TCP TRANSPORT_TCP
#define UDP TRANSPORT_UDP

/** Its requirements, by id, ended by a NULL: of the PBX, of what is beyond, and all. */
const char *const *usual_pbx(void);
const char *const *usual_far(void);
const char *const *usual_all(void);

/**
 * A PBX in the own network, a name server there, a time server and hosts out there; all
 * well, and what owes no answer over UDP ("fed") silent and unknown.
 */
void usual_site_make(struct small_site *small);

/** The same before anything has run. */
void usual_site_fresh(struct small_site *small);

void tell_rows(
	struct small_site *small, const char *const *requirements, enum cause cause);

/** One diagnosis, of these requirements and no others. */
void expect_about(const struct small_site *small, enum common_cause cause,
	const char *const *covered, struct diagnosis *ret_diagnosis);
void expect(const struct small_site *small, enum common_cause cause,
	const char *const *covered);
void expect_nothing(const struct small_site *small);

#endif
