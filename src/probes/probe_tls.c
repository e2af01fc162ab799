/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include "probes/dialogue.h"
#include "probes/probe_kinds.h"
#include "probes/tls_gauges.h"
#include "probes/tls_policy.h"

struct tls_options {
	const char *server_name;
	struct tls_policy policy;
};

struct tls_run {
	struct dialogue dialogue;
};

static const struct probe_option options[] = {
	{ .name = "server_name",
		.type = PROBE_OPTION_STRING,
		.offset = offsetof(struct tls_options, server_name),
		.help = "The name to ask for (SNI) and to find in the certificate; by "
			"default the host." },
	TLS_POLICY_OPTIONS(struct tls_options),
	{ .name = NULL },
};

static const struct probe_gauge gauges[] = {
	TLS_GAUGES,
	{ .name = NULL },
};

/* The handshake is the whole conversation. */
static void tls_connected(struct probe_run *run)
{
	struct tls_run *tls = run->state;

	dialogue_finish_cause(&tls->dialogue, CAUSE_NONE);
}

static bool tls_validate(void *untyped, char *why, size_t why_size)
{
	struct tls_options *settings = untyped;

	return tls_policy_prepare(&settings->policy, why, why_size);
}

static void tls_release(void *untyped)
{
	struct tls_options *settings = untyped;

	tls_policy_release(&settings->policy);
}

static void tls_start(struct probe_run *run)
{
	static const struct dialogue_manner manner = { .connected = tls_connected };
	const struct tls_options *settings = run->options;
	struct tls_run *tls = run->state;

	tls->dialogue.manner = &manner;
	tls->dialogue.policy = &settings->policy;
	tls->dialogue.server_name = settings->server_name;
	tls->dialogue.secure = true;
	dialogue_open(&tls->dialogue, run);
}

static void tls_stop(struct probe_run *run)
{
	struct tls_run *tls = run->state;

	dialogue_close(&tls->dialogue);
}

const struct probe_kind *probe_tls(void)
{
	static const struct probe_kind kind = {
		.name = "tls",
		.summary = "Shakes hands by TLS and judges the certificate chain.",
		.options = options,
		.gauges = gauges,
		.options_size = sizeof(struct tls_options),
		.run_size = sizeof(struct tls_run),
		.validate = tls_validate,
		.release = tls_release,
		.start = tls_start,
		.stop = tls_stop,
	};

	return &kind;
}
