/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_catalogue.h"

#include <jansson.h>
#include <string.h>

#include "engine/probe.h"
#include "program/catalogue_nftables.h"

static size_t checks_of(const struct plan *plan, const struct requirement *requirement)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->check_count; i++)
		count += plan->checks[i].requirement == requirement;
	return count;
}

static void print_port(const struct requirement *requirement, char *buffer, size_t size)
{
	const char *transport = transport_name(requirement->transport);

	if (requirement->port_first == 0)
		snprintf(buffer, size, "?/%s", transport);
	else if (requirement->port_first == requirement->port_last)
		snprintf(buffer, size, "%u/%s", requirement->port_first, transport);
	else
		snprintf(buffer, size, "%u-%u/%s", requirement->port_first,
			requirement->port_last, transport);
}

/* 17 + 15 + 8 + 28 + 12 + 8 + 6 and six blanks: 100 columns with the shipped rows. */
static void text_rows(const struct plan *plan, bool addition, FILE *out)
{
	char port[32];

	fprintf(out, "%-17s %-15s %-8s %-28s %-12s %-8s CHECKS\n", "ID", "PORT", "WAY",
		"HOST", "FEATURE", "SEVERITY");
	for (size_t i = 0; i < plan->requirement_count; i++) {
		const struct requirement *requirement = &plan->requirements[i];

		if (requirement->addition != addition)
			continue;
		print_port(requirement, port, sizeof(port));
		fprintf(out, "%-17s %-15s %-8s %-28s %-12s %-8s %6zu\n", requirement->id,
			port, direction_name(requirement->direction), requirement->host,
			requirement->feature, severity_name(requirement->severity),
			checks_of(plan, requirement));
	}
}

static void catalogue_text(const struct plan *plan, FILE *out)
{
	fputs("Requirements on the vendor's page\n\n", out);
	text_rows(plan, false, out);
	fputs("\nAdditions from other sources, off unless they are set up\n\n", out);
	text_rows(plan, true, out);
	fputs("\n$NAME is a key of the site. Port ? is not given by the vendor. Without "
	      "checks a row is\nswitched off. `explain ID` says what breaks and what to "
	      "do.\n",
		out);
}

static json_t *json_languages(const char *const texts[LANGUAGE_COUNT])
{
	json_t *object;

	if (!texts[LANGUAGE_EN])
		return json_null();
	object = json_object();
	for (enum language language = 0; language < LANGUAGE_COUNT; language++)
		json_object_set_new(
			object, language_name(language), json_string(texts[language]));
	return object;
}

static json_t *json_vantages(unsigned vantages)
{
	json_t *array = json_array();

	for (enum vantage vantage = 0; vantage < VANTAGE_COUNT; vantage++) {
		if (vantages & 1U << vantage)
			json_array_append_new(array, json_string(vantage_name(vantage)));
	}
	return array;
}

static json_t *json_port(const struct requirement *requirement)
{
	if (requirement->port_first == 0)
		return json_null();
	return json_pack("{s:i,s:i}", "first", requirement->port_first, "last",
		requirement->port_last);
}

static json_t *json_requirement(
	const struct plan *plan, const struct requirement *requirement)
{
	return json_pack(
		"{s:s,s:s,s:s,s:s,s:o,s:s,s:o,s:s,s:s,s:o,s:s,s:b,s:o,s:s?,s:f,s:f,"
		"s:i,s:f,s:I}",
		"id", requirement->id, "feature", requirement->feature, "direction",
		direction_name(requirement->direction), "severity",
		severity_name(requirement->severity), "vantages",
		json_vantages(requirement->vantages), "host", requirement->host, "port",
		json_port(requirement), "transport",
		transport_name(requirement->transport), "protocol", requirement->protocol,
		"breaks", json_languages(requirement->breaks), "source",
		requirement->source, "addition", requirement->addition, "hint",
		json_languages(requirement->hint), "probe",
		requirement->kind ? requirement->kind->name : NULL, "interval_seconds",
		(double)requirement->interval_us / 1e6, "timeout_seconds",
		(double)requirement->timeout_us / 1e6, "confirm",
		(int)requirement->confirm, "confirm_interval_seconds",
		(double)requirement->confirm_interval_us / 1e6, "checks",
		(json_int_t)checks_of(plan, requirement));
}

/* \retval false  no memory */
static bool catalogue_json(const struct plan *plan, FILE *out)
{
	json_t *array = json_array();
	bool whole = array != NULL;

	for (size_t i = 0; whole && i < plan->requirement_count; i++)
		whole = json_array_append_new(array,
				json_requirement(plan, &plan->requirements[i])) == 0;
	if (whole)
		whole = json_dumpf(array, out, JSON_INDENT(2)) == 0;
	json_decref(array);
	fputc('\n', out);
	return whole;
}

int command_catalogue(
	const struct config *config, enum catalogue_format format, FILE *out)
{
	bool whole = true;

	switch (format) {
	case CATALOGUE_TEXT:
		catalogue_text(&config->plan, out);
		break;
	case CATALOGUE_JSON:
		whole = catalogue_json(&config->plan, out);
		break;
	case CATALOGUE_NFTABLES:
		catalogue_nftables(&config->plan, out);
		break;
	}
	return whole && fflush(out) == 0 && !ferror(out) ? 0 : 1;
}
