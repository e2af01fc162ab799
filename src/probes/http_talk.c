/* SPDX-License-Identifier: Apache-2.0 */
/* What HTTP says, for the transcript, without what may be a secret. */
#include <string.h>
#include <strings.h>

#include "probes/http_parts.h"

/* We send none of them, but a server may set a cookie, and a row may learn headers. */
static const char *const secret_fields[] = {
	"authorization:", "proxy-authorization:", "cookie:", "set-cookie:"
};

static size_t secret_name_length(const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof(secret_fields) / sizeof(secret_fields[0]); i++) {
		size_t name = strlen(secret_fields[i]);

		if (length >= name && strncasecmp(line, secret_fields[i], name) == 0)
			return name;
	}
	return 0;
}

static void say(
	struct http_run *http, enum transfer_part part, const char *data, size_t length)
{
	enum transcript_side side =
		part == TRANSFER_HEAD_SENT ? TRANSCRIPT_SENT : TRANSCRIPT_RECEIVED;

	if (http->talked && http->talking == part)
		probe_more(http->run, side, data, length);
	else if (side == TRANSCRIPT_SENT)
		probe_sent(http->run, data, length);
	else
		probe_received(http->run, data, length);
	http->talked = true;
	http->talking = part;
}

static void say_line(
	struct http_run *http, enum transfer_part part, const char *line, size_t length)
{
	static const char instead[] = " (not shown)\r\n";
	size_t name = secret_name_length(line, length);

	if (name == 0) {
		say(http, part, line, length);
		return;
	}
	say(http, part, line, name);
	say(http, part, instead, sizeof(instead) - 1);
}

void http_talk(void *context, enum transfer_part part, const char *data, size_t length)
{
	struct http_run *http = context;
	const char *end = data + length;

	if (part == TRANSFER_BODY_RECEIVED) {
		say(http, part, data, length);
		return;
	}
	while (data < end) {
		const char *line_end = memchr(data, '\n', (size_t)(end - data));
		const char *next = line_end ? line_end + 1 : end;

		say_line(http, part, data, (size_t)(next - data));
		data = next;
	}
}
