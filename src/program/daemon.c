/* SPDX-License-Identifier: Apache-2.0 */
#include "program/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/loop.h"
#include "program/reflecting.h"
#include "program/service.h"
#include "program/version.h"

struct daemon {
	struct service service;
	struct loop_signal interrupt, terminate, hangup;
	struct loop_timer heartbeat;
	struct web_route routes[SERVICE_ROUTES];
};

static void tell_status(const struct service *service)
{
	const struct store *store = engine_store(service->engine);
	unsigned counts[VERDICT_COUNT] = { 0 };
	char sentence[96];

	for (size_t i = 0; i < store_requirements(store); i++)
		counts[store_requirement(store, i).verdict]++;
	snprintf(sentence, sizeof(sentence), "%u ok, %u degraded, %u failed, %u unknown",
		counts[VERDICT_OK], counts[VERDICT_DEGRADED], counts[VERDICT_FAILED],
		counts[VERDICT_UNKNOWN]);
	notify_status(&service->notify, sentence);
}

/* systemd's watchdog is fed from the loop: who hangs is restarted. */
static void beat(void *context)
{
	struct daemon *daemon = context;
	const struct notify *notify = &daemon->service.notify;

	notify_tell(notify, NOTIFY_WATCHDOG);
	tell_status(&daemon->service);
	loop_timer_set(&daemon->heartbeat,
		notify->watchdog_us > 0 ? notify->watchdog_us / 2 : MINUTE);
}

static void stop(void *context, int number)
{
	struct daemon *daemon = context;

	log_info("stopping", "signal", sigabbrev_np(number));
	notify_tell(&daemon->service.notify, NOTIFY_STOPPING);
	loop_stop(daemon->service.instruments.loop);
}

static void reload(void *context, int number)
{
	struct daemon *daemon = context;

	(void)number;
	service_reload(&daemon->service, NULL);
}

/* Each change of a confirmed state once; single runs are in the metrics. */
static void log_change(
	void *context, const struct record *record, const struct store_change *change)
{
	const struct check *check = record->check;
	bool good = change->after == VERDICT_OK;
	char evidence[EVIDENCE_TEXT_MAX];

	(void)context;
	evidence_format(&record->last.finding.evidence, evidence, sizeof(evidence));
	log_write(good ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "state changed", "site",
		check->site->name, "requirement", check->requirement->id, "target",
		check->target, "family", family_name(check->family), "before",
		verdict_name(change->before), "after", verdict_name(change->after),
		"cause", cause_name(record->last.finding.cause), "evidence", evidence,
		(char *)NULL);
}

static bool make_engine(struct service *service, struct text *error)
{
	struct engine_settings settings = {
		.services = &service->instruments.services,
		.host = service->instruments.host,
		.limits = instruments_limits(service->config),
		.on_change = log_change,
	};
	int failed = engine_new(&settings, &service->config->plan, &service->engine);

	if (failed)
		text_format(error, "engine: %s", strerrordesc_np(-failed));
	return failed == 0;
}

/* \retval false  systemd gave none, or something that does not listen */
static bool listen_systemd(struct web *web)
{
	int first = -1;
	unsigned count = notify_listen_fds(&first);
	bool good = count > 0;

	for (unsigned i = 0; i < count; i++)
		good = web_listen_fd(web, first + (int)i) == 0 && good;
	return good;
}

static bool listen_all(struct service *service, struct text *error)
{
	const struct options *options = service->options;

	for (size_t i = 0; i < options->listen_count; i++) {
		if (web_listen(service->web, options->listen[i], error) < 0)
			return false;
		log_info("listening", "address", options->listen[i]);
	}
	if (options->systemd_socket && !listen_systemd(service->web)) {
		text_append(error,
			"--web.systemd-socket: systemd handed over no socket; "
			"start the unit's socket");
		return false;
	}
	return true;
}

static bool make_web(struct daemon *daemon, struct text *error)
{
	struct service *service = &daemon->service;
	int failed;

	service_routes(service, daemon->routes);
	failed = web_new(service->instruments.loop, daemon->routes, SERVICE_ROUTES, NULL,
		&service->web);
	if (failed) {
		text_format(error, "web server: %s", strerrordesc_np(-failed));
		return false;
	}
	return listen_all(service, error);
}

static bool make_reflector(struct service *service, struct text *error)
{
	bool made = reflecting_new(service->instruments.loop, service->config->reflector,
		&service->reflector, error);

	reflecting_start(service->reflector, NULL);
	return made;
}

static void serve(struct daemon *daemon)
{
	struct loop *loop = daemon->service.instruments.loop;

	loop_signal_init(&daemon->interrupt, loop, SIGINT, stop, daemon);
	loop_signal_init(&daemon->terminate, loop, SIGTERM, stop, daemon);
	loop_signal_init(&daemon->hangup, loop, SIGHUP, reload, daemon);
	loop_timer_init(&daemon->heartbeat, loop, LOOP_PRIORITY_ANSWER, beat, daemon);
	engine_start(daemon->service.engine);
	notify_tell(&daemon->service.notify, NOTIFY_READY);
	beat(daemon);
	loop_run(loop);
	loop_timer_done(&daemon->heartbeat);
	loop_signal_done(&daemon->hangup);
	loop_signal_done(&daemon->terminate);
	loop_signal_done(&daemon->interrupt);
}

static bool set_up(struct daemon *daemon)
{
	struct service *service = &daemon->service;
	struct text error = { 0 };
	bool up = instruments_init(service->config, &service->instruments, &error) &&
		make_engine(service, &error) && make_reflector(service, &error) &&
		make_web(daemon, &error);

	if (!up)
		log_error("cannot start", "error", error.data ? error.data : "no memory");
	text_done(&error);
	return up;
}

int daemon_run(const struct options *options)
{
	struct daemon daemon = { .service = { .options = options } };
	struct service *service = &daemon.service;
	bool up = false;

	service->started_wall_us = clock_wall_us();
	service->reload_success_wall_us = service->started_wall_us;
	service->reload_successful = true;
	/* before anything can fork: a child must not speak for us */
	if (notify_open(&service->notify) < 0)
		log_warn("systemd's notification socket cannot be reached");
	service->config = options_load(options);
	if (service->config && set_up(&daemon)) {
		log_info("started", "version", program_version(), "file",
			options->config_file);
		up = true;
		serve(&daemon);
	}
	service_done(service);
	return up ? EXIT_SUCCESS : EXIT_FAILURE;
}
