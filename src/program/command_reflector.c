/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_reflector.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/key_file.h"
#include "net/loop.h"
#include "program/description.h"
#include "program/notify.h"
#include "program/reflecting.h"
#include "program/trial.h"
#include "program/version.h"

struct alone {
	const struct options *options;
	struct loop *loop;
	struct loop_signal interrupt, terminate, hangup;
	struct description *description; /* the reflector's, which points into it */
	struct reflector *reflector;
	struct trial *trial; /* a reload under way; NULL = none */
	bool reload_again;   /* asked for while one was */
	struct notify notify;
};

static void stop(void *context, int number)
{
	struct alone *alone = context;

	log_info("stopping", "signal", sigabbrev_np(number));
	notify_tell(&alone->notify, NOTIFY_STOPPING);
	loop_stop(alone->loop);
}

/* \retval false  all is as it was */
static bool go_over(struct alone *alone, struct text *error)
{
	struct description *description = description_read(alone->options, error);
	struct reflector *reflector;

	if (!description)
		return false;
	if (!reflecting_new(
		    alone->loop, description_plan(description), &reflector, error)) {
		description_free(description);
		return false;
	}
	reflecting_start(reflector, alone->reflector);
	reflector_free(alone->reflector);
	alone->reflector = reflector;
	description_free(alone->description);
	alone->description = description;
	return true;
}

static void reload(void *context, int number);

static void tried(void *context, bool valid, const char *faults)
{
	struct alone *alone = context;
	struct text error = { 0 };

	text_append(&error, faults);
	if (valid && go_over(alone, &error))
		log_info("configuration reloaded");
	else
		log_error("configuration not reloaded, the old one stays in force",
			"faults", text_failed(&error) ? "out of memory" : error.data);
	notify_tell(&alone->notify, NOTIFY_READY);
	text_done(&error);
	trial_free(alone->trial);
	alone->trial = NULL;
	if (alone->reload_again)
		reload(alone, SIGHUP);
}

/* A child reads a file first, which may end who parses it; flags are parsed already. */
static void reload(void *context, int number)
{
	struct alone *alone = context;
	int failed;

	(void)number;
	alone->reload_again = alone->trial != NULL;
	if (alone->trial)
		return;
	notify_tell(&alone->notify, NOTIFY_RELOADING);
	if (alone->options->reflector.given) {
		tried(alone, true, "");
		return;
	}
	failed = trial_new(alone->loop, alone->options->config_file,
		&alone->options->overrides, tried, alone, &alone->trial);
	if (failed)
		tried(alone, false, strerrordesc_np(-failed));
}

static bool set_up(struct alone *alone, struct text *error)
{
	int failed = loop_new(&alone->loop);

	if (failed) {
		text_format(error, "event loop: %s", strerrordesc_np(-failed));
		return false;
	}
	return reflecting_new(alone->loop, description_plan(alone->description),
		&alone->reflector, error);
}

static void log_start(const struct reflector_plan *plan)
{
	char address[ADDRESS_TEXT_MAX];

	address_format(&plan->settings.address, address, sizeof(address));
	log_info("started", "version", program_version(), "mode",
		plan->key ? "keyed" : "open", "address", *address ? address : "all",
		"steer", plan->settings.steers ? "true" : "false", "share",
		plan->settings.halves ? "half" : "all");
}

static void log_end(const struct reflector *reflector)
{
	struct reflector_statistics statistics;
	struct reflector_drop drops[REFLECTOR_DROPS];
	uint64_t dropped = 0;
	char answered[24], refused[24];

	reflector_count(reflector, &statistics);
	reflector_drops(&statistics, drops);
	for (size_t i = 0; i < REFLECTOR_DROPS; i++)
		dropped += drops[i].packets;
	snprintf(answered, sizeof(answered), "%llu",
		(unsigned long long)reflector_answered(&statistics));
	snprintf(refused, sizeof(refused), "%llu", (unsigned long long)dropped);
	log_info("stopped", "answered", answered, "dropped", refused);
}

static void serve(struct alone *alone)
{
	loop_signal_init(&alone->interrupt, alone->loop, SIGINT, stop, alone);
	loop_signal_init(&alone->terminate, alone->loop, SIGTERM, stop, alone);
	loop_signal_init(&alone->hangup, alone->loop, SIGHUP, reload, alone);
	log_start(description_plan(alone->description));
	reflecting_start(alone->reflector, NULL);
	notify_tell(&alone->notify, NOTIFY_READY);
	loop_run(alone->loop);
	log_end(alone->reflector);
	loop_signal_done(&alone->hangup);
	loop_signal_done(&alone->terminate);
	loop_signal_done(&alone->interrupt);
}

static bool run(struct alone *alone)
{
	struct text error = { 0 };
	bool up;

	if (notify_open(&alone->notify) < 0)
		log_warn("systemd's notification socket cannot be reached");
	up = set_up(alone, &error);
	if (up)
		serve(alone);
	else
		log_error("cannot start", "error", error.data ? error.data : "no memory");
	trial_free(alone->trial);
	reflector_free(alone->reflector);
	loop_free(alone->loop);
	notify_close(&alone->notify);
	text_done(&error);
	return up;
}

int command_reflector(const struct options *options)
{
	struct alone alone = { .options = options };
	struct text faults = { 0 };
	bool up;

	alone.description = description_read(options, &faults);
	if (!alone.description)
		fputs(faults.data ? faults.data : "out of memory\n", stderr);
	text_done(&faults);
	up = alone.description && run(&alone);
	description_free(alone.description);
	return up ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_generate_key(const struct options *options)
{
	int error = key_file_write(options->key_file);

	if (!error) {
		printf("%s: written; copy it to the other side, and keep it from all "
		       "others\n",
			options->key_file);
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "%s: %s\n", options->key_file,
		error == -EEXIST ? "there is a file already, which is left as it is; "
				   "remove it first if it is not in use"
				 : strerrordesc_np(-error));
	return EXIT_FAILURE;
}
