/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to a directory, anonymously. That it answers and what it answers are two
 * things: any well-formed answer to our question proves the service, and a result that is
 * not success degrades it. Only when the question is never answered has it failed.
 */
#include "engine/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/ldap_message.h"
#include "probes/dialogue.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

/* The root entries of slapd and of an Active Directory, with the three attributes that we
 * ask for, have less than 1 KiB; here is room for a hundred naming contexts. */
#define MESSAGE_MAX 6144
#define HEARD_MAX   65536

/* One connection asks one question, so that its ids need no luck. */
enum { ID_STARTTLS = 1, ID_QUESTION, ID_UNBIND };

struct ldap_options {
	int security;  /* index into security_names */
	int operation; /* index into operation_names */
	const char *server_name;
	struct tls_policy policy;
};

struct ldap_run {
	struct dialogue dialogue;
	int32_t awaited; /* the id; 0 = LDAP is not or no longer spoken */
	unsigned entries;
	uint8_t request[LDAP_REQUEST_MAX];
	uint8_t heard[MESSAGE_MAX];
};

static const char *const security_names[] = { "none", "starttls", "tls", NULL };
enum { SECURITY_NONE, SECURITY_STARTTLS, SECURITY_TLS };

static const char *const operation_names[] = { "rootdse", "bind", NULL };
enum { OPERATION_ROOTDSE, OPERATION_BIND };

static const struct probe_option ldap_option_table[] = {
	{ .name = "security",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct ldap_options, security),
		.fallback = "none",
		.choices = security_names,
		.help = "none: in the clear; starttls: TLS on the open connection, which "
			"the server must agree to; tls: TLS from the start, as on port "
			"636." },
	{ .name = "operation",
		.type = PROBE_OPTION_CHOICE,
		.offset = offsetof(struct ldap_options, operation),
		.fallback = "rootdse",
		.choices = operation_names,
		.help = "rootdse: read what the server says of itself; bind: bind "
			"anonymously. Never with a name or a password." },
	{ .name = "server_name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct ldap_options, server_name),
		.help = "The name to ask for (SNI) and to find in the certificate; by "
			"default the host." },
	TLS_POLICY_OPTIONS(struct ldap_options),
	{ .name = NULL },
};

enum {
	GAUGE_RESULT = TLS_GAUGE_COUNT,
	GAUGE_ENTRIES,
	GAUGE_CONTEXTS,
	GAUGE_VERSION_3,
	GAUGE_STARTTLS,
};

static const struct probe_gauge ldap_gauge_table[] = {
	TLS_GAUGES,
	[GAUGE_RESULT] = { .name = "ldap_result_code",
		.help = "Result code of the directory's last answer (0 success, 49 "
			"invalid credentials)." },
	[GAUGE_ENTRIES] = { .name = "ldap_entries",
		.help = "Entries that the directory showed; its root is one." },
	[GAUGE_CONTEXTS] = { .name = "ldap_naming_contexts",
		.help = "Trees of entries that the directory says it holds." },
	[GAUGE_VERSION_3] = { .name = "ldap_version_3_supported",
		.help = "Whether the directory says that it speaks version 3 of LDAP." },
	[GAUGE_STARTTLS] = { .name = "ldap_starttls_supported",
		.help = "Whether the directory says that TLS can begin on an open "
			"connection." },
	{ .name = NULL },
};

static struct finding finding_by_peer(const struct ldap_run *ldap, enum cause cause)
{
	struct finding finding = finding_of(cause);

	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = ldap->dialogue.run->target.address;
	return finding;
}

/* ---- results ---- */

/*
 * RFC 4511 has no code for "bind first". slapd says operationsError for `require bind`
 * and unwillingToPerform for `require authc`, Active Directory operationsError; the word
 * is in their diagnostic messages.
 */
