/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream says of each way a firewall can refuse it. Runs within the namespaces
 * that stream_refused.sh makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/stream.h"

#define BEHIND4   "198.51.100.10"
#define BEHIND6   "2001:db8:2::10"
#define FIREWALL4 "192.0.2.1"
#define FIREWALL6 "2001:db8:1::1"

struct row {
	const char *address;
	uint16_t port;
	enum cause cause;
	enum evidence_kind kind;
	int type, code;
	const char *offender;
};

static const struct row rows[] = {
	{ BEHIND4, 1001, CAUSE_ICMP_ADMIN_PROHIBITED, EVIDENCE_ICMP, 3, 13, FIREWALL4 },
	{ BEHIND4, 1002, CAUSE_ICMP_PORT_UNREACHABLE, EVIDENCE_ICMP, 3, 3, FIREWALL4 },
	{ BEHIND4, 1003, CAUSE_ICMP_NET_UNREACHABLE, EVIDENCE_ICMP, 3, 0, FIREWALL4 },
	{ BEHIND4, 1004, CAUSE_ICMP_HOST_UNREACHABLE, EVIDENCE_ICMP, 3, 1, FIREWALL4 },
	{ BEHIND4, 1005, CAUSE_ICMP_PROTO_UNREACHABLE, EVIDENCE_ICMP, 3, 2, FIREWALL4 },
	{ BEHIND4, 1006, CAUSE_ICMP_NET_PROHIBITED, EVIDENCE_ICMP, 3, 9, FIREWALL4 },
	{ BEHIND4, 1007, CAUSE_ICMP_HOST_PROHIBITED, EVIDENCE_ICMP, 3, 10, FIREWALL4 },
	/* a firewall that resets speaks in the name of the host: nobody can tell */
	{ BEHIND4, 1008, CAUSE_REFUSED, EVIDENCE_TCP_RESET, 0, 0, BEHIND4 },
	{ BEHIND4, 1009, CAUSE_TIMEOUT, EVIDENCE_NONE, 0, 0, NULL },
	{ FIREWALL4, 1008, CAUSE_REFUSED, EVIDENCE_TCP_RESET, 0, 0, FIREWALL4 },
	{ BEHIND6, 1001, CAUSE_ICMP6_ADMIN_PROHIBITED, EVIDENCE_ICMP6, 1, 1, FIREWALL6 },
	{ BEHIND6, 1002, CAUSE_ICMP6_PORT_UNREACHABLE, EVIDENCE_ICMP6, 1, 4, FIREWALL6 },
	{ BEHIND6, 1003, CAUSE_ICMP6_NO_ROUTE, EVIDENCE_ICMP6, 1, 0, FIREWALL6 },
	{ BEHIND6, 1004, CAUSE_ICMP6_ADDR_UNREACHABLE, EVIDENCE_ICMP6, 1, 3, FIREWALL6 },
	{ BEHIND6, 1005, CAUSE_ICMP6_POLICY_FAIL, EVIDENCE_ICMP6, 1, 5, FIREWALL6 },
	{ BEHIND6, 1006, CAUSE_ICMP6_REJECT_ROUTE, EVIDENCE_ICMP6, 1, 6, FIREWALL6 },
	{ BEHIND6, 1008, CAUSE_REFUSED, EVIDENCE_TCP_RESET, 0, 0, BEHIND6 },
	/* we have no route to these: our own trouble */
	{ "203.0.113.1", 80, CAUSE_LOCAL_NO_ROUTE, EVIDENCE_LOCAL, 0, -1, NULL },
	{ "2001:db8:ff::1", 80, CAUSE_LOCAL_NO_ROUTE, EVIDENCE_LOCAL, 0, -1, NULL },
	/* our own routing says no; a drop in our own output chain stays unseen by TCP */
	{ "203.0.113.200", 80, CAUSE_LOCAL_DENIED, EVIDENCE_LOCAL, 0, -1, NULL },
};

struct talk {
	struct loop *loop;
	struct finding finding;
};

static void on_connected(void *context)
{
	struct talk *talk = context;

	talk->finding = finding_of(CAUSE_NONE);
	loop_stop(talk->loop);
}

static void on_failed(void *context, const struct finding *finding)
{
	struct talk *talk = context;

	talk->finding = *finding;
	loop_stop(talk->loop);
}

static void on_deadline(void *context)
{
	struct talk *talk = context;

	talk->finding = finding_of(CAUSE_TIMEOUT);
	loop_stop(talk->loop);
}

static const struct stream_events events = {
	.connected = on_connected,
	.failed = on_failed,
};

static struct finding dial(struct loop *loop, const struct row *row)
{
	struct talk talk = { .loop = loop };
	struct loop_timer deadline;
	struct stream stream;
	struct stream_peer peer = { .port = row->port };

	assert_true(address_parse(row->address, &peer.address));
	if (!stream_open(&stream, loop, &peer, &events, &talk, &talk.finding))
		return talk.finding;
	loop_timer_init(&deadline, loop, LOOP_PRIORITY_ANSWER, on_deadline, &talk);
	loop_timer_set(&deadline, 400 * MILLISECOND);
	loop_run(loop);
	loop_timer_done(&deadline);
	stream_close(&stream);
	return talk.finding;
}

static void every_refusal_has_its_name(void **state)
{
	struct loop *loop;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct finding finding = dial(loop, row);
		const struct evidence *evidence = &finding.evidence;
		struct address offender = { 0 };
		char text[160];

		if (row->offender)
			address_parse(row->offender, &offender);
		if (finding.cause != row->cause || evidence->kind != row->kind ||
			evidence->type != row->type ||
			(row->code >= 0 && evidence->code != row->code) ||
			!address_equal(&evidence->offender, &offender))
			fail_msg("%s %u: %s, %s", row->address, row->port,
				cause_name(finding.cause),
				evidence_format(evidence, text, sizeof(text)));
	}
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
