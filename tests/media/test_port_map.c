/* SPDX-License-Identifier: Apache-2.0 */
#include "media/port_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_port_begins_unasked(void **state)
{
	struct port_map *map = port_map_new(10000, 20000);
	size_t counts[PORT_STATE_COUNT];

	(void)state;
	assert_int_equal(port_map_size(map), 10001);
	port_map_count(map, counts);
	assert_int_equal(counts[PORT_UNASKED], 10001);
	assert_int_equal(port_map_state(map, 20000), PORT_UNASKED);
	assert_int_equal(port_map_asked(map, 10000), 0);
	port_map_free(map);
	port_map_free(NULL);
}

static void a_note_moves_the_port(void **state)
{
	struct port_map *map = port_map_new(1, 65535);
	struct finding why = finding_of(CAUSE_ICMP_ADMIN_PROHIBITED);
	size_t counts[PORT_STATE_COUNT];

	(void)state;
	port_map_note(map, 65535, PORT_OPEN, NULL, 7);
	port_map_note(map, 1, PORT_REFUSED, &why, 8);
	assert_int_equal(port_map_state(map, 65535), PORT_OPEN);
	assert_int_equal(port_map_asked(map, 65535), 7);
	assert_null(port_map_reason(map, 65535));
	assert_int_equal(port_map_reason(map, 1)->cause, CAUSE_ICMP_ADMIN_PROHIBITED);
	port_map_note(map, 65535, PORT_LOST, NULL, 9);
	port_map_count(map, counts);
	assert_int_equal(counts[PORT_OPEN], 0);
	assert_int_equal(counts[PORT_LOST], 1);
	assert_int_equal(counts[PORT_REFUSED], 1);
	assert_int_equal(counts[PORT_UNASKED], 65533);
	port_map_free(map);
}

static void refuse(struct port_map *map, uint16_t port, uint8_t device)
{
	struct finding why = finding_of(CAUSE_ICMP_HOST_PROHIBITED);

	why.evidence.kind = EVIDENCE_ICMP;
	why.evidence.offender.family = FAMILY_IPV4;
	why.evidence.offender.bytes[3] = device;
	port_map_note(map, port, PORT_REFUSED, &why, 1);
}

static uint8_t device_of(const struct port_map *map, uint16_t port)
{
	return port_map_reason(map, port)->evidence.offender.bytes[3];
}

/* An attacker may answer from as many addresses as it likes; nobody is named for it. */
static void reasons_are_bounded(void **state)
{
	struct port_map *map = port_map_new(100, 199);

	(void)state;
	for (uint8_t port = 100; port < 200; port++)
		refuse(map, port, port);
	assert_int_equal(device_of(map, 100), 100);
	assert_int_equal(device_of(map, 114), 114);
	assert_int_equal(
		port_map_reason(map, 115)->evidence.offender.family, FAMILY_NONE);
	assert_ptr_equal(port_map_reason(map, 115), port_map_reason(map, 199));
	assert_int_equal(port_map_reason(map, 199)->cause, CAUSE_RTP_PARTIAL);
	port_map_free(map);
}

/* What nobody shows any more makes room; what is shown stays in its place. */
static void reasons_are_forgotten_with_their_last_port(void **state)
{
	struct port_map *map = port_map_new(100, 199);

	(void)state;
	for (uint8_t port = 100; port < 116; port++)
		refuse(map, port, port);
	refuse(map, 150, 103);
	port_map_note(map, 103, PORT_OPEN, NULL, 2);
	refuse(map, 151, 77);
	assert_int_equal(device_of(map, 151), 0);
	assert_int_equal(device_of(map, 150), 103);
	port_map_note(map, 150, PORT_LOST, NULL, 2);
	refuse(map, 151, 77);
	refuse(map, 152, 77);
	assert_int_equal(device_of(map, 151), 77);
	assert_ptr_equal(port_map_reason(map, 151), port_map_reason(map, 152));
	/* the only port of a reason is refused for another one */
	refuse(map, 104, 78);
	assert_int_equal(device_of(map, 104), 78);
	assert_int_equal(device_of(map, 105), 105);
	port_map_free(map);
}

static void states_have_names_and_classes(void **state)
{
	(void)state;
	for (enum port_state one = 0; one < PORT_STATE_COUNT; one++) {
		assert_non_null(port_state_name(one));
		for (enum port_state other = 0; other < one; other++)
			assert_string_not_equal(
				port_state_name(one), port_state_name(other));
	}
	assert_int_equal(port_state_class(PORT_CLOSED), PORT_CLASS_PASSES);
	assert_int_equal(port_state_class(PORT_SILENT), PORT_CLASS_UNKNOWN);
	assert_int_equal(port_state_class(PORT_RETURN), PORT_CLASS_BLOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_port_begins_unasked),
		cmocka_unit_test(a_note_moves_the_port),
		cmocka_unit_test(reasons_are_bounded),
		cmocka_unit_test(reasons_are_forgotten_with_their_last_port),
		cmocka_unit_test(states_have_names_and_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
