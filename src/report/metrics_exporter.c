/* SPDX-License-Identifier: Apache-2.0 */
#include "report/metrics_parts.h"

static const struct series no_labels;

static void write_build(struct exposition *exposition, const struct report_source *source)
{
	struct text labels = { 0 };

	exposition_family(exposition, METRIC_INFO, "starface_exporter_build",
		"The version of the exporter.");
	labels_append(&labels, "version", source->version);
	labels_append(&labels, "revision", source->revision);
	if (text_failed(&labels))
		exposition->text->failed = true;
	else
		exposition_integer(exposition,
			(struct series){ .labels = labels.data, .length = labels.length },
			1);
	text_done(&labels);
}

static void write_reload(
	struct exposition *exposition, const struct report_source *source)
{
	metrics_write_value(exposition, METRIC_GAUGE,
		"starface_exporter_config_last_reload_successful",
		"Whether the last configuration that was offered is in force.",
		source->reload_successful);
	exposition_family(exposition, METRIC_GAUGE,
		"starface_exporter_config_last_reload_success_timestamp_seconds",
		"When the configuration in force was loaded.");
	if (source->reload_success_wall_us > 0)
		exposition_seconds(exposition, no_labels, source->reload_success_wall_us);
}

static void write_lag(
	struct exposition *exposition, const struct engine_statistics *engine)
{
	exposition_family(exposition, METRIC_HISTOGRAM,
		"starface_exporter_loop_lag_seconds",
		"How late the loop served the schedule.");
	exposition_histogram(exposition, no_labels, &engine->lag);
	exposition_family(exposition, METRIC_GAUGE,
		"starface_exporter_loop_lag_max_seconds",
		"The latest the loop ever served the schedule since start.");
	exposition_seconds(exposition, no_labels, engine->lag_max_us);
}

struct value {
	const char *name, *help;
	enum metric_type type;
	uint64_t value;
};

static void write_values(
	struct exposition *exposition, const struct value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		metrics_write_value(exposition, values[i].type, values[i].name,
			values[i].help, (int64_t)values[i].value);
}

static void write_engine(
	struct exposition *exposition, const struct engine_statistics *engine)
{
	const struct value values[] = {
		{ "starface_exporter_runs_in_flight", "Runs in flight now.", METRIC_GAUGE,
			engine->in_flight },
		{ "starface_exporter_late_skipped",
			"Runs left out because the one before was not done.",
			METRIC_COUNTER, engine->late_skipped },
		{ "starface_exporter_starts_deferred",
			"Runs that waited for a cap before they started.", METRIC_COUNTER,
			engine->deferred },
		{ "starface_exporter_resolver_queries", "Questions sent to name servers.",
			METRIC_COUNTER, engine->resolver.queries },
		{ "starface_exporter_resolver_cache_hits",
			"Names answered from the cache.", METRIC_COUNTER,
			engine->resolver.cache_hits },
		{ "starface_exporter_resolver_coalesced",
			"Names that joined a question already under way.", METRIC_COUNTER,
			engine->resolver.coalesced },
		{ "starface_exporter_resolver_failures",
			"Questions that ended without an address.", METRIC_COUNTER,
			engine->resolver.failures },
	};

	write_values(exposition, values, sizeof(values) / sizeof(values[0]));
}

static void write_http(struct exposition *exposition, const struct report_http *http)
{
	const struct value values[] = {
		{ "starface_exporter_http_connections",
			"Connections of web clients, open now.", METRIC_GAUGE,
			http->connections },
		{ "starface_exporter_http_requests", "Requests of web clients.",
			METRIC_COUNTER, http->requests },
		{ "starface_exporter_http_connections_refused",
			"Connections closed because their address had enough of them.",
			METRIC_COUNTER, http->refused },
		{ "starface_exporter_http_connections_expired",
			"Connections cut because a request or its answer took too long.",
			METRIC_COUNTER, http->expired },
	};

	write_values(exposition, values, sizeof(values) / sizeof(values[0]));
}

static void write_routes(struct exposition *exposition, const struct host_state *host)
{
	exposition_family(exposition, METRIC_GAUGE, "starface_exporter_own_default_route",
		"Whether this host has a default route.");
	exposition_integer(exposition,
		(struct series){ .name = "family", .value = family_name(FAMILY_IPV4) },
		host->default_route_ipv4);
	exposition_integer(exposition,
		(struct series){ .name = "family", .value = family_name(FAMILY_IPV6) },
		host->default_route_ipv6);
}

/* What the host did not tell about itself is absent. */
static void write_host(struct exposition *exposition, const struct host_state *host)
{
	if (!host->known)
		return;
	metrics_write_value(exposition, METRIC_GAUGE, "starface_exporter_own_link_up",
		"Whether the interface of a default route has carrier.", host->link_up);
	write_routes(exposition, host);
	if (host->gateway.family != FAMILY_NONE)
		metrics_write_value(exposition, METRIC_GAUGE,
			"starface_exporter_own_gateway_reachable",
			"Whether the default gateway answers neighbour discovery.",
			host->gateway_reachable);
}

/* A sandbox may let the kernel be asked about the network and not about its clock. */
static void write_clock(struct exposition *exposition, const struct host_state *host)
{
	if (!host->clock_known)
		return;
	metrics_write_value(exposition, METRIC_GAUGE,
		"starface_exporter_own_clock_synchronised",
		"Whether the kernel calls its clock synchronised.",
		host->clock_synchronised);
}

static void write_log_lines(
	struct exposition *exposition, const struct report_source *source)
{
	exposition_family(exposition, METRIC_COUNTER, "starface_exporter_log_lines",
		"Log lines by level, those too quiet to be written included.");
	for (enum log_level level = 0; level < LOG_LEVEL_COUNT; level++)
		exposition_integer(exposition,
			(struct series){
				.name = "level", .value = log_level_name(level) },
			(int64_t)source->log_lines[level]);
}

void metrics_write_exporter(
	struct exposition *exposition, const struct report_source *source)
{
	write_build(exposition, source);
	write_reload(exposition, source);
	write_lag(exposition, &source->engine);
	write_engine(exposition, &source->engine);
	write_http(exposition, &source->http);
	write_host(exposition, &source->host);
	write_clock(exposition, &source->host);
	write_log_lines(exposition, source);
}
