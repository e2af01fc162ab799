/* SPDX-License-Identifier: Apache-2.0 */
#include "net/partner.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"

static void hang_up(struct partner *partner)
{
	if (partner->peer < 0)
		return;
	loop_watch_done(&partner->talking);
	close(partner->peer);
	partner->peer = -1;
}

static void reset(struct partner *partner)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(partner->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	hang_up(partner);
}

static void say(struct partner *partner)
{
	send(partner->peer, partner->words, partner->length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A reset right behind the FIN still reads as the end; only the pending error tells. */
static bool is_reset(int peer)
{
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(peer, SOL_SOCKET, SO_ERROR, &error, &length);
	return error != 0;
}

static void keep(struct partner *partner, const char *heard, size_t length)
{
	size_t room = sizeof(partner->heard) - partner->received;

	if (partner->received < sizeof(partner->heard))
		memcpy(partner->heard + partner->received, heard,
			length < room ? length : room);
	partner->received += length;
}

static void react(struct partner *partner, bool to_the_first)
{
	if (partner->manner == MANNER_ANSWERS && to_the_first)
		say(partner);
	if (partner->manner == MANNER_DRIPS)
		loop_watch_set(&partner->talking, partner->peer, LOOP_READ | LOOP_WRITE);
	if (partner->manner == MANNER_RESETS_LATER)
		reset(partner);
}

static void hear(struct partner *partner)
{
	char heard[4096];
	ssize_t length = recv(partner->peer, heard, sizeof(heard), MSG_DONTWAIT);

	if (length < 0 && errno == EAGAIN)
		return;
	if (length <= 0) {
		if (length < 0 || is_reset(partner->peer))
			partner->resets++;
		else
			partner->closes++;
		hang_up(partner);
		return;
	}
	keep(partner, heard, (size_t)length);
	react(partner, partner->received == (size_t)length);
}

/* One a turn: who listens on the same loop hears each of them alone. */
static void drip(struct partner *partner)
{
	if (partner->dripped < partner->length)
		send(partner->peer, partner->words + partner->dripped++, 1,
			MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		loop_watch_set(&partner->talking, partner->peer, LOOP_READ);
}

static void talk(void *context, unsigned ready)
{
	struct partner *partner = context;

	if (ready & LOOP_READ)
		hear(partner);
	if (ready & LOOP_WRITE && partner->peer >= 0 && partner->manner == MANNER_FLOODS)
		say(partner);
	if (ready & LOOP_WRITE && partner->peer >= 0 && partner->manner == MANNER_DRIPS)
		drip(partner);
}

static void greet(struct partner *partner)
{
	switch (partner->manner) {
	case MANNER_CLOSES:
		hang_up(partner);
		break;
	case MANNER_RESETS:
		reset(partner);
		break;
	case MANNER_GREETS:
		say(partner);
		break;
	case MANNER_PARTS:
		say(partner);
		shutdown(partner->peer, SHUT_WR);
		break;
	default:
		break;
	}
}

static void answer_door(void *context, unsigned ready)
{
	struct partner *partner = context;
	int peer = accept4(partner->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)ready;
	if (peer < 0)
		return;
	hang_up(partner);
	partner->accepted++;
	partner->received = 0;
	partner->dripped = 0;
	partner->peer = peer;
	setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	loop_watch_init(&partner->talking, partner->loop, talk, partner);
	loop_watch_set(&partner->talking, peer,
		partner->manner == MANNER_FLOODS ? LOOP_READ | LOOP_WRITE : LOOP_READ);
	greet(partner);
}

static int listen_on(const char *text, uint16_t *ret_port)
{
	struct sockaddr_storage name;
	struct address address;
	socklen_t length;
	int fd;

	assert_true(address_parse(text, &address));
	length = address_to_socket(&address, 0, &name);
	fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, length), 0);
	length = sizeof(name);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	address_from_socket((struct sockaddr *)&name, &address, ret_port);
	return fd;
}

void partner_open(struct partner *partner, struct loop *loop, const char *address,
	enum manner manner, const char *words, size_t length)
{
	*partner = (struct partner){ .loop = loop,
		.manner = manner,
		.words = words,
		.length = length,
		.peer = -1 };
	partner->listener = listen_on(address ? address : "127.0.0.1", &partner->port);
	assert_int_equal(listen(partner->listener, 16), 0);
	loop_watch_init(&partner->listening, loop, answer_door, partner);
	loop_watch_set(&partner->listening, partner->listener, LOOP_READ);
}

void partner_close(struct partner *partner)
{
	hang_up(partner);
	loop_watch_done(&partner->listening);
	close(partner->listener);
}

uint16_t partner_refused_port(void)
{
	uint16_t port;

	/* bound once and given back: the kernel hands it out again only after the others
	 */
	close(listen_on("127.0.0.1", &port));
	return port;
}

unsigned partner_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

unsigned partner_threads(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned count = 0;
	char line[128];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Threads: %u", &count) == 1)
			break;
	}
	fclose(file);
	return count;
}
