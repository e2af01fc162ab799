/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"
#include "program/service.h"
#include "report/json.h"
#include "report/table.h"

#define EXIT_UNKNOWN 3

struct examination {
	struct service service;
	struct loop_signal interrupt, terminate;
	size_t done, count;
	bool shows_progress;
};

static void all_done(void *context)
{
	struct examination *examination = context;

	loop_stop(examination->service.instruments.loop);
}

static void interrupted(void *context, int number)
{
	(void)number;
	all_done(context);
}

static void show_progress(void *context, const struct record *record)
{
	struct examination *examination = context;
	struct text line = { 0 };

	examination->done++;
	if (!examination->shows_progress)
		return;
	table_progress(record, examination->done, examination->count, &line);
	if (!text_failed(&line))
		fprintf(stderr, "\r%s\033[K", line.data);
	text_done(&line);
}

static bool open_engine(struct examination *examination, struct text *error)
{
	struct service *service = &examination->service;
	const struct plan *plan = &service->config->plan;
	struct engine_settings settings = {
		.services = &service->instruments.services,
		.host = service->instruments.host,
		.limits = instruments_limits(service->config),
		.confirm_at_most = 1,
		.on_outcome = show_progress,
		.context = examination,
	};
	int failed = engine_new(&settings, plan, &service->engine);

	if (failed) {
		text_format(error, "engine: %s", strerrordesc_np(-failed));
		return false;
	}
	for (size_t i = 0; i < plan->check_count; i++)
		examination->count += plan->checks[i].fixed_cause == CAUSE_NONE;
	return true;
}

static void examine(struct examination *examination)
{
	struct loop *loop = examination->service.instruments.loop;

	examination->shows_progress = isatty(STDERR_FILENO);
	loop_signal_init(&examination->interrupt, loop, SIGINT, interrupted, examination);
	loop_signal_init(
		&examination->terminate, loop, SIGTERM, interrupted, examination);
	engine_run_once(examination->service.engine, all_done, examination);
	loop_run(loop);
	loop_signal_done(&examination->interrupt);
	loop_signal_done(&examination->terminate);
	if (examination->shows_progress)
		fputs("\r\033[K", stderr);
}

static int print_result(const struct service *service)
{
	struct report_source source = service_source(service);
	struct table_options options = { service->config->language,
		isatty(STDOUT_FILENO) };
	struct text text = { 0 };
	int status;

	switch (service->options->output) {
	case OUTPUT_JSON:
		json_status(&source, service->config->language, &text);
		break;
	case OUTPUT_NAGIOS:
		table_nagios(&source, service->config->language, &text);
		break;
	default:
		table_write(&source, &options, &text);
	}
	status = text_failed(&text) ? EXIT_UNKNOWN : table_exit_code(source.store);
	fputs(text_failed(&text) ? "out of memory\n" : text.data, stdout);
	text_done(&text);
	return status;
}

int command_check(const struct options *options)
{
	struct examination examination = { .service = { .options = options } };
	struct service *service = &examination.service;
	struct text error = { 0 };
	int status = EXIT_UNKNOWN;

	service->started_wall_us = clock_wall_us();
	service->config = options_load(options);
	if (service->config &&
		instruments_init(service->config, &service->instruments, &error) &&
		open_engine(&examination, &error)) {
		examine(&examination);
		status = print_result(service);
	}
	if (error.length > 0)
		fprintf(stderr, "starface-exporter: %s\n", error.data);
	text_done(&error);
	service_done(service);
	return status;
}
