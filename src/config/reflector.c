/* SPDX-License-Identifier: Apache-2.0 */
#include "config/reflector.h"

#include <libconfig.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "net/key_file.h"

/* Below it are the ports of services that a stranger should not find a reflector at. */
#define PORT_LEAST 1024U

/* For all else that a process does: checks in flight, clients, resolvers. */
#define SPARE_DESCRIPTORS 256U

/* Of those that the kernel gives to who asks for no certain one. */
#define EPHEMERAL_LEFT 1000U

enum share { SHARE_ALL, SHARE_HALF };

#define BLOCK(field) offsetof(struct reflector_block, field)

const struct schema_key *reflector_keys(void)
{
	static const char *const shares[] = { "all", "half", NULL };
	static const struct schema_key keys[] = {
		{ "ports", SCHEMA_STRINGS, BLOCK(ports), .required = true,
			.help = "Ranges of UDP ports to answer at, \"FIRST-LAST\" or "
				"\"PORT\"." },
		{ "control_port", SCHEMA_UNSIGNED, BLOCK(control_port), .fallback = "862",
			.least = 0, .most = 65535,
			.help = "One more, where a sender asks about the others; STAMP's "
				"own is 862, which takes CAP_NET_BIND_SERVICE. 0 for "
				"none." },
		{ "key_file", SCHEMA_FILE, BLOCK(key_file),
			.help = "The secret that senders share, made by the command "
				"generate-key, as seen from this file or by its name "
				"among systemd's credentials." },
		{ "open", SCHEMA_BOOL, BLOCK(open), .fallback = "false",
			.help = "Answer whoever asks, without a key." },
		{ "address", SCHEMA_STRING, BLOCK(address),
			.help = "The address of this host to answer at; all of them "
				"unless given." },
		{ "sources", SCHEMA_STRINGS, BLOCK(sources),
			.help = "Addresses and prefixes that are answered; all unless "
				"given." },
		{ "share", SCHEMA_CHOICE, BLOCK(share), .fallback = "all",
			.choices = shares,
			.help = "Which of the ports are held at a time: beside a PBX "
				"\"half\" leaves every other pair free for its calls, in "
				"turns." },
		{ "turn", SCHEMA_DURATION, BLOCK(turn_us), .fallback = "5m",
			.least = MINUTE, .most = 24 * 60 * MINUTE,
			.help = "How long a half is held. Two turns within one run of a "
				"sender would look like a block." },
		{ "retry", SCHEMA_DURATION, BLOCK(retry_us), .fallback = "10s",
			.least = SECOND, .most = 60 * MINUTE,
			.help = "How long after a port was found busy it is tried "
				"again." },
		{ "steer", SCHEMA_BOOL, BLOCK(steer), .fallback = "false",
			.help = "Hold no port of the ranges: a program in the kernel "
				"hands over what the sources send to them. Takes "
				"CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW." },
		{ "rate", SCHEMA_UNSIGNED, BLOCK(rate), .fallback = "200000", .least = 1,
			.most = 10000000, .help = "Packets a second that are answered." },
		{ "source_rate", SCHEMA_UNSIGNED, BLOCK(source_rate),
			.fallback = "100000", .least = 1, .most = 10000000,
			.help = "The same of one IPv4 address or IPv6 /64." },
		{ 0 },
	};

	return keys;
}

/* What reading one block needs throughout. */
struct builder {
	const struct reflector_block *block;
	const struct reflector_place *place;
	struct reflector_plan *plan;
	bool good;
};

/* As the key is written on a command line. */
static const char *flag_name(const char *key, char *buffer, size_t size)
{
	snprintf(buffer, size, "reflector.%s", key);
	for (char *at = buffer; *at; at++) {
		if (*at == '_')
			*at = '-';
	}
	return buffer;
}

