/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared secret in a file: hexadecimal digits, two an octet, with white space anywhere.
 * Who can read the file can forge packets, so only its owner and group may.
 */
#ifndef NET_KEY_FILE_H
#define NET_KEY_FILE_H

#include <stddef.h>

struct stamp_key;

/** Octets of a secret that key_file_write() makes. */
#define KEY_FILE_SECRET 32

/**
 * Reads the secret, STAMP_SECRET_MIN octets at least.
 * \param why  what is wrong and what to do, after the name of the file: "is readable by
 *             everybody; …"
 * \retval 0 or -errno; *ret_key is untouched then
 */
int key_file_read(
	const char *file, struct stamp_key **ret_key, char *why, size_t why_size);

/**
 * Makes a new file with a new secret that only its owner can read.
 * \retval 0 or -errno: -EEXIST if there is a file already, which is left alone
 */
int key_file_write(const char *file);

#endif
