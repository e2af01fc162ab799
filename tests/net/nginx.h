/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real nginx of the test's own. The test opens the listening sockets and hands them
 * over, so that ports are ephemeral and connections wait until it is up.
 */
#ifndef TESTS_NET_NGINX_H
#define TESTS_NET_NGINX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NGINX_LISTENERS_MAX 8

struct nginx {
	pid_t pid;
	int listeners[NGINX_LISTENERS_MAX];
	size_t listener_count;
};

/** A listening socket on 127.0.0.1. \return its port */
uint16_t nginx_listen(struct nginx *nginx);

/**
 * \param folder   for its files; the caller removes it
 * \param servers  the server { } blocks, on the ports of nginx_listen()
 * \retval false   there is no nginx here
 */
bool nginx_start(struct nginx *nginx, const char *folder, const char *servers);
void nginx_stop(struct nginx *nginx);

#endif
