/* SPDX-License-Identifier: Apache-2.0 */
/* The files of conf/ with the program's own kinds: sound, and every row of the seed. */
#include "base/clock.h"
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/probe.h"

static const char *conf_folder;

/* The vendor's page, read again by hand; host "" = the PBX or a server of the site. */
static const struct seed_row {
	const char *id;
	const char *host;
	uint16_t first, last;
	enum transport transport;
} seed[] = {
	{ "dns-udp", "$dns", 53, 53, TRANSPORT_UDP },
	{ "dns-tcp", "$dns", 53, 53, TRANSPORT_TCP },
	{ "web-http", "$pbx", 80, 80, TRANSPORT_TCP },
	{ "rest-http", "$pbx", 80, 80, TRANSPORT_TCP },
	{ "ntp", "$ntp", 123, 123, TRANSPORT_UDP },
	{ "ldap", "$ldap", 389, 389, TRANSPORT_TCP },
	{ "web-https", "$pbx", 443, 443, TRANSPORT_TCP },
	{ "ldaps", "$ldaps", 636, 636, TRANSPORT_TCP },
	{ "apps-https", "$pbx", 443, 443, TRANSPORT_TCP },
	{ "ad-auth", "$directory", 1902, 1902, TRANSPORT_UDP },
	{ "fed-tcp", "$federation", 3090, 3090, TRANSPORT_TCP },
	{ "fed-udp", "$federation", 3090, 3090, TRANSPORT_UDP },
	{ "sip-udp", "$pbx", 5060, 5060, TRANSPORT_UDP },
	{ "sip-tcp", "$pbx", 5060, 5060, TRANSPORT_TCP },
	{ "sip-tls", "$pbx", 5061, 5061, TRANSPORT_TCP },
	{ "xmpp", "$pbx", 5222, 5222, TRANSPORT_TCP },
	{ "rtp-in", "$pbx", 10000, 20000, TRANSPORT_UDP },
	{ "rtp-out", "$rtp_partner", 1025, 65535, TRANSPORT_UDP },
	{ "prov-http", "$pbx", 50080, 50080, TRANSPORT_TCP },
	{ "prov-tls", "$pbx", 50081, 50081, TRANSPORT_TCP },
	{ "tls10-rule", "$tls10_endpoints", 0, 0, TRANSPORT_TCP },
	{ "iplookup-80", "iplookup.starface.com", 80, 80, TRANSPORT_TCP },
	{ "license-80", "license.starface.de", 80, 80, TRANSPORT_TCP },
	{ "license-443", "license.starface.de", 443, 443, TRANSPORT_TCP },
	{ "license-8383", "license.starface.de", 8383, 8383, TRANSPORT_TCP },
	{ "update-80", "update.starface.de", 80, 80, TRANSPORT_TCP },
	{ "update-443", "update.starface.de", 443, 443, TRANSPORT_TCP },
	{ "cdn-80", "starface-cdn.de", 80, 80, TRANSPORT_TCP },
	{ "cdn-443", "starface-cdn.de", 443, 443, TRANSPORT_TCP },
	{ "wwwcdn-80", "www.starface-cdn.de", 80, 80, TRANSPORT_TCP },
	{ "wwwcdn-443", "www.starface-cdn.de", 443, 443, TRANSPORT_TCP },
	{ "siptrunk-443", "siptrunk.de", 443, 443, TRANSPORT_TCP },
	{ "mobile-dns", "$mobile_hosts", 443, 443, TRANSPORT_TCP },
	{ "connect", "cluster.starface-connect.com", 0, 0, TRANSPORT_TCP },
	{ "connect-addresses", "$connect_addresses", 0, 0, TRANSPORT_TCP },
	{ "neon", "$neon_hosts", 0, 0, TRANSPORT_TCP },
	{ "yealink", "$yealink_hosts", 0, 0, TRANSPORT_TCP },
};

#define SEED_COUNT (sizeof(seed) / sizeof(seed[0]))

/* Beyond the seed, in facts by other sources: marked, never critical, and off or absent
 * until a person names a host. */
