/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MEDIA_SCENE_H
#define TESTS_MEDIA_SCENE_H

#include "media/reflection.h"

#define NOW_NS  INT64_C(1764000000000000000)
#define NOW_US  INT64_C(5000000000)
#define SECONDS INT64_C(1000000)

/* The range whose ports are reported. */
#define FIRST 10000
#define LAST  20000

/* A reflector, a sender, and the network between them. */
struct scene {
	struct stamp_key *key;
	struct reflection *reflection;
	struct stamp_request request;
	struct reflection_arrival arrival;
	uint8_t packet[2 * STAMP_LENGTH_MAX];
	size_t length;
	uint8_t tos;
	struct stamp_reply reply;
};

struct address address_of(const char *text);

/** Without limits; tells of a port that its state is its number modulo the states. */
struct reflection_settings scene_settings(struct stamp_key *key);

void scene_open_with(struct scene *scene, const struct reflection_settings *settings);
void scene_open(struct scene *scene, bool keyed);
void scene_close(struct scene *scene);

void advance(struct scene *scene, int64_t micros);

/** The sender's next packet stands in the scene. */
void write_request(struct scene *scene);

/** Judges the octets that stand in the scene. */
enum reflection_verdict judge(struct scene *scene);

/** The sender's next packet, and its reply if there is one. */
enum reflection_verdict send_one(struct scene *scene);

void assert_answered(struct scene *scene, uint32_t sequence);

#endif
