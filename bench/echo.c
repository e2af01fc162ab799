/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ends beside a reflector: a plain echo that does the least one can do at many
 * ports, and a sender that keeps either of them busy.
 *
 *	echo serve FIRST LAST              a socket a port; whatever comes goes back
 *	echo send FIRST LAST TIMES [KEY]   asks each port so often, STAMP packets, keyed
 *by the file; prints how many were asked and answered
 *
 * Both are of 127.0.0.1. The sender has 64 packets under way at the most, so that nothing
 * is lost where nothing is slow.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/stamp.h"
#include "net/key_file.h"

#define BATCH 64

static struct sockaddr_in name_of(unsigned port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int die(const char *what)
{
	perror(what);
	return EXIT_FAILURE;
}

static bool open_port(int poll, unsigned port)
{
	const struct sockaddr_in name = name_of(port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return fd >= 0 && bind(fd, (const struct sockaddr *)&name, sizeof(name)) == 0 &&
		epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void answer(int fd)
{
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	char data[2048];
	ssize_t octets =
		recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &length);

	if (octets >= 0)
		sendto(fd, data, (size_t)octets, 0, (const struct sockaddr *)&from,
			length);
}

static int serve(unsigned first, unsigned last)
{
	struct epoll_event events[BATCH];
	int set = epoll_create1(0);

	for (unsigned port = first; port <= last; port++) {
		if (!open_port(set, port))
			return die("open");
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(set, events, BATCH, -1);

		for (int i = 0; i < count; i++)
			answer(events[i].data.fd);
	}
}

struct volley {
	struct sockaddr_in names[BATCH];
	uint8_t data[BATCH][STAMP_LENGTH_MAX];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
};

static void fill(struct volley *volley, unsigned i, unsigned port, uint32_t sequence,
	const struct stamp_key *key)
{
	const struct stamp_request request = {
		.sequence = sequence, .sent_ns = clock_wall_ns(), .ssid = 1
	};

	volley->names[i] = name_of(port);
	volley->parts[i].iov_base = volley->data[i];
	volley->parts[i].iov_len = stamp_write_request(
		volley->data[i], sizeof(volley->data[i]), &request, key);
	volley->messages[i].msg_hdr = (struct msghdr){ .msg_name = &volley->names[i],
		.msg_namelen = sizeof(volley->names[i]),
		.msg_iov = &volley->parts[i],
		.msg_iovlen = 1 };
}

/* \return how many of the volley came back within a second */
static unsigned collect(int fd, unsigned count)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	unsigned answers = 0;
	char data[2048];

	while (answers < count && poll(&wait, 1, 1000) > 0) {
		while (recv(fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
			answers++;
	}
	return answers;
}

static int send_all(
	unsigned first, unsigned last, unsigned times, const struct stamp_key *key)
{
	static struct volley volley;
	unsigned ports = last - first + 1, asked = 0, answered = 0, filled = 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	while (asked < ports * times) {
		for (filled = 0; filled < BATCH && asked < ports * times; filled++) {
			fill(&volley, filled, first + asked % ports, asked, key);
			asked++;
		}
		if (sendmmsg(fd, volley.messages, filled, 0) != (int)filled)
			return die("sendmmsg");
		answered += collect(fd, filled);
	}
	printf("%u %u\n", asked, answered);
	close(fd);
	return EXIT_SUCCESS;
}

static int send_with(char **words, int count)
{
	struct stamp_key *key = NULL;
	char why[256];
	int status;

	if (count > 4 && key_file_read(words[4], &key, why, sizeof(why)) < 0) {
		fprintf(stderr, "%s %s\n", words[4], why);
		return EXIT_FAILURE;
	}
	status = send_all((unsigned)strtoul(words[1], NULL, 10),
		(unsigned)strtoul(words[2], NULL, 10),
		(unsigned)strtoul(words[3], NULL, 10), key);
	stamp_key_free(key);
	return status;
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve((unsigned)strtoul(argv[2], NULL, 10),
			(unsigned)strtoul(argv[3], NULL, 10));
	if (argc >= 5 && argc <= 6 && strcmp(argv[1], "send") == 0)
		return send_with(argv + 1, argc - 1);
	fputs("usage: echo serve FIRST LAST\n"
	      "       echo send FIRST LAST TIMES [KEY]\n",
		stderr);
	return EXIT_FAILURE;
}