static bool wants_bind(const struct ldap_message *message)
{
	static const char *const words[] = { "bind", "BIND", "authentication" };
	const struct ldap_text *said = &message->diagnostic;

	if (message->result != LDAP_RESULT_OPERATIONS_ERROR &&
		message->result != LDAP_RESULT_UNWILLING_TO_PERFORM)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (memmem(said->octets, said->length, words[i], strlen(words[i])))
			return true;
	}
	return false;
}

static enum cause cause_of_result(const struct ldap_message *message)
{
	switch (message->result) {
	case LDAP_RESULT_SUCCESS:
		return CAUSE_NONE;
	case LDAP_RESULT_STRONGER_AUTH_REQUIRED:
	case LDAP_RESULT_INAPPROPRIATE_AUTHENTICATION:
	case LDAP_RESULT_INVALID_CREDENTIALS:
	case LDAP_RESULT_INSUFFICIENT_ACCESS:
		return CAUSE_LDAP_BIND_REFUSED;
	default:
		return wants_bind(message) ? CAUSE_LDAP_BIND_REFUSED : CAUSE_LDAP_RESULT;
	}
}

/* "to StartTLS: protocolError (2): unsupported extended operation" */
static void describe(const struct ldap_message *message, const char *before,
	char detail[static EVIDENCE_DETAIL_MAX])
{
	const struct ldap_text *said =
		message->referral.length > 0 ? &message->referral : &message->diagnostic;
	int used = snprintf(detail, EVIDENCE_DETAIL_MAX, "%s%s (%d)%s", before,
		ldap_result_name(message->result), message->result,
		said->length > 0 ? ": " : "");

	if (used < EVIDENCE_DETAIL_MAX)
		text_copy_printable(detail + used, (size_t)(EVIDENCE_DETAIL_MAX - used),
			said->octets, said->length);
}

static struct finding finding_by_result(const struct ldap_run *ldap, enum cause cause,
	const struct ldap_message *message, const char *before)
{
	struct finding finding = finding_by_peer(ldap, cause);

	finding.evidence.code = message->result;
	describe(message, before, finding.evidence.detail);
	return finding;
}

static void judge_result(struct ldap_run *ldap, const struct ldap_message *message)
{
	enum cause cause = cause_of_result(message);
	struct finding finding = finding_of(CAUSE_NONE);

	probe_set(ldap->dialogue.run, GAUGE_RESULT, message->result);
	if (cause != CAUSE_NONE)
		finding = finding_by_result(ldap, cause, message, "");
	dialogue_finish(&ldap->dialogue, &finding);
}

/* Who is to be asked by TLS and gets none cannot ask: that is a failure, not a word. */
static void judge_starttls(
	struct ldap_run *ldap, const struct ldap_message *message, size_t length)
{
	struct finding finding;

	probe_set(ldap->dialogue.run, GAUGE_RESULT, message->result);
	if (message->result != LDAP_RESULT_SUCCESS) {
		finding = finding_by_result(
			ldap, CAUSE_LDAP_RESULT, message, "to StartTLS: ");
		finding.verdict = VERDICT_FAILED;
		dialogue_finish(&ldap->dialogue, &finding);
		return;
	}
	ldap->awaited = 0;
	dialogue_consume(&ldap->dialogue, length);
	dialogue_secure(&ldap->dialogue);
}

/* ---- answers ---- */

static void count_entry(struct ldap_run *ldap, const struct ldap_root *root)
{
	struct probe_run *run = ldap->dialogue.run;

	probe_set(run, GAUGE_ENTRIES, ++ldap->entries);
	probe_set(run, GAUGE_CONTEXTS, root->naming_contexts);
	if (root->versions_shown)
		probe_set(run, GAUGE_VERSION_3, root->version_3);
	if (root->extensions_shown)
		probe_set(run, GAUGE_STARTTLS, root->starttls);
}

/* The question will have no answer any more (RFC 4511, 4.4.1). */
static void judge_notice(struct ldap_run *ldap, const struct ldap_message *message)
{
	struct finding finding = finding_by_result(
		ldap, CAUSE_LDAP_RESULT, message, "Notice of Disconnection: ");

	finding.verdict = VERDICT_FAILED;
	probe_set(ldap->dialogue.run, GAUGE_RESULT, message->result);
	dialogue_finish(&ldap->dialogue, &finding);
}

