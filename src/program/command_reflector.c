/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_reflector.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/arena.h"
#include "net/key_file.h"
#include "net/loop.h"
#include "program/instruments.h"
#include "program/notify.h"
#include "program/reflecting.h"
#include "program/version.h"

/* The plan of flags, or of a file. */
struct described {
	struct arena arena;
	struct reflector_plan of_flags;
	struct config *config;
	const struct reflector_plan *plan; /* NULL = it has faults, which were said */
};

struct alone {
	struct loop *loop;
	struct loop_signal interrupt, terminate, hangup;
	struct reflector *reflector;
	struct notify notify;
};

static void describe_by_flags(struct described *described, const struct options *options)
{
	struct faults faults = { 0 };
	struct text text = { 0 };
	const struct reflector_place place = { .faults = &faults,
		.arena = &described->arena };
	struct reflector_block block = reflector_flags_block(&options->reflector);

	if (reflector_build(&block, &place, &described->of_flags))
		described->plan = &described->of_flags;
	faults_print(&faults, &text);
	if (!described->plan)
		fputs(text.length > 0 ? text.data : "out of memory\n", stderr);
	text_done(&text);
	faults_done(&faults);
}

static void describe_by_file(struct described *described, const struct options *options)
{
	described->config = options_load(options);
	if (!described->config)
		return;
	described->plan = described->config->reflector;
	if (!described->plan)
		fprintf(stderr,
			"%s: there is no block reflector; write one, or give "
			"--reflector.ports and --reflector.key-file\n",
			options->config_file);
}

static void forget(struct described *described)
{
	reflector_release(&described->of_flags);
	arena_done(&described->arena);
	config_free(described->config);
}

/* A terminal that is closed must not end a measurement that somebody else makes. */
static void stay(void *context, int number)
{
	(void)context;
	log_warn("nothing is read anew: the daemon does that, this command is started "
		 "again",
		"signal", sigabbrev_np(number));
}

static void stop(void *context, int number)
{
	struct alone *alone = context;

	log_info("stopping", "signal", sigabbrev_np(number));
	notify_tell(&alone->notify, NOTIFY_STOPPING);
	loop_stop(alone->loop);
}

static bool set_up(
	struct alone *alone, const struct reflector_plan *plan, struct text *error)
{
	int failed = loop_new(&alone->loop);

	if (failed) {
		text_format(error, "event loop: %s", strerrordesc_np(-failed));
		return false;
	}
	descriptors_raise();
	return reflecting_new(alone->loop, plan, &alone->reflector, error);
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

static void serve(struct alone *alone, const struct reflector_plan *plan)
{
	loop_signal_init(&alone->interrupt, alone->loop, SIGINT, stop, alone);
	loop_signal_init(&alone->terminate, alone->loop, SIGTERM, stop, alone);
	loop_signal_init(&alone->hangup, alone->loop, SIGHUP, stay, alone);
	log_start(plan);
	reflecting_start(alone->reflector, NULL);
	notify_tell(&alone->notify, NOTIFY_READY);
	loop_run(alone->loop);
	log_end(alone->reflector);
	loop_signal_done(&alone->hangup);
	loop_signal_done(&alone->terminate);
	loop_signal_done(&alone->interrupt);
}

static int run(const struct reflector_plan *plan)
{
	struct alone alone = { .loop = NULL };
	struct text error = { 0 };
	bool up;

	if (notify_open(&alone.notify) < 0)
		log_warn("systemd's notification socket cannot be reached");
	up = set_up(&alone, plan, &error);
	if (up)
		serve(&alone, plan);
	else
		log_error("cannot start", "error", error.data ? error.data : "no memory");
	reflector_free(alone.reflector);
	loop_free(alone.loop);
	notify_close(&alone.notify);
	text_done(&error);
	return up ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_reflector(const struct options *options)
{
	struct described described = { .plan = NULL };
	int status = EXIT_FAILURE;

	if (options->reflector.given)
		describe_by_flags(&described, options);
	else
		describe_by_file(&described, options);
	if (described.plan)
		status = run(described.plan);
	forget(&described);
	return status;
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
