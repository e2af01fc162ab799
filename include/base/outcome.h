/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run found, as a plain value without pointers: it is copied into the store and
 * outlives the run, the check and a reload.
 */
#ifndef BASE_OUTCOME_H
#define BASE_OUTCOME_H

#include <stdint.h>

#include "base/address.h"
#include "base/cause.h"

/** Printable ASCII only (text_copy_printable), so that it is safe in a log line. */
#define EVIDENCE_DETAIL_MAX 96

/** Room for evidence_format(): a detail, an address and the words around them. */
#define EVIDENCE_TEXT_MAX (EVIDENCE_DETAIL_MAX + ADDRESS_TEXT_MAX + 64)

/** As many gauges as one probe kind may have. */
#define OUTCOME_VALUES_MAX 48

/** Who or what said so; decides what type, code and offender mean. */
enum evidence_kind {
	EVIDENCE_NONE,
	EVIDENCE_ICMP,        /* type, code; offender = the device that sent it */
	EVIDENCE_ICMP6,       /* type, code; offender = the device that sent it */
	EVIDENCE_TCP_RESET,   /* the address asked answered with RST */
	EVIDENCE_TLS_ALERT,   /* code = alert number (RFC 8446, 6.2) */
	EVIDENCE_CERTIFICATE, /* code = X509_V_ERR_*; detail = subject or names */
	EVIDENCE_DNS_RCODE,   /* code = rcode; offender = the name server */
	EVIDENCE_HTTP_STATUS, /* code = status */
	EVIDENCE_NTP,         /* type = stratum, code = leap; detail = kiss code */
	EVIDENCE_ADDRESSES,   /* detail = which of the addresses of a name, and why */
	EVIDENCE_PEER,        /* what a peer sent, in detail; offender = who sent it */
	EVIDENCE_LOCAL,       /* code = errno of this host */
	EVIDENCE_COMPARISON,  /* of checks or runs, in detail; offender = the device */
	EVIDENCE_SIP_STATUS,  /* code = status; detail = what it said, or what changed */
	EVIDENCE_KIND_COUNT
};

struct evidence {
	enum evidence_kind kind;
	int type;
	int code;
	struct address offender; /* FAMILY_NONE when nobody can be named */
	char detail[EVIDENCE_DETAIL_MAX];
};

/** A verdict with its reason: what a conversation, or a part of one, ends with. */
struct finding {
	enum verdict verdict;
	enum cause cause;
	struct evidence evidence;
};

struct outcome {
	struct finding finding;
	enum phase phase;       /* the one it ended in */
	struct address address; /* the one asked; FAMILY_NONE if none was found */
	uint16_t port;
	uint8_t addresses_tested; /* of the addresses the name has */
	uint8_t addresses_failed;
	uint64_t values_set;             /* bit i: values[i] was measured */
	bool name_asked;                 /* a name server was asked in this run */
	int64_t wall_us;                 /* when it ended, UTC; 0 = never ran */
	int64_t duration_us;             /* of the whole run, resolving included */
	int64_t phase_us[PHASE_COUNT];   /* 0 = phase not entered */
	bool clock_compared;             /* clock_offset_us was measured */
	int64_t clock_offset_us;         /* theirs minus ours, by a time server */
	struct transport_address local;  /* our own end of the conversation … */
	struct transport_address mapped; /* … and what the other side saw of it */
	uint64_t answer; /* hash of a foreign answer, probe_answer(); 0 = none */
	uint64_t issuer; /* text_hash() of who vouches for the chain; 0 = none */
	double values[OUTCOME_VALUES_MAX]; /* by the gauge table of the probe kind */
};

/** A finding of this cause with the cause's own verdict and no evidence. */
struct finding finding_of(enum cause cause);

/** "icmp", "icmp6", "tcp-reset", "tls-alert", … : stable names for JSON. */
const char *evidence_name(enum evidence_kind kind);

/**
 * One line for people: "ICMP 3/13 from 192.0.2.1", "certificate: expired 2026-10-01".
 * "" when there is no evidence. \return buffer
 */
const char *evidence_format(const struct evidence *evidence, char *buffer, size_t size);

/** Both ends are known, and the far one saw us under another address than our own. */
bool outcome_is_translated(const struct outcome *outcome);

static inline bool outcome_has_value(const struct outcome *outcome, unsigned index)
{
	return (outcome->values_set >> index & 1U) != 0;
}

#endif
