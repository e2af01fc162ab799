/* SPDX-License-Identifier: Apache-2.0 */
#include "program/catalogue_nftables.h"

#include <ctype.h>
#include <string.h>

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
	FILE *out;
};

/* "hq_pbx_v4", "hq_license_starface_de_v6": nft takes letters, digits and "_". */
static void print_set_name(const struct writer *writer, const char *host, size_t family)
{
	for (const char *at = writer->site->name; *at; at++)
		fputc(isalnum((unsigned char)*at) ? *at : '_', writer->out);
	fputc('_', writer->out);
	for (const char *at = *host == '$' ? host + 1 : host; *at; at++)
		fputc(isalnum((unsigned char)*at) ? *at : '_', writer->out);
	fprintf(writer->out, "_v%d", families[family].family);
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

static void print_elements(const struct writer *writer, const char *host, size_t family)
{
	const char *before = "\t\telements = { ";
	struct address address;

	for (size_t i = 0; i < writer->plan->check_count; i++) {
		const struct check *check = &writer->plan->checks[i];

		if (!leads_to(writer, check, host) || host_seen(writer, i, host))
			continue;
		if (!address_parse(check->host, &address) ||
			address.family != families[family].family || address.scope)
			continue;
		fprintf(writer->out, "%s%s", before, check->host);
		before = ", ";
	}
	if (*before == ',')
		fputs(" }\n", writer->out);
}

/* Names are left to the person: their addresses change, and nft looks up only once. */
static void print_names(const struct writer *writer, const char *host)
{
	struct address address;

	for (size_t i = 0; i < writer->plan->check_count; i++) {
		const struct check *check = &writer->plan->checks[i];

		if (leads_to(writer, check, host) && !host_seen(writer, i, host) &&
			!address_parse(check->host, &address))
			fprintf(writer->out, "\t\t# the addresses of %s\n", check->host);
	}
}

static void print_sets(const struct writer *writer, const char *host)
{
	for (size_t family = 0; family < FAMILIES; family++) {
		fputs("\tset ", writer->out);
		print_set_name(writer, host, family);
		fprintf(writer->out, " {\n\t\ttype %s\n", families[family].type);
		print_names(writer, host);
		print_elements(writer, host, family);
		fputs("\t}\n", writer->out);
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

	for (size_t i = 0; i < writer->plan->check_count; i++) {
		const struct check *check = &writer->plan->checks[i];

		if (check->site != writer->site || check->requirement != requirement)
			continue;
		if (!first)
			first = check;
		if (i >= *index && !port_between(first, check)) {
			*index = i + 1;
			return check;
		}
	}
	return NULL;
}

static bool switched_on(
	const struct writer *writer, const struct requirement *requirement)
{
	size_t index = 0;

	return next_port(writer, requirement, &index) != NULL;
}

static void print_end(
	const struct writer *writer, const char *way, const char *host, size_t family)
{
	fprintf(writer->out, "%s %s @", families[family].word, way);
	print_set_name(writer, host, family);
	fputc(' ', writer->out);
}

static void print_ports(const struct writer *writer, const struct check *check)
{
	const struct requirement *requirement = check->requirement;
	const char *transport = transport_name(requirement->transport);
	char ports[PORTS_TEXT_MAX];

	if (check->port != 0) /* a moved web port, too */
		fprintf(writer->out, "%s dport %u", transport, check->port);
	else
		fprintf(writer->out, "%s dport %s", transport,
			requirement_ports(requirement, ports, sizeof(ports)));
}

/* From or to anywhere where an end is NULL. */
static void print_rule(const struct writer *writer, const struct check *check,
	const char *from, const char *to)
{
	for (size_t family = 0; family < FAMILIES; family++) {
		fputs("\t\t", writer->out);
		if (from)
			print_end(writer, "saddr", from, family);
		if (to)
			print_end(writer, "daddr", to, family);
		print_ports(writer, check);
		fprintf(writer->out, " counter accept comment \"%s\"\n",
			check->requirement->id);
	}
}

/* With the PBX itself as the row's host the other end is anybody. */
static void print_way(const struct writer *writer, const struct check *check)
{
	const struct requirement *requirement = check->requirement;
	bool itself = strcmp(requirement->host, "$pbx") == 0;
	const char *other = itself ? NULL : requirement->host;

	if (requirement->port_first == 0 && check->port == 0) {
		fprintf(writer->out, "\t\t# %s: no port is known\n", requirement->id);
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

	while ((check = next_port(writer, requirement, &index)))
		print_way(writer, check);
}

static bool first_of_host(const struct writer *writer, size_t index)
{
	const struct requirement *requirements = writer->plan->requirements;

	for (size_t i = 0; i < index; i++) {
		if (strcmp(requirements[i].host, requirements[index].host) == 0 &&
			switched_on(writer, &requirements[i]))
			return false;
	}
	return strcmp(requirements[index].host, "$pbx") != 0 &&
		switched_on(writer, &requirements[index]);
}

static void print_site_sets(const struct writer *writer)
{
	print_sets(writer, "$pbx");
	for (size_t i = 0; i < writer->plan->requirement_count; i++) {
		if (first_of_host(writer, i))
			print_sets(writer, writer->plan->requirements[i].host);
	}
}

void catalogue_nftables(const struct plan *plan, FILE *out)
{
	struct writer writer = { .plan = plan, .out = out };

	fputs("# What the firewall in front of a STARFACE must let pass, made by\n"
	      "# `starface-exporter catalogue --output nftables`. Fill the sets that "
	      "name\n"
	      "# hosts, let your forward chain jump to starface after it has accepted\n"
	      "# established connections, and load it with nft -f.\n"
	      "table inet starface {\n",
		out);
	for (size_t s = 0; s < plan->site_count; s++) {
		writer.site = &plan->sites[s];
		print_site_sets(&writer);
	}
	fputs("\tchain starface {\n", out);
	for (size_t s = 0; s < plan->site_count; s++) {
		writer.site = &plan->sites[s];
		fprintf(out, "\t\t# site %s\n", writer.site->name);
		for (size_t r = 0; r < plan->requirement_count; r++)
			print_rules(&writer, &plan->requirements[r]);
	}
	fputs("\t}\n}\n", out);
}
