/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client accepts, read from its headers (RFC 9110, 12.4 and 12.5). All functions
 * take NULL for a header that was not sent.
 */
#ifndef WEB_ACCEPT_H
#define WEB_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Whether OpenMetrics 1.0 wins over text 0.0.4 for this Accept header. It wins when
 * application/openmetrics-text without a version, or with 0.0.1 or 1.0.0, has a quality
 * of at least that of text/plain (wildcards count for text only, so that curl gets text).
 */
bool web_accepts_openmetrics(const char *accept);

/**
 * The Content-Type to answer a scrape with, exactly as the two formats want it; the
 * escaping parameter is answered when it was asked for (Prometheus 3).
 * \param ret_openmetrics  which of the two formats the body must have
 * \return  a string that lives for ever
 */
const char *web_metrics_type(const char *accept, bool *ret_openmetrics);

/** Whether the body may be gzip: named or by "*", and not with q=0. */
bool web_accepts_gzip(const char *accept_encoding);

/**
 * The language the client likes best of those we have: "de-AT" means "de".
 * \param languages  primary tags in lower case
 * \return its index, or count if none is liked
 */
size_t web_choose_language(
	const char *accept_language, const char *const *languages, size_t count);

#endif
