/* SPDX-License-Identifier: Apache-2.0 */
/* The command on the shipped files: it fits, it parses, and nft takes it. */
#include "program/command_catalogue.h"

#include <errno.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"
#include "report/firewall.h"

static const char *conf_folder;

static char *print(enum catalogue_format format, const char *pbx)
{
	const struct config_overrides overrides = { .pbx = pbx };
	struct faults faults = { 0 };
	struct config *config;
	char file[512];
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	snprintf(file, sizeof(file), "%s/starface-exporter.conf", conf_folder);
	config = config_load(file, &overrides, &faults);
	assert_non_null(config);
	assert_int_equal(command_catalogue(config, format, out), 0);
	fclose(out);
	config_free(config);
	return text;
}

/* Columns, not octets: UTF-8 continuation octets take no room. */
static size_t columns_of(const char *line, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)line[i] & 0xc0) != 0x80;
	return columns;
}

static void test_text(void **state)
{
	char *text = print(CATALOGUE_TEXT, NULL);

	(void)state;
	for (const char *line = text; *line;) {
		size_t length = strcspn(line, "\n");

		if (columns_of(line, length) > 100)
			fail_msg("%.*s", (int)length, line);
		line += length + (line[length] == '\n');
	}
	assert_non_null(strstr(text,
		"license-8383      8383/tcp        outbound license.starface.de          "
		"licensing    critical      2\n"));
	assert_non_null(strstr(text, "rtp-in            10000-20000/udp inbound  $pbx"));
	assert_non_null(strstr(text, "connect           ?/tcp           outbound "));
	assert_null(strstr(text, "explain")); /* no such command */
	free(text);
}

static void test_json(void **state)
{
	char *text = print(CATALOGUE_JSON, NULL);
	json_error_t error;
	json_t *array = json_loads(text, 0, &error);
	bool found = false;
	json_t *row;
	size_t index;

	(void)state;
	assert_true(json_is_array(array));
	json_array_foreach(array, index, row)
	{
		const char *id = json_string_value(json_object_get(row, "id"));

		assert_true(json_is_string(json_object_get(row, "breaks")));
		if (strcmp(id, "rtp-out") != 0)
			continue;
		found = true;
		assert_int_equal(
			json_integer_value(json_object_get(row, "port_first")), 1025);
		assert_int_equal(
			json_integer_value(json_object_get(row, "port_last")), 65535);
		assert_string_equal(
			json_string_value(json_object_get(row, "probe")), "rtp");
	}
	assert_true(found);
	json_decref(array);
	free(text);
}

static int run(const char *const arguments[])
{
	static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		NULL };
	pid_t child;
	int status;

	if (posix_spawnp(&child, arguments[0], NULL, NULL, (char *const *)arguments,
		    (char *const *)environment) != 0)
		return -1;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* In a network namespace of its own; nothing is loaded, and nothing on this host asked.
 */
static void check_by_nft(const char *text)
{
	char file[] = "/tmp/starface-nft-XXXXXX";
	const char *const possible[] = { "unshare", "-rn", "nft", "list", "tables",
		NULL };
	const char *const check[] = { "unshare", "-rn", "nft", "-c", "-f", file, NULL };
	int fd = mkstemp(file);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (run(possible) != 0)
		print_message("skipped: no nft in a namespace of its own here\n");
	else
		assert_int_equal(run(check), 0);
	unlink(file);
}

static void test_nftables(void **state)
{
	static const char *const expected[] = {
		"\tset hq_pbx_v4 {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.10 }\n",
		"\tset hq_pbx_v6 {\n\t\ttype ipv6_addr\n\t}\n",
		"\tset hq_license_starface_de_v4 {\n\t\ttype ipv4_addr\n"
		"\t\t# the addresses of license.starface.de\n\t}\n",
		"\t\tip daddr @hq_pbx_v4 tcp dport 8443 counter accept comment "
		"\"web-https\"\n",
		"\t\tip6 saddr @hq_pbx_v6 ip6 daddr @hq_license_starface_de_v6 tcp dport "
		"8383 counter accept comment \"license-8383\"\n",
		"\t\tip daddr @hq_pbx_v4 udp dport 10000-20000 counter accept comment "
		"\"rtp-in\"\n",
		"\t\tip saddr @hq_pbx_v4 udp dport 5060 counter accept comment "
		"\"sip-udp\"\n",
		"\t\t# connect: no port is known\n",
	};
	char *text = print(CATALOGUE_NFTABLES, "192.0.2.10:8443");

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (!strstr(text, expected[i]))
			fail_msg("%s\nis not in\n%s", expected[i], text);
	}
	assert_null(strstr(text, "onehub"));
	check_by_nft(text);
	free(text);
	text = print(CATALOGUE_NFTABLES, "2001:db8::10");
	check_by_nft(text);
	free(text);
}

