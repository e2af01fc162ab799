/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector as it is configured: the block of the file, or flags of its command. */
#ifndef CONFIG_REFLECTOR_H
#define CONFIG_REFLECTOR_H

#include "config/schema.h"
#include "net/reflector.h"

/** As written. */
struct reflector_block {
	struct strings ports;
	unsigned control_port;
	const char *key_file;
	bool open;
	const char *address;
	struct strings sources;
	int share; /* index into the choices: all, half */
	int64_t turn_us, retry_us;
	bool steer;
	unsigned rate, source_rate;
};

/** The table of the block, for the file and the manual. */
const struct schema_key *reflector_keys(void);

/** Where the block stands, for faults. */
struct reflector_place {
	const struct document *document;      /* NULL = it is made of flags … */
	const struct config_setting_t *group; /* … and this then, too */
	struct faults *faults;
	struct arena *arena; /* for what the settings point at */
};

/** What config_free() must release. */
struct reflector_plan {
	struct reflector_settings settings;
	struct stamp_key *key;
	size_t descriptors; /* it takes at the most */
};

/**
 * Reads the block's words, looks at its key file and at what the process may open.
 * \retval false  with faults, or no memory; reflector_release() is due in any case
 */
bool reflector_build(const struct reflector_block *block,
	const struct reflector_place *place, struct reflector_plan *plan);
void reflector_release(struct reflector_plan *plan);

/** Of one key on a command line. */
#define REFLECTOR_FLAGS_MAX 16

struct reflector_flags {
	bool given;
	struct reflector_block block; /* its lists have their length only */
	const char *ports[REFLECTOR_FLAGS_MAX];
	const char *sources[REFLECTOR_FLAGS_MAX];
};

void reflector_flags_init(struct reflector_flags *flags);

/** The whole block, good as long as the flags stay where they are. */
struct reflector_block reflector_flags_block(const struct reflector_flags *flags);

/**
 * \param name  "reflector.control-port": that of a key of the block
 * \param text  must stay; NULL for one that is true or false
 * \retval false  the text does not fit, or there are too many
 */
bool reflector_flags_take(
	struct reflector_flags *flags, const char *name, const char *text);

#endif
