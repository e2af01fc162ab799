/* SPDX-License-Identifier: Apache-2.0 */
/* The request of the kind sip-size, and what is no answer to it. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "net/recognise.h"
#include "probes/sip_size_parts.h"

/* A line of padding with its end. */
#define LINE_NAME  "X-Padding: "
#define LINE_LEAST (sizeof(LINE_NAME) - 1 + 3)
#define LINE_MOST  120

static size_t put_line(char *room, size_t length)
{
	size_t filler = length - (sizeof(LINE_NAME) - 1) - 2;

	memcpy(room, LINE_NAME, sizeof(LINE_NAME) - 1);
	memset(room + sizeof(LINE_NAME) - 1, '0', filler);
	memcpy(room + length - 2, "\r\n", 2);
	return length;
}

/* So long that what is left can be one line as well. */
static size_t line_length(size_t missing)
{
	if (missing <= LINE_MOST)
		return missing;
	return missing - LINE_MOST < LINE_LEAST ? missing - LINE_LEAST : LINE_MOST;
}

/* Before the blank line that ends the header. */
static void pad(struct size_run *size, size_t length)
{
	const struct sip_request *plain = &size->request;
	size_t used = plain->length - 2;

	memcpy(size->text, plain->text, used);
	while (used + 2 + LINE_LEAST <= length)
		used += put_line(size->text + used, line_length(length - used - 2));
	memcpy(size->text + used, "\r\n", 2);
	size->length = used + 2;
}

void size_write(
	struct size_run *size, const struct transport_address *local, size_t length)
{
	const struct size_options *settings = size->run->options;
	struct sip_question question = { .transport =
						 (enum sip_transport)settings->transport,
		.host = size->run->target.host,
		.port = size->run->target.port,
		.local = *local,
		.agent = "starface-exporter/" PROJECT_VERSION " (size check)" };

	random_fill(&question.random, sizeof(question.random));
	size->length = 0;
	/* always true: names have 253 octets at most */
	if (sip_request_write(&question, &size->request))
		pad(size, length < SIZE_TEXT_MAX ? length : SIZE_TEXT_MAX);
}

void size_note_misfit(struct size_run *size, enum sip_reading reading,
	const struct sip_answer *answer, const uint8_t *data, size_t length)
{
	struct finding finding =
		finding_of(reading == SIP_GARBAGE ? CAUSE_GARBAGE : CAUSE_SIP_MISMATCH);

	/* one that comes too late answers a request we no longer wait for */
	if (reading == SIP_BLANK || size->misfit.cause != CAUSE_NONE ||
		size->step != SIZE_FIRST)
		return;
	finding.evidence.kind = EVIDENCE_PEER;
	finding.evidence.offender = size->run->target.address;
	if (reading == SIP_STRANGER)
		finding = recognise_stranger(data, length, &size->run->target.address);
	else
		snprintf(finding.evidence.detail, sizeof(finding.evidence.detail), "%s",
			answer->words);
	size->misfit = finding;
	probe_suspect(size->run, &finding);
}
