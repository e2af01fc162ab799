/* SPDX-License-Identifier: Apache-2.0 */
/* One socket of the reflector: its options, what comes in with it, and the answer. */
#ifndef NET_REFLECTOR_SOCKET_H
#define NET_REFLECTOR_SOCKET_H

#include <netinet/in.h>

#include "media/reflection.h"
#include "net/arrival.h"

/** Datagrams in one system call. */
#define INBOX_MAX 64

/* Stamp, TTL, TOS, packet info and destination, of both families, and the overflow. */
#define INBOX_CONTROL (ARRIVAL_CONTROL_MAX + 128)

/** Where datagrams are read into, and answered from. */
struct inbox {
	struct mmsghdr headers[INBOX_MAX];
	struct iovec parts[INBOX_MAX];
	struct sockaddr_storage from[INBOX_MAX];
	_Alignas(struct cmsghdr) uint8_t control[INBOX_MAX][INBOX_CONTROL];
	/* one more than is answered, so that what is longer is seen to be */
	uint8_t data[INBOX_MAX][STAMP_LENGTH_MAX + 1];
};

/** A datagram of the inbox, with what the kernel said of it. */
struct delivery {
	uint8_t *data;
	size_t length;
	const struct sockaddr_storage *from;
	struct address to;  /* of ours; FAMILY_NONE = the kernel did not say */
	uint32_t interface; /* it came in by */
	uint16_t port;      /* of ours, only from a socket for steering */
	uint32_t overflow;  /* of its socket so far; 0 = none or not said */
	struct arrival arrival;
};

/** What a socket is for. */
enum reflector_use { USE_PORT, USE_CONTROL, USE_STEERING };

/**
 * A socket of the address' family, or of both where this host has IPv6, not bound yet.
 * \retval  descriptor or -errno
 */
int reflector_socket(const struct address *address, enum reflector_use use);

/** \retval 0 or -errno: -EADDRINUSE when somebody else has the port */
int reflector_bind(int fd, const struct address *address, uint16_t port);

/** \return how many of at most `most` came in; 0 = none, or an error that is gone now */
unsigned inbox_read(struct inbox *inbox, int fd, unsigned most);

void inbox_open(struct inbox *inbox, unsigned index, struct delivery *ret_delivery);

/** Room for the control messages of an answer. */
union answer_room {
	struct cmsghdr header;
	uint8_t octets[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

/**
 * Names the address that was asked as the one an answer comes from: on a host with two
 * uplinks it decides the route as well, whatever stands in a header made by hand.
 * \param tos  for a socket that is to make the header; -1 = it is made
 */
void answer_from(struct msghdr *message, union answer_room *room,
	const struct delivery *delivery, int tos);

/** Sends the delivery's data back, from where it came to. \retval 0 or -errno */
int reflector_answer(int fd, const struct delivery *delivery, uint8_t tos);

#endif
