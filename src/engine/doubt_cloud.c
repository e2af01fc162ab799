/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody between us and several hosts of the Internet. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/cloud.h"
#include "engine/doubt_parts.h"

static bool is_cause(enum cause cause, const enum cause *causes)
{
	for (; *causes != CAUSE_NONE; causes++) {
		if (*causes == cause)
			return true;
	}
	return false;
}

/* A chain that nobody here trusts; what is said of it may have been changed since. */
static bool is_distrusted(enum cause cause)
{
	static const enum cause causes[] = { CAUSE_TLS_UNTRUSTED, CAUSE_TLS_SELF_SIGNED,
		CAUSE_TLS_INTERCEPTED, CAUSE_NONE };

	return is_cause(cause, causes);
}

/* TLS does not show that this is the host it was taken for. */
static bool is_unproven(const struct finding *finding)
{
	static const enum cause causes[] = { CAUSE_TLS_WRONG_HOST, CAUSE_WRONG_PROTOCOL,
		CAUSE_TLS_HANDSHAKE_FAILURE, CAUSE_DNS_WRONG_ADDRESS, CAUSE_NONE };

	return finding->verdict == VERDICT_FAILED &&
		(is_distrusted(finding->cause) || is_cause(finding->cause, causes));
}

/*
 * A certificate was seen, and it is the host's own: whoever answers there is no impostor,
 * even if the certificate has expired or lacks an intermediate.
 */
static bool is_proven(const struct outcome *outcome)
{
	enum cause cause = outcome->finding.cause;

	return outcome->issuer != 0 && !is_distrusted(cause) &&
		cause != CAUSE_TLS_WRONG_HOST && cause != CAUSE_DNS_WRONG_ADDRESS;
}

/* Of the Internet, has run, and belongs to somebody else than the one that is judged. */
static bool is_stranger(const struct peers *peers, const struct record *record)
{
	return record->applies && record->last.wall_us > 0 &&
		check_is_cloud(record->check) &&
		hosts_are_strangers(record->check->host, peers->check->host);
}

/* What was found by itself comes first; then who has the same. */
static void change_cause(
	struct outcome *outcome, enum cause cause, const char *words, const char *who)
{
	struct evidence *evidence = &outcome->finding.evidence;
	char *detail = evidence->detail;
	char with[64];
	size_t used, most;

	snprintf(with, sizeof(with), "%s%.16s %.40s", *detail ? "; " : "", words, who);
	most = sizeof(evidence->detail) - 1 - strlen(with);
	used = strnlen(detail, most);
	text_copy(detail + used, sizeof(evidence->detail) - used, with);
	if (evidence->kind == EVIDENCE_NONE)
		evidence->kind = EVIDENCE_COMPARISON;
	outcome->finding.cause = cause;
	outcome->finding.verdict = cause_verdict(cause);
}

static bool is_at(const struct record *record, const struct address *address)
{
	return record->applies && record->last.wall_us > 0 &&
		address_equal(&record->last.address, address) &&
		check_is_cloud(record->check);
}

/* Unrelated names that are served from one address. */
struct sharers {
	const char *hosts[3]; /* all strangers to each other */
	size_t count;
	bool unproven; /* for another than the one judged, TLS shows no right */
	bool proven;   /* for one of them it does */
};

typedef bool (*apart_fn)(const char *left, const char *right);

static void sharer_add(struct sharers *sharers, const char *host, apart_fn apart)
{
	if (sharers->count == sizeof(sharers->hosts) / sizeof(sharers->hosts[0]))
		return;
	for (size_t i = 0; i < sharers->count; i++) {
		if (!apart(sharers->hosts[i], host))
			return;
	}
	sharers->hosts[sharers->count++] = host;
}

/*
 * \param answer  only those that gave this answer; 0 = all, and then the vendor's domains
 * are no witnesses for each other, for they may share a machine and its certificate
 */
