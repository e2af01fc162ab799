/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that asking every port of a range costs: fixed octets from one socket, many
 * in one system call, and whatever comes back is counted. It checks nothing and asks
 * nothing twice.
 *
 *	sweep ADDRESS FIRST LAST
 *
 * prints the milliseconds, the microseconds of processor for a port, and how many ports
 * answered.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH  64
#define WINDOW 256 /* under way */
#define OCTETS 44  /* the least packet of STAMP (RFC 8762, section 4.2.1) */

struct volley {
	struct sockaddr_in names[BATCH];
	uint8_t octets[BATCH][OCTETS];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
};

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void lay_out(struct volley *volley, const char *address)
{
	for (unsigned i = 0; i < BATCH; i++) {
		volley->names[i].sin_family = AF_INET;
		inet_pton(AF_INET, address, &volley->names[i].sin_addr);
		volley->parts[i] = (struct iovec){ volley->octets[i], OCTETS };
		volley->messages[i].msg_hdr.msg_name = &volley->names[i];
		volley->messages[i].msg_hdr.msg_namelen = sizeof(volley->names[i]);
		volley->messages[i].msg_hdr.msg_iov = &volley->parts[i];
		volley->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

static unsigned send_some(int fd, struct volley *volley, unsigned port, unsigned count)
{
	int sent;

	if (count > BATCH)
		count = BATCH;
	for (unsigned i = 0; i < count; i++)
		volley->names[i].sin_port = htons((uint16_t)(port + i));
	sent = sendmmsg(fd, volley->messages, count, MSG_DONTWAIT);
	return sent > 0 ? (unsigned)sent : 0;
}

/* \return how many came; with `wait` at most 20 ms are spent on none */
static unsigned receive_some(int fd, struct volley *volley, bool wait)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int count;

	if (wait && poll(&ready, 1, 20) <= 0)
		return 0;
	count = recvmmsg(fd, volley->messages, BATCH, MSG_DONTWAIT, NULL);
	return count > 0 ? (unsigned)count : 0;
}

static unsigned sweep(int fd, const char *address, unsigned first, unsigned last)
{
	static struct volley questions, answers;
	unsigned ports = last - first + 1, asked = 0, answered = 0, silent = 0;

	lay_out(&questions, address);
	lay_out(&answers, address);
	while (answered < ports && silent < 50) {
		unsigned room = WINDOW - (asked - answered), came;

		if (room > ports - asked)
			room = ports - asked;
		if (room >= BATCH || (room > 0 && room == ports - asked))
			asked += send_some(fd, &questions, first + asked, room);
		came = receive_some(fd, &answers, asked == ports || room < BATCH);
		answered += came;
		silent = came > 0 || asked < ports ? 0 : silent + 1;
	}
	return answered;
}

int main(int argc, char **argv)
{
	unsigned first, last, answered;
	double wall, processor;
	int room = 4 * 1024 * 1024, fd;

	if (argc != 4) {
		fputs("usage: sweep ADDRESS FIRST LAST\n", stderr);
		return EXIT_FAILURE;
	}
	first = (unsigned)strtoul(argv[2], NULL, 10);
	last = (unsigned)strtoul(argv[3], NULL, 10);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	wall = seconds(CLOCK_MONOTONIC);
	processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
	answered = sweep(fd, argv[1], first, last);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	processor = seconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
	printf("%.3f %.3f %u\n", wall * 1e3, processor * 1e6 / (last - first + 1),
		answered);
	return EXIT_SUCCESS;
}
