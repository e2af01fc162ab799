/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "probes/http_parts.h"
#include "probes/probe_kinds.h"

/* Enough of a page to know a server's own error text. */
#define BODY_KEPT_LEAST 1024

/* The engine's deadline is the law; curl's is a belt behind it. */
#define BELT_US SECOND

static const char *const http_methods[] = {
	[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", NULL
};

/* Names the program, as whoever finds it in a log may ask. Never credentials. */
static const char *const headers[] = {
	"User-Agent: starface-exporter/" PROJECT_VERSION " (reachability check)", NULL
};

static const struct probe_option options[] = {
	{ .name = "path",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct http_options, path),
		.fallback = "/",
		.help = "What to ask for, from the first slash on." },
	{ .name = "tls",
		.type = PROBE_OPTION_BOOL,
		.offset = offsetof(struct http_options, tls),
		.fallback = "false",
		.help = "Whether to speak HTTPS." },
	{ .name = "method",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct http_options, method),
		.fallback = "GET",
		.choices = http_methods,
		.help = "How to ask; HEAD transfers no body." },
	{ .name = "status",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct http_options, status),
		.help = "The statuses that are fine, such as \"200-399,401\"; any other "
			"fails the check. Without it every status proves path and "
			"service, and 5xx degrades." },
	{ .name = "redirects",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct http_options, redirects),
		.fallback = "0",
		.least = 0,
		.most = HTTP_REDIRECTS_MAX,
		.help = "How many redirects to follow. With 0 a redirect is an answer as "
			"any other; but without TLS, and without accepted statuses, one "
			"to "
			"somebody else's host is degraded: captive-portal." },
	{ .name = "contains",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct http_options, contains),
		.help = "Text that must be in the page. Its absence is a captive portal "
			"if another host answers or is pointed to, else garbage." },
	{ .name = "body_limit",
		.type = PROBE_OPTION_INTEGER,
		.offset = offsetof(struct http_options, body_limit),
		.fallback = "65536",
		.least = 1,
		.most = 16 * 1024 * 1024,
		.help = "Octets of the page to read at most; what is beyond counts as "
			"read." },
	{ .name = "slow",
		.type = PROBE_OPTION_DURATION,
		.offset = offsetof(struct http_options, slow_us),
		.fallback = "0s",
		.least = 0,
		.most = 10 * MINUTE,
		.help = "An answer that takes longer degrades the result; 0s leaves it "
			"to the deadline." },
	TLS_POLICY_OPTIONS(struct http_options),
	{ .name = NULL },
};

static const char *const version_names[] = { "1.0", "1.1", "other", NULL };

static const struct probe_gauge gauges[] = {
	TLS_GAUGES,
	[HTTP_GAUGE_STATUS] = { .name = "http_status_code",
		.help = "Status of the last HTTP answer." },
	[HTTP_GAUGE_BODY] = { .name = "http_body_bytes",
		.help = "Length of the page as far as it was read." },
	[HTTP_GAUGE_REDIRECTS] = { .name = "http_redirects",
		.help = "Redirects that were followed." },
	[HTTP_GAUGE_VERSION] = { .name = "http_info",
		.help = "The HTTP version of the answer.",
		.label = "version",
		.label_values = version_names },
	{ .name = NULL },
};

static void ask(struct http_run *http, const struct address *address);

/* Over all hops, by curl's clock, which does not know how busy this loop is. */
static void end(struct http_run *http, const struct finding *finding)
{
	for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
		if (http->phase_us[phase] > 0)
			probe_phase_time(http->run, phase, http->phase_us[phase]);
	}
	probe_finish(http->run, finding);
}

static void measure(struct http_run *http, const struct transfer_result *result)
{
	const struct http_options *settings = http->run->options;

	for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
		http->phase_us[phase] += result->phase_us[phase];
	/* the certificate of the host that was asked, not of one it points to */
	if (http->hops == 0) {
		tls_gauges_set(http->run, &result->tls);
		tls_gauges_note(http->run, &result->tls);
	}
	if (result->status == 0)
		return;
	if (http->hops == 0)
		probe_answer(http->run, http_answer(http, result));
	probe_set(http->run, HTTP_GAUGE_STATUS, result->status);
	probe_set(http->run, HTTP_GAUGE_BODY, (double)result->body_length);
	if (settings->redirects > 0)
		probe_set(http->run, HTTP_GAUGE_REDIRECTS, http->hops);
	probe_set(http->run, HTTP_GAUGE_VERSION,
		result->http_version == 10           ? 0
			: result->http_version == 11 ? 1
						     : 2);
}

/* \retval false  they were here before */
static bool visit(struct http_run *http, const char *url)
{
	uint64_t hash = text_hash(url);

	for (unsigned i = 0; i <= http->hops; i++) {
		if (http->visited[i] == hash)
			return false;
	}
	http->hops++;
	http->visited[http->hops] = hash;
	return true;
}

