/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The results as JSON, for programs: the schema is docs/api.md. Keys are stable, what is
 * unknown is null, times are RFC 3339 in UTC and Unix seconds beside them.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "base/text.h"
#include "report/source.h"

/** /api/v1/status: everything. \param language  of sentences, hints and what breaks */
void json_status(
	const struct report_source *source, enum language language, struct text *text);

/** The same with long lists as /api/v1/requirements has them: what `check` prints. */
void json_status_whole(
	const struct report_source *source, enum language language, struct text *text);

/**
 * /api/v1/requirements/ID: one requirement at all sites.
 * \retval false  there is none of this id; nothing was appended
 */
bool json_requirement(const struct report_source *source, const char *id,
	enum language language, struct text *text);

#endif
