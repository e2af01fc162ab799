/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/probe.h"
#include "files.h"
#include "kinds.h"

static struct config *load(
	void **state, const char *text, const struct config_overrides *overrides)
{
	struct faults faults = { 0 };
	struct config *config = files_load(*state, text, NULL, overrides, &faults);

	assert_no_faults(&faults);
	assert_non_null(config);
	return config;
}

static const struct check *check_of(const struct config *config, const char *identity)
{
	for (size_t i = 0; i < config->plan.check_count; i++) {
		if (strcmp(config->plan.checks[i].identity, identity) == 0)
			return &config->plan.checks[i];
	}
	return NULL;
}

static const struct requirement *requirement_of(
	const struct config *config, const char *id)
{
	for (size_t i = 0; i < config->plan.requirement_count; i++) {
		if (strcmp(config->plan.requirements[i].id, id) == 0)
			return &config->plan.requirements[i];
	}
	fail_msg("no requirement %s", id);
	return NULL;
}

#define SITE_WITH(more) "sites = ( { name = \"hq\"; dns = \"192.0.2.53\"; " more " } );"

struct check_row {
	const char *config;
	const char *identity;
	const char *host;
	uint16_t port;
	bool optional;
};

static const struct check_row check_rows[] = {
	{ SITE_WITH("pbx = \"PBX.example\";"), "hq/web-80/pbx.example:80/ipv4",
		"pbx.example", 80, false },
	{ SITE_WITH("pbx = \"pbx.example\";"), "hq/web-80/pbx.example:80/ipv6",
		"pbx.example", 80, true },
	{ "ipv6 = \"on\";" SITE_WITH("pbx = \"pbx.example\";"),
		"hq/web-80/pbx.example:80/ipv6", "pbx.example", 80, false },
	{ "ipv6 = \"off\";" SITE_WITH("pbx = \"pbx.example\";"),
		"hq/web-80/pbx.example:80/ipv6", NULL, 0, false },
	{ SITE_WITH("pbx = \"192.0.2.10\";"), "hq/web-80/192.0.2.10:80/ipv4",
		"192.0.2.10", 80, false },
	{ SITE_WITH("pbx = \"192.0.2.10\";"), "hq/web-80/192.0.2.10:80/ipv6", NULL, 0,
		false },
	{ SITE_WITH("pbx = \"2001:DB8:0::1\";"), "hq/web-80/[2001:db8::1]:80/ipv6",
		"2001:db8::1", 80, false },
	{ SITE_WITH("pbx = \"pbx.example:8443\";"), "hq/web-80/pbx.example:80/ipv4",
		"pbx.example", 80, false },
	{ SITE_WITH("pbx = \"pbx.example:8443\";"), "hq/web-443/pbx.example:8443/ipv4",
		"pbx.example", 8443, false },
	/* its link may come up later */
	{ SITE_WITH("pbx = \"FE80::1%nosuchlink\";"),
		"hq/web-80/[fe80::1%nosuchlink]:80/ipv6", "fe80::1%nosuchlink", 80,
		false },
	{ SITE_WITH("pbx = \"[2001:db8::1]:8443\";"),
		"hq/web-443/[2001:db8::1]:8443/ipv6", "2001:db8::1", 8443, false },
	{ SITE_WITH("pbx = ( \"a\", \"b\" );"), "hq/web-80/b:80/ipv4", "b", 80, false },
	{ SITE_WITH(""), "hq/cloud-443/cloud.example:443/ipv4", "cloud.example", 443,
		false },
	{ SITE_WITH(""), "hq/dns/192.0.2.53:53/ipv4", "192.0.2.53", 53, false },
	{ SITE_WITH("blank = \"b.example:99\";"), "hq/blank/b.example:99/ipv4",
		"b.example", 99, false },
	{ SITE_WITH("extra = \"e.example\";"), "hq/extra/e.example:25/ipv4", "e.example",
		25, false },
	{ SITE_WITH("pbx = \"a\";"), "hq/off/a:9/ipv4", NULL, 0, false },
	{ SITE_WITH("pbx = \"a\";") "requirements = ( { id = \"off\"; enabled = "
				    "true; } );",
		"hq/off/a:9/ipv4", "a", 9, false },
	{ SITE_WITH("") "requirements = ( { id = \"portless\"; port = 5061; } );",
		"hq/portless/cloud.example:5061/ipv4", "cloud.example", 5061, false },
	{ SITE_WITH("features = \"voice\";"), "hq/cloud-443/cloud.example:443/ipv4", NULL,
		0, false },
	{ SITE_WITH("extra = \"e\"; features = ( \"voice\" );"), "hq/extra/e:25/ipv4",
		"e", 25, false },
};

