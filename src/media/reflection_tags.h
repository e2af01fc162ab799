/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tags of keyed packets that were answered, so that none is answered for whoever
 * recorded it: the HMAC proves who wrote a packet, not who sends it now. A copy from the
 * same address and port within a second is answered nevertheless, up to three times: the
 * network makes such copies, they are counted as duplicates by the sender, and the answer
 * goes to nobody else.
 *
 * Two generations; the older one is forgotten when the younger is full. What was sent
 * before the newest packet that was forgotten cannot be told from a replay any more.
 */
#ifndef MEDIA_REFLECTION_TAGS_H
#define MEDIA_REFLECTION_TAGS_H

#include <stdint.h>

enum tag_verdict {
	TAG_NEW,
	TAG_COPY, /* of the network's making */
	TAG_REPLAYED,
	TAG_FORGOTTEN, /* new, or so old that it may be a replay */
};

struct tag_use {
	uint64_t tag;  /* eight octets of the packet's HMAC */
	uint32_t from; /* hash of the address and port it came from */
	int64_t sent_ns, received_ns;
	int64_t now_us;
};

struct reflection_tags;

/** \retval NULL  out of memory */
struct reflection_tags *reflection_tags_new(void);
void reflection_tags_free(struct reflection_tags *tags);

enum tag_verdict reflection_tags_judge(
	struct reflection_tags *tags, const struct tag_use *use);

/** Remembers one that is answered. */
void reflection_tags_note(struct reflection_tags *tags, const struct tag_use *use);

#endif
