/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* \retval false  not there, or it does not fit */
static bool read_part(CURLU *handle, CURLUPart part, char *buffer, size_t size)
{
	char *text = NULL;
	bool fits;

	if (curl_url_get(handle, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return false;
	fits = text_copy(buffer, size, text);
	curl_free(text);
	return fits;
}

static bool has_part(CURLU *handle, CURLUPart part)
{
	char *text = NULL;

	if (curl_url_get(handle, part, &text, 0) != CURLUE_OK)
		return false;
	curl_free(text);
	return true;
}

/* "[2001:db8::1]" to "2001:db8::1" */
static void strip_brackets(char *host)
{
	size_t length = strlen(host);

	if (length < 2 || host[0] != '[')
		return;
	memmove(host, host + 1, length - 2);
	host[length - 2] = '\0';
}

static bool read_scheme(CURLU *handle, bool *ret_tls)
{
	char scheme[8];

	if (!read_part(handle, CURLUPART_SCHEME, scheme, sizeof(scheme)))
		return false;
	*ret_tls = strcmp(scheme, "https") == 0;
	return *ret_tls || strcmp(scheme, "http") == 0;
}

static bool read_url(CURLU *handle, const char *url, struct transfer_url *ret_url)
{
	struct transfer_url read = { 0 };
	char port[8];

	if (curl_url_set(handle, CURLUPART_URL, url, 0) != CURLUE_OK ||
		!read_scheme(handle, &read.tls) || has_part(handle, CURLUPART_USER) ||
		has_part(handle, CURLUPART_PASSWORD))
		return false;
	if (!read_part(handle, CURLUPART_HOST, read.host, sizeof(read.host)) ||
		!read_part(handle, CURLUPART_PORT, port, sizeof(port)))
		return false;
	strip_brackets(read.host);
	read.port = (uint16_t)strtoul(port, NULL, 10);
	*ret_url = read;
	return true;
}

bool transfer_url_read(const char *url, struct transfer_url *ret_url)
{
	CURLU *handle = curl_url();
	bool fine = handle && read_url(handle, url, ret_url);

	curl_url_cleanup(handle);
	return fine;
}