static void test_checks(void **state)
{
	for (size_t i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++) {
		const struct check_row *row = &check_rows[i];
		struct config *config = load(state, row->config, NULL);
		const struct check *check = check_of(config, row->identity);

		if ((check != NULL) != (row->host != NULL))
			fail_msg("row %zu: %s", i, row->identity);
		if (check) {
			assert_string_equal(check->host, row->host);
			assert_int_equal(check->port, row->port);
			assert_int_equal(check->family_optional, row->optional);
			assert_int_equal(check->fixed_cause, CAUSE_NONE);
			assert_true(check->hash == text_hash(check->identity));
			assert_string_equal(check->site->name, "hq");
		}
		config_free(config);
	}
}

/* A row with a range is one check of all of it, whatever port the value has. */
static void test_ranges(void **state)
{
	static const char *const values[] = { "a", "a:8443" };

	for (size_t i = 0; i < 2; i++) {
		char text[512];
		const struct check *check;
		struct config *config;

		snprintf(text, sizeof(text),
			SITE_WITH("pbx = \"%s\";") "requirements = ( { id = \"range\"; "
						   "enabled = true; } );",
			values[i]);
		config = load(state, text, NULL);
		check = check_of(config, "hq/range/a:10000-20000/ipv4");
		assert_non_null(check);
		assert_string_equal(check->target, "a:10000-20000");
		assert_int_equal(check->port, 10000);
		assert_int_equal(check_port_last(check), 20000);
		check = check_of(config, "hq/web-80/a:80/ipv4");
		assert_int_equal(check_port_last(check), 80);
		config_free(config);
	}
}

