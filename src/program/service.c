/* SPDX-License-Identifier: Apache-2.0 */
#include "program/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "probes/probe_kinds.h"
#include "program/reflecting.h"
#include "program/version.h"

static struct report_http http_of(const struct web *web)
{
	struct web_statistics statistics = { 0 };

	if (web) /* the check command has none */
		statistics = web_statistics(web);
	return (struct report_http){ .connections = statistics.connections,
		.requests = statistics.requests,
		.refused = statistics.refused,
		.expired = statistics.expired };
}

struct report_source service_source(const struct service *service)
{
	struct report_source source = {
		.store = engine_store(service->engine),
		.kinds = probe_kinds(),
		.engine = engine_statistics(service->engine),
		.http = http_of(service->web),
		.version = program_version(),
		.revision = program_revision(),
		.started_wall_us = service->started_wall_us,
		.now_wall_us = clock_wall_us(),
		.reload_successful = service->reload_successful,
		.reload_success_wall_us = service->reload_success_wall_us,
	};

	source.reflects = service->reflector != NULL;
	if (service->reflector)
		reflector_count(service->reflector, &source.reflector);
	if (service->instruments.host)
		host_examine(service->instruments.host, &source.host);
	for (enum log_level level = 0; level < LOG_LEVEL_COUNT; level++)
		source.log_lines[level] = log_lines(level);
	return source;
}

void service_done(struct service *service)
{
	struct web_response nobody = { 0 };

	trial_free(service->trial);
	web_free(service->web);
	if (service->asked_by)
		web_complete(
			service->asked_by, &nobody); /* web_free() has answered 503 */
	engine_free(service->engine);
	reflector_free(service->reflector);
	if (service->instruments.loop)
		instruments_done(&service->instruments);
	config_free(service->config);
	notify_close(&service->notify);
}

/* All that can fail of going over to a configuration. */
struct renewal {
	struct trust_renewal trust;
	struct reflector *reflector;
};

static void renewal_done(struct renewal *renewal)
{
	trust_renewal_done(&renewal->trust);
	reflector_free(renewal->reflector);
}

static bool renewal_init(struct renewal *renewal, struct service *service,
	const struct config *config, struct text *error)
{
	struct loop *loop = service->instruments.loop;

	if (!trust_renewal_init(&renewal->trust, loop, config, error))
		return false;
	if (reflecting_new(loop, config->reflector, &renewal->reflector, error))
		return true;
	renewal_done(renewal);
	return false;
}

static void renewal_commit(
	struct renewal *renewal, struct service *service, const struct config *config)
{
	service->instruments.services.steered = instruments_steered(config);
	trust_renewal_commit(&renewal->trust, &service->instruments);
	reflecting_start(renewal->reflector, service->reflector);
	reflector_free(service->reflector);
	service->reflector = renewal->reflector;
}

/* Goes over to a configuration that a child has survived. */
static bool adopt(struct service *service, struct config *config, struct text *error)
{
	struct engine_limits limits = instruments_limits(config);
	struct renewal renewal = { .reflector = NULL };
	int failed;

	if (!renewal_init(&renewal, service, config, error))
		return false;
	failed = engine_adopt(service->engine, &config->plan, &limits);
	if (failed) {
		text_format(error, "new plan: %s", strerrordesc_np(-failed));
		renewal_done(&renewal);
		return false;
	}
	renewal_commit(&renewal, service, config);
	config_free(service->config);
	service->config = config;
	return true;
}

static bool load_and_adopt(struct service *service, struct text *error)
{
	struct faults faults = { 0 };
	struct config *config = config_load(
		service->options->config_file, &service->options->overrides, &faults);
	bool adopted = config && adopt(service, config, error);

	if (!config)
		faults_print(&faults, error);
	else if (!adopted)
		config_free(config);
	faults_done(&faults);
	return adopted;
}

static void answer(struct service *service, const char *sentence)
{
	struct web_response response = { 0 };

	if (!service->asked_by)
		return;
	web_response_plain(&response, service->reload_successful ? 200 : 500, sentence);
	web_complete(service->asked_by, &response);
	service->asked_by = NULL;
}

static void trial_ended(void *context, bool valid, const char *faults)
{
	struct service *service = context;
	struct text error = { 0 };
	const char *why;

	text_append(&error, faults);
	service->reload_successful = valid && load_and_adopt(service, &error);
	trial_free(service->trial);
	service->trial = NULL;
	web_forget(service->web);
	if (service->reload_successful) {
		service->reload_success_wall_us = clock_wall_us();
		log_info("configuration reloaded", "file", service->options->config_file);
		answer(service, "configuration reloaded");
	} else {
		why = text_failed(&error) ? "out of memory" : error.data;
		log_error("configuration not reloaded, the old one stays in force",
			"faults", why);
		answer(service, why);
	}
	notify_tell(&service->notify, NOTIFY_READY);
	text_done(&error);
	if (service->reload_again)
		service_reload(service, NULL);
}

static void put_off(struct web_deferred *asked_by)
{
	struct web_response response = { 0 };

	if (!asked_by)
		return;
	web_response_plain(&response, 503,
		"a reload is under way, this one follows it; see the log");
	web_complete(asked_by, &response);
}

void service_reload(struct service *service, struct web_deferred *asked_by)
{
	int failed;

	/* the file may have changed since that child read it, so this is not the same */
	service->reload_again = service->trial != NULL;
	if (service->trial) {
		put_off(asked_by);
		return;
	}
	service->asked_by = asked_by;
	notify_tell(&service->notify, NOTIFY_RELOADING);
	failed = trial_new(service->instruments.loop, service->options->config_file,
		&service->options->overrides, trial_ended, service, &service->trial);
	if (failed) {
		service->reload_successful = false;
		log_error("configuration not reloaded: no child to try it in", "error",
			strerrordesc_np(-failed));
		answer(service, strerrordesc_np(-failed));
		notify_tell(&service->notify, NOTIFY_READY);
	}
}
