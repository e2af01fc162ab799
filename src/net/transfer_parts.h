/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a transfer share; nobody else includes this. */
#ifndef NET_TRANSFER_PARTS_H
#define NET_TRANSFER_PARTS_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "base/text.h"
#include "net/loop.h"
#include "net/recognise.h"
#include "net/transfer.h"

#define TRANSFER_HEADERS_MAX 8

TAILQ_HEAD(transfer_list, transfer);

struct transfers {
	struct loop *loop;
	const struct tls_trust *trust;
	CURLM *multi;            /* NULL after a rebuild failed */
	struct loop_timer timer; /* the one curl asks for */
	struct transfer_list active;
	struct transfer_list complete; /* result known, done not called yet */
	struct transfer_list idle;     /* handles kept for the next one */
	size_t idle_count;
};

/** Which list a transfer is on; TOLD is on none. */
enum transfer_place {
	TRANSFER_ACTIVE,
	TRANSFER_COMPLETE,
	TRANSFER_TOLD,
};

/** What came, as it is counted while it comes. */
struct transfer_reception {
	size_t head_octets;
	unsigned head_lines;
	bool head_ended;    /* of a final answer, status 200 and above */
	bool head_overflow; /* beyond our bounds: we hung up */
	bool enough;        /* body_limit reached: we hung up */
	bool no_memory;
	uint64_t body_length;
	uint8_t foreign[RECOGNISE_MAX]; /* what came instead of a status line */
	size_t foreign_length;
};

struct transfer_socket {
	struct loop_watch watch;
	int fd;         /* -1 = none */
	bool connected; /* three-way handshake done */
	int trouble;    /* errno that kept us from opening one; 0 = none */
	bool icmp_seen;
	struct finding icmp;     /* what the error queue held before the close */
	uint64_t octets_arrived; /* by the kernel, when the head never ended */
};

struct transfer_tls {
	struct tls_observer observer;
	void (*observe)(const struct ssl_st *ssl, int where, int result);
	unsigned long error; /* OpenSSL's, of the handshake; 0 = none */
	uint8_t record[5];   /* first octets the peer sent */
	size_t record_length;
};

struct transfer {
	TAILQ_ENTRY(transfer) link;
	struct transfers *owner;
	CURL *easy;
	enum transfer_place place;
	struct transfer_request request;
	transfer_fn done;
	void (*entered)(void *context, enum phase phase);
	void (*said)(
		void *context, enum transfer_part part, const char *data, size_t length);
	void *context;
	struct transfer_result result;
	struct transfer_reception reception;
	struct transfer_socket socket;
	struct transfer_tls tls;
	struct text body;
	struct curl_slist connect_to[2];
	struct curl_slist headers[TRANSFER_HEADERS_MAX];
	char connect_to_text[2][384];
	char error[CURL_ERROR_SIZE]; /* curl writes here as long as the handle lives */
};

/** Goes on to a later phase; earlier ones are ignored. */
void transfer_enter(struct transfer *transfer, enum phase phase);

/* transfer_multi.c: libcurl's multi interface on the loop */
void transfers_init_timer(struct transfers *transfers);
int transfers_open_multi(struct transfers *transfers);
void transfers_close_multi(struct transfers *transfers);

/* transfer_socket.c: every option of the connection, evidence included */
bool transfer_set_socket(struct transfer *transfer);

/** The three-way handshake is done; said by the next layer as it begins. */
void transfer_connected(struct transfer *transfer);

/** The socket is readable: has the answer begun, if only with half a line? */
void transfer_heard(struct transfer *transfer);

/* transfer_receive.c: what comes back, bounded in every direction */
bool transfer_set_receive(struct transfer *transfer);

/* transfer_tls.c: the handshake as a measurement */
bool transfer_set_tls(struct transfer *transfer);
struct finding transfer_judge_tls(const struct transfer *transfer, int os_error);

/* transfer_judge.c: from curl's code to a cause */
void transfer_judge(struct transfer *transfer, CURLcode code);

#endif
