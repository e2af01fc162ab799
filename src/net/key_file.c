/* SPDX-License-Identifier: Apache-2.0 */
#include "net/key_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "media/stamp.h"

/* A secret of 512 octets is eight blocks of SHA-256; longer ones add nothing. */
#define SECRET_MAX 512U
#define FILE_MAX   4096U

#define HOW "; `starface-exporter generate-key FILE` writes a sound one"

/* What keeps the file from being a secret's, or NULL. */
static const char *unfit(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return "is not a regular file; name one";
	if (status->st_mode & S_IRWXO)
		return "is open to everybody; chmod o= it, and make a new key if it "
		       "was so for long";
	if (status->st_mode & S_IWGRP)
		return "can be written by its group; chmod g-w it";
	if (status->st_size > (off_t)FILE_MAX)
		return "is too long for a key" HOW;
	return NULL;
}

/* \return the length read, or -errno with why */
static ssize_t read_text(
	const char *file, char buffer[static FILE_MAX], char *why, size_t why_size)
{
	struct stat status;
	const char *trouble = NULL;
	/* Without O_NONBLOCK a named pipe would hold the start up for ever. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = -1;

	if (fd >= 0 && fstat(fd, &status) == 0) {
		trouble = unfit(&status);
		if (!trouble)
			length = read(fd, buffer, FILE_MAX);
	}
	if (trouble)
		errno = EINVAL;
	if (trouble)
		text_copy(why, why_size, trouble);
	else if (length < 0)
		snprintf(why, why_size, "cannot be read: %s", strerrordesc_np(errno));
	if (length < 0)
		length = -errno;
	if (fd >= 0)
		close(fd);
	return length;
}

static int digit_of(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	character = (char)(character | 0x20);
	return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* \return how many octets the digits stand for; 0 = they are not digits, or half */
static size_t decode(const char *text, size_t length, uint8_t secret[static SECRET_MAX])
{
	size_t digits = 0;

	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(text[i]);

		if (isspace((unsigned char)text[i]))
			continue;
		if (digit < 0 || digits == (size_t)2 * SECRET_MAX)
			return 0;
		if (digits % 2 == 0)
			secret[digits / 2] = (uint8_t)(digit << 4);
		else
			secret[digits / 2] |= (uint8_t)digit;
		digits++;
	}
	return digits % 2 == 0 ? digits / 2 : 0;
}

int key_file_read(
	const char *file, struct stamp_key **ret_key, char *why, size_t why_size)
{
	char text[FILE_MAX];
	uint8_t secret[SECRET_MAX];
	ssize_t length = read_text(file, text, why, why_size);
	size_t octets;
	int result;

	if (length < 0)
		return (int)length;
	octets = decode(text, (size_t)length, secret);
	result = stamp_key_new(secret, octets, ret_key);
	if (octets == 0)
		snprintf(why, why_size, "does not hold a key: write hexadecimal digits%s",
			HOW);
	else if (result == -EINVAL)
		snprintf(why, why_size, "holds a key of %zu octets; write %d or more%s",
			octets, STAMP_SECRET_MIN, HOW);
	else if (result < 0)
		snprintf(why, why_size, "cannot be used: %s", strerrordesc_np(-result));
	explicit_bzero(text, sizeof(text));
	explicit_bzero(secret, sizeof(secret));
	return result;
}

/* All of it is on the disk, or none of it is in the folder. */
static int write_text(int fd, const char *file, const char *text, size_t length)
{
	ssize_t written = write(fd, text, length);
	int error = 0;

	if (written < 0)
		error = -errno;
	else if ((size_t)written < length)
		error = -ENOSPC;
	else if (fsync(fd) < 0)
		error = -errno;
	if (error)
		unlink(file);
	return error;
}

/* The mode is fchmod()'s as well: open() takes the umask off, never adds, and 0600 is
 * what a umask of 0777 would not leave. */
int key_file_write(const char *file)
{
	uint8_t secret[KEY_FILE_SECRET];
	char text[2 * KEY_FILE_SECRET + 2];
	int error;
	int fd;

	/* waits, unlike random_fill(): a key must not be the clock's */
	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return -errno;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(secret); i++)
		snprintf(text + 2 * i, 3, "%02x", secret[i]);
	text_copy(text + 2 * sizeof(secret), 2, "\n");
	fchmod(fd, 0600);
	error = write_text(fd, file, text, strlen(text));
	close(fd);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(text, sizeof(text));
	return error;
}