__attribute__((format(printf, 3, 4))) static void fault(
	struct builder *builder, const char *key, const char *format, ...)
{
	const struct reflector_place *place = builder->place;
	char sentence[512], path[64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	if (place->document) {
		document_fault_member(place->document, place->group, key, "%s", sentence);
	} else {
		text_copy(path, sizeof(path), "--");
		flag_name(key, path + 2, sizeof(path) - 2);
		faults_add(place->faults, "", 0, path, "%s", sentence);
	}
	builder->good = false;
}

static bool range_parse(const char *text, struct reflector_range *ret_range)
{
	unsigned first = 0, last = 0;
	int one = 0, two = 0;

	if (sscanf(text, "%5u%n-%5u%n", &first, &one, &last, &two) < 1)
		return false;
	if (text[one] == '\0')
		last = first;
	else if (two == 0 || text[two] != '\0')
		return false;
	if (first < 1 || first > last || last > UINT16_MAX)
		return false;
	*ret_range = (struct reflector_range){ (uint16_t)first, (uint16_t)last };
	return true;
}

static void read_range(
	struct builder *builder, const char *text, struct reflector_range *ranges)
{
	struct reflector_settings *settings = &builder->plan->settings;
	struct reflector_range range;

	if (!range_parse(text, &range))
		fault(builder, "ports",
			"\"%.40s\" is no range of ports; write \"FIRST-LAST\" or "
			"\"PORT\" with ports from 1024 to 65535",
			text);
	else if (range.first < PORT_LEAST)
		fault(builder, "ports",
			"\"%.40s\" begins below 1024, where the services of a host have "
			"their ports; begin at 1024",
			text);
	else
		ranges[settings->range_count++] = range;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct reflector_range *one = left, *other = right;

	return (int)one->first - (int)other->first;
}

static void check_overlap(struct builder *builder, const struct reflector_range *ranges)
{
	for (size_t i = 1; i < builder->plan->settings.range_count; i++) {
		const struct reflector_range *one = &ranges[i - 1], *other = &ranges[i];

		if (other->first > one->last)
			continue;
		fault(builder, "ports",
			"%u-%u and %u-%u have ports in common; write each port once",
			(unsigned)one->first, (unsigned)one->last, (unsigned)other->first,
			(unsigned)other->last);
	}
}

static void read_ranges(struct builder *builder)
{
	const struct strings *ports = &builder->block->ports;
	struct reflector_range *ranges =
		arena_array(builder->place->arena, ports->count, sizeof(*ranges));

	if (ports->count > REFLECTOR_RANGES_MAX)
		fault(builder, "ports", "there are %zu ranges; write up to %d",
			ports->count, REFLECTOR_RANGES_MAX);
	else if (ports->count == 0 && (ports->items || !builder->place->document))
		fault(builder, "ports", "a reflector must have some; write a range");
	if (!ranges || ports->count > REFLECTOR_RANGES_MAX)
		return;
	for (size_t i = 0; i < ports->count; i++)
		read_range(builder, ports->items[i], ranges);
	qsort(ranges, builder->plan->settings.range_count, sizeof(*ranges),
		compare_ranges);
	check_overlap(builder, ranges);
	builder->plan->settings.ranges = ranges;
}

static void read_address(struct builder *builder)
{
	const char *text = builder->block->address;

	if (text && !address_parse(text, &builder->plan->settings.address))
		fault(builder, "address",
			"\"%.80s\" is no address of an interface that is here; write an "
			"IPv4 or IPv6 address of this host",
			text);
}

static bool has_bits_beyond(const struct reflection_source *source)
{
	for (unsigned bit = source->length; bit < 8 * sizeof(source->prefix.bytes);
		bit++) {
		if (source->prefix.bytes[bit / 8] & 0x80U >> bit % 8)
			return true;
	}
	return false;
}

/* "192.0.2.0/24", "2001:db8::/32", or an address of either family. */
static bool source_parse(const char *text, struct reflection_source *ret_source)
{
	struct reflection_source source = { .length = 0 };
	char address[ADDRESS_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	unsigned most;
	int end = 0;

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!address_parse(address, &source.prefix))
		return false;
	most = source.prefix.family == FAMILY_IPV4 ? 32 : 128;
	source.length = most;
	if (slash && (sscanf(slash, "/%3u%n", &source.length, &end) != 1 || slash[end]))
		return false;
	*ret_source = source;
	return source.length <= most;
}

static void read_source(
	struct builder *builder, const char *text, struct reflection_source *sources)
{
	struct reflector_settings *settings = &builder->plan->settings;
	struct reflection_source source;

