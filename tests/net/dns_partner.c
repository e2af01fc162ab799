/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_partner.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <assert.h>
#include <netinet/tcp.h>
#include <resolv.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void question_came(void *context, unsigned ready)
{
	struct partner *partner = context;
	struct message question = { .length = 0 }, answer = { .length = 0 };
	struct sockaddr_storage from;
	socklen_t from_length = sizeof(from);
	ssize_t length = recvfrom(partner->fd, question.data, sizeof(question.data), 0,
		(struct sockaddr *)&from, &from_length);

	(void)ready;
	if (length <= 0)
		return;
	question.length = (size_t)length;
	partner->questions++;
	partner->behave(partner, &question, &answer);
	if (answer.length > 0)
		sendto(partner->fd, answer.data, answer.length, 0,
			(struct sockaddr *)&from, from_length);
}

void partner_open(struct partner *partner, struct loop *loop, partner_fn behave)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(here);
	int result;

	*partner = (struct partner){ .behave = behave, .listener = -1 };
	partner->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	result = bind(partner->fd, (struct sockaddr *)&here, length);
	assert(result == 0);
	getsockname(partner->fd, (struct sockaddr *)&here, &length);
	address_from_socket((struct sockaddr *)&here, &partner->server.address,
		&partner->server.port);
	partner_serve(partner, loop);
}

/* Accepted are only connections whose question is there: see partner_listen(). */
static void stream_came(void *context, unsigned ready)
{
	struct partner *partner = context;
	struct message question = { .length = 0 }, answer = { .length = 0 };
	int fd = accept4(partner->listener, NULL, NULL, SOCK_CLOEXEC);
	uint8_t head[2];
	ssize_t length;

	(void)ready;
	assert(fd >= 0);
	length = recv(fd, head, sizeof(head), 0);
	if (length == sizeof(head))
		length = recv(fd, question.data, sizeof(question.data), 0);
	if (length > 0) {
		question.length = (size_t)length;
		partner->by_stream = true;
		partner->behave(partner, &question, &answer);
		partner->by_stream = false;
		head[0] = (uint8_t)(answer.length >> 8);
		head[1] = (uint8_t)answer.length;
		send(fd, head, sizeof(head), MSG_NOSIGNAL | MSG_MORE);
		send(fd, answer.data, answer.length, MSG_NOSIGNAL);
	}
	close(fd);
}

static int listen_beside(const struct partner *partner)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage here;
	socklen_t length =
		address_to_socket(&partner->server.address, partner->server.port, &here);
	int on = 1, patience_s = 5;

	/* the number may have served a connection that is over */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* asker and partner share a thread: nobody may be waited for in accept4() */
	setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &patience_s, sizeof(patience_s));
	if (bind(fd, (struct sockaddr *)&here, length) == 0 && listen(fd, 8) == 0)
		return fd;
	close(fd);
	return -1;
}

void partner_listen(struct partner *partner, struct loop *loop)
{
	/* somebody else may hold the number on TCP: then another one */
	while ((partner->listener = listen_beside(partner)) < 0) {
		partner_close(partner);
		partner_open(partner, loop, partner->behave);
	}
	loop_watch_init(&partner->stream_watch, loop, stream_came, partner);
	loop_watch_set(&partner->stream_watch, partner->listener, LOOP_READ);
}

void partner_serve(struct partner *partner, struct loop *loop)
{
	loop_watch_init(&partner->watch, loop, question_came, partner);
	loop_watch_set(&partner->watch, partner->fd, LOOP_READ);
}

void partner_close(struct partner *partner)
{
	loop_watch_done(&partner->watch);
	close(partner->fd);
	if (partner->listener < 0)
		return;
	loop_watch_done(&partner->stream_watch);
	close(partner->listener);
}

void message_answer(struct message *answer, const struct message *question, int rcode)
{
	*answer = *question;
	answer->data[2] |= 0x80;
	answer->data[3] = (uint8_t)(0x80 | rcode);
}

static void append(struct message *message, const void *data, size_t length)
{
	assert(message->length + length <= sizeof(message->data));
	memcpy(message->data + message->length, data, length);
	message->length += length;
}

static void append_short(struct message *message, unsigned value)
{
	uint16_t wire = htons((uint16_t)value);

	append(message, &wire, sizeof(wire));
}

static size_t compress(const char *name, uint8_t *buffer, size_t size)
{
	int length = dn_comp(name, buffer, (int)size, NULL, NULL);

	assert(length > 0);
	return (size_t)length;
}

void message_record(struct message *message, int section, const char *name, int type,
	uint32_t ttl, const void *data, size_t length)
{
	uint32_t wire_ttl = htonl(ttl);
	uint8_t owner[NS_MAXCDNAME];

	message->data[5 + 2 * section]++;
	if (name)
		append(message, owner, compress(name, owner, sizeof(owner)));
	else
		append_short(message, 0xc00c);
	append_short(message, (unsigned)type);
	append_short(message, ns_c_in);
	append(message, &wire_ttl, sizeof(wire_ttl));
	append_short(message, (unsigned)length);
	append(message, data, length);
}

void message_address(struct message *message, const char *text, uint32_t ttl)
{
	struct address address;
	bool ipv6, is_literal = address_parse(text, &address);

	assert(is_literal);
	ipv6 = address.family == FAMILY_IPV6;
	message_record(message, 1, NULL, ipv6 ? ns_t_aaaa : ns_t_a, ttl, address.bytes,
		ipv6 ? NS_IN6ADDRSZ : NS_INADDRSZ);
}

void message_alias(struct message *message, const char *name, const char *target)
{
	uint8_t data[NS_MAXCDNAME];

	message_record(message, 1, name, ns_t_cname, 300, data,
		compress(target, data, sizeof(data)));
}

static void told(void *context, const struct resolution *resolution)
{
	struct asker *asker = context;

	asker->resolution = *resolution;
	asker->told++;
	if (asker->stops_loop)
		loop_stop(asker->loop);
}

void asker_ask(struct asker *asker, struct loop *loop, struct resolver *resolver,
	const char *name, enum family family)
{
	*asker = (struct asker){ .loop = loop };
	resolver_lookup(resolver, name, family, &asker->lookup, told, asker);
}

struct resolution asker_wait(struct loop *loop, struct resolver *resolver,
	const char *name, enum family family)
{
	struct asker asker;

	asker_ask(&asker, loop, resolver, name, family);
	assert(asker.told == 0); /* never from within the call */
	asker.stops_loop = true;
	loop_run(loop);
	assert(asker.told == 1);
	return asker.resolution;
}
