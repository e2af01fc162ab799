/* SPDX-License-Identifier: Apache-2.0 */
/* A network as a rule, and a run that asks it as the plan says. */
#ifndef TESTS_MEDIA_NETWORK_H
#define TESTS_MEDIA_NETWORK_H

#include "media/port_plan.h"

#define NETWORK_PORTS 65536

/** What a port's asking finds. */
typedef enum port_state network(uint32_t port);

/** 12345 to 13999 are lost, the others open. */
enum port_state network_one_hole(uint32_t port);

/** Of every ten ports one is lost. */
enum port_state network_every_tenth(uint32_t port);

void network_ask(struct port_map *map, network *find, const uint16_t *ports, size_t count,
	uint32_t now_s);

/** What is to be asked again, a sample and its edges. \return how many ports were asked
 */
size_t network_run(struct port_map *map, network *find, size_t most, uint32_t now_s);

#endif
