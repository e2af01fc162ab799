/* SPDX-License-Identifier: Apache-2.0 */
#include "net/evidence.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "net/route.h"

struct icmp_row {
	int type; /* -1 = any; the last row of a table has it */
	int code; /* -1 = any */
	enum cause cause;
};

/*
 * "Fragmentation needed" and "packet too big" are no failure: they are how the size that
 * fits is learned, and the kernel heeds them by itself. They say nothing of the target.
 */

static const struct icmp_row icmp_rows[] = {
	{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, CAUSE_ICMP_NET_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, CAUSE_ICMP_HOST_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, CAUSE_ICMP_PROTO_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, CAUSE_ICMP_PORT_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, CAUSE_NONE },
	{ ICMP_DEST_UNREACH, ICMP_NET_ANO, CAUSE_ICMP_NET_PROHIBITED },
	{ ICMP_DEST_UNREACH, ICMP_HOST_ANO, CAUSE_ICMP_HOST_PROHIBITED },
	{ ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, CAUSE_ICMP_ADMIN_PROHIBITED },
	{ ICMP_DEST_UNREACH, ICMP_NET_UNKNOWN, CAUSE_ICMP_NET_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_NET_UNR_TOS, CAUSE_ICMP_NET_UNREACHABLE },
	/* precedence violation and cutoff: forbidden by rule as well (RFC 1812, 5.2.7.1)
	 */
	{ ICMP_DEST_UNREACH, ICMP_PREC_VIOLATION, CAUSE_ICMP_ADMIN_PROHIBITED },
	{ ICMP_DEST_UNREACH, ICMP_PREC_CUTOFF, CAUSE_ICMP_ADMIN_PROHIBITED },
	/* the remaining codes of type 3 all say that a router cannot get there */
	{ ICMP_DEST_UNREACH, -1, CAUSE_ICMP_HOST_UNREACHABLE },
	{ ICMP_TIME_EXCEEDED, -1, CAUSE_TTL_EXCEEDED },
	{ -1, -1, CAUSE_ICMP_HOST_UNREACHABLE },
};

static const struct icmp_row icmp6_rows[] = {
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, CAUSE_ICMP6_NO_ROUTE },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN, CAUSE_ICMP6_ADMIN_PROHIBITED },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, CAUSE_ICMP6_ADDR_UNREACHABLE },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, CAUSE_ICMP6_PORT_UNREACHABLE },
	{ ICMP6_DST_UNREACH, 5, CAUSE_ICMP6_POLICY_FAIL },
	{ ICMP6_DST_UNREACH, 6, CAUSE_ICMP6_REJECT_ROUTE },
	{ ICMP6_DST_UNREACH, -1, CAUSE_ICMP6_ADDR_UNREACHABLE },
	{ ICMP6_PACKET_TOO_BIG, -1, CAUSE_NONE },
	{ ICMP6_TIME_EXCEEDED, -1, CAUSE_TTL_EXCEEDED },
	{ -1, -1, CAUSE_ICMP6_ADDR_UNREACHABLE },
};

static bool matches(const struct icmp_row *row, int type, int code)
{
	return (row->type == -1 || row->type == type) &&
		(row->code == -1 || row->code == code);
}

static enum cause lookup(const struct icmp_row *row, int type, int code)
{
	while (!matches(row, type, code))
		row++;
	return row->cause;
}

struct finding evidence_from_icmp(
	enum family family, int type, int code, const struct address *offender)
{
	bool ipv6 = family == FAMILY_IPV6;
	struct finding finding =
		finding_of(lookup(ipv6 ? icmp6_rows : icmp_rows, type, code));

	finding.evidence.kind = ipv6 ? EVIDENCE_ICMP6 : EVIDENCE_ICMP;
	finding.evidence.type = type;
	finding.evidence.code = code;
	finding.evidence.offender = *offender;
	return finding;
}

/* Without the option the verdict is the same, only poorer: the result is ignored. */
static void set_collecting(int fd, enum family family, int on)
{
	if (family == FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
}

void evidence_collect(int fd, enum family family)
{
	set_collecting(fd, family, 1);
}

void evidence_ignore(int fd, enum family family)
{
	set_collecting(fd, family, 0);
}

static const struct sock_extended_err *extended_error(struct msghdr *message)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
		header = CMSG_NXTHDR(message, header)) {
		if ((header->cmsg_level == IPPROTO_IP &&
			    header->cmsg_type == IP_RECVERR) ||
			(header->cmsg_level == IPPROTO_IPV6 &&
				header->cmsg_type == IPV6_RECVERR))
			return (const struct sock_extended_err *)(void *)CMSG_DATA(
				header);
	}
	return NULL;
}

/* The own kernel speaks in ICMP as well: see the head of the header. */
static void settle_own_word(struct finding *finding, const struct address *asked)
{
	const struct address *offender = &finding->evidence.offender;
	enum cause cause = CAUSE_LOCAL_DENIED;

	if (address_equal(offender, asked) || !address_is_own(offender))
		return;
	if (finding->cause == CAUSE_ICMP_HOST_UNREACHABLE ||
		finding->cause == CAUSE_ICMP6_ADDR_UNREACHABLE)
		cause = CAUSE_ARP_FAILED;
	finding->cause = cause;
	finding->verdict = cause_verdict(cause);
}

