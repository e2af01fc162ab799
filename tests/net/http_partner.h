/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP partner on loopback that behaves as told, in a thread of its own: for what no
 * real server does on command. Connections are served one after the other.
 */
#ifndef TESTS_NET_HTTP_PARTNER_H
#define TESTS_NET_HTTP_PARTNER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_partner_end {
	HTTP_PARTNER_CLOSES,
	HTTP_PARTNER_HOLDS, /* stays silent until the other side goes */
	HTTP_PARTNER_RESETS,
};

struct http_script {
	bool ipv6;          /* on ::1 */
	bool at_once;       /* does not wait for the other side to speak first */
	const char *say;    /* NULL = nothing */
	size_t say_length;  /* 0 = to the NUL */
	bool drip;          /* says it octet by octet */
	const char *repeat; /* says this without end until the other side goes */
	enum http_partner_end end;
};

struct http_partner {
	const struct http_script *script;
	pthread_t thread;
	int listener;
	uint16_t port;
	unsigned served;  /* connections so far */
	char heard[2048]; /* the first octets of the last one, NUL terminated */
};

/** The test fails if it cannot be started. */
void http_partner_start(struct http_partner *partner, const struct http_script *script);
void http_partner_stop(struct http_partner *partner);

/** A loopback port on which nothing listens. */
uint16_t http_partner_closed_port(void);

#endif