static const char *const additions[] = { "stun", "sip-tls-udp", "onehub", "oidc", "smtp",
	"firmware", "neon-join", "prov-http-get", "neon-api", "connect-portal", "acme",
	"snmp-module", "voice-in", "voice-out" };

/* Slower and closer looks: about ports of the seed, so they run where those do. */
static const struct sweep_row {
	const char *id, *kind;
	int64_t minutes; /* between two at least */
} sweeps[] = {
	{ "tls-web", "tls-versions", 60 },
	{ "tls-sip", "tls-versions", 60 },
	{ "tls-xmpp", "tls-versions", 60 },
	{ "tls-prov", "tls-versions", 60 },
	{ "tls-ldaps", "tls-versions", 60 },
	{ "tls-license", "tls-versions", 60 },
	{ "tls-license-8383", "tls-versions", 60 },
	{ "tls-update", "tls-versions", 60 },
	{ "tls-cdn", "tls-versions", 60 },
	{ "tls-wwwcdn", "tls-versions", 60 },
	{ "tls-siptrunk", "tls-versions", 60 },
	{ "sip-udp-size", "sip-size", 10 },
	{ "sip-tls-size", "sip-size", 10 },
};

#define SWEEP_COUNT (sizeof(sweeps) / sizeof(sweeps[0]))

static struct config *load(const struct config_overrides *overrides)
{
	struct faults faults = { 0 };
	struct text text = { 0 };
	char file[512];
	struct config *config;

	snprintf(file, sizeof(file), "%s/starface-exporter.conf", conf_folder);
	config = config_load(file, overrides, &faults);
	faults_print(&faults, &text);
	if (!config)
		fail_msg("%s", text.data);
	assert_false(faults_any(&faults));
	text_done(&text);
	return config;
}

static const struct requirement *requirement_of(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->requirement_count; i++) {
		if (strcmp(plan->requirements[i].id, id) == 0)
			return &plan->requirements[i];
	}
	fail_msg("no requirement %s", id);
	return NULL;
}

static size_t checks_of(const struct plan *plan, const char *id)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->check_count; i++)
		count += strcmp(plan->checks[i].requirement->id, id) == 0;
	return count;
}

/* Each port, transport and address of the page is a row, and each has a check. */
static void test_seed(void **state)
{
	struct config *config = load(NULL);

	(void)state;
	for (size_t i = 0; i < SEED_COUNT; i++) {
		const struct requirement *requirement =
			requirement_of(&config->plan, seed[i].id);

		assert_string_equal(requirement->host, seed[i].host);
		assert_int_equal(requirement->port_first, seed[i].first);
		assert_int_equal(requirement->port_last, seed[i].last);
		assert_int_equal(requirement->transport, seed[i].transport);
		assert_false(requirement->addition);
		if (checks_of(&config->plan, seed[i].id) == 0)
			fail_msg("%s has no check", seed[i].id);
	}
	config_free(config);
}

static void test_additions(void **state)
{
	struct config *config = load(NULL);
	const size_t count = sizeof(additions) / sizeof(additions[0]);
	size_t marked = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct requirement *requirement =
			requirement_of(&config->plan, additions[i]);

		assert_true(requirement->addition);
		assert_int_equal(requirement->severity, SEVERITY_INFO);
		assert_int_equal(checks_of(&config->plan, additions[i]), 0);
	}
	for (size_t i = 0; i < config->plan.requirement_count; i++)
		marked += config->plan.requirements[i].addition;
	assert_int_equal(marked, count + SWEEP_COUNT);
	config_free(config);
}

static void test_sweeps(void **state)
{
	const struct config_overrides overrides = { .pbx = "192.0.2.10" };
	struct config *unedited = load(NULL), *config = load(&overrides);

	(void)state;
	for (const struct sweep_row *row = sweeps; row < sweeps + SWEEP_COUNT; row++) {
		const struct requirement *requirement =
			requirement_of(&config->plan, row->id);
		bool is_cloud = requirement->host[0] != '$';
		bool is_pbx = strcmp(requirement->host, "$pbx") == 0;

		assert_true(requirement->addition);
		assert_int_equal(requirement->severity, SEVERITY_INFO);
		assert_string_equal(requirement->kind->name, row->kind);
		assert_true(requirement->interval_us >= row->minutes * MINUTE);
		assert_int_equal(checks_of(&unedited->plan, row->id) > 0, is_cloud);
		assert_int_equal(
			checks_of(&config->plan, row->id) > 0, is_cloud || is_pbx);
	}
	config_free(unedited);
	config_free(config);
}

