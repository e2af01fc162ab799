/* SPDX-License-Identifier: Apache-2.0 */
#include "program/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/loop.h"

#define TRIAL_DEADLINE (10 * SECOND)

/* A thousand faults say no more than the first few dozen. */
#define FAULTS_MAX ((size_t)16384)

struct trial {
	struct loop_watch watch;
	struct loop_timer timer;
	trial_fn done;
	void *context;
	pid_t child;
	int pipe; /* the child's faults; its end is the child's end */
	struct text faults;
};

/*
 * The daemon's handlers write into a socket that the child shares with it: a signal to
 * the child would stop the daemon. Signals wait until they are gone.
 */
static void forget_handlers(const sigset_t *before)
{
	static const int handled[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaction(handled[i], &usual, NULL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

static pid_t fork_without_handlers(void)
{
	sigset_t all, before;
	pid_t child;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	child = fork();
	if (child == 0)
		forget_handlers(&before);
	else
		sigprocmask(SIG_SETMASK, &before, NULL);
	return child;
}

/* What the child does. Only _exit(), so that nothing of the parent's is flushed twice. */
static _Noreturn void load_and_exit(
	int out, const char *file, const struct config_overrides *overrides)
{
	struct faults faults = { 0 };
	struct text text = { 0 };
	struct config *config = config_load(file, overrides, &faults);
	bool valid = config != NULL;

	faults_print(&faults, &text);
	if (text.length > 0 && write(out, text.data, text.length) < 0)
		valid = false;
	_exit(valid ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* A child that says nothing was ended by something else than a fault it could name. */
static void explain_end(struct trial *trial, int status)
{
	if (trial->faults.length > 0)
		return;
	if (WIFSIGNALED(status))
		text_format(&trial->faults, "the trial load was ended by SIG%s\n",
			sigabbrev_np(WTERMSIG(status)));
	else
		text_format(&trial->faults, "the trial load ended with status %d\n",
			WEXITSTATUS(status));
}

static void conclude(struct trial *trial)
{
	int status = -1;
	bool valid;

	loop_watch_set(&trial->watch, -1, 0);
	loop_timer_cancel(&trial->timer);
	if (waitpid(trial->child, &status, 0) == trial->child)
		trial->child = -1;
	valid = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!valid)
		explain_end(trial, status);
	trial->done(trial->context, valid,
		trial->faults.length > 0 ? trial->faults.data : "");
}

static void readable(void *context, unsigned ready)
{
	struct trial *trial = context;
	char buffer[4096];
	ssize_t length = read(trial->pipe, buffer, sizeof(buffer));

	(void)ready;
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0)
		conclude(trial);
	else if (trial->faults.length < FAULTS_MAX)
		text_append_bytes(&trial->faults, buffer, (size_t)length);
}

static void expired(void *context)
{
	struct trial *trial = context;

	kill(trial->child, SIGKILL);
	text_append(&trial->faults, "the trial load took longer than ten seconds\n");
	conclude(trial);
}

int trial_new(struct loop *loop, const char *file,
	const struct config_overrides *overrides, trial_fn done, void *context,
	struct trial **ret_trial)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	int ends[2];

	if (!trial)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(trial);
		return -errno;
	}
	trial->done = done;
	trial->context = context;
	trial->pipe = ends[0];
	trial->child = fork_without_handlers();
	if (trial->child == 0)
		load_and_exit(ends[1], file, overrides);
	close(ends[1]);
	loop_watch_init(&trial->watch, loop, readable, trial);
	loop_timer_init(&trial->timer, loop, LOOP_PRIORITY_ANSWER, expired, trial);
	if (trial->child < 0) {
		int error = errno;

		trial_free(trial);
		return -error;
	}
	loop_watch_set(&trial->watch, trial->pipe, LOOP_READ);
	loop_timer_set(&trial->timer, TRIAL_DEADLINE);
	*ret_trial = trial;
	return 0;
}

void trial_free(struct trial *trial)
{
	if (!trial)
		return;
	if (trial->child > 0) {
		kill(trial->child, SIGKILL);
		waitpid(trial->child, NULL, 0);
	}
	loop_watch_done(&trial->watch);
	loop_timer_done(&trial->timer);
	close(trial->pipe);
	text_done(&trial->faults);
	free(trial);
}
