/* SPDX-License-Identifier: Apache-2.0 */
/* A harness, and what a TLS server beside it (net/tls_partner.h) shows. */
#ifndef TESTS_PROBES_TLS_WORLD_H
#define TESTS_PROBES_TLS_WORLD_H

#include "net/tls_partner.h"
#include "probes/harness.h"

struct tls_world {
	struct harness harness;
	struct tls_trust *trust; /* an authority that vouches for nobody here */
	struct credential shown; /* signs itself */
	char folder[64];
	char path[128];    /* what is shown, with its key */
	char trusted[160]; /* the value of the option trust that vouches for it */
};

/** For cmocka: a struct tls_world. \param shown  signs itself, whatever it says */
int tls_world_set_up(void **state, const struct credential_spec *shown);
int tls_world_tear_down(void **state);

/** One run that asks this partner, which serves only meanwhile. */
struct outcome tls_partner_asked(
	struct harness *harness, struct tls_partner *partner, struct trial trial);

#endif
