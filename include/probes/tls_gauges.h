/* SPDX-License-Identifier: Apache-2.0 */
/* The gauges of TLS, one definition for every kind that speaks it. */
#ifndef PROBES_TLS_GAUGES_H
#define PROBES_TLS_GAUGES_H

#include "engine/probe.h"
#include "net/tls.h"

/** Rows of a gauge table; put them first, so that their indexes are those below. */
#define TLS_GAUGES                                                                      \
	{ .name = "tls_certificate_not_after_timestamp_seconds",                        \
		.help = "When the server's own certificate expires, trusted or not." }, \
		{ .name = "tls_certificate_chain_not_after_timestamp_seconds",          \
			.help = "When the first certificate of the server's chain "     \
				"expires, "                                             \
				"trusted or not." },                                    \
		{ .name = "tls_certificate_valid",                                      \
			.help = "Whether chain, dates and name of the certificate "     \
				"verify." },                                            \
		{ .name = "tls_info",                                                   \
			.help = "The TLS version that was negotiated.",                 \
			.label = "version",                                             \
			.label_values = tls_version_names },                            \
		{ .name = "tls_cipher_info",                                            \
			.help = "The cipher suite that was negotiated.",                \
			.label = "cipher",                                              \
			.label_values = tls_cipher_names },                             \
		{ .name = "tls_key_size",                                               \
			.help = "Length of the server's own key in bits." },            \
		{ .name = "tls_key_info",                                               \
			.help = "What sort of key the server's own certificate has.",   \
			.label = "algorithm",                                           \
			.label_values = tls_key_names },                                \
		{ .name = "tls_signature_info",                                         \
			.help = "How the server's own certificate is signed.",          \
			.label = "algorithm",                                           \
			.label_values = tls_signature_names },                          \
		{ .name = "tls_chain_certificates",                                     \
			.help = "Certificates the server sent." },                      \
	{                                                                               \
		.name = "tls_ocsp_info",                                                \
		.help = "What a stapled OCSP response says of the server's "            \
			"certificate.",                                                 \
		.label = "status", .label_values = tls_ocsp_names                       \
	}

enum tls_gauge {
	TLS_GAUGE_NOT_AFTER,
	TLS_GAUGE_CHAIN_NOT_AFTER,
	TLS_GAUGE_VALID,
	TLS_GAUGE_VERSION,
	TLS_GAUGE_CIPHER,
	TLS_GAUGE_KEY_SIZE,
	TLS_GAUGE_KEY,
	TLS_GAUGE_SIGNATURE,
	TLS_GAUGE_CHAIN,
	TLS_GAUGE_OCSP,
	TLS_GAUGE_COUNT
};

/** Sets those gauges for which the facts have a measure. */
void tls_gauges_set(struct probe_run *run, const struct tls_facts *facts);

/** Notes for people what certificate was seen; once, when the handshake has ended. */
void tls_gauges_note(struct probe_run *run, const struct tls_facts *facts);

#endif
