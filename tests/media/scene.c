/* SPDX-License-Identifier: Apache-2.0 */
#include "media/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char secret[] = "0123456789abcdef0123456789abcdef";

static enum stamp_port_state port_state(void *context, uint16_t port)
{
	(void)context;
	return port % STAMP_PORT_STATE_COUNT;
}

struct address address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address;
}

void scene_open_with(struct scene *scene, const struct reflection_settings *settings)
{
	memset(scene, 0, sizeof(*scene));
	scene->reflection = reflection_new(settings);
	assert_non_null(scene->reflection);
	scene->key = (struct stamp_key *)settings->key;
	scene->request.ssid = 77;
	scene->arrival.source.address = address_of("192.0.2.7");
	scene->arrival.source.port = 40000;
	scene->arrival.port = FIRST;
	scene->arrival.ttl = 60;
	scene->arrival.tos = 46 << 2 | 1;
	scene->arrival.received_ns = NOW_NS;
	scene->arrival.now_us = NOW_US;
}

struct reflection_settings scene_settings(struct stamp_key *key)
{
	return (struct reflection_settings){ .key = key,
		.port_first = FIRST,
		.port_last = LAST,
		.clock_window_us = REFLECTION_CLOCK_WINDOW,
		.port_state = port_state };
}

void scene_open(struct scene *scene, bool keyed)
{
	struct reflection_settings settings = scene_settings(NULL);

	if (keyed)
		assert_int_equal(
			stamp_key_new(secret, strlen(secret), (void *)&settings.key), 0);
	scene_open_with(scene, &settings);
}

void scene_close(struct scene *scene)
{
	reflection_free(scene->reflection);
	stamp_key_free(scene->key);
}

void advance(struct scene *scene, int64_t micros)
{
	scene->arrival.now_us += micros;
	scene->arrival.received_ns += micros * 1000;
}

enum reflection_verdict judge(struct scene *scene)
{
	scene->arrival.sent_ns = scene->arrival.received_ns + 1000;
	return reflection_judge(scene->reflection, scene->packet, scene->length,
		&scene->arrival, &scene->tos);
}

void write_request(struct scene *scene)
{
	scene->request.sent_ns = scene->arrival.received_ns - 2000000;
	scene->length = stamp_write_request(
		scene->packet, sizeof(scene->packet), &scene->request, scene->key);
	assert_true(scene->length > 0);
	scene->request.sequence++;
}

enum reflection_verdict send_one(struct scene *scene)
{
	enum reflection_verdict verdict;

	write_request(scene);
	verdict = judge(scene);
	if (verdict == REFLECTION_ANSWERED)
		assert_int_equal(stamp_read_reply(scene->packet, scene->length,
					 scene->key, 0, &scene->reply),
			STAMP_GOOD);
	return verdict;
}

void assert_answered(struct scene *scene, uint32_t sequence)
{
	assert_int_equal(send_one(scene), REFLECTION_ANSWERED);
	assert_int_equal(scene->reply.sequence, sequence);
}
