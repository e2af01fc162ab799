/* SPDX-License-Identifier: Apache-2.0 */
/* What probes work with, made once and shared by the daemon and the command `check`. */
#ifndef PROGRAM_INSTRUMENTS_H
#define PROGRAM_INSTRUMENTS_H

#include "base/text.h"
#include "config/load.h"
#include "engine/engine.h"
#include "net/host.h"

struct instruments {
	struct loop *loop;
	struct host *host; /* without netlink it has no opinion */
	struct probe_services services;
};

/**
 * \param error  gets a sentence
 * \retval false  nothing is left behind
 */
bool instruments_init(const struct config *config, struct instruments *ret_instruments,
	struct text *error);

/** Whether the reflector of the configuration steers; a reload may change it. */
bool instruments_steered(const struct config *config);

/** The engine must have been freed before. */
void instruments_done(struct instruments *instruments);

/** What a reload renews: the trust store as `ca_file` or the system has it now. */
struct trust_renewal {
	struct tls_trust *trust;
	struct transfers *transfers;
};

/** \retval false  nothing was made, error says why */
bool trust_renewal_init(struct trust_renewal *ret_renewal, struct loop *loop,
	const struct config *config, struct text *error);

/**
 * Puts it in the place of the present one, which is freed: no run may be in flight that
 * uses it, so right after engine_adopt().
 */
void trust_renewal_commit(struct trust_renewal *renewal, struct instruments *instruments);

/** Frees what was not committed. */
void trust_renewal_done(struct trust_renewal *renewal);

/** Raises the limit of descriptors as far as it goes. \return what there may be now */
size_t descriptors_raise(void);

/** The limits of a configuration, with what the machine allows. */
struct engine_limits instruments_limits(const struct config *config);

#endif
