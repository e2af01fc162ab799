/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/tls.h"

int tls_world_set_up(void **state, const struct credential_spec *shown)
{
	static const struct credential_spec other = { .name = "Root", .authority = true };
	struct tls_world *world = calloc(1, sizeof(*world));
	struct credential authority = credential_make(&other, NULL);
	char path[128];

	assert_non_null(world);
	world->shown = credential_make(shown, NULL);
	credentials_folder(world->folder);
	snprintf(world->path, sizeof(world->path), "%s/shown.pem", world->folder);
	credential_write(&world->shown, world->path, true);
	snprintf(world->trusted, sizeof(world->trusted), "ca:%s", world->path);
	snprintf(path, sizeof(path), "%s/other.pem", world->folder);
	credential_write(&authority, path, false);
	credential_free(&authority);
	assert_int_equal(tls_trust_new(path, &world->trust), 0);
	harness_open(&world->harness);
	world->harness.services.trust = world->trust;
	*state = world;
	return 0;
}

int tls_world_tear_down(void **state)
{
	struct tls_world *world = *state;

	harness_close(&world->harness);
	tls_trust_free(world->trust);
	credential_free(&world->shown);
	credentials_remove(world->folder);
	free(world);
	return 0;
}

struct outcome tls_partner_asked(
	struct harness *harness, struct tls_partner *partner, struct trial trial)
{
	struct outcome outcome;

	tls_partner_start(partner);
	trial.port = partner->port;
	outcome = harness_run(harness, &trial);
	tls_partner_stop(partner);
	return outcome;
}
