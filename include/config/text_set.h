/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that may stand once: says of each whether it was there before. */
#ifndef CONFIG_TEXT_SET_H
#define CONFIG_TEXT_SET_H

#include <stdbool.h>
#include <stddef.h>

struct text_set {
	const char **slots; /* open addressing; NULL = free */
	size_t room;        /* a power of two */
};

/** Room for so many texts. \retval false  no memory; text_set_done() is fine all the same
 */
bool text_set_init(struct text_set *set, size_t count);

/** \param text  must live as long as the set \retval false  it was there already */
bool text_set_add(struct text_set *set, const char *text);

void text_set_done(struct text_set *set);

#endif
