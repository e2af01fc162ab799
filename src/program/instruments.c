/* SPDX-License-Identifier: Apache-2.0 */
#include "program/instruments.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "config/reflector.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/transfer.h"

/* Descriptors for listeners, clients, resolvers, netlink, the log and a spare. */
#define RESERVED_DESCRIPTORS 128

/* A run holds one socket; libcurl briefly a second one. */
#define DESCRIPTORS_PER_RUN 2

/* Of the loop; 8 TLS starts of 0.4 ms add 3 ms to somebody's answer at the worst. */
#define STARTS_PER_TURN 8

bool trust_renewal_init(struct trust_renewal *ret_renewal, struct loop *loop,
	const struct config *config, struct text *error)
{
	struct trust_renewal renewal = { 0 };
	int failed = tls_trust_new(config->ca_file, &renewal.trust);

	if (!failed)
		failed = transfers_new(loop, renewal.trust, &renewal.transfers);
	if (failed) {
		text_format(error, "trust store %s: %s; write a PEM bundle into ca_file",
			config->ca_file ? config->ca_file : "of the system",
			strerrordesc_np(-failed));
		trust_renewal_done(&renewal);
		return false;
	}
	*ret_renewal = renewal;
	return true;
}

void trust_renewal_done(struct trust_renewal *renewal)
{
	transfers_free(renewal->transfers);
	tls_trust_free(renewal->trust);
	*renewal = (struct trust_renewal){ 0 };
}

void trust_renewal_commit(struct trust_renewal *renewal, struct instruments *instruments)
{
	struct trust_renewal old = {
		.trust = instruments->services.trust,
		.transfers = instruments->services.transfers,
	};

	instruments->services.trust = renewal->trust;
	instruments->services.transfers = renewal->transfers;
	*renewal = old;
	trust_renewal_done(renewal);
}

/* systemd's filter may forbid it; then the unit's LimitNOFILE is what there is. */
size_t descriptors_raise(void)
{
	struct rlimit limit = { 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			return raised.rlim_cur;
	}
	return limit.rlim_cur;
}

bool instruments_steered(const struct config *config)
{
	return config->reflector && config->reflector->settings.steers;
}

bool instruments_init(const struct config *config, struct instruments *ret_instruments,
	struct text *error)
{
	struct instruments instruments = { 0 };
	struct trust_renewal trust = { 0 };
	struct host_state state;
	int failed = loop_new(&instruments.loop);

	if (failed) {
		text_format(error, "event loop: %s", strerrordesc_np(-failed));
		return false;
	}
	if (!trust_renewal_init(&trust, instruments.loop, config, error)) {
		instruments_done(&instruments);
		return false;
	}
	if (host_new(&instruments.host) < 0) {
		text_append(error, "self-examination: out of memory");
		trust_renewal_done(&trust);
		instruments_done(&instruments);
		return false;
	}
	host_examine(instruments.host, &state);
	if (!state.known)
		log_warn("self-examination is off: the kernel gives no netlink socket");
	instruments.services = (struct probe_services){
		.loop = instruments.loop,
		.trust = trust.trust,
		.transfers = trust.transfers,
		.steered = instruments_steered(config),
	};
	*ret_instruments = instruments;
	return true;
}

void instruments_done(struct instruments *instruments)
{
	transfers_free(instruments->services.transfers);
	tls_trust_free(instruments->services.trust);
	host_free(instruments->host);
	loop_free(instruments->loop);
	*instruments = (struct instruments){ 0 };
}

struct engine_limits instruments_limits(const struct config *config)
{
	size_t descriptors = descriptors_raise();
	size_t reserved = RESERVED_DESCRIPTORS;
	size_t most = 1;

	if (config->reflector)
		reserved += config->reflector->descriptors;
	if (descriptors > reserved + DESCRIPTORS_PER_RUN)
		most = (descriptors - reserved) / DESCRIPTORS_PER_RUN;
	return (struct engine_limits){
		.in_flight_max = config->in_flight_max < most ? config->in_flight_max
							      : (unsigned)most,
		.starts_per_turn = STARTS_PER_TURN,
		.per_host_max = config->per_host_max,
	};
}