static struct sharers sharers_of(
	const struct peers *peers, const struct address *address, uint64_t answer)
{
	struct sharers sharers = { .hosts = { peers->check->host }, .count = 1 };
	apart_fn apart = answer == 0 ? hosts_are_unrelated : hosts_are_strangers;

	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);

		if (!is_at(record, address))
			continue;
		if (is_proven(&record->last))
			sharers.proven = true;
		if (!apart(record->check->host, peers->check->host))
			continue;
		if (is_unproven(&record->last.finding))
			sharers.unproven = true;
		if (answer == 0 || record->last.answer == answer)
			sharer_add(&sharers, record->check->host, apart);
	}
	return sharers;
}

static bool is_shared(
	const struct peers *peers, const struct outcome *outcome, uint64_t answer)
{
	struct sharers sharers;

	if (outcome->address.family == FAMILY_NONE)
		return false;
	sharers = sharers_of(peers, &outcome->address, answer);
	return sharers.count == 3 && !sharers.proven && (answer != 0 || sharers.unproven);
}

static void doubt_shared_address(const struct peers *peers, struct outcome *outcome)
{
	char address[ADDRESS_TEXT_MAX];

	if (!is_unproven(&outcome->finding) ||
		outcome->finding.cause == CAUSE_DNS_WRONG_ADDRESS ||
		!is_shared(peers, outcome, 0))
		return;
	change_cause(outcome, CAUSE_DNS_WRONG_ADDRESS, "several names at",
		address_format(&outcome->address, address, sizeof(address)));
}

/*
 * Two names at one address may be one machine with one wrong certificate. A row that
 * only reports what it thinks of a chain keeps its verdict.
 */
static void doubt_issuer(const struct peers *peers, struct outcome *outcome)
{
	enum verdict verdict = outcome->finding.verdict;

	if (!is_distrusted(outcome->finding.cause) || outcome->issuer == 0)
		return;
	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);

		if (record->last.issuer != outcome->issuer ||
			!is_distrusted(record->last.finding.cause) ||
			address_equal(&record->last.address, &outcome->address) ||
			!is_stranger(peers, record))
			continue;
		change_cause(
			outcome, CAUSE_TLS_INTERCEPTED, "as at", record->check->host);
		outcome->finding.verdict = verdict;
		return;
	}
}

/* What TLS on other ports says of a host: not asked, unproven, proven. */
enum identity { IDENTITY_UNKNOWN, IDENTITY_UNPROVEN, IDENTITY_PROVEN };

static enum identity identity_of(const struct peers *peers, const char *host)
{
	enum identity identity = IDENTITY_UNKNOWN;

	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);
		const struct outcome *last = &record->last;

		if (!record->applies || strcmp(record->check->host, host) != 0)
			continue;
		if (is_proven(last))
			return IDENTITY_PROVEN;
		/* nothing listens where the real host serves TLS */
		if (is_unproven(&last->finding) || last->finding.cause == CAUSE_REFUSED)
			identity = IDENTITY_UNPROVEN;
	}
	return identity;
}

static void doubt_answer(const struct peers *peers, struct outcome *outcome)
{
	enum identity own = identity_of(peers, peers->check->host);

	if (own == IDENTITY_PROVEN)
		return;
	for (size_t i = peers->first; i < peers->end; i++) {
		const struct record *record = store_record(peers->store, i);
		enum identity other;

		if (record->last.answer != outcome->answer || !is_stranger(peers, record))
			continue;
		other = identity_of(peers, record->check->host);
		if (other == IDENTITY_PROVEN)
			return;
		if (!(own == IDENTITY_UNPROVEN && other == IDENTITY_UNPROVEN) &&
			!is_shared(peers, outcome, outcome->answer))
			continue;
		change_cause(outcome, CAUSE_CAPTIVE_PORTAL, "the same as at",
			record->check->host);
		return;
	}
}

void doubt_cloud(const struct peers *peers, struct outcome *outcome)
{
	doubt_shared_address(peers, outcome);
	doubt_issuer(peers, outcome);
	if (outcome->answer != 0)
		doubt_answer(peers, outcome);
}
