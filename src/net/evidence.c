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

struct icmp_row {
	int type;
	int code; /* -1 = any */
	enum cause cause;
};

static const struct icmp_row icmp_rows[] = {
	{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, CAUSE_ICMP_NET_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, CAUSE_ICMP_HOST_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, CAUSE_ICMP_PROTO_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, CAUSE_ICMP_PORT_UNREACHABLE },
	{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, CAUSE_MTU_BLACKHOLE },
	{ ICMP_DEST_UNREACH, ICMP_NET_ANO, CAUSE_ICMP_NET_PROHIBITED },
	{ ICMP_DEST_UNREACH, ICMP_HOST_ANO, CAUSE_ICMP_HOST_PROHIBITED },
	{ ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, CAUSE_ICMP_ADMIN_PROHIBITED },
	/* the remaining codes of type 3 all say that a router cannot get there */
	{ ICMP_DEST_UNREACH, -1, CAUSE_ICMP_HOST_UNREACHABLE },
	{ ICMP_TIME_EXCEEDED, -1, CAUSE_TTL_EXCEEDED },
};

static const struct icmp_row icmp6_rows[] = {
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, CAUSE_ICMP6_NO_ROUTE },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN, CAUSE_ICMP6_ADMIN_PROHIBITED },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, CAUSE_ICMP6_ADDR_UNREACHABLE },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, CAUSE_ICMP6_PORT_UNREACHABLE },
	{ ICMP6_DST_UNREACH, 5, CAUSE_ICMP6_POLICY_FAIL },
	{ ICMP6_DST_UNREACH, 6, CAUSE_ICMP6_REJECT_ROUTE },
	{ ICMP6_DST_UNREACH, -1, CAUSE_ICMP6_ADDR_UNREACHABLE },
	{ ICMP6_PACKET_TOO_BIG, -1, CAUSE_MTU_BLACKHOLE },
	{ ICMP6_TIME_EXCEEDED, -1, CAUSE_TTL_EXCEEDED },
};

static enum cause lookup(const struct icmp_row *rows, size_t count, int type, int code)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].type == type && (rows[i].code == -1 || rows[i].code == code))
			return rows[i].cause;
	}
	return CAUSE_ICMP_HOST_UNREACHABLE;
}

#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])

struct finding evidence_from_icmp(
	enum family family, int type, int code, const struct address *offender)
{
	bool ipv6 = family == FAMILY_IPV6;
	struct finding finding = finding_of(ipv6 ? lookup(ROWS(icmp6_rows), type, code)
						 : lookup(ROWS(icmp_rows), type, code));

	finding.evidence.kind = ipv6 ? EVIDENCE_ICMP6 : EVIDENCE_ICMP;
	finding.evidence.type = type;
	finding.evidence.code = code;
	finding.evidence.offender = *offender;
	return finding;
}

void evidence_collect(int fd, enum family family)
{
	int on = 1;

	/* Without the option the verdict is the same, only poorer: the result is ignored.
	 */
	if (family == FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
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

/* \retval false  not an ICMP error: the kernel's own report, for instance a dead
 * neighbour */
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
	return true;
}

bool evidence_from_queue(int fd, struct finding *ret_finding)
{
	alignas(struct cmsghdr) unsigned char control[512];
	unsigned char payload[64];
	bool found = false;

	for (;;) {
		struct iovec part = { .iov_base = payload, .iov_len = sizeof(payload) };
		struct msghdr message = { .msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		const struct sock_extended_err *error;

		if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return found;
		error = extended_error(&message);
		if (error && !found)
			found = read_error(error, ret_finding);
	}
}

static enum cause cause_of_errno(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return CAUSE_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return CAUSE_RESET;
	case ETIMEDOUT:
		return CAUSE_TIMEOUT;
	case ENETUNREACH:
		return CAUSE_LOCAL_NO_ROUTE;
	case EHOSTUNREACH:
		/* no ICMP came, so it is our kernel's word: the next hop is silent */
		return CAUSE_ARP_FAILED;
	case ENETDOWN:
		return CAUSE_LOCAL_LINK_DOWN;
	case EPERM:
	case EACCES:
		return CAUSE_LOCAL_DENIED;
	default:
		return CAUSE_LOCAL_RESOURCE;
	}
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
