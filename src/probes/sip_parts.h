/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the kind sip share; nobody else includes this. */
#ifndef PROBES_SIP_PARTS_H
#define PROBES_SIP_PARTS_H

#include "engine/probe.h"
#include "net/sip_message.h"
#include "probes/dialogue.h"
#include "probes/exchange.h"
#include "probes/status_list.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

enum sip_nat { SIP_NAT_ALLOW, SIP_NAT_DEGRADE };

struct sip_options {
	const char *user;
	const char *server_name;
	const char *accept;
	int64_t repeat_after_us;
	struct tls_policy policy;
	int transport; /* enum sip_transport */
	int nat;       /* enum sip_nat */

	struct status_list accepted; /* by validate(); empty = below 500 */
};

enum sip_gauge {
	SIP_GAUGE_EXCHANGE = TLS_GAUGE_COUNT,
	SIP_GAUGE_STATUS = SIP_GAUGE_EXCHANGE + EXCHANGE_GAUGE_COUNT,
	SIP_GAUGE_PROVISIONAL,
	SIP_GAUGE_MISMATCHES,
	SIP_GAUGE_REWRITES,
	SIP_GAUGE_BYTES,
	SIP_GAUGE_METHODS,
	SIP_GAUGE_NAT,
};

/* Below it answers are provisional (RFC 3261, 7.2). */
#define SIP_STATUS_FINAL 200

/* Of one message in a stream. */
#define SIP_MESSAGE_MAX 4096

struct sip_run {
	struct probe_run *run;
	struct exchange exchange; /* by UDP … */
	struct dialogue dialogue; /* … or else */
	struct finding misfit;    /* the first; OK = none */
	unsigned mismatches, provisional;
	/* of the first message in the stream, once its header is whole; 0 = not yet */
	size_t head, awaited;
	unsigned status; /* and it is our final answer; 0 = it is not */
	struct sip_request request;
	uint8_t heard[SIP_MESSAGE_MAX];
};

/** Makes the request for this run, with secrets of its own. */
void sip_write_request(struct sip_run *sip, const struct transport_address *local);

/** Takes a message that is SIP, for better or worse; may finish the run. */
void sip_take_message(
	struct sip_run *sip, enum sip_reading reading, const struct sip_answer *answer);

/** As probe_suspect(), and remembers the first. */
void sip_suspect(struct sip_run *sip, const struct finding *finding);

/** Opens the stream; all else follows. */
void sip_start_stream(struct sip_run *sip);

/** Notes values, mapping and changes of a final answer that is ours, and judges it. */
struct finding sip_judge(struct probe_run *run, const struct sip_answer *answer);

/** A finding for a message that is no answer to our request, or no good one. */
struct finding sip_misfit(const struct probe_run *run, enum sip_reading reading,
	const struct sip_answer *answer);

#endif
