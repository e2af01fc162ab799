/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small installations for tests of what several checks say together: rows of one site,
 * and what the last runs of them found.
 */
#ifndef TESTS_ENGINE_SITES_H
#define TESTS_ENGINE_SITES_H

#include "engine/store.h"
#include "net/host.h"

#define SITE_ROWS_MAX 24

/** A row: by requirement, host and port; rows of one requirement are neighbours. */
struct site_row {
	const char *requirement;
	const char
		*host; /* "$license" for one that the site names, with its value below */
	const char *address; /* NULL = that of the literal host, or unknown */
	uint16_t port;
	enum direction direction;
	enum transport transport;
};

struct small_site {
	struct plan plan;
	struct site site;
	struct requirement requirements[SITE_ROWS_MAX];
	struct check checks[SITE_ROWS_MAX];
	char identities[SITE_ROWS_MAX][96];
	char variables[SITE_ROWS_MAX][64];
	const struct site_row *rows;
	struct store *store;
	struct host_state host;
	int64_t now_us; /* wall; each told outcome is a second later */
};

/**
 * One run decides; link, gateway 192.168.1.1 and clock are well. Rows end with a NULL. A
 * host that begins with "$" is named by a variable, and the name follows it.
 */
void small_site_make(struct small_site *small, const struct site_row *rows);
void small_site_done(struct small_site *small);

/** What the last run of each row of this requirement found, at its usual phase. */
void small_site_tell(struct small_site *small, const char *requirement, enum cause cause);

/** An outcome as small_site_tell() makes it, to be changed and told. */
struct outcome small_site_outcome(
	const struct small_site *small, size_t row, enum cause cause);
void small_site_put(struct small_site *small, size_t row, const struct outcome *outcome);

/** The row of a requirement. */
size_t small_site_row(const struct small_site *small, const char *requirement);

/** All rows at once. */
void small_site_tell_all(struct small_site *small, enum cause cause);

struct address address_of(const char *text);

#endif
