/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the kind http share; nobody else includes this. */
#ifndef PROBES_HTTP_PARTS_H
#define PROBES_HTTP_PARTS_H

#include "engine/probe.h"
#include "net/resolver.h"
#include "net/transfer.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

#define HTTP_REDIRECTS_MAX     10
#define HTTP_STATUS_RANGES_MAX 16
#define HTTP_URL_MAX           2048

struct http_status_range {
	int first, last;
};

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

	/* By validate(): the list in status; count 0 = any that a server may give. */
	struct http_status_range ranges[HTTP_STATUS_RANGES_MAX];
	size_t range_count;
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
	unsigned hops;                            /* redirects followed so far */
	uint64_t visited[HTTP_REDIRECTS_MAX + 1]; /* hashes of their URLs */
	int64_t phase_us[PHASE_COUNT];            /* over all hops */
	struct finding degraded;                  /* the first one; OK = none */
};

/** Reads "200-399,401" into ranges. \retval false  *why says what to write */
bool http_status_parse(struct http_options *options, char *why, size_t why_size);

/** Judges a final answer: status, content, time, in this order. */
struct finding http_judge(
	const struct http_run *http, const struct transfer_result *result);

/** A finding with the status as evidence; detail printable, "" for none. */
struct finding http_finding(
	enum cause cause, const struct transfer_result *result, const char *detail);

#endif
