/* SPDX-License-Identifier: Apache-2.0 */
#include "report/firewall.h"

#include <ctype.h>
#include <string.h>

#include "engine/store.h"
#include "media/port_plan.h"
#include "report/columns.h"
#include "report/ports.h"

static const struct {
	enum family family;
	const char *word; /* of nft in a rule */
	const char *type; /* of nft for a set */
} families[] = {
	{ FAMILY_IPV4, "ip", "ipv4_addr" },
	{ FAMILY_IPV6, "ip6", "ipv6_addr" },
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* One site's part of the table. */
struct writer {
	const struct plan *plan;
	const struct site *site;
	const struct requirement *only; /* NULL = all */
	size_t first, end;              /* the checks to look for rules in */
	const struct store *missing;    /* rules for its blocked ports alone; or NULL */
	enum language language;
	struct text *text;
};

/* "hq_pbx_v4", "hq_license_starface_de_v6": nft takes letters, digits and "_". */
static void print_set_name(const struct writer *writer, const char *host, size_t family)
{
	for (const char *at = writer->site->name; *at; at++)
		text_append_char(writer->text, isalnum((unsigned char)*at) ? *at : '_');
	text_append_char(writer->text, '_');
	for (const char *at = *host == '$' ? host + 1 : host; *at; at++)
		text_append_char(writer->text, isalnum((unsigned char)*at) ? *at : '_');
	text_format(writer->text, "_v%d", families[family].family);
}

static bool leads_to(
	const struct writer *writer, const struct check *check, const char *host)
{
	return check->site == writer->site && *check->host &&
		strcmp(check->requirement->host, host) == 0;
}

/* Was this host among the checks before? One host has many checks. */
static bool host_seen(const struct writer *writer, size_t index, const char *host)
{
	const struct check *checks = writer->plan->checks;

	for (size_t i = 0; i < index; i++) {
		if (leads_to(writer, &checks[i], host) &&
			strcmp(checks[i].host, checks[index].host) == 0)
			return true;
	}
	return false;
}

/* A value of the site as written, without its port. */
static void read_value(const char *value, char *host, size_t size)
{
	struct address address;
	bool bracketed = *value == '[';

	text_copy(host, size, value + bracketed);
	if (bracketed)
		host[strcspn(host, "]")] = '\0';
	else if (!address_parse(value, &address))
		host[strcspn(host, ":")] = '\0';
}

/* Of a host that no check leads to, as the PBX in front of one row alone. */
static const struct site_variable *unasked(const struct writer *writer, const char *host)
{
	for (size_t i = 0; i < writer->plan->check_count; i++) {
		if (leads_to(writer, &writer->plan->checks[i], host))
			return NULL;
	}
	for (size_t i = 0; *host == '$' && i < writer->site->variable_count; i++) {
		if (strcmp(writer->site->variables[i].name, host + 1) == 0)
			return &writer->site->variables[i];
	}
	return NULL;
}

/* Calls each host once, in the order of checks or values. */
static void for_each_host(const struct writer *writer, const char *host, size_t family,
	void (*visit)(
		const struct writer *writer, const char *host, size_t family, bool *seen))
{
	const struct site_variable *variable = unasked(writer, host);
	char value[256];
	bool seen = false;

	for (size_t i = 0; i < writer->plan->check_count; i++) {
		const struct check *check = &writer->plan->checks[i];

		if (leads_to(writer, check, host) && !host_seen(writer, i, host))
			visit(writer, check->host, family, &seen);
	}
	for (size_t i = 0; variable && i < variable->count; i++) {
		read_value(variable->values[i], value, sizeof(value));
		visit(writer, value, family, &seen);
	}
	if (seen)
		text_append(writer->text, " }\n");
}

static void visit_element(
	const struct writer *writer, const char *host, size_t family, bool *seen)
{
	struct address address;

	if (!address_parse(host, &address) || address.family != families[family].family ||
		address.scope)
		return;
	text_format(writer->text, "%s%s", *seen ? ", " : "\t\telements = { ", host);
	*seen = true;
}

/* Names are left to the person: their addresses change, and nft looks up only once. */
static void visit_name(
	const struct writer *writer, const char *host, size_t family, bool *seen)
{
	static const char *const words[LANGUAGE_COUNT] = { "the addresses of",
		"die Adressen von" };
	struct address address;

	(void)family;
	(void)seen;
	if (address_parse(host, &address))
		return;
	text_format(writer->text, "\t\t# %s ", words[writer->language]);
	columns_cut(writer->text, host, SIZE_MAX);
	text_append_char(writer->text, '\n');
}

static void print_sets(const struct writer *writer, const char *host)
{
	for (size_t family = 0; family < FAMILIES; family++) {
		text_append(writer->text, "\tset ");
		print_set_name(writer, host, family);
		text_format(writer->text, " {\n\t\ttype %s\n", families[family].type);
		for_each_host(writer, host, family, visit_name);
		for_each_host(writer, host, family, visit_element);
		text_append(writer->text, "\t}\n");
	}
}

/* Checks of one row at one site are neighbours. */
static bool port_between(const struct check *from, const struct check *to)
{
	for (const struct check *check = from; check < to; check++) {
		if (check->port == to->port)
			return true;
	}
	return false;
}

/*
 * The row's next check at the site, from the index on, whose port none before had: each
 * of a site's values may carry a port of its own. NULL at the end, and at once where the
 * row is switched off.
 */
static const struct check *next_port(
	const struct writer *writer, const struct requirement *requirement, size_t *index)
{
	const struct check *first = NULL;

	for (size_t i = writer->first; i < writer->end; i++) {
		const struct check *check = &writer->plan->checks[i];

		if (check->site != writer->site || check->requirement != requirement) {
			if (first)
				break; /* they are neighbours */
			continue;
		}
		if (!first)
			first = check;
		if (i >= *index && !port_between(first, check)) {
			*index = i + 1;
			return check;
		}
	}
	return NULL;
}

static bool is_wanted(const struct writer *writer, const struct requirement *requirement)
{
	size_t index = 0;

	if (writer->only && writer->only != requirement)
		return false;
	return next_port(writer, requirement, &index) != NULL;
}

static void print_end(
	const struct writer *writer, const char *way, const char *host, size_t family)
{
	text_format(writer->text, "%s %s @", families[family].word, way);
	print_set_name(writer, host, family);
	text_append_char(writer->text, ' ');
}

static void print_ports(const struct writer *writer, const struct check *check)
{
	const struct requirement *requirement = check->requirement;
	const char *transport = transport_name(requirement->transport);
	char ports[PORTS_TEXT_MAX];

	text_format(writer->text, "%s dport ", transport);
	if (check->port != 0) /* a moved web port, too */
		ports_append_range(check->port, check_port_last(check), writer->text);
	else
		text_append(writer->text,
			requirement_ports(requirement, ports, sizeof(ports)));
}

/* From or to anywhere where an end is NULL. */
static void print_rule(const struct writer *writer, const struct check *check,
	const char *from, const char *to)
{
	for (size_t family = 0; family < FAMILIES; family++) {
		text_append(writer->text, "\t\t");
		if (from)
			print_end(writer, "saddr", from, family);
		if (to)
			print_end(writer, "daddr", to, family);
		print_ports(writer, check);
		text_format(writer->text, " counter accept comment \"%s\"\n",
			check->requirement->id);
	}
}

/*
 * With the PBX itself as the row's host the other end is anybody. So it is with the
 * partner of RTP: it stands for whom calls are with, and nobody calls it.
 */
static const char *other_end(const struct requirement *requirement)
{
	bool anybody = strcmp(requirement->host, "$pbx") == 0 ||
		strcmp(requirement->host, "$rtp_partner") == 0;

	return anybody ? NULL : requirement->host;
}

static void print_way(const struct writer *writer, const struct check *check)
{
	const struct requirement *requirement = check->requirement;
	static const char *const no_port[LANGUAGE_COUNT] = { "no port is known",
		"kein Port bekannt" };
	const char *other = other_end(requirement);

	if (requirement->port_first == 0 && check->port == 0) {
		text_format(writer->text, "\t\t# %s: %s\n", requirement->id,
			no_port[writer->language]);
		return;
	}
	if (requirement->direction != DIRECTION_OUTBOUND)
		print_rule(writer, check, other, "$pbx");
	if (requirement->direction != DIRECTION_INBOUND)
		print_rule(writer, check, "$pbx", other);
}

static void print_rules(
	const struct writer *writer, const struct requirement *requirement)
{
	const struct check *check;
	size_t index = 0;

	if (!is_wanted(writer, requirement))
		return;
	while ((check = next_port(writer, requirement, &index)))
		print_way(writer, check);
}

/* More ranges than a person reads: then the rule is for all of them. */
#define MISSING_MAX 100

static bool is_way(const struct port_stretch *stretch, bool back)
{
	return (stretch->state == PORT_RETURN) == back;
}

static size_t count_missing(const struct port_map *map, bool back)
{
	struct port_stretch stretch;
	size_t count = 0;

	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U)
		count += is_way(&stretch, back);
	return count;
}

