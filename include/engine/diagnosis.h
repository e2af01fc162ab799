/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One upstream outage instead of twenty: what is common to the requirements that are not
 * well. What is of this host, of its uplink or of the Internet is looked for once, over
 * all sites; what is of name servers over those who ask the same; what is of a PBX at its
 * site. A pure function of the store and of the state of the own host;
 * the states of the requirements stay as they are, for verdicts are facts and this is
 * an inference.
 *
 * A witness is a check whose confirmed state is not ok and whose last run says the
 * same; checks that ask one and the same port are one witness, however many rows they
 * are of. Somebody was heard when anything came from the far end, a refusal included. A
 * diagnosis stands when its witnesses are there, its counter-witnesses are, nobody
 * contradicts it, and it covers at least two requirements: one alone has nothing in
 * common with another.
 *
 * own-link: two hosts' runs found the link down, or one and the kernel says so.
 *
 * own-route: two hosts' runs found no route, or one and there is no default route.
 *
 * own-gateway: it failed ARP or neighbour discovery under runs to two hosts, or one
 *     and the kernel says so. These runs have asked the kernel already (net/host.h); a
 *     single one may have a route of its own.
 *
 * internet-uplink: three silent or unreachable checks, of two unrelated hosts beyond
 *     the own network, and none beyond it is heard; of both address families, or else of
 *     one alone. The vendor's domains count as one host. Counter-witness: the gateway
 *     answers neighbour discovery. Who was silent and then lost his name too is silent
 *     still. A device that says "unreachable" to all of them is named as the last to
 *     speak. Beyond is a public address outside the gateway's /24 or /64, and not the
 *     PBX of a site whose vantage is beside it.
 *
 * vendor-silent: three silent checks of two of the vendor's domains, and none of them is
 *     heard. Counter-witness: something else out there was heard since; where nothing
 *     else is checked there the gateway answers, and it may be the uplink.
 *
 * own-resolver: lookups of two unrelated names fail, not by what a server says of the
 *     name, and no lookup of this site succeeded since (a cached name proves nothing).
 *     Counter-witness: an address literal answers, or the gateway does. What is beyond
 *     is not silent at the same time, else it is the uplink; and it was heard once, for
 *     who is started in an outage of the uplink cannot tell the two apart.
 *
 * dns-hijack: dns-wrong-address for two unrelated names of the Internet.
 *
 * captive-portal: captive-portal at two unrelated hosts; where it is only a redirect,
 *     which degrades, both must lead to one place.
 *
 * tls-interception: tls-intercepted at two unrelated hosts. These three have their
 *     second witness in the cause itself, see engine/doubt.h.
 *
 * own-clock: every time server that was heard differs by an hour or more, and there
 *     are two of them, or one and the kernel says that our clock is not synchronised.
 *
 * pbx-down: two ports of the PBX were asked and it was found gone, by neighbour
 *     discovery or by a router's "host unreachable", the others found silence, and
 *     nothing of it is heard. Counter-witness: another host is heard since.
 *
 * possible-ban: three ports of the PBX are silent, nothing of it is heard, two or more
 *     of them answered before, and their last answers lie so close together that they
 *     ended at once, within one interval and at most 5 minutes. Counter-witness: another
 *     host is heard since, and no neighbour of the PBX in its /24 or /64 fell silent with
 *     it, which is a tunnel that is down. A STARFACE drops every packet of an address it
 *     has banned, for 10 minutes (web, XMPP) to 24 hours (SIP, provisioning); one that
 *     was switched off beyond a router looks the same, hence "possible". On the own link
 *     neighbour discovery tells the two apart.
 *
 * pbx-silent: as before, but its answers did not end at once, or there never were any,
 *     or its network fell silent with it.
 *
 * common-device: one device, not the target itself, refused three checks of two hosts
 *     by ICMP.
 *
 * The PBX is a host that a row of direction inbound asks.
 */
#ifndef ENGINE_DIAGNOSIS_H
#define ENGINE_DIAGNOSIS_H

#include "base/common_cause.h"
#include "engine/store.h"

struct host_state;

struct diagnosis {
	const struct site
		*site; /* NULL = it is of several sites, of this host as a rule */
	enum common_cause cause;
	int64_t since_us;         /* wall: when the last of its witnesses was confirmed */
	size_t covered;           /* requirements it explains, at least two */
	struct evidence evidence; /* one line; offender = the device to look at */
};

struct diagnoses {
	struct diagnosis *items;
	size_t count;
	const struct diagnosis **covers; /* by store_requirement(); NULL = nothing */
};

/** \param host  NULL = not known \retval false  out of memory */
bool diagnoses_make(const struct store *store, const struct host_state *host,
	struct diagnoses *ret_diagnoses);

/** Fine when zeroed. */
void diagnoses_done(struct diagnoses *diagnoses);

/** What explains a requirement, by its index in the store; NULL = nothing does. */
const struct diagnosis *diagnoses_cover(const struct diagnoses *diagnoses, size_t index);

#endif