static void test_fixed_checks(void **state)
{
	static const struct {
		const char *config;
		const char *identity;
		enum cause cause;
		const char *hint_en, *hint_de;
	} rows[] = {
		{ SITE_WITH(""), "hq/web-80", CAUSE_NOT_CONFIGURED,
			"Set `pbx = \"host\"` in site hq.",
			"Im Standort hq `pbx = \"host\"` setzen." },
		{ SITE_WITH(""), "hq/blank", CAUSE_NOT_CONFIGURED,
			"Nobody knows. Set `blank = \"host:port\"` in site hq.",
			"Niemand weiß es. Im Standort hq `blank = \"host:port\"` "
			"setzen." },
		{ SITE_WITH(""), "hq/portless", CAUSE_NOT_CONFIGURED,
			"The vendor's page gives no port. Name one: `requirements = ( { "
			"id = \"portless\"; port = PORT; } )`.",
			"Die Seite des Herstellers nennt keinen Port. Einen angeben: "
			"`requirements = ( { id = \"portless\"; port = PORT; } )`." },
		{ SITE_WITH("pbx = \"a\";"), "hq/rtp", CAUSE_NOT_TESTABLE_HERE, "not yet",
			"noch nicht" },
		{ SITE_WITH("vantage = \"internet\";"), "hq/cloud-443",
			CAUSE_NOT_TESTABLE_HERE,
			"This is proven from beside the PBX only: run an instance there "
			"with `vantage = \"lan\"`.",
			"Das lässt sich nur neben der Telefonanlage nachweisen: dort "
			"eine "
			"Instanz mit `vantage = \"lan\"` betreiben." },
		{ SITE_WITH(""), "hq/extra", CAUSE_NONE, NULL, NULL },
		{ SITE_WITH("features = ( );"), "hq/web-80", CAUSE_NONE, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = load(state, rows[i].config, NULL);
		const struct check *check = check_of(config, rows[i].identity);

		if ((check != NULL) != (rows[i].hint_en != NULL))
			fail_msg("row %zu: %s", i, rows[i].identity);
		if (check) {
			assert_int_equal(check->fixed_cause, rows[i].cause);
			assert_string_equal(check->hint[LANGUAGE_EN], rows[i].hint_en);
			assert_string_equal(check->hint[LANGUAGE_DE], rows[i].hint_de);
			assert_string_equal(check->host, "");
			assert_string_equal(check->target, "");
			assert_int_equal(check->family, FAMILY_NONE);
		}
		config_free(config);
	}
}

static void test_options(void **state)
{
	struct config *config = load(state,
		SITE_WITH("") "requirements = ( { id = \"web-80\"; interval = \"5m\"; "
			      "confirm = 3; severity = \"info\"; options = { text = "
			      "\"mine\"; colour = \"red\"; }; } );",
		NULL);
	const struct requirement *requirement = requirement_of(config, "web-80");
	const struct full_options *options = requirement->options;

	assert_string_equal(requirement->kind->name, "full");
	assert_int_equal(requirement->interval_us, INT64_C(300000000));
	assert_int_equal(requirement->timeout_us, 5000000);
	assert_int_equal(requirement->confirm_interval_us, 5000000);
	assert_int_equal(requirement->confirm, 3);
	assert_int_equal(requirement->severity, SEVERITY_INFO);
	assert_string_equal(options->text, "mine");
	assert_int_equal(options->count, 4);
	assert_int_equal(options->pause_us, 250000);
	assert_true(options->strict);
	assert_int_equal(options->colour, 0);
	assert_string_equal(options->derived, "derived");
	assert_null(requirement_of(config, "rtp")->kind);
	assert_int_equal(requirement_of(config, "rtp")->port_last, 20000);
	assert_true(requirement_of(config, "extra")->addition);
	config_free(config);
}

/* As seen from the file, unless systemd hands over a credential of that name. */
static void test_option_file(void **state)
{
	const struct files *files = *state;
	static const struct {
		const char *written, *expected; /* below the folder; NULL = as written */
	} rows[] = {
		{ "none.key", "none.key" },
		{ "handed.key", "given/handed.key" },
		{ "./handed.key", "./handed.key" },
		{ "/etc/handed.key", NULL },
	};
	char folder[128], path[256];

	snprintf(folder, sizeof(folder), "%s/given", files->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	files_write(files, "given/handed.key", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512];
		struct config *config;
		const struct full_options *options;

		snprintf(text, sizeof(text),
			SITE_WITH("") "requirements = ( { id = \"web-80\"; options = { "
				      "secret = \"%s\"; }; } );",
			rows[i].written);
		config = load(state, text, NULL);
		options = requirement_of(config, "web-80")->options;
		snprintf(path, sizeof(path), "%s/%s", files->folder,
			rows[i].expected ? rows[i].expected : "");
		assert_string_equal(
			options->secret, rows[i].expected ? path : rows[i].written);
		config_free(config);
	}
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_site(void **state)
{
	struct config *config = load(state,
		"in_flight = 0x40; per_host = 2; language = \"de\"; shard = \"1/3\"; "
		"ca_file = \"starface.catalogue\"; vantage = \"internet\"; sites = ( { "
		"name = \"a\"; dns = ( \"192.0.2.5:5353\", \"::1\" ); }, { name = "
		"\"b\"; vantage = \"lan\"; cloud_addresses = \"any\"; } );",
		NULL);
	const struct site *sites = config->plan.sites;

	assert_int_equal(config->in_flight_max, 64);
	assert_int_equal(config->per_host_max, 2);
	assert_int_equal(config->language, LANGUAGE_DE);
	assert_non_null(strstr(config->ca_file, "/starface.catalogue"));
	assert_int_equal(config->plan.site_count, 2);
	assert_int_equal(sites[0].vantage, VANTAGE_INTERNET);
	assert_int_equal(sites[1].vantage, VANTAGE_LAN);
	assert_false(sites[0].any_cloud_address);
	assert_true(sites[1].any_cloud_address);
	assert_int_equal(sites[0].name_server_count, 2);
	assert_int_equal(sites[0].name_servers[0].port, 5353);
	assert_int_equal(sites[0].name_servers[1].port, 53);
	assert_int_equal(sites[0].name_servers[1].address.family, FAMILY_IPV6);
	assert_int_equal(sites[1].name_server_count, 0);
	assert_string_equal(sites[0].variables[1].name, "dns");
	assert_string_equal(sites[0].variables[1].values[0], "192.0.2.5:5353");
	config_free(config);
}

/* All shards together are the whole, and no check is in two. */
static void test_shards(void **state)
{
	const char *all = SITE_WITH("pbx = ( \"a\", \"b\", \"c\" );");
	const struct config_overrides all_shards = { .all_shards = true };
	struct config *whole = load(state, all, NULL);
	struct config *part;
	size_t sum = 0;

	for (int shard = 0; shard < 3; shard++) {
		char text[256];

		snprintf(text, sizeof(text), "shard = \"%d/3\"; %s", shard, all);
		part = load(state, text, NULL);
		sum += part->plan.check_count;
		for (size_t i = 0; i < part->plan.check_count; i++)
			assert_int_equal(part->plan.checks[i].hash % 3, shard);
		config_free(part);
	}
	assert_int_equal(sum, whole->plan.check_count);
	config_free(whole);
	part = load(state, "shard = \"1/3\";" SITE_WITH("pbx = ( \"a\", \"b\", \"c\" );"),
		&all_shards);
	assert_int_equal(part->plan.check_count, sum);
	config_free(part);
}

static void test_overrides(void **state)
{
	const char *two = "sites = ( { name = \"a\"; }, { name = \"b\"; } );";
	const struct config_overrides pbx = { .pbx = "192.0.2.10" };
	const struct config_overrides site = { .site = "b", .pbx = "192.0.2.10" };
	const struct config_overrides one = { .requirement = "cloud-443" };
	struct config *config = load(state, two, &pbx);

	assert_non_null(check_of(config, "a/web-80/192.0.2.10:80/ipv4"));
	assert_non_null(check_of(config, "b/web-80"));
	config_free(config);
	config = load(state, two, &site);
	assert_int_equal(config->plan.site_count, 1);
	assert_non_null(check_of(config, "b/web-80/192.0.2.10:80/ipv4"));
	config_free(config);
	config = load(state, two, &one);
	assert_int_equal(config->plan.check_count, 4);
	assert_non_null(check_of(config, "b/cloud-443/cloud.example:443/ipv6"));
	config_free(config);
}

/* The contract of the plan: neighbours, and every identity once. */
static void test_order(void **state)
{
	struct config *config = load(state,
		"sites = ( { name = \"a\"; pbx = ( \"x\", \"y\" ); }, { name = \"b\"; } "
		");",
		NULL);
	const struct plan *plan = &config->plan;

	for (size_t i = 0; i < plan->check_count; i++) {
		for (size_t j = i + 1; j < plan->check_count; j++) {
			const struct check *left = &plan->checks[i];
			const struct check *right = &plan->checks[j];

			assert_string_not_equal(left->identity, right->identity);
			if (left->site == right->site &&
				left->requirement == right->requirement)
				assert_true(plan->checks[j - 1].requirement ==
					right->requirement);
		}
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_fixed_checks),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_option_file),
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
