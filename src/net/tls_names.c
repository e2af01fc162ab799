/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "net/tls_parts.h"

int64_t tls_seconds(const ASN1_TIME *time)
{
	struct tm parts;

	if (!ASN1_TIME_to_tm(time, &parts))
		return 0;
	return timegm(&parts);
}

const char *tls_date_format(int64_t seconds, char *buffer, size_t size)
{
	time_t time = (time_t)seconds;
	struct tm parts = { 0 };

	gmtime_r(&time, &parts);
	strftime(buffer, size, "%Y-%m-%d", &parts);
	return buffer;
}

const char *tls_name_format(const X509_NAME *name, char *buffer, size_t size)
{
	static const int parts[] = { NID_commonName, NID_organizationalUnitName,
		NID_organizationName };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int index = X509_NAME_get_index_by_NID(name, parts[i], -1);
		const ASN1_STRING *value;

		if (index < 0)
			continue;
		value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
		text_copy_printable(buffer, size,
			(const char *)ASN1_STRING_get0_data(value),
			(size_t)ASN1_STRING_length(value));
		return buffer;
	}
	text_copy(buffer, size, "a certificate without a name");
	return buffer;
}

const char *tls_subject_format(const X509 *certificate, char *buffer, size_t size)
{
	return tls_name_format(X509_get_subject_name(certificate), buffer, size);
}

void tls_alternatives_format(X509 *leaf, char *buffer, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	size_t used = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && used + 4 < size; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		if (used > 0)
			used += (size_t)snprintf(buffer + used, size - used, ", ");
		text_copy_printable(buffer + used, size - used,
			(const char *)ASN1_STRING_get0_data(name->d.dNSName),
			(size_t)ASN1_STRING_length(name->d.dNSName));
		used += strlen(buffer + used);
	}
	GENERAL_NAMES_free(names);
	if (used == 0)
		tls_subject_format(leaf, buffer, size);
}
