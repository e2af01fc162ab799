/* SPDX-License-Identifier: Apache-2.0 */
/* A request as it goes out, and the usual answer, which is compared with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sip_reading.h"

static void test_request(void **state)
{
	struct sip_request written = sip_reading_request();

	(void)state;
	assert_string_equal(written.text,
		"OPTIONS sip:pbx.test:5060 SIP/2.0\r\n" VIA ";rport\r\n"
		"Max-Forwards: 70\r\n" FROM "To: <sip:pbx.test:5060>\r\n" CALL_ID CSEQ
		"Contact: <sip:starface-exporter@" SENT_BY ">\r\n"
		"Accept: application/sdp\r\n"
		"User-Agent: test\r\n" NO_BODY);
	assert_int_equal(written.length, strlen(written.text));
}

static void test_request_by_others(void **state)
{
	struct sip_question ask = sip_reading_question();
	struct sip_request written;

	(void)state;
	ask.transport = SIP_TLS;
	ask.user = "200";
	ask.host = "fe80::1%lo";
	ask.random.sequence = UINT32_MAX;
	assert_true(address_parse("fe80::7%lo", &ask.local.address));
	assert_true(sip_request_write(&ask, &written));
	assert_non_null(strstr(written.text,
		"OPTIONS sip:200@[fe80::1]:5060 SIP/2.0\r\n"
		"Via: SIP/2.0/TLS [fe80::7]:40000;"));
	assert_non_null(strstr(written.text, "To: <sip:200@[fe80::1]:5060>\r\n"));
	assert_non_null(strstr(written.text, "@[fe80::7]:40000;transport=tls>\r\n"));
	assert_non_null(strstr(written.text, "CSeq: 2147483647 OPTIONS\r\n"));

	ask.local.address.family = FAMILY_NONE;
	assert_true(sip_request_write(&ask, &written));
	assert_non_null(strstr(written.text, "TLS probe.invalid;"));
}

static void test_request_too_long(void **state)
{
	struct sip_question ask = sip_reading_question();
	struct sip_request written;
	char agent[SIP_REQUEST_MAX] = "";

	(void)state;
	memset(agent, 'x', sizeof(agent) - 1);
	ask.agent = agent;
	assert_false(sip_request_write(&ask, &written));
}

/* The usual answer takes none. */
static void test_no_memory(void **state)
{
	static const char strange[] = OK STRANGE_HEADER VIA_OK REST;
	struct sip_answer answer;

	(void)state;
	sip_reading_starve(MEMORY_NO_BUFFER);
	assert_int_equal(
		sip_reading_once(strange, strlen(strange), SIP_DATAGRAM, &answer),
		SIP_NO_MEMORY);
	assert_int_equal(sip_reading_once(GOOD, strlen(GOOD), SIP_DATAGRAM, &answer),
		SIP_RESPONSE);
	sip_reading_starve(MEMORY_NO_MESSAGE);
	assert_int_equal(
		sip_reading_once(strange, strlen(strange), SIP_DATAGRAM, &answer),
		SIP_NO_MEMORY);
	sip_reading_starve(MEMORY_PLENTY);
}

/* What real servers send is compared; one step beside it is decoded. */
static void test_usual(void **state)
{
	static const struct {
		const char *text;
		bool usual;
	} messages[] = {
		/* kamailio 5.6, Asterisk 16 by PJSIP, sipp */
		{ OK VIA ";rport=40000;received=192.0.2.7\r\n" FROM TO CALL_ID CSEQ
			 "Accept: */*\r\nAccept-Encoding:\r\nAccept-Language: en\r\n"
			 "Supported:\r\nServer: kamailio (5.6.3 "
			 "(x86_64/linux))\r\n" NO_BODY,
			true },
		{ OK "Via: SIP/2.0/UDP " SENT_BY ";rport=40000;received=192.0.2.7;"
		     "branch=" BRANCH "\r\n" CALL_ID FROM TO CSEQ
		     "Accept: application/sdp, message/sipfrag;version=2.0\r\n"
		     "Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY\r\n"
		     "Supported: 100rel, timer, replaces, norefersub\r\n"
		     "Accept-Encoding: identity\r\nAccept-Language: en\r\n"
		     "Server: Asterisk PBX\r\nContent-Length:  0\r\n\r\n",
			true },
		{ OK VIA ";rport\r\n" REST, true },
		{ OK VIA ";rport;rport\r\n" REST, false },
		{ OK VIA ";branch=" BRANCH "\r\n" REST, false },
		{ OK VIA ";ttl=1\r\n" REST, false },
		{ OK VIA " ;rport\r\n" REST, false },
		{ OK VIA_OK VIA_OK REST, false },
		{ OK VIA_OK FROM REST, false },
		{ OK VIA_OK TO REST, false },
		{ OK VIA_OK "from: <sip:a@b>;tag=1\r\n" REST, false },
		{ OK VIA_OK "Server: a\r\nServer: b\r\n" REST, false },
		{ OK VIA_OK "Server: a\r\n\tb\r\n" REST, false },
		{ OK VIA_OK "Server : a\r\n" REST, false },
		{ "SIP/2.0 200 a\rb\r\n" VIA_OK REST, false },
	};
	struct sip_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		unsigned before = sip_reading_decoded();

		print_message("%zu\n", i);
		sip_reading_once(messages[i].text, strlen(messages[i].text), SIP_DATAGRAM,
			&answer);
		assert_int_equal(sip_reading_decoded() == before, messages[i].usual);
		sip_reading_twice(messages[i].text, strlen(messages[i].text),
			SIP_DATAGRAM, &answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_request_by_others),
		cmocka_unit_test(test_request_too_long),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