/* \retval false  no ICMP error, but a local report or news of the path's MTU */
static bool read_error(const struct sock_extended_err *error, struct finding *ret_finding)
{
	struct address offender;
	enum family family;

	if (error->ee_origin == SO_EE_ORIGIN_ICMP)
		family = FAMILY_IPV4;
	else if (error->ee_origin == SO_EE_ORIGIN_ICMP6)
		family = FAMILY_IPV6;
	else
		return false;
	address_from_socket(SO_EE_OFFENDER(error), &offender, NULL);
	*ret_finding =
		evidence_from_icmp(family, error->ee_type, error->ee_code, &offender);
	return ret_finding->cause != CAUSE_NONE;
}

/* An ICMP error, and the destination of the datagram that it is about. */
struct report {
	struct transport_address asked;
	struct finding finding;
};

static bool read_message(struct msghdr *message, struct report *ret_report)
{
	const struct sock_extended_err *error = extended_error(message);

	if (!error || !read_error(error, &ret_report->finding))
		return false;
	/* the kernel gives that destination as the name */
	address_from_socket(
		message->msg_name, &ret_report->asked.address, &ret_report->asked.port);
	settle_own_word(&ret_report->finding, &ret_report->asked.address);
	return true;
}

/* \retval false  the queue is empty */
static bool take_report(int fd, bool *ret_counts, struct report *ret_report)
{
	alignas(struct cmsghdr) unsigned char control[512];
	unsigned char payload[64];
	struct sockaddr_storage asked;
	struct iovec part = { .iov_base = payload, .iov_len = sizeof(payload) };
	struct msghdr message = { .msg_name = &asked,
		.msg_namelen = sizeof(asked),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };

	asked.ss_family = AF_UNSPEC;
	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	*ret_counts = read_message(&message, ret_report);
	return true;
}

/* \param only  NULL = whoever it is about */
static bool drain_queue(
	int fd, const struct transport_address *only, struct finding *ret_finding)
{
	struct report report;
	bool found = false, counts;

	while (take_report(fd, &counts, &report)) {
		if (!counts || found)
			continue;
		if (only && !transport_address_equal(only, &report.asked))
			continue;
		*ret_finding = report.finding;
		found = true;
	}
	return found;
}

bool evidence_from_queue(int fd, struct finding *ret_finding)
{
	return drain_queue(fd, NULL, ret_finding);
}

bool evidence_from_queue_about(
	int fd, const struct address *peer, uint16_t port, struct finding *ret_finding)
{
	const struct transport_address only = { *peer, port };

	return drain_queue(fd, &only, ret_finding);
}

bool evidence_take(int fd, const struct address *peer, bool *ret_counts,
	uint16_t *ret_port, struct finding *ret_finding)
{
	struct report report;
	bool counts;

	if (!take_report(fd, &counts, &report))
		return false;
	*ret_counts = counts && address_equal(peer, &report.asked.address);
	if (*ret_counts) {
		*ret_port = report.asked.port;
		*ret_finding = report.finding;
	}
	return true;
}

struct errno_row {
	int error;
	enum cause cause;
};

static const struct errno_row errno_rows[] = {
	{ ECONNREFUSED, CAUSE_REFUSED },
	{ ECONNRESET, CAUSE_RESET },
	{ EPIPE, CAUSE_RESET },
	{ ETIMEDOUT, CAUSE_TIMEOUT },
	/* No route; an `unreachable` one; a `blackhole` one; no IPv6 at all. A silent
	 * next hop is never told by errno alone: for it the kernel queues an ICMP error.
	 */
	{ ENETUNREACH, CAUSE_LOCAL_NO_ROUTE },
	{ EHOSTUNREACH, CAUSE_LOCAL_NO_ROUTE },
	{ EINVAL, CAUSE_LOCAL_NO_ROUTE },
	{ EAFNOSUPPORT, CAUSE_LOCAL_NO_ROUTE },
	{ ENETDOWN, CAUSE_LOCAL_LINK_DOWN },
	{ EPERM, CAUSE_LOCAL_DENIED },
	{ EACCES, CAUSE_LOCAL_DENIED },
};

static enum cause cause_of_errno(int error)
{
	for (size_t i = 0; i < sizeof(errno_rows) / sizeof(errno_rows[0]); i++) {
		if (errno_rows[i].error == error)
			return errno_rows[i].cause;
	}
	return CAUSE_LOCAL_RESOURCE;
}

struct finding evidence_from_errno(int error)
{
	struct finding finding = finding_of(cause_of_errno(error));

	if (cause_layer(finding.cause) == LAYER_LOCAL) {
		finding.evidence.kind = EVIDENCE_LOCAL;
		finding.evidence.code = error;
	}
	return finding;
}

struct finding evidence_of_socket(int fd, int error, const struct address *peer)
{
	struct finding finding;
	socklen_t length = sizeof(error);

	if (error == 0)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (evidence_from_queue(fd, &finding))
		return finding;
	finding = evidence_from_errno(error);
	if (error == ECONNREFUSED || error == ECONNRESET) {
		finding.evidence.kind = EVIDENCE_TCP_RESET;
		finding.evidence.offender = *peer;
	}
	return finding;
}