/* An answer to another question, or one that this question cannot have. */
static void suspect(struct ldap_run *ldap, const struct ldap_message *message)
{
	struct finding finding = finding_by_peer(ldap, CAUSE_GARBAGE);

	if (message->id != ldap->awaited)
		snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
			"an answer to message %d, not to %d", message->id, ldap->awaited);
	else
		text_copy(finding.evidence.detail, sizeof(finding.evidence.detail),
			"an answer that fits no question of ours");
	probe_suspect(ldap->dialogue.run, &finding);
}

static bool is_notice(const struct ldap_message *message)
{
	return message->id == 0 && message->answer == LDAP_ANSWER_EXTENDED &&
		message->name.length == strlen(LDAP_OID_DISCONNECT) &&
		memcmp(message->name.octets, LDAP_OID_DISCONNECT, message->name.length) ==
		0;
}

static enum ldap_answer final_answer(const struct ldap_run *ldap)
{
	const struct ldap_options *options = ldap->dialogue.run->options;

	if (ldap->awaited == ID_STARTTLS)
		return LDAP_ANSWER_EXTENDED;
	return options->operation == OPERATION_BIND ? LDAP_ANSWER_BIND : LDAP_ANSWER_DONE;
}

static bool is_provisional(
	const struct ldap_run *ldap, const struct ldap_message *message)
{
	return message->answer == LDAP_ANSWER_INTERMEDIATE ||
		(final_answer(ldap) == LDAP_ANSWER_DONE &&
			(message->answer == LDAP_ANSWER_ENTRY ||
				message->answer == LDAP_ANSWER_REFERENCE));
}

/* One whole message of so many octets at the beginning of the buffer. */
static void judge_message(
	struct ldap_run *ldap, const struct ldap_message *message, size_t length)
{
	if (is_notice(message)) {
		judge_notice(ldap, message);
	} else if (message->id != ldap->awaited) {
		suspect(ldap, message);
	} else if (message->answer == final_answer(ldap)) {
		if (ldap->awaited == ID_STARTTLS) {
			judge_starttls(ldap, message, length);
			return;
		}
		judge_result(ldap, message);
	} else if (!is_provisional(ldap, message)) {
		suspect(ldap, message);
	} else if (message->answer == LDAP_ANSWER_ENTRY) {
		count_entry(ldap, &message->root);
	}
	dialogue_consume(&ldap->dialogue, length);
}

static void finish_broken(struct ldap_run *ldap, const char *what, size_t size)
{
	struct finding finding = finding_by_peer(ldap, CAUSE_GARBAGE);

	snprintf(finding.evidence.detail, sizeof(finding.evidence.detail),
		"%s, %zu octets", what, size);
	dialogue_finish(&ldap->dialogue, &finding);
}

/* \retval false  no more for now, or the end */
static bool take_message(struct ldap_run *ldap)
{
	struct dialogue *dialogue = &ldap->dialogue;
	struct ldap_message message;
	size_t size = 0;
	int error;

	switch (ldap_frame(dialogue->buffer, dialogue->length, MESSAGE_MAX, &size)) {
	case LDAP_FRAME_PARTIAL:
		return false;
	case LDAP_FRAME_STRANGE:
		dialogue_finish_stranger(dialogue);
		return false;
	case LDAP_FRAME_INDEFINITE:
		finish_broken(ldap, "a message of indefinite length", dialogue->length);
		return false;
	case LDAP_FRAME_TOO_LONG:
		finish_broken(ldap, "a message is announced that is too long", size);
		return false;
	case LDAP_FRAME_WHOLE:
		break;
	}
	error = ldap_message_read(dialogue->buffer, size, &message);
	if (error == -ENOMEM)
		dialogue_finish_cause(dialogue, CAUSE_LOCAL_RESOURCE);
	else if (error < 0)
		finish_broken(ldap, "a message that is not one of LDAP", size);
	else
		judge_message(ldap, &message, size);
	return !dialogue->run->finished && ldap->awaited != 0;
}

