/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon and systemd say to each other, by hand: the protocol is a datagram of
 * text, and its authors advise against linking a library for it (sd_notify(3), Notes).
 */
#ifndef PROGRAM_NOTIFY_H
#define PROGRAM_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

enum notify_state {
	NOTIFY_READY,     /* started, or done with reloading */
	NOTIFY_RELOADING, /* must be followed by NOTIFY_READY */
	NOTIFY_STOPPING,
	NOTIFY_WATCHDOG, /* still alive */
	NOTIFY_STATE_COUNT
};

struct notify {
	int fd;              /* -1: nobody listens, all calls succeed and do nothing */
	int64_t watchdog_us; /* to be alive at least so often; 0 = nobody watches */
};

/**
 * Reads and removes $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, so that children do
 * not speak for us. Without them *ret_notify is silent.
 * \retval 0, or -errno for a socket that cannot be reached; *ret_notify is then silent
 */
int notify_open(struct notify *ret_notify);
void notify_close(struct notify *notify);

/** Never blocks. \retval 0 or -errno */
int notify_tell(const struct notify *notify, enum notify_state state);

/** One line that `systemctl status` shows. \retval 0 or -errno */
int notify_status(const struct notify *notify, const char *sentence);

/**
 * The sockets of socket activation (sd_listen_fds(3)): reads and removes $LISTEN_PID,
 * $LISTEN_FDS and $LISTEN_FDNAMES and makes the descriptors close-on-exec.
 * \param ret_first  the first descriptor; they are consecutive
 * \return how many; 0 = none were meant for this process
 */
unsigned notify_listen_fds(int *ret_first);

#endif
