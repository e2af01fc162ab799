/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/tls_gauges.h"

#include <time.h>

static void set_certificate(struct probe_run *run, const struct tls_facts *facts)
{
	/* 0 is no date; a certificate whose dates cannot be read has none */
	if (facts->leaf_not_after != 0)
		probe_set(run, TLS_GAUGE_NOT_AFTER, (double)facts->leaf_not_after);
	if (facts->chain_not_after != 0)
		probe_set(run, TLS_GAUGE_CHAIN_NOT_AFTER, (double)facts->chain_not_after);
	probe_set(run, TLS_GAUGE_VALID, facts->trust.verdict == VERDICT_OK);
	if (facts->key_bits > 0)
		probe_set(run, TLS_GAUGE_KEY_SIZE, facts->key_bits);
	probe_set(run, TLS_GAUGE_KEY, facts->key_type);
	probe_set(run, TLS_GAUGE_SIGNATURE, facts->signature);
	probe_set(run, TLS_GAUGE_CHAIN, facts->chain_sent);
	probe_issuer(run, facts->issuer);
}

void tls_gauges_note(struct probe_run *run, const struct tls_facts *facts)
{
	time_t seconds = (time_t)facts->leaf_not_after;
	struct tm utc;

	/* 0 is no date, see set_certificate() */
	if (!facts->certificate_seen || seconds == 0 || !gmtime_r(&seconds, &utc))
		return;
	probe_note(run, "certificate of %s, issued by %s, valid until %04d-%02d-%02d",
		facts->subject, facts->voucher, utc.tm_year + 1900, utc.tm_mon + 1,
		utc.tm_mday);
	if (facts->trust.verdict != VERDICT_OK)
		probe_note(run, "certificate not trusted: %s",
			cause_name(facts->trust.cause));
}

void tls_gauges_set(struct probe_run *run, const struct tls_facts *facts)
{
	if (facts->certificate_seen)
		set_certificate(run, facts);
	if (facts->staple_known)
		probe_set(run, TLS_GAUGE_OCSP, facts->staple);
	if (facts->version != 0)
		probe_set(run, TLS_GAUGE_VERSION, tls_version_index(facts->version));
	if (*facts->cipher)
		probe_set(run, TLS_GAUGE_CIPHER, tls_cipher_index(facts->cipher));
}
