/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The octets of an answer. Requests for the same share one body, and all that are still
 * alive are counted: a client that does not read holds its body until its deadline.
 */
#ifndef WEB_BODY_H
#define WEB_BODY_H

#include "web/state.h"

struct body {
	struct web *web;
	struct text text; /* empty while the packer has it */
	size_t octets;    /* of memory, as counted in web->octets */
	int64_t made_us;  /* when its report was printed */
	unsigned references;
	bool packing;
	bool packed; /* it is gzip */
};

/** Takes the text over, also on failure. \return with one reference; NULL = no memory */
struct body *body_new(struct web *web, struct text *text);

struct body *body_hold(struct body *body);

/** Gives up one reference. */
void body_release(struct body *body);

/** To be called when the text was replaced. */
void body_count(struct body *body);

/** \return held for the caller; NULL = none, or too old */
struct body *body_shared(struct web *web, unsigned number, bool gzip);

/** Lets other requests have the body for a while. */
void body_share(struct body *body, unsigned number, bool gzip);

/** Gives up the shared bodies that are too old; `all` those that are not, too. */
void body_forget(struct web *web, bool all);

#endif