/*
 * Whether the place a redirect names may be asked.
 * \retval false  *ret_finding says why not
 */
static bool may_follow(struct http_run *http, const struct transfer_result *result,
	struct transfer_url *ret_place, struct finding *ret_finding)
{
	const struct http_options *settings = http->run->options;
	bool fits = strlen(result->location) < sizeof(http->url);
	enum cause cause = CAUSE_NONE;

	if (!fits || !transfer_url_read(result->location, ret_place) ||
		(http->place.tls && !ret_place->tls))
		cause = CAUSE_HTTP_REDIRECT;
	else if (http->hops >= settings->redirects || !visit(http, result->location))
		cause = CAUSE_HTTP_REDIRECT_LOOP;
	if (cause == CAUSE_NONE)
		return true;
	*ret_finding = http_finding(cause, result, result->location);
	return false;
}

static void place_resolved(void *context, const struct resolution *resolution)
{
	struct http_run *http = context;

	if (http->run->finished)
		return;
	if (resolution->count == 0)
		end(http, &resolution->finding);
	else
		ask(http, &resolution->addresses[0]);
}

/* Finds the address of the next hop: our own, a literal, or by the site's resolver. */
static void seek(struct http_run *http)
{
	struct probe_run *run = http->run;
	struct address literal;
	struct finding finding;

	if (strcasecmp(http->place.host, run->target.host) == 0) {
		ask(http, &run->target.address);
	} else if (address_parse(http->place.host, &literal)) {
		ask(http, &literal);
	} else if (run->resolver) {
		probe_enter(run, PHASE_RESOLVE, CAUSE_DNS_TIMEOUT);
		/* our name server's silence says nothing of the host */
		probe_silence_verdict(run, VERDICT_UNKNOWN);
		resolver_lookup(run->resolver, http->place.host,
			run->target.address.family, &http->lookup, place_resolved, http);
	} else {
		finding = finding_of(CAUSE_LOCAL_RESOURCE);
		end(http, &finding);
	}
}

static bool is_redirect(
	const struct http_options *settings, const struct transfer_result *result)
{
	return settings->redirects > 0 && result->location && result->status >= 300 &&
		result->status <= 399;
}

static void follow(struct http_run *http, const struct transfer_result *result)
{
	struct finding finding;
	struct transfer_url place;

	if (!may_follow(http, result, &place, &finding)) {
		end(http, &finding);
		return;
	}
	text_copy(http->url, sizeof(http->url), result->location);
	probe_note(http->run, "redirected to %.100s", http->url);
	http->place = place;
	transfer_end(http->transfer);
	http->transfer = NULL;
	seek(http);
}

/* \retval true  the certificate is bad enough to end here */
static bool distrusts(struct http_run *http, const struct transfer_result *result,
	struct finding *ret_finding)
{
	const struct http_options *settings = http->run->options;
	struct finding finding;

	if (!result->tls.certificate_seen)
		return false;
	finding = tls_policy_judge(&settings->policy, &result->tls);
	if (http->degraded.verdict == VERDICT_OK)
		http->degraded = finding;
	*ret_finding = finding;
	return finding.verdict != VERDICT_OK && finding.verdict != VERDICT_DEGRADED;
}

static void answered(void *context, const struct transfer_result *result)
{
	struct http_run *http = context;
	struct finding finding = result->finding;

	if (http->run->finished)
		return;
	measure(http, result);
	if (finding.verdict != VERDICT_OK || distrusts(http, result, &finding)) {
		end(http, &finding);
		return;
	}
	if (is_redirect(http->run->options, result)) {
		follow(http, result);
		return;
	}
	if (result->status > 0)
		finding = http_judge(http, result);
	if (finding.verdict == VERDICT_OK && http->degraded.verdict != VERDICT_OK)
		finding = http->degraded;
	end(http, &finding);
}

/* How far the connection came, before HTTP begins to speak for itself. */
static void note_phase(struct http_run *http, enum phase phase)
{
	const struct tls_facts *facts = transfer_tls_facts(http->transfer);
	struct probe_run *run = http->run;

	if (run->outcome.phase == PHASE_CONNECT)
		probe_note(run, "connected");
	if (phase == PHASE_TLS && run->outcome.phase == PHASE_CONNECT)
		probe_note(run, "TLS ClientHello sent");
	if (phase == PHASE_REQUEST && http->place.tls)
		probe_note(run, "%s, %s",
			tls_version_names[tls_version_index(facts->version)],
			facts->cipher);
}