/* As shipped: cloud rows and names run, the PBX waits for its address. */
static void test_unedited(void **state)
{
	struct config *config = load(NULL);
	const struct plan *plan = &config->plan;

	(void)state;
	assert_int_equal(plan->site_count, 1);
	assert_string_equal(plan->sites[0].name, "hq");
	assert_int_equal(plan->sites[0].vantage, VANTAGE_LAN);
	for (size_t i = 0; i < plan->check_count; i++) {
		const struct check *check = &plan->checks[i];
		bool cloud = check->requirement->host[0] != '$' &&
			check->requirement->port_first > 0;

		if (cloud)
			assert_int_equal(check->fixed_cause, CAUSE_NONE);
		if (strcmp(check->requirement->host, "$pbx") == 0)
			assert_int_not_equal(check->fixed_cause, CAUSE_NONE);
		if (check->fixed_cause != CAUSE_NONE) {
			assert_non_null(check->hint[LANGUAGE_EN]);
			assert_non_null(check->hint[LANGUAGE_DE]);
		}
	}
	config_free(config);
}

/* With an address everything of the PBX runs but RTP. */
static void test_pbx(void **state)
{
	const struct config_overrides overrides = { .pbx = "192.0.2.10" };
	struct config *config = load(&overrides);

	(void)state;
	for (size_t i = 0; i < config->plan.check_count; i++) {
		const struct check *check = &config->plan.checks[i];

		if (strcmp(check->requirement->host, "$pbx") != 0)
			continue;
		assert_int_equal(check->fixed_cause,
			check->requirement->kind ? CAUSE_NONE : CAUSE_NOT_TESTABLE_HERE);
		if (!check->requirement->kind)
			assert_string_equal(check->requirement->protocol, "RTP");
	}
	config_free(config);
}

/* Never burden the vendor, never harm the PBX: see the rules of truth 8 and 9. */
static void test_manners(void **state)
{
	struct config *config = load(NULL);

	(void)state;
	for (size_t i = 0; i < config->plan.requirement_count; i++) {
		const struct requirement *requirement = &config->plan.requirements[i];
		const char *kind = requirement->kind ? requirement->kind->name : "";

		if (requirement->host[0] != '$')
			assert_true(requirement->interval_us >= INT64_C(60000000));
		assert_true(requirement->confirm >= 2);
		if (requirement->port_first == 5222 && !requirement->addition)
			assert_string_equal(kind, "xmpp"); /* which never logs in */
		/* what asks there is off until a person turns it on */
		if (requirement->port_first == 50080 && strcmp(kind, "tcp") != 0)
			assert_int_equal(checks_of(&config->plan, requirement->id), 0);
	}
	assert_int_equal(config->per_host_max, 1);
	config_free(config);
}

/* A hint stands beside whatever the options say, so it asks for nothing that may be
 * there. */
static void test_hints_of_ranges(void **state)
{
	static const char *const orders[] = { "set one up", "switch the row on",
		"aufstellen", "einschalten" };
	struct config *config = load(NULL);

	(void)state;
	for (size_t i = 0; i < config->plan.requirement_count; i++) {
		const struct requirement *requirement = &config->plan.requirements[i];

		if (!requirement->protocol || strcmp(requirement->protocol, "RTP") != 0)
			continue;
		for (size_t j = 0; j < sizeof(orders) / sizeof(orders[0]); j++) {
			for (size_t k = 0; k < LANGUAGE_COUNT; k++)
				assert_null(strstr(requirement->hint[k], orders[j]));
		}
	}
	config_free(config);
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_additions),
		cmocka_unit_test(test_sweeps),
		cmocka_unit_test(test_unedited),
		cmocka_unit_test(test_pbx),
		cmocka_unit_test(test_manners),
		cmocka_unit_test(test_hints_of_ranges),
	};

	conf_folder = count > 1 ? arguments[1] : "conf";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
