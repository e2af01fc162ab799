/* SPDX-License-Identifier: Apache-2.0 */
/* What every report is printed from: the store, and the state of the exporter itself. */
#ifndef REPORT_SOURCE_H
#define REPORT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "engine/engine.h"
#include "net/host.h"
#include "net/reflector.h"

/** What the web server has done; plain numbers, for it stands above the reports. */
struct report_http {
	unsigned connections; /* open now */
	uint64_t requests, refused, expired;
};

struct report_source {
	const struct store *store;
	const struct probe_kind *const
		*kinds; /* NULL terminated: for their gauge tables */
	struct engine_statistics engine;
	struct report_http http;
	struct host_state host;
	bool reflects; /* there is a reflector: */
	struct reflector_statistics reflector;
	const char *version, *revision;
	int64_t started_wall_us;
	int64_t now_wall_us;
	bool reload_successful;
	int64_t reload_success_wall_us;
	unsigned long log_lines[LOG_LEVEL_COUNT];
};

#endif
