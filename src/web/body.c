/* SPDX-License-Identifier: Apache-2.0 */
#include "web/body.h"

#include <stdlib.h>

#include "base/clock.h"

/*
 * How old an answer may be. Clients can have each report printed and packed twice a
 * second and no more often; a scrape each second still finds a new one.
 */
#define SHARED_US (500 * MILLISECOND)

struct body *body_new(struct web *web, struct text *text)
{
	struct body *body = calloc(1, sizeof(*body));

	if (!body || text_failed(text))
		text_done(text);
	if (!body)
		return NULL;
	body->web = web;
	body->text = *text;
	*text = (struct text){ 0 };
	body->made_us = clock_now_us();
	body->references = 1;
	body_count(body);
	return body;
}

struct body *body_hold(struct body *body)
{
	body->references++;
	return body;
}

void body_release(struct body *body)
{
	if (!body || --body->references > 0)
		return;
	body->web->octets -= body->octets;
	text_done(&body->text);
	free(body);
}

void body_count(struct body *body)
{
	body->web->octets += body->text.capacity - body->octets;
	body->octets = body->text.capacity;
}

static bool is_old(const struct body *body)
{
	return clock_now_us() - body->made_us >= SHARED_US;
}

struct body *body_shared(struct web *web, unsigned number, bool gzip)
{
	struct body *body = number < WEB_SHARED_MAX ? web->shared[number][gzip] : NULL;

	return body && !is_old(body) ? body_hold(body) : NULL;
}

void body_share(struct body *body, unsigned number, bool gzip)
{
	struct body **place = &body->web->shared[number][gzip];

	body_release(*place);
	*place = body_hold(body);
}

static void forget(struct body **place, bool all)
{
	if (!*place || !(all || is_old(*place)))
		return;
	body_release(*place);
	*place = NULL;
}

void body_forget(struct web *web, bool all)
{
	for (unsigned i = 0; i < WEB_SHARED_MAX; i++) {
		forget(&web->shared[i][false], all);
		forget(&web->shared[i][true], all);
	}
}
