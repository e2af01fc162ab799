/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The constant data everything works on: requirements (rows of the vendor's table),
 * sites, and the checks they make together. Built whole by config/, never changed
 * afterwards; a reload builds a new plan and swaps it.
 */
#ifndef ENGINE_REQUIREMENT_H
#define ENGINE_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/cause.h"
#include "net/resolver.h"

struct probe_kind;

enum direction { DIRECTION_INBOUND, DIRECTION_OUTBOUND, DIRECTION_BOTH, DIRECTION_COUNT };
enum severity { SEVERITY_CRITICAL, SEVERITY_WARNING, SEVERITY_INFO, SEVERITY_COUNT };
enum transport { TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_COUNT };

/** Where an instance stands: beside the PBX, or outside its firewall. */
enum vantage { VANTAGE_LAN, VANTAGE_INTERNET, VANTAGE_COUNT };

const char *direction_name(enum direction direction);
const char *severity_name(enum severity severity);
const char *transport_name(enum transport transport);
const char *vantage_name(enum vantage vantage);

/** All names in the order of the enum, NULL terminated. */
const char *const *direction_names(void);
const char *const *severity_names(void);
const char *const *transport_names(void);
const char *const *vantage_names(void);

/** One row of the vendor's table. Strings live as long as the plan. */
struct requirement {
	const char *id;      /* stable, lower case: "license-8383" */
	const char *feature; /* "licensing", "telephony", … */
	enum direction direction;
	enum severity severity;
	unsigned vantages;   /* bit 1 << VANTAGE_x: from where it can be proven */
	const char *host;    /* a literal name, or "$variable" of the site */
	uint16_t port_first; /* 0 = the vendor gives none */
	uint16_t port_last;  /* = port_first unless a range */
	enum transport transport;
	const char *protocol; /* what speaks there, for people: "HTTPS", "RTP" */
	const char *breaks[LANGUAGE_COUNT]; /* what users lose when it fails */
	const char *source;                 /* where the row comes from */
	bool addition;                      /* not on the vendor's page */
	const char *hint[LANGUAGE_COUNT];   /* how to test it, or what ok leaves open */
	const struct probe_kind *kind; /* NULL = nothing can prove it yet: see hint */
	const void *options; /* of the kind, const after load; NULL without a kind */
	int64_t interval_us;
	int64_t confirm_interval_us;
	int64_t timeout_us;
	unsigned confirm; /* agreeing runs before the state changes, at least 1 */
};

/** A named list of hosts of the site that rows refer to as "$name". */
struct site_variable {
	const char *name;
	const char *const *values; /* "host", "host:port", address literals */
	size_t count;
};

struct site {
	const char *name;
	enum vantage vantage;
	const struct site_variable *variables;
	size_t variable_count;
	const struct resolver_server *name_servers; /* count 0 = the host's own */
	size_t name_server_count;
	bool any_cloud_address; /* names of the Internet may lead inside: engine/cloud.h
				 */
};

/**
 * A requirement applied to a site, one target and one address family. A row that cannot
 * be run is a check as well, with fixed_cause set: it is shown and never scheduled.
 */
struct check {
	const char *identity; /* "hq/license-8383/license.starface.de:8383/ipv4" */
	uint64_t hash;        /* text_hash(identity): the phase and the shard */
	const struct site *site;
	const struct requirement *requirement;
	const char *host;       /* name or literal; "" for a fixed row */
	uint16_t port;          /* the first of a range */
	const char *target;     /* "license.starface.de:8383": the value of the label */
	enum family family;     /* FAMILY_NONE for a fixed row */
	bool family_optional;   /* IPv6 "auto": without AAAA or route it does not apply */
	enum cause fixed_cause; /* CAUSE_NONE = a check that runs */
	const char *hint[LANGUAGE_COUNT]; /* for a fixed row: how to make it testable */
};

/**
 * Everything that is to be checked. Checks of one site are neighbours, and among them
 * those of one requirement.
 */
struct plan {
	const struct requirement *requirements;
	size_t requirement_count;
	const struct site *sites;
	size_t site_count;
	const struct check *checks;
	size_t check_count;
};

/** The last port of the range a check is about; its own unless the row has a range. */
uint16_t check_port_last(const struct check *check);

/** Room for requirement_ports(). */
#define PORTS_TEXT_MAX 16

/** "443", "10000-20000", "" when the vendor gives none. \return buffer */
const char *requirement_ports(
	const struct requirement *requirement, char *buffer, size_t size);

#endif
