/* SPDX-License-Identifier: Apache-2.0 */
#include "net/netlink.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

/* Dumps come in parts of at most this size; the kernel never makes a larger one unasked.
 */
#define REPLY_MAX 32768

struct request {
	alignas(NLMSG_ALIGNTO) struct nlmsghdr header;
	unsigned char body[256];
};

/* One message of the answer; reads what it can use. */
typedef void (*reply_fn)(void *context, const struct nlmsghdr *header);

int netlink_open(struct netlink *netlink)
{
	netlink->sequence = 0;
	netlink->fd = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	return netlink->fd < 0 ? -errno : 0;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->fd >= 0)
		close(netlink->fd);
	netlink->fd = -1;
}

static void request_begin(
	struct request *request, uint16_t type, uint16_t flags, size_t body_size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body_size);
}

static void request_attribute(
	struct request *request, uint16_t type, const void *data, size_t size)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr *attribute = (void *)((unsigned char *)request + at);

	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len = (uint32_t)(at + RTA_LENGTH(size));
}

static uint8_t family_of(const struct address *address)
{
	return address->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

static size_t size_of(const struct address *address)
{
	return address->family == FAMILY_IPV6 ? 16 : 4;
}

/* \retval 1 the answer is complete, 0 more is to come, -errno */
static int read_message(const struct nlmsghdr *header, reply_fn reply, void *context)
{
	if (header->nlmsg_type == NLMSG_DONE)
		return 1;
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(header);

		return error->error ? error->error : 1;
	}
	reply(context, header);
	return header->nlmsg_flags & NLM_F_MULTI ? 0 : 1;
}

/* Answers to an older question, left behind by an error, have another number. */
static int read_part(struct netlink *netlink, const unsigned char *part, size_t length,
	reply_fn reply, void *context)
{
	const struct nlmsghdr *header = (const void *)part;
	int result = 0;

	for (; result == 0 && NLMSG_OK(header, length);
		header = NLMSG_NEXT(header, length)) {
		if (header->nlmsg_seq == netlink->sequence)
			result = read_message(header, reply, context);
	}
	return result;
}

static int read_answer(struct netlink *netlink, reply_fn reply, void *context)
{
	alignas(NLMSG_ALIGNTO) unsigned char part[REPLY_MAX];
	struct sockaddr_nl from;
	int result = 0;

	while (result == 0) {
		socklen_t from_length = sizeof(from);
		ssize_t length = recvfrom(netlink->fd, part, sizeof(part),
			MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &from_length);

		if (length < 0)
			return -errno;
		if ((size_t)length > sizeof(part))
			return -EMSGSIZE;
		/* any process may write to this socket; only port 0 is the kernel */
		if (from.nl_pid == 0)
			result = read_part(netlink, part, (size_t)length, reply, context);
	}
	return result < 0 ? result : 0;
}

static int ask(
	struct netlink *netlink, struct request *request, reply_fn reply, void *context)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	uint32_t length = request->header.nlmsg_len;

	if (netlink->fd < 0)
		return -EBADF;
	request->header.nlmsg_seq = ++netlink->sequence;
	if (sendto(netlink->fd, request, length, MSG_DONTWAIT, (struct sockaddr *)&kernel,
		    sizeof(kernel)) < 0)
		return -errno;
	return read_answer(netlink, reply, context);
}

static void read_gateway(
	struct address *gateway, int family, const void *bytes, size_t size)
{
	*gateway = (struct address){
		.family = family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4,
	};
	if (size <= sizeof(gateway->bytes))
		memcpy(gateway->bytes, bytes, size);
}

static void read_route_attribute(
	struct netlink_route *route, const struct rtattr *attribute, int family)
{
	size_t size = RTA_PAYLOAD(attribute);

	if (attribute->rta_type == RTA_OIF && size == sizeof(route->interface)) {
		memcpy(&route->interface, RTA_DATA(attribute), size);
	} else if (attribute->rta_type == RTA_GATEWAY) {
		read_gateway(&route->gateway, family, RTA_DATA(attribute), size);
	} else if (attribute->rta_type == RTA_VIA && size > sizeof(struct rtvia)) {
		/* an IPv4 route by way of an IPv6 gateway (RFC 5549) */
		const struct rtvia *via = RTA_DATA(attribute);

		read_gateway(&route->gateway, via->rtvia_family, via->rtvia_addr,
			size - sizeof(*via));
	}
}

