/* SPDX-License-Identifier: Apache-2.0 */
#include "program/examination.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/table.h"

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

/* So often while one run takes long. */
#define SHOW_EVERY (100 * MILLISECOND)

static void show_ports(
	void *context, const struct probe_run *run, size_t done, size_t total)
{
	struct examination *examination = context;
	int64_t now_us = clock_now_us();

	if (!examination->shows_progress || now_us < examination->shown_us + SHOW_EVERY)
		return;
	examination->shown_us = now_us;
	fprintf(stderr, "\r%s: %zu of %zu ports\033[K", run->target.host, done, total);
}

static bool open_engine(
	struct examination *examination, bool remembers_all, struct text *error)
{
	struct service *service = &examination->service;
	const struct plan *plan = &service->config->plan;
	struct engine_settings settings = {
		.services = &service->instruments.services,
		.host = service->instruments.host,
		.limits = instruments_limits(service->config),
		.confirm_at_most = 1,
		.remembers_all = remembers_all,
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

static void run_all(struct examination *examination)
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

bool examination_run(struct examination *examination, const struct options *options,
	bool remembers_all)
{
	struct service *service = &examination->service;
	struct text error = { 0 };
	bool begun;

	*examination = (struct examination){ .service = { .options = options } };
	service->started_wall_us = clock_wall_us();
	service->config = options_load(options);
	begun = service->config &&
		instruments_init(service->config, &service->instruments, &error);
	service->instruments.services.sweeps = options->sweeps;
	service->instruments.services.on_progress = show_ports;
	service->instruments.services.progress_context = examination;
	begun = begun && open_engine(examination, remembers_all, &error);
	if (begun)
		run_all(examination);
	if (error.length > 0)
		fprintf(stderr, "starface-exporter: %s\n", error.data);
	text_done(&error);
	return begun;
}

void examination_done(struct examination *examination)
{
	service_done(&examination->service);
}
