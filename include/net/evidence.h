/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel knows of a failed socket, without privilege: the ICMP errors on its
 * error queue (IP_RECVERR, IPV6_RECVERR) with the device that sent them, and errno.
 *
 * An ICMP error sent by an address of our own is our own kernel's word, not the
 * network's: host unreachable (3/1, 1/3) is its failed ARP or neighbour discovery,
 * everything else is a `reject` of the own firewall. The first becomes arp-failed
 * (net/host.h tells whether the silent one is a gateway), the second local-denied.
 * [measured, kernel 6.18]
 */
#ifndef NET_EVIDENCE_H
#define NET_EVIDENCE_H

#include <stdbool.h>

#include "base/outcome.h"

/** Asks the kernel to keep ICMP errors of this socket; before connect(). */
void evidence_collect(int fd, enum family family);

/** Leaves later ICMP errors to the kernel's own judgement again. */
void evidence_ignore(int fd, enum family family);

/**
 * Drains the error queue and reports its first ICMP error.
 * \retval false  nothing there; *ret_finding is untouched.
 */
bool evidence_from_queue(int fd, struct finding *ret_finding);

/**
 * The same for an unconnected socket, to which the kernel hands every error for its local
 * port: only those about datagrams to this peer count.
 */
bool evidence_from_queue_about(
	int fd, const struct address *peer, uint16_t port, struct finding *ret_finding);

/**
 * Takes one error off the queue of an unconnected socket, and says about a datagram to
 * which port of the peer it is.
 * \param ret_counts  false: one about somebody else, or no ICMP error
 * \retval false      the queue is empty
 */
bool evidence_take(int fd, const struct address *peer, bool *ret_counts,
	uint16_t *ret_port, struct finding *ret_finding);

/**
 * ICMP type and code as a finding (RFC 792, RFC 1812 5.2.7.1, RFC 4443). CAUSE_NONE for
 * the two that only tell the path's MTU.
 */
struct finding evidence_from_icmp(
	enum family family, int type, int code, const struct address *offender);

/** What an errno of connect, send, recv or socket means, and whose trouble it is. */
struct finding evidence_from_errno(int error);

/**
 * Reads the queue first and the error second, since a firewall's "port unreachable" and
 * the host's RST are both ECONNREFUSED and only the queue tells them apart.
 * \param error  errno, or 0 to fetch and clear the pending SO_ERROR
 * \param peer   who was asked: the offender of a TCP reset
 */
struct finding evidence_of_socket(int fd, int error, const struct address *peer);

#endif
