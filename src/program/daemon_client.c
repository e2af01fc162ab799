/* SPDX-License-Identifier: Apache-2.0 */
#include "program/daemon_client.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/transfer.h"

/*
 * As much as is read of an answer: ten times the status of 1,000 checks. What the daemon
 * explains stays far below, because it bounds the rows of an answer.
 */
#define BODY_MAX ((size_t)16 * 1024 * 1024)

#define TIMEOUT_US (10 * SECOND)

struct daemon_client {
	struct loop *loop;
	struct tls_trust *trust; /* NULL for http */
	struct transfers *transfers;
	struct resolver *resolver;
	struct lookup lookup;
	struct address address;
	struct transfer_url place;
	char *base; /* without a slash at the end */
	struct text *body, *error;
	int status;
};

bool daemon_client_url(const char *listen, struct text *url, struct text *error)
{
	static const struct {
		const char *any, *own;
	} rows[] = {
		{ ":", "127.0.0.1:" },
		{ "0.0.0.0:", "127.0.0.1:" },
		{ "[::]:", "[::1]:" },
	};

	if (strncmp(listen, "unix:", strlen("unix:")) == 0) {
		text_format(error,
			"%s: explain asks over TCP; write --daemon=http://HOST:PORT",
			listen);
		return false;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = strlen(rows[i].any);

		if (strncmp(listen, rows[i].any, length) == 0) {
			text_format(url, "http://%s%s", rows[i].own, listen + length);
			return true;
		}
	}
	text_format(url, "http://%s", listen);
	return true;
}

static void resolved(void *context, const struct resolution *resolution)
{
	struct daemon_client *client = context;

	if (resolution->count > 0)
		client->address = resolution->addresses[0];
	else
		text_format(client->error, "%s: %s", client->place.host,
			cause_sentence(resolution->finding.cause, LANGUAGE_EN));
	loop_stop(client->loop);
}

/* IPv4 first, as the daemon's default listens on both. */
static bool find_address(struct daemon_client *client, struct text *error)
{
	static const enum family families[] = { FAMILY_IPV4, FAMILY_IPV6 };

	if (address_parse(client->place.host, &client->address))
		return true;
	if (resolver_new(client->loop, NULL, 0, &client->resolver) < 0) {
		text_append(error, "resolver: out of memory");
		return false;
	}
	for (size_t i = 0; i < 2 && client->address.family == FAMILY_NONE; i++) {
		text_clear(error); /* what the other family had to say */
		client->error = error;
		resolver_lookup(client->resolver, client->place.host, families[i],
			&client->lookup, resolved, client);
		loop_run(client->loop);
	}
	if (client->address.family != FAMILY_NONE)
		text_clear(error);
	return client->address.family != FAMILY_NONE;
}

static bool read_url(struct daemon_client *client, const char *url, struct text *error)
{
	size_t length;

	if (!transfer_url_read(url, &client->place)) {
		text_format(error,
			"%s: no address of a daemon; write it like "
			"http://127.0.0.1:29115",
			url);
		return false;
	}
	client->base = strdup(url);
	if (!client->base) {
		text_append(error, "out of memory");
		return false;
	}
	length = strlen(client->base);
	while (length > 0 && client->base[length - 1] == '/')
		client->base[--length] = '\0';
	return true;
}

static bool open_all(struct daemon_client *client, struct text *error)
{
	int failed = loop_new(&client->loop);

	if (!failed && client->place.tls)
		failed = tls_trust_new(NULL, &client->trust);
	if (!failed)
		failed = transfers_new(client->loop, client->trust, &client->transfers);
	if (failed)
		text_append(error, strerrordesc_np(-failed));
	return !failed && find_address(client, error);
}

struct daemon_client *daemon_client_new(const char *url, struct text *error)
{
	struct daemon_client *client = calloc(1, sizeof(*client));

	if (!client) {
		text_append(error, "out of memory");
		return NULL;
	}
	if (read_url(client, url, error) && open_all(client, error))
		return client;
	daemon_client_free(client);
	return NULL;
}

void daemon_client_free(struct daemon_client *client)
{
	if (!client)
		return;
	lookup_cancel(&client->lookup);
	resolver_free(client->resolver);
	transfers_free(client->transfers);
	tls_trust_free(client->trust);
	loop_free(client->loop);
	free(client->base);
	free(client);
}

/* Why there is no answer that counts; CAUSE_NONE if there is one. */
static enum cause trouble_of(
	const struct daemon_client *client, const struct transfer_result *result)
{
	if (result->finding.verdict != VERDICT_OK)
		return result->finding.cause;
	if (client->place.tls && result->tls.trust.verdict != VERDICT_OK)
		return result->tls.trust.cause;
	return result->status > 0 ? CAUSE_NONE : CAUSE_HTTP_EMPTY_REPLY;
}

static void answered(void *context, const struct transfer_result *result)
{
	struct daemon_client *client = context;
	enum cause cause = trouble_of(client, result);

	if (cause == CAUSE_NONE) {
		client->status = result->status;
		text_append_bytes(client->body, result->body, result->body_kept);
	} else {
		text_format(client->error, "no daemon answers at %s: %s%s", client->base,
			cause_sentence(cause, LANGUAGE_EN),
			cause == CAUSE_REFUSED ? " Is starface-exporter running?" : "");
	}
	loop_stop(client->loop);
}

int daemon_client_get(struct daemon_client *client, const char *path,
	struct text *ret_body, struct text *error)
{
	struct transfer_request request = {
		.host = client->place.host,
		.port = client->place.port,
		.address = client->address,
		.method = "GET",
		.body_limit = BODY_MAX,
		.body_keep = BODY_MAX,
		.timeout_us = TIMEOUT_US,
	};
	struct transfer *transfer = NULL;
	struct text url = { 0 };

	client->status = 0;
	client->body = ret_body;
	client->error = error;
	text_format(&url, "%s%s", client->base, path);
	request.url = url.data;
	if (!text_failed(&url))
		transfer = transfer_start(client->transfers, &request, answered, client);
	if (transfer)
		loop_run(client->loop);
	else
		text_append(error, "out of memory");
	transfer_end(transfer);
	text_done(&url);
	return client->status;
}

void daemon_client_encode(struct text *path, const char *part)
{
	for (; *part; part++) {
		unsigned char octet = (unsigned char)*part;

		if (octet < 0x80 && (isalnum(octet) || strchr("-._~", octet)))
			text_append_char(path, *part);
		else
			text_format(path, "%%%02X", octet);
	}
}
