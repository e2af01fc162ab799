/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL does not give: memory, and a certificate with every error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "net/credentials.h"
#include "net/http_partner.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/tls_parts.h"
#include "net/transfer.h"

/* The call of SSL_CTX_set_ex_data() that fails, counted from 1; 0 = none does. */
static unsigned failing, calls;

int __real_SSL_CTX_set_ex_data(SSL_CTX *context, int index, void *data);
int __wrap_SSL_CTX_set_ex_data(SSL_CTX *context, int index, void *data);
X509 *__wrap_X509_STORE_CTX_get_current_cert(const X509_STORE_CTX *verification);

int __wrap_SSL_CTX_set_ex_data(SSL_CTX *context, int index, void *data)
{
	if (++calls == failing)
		return 0;
	return __real_SSL_CTX_set_ex_data(context, index, data);
}

X509 *__wrap_X509_STORE_CTX_get_current_cert(const X509_STORE_CTX *verification)
{
	(void)verification;
	return NULL;
}

/* As with an error of the chain's policies: the leaf stands for the chain. */
static void test_error_without_a_certificate(void **state)
{
	static const struct credential_spec spec = { .name = "alone" };
	struct credential shown = credential_make(&spec, NULL);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *verification = X509_STORE_CTX_new();
	struct tls_observer observer;

	(void)state;
	tls_observer_init(&observer, NULL, "pbx.test");
	assert_int_equal(
		X509_STORE_CTX_init(verification, store, shown.certificate, NULL), 1);
	tls_collect(&observer, verification);
	assert_int_equal(observer.facts.trust.cause, CAUSE_TLS_SELF_SIGNED);
	assert_non_null(strstr(observer.facts.trust.evidence.detail, "alone"));
	X509_STORE_CTX_free(verification);
	X509_STORE_free(store);
	credential_free(&shown);
}

struct answer {
	struct loop *loop;
	struct finding finding;
};

static void answered(void *context, const struct transfer_result *result)
{
	struct answer *answer = context;

	answer->finding = result->finding;
	loop_stop(answer->loop);
}

static struct finding ask(struct loop *loop, struct transfers *transfers,
	const struct http_partner *partner)
{
	struct transfer_request request = { .host = "pbx.test",
		.port = partner->port,
		.method = "GET",
		.timeout_us = 5 * SECOND };
	struct answer answer = { .loop = loop };
	struct transfer *transfer;
	char url[64];

	snprintf(url, sizeof(url), "https://pbx.test:%u/", partner->port);
	request.url = url;
	assert_true(address_parse("127.0.0.1", &request.address));
	transfer = transfer_start(transfers, &request, answered, &answer);
	assert_non_null(transfer);
	assert_int_equal(loop_run(loop), 0);
	transfer_end(transfer);
	return answer.finding;
}

static void test_no_memory_to_observe(void **state)
{
	static const struct http_script silent = { .end = HTTP_PARTNER_CLOSES };
	struct http_partner partner;
	struct tls_trust *trust;
	struct transfers *transfers;
	struct loop *loop;

	(void)state;
	http_partner_start(&partner, &silent);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(tls_trust_new(NULL, &trust), 0);
	assert_int_equal(transfers_new(loop, trust, &transfers), 0);
	for (failing = 1; failing <= 2; failing++) {
		struct finding finding;

		calls = 0;
		finding = ask(loop, transfers, &partner);
		assert_int_equal(finding.cause, CAUSE_LOCAL_RESOURCE);
		assert_int_equal(finding.verdict, VERDICT_UNKNOWN);
	}
	failing = 0;
	assert_int_equal(ask(loop, transfers, &partner).cause, CAUSE_CLOSED_EARLY);
	transfers_free(transfers);
	tls_trust_free(trust);
	loop_free(loop);
	http_partner_stop(&partner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_without_a_certificate),
		cmocka_unit_test(test_no_memory_to_observe),
	};

	return cmocka_run_group_tests_name("TLS trouble", tests, NULL, NULL);
}
