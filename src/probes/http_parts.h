/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the kind http share; nobody else includes this. */
#ifndef PROBES_HTTP_PARTS_H
#define PROBES_HTTP_PARTS_H

#include "engine/probe.h"
#include "net/resolver.h"
#include "net/transfer.h"
#include "probes/status_list.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

#define HTTP_REDIRECTS_MAX 10
#define HTTP_URL_MAX       2048

struct http_options {
	const char *path;
	const char *status;
	const char *contains;
	int64_t redirects;
	int64_t body_limit;
	int64_t slow_us;
	struct tls_policy policy;
	int method; /* index into http_methods */
	bool tls;

	struct status_list
		accepted; /* by validate(); empty = any that a server may give */
};

enum http_method { HTTP_GET, HTTP_HEAD };

enum http_gauge {
	HTTP_GAUGE_STATUS = TLS_GAUGE_COUNT,
	HTTP_GAUGE_BODY,
	HTTP_GAUGE_REDIRECTS,
	HTTP_GAUGE_VERSION,
};

struct http_run {
	struct probe_run *run;
	struct transfer *transfer;
	struct lookup lookup;
	struct transfer_url place; /* whom this hop asks */
	char url[HTTP_URL_MAX];
	bool talked;                              /* on this connection … */
	enum transfer_part talking;               /* … and this was said last */
	unsigned hops;                            /* redirects followed so far */
	uint64_t visited[HTTP_REDIRECTS_MAX + 1]; /* hashes of their URLs */
	int64_t phase_us[PHASE_COUNT];            /* over all hops */
	struct finding degraded;                  /* the first one; OK = none */
};

/** For the transcript: what is said on the connection of an http_run, as context. */
void http_talk(void *context, enum transfer_part part, const char *data, size_t length);

/** Judges a final answer: status, content, time, in this order. */
struct finding http_judge(
	const struct http_run *http, const struct transfer_result *result);

/**
 * A hash of an answer over plain HTTP that may be somebody else's: a redirect to another
 * host, or a page that is more than what servers have in stock. 0 for all others.
 */
uint64_t http_answer(const struct http_run *http, const struct transfer_result *result);

/** A finding with the status as evidence; detail printable, "" for none. */
struct finding http_finding(
	enum cause cause, const struct transfer_result *result, const char *detail);

#endif