static void ldap_heard(struct probe_run *run)
{
	struct ldap_run *ldap = run->state;

	/* something was said, so silence from now on is another finding */
	probe_enter(run, PHASE_RESPONSE, CAUSE_TIMEOUT);
	while (take_message(ldap))
		continue;
}

/* ---- questions ---- */

static void ask(struct ldap_run *ldap, enum ldap_request request, int32_t id)
{
	struct probe_run *run = ldap->dialogue.run;
	/* the server need not search longer than we wait; 0 would be without end */
	int32_t seconds = (int32_t)(run->timeout_us / SECOND) + 1;
	size_t length = ldap_request_write(request, id, seconds, ldap->request);

	if (length == 0) {
		dialogue_finish_cause(&ldap->dialogue, CAUSE_LOCAL_RESOURCE);
		return;
	}
	ldap->awaited = id;
	probe_enter(run, PHASE_REQUEST, CAUSE_NO_ANSWER);
	dialogue_send(&ldap->dialogue, ldap->request, length);
	probe_enter(run, PHASE_RESPONSE, CAUSE_NO_ANSWER);
}

static void ask_question(struct probe_run *run)
{
	const struct ldap_options *options = run->options;

	ask(run->state,
		options->operation == OPERATION_BIND ? LDAP_REQUEST_BIND
						     : LDAP_REQUEST_ROOT,
		ID_QUESTION);
}

static void ldap_connected(struct probe_run *run)
{
	const struct ldap_options *options = run->options;

	if (options->security == SECURITY_STARTTLS)
		ask(run->state, LDAP_REQUEST_STARTTLS, ID_STARTTLS);
	else
		ask_question(run);
}

static void ldap_start(struct probe_run *run)
{
	static const struct dialogue_manner manner = {
		.protocol = "LDAP",
		.connected = ldap_connected,
		.secured = ask_question,
		.heard = ldap_heard,
	};
	const struct ldap_options *options = run->options;
	struct ldap_run *ldap = run->state;

	ldap->dialogue.manner = &manner;
	ldap->dialogue.buffer = ldap->heard;
	ldap->dialogue.size = sizeof(ldap->heard);
	ldap->dialogue.heard_max = HEARD_MAX;
	ldap->dialogue.policy = &options->policy;
	ldap->dialogue.server_name = options->server_name;
	ldap->dialogue.secure = options->security == SECURITY_TLS;
	dialogue_open(&ldap->dialogue, run);
}

static void ldap_stop(struct probe_run *run)
{
	struct ldap_run *ldap = run->state;
	size_t length = 0;

	if (ldap->awaited != 0)
		length = ldap_request_write(
			LDAP_REQUEST_UNBIND, ID_UNBIND, 0, ldap->request);
	if (length > 0)
		dialogue_part(&ldap->dialogue, ldap->request, length);
	dialogue_close(&ldap->dialogue);
}

static bool ldap_validate(void *untyped, char *why, size_t why_size)
{
	struct ldap_options *options = untyped;

	return tls_policy_prepare(&options->policy, why, why_size);
}

static void ldap_release(void *untyped)
{
	struct ldap_options *options = untyped;

	tls_policy_release(&options->policy);
}

const struct probe_kind *probe_ldap(void)
{
	static const struct probe_kind kind = {
		.name = "ldap",
		.summary = "Asks a directory for what it says of itself, in the clear or "
			   "by TLS.",
		.options = ldap_option_table,
		.gauges = ldap_gauge_table,
		.options_size = sizeof(struct ldap_options),
		.run_size = sizeof(struct ldap_run),
		.validate = ldap_validate,
		.release = ldap_release,
		.start = ldap_start,
		.stop = ldap_stop,
	};

	return &kind;
}