	if (!source_parse(text, &source))
		fault(builder, "sources",
			"\"%.80s\" is no address and no prefix; write \"192.0.2.7\", "
			"\"192.0.2.0/24\" or \"2001:db8::/32\"",
			text);
	else if (source.length == 0)
		fault(builder, "sources",
			"\"%.80s\" is everybody; leave sources out if that is meant",
			text);
	else if (has_bits_beyond(&source))
		fault(builder, "sources",
			"\"%.80s\" has bits behind its first %u; write the first address "
			"of the prefix",
			text, source.length);
	else
		sources[settings->source_count++] = source;
}

static void read_sources(struct builder *builder)
{
	const struct strings *written = &builder->block->sources;
	struct reflection_source *sources =
		arena_array(builder->place->arena, written->count, sizeof(*sources));

	if (written->count > REFLECTOR_SOURCES_MAX)
		fault(builder, "sources", "there are %zu sources; write up to %d",
			written->count, REFLECTOR_SOURCES_MAX);
	if (!sources || written->count > REFLECTOR_SOURCES_MAX)
		return;
	for (size_t i = 0; i < written->count; i++)
		read_source(builder, written->items[i], sources);
	builder->plan->settings.sources = sources;
	if (builder->block->steer && written->count == 0)
		fault(builder, "sources",
			"with steer = true packets of the sources are taken from "
			"whoever has the port, a PBX included; write the addresses of "
			"the senders");
}

static void read_key(struct builder *builder)
{
	const struct reflector_block *block = builder->block;
	struct reflector_plan *plan = builder->plan;
	char why[256] = "";

	if (block->open && block->key_file)
		fault(builder, "open",
			"there is a key_file, so nobody is answered without it; remove "
			"one of the two");
	else if (!block->open && !block->key_file)
		fault(builder, "key_file",
			"a reflector must have it, or open = true to answer whoever "
			"asks; the command generate-key writes one");
	else if (block->key_file &&
		key_file_read(block->key_file, &plan->key, why, sizeof(why)) < 0)
		fault(builder, "key_file", "the file %s %s", block->key_file, why);
	plan->settings.key = plan->key;
}

static size_t count_ports(const struct reflector_settings *settings)
{
	size_t count = 0;

	for (size_t i = 0; i < settings->range_count; i++)
		count += 1U + settings->ranges[i].last - settings->ranges[i].first;
	return count;
}

/* Half of them are held at a time; one pair more when their number is odd. */
static void check_descriptors(struct builder *builder)
{
	struct reflector_plan *plan = builder->plan;
	size_t ports = count_ports(&plan->settings);
	struct rlimit limit = { 0 };

	plan->descriptors = 8;
	if (!plan->settings.steers)
		plan->descriptors += plan->settings.halves ? ports / 2 + 2 : ports;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max >= plan->descriptors + SPARE_DESCRIPTORS)
		return;
	fault(builder, "ports",
		"%zu ports need %zu descriptors with all else, and this process may have "
		"%llu; write LimitNOFILE=%zu into its unit or steer = true, or name "
		"fewer ports",
		ports, plan->descriptors + SPARE_DESCRIPTORS,
		(unsigned long long)limit.rlim_max,
		plan->descriptors + SPARE_DESCRIPTORS);
}

/* Which ports the kernel gives to who asks for none; its default where it is hidden. */
static struct reflector_range ephemeral_ports(void)
{
	struct reflector_range range = { 32768, 60999 };
	FILE *stream = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned first, last;

