/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the kind tls-versions share; nobody else includes this. */
#ifndef PROBES_VERSIONS_PARTS_H
#define PROBES_VERSIONS_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "net/tls.h"

/*
 * How many there are to offer: the first ones of tls_version_names, by whose indexes
 * gauges and masks go. The newest is offered first: what a healthy port accepts is learnt
 * before what it may take amiss.
 */
#define VERSIONS_OFFERED 4
#define VERSIONS_ALL     ((1U << VERSIONS_OFFERED) - 1)

/* Until a version is accepted, or all are refused: whether the port speaks TLS at all is
 * another row's. */
#define VERSIONS_UNMEASURED "no offer of TLS was accepted, so versions remain open"

/* What an attempt says of the version it offered. */
enum settled {
	SETTLED_NOT,
	SETTLED_ACCEPTED,
	SETTLED_REFUSED,
	SETTLED_CUT,   /* refused, if whoever comes after still gets in */
	SETTLED_NEVER, /* nor will another attempt */
};

struct versions_ledger {
	unsigned accepted, refused, cut;
	struct finding findings[VERSIONS_OFFERED]; /* of those that were offered */
};

/** Nothing came and nothing broke: it is OpenSSL that would not offer this. */
bool versions_is_own_refusal(const struct tls_session *session);

/** \param session  whose handshake has failed, with this one version offered */
enum settled versions_settle(const struct tls_session *session, unsigned version);

void versions_note(struct versions_ledger *ledger, unsigned version, enum settled settled,
	const struct finding *finding);

/**
 * Whether a connection has still to show that cuts were refusals: who limits connections
 * cuts the later ones, whatever is offered there.
 * \param ret_version  to offer again: the best one that was accepted
 */
bool versions_need_proof(const struct versions_ledger *ledger, unsigned *ret_version);

/** That connection worked. */
void versions_prove(struct versions_ledger *ledger);

struct finding versions_judge(const struct versions_ledger *ledger, unsigned forbidden,
	const struct address *peer);

/** \retval false  *why says what to write instead */
bool versions_parse(
	const char *text, unsigned *ret_forbidden, char *why, size_t why_size);

#endif
