/* SPDX-License-Identifier: Apache-2.0 */
/* A running daemon, asked over HTTP by a command. */
#ifndef PROGRAM_DAEMON_CLIENT_H
#define PROGRAM_DAEMON_CLIENT_H

#include "base/text.h"

struct daemon_client;

/**
 * Where a daemon with such a listen address is asked from the same host.
 * \retval false  it does not listen on TCP; error says what to write
 */
bool daemon_client_url(const char *listen, struct text *url, struct text *error);

/**
 * \param url    "http://HOST[:PORT][/PREFIX]" or https; its name is looked up
 * \param error  gets a sentence \retval NULL  the URL is wrong, or there is no such name
 */
struct daemon_client *daemon_client_new(const char *url, struct text *error);
void daemon_client_free(struct daemon_client *client);

/**
 * Waits for the answer, ten seconds at most.
 * \param path  from the first slash on, with the query
 * \return the status; 0 = there was no answer, and error says why
 */
int daemon_client_get(struct daemon_client *client, const char *path,
	struct text *ret_body, struct text *error);

/** Appends a part of a path or query as it stands in a URL. */
void daemon_client_encode(struct text *path, const char *part);

#endif