	if (!stream)
		return range;
	if (fscanf(stream, "%5u%5u", &first, &last) == 2)
		range = (struct reflector_range){ (uint16_t)first, (uint16_t)last };
	fclose(stream);
	return range;
}

/* Who holds all of them leaves none to resolve a name from, on the whole host. */
static void check_ephemeral(struct builder *builder)
{
	const struct reflector_settings *settings = &builder->plan->settings;
	struct reflector_range ephemeral = ephemeral_ports();
	size_t left = 1U + ephemeral.last - ephemeral.first;

	if (settings->steers || settings->halves)
		return;
	for (size_t i = 0; i < settings->range_count; i++) {
		const struct reflector_range *range = &settings->ranges[i];
		unsigned first =
			range->first > ephemeral.first ? range->first : ephemeral.first;
		unsigned last =
			range->last < ephemeral.last ? range->last : ephemeral.last;

		if (first <= last)
			left -= 1 + last - first;
	}
	if (left < EPHEMERAL_LEFT)
		fault(builder, "ports",
			"programs of this host send from ports %u-%u, and %zu of them "
			"are left to them; leave %u, or write steer = true or share = "
			"\"half\"",
			(unsigned)ephemeral.first, (unsigned)ephemeral.last, left,
			EPHEMERAL_LEFT);
}

static void read_share(struct builder *builder)
{
	const struct reflector_block *block = builder->block;

	if (block->steer && block->share == SHARE_HALF)
		fault(builder, "share",
			"with steer = true no port is held and all stay free; remove one "
			"of the two");
}

static struct reflection_rate rate_of(unsigned per_second)
{
	return (struct reflection_rate){ per_second, per_second };
}

bool reflector_build(const struct reflector_block *block,
	const struct reflector_place *place, struct reflector_plan *plan)
{
	struct builder builder = { block, place, plan, true };

	*plan = (struct reflector_plan){
		.settings = {
			.control_port = (uint16_t)block->control_port,
			.halves = block->share == SHARE_HALF,
			.turn_us = block->turn_us,
			.retry_us = block->retry_us,
			.steers = block->steer,
			.rate = rate_of(block->rate),
			.source_rate = rate_of(block->source_rate),
		},
	};
	read_ranges(&builder);
	read_address(&builder);
	read_sources(&builder);
	read_key(&builder);
	read_share(&builder);
	check_descriptors(&builder);
	if (builder.good)
		check_ephemeral(&builder);
	return builder.good && !place->arena->failed;
}

void reflector_release(struct reflector_plan *plan)
{
	stamp_key_free(plan->key);
	plan->key = NULL;
	plan->settings.key = NULL;
}

void reflector_flags_init(struct reflector_flags *flags)
{
	*flags = (struct reflector_flags){ .given = false };
	schema_defaults(reflector_keys(), &flags->block);
}

static bool add(const char **items, struct strings *strings, const char *text)
{
	if (strings->count == REFLECTOR_FLAGS_MAX)
		return false;
	items[strings->count++] = text;
	return true;
}

struct reflector_block reflector_flags_block(const struct reflector_flags *flags)
{
	struct reflector_block block = flags->block;

	block.ports.items = flags->ports;
	block.sources.items = flags->sources;
	return block;
}

static bool take_strings(
	struct reflector_flags *flags, const struct schema_key *key, const char *text)
{
	if (key->offset == BLOCK(ports))
		return add(flags->ports, &flags->block.ports, text);
	return add(flags->sources, &flags->block.sources, text);
}

bool reflector_flags_take(
	struct reflector_flags *flags, const char *name, const char *text)
{
	const struct schema_key *found = reflector_keys();
	char own[64];

	while (strcmp(flag_name(found->name, own, sizeof(own)), name) != 0)
		found++;
	flags->given = true;
	if (found->type == SCHEMA_STRINGS)
		return take_strings(flags, found, text);
	return schema_type_row(found->type)
		->parse(found, text ? text : "true",
			(unsigned char *)&flags->block + found->offset);
}
