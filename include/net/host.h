/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-examination: before a target is blamed, is it us? Link, route, gateway neighbour
 * (by netlink), clock (adjtimex). Kernel questions only: answered at once, no packet sent
 * but what the kernel's own neighbour discovery does.
 */
#ifndef NET_HOST_H
#define NET_HOST_H

#include <stdbool.h>

#include "base/outcome.h"

struct host;

/** \retval 0 or -ENOMEM; where a sandbox refuses netlink the host has no opinion */
int host_new(struct host **ret_host);
void host_free(struct host *host);

/**
 * Whether this host has any route to the address, and an own address to use it with.
 * Decides IPv6 "auto". True when it cannot be told: then the run will.
 */
bool host_has_route(struct host *host, const struct address *address);

/**
 * Looks at our own way to an address that stayed silent or was locally refused.
 * \retval true  it is our trouble; *ret_finding is UNKNOWN with a local-* cause and the
 *               interface or gateway as evidence. For a target on our own link that does
 *               not answer neighbour discovery: FAILED, arp-failed.
 * The kernel is asked once a second at most for an address. This host's own addresses are
 * never its trouble.
 */
bool host_blames_itself(
	struct host *host, const struct address *address, struct finding *ret_finding);

/** The state of the own host for metrics, page and log. */
struct host_state {
	bool known;   /* false: netlink gave no answer, and nothing of it is set */
	bool link_up; /* the interface of the default route, or any without one */
	bool default_route_ipv4;
	bool default_route_ipv6;
	bool gateway_reachable;  /* no neighbour discovery for it has failed */
	bool clock_known;        /* false: a sandbox refuses adjtimex */
	bool clock_synchronised; /* the kernel says so (adjtimex without STA_UNSYNC) */
	struct address gateway;  /* of IPv4 if there is one; FAMILY_NONE without any */
	char interface[16];      /* of the default route; "" without one */
};
void host_examine(struct host *host, struct host_state *ret_state);

#endif
