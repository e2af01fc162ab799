/* SPDX-License-Identifier: Apache-2.0 */
/* How a diagnosis is come by; for engine/diagnosis*.c only. */
#ifndef ENGINE_DIAGNOSIS_PARTS_H
#define ENGINE_DIAGNOSIS_PARTS_H

#include "base/common_cause.h"
#include "engine/store.h"
#include "net/host.h"

/** More at one site are not looked for: they would no longer be few. */
#define PBXS_MAX 8

struct examination;
struct scene;
struct suspicion;

typedef bool (*explains_fn)(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record);

/** A diagnosis before it is known what it covers. */
struct suspicion {
	enum common_cause cause;
	explains_fn explains;     /* whether it is why a witness is not well */
	const enum cause *causes; /* for explains: ends with CAUSE_NONE */
	const char *host;         /* for explains */
	enum family family;       /* for explains; FAMILY_NONE = both */
	struct address offender;  /* for explains */
	struct evidence evidence;
	/* Only what these witness of can be explained; NULL = whatever the scene has. */
	const struct record *const *among;
	size_t among_count;
};

/** What is known of one site before anything is asked. */
struct place {
	size_t first, end; /* its records in the store */
	size_t requirement, requirement_end;
	size_t witness, witness_end;    /* those of its records that are not well */
	bool asks_first;                /* of those who ask the same name servers */
	const struct place *next_asker; /* of those; NULL = the last */
	const char *pbxs[PBXS_MAX];     /* hosts that a row of direction inbound asks */
	size_t pbx_count;
};

/**
 * What is looked at together: all records, for there is one link, one uplink and one
 * clock however many sites there are; those of sites that ask the same name servers; or
 * those of one site.
 */
struct scene {
	const struct store *store;
	const struct host_state *host;   /* its .known is false when nothing is */
	const struct place *places;      /* by the plan's sites */
	const struct site *site;         /* of its diagnoses; NULL = of several */
	const struct place *from, *to;   /* see scene_place() */
	bool by_asker;                   /* only those who ask the same name servers */
	size_t first, end;               /* its records in the store, unless by asker */
	const struct record **witnesses; /* those that are not well, confirmed */
	size_t witness_count;
	const struct record **scratch;   /* room for as many, of a rule's own; unless by
					  * asker */
	bool cut_off;                    /* from the Internet, as was found before */
	struct examination *examination; /* for suspect() */
};

/** Looks for one common cause, or for several that are told apart together. */
typedef void (*rule_fn)(struct scene *scene);

void diagnosis_by_cause_own(struct scene *scene);
void diagnosis_by_cause_names(struct scene *scene);
void diagnosis_by_cause_cloud(struct scene *scene);
void diagnosis_clock(struct scene *scene);
void diagnosis_resolver(struct scene *scene);
void diagnosis_uplink(struct scene *scene);
void diagnosis_vendor(struct scene *scene);
void diagnosis_pbx(struct scene *scene);
void diagnosis_device(struct scene *scene);

/** The sites of a scene, one after the other. \param after  NULL = the first */
const struct place *scene_place(const struct scene *scene, const struct place *after);

/** What is known of the site of a record. */
const struct place *place_of(const struct scene *scene, const struct record *record);

/** Makes a diagnosis of it if it explains enough of what nothing before it does. */
void suspect(const struct scene *scene, const struct suspicion *suspicion);

/** One of causes, which ends with CAUSE_NONE. */
bool cause_is_of(enum cause cause, const enum cause *causes);

/** explains_fn: the last run's cause is one of suspicion->causes. */
bool explains_by_cause(const struct scene *scene, const struct suspicion *suspicion,
	const struct record *record);

/** Nothing came back: silence, or a device on the path that says unreachable. */
bool is_unreached(const struct record *record);

/** No name was found, and not because there is none. */
bool is_failed_lookup(const struct record *record);

/** A name server's own row that fails. */
bool is_failed_server(const struct record *record);

/**
 * It was silent, and then its name was lost too, without an answer between: names are
 * remembered for as long as they live, and who gives them may be beyond as well.
 */
bool is_silent_still(const struct record *record);

/** Something came from the far end in the last run, a refusal included. */
bool is_heard(const struct record *record);

/**
 * Heard, and that still counts at this time: what runs each five minutes or more often
 * says so anew soon enough, what runs less often counts only when it was heard after.
 */
bool is_heard_since(const struct record *record, int64_t since_us);

/** The target is beyond the own network, as far as its address and its row tell. */
bool is_beyond(const struct scene *scene, const struct record *record);

bool is_pbx(const struct place *place, const char *host);

/** Whether the gateway of this host answers, by the kernel's word. */
bool gateway_answers(const struct scene *scene);

/** As many as any rule needs. */
#define WITNESSES_MAX 3

/** Rows that ask one and the same port are one witness: these are of different ports. */
struct witnesses {
	const struct check *checks[WITNESSES_MAX];
	size_t count; /* at most WITNESSES_MAX */
};

/** \param by_family  a port that is asked by both families is two witnesses */
void witnesses_add(
	struct witnesses *witnesses, const struct check *check, bool by_family);

/** How many checks speak, of how many hosts, and since when all of them. */
struct count {
	const char *host; /* the first */
	const struct record *first;
	size_t checks;
	struct witnesses witnesses; /* by family */
	bool several;               /* hosts */
	bool strangers;             /* hosts of unrelated domains among them */
	bool unrelated;             /* and not all of the vendor's */
	int64_t began_us;           /* the first */
	int64_t since_us;           /* the last */
};

void count_add(struct count *count, const struct record *record);

#endif