/* Each address may bring a port of its own; each port is one rule, not one an address. */
static void test_nftables_ports(void **state)
{
	static const struct requirement requirement = { .id = "web",
		.direction = DIRECTION_INBOUND,
		.host = "$pbx",
		.port_first = 443,
		.port_last = 443 };
	static const struct site site = { .name = "hq" };
	static const struct check checks[] = {
		{ .site = &site,
			.requirement = &requirement,
			.host = "192.0.2.1",
			.port = 8443 },
		{ .site = &site,
			.requirement = &requirement,
			.host = "192.0.2.2",
			.port = 443 },
		{ .site = &site,
			.requirement = &requirement,
			.host = "192.0.2.3",
			.port = 8443 },
	};
	static const struct plan plan = { &requirement, 1, &site, 1, checks, 3 };
	struct text text = { 0 };

	(void)state;
	firewall_write(&plan, &(struct firewall_scope){ 0 }, LANGUAGE_EN, &text);
	assert_non_null(strstr(text.data,
		"\t\t# site hq\n"
		"\t\tip daddr @hq_pbx_v4 tcp dport 8443 counter accept comment \"web\"\n"
		"\t\tip6 daddr @hq_pbx_v6 tcp dport 8443 counter accept comment \"web\"\n"
		"\t\tip daddr @hq_pbx_v4 tcp dport 443 counter accept comment \"web\"\n"
		"\t\tip6 daddr @hq_pbx_v6 tcp dport 443 counter accept comment \"web\"\n"
		"\t}\n"));
	check_by_nft(text.data);
	text_clear(&text);
	/* who says where the row's checks are is believed, and the others not walked */
	firewall_write(&plan,
		&(struct firewall_scope){ .site = &site,
			.requirement = &requirement,
			.first = 1,
			.count = 2 },
		LANGUAGE_EN, &text);
	assert_true(strstr(text.data, "dport 443 ") < strstr(text.data, "dport 8443 "));
	text_done(&text);
}

static const char rules_of_one_row[] =
	"table inet starface {\n"
	"\tset b___pbx_v4 {\n"
	"\t\ttype ipv4_addr\n"
	"\t\t# die Adressen von pbx.example.com\n"
	"\t\telements = { 192.0.2.10 }\n"
	"\t}\n"
	"\tset b___pbx_v6 {\n"
	"\t\ttype ipv6_addr\n"
	"\t\t# die Adressen von pbx.example.com\n"
	"\t\telements = { 2001:db8::1, 2001:db8::2 }\n"
	"\t}\n"
	"\tset b___license_example_com_v4 {\n"
	"\t\ttype ipv4_addr\n"
	"\t\t# die Adressen von license.example.com?}\n"
	"\t}\n"
	"\tset b___license_example_com_v6 {\n"
	"\t\ttype ipv6_addr\n"
	"\t\t# die Adressen von license.example.com?}\n"
	"\t}\n"
	"\tchain starface {\n"
	"\t\t# Standort b?}\n"
	"\t\tip saddr @b___pbx_v4 ip daddr @b___license_example_com_v4 tcp dport "
	"443 "
	"counter accept comment \"license\"\n"
	"\t\tip6 saddr @b___pbx_v6 ip6 daddr @b___license_example_com_v6 tcp "
	"dport 443 "
	"counter accept comment \"license\"\n"
	"\t}\n}\n";

/* One row alone: the PBX is known by the site, though no check of it is in the plan. */
static void test_nftables_of_one_row(void **state)
{
	static const struct requirement requirements[] = {
		{ .id = "other", .host = "other.example.com", .port_first = 1 },
		{ .id = "license",
			.direction = DIRECTION_OUTBOUND,
			.host = "license.example.com",
			.port_first = 443,
			.port_last = 443 },
	};
	static const char *const pbx[] = { "192.0.2.10:8443", "[2001:db8::1]:443",
		"2001:db8::2", "pbx.example.com:443" };
	static const struct site_variable variable = { "pbx", pbx, 4 };
	static const struct site sites[] = { { .name = "a" },
		{ .name = "b\n}", .variables = &variable, .variable_count = 1 } };
	static const struct check checks[] = {
		{ .site = &sites[0],
			.requirement = &requirements[1],
			.host = "192.0.2.1" },
		{ .site = &sites[1],
			.requirement = &requirements[0],
			.host = "192.0.2.2" },
		{ .site = &sites[1],
			.requirement = &requirements[1],
			.host = "license.example.com\n}",
			.port = 443 },
	};
	static const struct plan plan = { requirements, 2, sites, 2, checks, 3 };
	struct text text = { 0 };

	(void)state;
	firewall_write(&plan,
		&(struct firewall_scope){
			.site = &sites[1], .requirement = &requirements[1] },
		LANGUAGE_DE, &text);
	assert_string_equal(text.data, rules_of_one_row);
	check_by_nft(text.data);
	text_done(&text);
}

/* A full disk is not a success. */
static void test_unwritable(void **state)
{
	struct faults faults = { 0 };
	struct config *config;
	char file[512];
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	snprintf(file, sizeof(file), "%s/starface-exporter.conf", conf_folder);
	config = config_load(file, NULL, &faults);
	assert_int_equal(command_catalogue(config, CATALOGUE_TEXT, full), 1);
	fclose(full);
	config_free(config);
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_nftables),
		cmocka_unit_test(test_nftables_ports),
		cmocka_unit_test(test_nftables_of_one_row),
		cmocka_unit_test(test_unwritable),
	};

	conf_folder = count > 1 ? arguments[1] : "conf";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
