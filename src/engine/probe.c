/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void probe_begin(struct probe_run *run)
{
	char text[TRANSPORT_ADDRESS_TEXT_MAX];
	struct transport_address target = { run->target.address, run->target.port };

	run->outcome = (struct outcome){ .phase = PHASE_CONNECT,
		.address = run->target.address,
		.port = run->target.port };
	run->silence = finding_of(CAUSE_TIMEOUT);
	run->silence_named = false;
	run->unmeasured = NULL;
	run->finished = false;
	run->phase_began_us = 0;
	if (run->kind->run_size > 0)
		memset(run->state, 0, run->kind->run_size);
	probe_note(run, run->segment_max > 0 ? "to %s, in small segments" : "to %s",
		transport_address_format(&target, text, sizeof(text)));
	run->kind->start(run);
}

void probe_expire(struct probe_run *run)
{
	probe_finish(run, &run->silence);
}

/* phase_began_us is 0 before the first phase and after probe_phase_time(). */
static void close_phase(struct probe_run *run)
{
	int64_t *time = &run->outcome.phase_us[run->outcome.phase];

	if (run->phase_began_us == 0)
		return;
	*time += clock_now_us() - run->phase_began_us;
	if (*time == 0)
		*time = 1; /* 0 means "not entered" */
	run->phase_began_us = 0;
}

void probe_enter(struct probe_run *run, enum phase phase, enum cause silence)
{
	if (run->finished)
		return;
	close_phase(run);
	run->outcome.phase = phase;
	run->phase_began_us = clock_now_us();
	if (!run->silence_named)
		run->silence = finding_of(silence);
}

void probe_silence_verdict(struct probe_run *run, enum verdict verdict)
{
	if (!run->silence_named)
		run->silence.verdict = verdict;
}

void probe_silence_evidence(struct probe_run *run, const struct evidence *evidence)
{
	if (!run->silence_named)
		run->silence.evidence = *evidence;
}

void probe_unmeasured(struct probe_run *run, const char *words)
{
	run->unmeasured = words;
}

void probe_suspect(struct probe_run *run, const struct finding *finding)
{
	enum verdict silence = run->silence.verdict;
	bool by_stranger = run->silence.cause == CAUSE_WRONG_SOURCE;

	/* anybody can send us something; who was asked says more */
	if (run->silence_named && (!by_stranger || finding->cause == CAUSE_WRONG_SOURCE))
		return;
	run->silence = *finding;
	run->silence_named = true;
	/* what comes from elsewhere says no more of the target than silence does */
	if (finding->cause == CAUSE_WRONG_SOURCE)
		run->silence.verdict = silence;
}

void probe_set(struct probe_run *run, unsigned gauge, double value)
{
	assert(gauge < OUTCOME_VALUES_MAX);
	if (run->finished)
		return;
	run->outcome.values[gauge] = value;
	run->outcome.values_set |= UINT64_C(1) << gauge;
}

void probe_progress(const struct probe_run *run, size_t done, size_t total)
{
	const struct probe_services *services = run->services;

	if (services->on_progress)
		services->on_progress(services->progress_context, run, done, total);
}

void probe_clock_offset(struct probe_run *run, int64_t offset_us)
{
	run->outcome.clock_compared = true;
	run->outcome.clock_offset_us = offset_us;
}

void probe_local(struct probe_run *run, const struct transport_address *local)
{
	if (!run->finished)
		run->outcome.local = *local;
}

void probe_mapped(struct probe_run *run, const struct transport_address *mapped)
{
	if (!run->finished)
		run->outcome.mapped = *mapped;
}

void probe_answer(struct probe_run *run, uint64_t answer)
{
	if (!run->finished && run->outcome.answer == 0)
		run->outcome.answer = answer;
}

void probe_issuer(struct probe_run *run, uint64_t issuer)
{
	if (!run->finished)
		run->outcome.issuer = issuer;
}

void probe_sent(struct probe_run *run, const void *data, size_t length)
{
	if (run->transcript && !run->finished)
		transcript_add(run->transcript, TRANSCRIPT_SENT, data, length);
}

void probe_received(struct probe_run *run, const void *data, size_t length)
{
	if (run->transcript && !run->finished)
		transcript_add(run->transcript, TRANSCRIPT_RECEIVED, data, length);
}

void probe_more(
	struct probe_run *run, enum transcript_side side, const void *data, size_t length)
{
	if (run->transcript && !run->finished)
		transcript_continue(run->transcript, side, data, length);
}

void probe_note(struct probe_run *run, const char *format, ...)
{
	char words[160];
	va_list arguments;

	if (!run->transcript || run->finished)
		return;
	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	transcript_add(run->transcript, TRANSCRIPT_NOTE, words, strlen(words));
}

void probe_phase_time(struct probe_run *run, enum phase phase, int64_t micros)
{
	run->outcome.phase_us[phase] = micros > 0 ? micros : 1;
	if (phase == run->outcome.phase)
		run->phase_began_us = 0;
}

/* What was said to end it stays the evidence; what that leaves open follows. */
static void leave_unmeasured(struct finding *finding, const char *words)
{
	struct evidence *evidence = &finding->evidence;
	size_t used = strlen(evidence->detail);
	size_t most = sizeof(evidence->detail) - strlen(words) - sizeof("; ");

	if (used > most)
		used = most;
	snprintf(evidence->detail + used, sizeof(evidence->detail) - used, "%s%s",
		used > 0 ? "; " : "", words);
	if (evidence->kind == EVIDENCE_NONE)
		evidence->kind = EVIDENCE_COMPARISON;
	finding->verdict = VERDICT_UNKNOWN;
}

void probe_finish(struct probe_run *run, const struct finding *finding)
{
	if (run->finished)
		return;
	close_phase(run);
	if (finding->cause != CAUSE_NONE)
		probe_note(run, "%s: %s", phase_name(run->outcome.phase),
			cause_name(finding->cause));
	run->outcome.finding = *finding;
	/* what is unknown already says why */
	if (run->unmeasured &&
		(finding->verdict == VERDICT_FAILED ||
			finding->verdict == VERDICT_DEGRADED))
		leave_unmeasured(&run->outcome.finding, run->unmeasured);
	run->outcome.wall_us = clock_wall_us();
	run->finished = true;
	if (run->on_finish)
		run->on_finish(run);
}

void probe_finish_ok(struct probe_run *run)
{
	probe_finish_cause(run, CAUSE_NONE);
}

void probe_finish_cause(struct probe_run *run, enum cause cause)
{
	struct finding finding = finding_of(cause);

	probe_finish(run, &finding);
}
