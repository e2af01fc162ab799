/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reflector_program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * At the most: 64 ranges of two instructions, 65 prefixes of up to 13, and what stands
 * around them; the kernel takes 4096 of whoever may load any.
 */
#define INSTRUCTIONS_MAX 2048

/* Marks of jumps until it is known where they lead; real ones lead forward only. */
enum label { TO_PASS = -1, TO_STEER = -2, TO_NEXT = -3, TO_IPV6 = -4 };

struct assembly {
	struct bpf_insn code[INSTRUCTIONS_MAX];
	size_t count;
};

/* r6 is the context throughout; r1 to r5 do not survive a call. */
enum { CONTEXT = BPF_REG_6, FOUND = BPF_REG_7, VALUE = BPF_REG_2 };

static void emit(struct assembly *assembly, struct bpf_insn instruction)
{
	if (assembly->count < INSTRUCTIONS_MAX)
		assembly->code[assembly->count++] = instruction;
}

static void emit_call(struct assembly *assembly, int function)
{
	emit(assembly, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = function });
}

static void emit_copy(struct assembly *assembly, unsigned to, unsigned from)
{
	emit(assembly,
		(struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
			.dst_reg = (uint8_t)(to & 15U),
			.src_reg = (uint8_t)(from & 15U) });
}

static void emit_set(struct assembly *assembly, unsigned to, int value)
{
	emit(assembly,
		(struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
			.dst_reg = (uint8_t)(to & 15U),
			.imm = value });
}

/* A field of struct bpf_sk_lookup, of four octets, into VALUE. */
static void emit_load(struct assembly *assembly, size_t offset)
{
	emit(assembly,
		(struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
			.dst_reg = VALUE,
			.src_reg = CONTEXT,
			.off = (short)offset });
}

static void emit_jump(struct assembly *assembly, uint8_t operation, unsigned left,
	uint32_t right, enum label label)
{
	emit(assembly,
		(struct bpf_insn){
			.code = (uint8_t)(BPF_JMP32 | operation | BPF_K),
			.dst_reg = (uint8_t)(left & 15U),
			.off = (short)label,
			.imm = (int32_t)right,
		});
}

static void emit_goto(struct assembly *assembly, enum label label)
{
	emit(assembly,
		(struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = (short)label });
}

/* All jumps to the label lead to what comes next. */
static void land(struct assembly *assembly, enum label label)
{
	for (size_t i = 0; i < assembly->count; i++) {
		struct bpf_insn *jump = &assembly->code[i];
		unsigned class = BPF_CLASS(jump->code);

		if ((class == BPF_JMP || class == BPF_JMP32) && jump->off == label)
			jump->off = (short)(assembly->count - i - 1);
	}
}

/* The port is in none of the ranges: pass. */
static void emit_ranges(
	struct assembly *assembly, const struct reflector_settings *settings)
{
	emit_load(assembly, offsetof(struct bpf_sk_lookup, local_port));
	for (size_t i = 0; i < settings->range_count; i++) {
		const struct reflector_range *range = &settings->ranges[i];

		emit_jump(assembly, BPF_JLT, VALUE, range->first, TO_PASS);
		emit_jump(assembly, BPF_JLE, VALUE, range->last, TO_STEER);
	}
	emit_goto(assembly, TO_PASS);
	land(assembly, TO_STEER);
}

