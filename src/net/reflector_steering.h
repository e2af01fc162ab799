/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All ports by one socket that is bound to none of them: the kernel hands over what the
 * listed sources send, and answers leave by a raw socket from the port that was asked.
 */
#ifndef NET_REFLECTOR_STEERING_H
#define NET_REFLECTOR_STEERING_H

#include "base/text.h"
#include "net/reflector_program.h"
#include "net/reflector_socket.h"

struct steering {
	struct reflector_program program;
	int fd;         /* where packets arrive */
	int ipv4, ipv6; /* raw, for answers; ipv6 -1 where there is none */
};

/** \param error  gets a sentence on failure \retval 0 or -errno; nothing is left then */
int steering_open(const struct reflector_settings *settings,
	struct steering *ret_steering, struct text *error);

/** Fine when all of it is -1. */
void steering_close(struct steering *steering);

/** As reflector_answer(), from the port of the delivery. */
int steering_answer(
	const struct steering *steering, const struct delivery *delivery, uint8_t tos);

#endif
