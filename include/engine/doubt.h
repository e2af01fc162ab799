/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run cannot know by itself. When our own measure is in doubt, the target is
 * not blamed: certificate dates under a clock that time servers contradict, silence
 * while our own loop stood still. And where other checks of the site have seen the
 * same, somebody between is named instead of the target. What was found by itself
 * stays the evidence.
 *
 * local-clock: a certificate's date is wrong, and every time server that was heard and
 *     is still asked contradicts our clock by an hour.
 *
 * dns-wrong-address: before a connection: a name of the Internet has an address that
 *     no public host can have. After one: three unrelated such names share an address
 *     that shows no certificate for two of them and for none of them a good one, which
 *     is a block page. A content network shares addresses too, with good certificates,
 *     and a vendor may serve all his domains from one machine with one wrong one: his
 *     domains are one name here.
 *
 * tls-intercepted: two unrelated hosts of the Internet show chains that nobody here
 *     trusts, of one and the same issuer, at two addresses: one machine may have one
 *     wrong chain for all its names. A row that only reports keeps its verdict.
 *     Incomplete chains do not count, for two servers may have forgotten the same
 *     intermediate of a public authority. An authority that this host is too old to
 *     know looks alike, and so does one of the vendor's own for several domains: the
 *     issuer's name stays in the evidence.
 *
 * captive-portal: two unrelated hosts give one and the same foreign answer over plain
 *     HTTP, and at both of them TLS shows no right to the name, or a third gives it
 *     from the same address as they. One good certificate of a host disproves it: a
 *     vendor may serve equal pages by all his names.
 *
 * sip-alg: SIP over UDP says that we are seen under the address we have ourselves, and
 *     another row of that host, from the same address and not older than two of its
 *     intervals, proves that we are translated: somebody between rewrites messages. A
 *     datagram proves it. A stream of SIP may end at a proxy before the PBX, which tells
 *     of its own address; it proves it if that address is public and beside neither us
 *     nor the PBX while ours is private, or if a stream to another port of the host
 *     tells the same public address, which is neither beside us nor the host's own.
 *
 * A row that the site names by a variable takes part by its clock and its SIP only:
 * its names, addresses and authorities are the site's own affair (engine/cloud.h).
 */
#ifndef ENGINE_DOUBT_H
#define ENGINE_DOUBT_H

#include "base/clock.h"
#include "base/outcome.h"
#include "engine/store.h"

/** Certificates are issued with an hour to spare; less changes no verdict. */
#define CLOCK_WRONG (60 * MINUTE)

/** Holds what a run of this check found against what the store has of others. */
void doubt_outcome(const struct store *store, size_t index, struct outcome *outcome);

/**
 * Whether a name cannot lead to this address. Nothing is to be sent to it then: it would
 * be somebody else, inside the own network as a rule.
 * \param server  who said so; FAMILY_NONE = not known
 */
bool doubt_address(const struct check *check, const struct address *address,
	const struct address *server, struct finding *ret_finding);

/** The finding of a deadline that our loop served so late. */
struct finding doubt_of_lag(int64_t late_us);

#endif
