/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum port_state network_one_hole(uint32_t port)
{
	return port >= 12345 && port <= 13999 ? PORT_LOST : PORT_OPEN;
}

enum port_state network_every_tenth(uint32_t port)
{
	return port % 10 == 0 ? PORT_LOST : PORT_OPEN;
}

void network_ask(struct port_map *map, network *find, const uint16_t *ports, size_t count,
	uint32_t now_s)
{
	static const struct finding why = { .cause = CAUSE_ICMP_ADMIN_PROHIBITED };

	for (size_t i = 0; i < count; i++) {
		enum port_state found = find(ports[i]);

		port_map_note(
			map, ports[i], found, found == PORT_REFUSED ? &why : NULL, now_s);
	}
}

size_t network_run(struct port_map *map, network *find, size_t most, uint32_t now_s)
{
	static uint16_t ports[NETWORK_PORTS];
	size_t asked = 0, count = port_plan_again(map, now_s, ports, most);

	network_ask(map, find, ports, count, now_s);
	port_plan_doubt(map, now_s, ports, count);
	asked += count;
	count = port_plan_sample(map, ports, most);
	network_ask(map, find, ports, count, now_s);
	asked += count;
	while ((count = port_plan_edges(map, 1, ports, most)) > 0) {
		for (size_t i = 0; i < count; i++)
			assert_int_equal(port_map_asked(map, ports[i]), 0);
		network_ask(map, find, ports, count, now_s);
		asked += count;
	}
	return asked;
}
