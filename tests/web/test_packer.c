/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that packs: what it is given comes back once, whatever fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "net/loop.h"
#include "web/gzip.h"
#include "web/packer.h"

static bool allocation_fails, thread_fails, eventfd_fails;
static bool gzip_is_gated, gzip_fails, signals_were_blocked;
static sem_t gate;

void *__real_calloc(size_t count, size_t size);
int __real_eventfd(unsigned count, int flags);
bool __real_gzip_text(struct text *text);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *context);
int __real_pthread_join(pthread_t thread, void **result);

void *__wrap_calloc(size_t count, size_t size);
int __wrap_eventfd(unsigned count, int flags);
bool __wrap_gzip_text(struct text *text);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *context);
int __wrap_pthread_join(pthread_t thread, void **result);

void *__wrap_calloc(size_t count, size_t size)
{
	return allocation_fails ? NULL : __real_calloc(count, size);
}

int __wrap_eventfd(unsigned count, int flags)
{
	if (eventfd_fails) {
		errno = EMFILE;
		return -1;
	}
	return __real_eventfd(count, flags);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *context)
{
	return thread_fails ? EAGAIN
			    : __real_pthread_create(thread, attributes, run, context);
}

/* On the thread. */
bool __wrap_gzip_text(struct text *text)
{
	sigset_t blocked;

	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	signals_were_blocked = sigismember(&blocked, SIGTERM) == 1;
	if (gzip_is_gated)
		sem_wait(&gate);
	return !gzip_fails && __real_gzip_text(text);
}

/* The thread has been told to stop when this is called. */
int __wrap_pthread_join(pthread_t thread, void **result)
{
	if (gzip_is_gated)
		sem_post(&gate);
	return __real_pthread_join(thread, result);
}

struct scene {
	struct loop *loop;
	struct packer *packer;
	struct loop_timer limit;
	unsigned answers, packed, awaited;
};

static void limit_reached(void *context)
{
	struct scene *scene = context;

	loop_stop(scene->loop);
}

static int scene_begin(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	allocation_fails = thread_fails = eventfd_fails = false;
	gzip_is_gated = gzip_fails = signals_were_blocked = false;
	assert_non_null(scene);
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(loop_new(&scene->loop), 0);
	loop_timer_init(
		&scene->limit, scene->loop, LOOP_PRIORITY_ANSWER, limit_reached, scene);
	scene->packer = packer_new(scene->loop);
	assert_non_null(scene->packer);
	*state = scene;
	return 0;
}

static int scene_end(void **state)
{
	struct scene *scene = *state;

	packer_free(scene->packer);
	loop_timer_done(&scene->limit);
	loop_free(scene->loop);
	sem_destroy(&gate);
	free(scene);
	return 0;
}

static void answered(void *context, struct text *body, bool packed)
{
	struct scene *scene = context;

	if (packed)
		assert_memory_equal(body->data, "\x1f\x8b", 2);
	else
		assert_string_equal(body->data, "as it was");
	text_done(body);
	scene->packed += packed;
	if (++scene->answers == scene->awaited)
		loop_stop(scene->loop);
}

static bool offer(struct scene *scene)
{
	struct text body = { 0 };
	bool taken;

	text_append(&body, "as it was");
	taken = packer_pack(scene->packer, &body, answered, scene);
	if (taken)
		assert_null(body.data);
	else
		assert_string_equal(body.data, "as it was");
	text_done(&body);
	return taken;
}

static void await(struct scene *scene, unsigned answers)
{
	scene->awaited = answers;
	loop_timer_set(&scene->limit, 10 * SECOND);
	loop_run(scene->loop);
	assert_int_equal(scene->answers, answers);
}

static void test_bodies_come_back_packed(void **state)
{
	struct scene *scene = *state;

	for (unsigned i = 1; i <= 3; i++) {
		assert_true(offer(scene));
		await(scene, i);
	}
	assert_int_equal(scene->packed, 3);
	assert_true(signals_were_blocked);
}

static void test_without_memory_on_the_thread_it_comes_back_as_it_was(void **state)
{
	struct scene *scene = *state;

	gzip_fails = true;
	assert_true(offer(scene));
	await(scene, 1);
	assert_int_equal(scene->packed, 0);
}

/* Nothing is taken, and the next body is when the want has passed. */
static void test_what_cannot_be_had_is_asked_for_again(void **state)
{
	bool *const wants[] = { &thread_fails, &eventfd_fails, &allocation_fails };

	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		struct scene *scene;

		if (i > 0)
			scene_begin(state);
		scene = *state;
		*wants[i] = true;
		assert_false(offer(scene));
		*wants[i] = false;
		assert_true(offer(scene));
		await(scene, 1);
		if (i < 2)
			scene_end(state);
	}
}

static void test_no_more_than_the_queue_holds(void **state)
{
	struct scene *scene = *state;

	gzip_is_gated = true;
	for (unsigned i = 0; i < PACKER_JOBS; i++)
		assert_true(offer(scene));
	assert_false(offer(scene));
	for (unsigned i = 0; i < PACKER_JOBS; i++)
		sem_post(&gate);
	await(scene, PACKER_JOBS);
	assert_int_equal(scene->packed, PACKER_JOBS);
	sem_post(&gate);
	assert_true(offer(scene));
	await(scene, PACKER_JOBS + 1);
}

/* At most the one in the thread's hands is waited for. */
static void test_free_answers_what_waits(void **state)
{
	struct scene *scene = *state;

	gzip_is_gated = true;
	for (unsigned i = 0; i < PACKER_JOBS; i++)
		assert_true(offer(scene));
	packer_free(scene->packer);
	scene->packer = NULL;
	assert_int_equal(scene->answers, PACKER_JOBS);
	assert_in_range(scene->packed, 0, 1);
}

static void test_new_without_memory(void **state)
{
	struct scene *scene = *state;

	allocation_fails = true;
	assert_null(packer_new(scene->loop));
	allocation_fails = false;
	packer_free(NULL);
}

#define PACKER_TEST(test) cmocka_unit_test_setup_teardown(test, scene_begin, scene_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PACKER_TEST(test_bodies_come_back_packed),
		PACKER_TEST(test_without_memory_on_the_thread_it_comes_back_as_it_was),
		PACKER_TEST(test_what_cannot_be_had_is_asked_for_again),
		PACKER_TEST(test_no_more_than_the_queue_holds),
		PACKER_TEST(test_free_answers_what_waits),
		PACKER_TEST(test_new_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
