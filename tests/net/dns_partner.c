/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_partner.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <assert.h>
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

	*partner = (struct partner){ .behave = behave };
	partner->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	result = bind(partner->fd, (struct sockaddr *)&here, length);
	assert(result == 0);
	getsockname(partner->fd, (struct sockaddr *)&here, &length);
	address_from_socket((struct sockaddr *)&here, &partner->server.address,
		&partner->server.port);
	partner_serve(partner, loop);
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
