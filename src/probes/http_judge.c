/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/http_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/text.h"

#define STATUS_PROXY_AUTHENTICATION   407
#define STATUS_NETWORK_AUTHENTICATION 511

struct finding http_finding(
	enum cause cause, const struct transfer_result *result, const char *detail)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind = EVIDENCE_HTTP_STATUS;
	finding.evidence.code = result->status;
	text_copy_printable(
		finding.evidence.detail, EVIDENCE_DETAIL_MAX, detail, strlen(detail));
	return finding;
}

static bool body_contains(const struct transfer_result *result, const char *words)
{
	return memmem(result->body, result->body_kept, words, strlen(words)) != NULL;
}

/*
 * Web servers answer a plain request on their TLS port by a 400 that says so: nginx,
 * Apache httpd, Tomcat, Go. Taken for an answer it would hide a wrong configuration.
 */
static bool wants_tls(const struct http_run *http, const struct transfer_result *result)
{
	static const char *const complaints[] = {
		"HTTP request was sent to HTTPS port",
		"speaking plain HTTP to an SSL-enabled server port",
		"This combination of host and port requires TLS",
		"Client sent an HTTP request to an HTTPS server",
	};

	if (http->place.tls || result->status != 400)
		return false;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
		if (body_contains(result, complaints[i]))
			return true;
	}
	return false;
}

/* Another host spoke in the end, or the answer sends us to one. */
static bool is_elsewhere(
	const struct http_run *http, const struct transfer_result *result)
{
	const char *host = http->run->target.host;
	struct transfer_url place;

	if (strcasecmp(http->place.host, host) != 0)
		return true;
	return result->location && transfer_url_read(result->location, &place) &&
		strcasecmp(place.host, host) != 0;
}

/*
 * The label before the last: "starface" of www.starface.com. 0 = cannot be told, as of
 * an address or a name of one label.
 */
static size_t owner_of(const char *host, const char **ret_owner)
{
	const char *last = strrchr(host, '.');
	const char *owner = last;
	struct address address;

	if (!last || address_parse(host, &address))
		return 0;
	while (owner > host && owner[-1] != '.')
		owner--;
	*ret_owner = owner;
	return (size_t)(last - owner);
}

/* "starface-cdn.de" and "www.starface.com" are told as one, to be on the safe side. */
static bool may_be_one_owner(const char *left, const char *right)
{
	const char *a = NULL, *b = NULL;
	size_t a_length = owner_of(left, &a);
	size_t b_length = owner_of(right, &b);
	size_t shorter = a_length < b_length ? a_length : b_length;

	return shorter == 0 || strncasecmp(a, b, shorter) == 0;
}

/*
 * A redirect to somebody else's host, unencrypted: servers may do so and portals live on
 * it. Under TLS the certificate has proven who sends us there.
 */
static bool is_sent_astray(
	const struct http_run *http, const struct transfer_result *result)
{
	const struct http_options *options = http->run->options;
	struct transfer_url place;

	return !http->place.tls && options->accepted.count == 0 && result->location &&
		transfer_url_read(result->location, &place) &&
		!may_be_one_owner(http->run->target.host, place.host);
}

/* Error pages that nginx, httpd and Tomcat bring along are shorter. */
#define STOCK_PAGE_MAX 600

uint64_t http_answer(const struct http_run *http, const struct transfer_result *result)
{
	const char *said = result->body;
	struct transfer_url place;
	uint64_t hash;

	if (http->place.tls || result->status < 200)
		return 0;
	if (result->location) {
		if (!transfer_url_read(result->location, &place) ||
			strcasecmp(place.host, http->run->target.host) == 0)
			return 0;
		said = place.host;
	} else if (result->body_length <=
		(result->status < 300 ? 0 : (uint64_t)STOCK_PAGE_MAX)) {
		return 0;
	}
	hash = text_hash(said) ^ (uint64_t)result->status;
	return hash != 0 ? hash : 1;
}

static struct finding finding_astray(const struct transfer_result *result)
{
	struct finding finding =
		http_finding(CAUSE_CAPTIVE_PORTAL, result, result->location);

	finding.verdict = VERDICT_DEGRADED; /* it may be the server's own will */
	return finding;
}

static struct finding judge_status(
	const struct http_options *options, const struct transfer_result *result)
{
	struct finding finding = http_finding(CAUSE_NONE, result, "");

	if (options->accepted.count > 0) {
		if (status_list_holds(&options->accepted, result->status))
			return finding;
		return http_finding(CAUSE_HTTP_STATUS, result, "");
	}
	if (result->status < 500)
		return finding;
	/* path and service are proven, and the service says that it cannot serve */
	finding = http_finding(CAUSE_HTTP_STATUS, result, "");
	finding.verdict = VERDICT_DEGRADED;
	return finding;
}

/* Nobody stands between who proved its name by a certificate and us. */
static bool is_authentic(
	const struct http_run *http, const struct transfer_result *result)
{
	return http->place.tls && result->tls.trust.verdict == VERDICT_OK;
}

static struct finding judge_content(
	const struct http_run *http, const struct transfer_result *result)
{
	const struct http_options *options = http->run->options;
	/* a page that was not read to its end may still have it */
	bool is_whole = (int64_t)result->body_kept < options->body_limit;

	if (!options->contains || body_contains(result, options->contains))
		return http_finding(CAUSE_NONE, result, "");
	if (is_elsewhere(http, result))
		return http_finding(CAUSE_CAPTIVE_PORTAL, result,
			result->location ? result->location : http->url);
	return http_finding(is_whole && !is_authentic(http, result) ? CAUSE_CAPTIVE_PORTAL
								    : CAUSE_GARBAGE,
		result, "the expected text is not in the page");
}

static bool is_slow(const struct http_run *http)
{
	const struct http_options *options = http->run->options;
	int64_t total_us = 0;

	for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
		total_us += http->phase_us[phase];
	return options->slow_us > 0 && total_us > options->slow_us;
}

struct finding http_judge(
	const struct http_run *http, const struct transfer_result *result)
{
	struct finding finding;

	if (wants_tls(http, result))
		return http_finding(
			CAUSE_WRONG_PROTOCOL, result, "TLS is wanted on this port");
	/* RFC 6585, 6 and RFC 9110, 15.5.8: never from the server asked, always from what
	 * stands between */
	if (result->status == STATUS_NETWORK_AUTHENTICATION ||
		result->status == STATUS_PROXY_AUTHENTICATION)
		return http_finding(CAUSE_CAPTIVE_PORTAL, result, "");
	finding = judge_status(http->run->options, result);
	if (finding.verdict == VERDICT_OK)
		finding = judge_content(http, result);
	if (finding.verdict == VERDICT_OK && is_sent_astray(http, result))
		finding = finding_astray(result);
	if (finding.verdict == VERDICT_OK && is_slow(http))
		finding = http_finding(CAUSE_SLOW, result, "");
	return finding;
}