/* "12000-12999" or "{ 12000-12999, 15000 }" */
static void print_missing_ports(
	const struct writer *writer, const struct port_map *map, bool back)
{
	size_t count = count_missing(map, back);
	struct port_stretch stretch;
	const char *comma = "";

	if (count > MISSING_MAX) {
		ports_append_range(port_map_first(map), port_map_last(map), writer->text);
		return;
	}
	text_append(writer->text, count > 1 ? "{ " : "");
	for (uint32_t from = 0; port_plan_blocked(map, from, &stretch);
		from = stretch.last + 1U) {
		if (!is_way(&stretch, back))
			continue;
		text_append(writer->text, comma);
		ports_append_range(stretch.first, stretch.last, writer->text);
		comma = ", ";
	}
	text_append(writer->text, count > 1 ? " }" : "");
}

/* The way back comes from the ports of the range. */
static void print_missing_way(const struct writer *writer, const struct record *record,
	const char *from, const char *to, bool back)
{
	const struct requirement *requirement = record->check->requirement;
	size_t family = record->check->family == families[0].family ? 0 : 1;

	if (count_missing(record->ports, back) == 0)
		return;
	text_append(writer->text, "\t\t");
	if (back ? to : from)
		print_end(writer, "saddr", back ? to : from, family);
	if (back ? from : to)
		print_end(writer, "daddr", back ? from : to, family);
	text_format(writer->text, "%s %s ", transport_name(requirement->transport),
		back ? "sport" : "dport");
	print_missing_ports(writer, record->ports, back);
	text_format(writer->text, " counter accept comment \"%s\"\n", requirement->id);
}

