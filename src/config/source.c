/* SPDX-License-Identifier: Apache-2.0 */
#include "config/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INCLUDE_DEPTH_MAX 10U
#define FILES_MAX         100U
#define FILE_SIZE_MAX     ((size_t)8 << 20)

/* From this line of the text on, the lines are those of file from its line on. */
struct source_segment {
	unsigned text_line;
	struct source_place place;
};

static void source_segment_begin(struct source *source, const char *file, unsigned line)
{
	struct source_segment *segments = realloc(source->segments,
		(source->segment_count + 1) * sizeof(*source->segments));

	if (!segments) {
		source->arena->failed = true;
		return;
	}
	source->segments = segments;
	segments[source->segment_count++] = (struct source_segment){
		.text_line = source->out.lines,
		.place = { file, line },
	};
}

struct source_place source_place(const struct source *source, unsigned line)
{
	struct source_place place = { "", 0 };

	for (size_t i = 0; i < source->segment_count; i++) {
		const struct source_segment *segment = &source->segments[i];

		if (i > 0 && segment->text_line > line)
			break;
		place = segment->place;
		if (line > segment->text_line)
			place.line += line - segment->text_line;
	}
	return place;
}

char *source_relative(struct arena *arena, const char *from, const char *file)
{
	const char *slash = strrchr(from, '/');

	if (*file == '/' || !slash)
		return arena_copy(arena, file);
	return arena_format(arena, "%.*s%s", (int)(slash + 1 - from), from, file);
}

char *source_credential(struct arena *arena, const char *from, const char *file)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path = NULL;

	if (folder && *file && !strchr(file, '/'))
		path = arena_format(arena, "%s/%s", folder, file);
	if (path && access(path, F_OK) == 0)
		return path;
	return source_relative(arena, from, file);
}

int source_open(const char *file, char *why, size_t why_size)
{
	struct stat status;
	/* Without O_NONBLOCK a named pipe would hold the start up for ever. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &status) != 0) {
		snprintf(why, why_size, "cannot be read: %s", strerror(errno));
	} else if (S_ISDIR(status.st_mode)) {
		snprintf(why, why_size, "is a directory; name a file");
	} else if (!S_ISREG(status.st_mode)) {
		snprintf(why, why_size, "is not a regular file; name one");
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads to the end; one octet more than the limit is enough to know. */
static bool read_whole(int fd, struct text *text, char *why, size_t why_size)
{
	char buffer[16384];
	ssize_t length;

	while ((length = read(fd, buffer, sizeof(buffer))) > 0) {
		text_append_bytes(text, buffer, (size_t)length);
		if (text->length > FILE_SIZE_MAX)
			break;
	}
	if (length < 0)
		snprintf(why, why_size, "cannot be read: %s", strerror(errno));
	else if (text->length > FILE_SIZE_MAX)
		snprintf(why, why_size, "is larger than 8 MiB; divide it with @include");
	else if (text_failed(text))
		snprintf(why, why_size, "cannot be read: %s", strerror(ENOMEM));
	else
		return true;
	return false;
}

/* The file's octets in text, and who it is in device and inode of scan. */
static bool file_read(struct scan *scan, struct text *text, char *why, size_t why_size)
{
	struct stat status;
	int fd = source_open(scan->file, why, why_size);
	bool whole;

	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0) {
		scan->device = status.st_dev;
		scan->inode = status.st_ino;
	}
	whole = read_whole(fd, text, why, why_size);
	close(fd);
	return whole;
}

/* Why this include must not be followed, or NULL. */
static const char *include_refused(const struct scan *scan)
{
	const struct source *source = scan->context;

	for (const struct scan *above = scan->parent; above; above = above->parent) {
		if (above->device == scan->device && above->inode == scan->inode)
			return "includes itself; remove this @include";
	}
	if (scan->depth > INCLUDE_DEPTH_MAX)
		return "is included more than 10 deep; include it from further above";
	if (source->files >= FILES_MAX)
		return "is one include too many; 100 files are the limit";
	return NULL;
}

static void scan_text(struct scan *scan, const struct text *text)
{
	struct source *source = scan->context;
	struct text *out = &scan->out->text;

	source->files++;
	scan->line = 1;
	source_segment_begin(source, scan->file, 1);
	if (text->length > 0) { /* an empty text has no data at all */
		scan->at = text->data;
		scan->end = text->data + text->length;
		scan_run(scan);
	}
	if (out->length > 0 && out->data[out->length - 1] != '\n') {
		text_append_char(out, '\n');
		scan->out->lines++;
	}
}

static void source_include(struct scan *scan, const char *name)
{
	struct source *source = scan->context;
	struct scan inner = {
		.out = scan->out,
		.faults = scan->faults,
		.file = source_relative(source->arena, scan->file, name),
		.depth = scan->depth + 1,
		.parent = scan,
		.include = source_include,
		.context = source,
	};
	struct text text = { 0 };
	char why[256] = "";
	const char *refused = NULL;

	if (!inner.file)
		return;
	if (!file_read(&inner, &text, why, sizeof(why)))
		refused = why;
	else
		refused = include_refused(&inner);
	if (refused)
		faults_add(scan->faults, scan->file, scan->line, "",
			"the included file %s %s", inner.file, refused);
	else
		scan_text(&inner, &text);
	source_segment_begin(source, scan->file, scan->line);
	text_done(&text);
}

bool source_read(struct source *source, struct arena *arena, const char *file,
	struct faults *faults)
{
	struct scan scan = {
		.out = &source->out,
		.faults = faults,
		.include = source_include,
		.context = source,
	};
	struct text text = { 0 };
	char why[256] = "";
	bool readable;

	*source = (struct source){ .arena = arena, .out = { .lines = 1 } };
	scan.file = arena_copy(arena, file);
	if (!scan.file)
		return false;
	readable = file_read(&scan, &text, why, sizeof(why));
	if (readable)
		scan_text(&scan, &text);
	else
		faults_add(faults, file, 0, "", "the file %s", why);
	if (text_failed(&source->out.text))
		arena->failed = true;
	text_done(&text);
	return readable;
}

void source_done(struct source *source)
{
	free(source->segments);
	text_done(&source->out.text);
	*source = (struct source){ 0 };
}
