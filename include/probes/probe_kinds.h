/* SPDX-License-Identifier: Apache-2.0 */
/* The table of probe kinds. Adding one: its file, its line here and in probe_kinds.c. */
#ifndef PROBES_PROBE_KINDS_H
#define PROBES_PROBE_KINDS_H

#include "engine/probe.h"

/** All kinds in alphabetical order, NULL terminated. */
const struct probe_kind *const *probe_kinds(void);

/** NULL if there is none of this name. */
const struct probe_kind *probe_kind_by_name(const char *name);

const struct probe_kind *probe_dns(void);
const struct probe_kind *probe_http(void);
const struct probe_kind *probe_ldap(void);
const struct probe_kind *probe_ntp(void);
const struct probe_kind *probe_rtp(void);
const struct probe_kind *probe_sip(void);
const struct probe_kind *probe_sip_size(void);
const struct probe_kind *probe_stun(void);
const struct probe_kind *probe_tcp(void);
const struct probe_kind *probe_tls(void);
const struct probe_kind *probe_tls_versions(void);
const struct probe_kind *probe_udp(void);
const struct probe_kind *probe_voice(void);
const struct probe_kind *probe_xmpp(void);

#endif
