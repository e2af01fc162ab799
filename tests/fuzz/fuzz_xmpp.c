/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chat server's side of a stream. The first octet says in how long pieces it comes:
 * whole or in pieces, the facts must be the same, and no octet may be held back.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "net/xmpp_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static size_t feed(
	struct xmpp_stream *stream, const uint8_t *data, size_t length, size_t step)
{
	size_t left = 0;

	for (size_t i = 0; i < length; i += step) {
		size_t size = length - i < step ? length - i : step;
		size_t taken = xmpp_stream_feed(stream, data + i, size);

		assert(taken <= size);
		left += size - taken;
	}
	return left;
}

static void facts_agree(const struct xmpp_facts *left, const struct xmpp_facts *right)
{
	assert(left->opened == right->opened);
	assert(left->features == right->features);
	assert(left->starttls == right->starttls);
	assert(left->starttls_required == right->starttls_required);
	assert(left->mechanisms == right->mechanisms);
	assert(left->proceed == right->proceed);
	assert(left->failure == right->failure);
	assert(left->error == right->error);
	assert(left->condition == right->condition);
	/* of a broken token a part may be taken before, and why is said otherwise */
	assert(!left->broken == !right->broken);
	assert(left->broken || strcmp(left->text, right->text) == 0);
}

static void facts_are_sound(const struct xmpp_facts *facts)
{
	assert(facts->opened || !(facts->features || facts->proceed || facts->error));
	assert(strlen(facts->text) < XMPP_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct xmpp_stream *whole, *pieces;
	size_t step, left;

	if (length == 0)
		return 0;
	step = data[0] % 64 + 1U;
	data++;
	length--;
	whole = xmpp_stream_new();
	pieces = xmpp_stream_new();
	assert(whole && pieces);
	left = feed(whole, data, length, length + 1);
	assert(feed(pieces, data, length, step) == left);
	facts_are_sound(xmpp_stream_facts(whole));
	facts_agree(xmpp_stream_facts(whole), xmpp_stream_facts(pieces));
	assert(xmpp_stream_restart(whole));
	assert(feed(whole, data, length, step) == left);
	facts_agree(xmpp_stream_facts(whole), xmpp_stream_facts(pieces));
	xmpp_stream_free(whole);
	xmpp_stream_free(pieces);
	return 0;
}
