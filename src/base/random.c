/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/clock.h"

/* What the kernel gives whole or not at all, whatever signals come: getrandom(2). */
#define STORE_MAX 256

/*
 * Octets asked for in advance: to ask the kernel for each id was one of the fifteen
 * system calls of a SIP check. The page is empty again in a child (madvise(2)), which
 * else would say what its parent says.
 */
struct store {
	size_t left;
	uint8_t octets[STORE_MAX];
};

static struct store *store_new(void)
{
	void *page = mmap(NULL, sizeof(struct store), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, sizeof(struct store), MADV_WIPEONFORK) == 0)
		return page;
	munmap(page, sizeof(struct store));
	return NULL;
}

static bool store_refill(struct store *store)
{
	if (getrandom(store->octets, STORE_MAX, GRND_NONBLOCK) != STORE_MAX)
		return false;
	store->left = STORE_MAX;
	return true;
}

/* A multiplicative hash of the clock, of which the high octets differ even a microsecond
 * later; it goes on from the last one, for two may be asked for within one. */
static void fill_by_clock(uint8_t *octets, size_t length)
{
	static uint64_t state;

	state ^= (uint64_t)clock_now_us() ^ (uintptr_t)octets;
	while (length-- > 0) {
		state = state * UINT64_C(6364136223846793005) + 1;
		*octets++ = (uint8_t)(state >> 56);
	}
}

void random_fill(void *data, size_t length)
{
	static struct store *store;

	if (!store)
		store = store_new();
	if (store && length <= STORE_MAX &&
		(length <= store->left || store_refill(store))) {
		store->left -= length;
		memcpy(data, store->octets + store->left, length);
		explicit_bzero(store->octets + store->left, length);
	} else if (getrandom(data, length, GRND_NONBLOCK) != (ssize_t)length) {
		fill_by_clock(data, length);
	}
}
