/* SPDX-License-Identifier: Apache-2.0 */
#include "net/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/netlink.h"
#include "net/own_clock.h"
#include "net/route.h"

/* Many checks fail in the same second when something breaks; the kernel is asked once. */
#define MEMORY_LIFE SECOND
#define MEMORIES    64

/*
 * Where "the Internet" begins: a root name server's addresses stand for all that only a
 * default route leads to. The kernel's tables are asked; nothing is sent there.
 */
#define FAR_IPV4 "198.41.0.4"
#define FAR_IPV6 "2001:503:ba3e::2:30"

struct memory {
	struct address address;
	int64_t asked_us;
	bool blamed;
	struct finding finding;
};

struct host {
	struct netlink netlink;
	struct memory memories[MEMORIES];
	unsigned next; /* the memory to lose next */
};

int host_new(struct host **ret_host)
{
	struct host *host = calloc(1, sizeof(*host));

	if (!host)
		return -ENOMEM;
	netlink_open(&host->netlink);
	*ret_host = host;
	return 0;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	netlink_close(&host->netlink);
	free(host);
}

/* A source address of the link alone cannot be answered from beyond it. */
static bool is_usable_source(const struct address *source, const struct address *to)
{
	return to->family != FAMILY_IPV6 || address_is_link_local(to) ||
		!address_is_link_local(source);
}

bool host_has_route(struct host *host, const struct address *address)
{
	struct address source;
	int result = route_source(address, &source);

	(void)host;
	/* without a descriptor nothing is known against it */
	if (result == -EMFILE || result == -ENFILE || result == -ENOBUFS ||
		result == -ENOMEM)
		return true;
	return result == 0 && is_usable_source(&source, address);
}

static struct finding own_finding(
	enum cause cause, int error, const struct address *who, const char *interface)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind = EVIDENCE_LOCAL;
	finding.evidence.code = error;
	if (who)
		finding.evidence.offender = *who;
	text_copy_printable(finding.evidence.detail, EVIDENCE_DETAIL_MAX, interface,
		strlen(interface));
	return finding;
}

/* Routes go with their link: without any link the missing route is not the reason. */
static struct finding finding_without_route(struct host *host, int error)
{
	bool up = true;

	if (netlink_any_link_up(&host->netlink, &up) == 0 && !up)
		return own_finding(CAUSE_LOCAL_LINK_DOWN, ENETDOWN, NULL, "");
	return own_finding(CAUSE_LOCAL_NO_ROUTE, -error, NULL, "");
}

static bool blames_neighbour(struct host *host, const struct address *address,
	const struct netlink_route *route, const struct netlink_link *link,
	struct finding *ret_finding)
{
	bool has_gateway = route->gateway.family != FAMILY_NONE;
	const struct address *hop = has_gateway ? &route->gateway : address;
	bool silent;

	if (netlink_neighbour_silent(&host->netlink, route->interface, hop, &silent) <
			0 ||
		!silent)
		return false;
	/* a dead neighbour that is itself the target is the target's trouble, not ours */
	*ret_finding =
		own_finding(has_gateway ? CAUSE_LOCAL_ARP_FAILED : CAUSE_ARP_FAILED,
			EHOSTUNREACH, hop, link->name);
	return true;
}

static bool examine_way(
	struct host *host, const struct address *address, struct finding *ret_finding)
{
	struct netlink_route route;
	struct netlink_link link;
	int result = netlink_route(&host->netlink, address, &route);

	if (netlink_means_no_route(result)) {
		*ret_finding = finding_without_route(host, result);
		return true;
	}
	if (result < 0 || !route.is_unicast ||
		netlink_link(&host->netlink, route.interface, &link) < 0 ||
		link.is_loopback)
		return false;
	if (!link.is_up) {
		*ret_finding =
			own_finding(CAUSE_LOCAL_LINK_DOWN, ENETDOWN, NULL, link.name);
		return true;
	}
	return blames_neighbour(host, address, &route, &link, ret_finding);
}

static struct memory *recall(struct host *host, const struct address *address)
{
	for (unsigned i = 0; i < MEMORIES; i++) {
		if (address_equal(&host->memories[i].address, address))
			return &host->memories[i];
	}
	return NULL;
}

static struct memory *memory_new(struct host *host, const struct address *address)
{
	struct memory *memory = &host->memories[host->next];

	host->next = (host->next + 1) % MEMORIES;
	*memory = (struct memory){ .address = *address, .asked_us = INT64_MIN };
	return memory;
}

bool host_blames_itself(
	struct host *host, const struct address *address, struct finding *ret_finding)
{
	struct memory *memory = recall(host, address);
	int64_t now = clock_now_us();

	if (address->family == FAMILY_NONE)
		return false;
	if (!memory)
		memory = memory_new(host, address);
	if (memory->asked_us < now - MEMORY_LIFE) {
		memory->asked_us = now;
		memory->blamed = examine_way(host, address, &memory->finding);
	}
	if (memory->blamed)
		*ret_finding = memory->finding;
	return memory->blamed;
}

/* \retval false  no default route of this family, or the kernel did not say */
static bool default_route(
	struct host *host, const char *far, bool *known, struct netlink_route *ret_route)
{
	struct netlink_route route;
	struct address address;
	int result;

	address_parse(far, &address);
	result = netlink_route(&host->netlink, &address, &route);
	*known = result == 0 || netlink_means_no_route(result);
	if (result < 0 || !route.is_unicast)
		return false;
	*ret_route = route;
	return true;
}

static void examine_default_route(
	struct host *host, const struct netlink_route *route, struct host_state *state)
{
	struct netlink_link link = { 0 };
	bool silent = false;

	netlink_link(&host->netlink, route->interface, &link);
	text_copy(state->interface, sizeof(state->interface), link.name);
	state->link_up = link.is_up;
	state->gateway = route->gateway;
	if (route->gateway.family != FAMILY_NONE)
		netlink_neighbour_silent(
			&host->netlink, route->interface, &route->gateway, &silent);
	state->gateway_reachable = !silent;
}

static void examine_clock(struct host_state *state)
{
	struct own_clock clock = own_clock_examine();

	state->clock_known = clock.known;
	state->clock_synchronised = clock.synchronised;
}

void host_examine(struct host *host, struct host_state *ret_state)
{
	struct netlink_route ipv4, ipv6;
	struct host_state state = { 0 };
	bool ipv6_known;

	state.default_route_ipv4 = default_route(host, FAR_IPV4, &state.known, &ipv4);
	state.default_route_ipv6 = default_route(host, FAR_IPV6, &ipv6_known, &ipv6);
	if (state.default_route_ipv4 || state.default_route_ipv6)
		examine_default_route(
			host, state.default_route_ipv4 ? &ipv4 : &ipv6, &state);
	else if (state.known)
		netlink_any_link_up(&host->netlink, &state.link_up);
	examine_clock(&state);
	*ret_state = state;
}
