/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known beforehand of the rows of the Internet, those that the catalogue itself
 * names: their hosts are public, and two of them rarely have anything in common. What a
 * site names by a variable may be anywhere and anybody's.
 */
#ifndef ENGINE_CLOUD_H
#define ENGINE_CLOUD_H

#include "engine/requirement.h"

/**
 * The catalogue names the host, by a name that is to be found in the public DNS: no
 * variable, no address, no single label, none of the domains kept for private use (RFC
 * 6761, 6762, 8375; "internal" as ICANN has reserved it in 2024).
 */
bool check_is_cloud(const struct check *check);

/**
 * Whether two names belong to different registrable domains, told by the last two labels.
 * Under suffixes of two labels (a.co.uk and b.co.uk) strangers are then taken for kin,
 * which errs on the side of silence: kin are no witnesses for each other. Addresses are
 * strangers unless equal.
 */
bool hosts_are_strangers(const char *left, const char *right);

/** A name under one of the vendor's own domains. */
bool host_is_vendors(const char *name);

/**
 * Strangers that are not the vendor's own domains both: those may well share a machine,
 * and then its wrong certificate as well.
 */
bool hosts_are_unrelated(const char *left, const char *right);

/** One /24 or /64, as most networks are cut: the kernel's own prefix is not asked for. */
bool addresses_share_network(const struct address *one, const struct address *other);

/**
 * Why an address cannot be that of a public host: "private (RFC 1918)", "loopback", …
 * Addresses kept for documentation (RFC 5737, RFC 3849) count as public: nobody's network
 * has them, so that no answer with one is plausible either way, and model networks use
 * them in place of public ones. \retval NULL  it can
 */
const char *address_misfit(const struct address *address);

#endif
