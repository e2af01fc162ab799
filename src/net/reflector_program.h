/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program in the kernel that hands packets to a socket of ours whatever port they are
 * for (BPF_PROG_TYPE_SK_LOOKUP, since Linux 5.9): by bpf(2) alone. It goes with the
 * process that made it.
 */
#ifndef NET_REFLECTOR_PROGRAM_H
#define NET_REFLECTOR_PROGRAM_H

#include "net/reflector_settings.h"

struct reflector_program {
	int link, sockets; /* the attached program, and its map of one socket; or -1 */
};

/**
 * Of the settings: ranges, sources and address. Packets go their usual way until there is
 * a socket. \retval 0 or -errno: -EPERM without CAP_BPF and CAP_NET_ADMIN
 */
int reflector_program_load(
	const struct reflector_settings *settings, struct reflector_program *ret_program);

/** \retval 0 or -errno */
int reflector_program_aim(const struct reflector_program *program, int socket);

/** Fine when it was not loaded. */
void reflector_program_unload(struct reflector_program *program);

#endif
