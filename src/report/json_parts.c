/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "report/moment.h"
#include "report/wording.h"

void json_put(struct json_writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		writer->failed = true;
}

static json_t *repaired(const char *string)
{
	struct text text = { 0 };
	json_t *value;

	utf8_append(&text, string);
	value = text_failed(&text) ? NULL : json_string(text.data);
	text_done(&text);
	return value;
}

json_t *json_text(const char *string)
{
	json_t *value;

	if (!string)
		return json_null();
	value = json_string(string);
	return value ? value : repaired(string);
}

void json_put_time(
	struct json_writer *writer, json_t *object, const char *key, int64_t wall_us)
{
	char name[48], buffer[MOMENT_TEXT_MAX];
	bool known = wall_us > 0;

	snprintf(name, sizeof(name), "%s_epoch", key);
	json_put(writer, object, key,
		known ? json_string(moment_rfc3339(wall_us, buffer, sizeof(buffer)))
		      : json_null());
	json_put(writer, object, name,
		known ? json_real(SECONDS_OF(wall_us)) : json_null());
}

static json_t *address_value(const struct address *address)
{
	char buffer[ADDRESS_TEXT_MAX];

	if (address->family == FAMILY_NONE)
		return json_null();
	return json_text(address_format(address, buffer, sizeof(buffer)));
}

void json_put_evidence(
	struct json_writer *writer, json_t *object, const struct evidence *evidence)
{
	char line[EVIDENCE_TEXT_MAX];
	json_t *value;

	if (!evidence || evidence->kind == EVIDENCE_NONE) {
		json_put(writer, object, "evidence", json_null());
		return;
	}
	value = json_object();
	json_put(writer, value, "kind", json_text(evidence_name(evidence->kind)));
	json_put(writer, value, "type", json_integer(evidence->type));
	json_put(writer, value, "code", json_integer(evidence->code));
	json_put(writer, value, "offender", address_value(&evidence->offender));
	json_put(writer, value, "detail",
		json_text(*evidence->detail ? evidence->detail : NULL));
	json_put(writer, value, "text",
		json_text(evidence_format(evidence, line, sizeof(line))));
	json_put(writer, object, "evidence", value);
}

void json_put_finding(
	struct json_writer *writer, json_t *object, const struct finding *finding)
{
	json_put(writer, object, "verdict", json_text(verdict_name(finding->verdict)));
	json_put(writer, object, "cause", json_text(cause_name(finding->cause)));
	json_put(writer, object, "sentence",
		json_text(wording_sentence(
			finding->verdict, finding->cause, writer->language)));
	json_put_evidence(writer, object, &finding->evidence);
}

void json_put_peer(
	struct json_writer *writer, json_t *object, const struct transport_address *peer)
{
	json_put(writer, object, "address", address_value(&peer->address));
	json_put(writer, object, "port",
		peer->port > 0 ? json_integer(peer->port) : json_null());
}

void json_put_summary(
	struct json_writer *writer, json_t *object, const struct summary *summary)
{
	json_t *counts = json_object();

	json_put(writer, object, "verdict", json_text(verdict_name(summary->verdict)));
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++)
		json_put(writer, counts, verdict_name(verdict),
			json_integer((json_int_t)summary->counts[verdict]));
	json_put(writer, object, "counts", counts);
	json_put(writer, object, "completeness",
		summary->rows > 0 ? json_real(summary_completeness(summary))
				  : json_null());
}

static json_t *fact(bool known, bool value)
{
	return known ? json_boolean(value) : json_null();
}

void json_put_host(
	struct json_writer *writer, json_t *object, const struct host_state *host)
{
	bool gateway = host->known && host->gateway.family != FAMILY_NONE;
	json_t *value = json_object();

	json_put(writer, value, "known", json_boolean(host->known));
	json_put(writer, value, "interface",
		json_text(host->known && *host->interface ? host->interface : NULL));
	json_put(writer, value, "link_up", fact(host->known, host->link_up));
	json_put(writer, value, "default_route_ipv4",
		fact(host->known, host->default_route_ipv4));
	json_put(writer, value, "default_route_ipv6",
		fact(host->known, host->default_route_ipv6));
	json_put(writer, value, "gateway",
		gateway ? address_value(&host->gateway) : json_null());
	json_put(writer, value, "gateway_reachable",
		fact(gateway, host->gateway_reachable));
	json_put(writer, value, "clock_synchronised",
		fact(host->clock_known, host->clock_synchronised));
	json_put(writer, object, "host", value);
}

static int print_piece(const char *bytes, size_t length, void *context)
{
	struct text *text = context;

	text_append_bytes(text, bytes, length);
	return text_failed(text) ? -1 : 0;
}

void json_print(struct json_writer *writer, json_t *value, bool members)
{
	/* 15 digits: 17 would print 0.1 as 0.10000000000000001 */
	size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15) |
		(members ? JSON_EMBED : JSON_ENCODE_ANY);

	if (!value || json_dump_callback(value, print_piece, writer->text, flags) != 0)
		writer->failed = true;
	json_decref(value);
}