static uint32_t word_of(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* The first `length` bits of a prefix as a mask, in network order. */
static void mask_of(unsigned length, uint8_t mask[16])
{
	memset(mask, 0, 16);
	for (unsigned bit = 0; bit < length; bit++)
		mask[bit / 8] = (uint8_t)(mask[bit / 8] | 0x80U >> bit % 8);
}

/* Goes on behind it unless the address at the offset begins as the prefix does. */
static void emit_prefix(struct assembly *assembly, size_t offset,
	const struct address *prefix, unsigned length)
{
	unsigned words = (length + 31) / 32;
	uint8_t mask[16];

	mask_of(length, mask);
	for (unsigned i = 0; i < words; i++) {
		uint32_t part = word_of(mask + 4 * i);

		emit_load(assembly, offset + 4 * i);
		emit(assembly,
			(struct bpf_insn){ .code = BPF_ALU | BPF_AND | BPF_K,
				.dst_reg = VALUE,
				.imm = (int32_t)part });
		emit_jump(assembly, BPF_JNE, VALUE, word_of(prefix->bytes + 4 * i) & part,
			TO_NEXT);
	}
	emit_goto(assembly, TO_STEER);
	land(assembly, TO_NEXT);
}

/* For packets of one family, which goes to TO_STEER or TO_PASS from here. */
static void emit_sources(struct assembly *assembly,
	const struct reflector_settings *settings, enum family family)
{
	size_t offset = family == FAMILY_IPV4
		? offsetof(struct bpf_sk_lookup, remote_ip4)
		: offsetof(struct bpf_sk_lookup, remote_ip6);

	for (size_t i = 0; i < settings->source_count; i++) {
		const struct reflection_source *source = &settings->sources[i];

		if (source->prefix.family == family)
			emit_prefix(assembly, offset, &source->prefix, source->length);
	}
	emit_goto(assembly, TO_PASS);
}

/* The reflector serves one address of this host: pass what is for another. */
static void emit_address(struct assembly *assembly, const struct address *address)
{
	bool ipv4 = address->family == FAMILY_IPV4;
	size_t offset = ipv4 ? offsetof(struct bpf_sk_lookup, local_ip4)
			     : offsetof(struct bpf_sk_lookup, local_ip6);

	if (address->family == FAMILY_NONE)
		return;
	emit_load(assembly, offsetof(struct bpf_sk_lookup, family));
	emit_jump(assembly, BPF_JNE, VALUE, ipv4 ? AF_INET : AF_INET6, TO_PASS);
	emit_prefix(assembly, offset, address, ipv4 ? 32 : 128);
	emit_goto(assembly, TO_PASS);
	land(assembly, TO_STEER);
}

static void emit_assign(struct assembly *assembly, int sockets)
{
	/* the key, 0, on the stack */
	emit(assembly,
		(struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_W,
			.dst_reg = BPF_REG_10,
			.off = -4 });
	emit(assembly,
		(struct bpf_insn){ .code = BPF_LD | BPF_IMM | BPF_DW,
			.dst_reg = BPF_REG_1,
			.src_reg = BPF_PSEUDO_MAP_FD,
			.imm = sockets });
	emit(assembly, (struct bpf_insn){ 0 });
	emit_copy(assembly, BPF_REG_2, BPF_REG_10);
	emit(assembly,
		(struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K,
			.dst_reg = BPF_REG_2,
			.imm = -4 });
	emit_call(assembly, BPF_FUNC_map_lookup_elem);
	emit(assembly,
		(struct bpf_insn){
			.code = BPF_JMP | BPF_JEQ | BPF_K, .off = (short)TO_PASS });
	emit_copy(assembly, FOUND, BPF_REG_0);
	emit_copy(assembly, BPF_REG_1, CONTEXT);
	emit_copy(assembly, BPF_REG_2, FOUND);
	emit_set(assembly, BPF_REG_3, 0);
	emit_call(assembly, BPF_FUNC_sk_assign);
	emit_copy(assembly, BPF_REG_1, FOUND);
	emit_call(assembly, BPF_FUNC_sk_release);
}

static void assemble(
	struct assembly *assembly, const struct reflector_settings *settings, int sockets)
{
	emit_copy(assembly, CONTEXT, BPF_REG_1);
	emit_load(assembly, offsetof(struct bpf_sk_lookup, protocol));
	emit_jump(assembly, BPF_JNE, VALUE, IPPROTO_UDP, TO_PASS);
	emit_ranges(assembly, settings);
	emit_address(assembly, &settings->address);
	emit_load(assembly, offsetof(struct bpf_sk_lookup, family));
	emit_jump(assembly, BPF_JNE, VALUE, AF_INET, TO_IPV6);
	emit_sources(assembly, settings, FAMILY_IPV4);
	land(assembly, TO_IPV6);
	emit_sources(assembly, settings, FAMILY_IPV6);
	land(assembly, TO_STEER);
	emit_assign(assembly, sockets);
	land(assembly, TO_PASS);
	emit_set(assembly, BPF_REG_0, SK_PASS);
	emit(assembly, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	long result = syscall(SYS_bpf, command, attributes, sizeof(*attributes));

	return result < 0 ? -errno : (int)result;
}

static int map_new(void)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.map_type = BPF_MAP_TYPE_SOCKMAP;
	attributes.key_size = sizeof(uint32_t);
	attributes.value_size = sizeof(uint64_t);
	attributes.max_entries = 1;
	return bpf(BPF_MAP_CREATE, &attributes);
}

static int program_new(const struct reflector_settings *settings, int sockets)
{
	static const char license[] = "Apache-2.0";
	struct assembly assembly = { .count = 0 };
	union bpf_attr attributes;

	assemble(&assembly, settings, sockets);
	if (assembly.count == INSTRUCTIONS_MAX)
		return -E2BIG;
	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = BPF_PROG_TYPE_SK_LOOKUP;
	attributes.expected_attach_type = BPF_SK_LOOKUP;
	attributes.insns = (uintptr_t)assembly.code;
	attributes.insn_cnt = (uint32_t)assembly.count;
	attributes.license = (uintptr_t)license;
	return bpf(BPF_PROG_LOAD, &attributes);
}

/* To the network namespace we are in; gone when the link's descriptor is closed. */
static int attach(int program)
{
	int network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	union bpf_attr attributes;
	int link;

	if (network < 0)
		return -errno;
	memset(&attributes, 0, sizeof(attributes));
	attributes.link_create.prog_fd = (uint32_t)program;
	attributes.link_create.target_fd = (uint32_t)network;
	attributes.link_create.attach_type = BPF_SK_LOOKUP;
	link = bpf(BPF_LINK_CREATE, &attributes);
	close(network);
	return link;
}

int reflector_program_load(
	const struct reflector_settings *settings, struct reflector_program *ret_program)
{
	int sockets = map_new();
	int program = sockets < 0 ? sockets : program_new(settings, sockets);
	int link = program < 0 ? program : attach(program);

	if (program >= 0)
		close(program);
	if (link < 0 && sockets >= 0)
		close(sockets);
	if (link < 0)
		return link;
	*ret_program = (struct reflector_program){ link, sockets };
	return 0;
}

int reflector_program_aim(const struct reflector_program *program, int socket)
{
	uint32_t key = 0;
	uint64_t value = (uint64_t)socket;
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.map_fd = (uint32_t)program->sockets;
	attributes.key = (uintptr_t)&key;
	attributes.value = (uintptr_t)&value;
	return bpf(BPF_MAP_UPDATE_ELEM, &attributes);
}

void reflector_program_unload(struct reflector_program *program)
{
	if (program->link >= 0)
		close(program->link);
	if (program->sockets >= 0)
		close(program->sockets);
	*program = (struct reflector_program){ -1, -1 };
}
