/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/tls_gauges.h"

void tls_gauges_set(struct probe_run *run, const struct tls_facts *facts)
{
	if (facts->certificate_seen) {
		probe_set(run, TLS_GAUGE_NOT_AFTER, (double)facts->leaf_not_after);
		probe_set(run, TLS_GAUGE_CHAIN_NOT_AFTER, (double)facts->chain_not_after);
		probe_set(run, TLS_GAUGE_VALID, facts->trust.verdict == VERDICT_OK);
	}
	if (facts->version != 0)
		probe_set(run, TLS_GAUGE_VERSION, tls_version_index(facts->version));
	if (*facts->cipher)
		probe_set(run, TLS_GAUGE_CIPHER, tls_cipher_index(facts->cipher));
}
