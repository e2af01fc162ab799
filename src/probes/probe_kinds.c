/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/probe_kinds.h"

#include <string.h>

typedef const struct probe_kind *(*kind_fn)(void);

/* One line a kind, by name. */
static const kind_fn kinds[] = {
	probe_dns,
	probe_http,
	probe_ldap,
	probe_ntp,
	probe_rtp,
	probe_sip,
	probe_sip_size,
	probe_stun,
	probe_tcp,
	probe_tls,
	probe_tls_versions,
	probe_udp,
	probe_voice,
	probe_xmpp,
	NULL,
};

#define KINDS_MAX (sizeof(kinds) / sizeof(kinds[0]))

const struct probe_kind *const *probe_kinds(void)
{
	static const struct probe_kind *table[KINDS_MAX];

	for (size_t i = 0; kinds[i] && !table[i]; i++)
		table[i] = kinds[i]();
	return table;
}

const struct probe_kind *probe_kind_by_name(const char *name)
{
	for (const struct probe_kind *const *kind = probe_kinds(); *kind; kind++) {
		if (strcmp((*kind)->name, name) == 0)
			return *kind;
	}
	return NULL;
}
