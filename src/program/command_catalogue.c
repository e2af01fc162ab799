/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_catalogue.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "engine/probe.h"
#include "report/firewall.h"
#include "report/json_parts.h"

static size_t checks_of(const struct plan *plan, const struct requirement *requirement)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->check_count; i++)
		count += plan->checks[i].requirement == requirement;
	return count;
}

/* 17 + 15 + 8 + 28 + 12 + 8 + 6 and six blanks: 100 columns with the shipped rows. */
static void text_rows(const struct plan *plan, bool addition, FILE *out)
{
	char port[PORTS_TEXT_MAX + 8], ports[PORTS_TEXT_MAX];

	fprintf(out, "%-17s %-15s %-8s %-28s %-12s %-8s CHECKS\n", "ID", "PORT", "WAY",
		"HOST", "FEATURE", "SEVERITY");
	for (size_t i = 0; i < plan->requirement_count; i++) {
		const struct requirement *requirement = &plan->requirements[i];

		if (requirement->addition != addition)
			continue;
		requirement_ports(requirement, ports, sizeof(ports));
		snprintf(port, sizeof(port), "%s/%s", *ports ? ports : "?",
			transport_name(requirement->transport));
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
	      "checks a row is\nswitched off. `--output=json` says what breaks and what "
	      "to "
	      "do.\n",
		out);
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

static void put_seconds(
	struct json_writer *writer, json_t *object, const char *key, int64_t micros)
{
	json_put(writer, object, key, json_real(SECONDS_OF(micros)));
}

/* The object Requirement of docs/api.md as far as it holds before a run, and the rest. */
static json_t *json_row(struct json_writer *writer, const struct plan *plan,
	const struct requirement *requirement)
{
	const struct probe_kind *kind = requirement->kind;
	json_t *object = json_object();

	json_put_requirement(writer, object, requirement);
	json_put(writer, object, "hint", json_text(requirement->hint[writer->language]));
	json_put(writer, object, "vantages", json_vantages(requirement->vantages));
	json_put(writer, object, "probe", json_text(kind ? kind->name : NULL));
	put_seconds(writer, object, "interval_seconds", requirement->interval_us);
	put_seconds(writer, object, "timeout_seconds", requirement->timeout_us);
	json_put(writer, object, "confirm", json_integer(requirement->confirm));
	put_seconds(writer, object, "confirm_interval_seconds",
		requirement->confirm_interval_us);
	json_put(writer, object, "check_count",
		json_integer((json_int_t)checks_of(plan, requirement)));
	return object;
}

/* \retval false  no memory */
static bool catalogue_json(const struct config *config, FILE *out)
{
	const struct plan *plan = &config->plan;
	struct json_writer writer = { .language = config->language };
	json_t *array = json_array();
	bool whole = array != NULL;

	for (size_t i = 0; whole && i < plan->requirement_count; i++) {
		json_t *row = json_row(&writer, plan, &plan->requirements[i]);

		whole = json_array_append_new(array, row) == 0 && !writer.failed;
	}
	if (whole)
		whole = json_dumpf(array, out, JSON_INDENT(2)) == 0;
	json_decref(array);
	fputc('\n', out);
	return whole;
}

/* \retval false  no memory */
static bool catalogue_nftables(const struct plan *plan, FILE *out)
{
	struct text text = { 0 };
	bool whole;

	text_append(&text,
		"# What the firewall in front of a STARFACE must let pass, made by\n"
		"# `starface-exporter catalogue --output nftables`. Fill the sets that "
		"name\n"
		"# hosts, let your forward chain jump to starface after it has accepted\n"
		"# established connections, and load it with nft -f.\n");
	firewall_write(plan, &(struct firewall_scope){ 0 }, LANGUAGE_EN, &text);
	whole = !text_failed(&text);
	if (whole)
		fputs(text.data, out);
	text_done(&text);
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
		whole = catalogue_json(config, out);
		break;
	case CATALOGUE_NFTABLES:
		whole = catalogue_nftables(&config->plan, out);
		break;
	}
	return whole && fflush(out) == 0 && !ferror(out) ? 0 : 1;
}