static void read_route(void *context, const struct nlmsghdr *header)
{
	const struct rtmsg *message = NLMSG_DATA(header);
	const struct rtattr *attribute = RTM_RTA(message);
	size_t left = RTM_PAYLOAD(header);
	struct netlink_route *route = context;

	if (header->nlmsg_type != RTM_NEWROUTE)
		return;
	route->is_unicast = message->rtm_type == RTN_UNICAST;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		read_route_attribute(route, attribute, message->rtm_family);
}

int netlink_route(struct netlink *netlink, const struct address *address,
	struct netlink_route *ret_route)
{
	struct netlink_route route = { 0 };
	struct request request;
	struct rtmsg *message = NLMSG_DATA(&request.header);
	int result;

	request_begin(&request, RTM_GETROUTE, 0, sizeof(*message));
	message->rtm_family = family_of(address);
	message->rtm_dst_len = (uint8_t)(8 * size_of(address));
	request_attribute(&request, RTA_DST, address->bytes, size_of(address));
	if (address->scope)
		request_attribute(
			&request, RTA_OIF, &address->scope, sizeof(address->scope));
	result = ask(netlink, &request, read_route, &route);
	if (result == 0)
		*ret_route = route;
	return result;
}

bool netlink_means_no_route(int error)
{
	/* blackhole routes are answered with EINVAL, prohibit with EACCES */
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EINVAL ||
		error == -EACCES;
}

/* Not the operational state: it follows the carrier up to a second later. */
static void read_link_attribute(struct netlink_link *link, const struct rtattr *attribute)
{
	const unsigned char *data = RTA_DATA(attribute);

	if (attribute->rta_type == IFLA_IFNAME)
		text_copy(link->name, sizeof(link->name), (const char *)data);
	else if (attribute->rta_type == IFLA_CARRIER)
		link->is_up = link->is_up && *data != 0;
}

static void read_link(void *context, const struct nlmsghdr *header)
{
	const struct ifinfomsg *message = NLMSG_DATA(header);
	const struct rtattr *attribute = IFLA_RTA(message);
	size_t left = IFLA_PAYLOAD(header);
	struct netlink_link *link = context;

	if (header->nlmsg_type != RTM_NEWLINK)
		return;
	link->is_up = (message->ifi_flags & IFF_UP) != 0;
	link->is_loopback = (message->ifi_flags & IFF_LOOPBACK) != 0;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		read_link_attribute(link, attribute);
}

/* Statistics and virtual functions of a link can be large and are not asked for. */
static void link_request(struct request *request, uint16_t flags, unsigned interface)
{
	uint32_t filter = RTEXT_FILTER_SKIP_STATS;
	struct ifinfomsg *message = NLMSG_DATA(&request->header);

	request_begin(request, RTM_GETLINK, flags, sizeof(*message));
	message->ifi_index = (int)interface;
	request_attribute(request, IFLA_EXT_MASK, &filter, sizeof(filter));
}

int netlink_link(
	struct netlink *netlink, unsigned interface, struct netlink_link *ret_link)
{
	struct netlink_link link = { 0 };
	struct request request;
	int result;

	link_request(&request, 0, interface);
	result = ask(netlink, &request, read_link, &link);
	if (result == 0)
		*ret_link = link;
	return result;
}

static void read_any_link(void *context, const struct nlmsghdr *header)
{
	struct netlink_link link = { 0 };
	bool *up = context;

	read_link(&link, header);
	*up = *up || (link.is_up && !link.is_loopback);
}

int netlink_any_link_up(struct netlink *netlink, bool *ret_up)
{
	struct request request;
	bool up = false;
	int result;

	link_request(&request, NLM_F_DUMP, 0);
	result = ask(netlink, &request, read_any_link, &up);
	if (result == 0)
		*ret_up = up;
	return result;
}

static void read_neighbour(void *context, const struct nlmsghdr *header)
{
	const struct ndmsg *message = NLMSG_DATA(header);

	if (header->nlmsg_type == RTM_NEWNEIGH)
		*(unsigned *)context = message->ndm_state;
}

int netlink_neighbour_silent(struct netlink *netlink, unsigned interface,
	const struct address *address, bool *ret_silent)
{
	struct request request;
	struct ndmsg *message = NLMSG_DATA(&request.header);
	unsigned state = NUD_NONE;
	int result;

	request_begin(&request, RTM_GETNEIGH, 0, sizeof(*message));
	message->ndm_family = family_of(address);
	message->ndm_ifindex = (int)interface;
	request_attribute(&request, NDA_DST, address->bytes, size_of(address));
	result = ask(netlink, &request, read_neighbour, &state);
	if (result == 0)
		*ret_silent = (state & (NUD_FAILED | NUD_INCOMPLETE)) != 0;
	return result;
}
