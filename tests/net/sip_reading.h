/* SPDX-License-Identifier: Apache-2.0 */
/* A request, and answers to it read in the two ways that there are. */
#ifndef TESTS_NET_SIP_READING_H
#define TESTS_NET_SIP_READING_H

#include "net/sip_message.h"

/* What the request below says, for answers to it. */
#define SENT_BY "192.0.2.7:40000"
#define BRANCH  "z9hG4bK0000000000000001"
#define VIA     "Via: SIP/2.0/UDP " SENT_BY ";branch=" BRANCH
#define VIA_OK  VIA ";rport=40000;received=192.0.2.7\r\n"
#define FROM    "From: <sip:starface-exporter@" SENT_BY ">;tag=0000000000000002\r\n"
#define TO      "To: <sip:pbx.test:5060>;tag=theirs\r\n"
#define CALL_ID "Call-ID: 0000000000000003@" SENT_BY "\r\n"
#define CSEQ    "CSeq: 4 OPTIONS\r\n"
#define OK      "SIP/2.0 200 OK\r\n"
#define NO_BODY "Content-Length: 0\r\n\r\n"
#define REST    FROM TO CALL_ID CSEQ NO_BODY
#define GOOD    OK VIA_OK REST

/* A header that is nobody's, and makes the usual answer one for libre. */
#define STRANGE_HEADER "X-Strange: 1\r\n"

struct sip_question sip_reading_question(void);
struct sip_request sip_reading_request(void);

/** In memory of exactly its size, so that valgrind and the sanitizers see a step beyond.
 */
enum sip_reading sip_reading_once(const char *text, size_t length,
	enum sip_framing framing, struct sip_answer *answer);

/**
 * Read as it is, and with one more header, which only libre takes: what is compared and
 * what is decoded say the same.
 */
enum sip_reading sip_reading_twice(const char *text, size_t length,
	enum sip_framing framing, struct sip_answer *answer);

/** Messages that libre was given. */
unsigned sip_reading_decoded(void);

/** What libre gets no memory for from now on. */
enum sip_reading_memory { MEMORY_PLENTY, MEMORY_NO_BUFFER, MEMORY_NO_MESSAGE };
void sip_reading_starve(enum sip_reading_memory lack);

#endif
