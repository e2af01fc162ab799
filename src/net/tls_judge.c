/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "net/tls.h"
#include "net/tls_parts.h"

/* Of a pinned certificate its issuers' end says nothing. */
static int64_t last_day(const struct tls_facts *facts)
{
	return facts->pinned ? facts->leaf_not_after : facts->chain_not_after;
}

static struct finding expiring(const struct tls_facts *facts)
{
	struct finding finding = finding_of(CAUSE_TLS_EXPIRING_SOON);
	char date[16];

	finding.evidence.kind = EVIDENCE_CERTIFICATE;
	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"valid until %s", tls_date_format(last_day(facts), date, sizeof(date)));
	return finding;
}

struct finding tls_judge(const struct tls_facts *facts, int64_t now_us, int64_t soon_us)
{
	if (facts->trust.verdict != VERDICT_OK)
		return facts->trust;
	if (facts->weak.verdict != VERDICT_OK)
		return facts->weak;
	if (last_day(facts) * SECOND - now_us < soon_us)
		return expiring(facts);
	return finding_of(CAUSE_NONE);
}

unsigned tls_version_index(int version)
{
	if (version >= TLS1_VERSION && version <= TLS1_3_VERSION)
		return (unsigned)(version - TLS1_VERSION);
	return TLS1_3_VERSION - TLS1_VERSION + 1;
}

unsigned tls_cipher_index(const char *cipher)
{
	unsigned index = 0;

	while (tls_cipher_names[index + 1] &&
		strcmp(tls_cipher_names[index], cipher) != 0)
		index++;
	return index; /* the last is "other" */
}