static void entered(void *context, enum phase phase)
{
	static const enum cause silences[PHASE_COUNT] = {
		[PHASE_TLS] = CAUSE_NO_ANSWER,
		[PHASE_REQUEST] = CAUSE_NO_ANSWER,
		[PHASE_RESPONSE] = CAUSE_HTTP_TIMEOUT,
	};
	struct http_run *http = context;
	struct probe_run *run = http->run;

	if (run->finished)
		return;
	note_phase(http, phase);
	/* said once more: the handshake has begun to be answered */
	if (phase == PHASE_TLS && run->outcome.phase == PHASE_TLS)
		probe_enter(run, phase, CAUSE_TIMEOUT);
	else
		probe_enter(run, phase, silences[phase]);
}

/* A pinned certificate is the configured host's; whom it points to is another. */
static const struct tls_trust *trust_of(const struct http_run *http)
{
	const struct probe_run *run = http->run;
	const struct http_options *settings = run->options;

	if (settings->policy.manner == TLS_TRUST_PIN &&
		strcasecmp(http->place.host, run->target.host) != 0)
		return run->services->trust;
	return tls_policy_trust(&settings->policy, run->services);
}

static void ask(struct http_run *http, const struct address *address)
{
	struct probe_run *run = http->run;
	const struct http_options *settings = run->options;
	struct transfer_request request = {
		.url = http->url,
		.host = http->place.host,
		.port = http->place.port,
		.address = *address,
		.method = http_methods[settings->method],
		.headers = headers,
		.body_limit = (size_t)settings->body_limit,
		.body_keep = settings->contains ? (size_t)settings->body_limit
						: BODY_KEPT_LEAST,
		.segment_max = run->segment_max,
		.trust = trust_of(http),
		.timeout_us = run->timeout_us + BELT_US,
	};

	probe_enter(run, PHASE_CONNECT, CAUSE_TIMEOUT);
	http->transfer =
		transfer_start(run->services->transfers, &request, answered, http);
	http->talked = false;
	if (!http->transfer) {
		probe_finish_cause(run, CAUSE_LOCAL_RESOURCE);
		return;
	}
	transfer_watch_phase(http->transfer, entered);
	if (run->transcript)
		transfer_watch_talk(http->transfer, http_talk);
}

/* The zone of a link-local address means something on this host only. */
static void write_url(struct http_run *http)
{
	const struct http_options *settings = http->run->options;
	const struct transfer_url *place = &http->place;
	bool ipv6 = strchr(place->host, ':') != NULL;

	snprintf(http->url, sizeof(http->url), "%s://%s%.*s%s:%u%s",
		place->tls ? "https" : "http", ipv6 ? "[" : "",
		(int)strcspn(place->host, "%"), place->host, ipv6 ? "]" : "", place->port,
		settings->path);
	http->visited[0] = text_hash(http->url);
}

static void http_start(struct probe_run *run)
{
	const struct http_options *settings = run->options;
	struct http_run *http = run->state;

	http->run = run;
	http->degraded = finding_of(CAUSE_NONE);
	http->place.tls = settings->tls;
	http->place.port = run->target.port;
	text_copy(http->place.host, sizeof(http->place.host), run->target.host);
	write_url(http);
	ask(http, &run->target.address);
}

static void http_stop(struct probe_run *run)
{
	struct http_run *http = run->state;

	lookup_cancel(&http->lookup);
	transfer_end(http->transfer);
}

static bool is_path(const char *path)
{
	if (*path != '/' || strlen(path) > HTTP_URL_MAX / 2)
		return false;
	for (; *path; path++) {
		if (*path <= ' ' || *path > '~' || *path == '#')
			return false;
	}
	return true;
}

static bool http_validate(void *untyped, char *why, size_t why_size)
{
	struct http_options *settings = untyped;

	if (!is_path(settings->path)) {
		snprintf(why, why_size,
			"path: begin with a slash and write blanks, umlauts and # as "
			"%%XX");
		return false;
	}
	if (settings->contains && settings->method == HTTP_HEAD) {
		snprintf(why, why_size, "contains: needs the method GET");
		return false;
	}
	if (settings->contains && *settings->contains == '\0') {
		snprintf(why, why_size, "contains: write the text, or leave it out");
		return false;
	}
	/* last: what it holds must be released only after a true */
	return status_list_parse(settings->status, 599, &settings->accepted, "status",
		       why, why_size) &&
		tls_policy_prepare(&settings->policy, why, why_size);
}

static void http_release(void *untyped)
{
	struct http_options *settings = untyped;

	tls_policy_release(&settings->policy);
}

const struct probe_kind *probe_http(void)
{
	static const struct probe_kind kind = {
		.name = "http",
		.summary = "Asks a web server for one page and judges the answer.",
		.options = options,
		.gauges = gauges,
		.options_size = sizeof(struct http_options),
		.run_size = sizeof(struct http_run),
		.validate = http_validate,
		.release = http_release,
		.start = http_start,
		.stop = http_stop,
	};

	return &kind;
}