static void print_missing(const struct writer *writer, const struct record *record)
{
	const struct requirement *requirement = record->check->requirement;
	const char *other = other_end(requirement);

	for (int back = 0; back < 2; back++) {
		if (requirement->direction != DIRECTION_OUTBOUND)
			print_missing_way(writer, record, other, "$pbx", back);
		if (requirement->direction != DIRECTION_INBOUND)
			print_missing_way(writer, record, "$pbx", other, back);
	}
}

bool firewall_is_missing(const struct store *store, const struct firewall_scope *scope)
{
	for (size_t i = scope->first; i < scope->first + scope->count; i++) {
		const struct port_map *map = store_record(store, i)->ports;

		if (map && count_missing(map, false) + count_missing(map, true) > 0)
			return true;
	}
	return false;
}

static bool first_of_host(const struct writer *writer, size_t index)
{
	const struct requirement *requirements = writer->plan->requirements;

	for (size_t i = 0; i < index; i++) {
		if (strcmp(requirements[i].host, requirements[index].host) == 0 &&
			is_wanted(writer, &requirements[i]))
			return false;
	}
	return other_end(&requirements[index]) && is_wanted(writer, &requirements[index]);
}

static void print_site_sets(const struct writer *writer)
{
	print_sets(writer, "$pbx");
	for (size_t i = 0; i < writer->plan->requirement_count; i++) {
		if (first_of_host(writer, i))
			print_sets(writer, writer->plan->requirements[i].host);
	}
}

static void print_site_rules(const struct writer *writer)
{
	static const char *const words[LANGUAGE_COUNT] = { "site", "Standort" };

	text_format(writer->text, "\t\t# %s ", words[writer->language]);
	columns_cut(writer->text, writer->site->name, SIZE_MAX);
	text_append_char(writer->text, '\n');
	for (size_t i = writer->first; writer->missing && i < writer->end; i++) {
		if (store_record(writer->missing, i)->ports)
			print_missing(writer, store_record(writer->missing, i));
	}
	for (size_t r = 0; !writer->missing && r < writer->plan->requirement_count; r++)
		print_rules(writer, &writer->plan->requirements[r]);
}

static void for_each_site(struct writer *writer, const struct site *only,
	void (*print)(const struct writer *writer))
{
	for (size_t s = 0; s < writer->plan->site_count; s++) {
		writer->site = &writer->plan->sites[s];
		if (!only || writer->site == only)
			print(writer);
	}
}

void firewall_write(const struct plan *plan, const struct firewall_scope *scope,
	enum language language, struct text *text)
{
	struct writer writer = { .plan = plan,
		.only = scope->requirement,
		.first = scope->first,
		.end = scope->count ? scope->first + scope->count : plan->check_count,
		.missing = scope->missing,
		.language = language,
		.text = text };

	text_append(text, "table inet starface {\n");
	for_each_site(&writer, scope->site, print_site_sets);
	text_append(text, "\tchain starface {\n");
	for_each_site(&writer, scope->site, print_site_rules);
	text_append(text, "\t}\n}\n");
}
