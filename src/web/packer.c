/* SPDX-License-Identifier: Apache-2.0 */
#include "web/packer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "net/loop.h"
#include "web/gzip.h"

/* zlib works on the heap; the rest is room for what instrumented builds add. */
#define STACK_SIZE ((size_t)256 * 1024)

struct job {
	struct text body;
	bool packed;
	packer_fn done;
	void *context;
	STAILQ_ENTRY(job) entry;
};

STAILQ_HEAD(jobs, job);

struct packer {
	/* Of the loop's thread alone. */
	struct loop_watch watch;
	unsigned count; /* jobs taken and not yet answered */
	bool running;
	pthread_t thread;

	/* Of both threads: the descriptor does not change while there are two. */
	int wake; /* an eventfd, readable when something is done */

	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct jobs waiting, done;
	bool stopping;
};

/* \return NULL when the thread is to end */
static struct job *job_next(struct packer *packer)
{
	struct job *job;

	while (STAILQ_EMPTY(&packer->waiting) && !packer->stopping)
		pthread_cond_wait(&packer->changed, &packer->lock);
	if (packer->stopping)
		return NULL;
	job = STAILQ_FIRST(&packer->waiting);
	STAILQ_REMOVE_HEAD(&packer->waiting, entry);
	return job;
}

/* All that runs beside the loop. It touches the packer and the job in hand only. */
static void *work(void *context)
{
	struct packer *packer = context;
	struct job *job;

	pthread_mutex_lock(&packer->lock);
	while ((job = job_next(packer))) {
		pthread_mutex_unlock(&packer->lock);
		job->packed = gzip_text(&job->body);
		pthread_mutex_lock(&packer->lock);
		STAILQ_INSERT_TAIL(&packer->done, job, entry);
		eventfd_write(packer->wake, 1); /* fails only after 2^64 - 2 */
	}
	pthread_mutex_unlock(&packer->lock);
	return NULL;
}

static void answer_all(struct packer *packer, struct jobs *jobs)
{
	struct job *job;

	while ((job = STAILQ_FIRST(jobs))) {
		STAILQ_REMOVE_HEAD(jobs, entry);
		packer->count--;
		job->done(job->context, &job->body, job->packed);
		free(job);
	}
}

static void job_done(void *context, unsigned ready)
{
	struct packer *packer = context;
	struct jobs done = STAILQ_HEAD_INITIALIZER(done);
	eventfd_t ignored;

	(void)ready;
	pthread_mutex_lock(&packer->lock);
	eventfd_read(packer->wake, &ignored);
	STAILQ_CONCAT(&done, &packer->done);
	pthread_mutex_unlock(&packer->lock);
	answer_all(packer, &done);
}

struct packer *packer_new(struct loop *loop)
{
	struct packer *packer = calloc(1, sizeof(*packer));

	if (!packer)
		return NULL;
	packer->wake = -1;
	pthread_mutex_init(&packer->lock, NULL);
	pthread_cond_init(&packer->changed, NULL);
	STAILQ_INIT(&packer->waiting);
	STAILQ_INIT(&packer->done);
	loop_watch_init(&packer->watch, loop, job_done, packer);
	return packer;
}

/* A signal must reach the loop's thread: the new one inherits that all are blocked. */
static int thread_begin(struct packer *packer)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&packer->thread, &attributes, work, packer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

/* Without descriptors, or at the limit of tasks, the next body tries again. */
static bool packer_begin(struct packer *packer)
{
	int error;

	if (packer->running)
		return true;
	if (packer->wake < 0)
		packer->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	error = packer->wake < 0 ? errno : thread_begin(packer);
	if (error) {
		log_debug("no thread to pack a body", "error", strerror(error));
		return false;
	}
	loop_watch_set(&packer->watch, packer->wake, LOOP_READ);
	packer->running = true;
	return true;
}

bool packer_pack(struct packer *packer, struct text *body, packer_fn done, void *context)
{
	struct job *job;

	if (packer->count == PACKER_JOBS || !packer_begin(packer))
		return false;
	job = calloc(1, sizeof(*job));
	if (!job)
		return false;
	job->body = *body;
	job->done = done;
	job->context = context;
	*body = (struct text){ 0 };
	packer->count++;
	pthread_mutex_lock(&packer->lock);
	STAILQ_INSERT_TAIL(&packer->waiting, job, entry);
	pthread_cond_signal(&packer->changed);
	pthread_mutex_unlock(&packer->lock);
	return true;
}

static void thread_end(struct packer *packer)
{
	pthread_mutex_lock(&packer->lock);
	packer->stopping = true;
	pthread_cond_signal(&packer->changed);
	pthread_mutex_unlock(&packer->lock);
	pthread_join(packer->thread, NULL);
}

void packer_free(struct packer *packer)
{
	if (!packer)
		return;
	if (packer->running)
		thread_end(packer);
	loop_watch_done(&packer->watch);
	answer_all(packer, &packer->done);
	answer_all(packer, &packer->waiting);
	if (packer->wake >= 0)
		close(packer->wake);
	pthread_cond_destroy(&packer->changed);
	pthread_mutex_destroy(&packer->lock);
	free(packer);
}
