/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an exchange costs at least: a plain C program that opens a socket, says fixed
 * octets, waits for an answer and closes, one after the other. It checks nothing, knows
 * no deadline and keeps no result, so nothing that does can be cheaper.
 *
 *	floor sip|stun|ldap|xmpp ADDRESS PORT COUNT [RATE]
 *
 * prints the processor time of one exchange in microseconds. With so many a second it
 * sleeps between them, as who repeats checks does: to sleep and to be woken, with caches
 * gone cold, can cost as much as the exchange.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L /* in nanoseconds */

struct words {
	const void *data;
	size_t length;
};

#define WORDS(text)                      \
	{                                \
		(text), sizeof(text) - 1 \
	}

/* A kind: what is said, each thing after an answer to the one before. */
struct kind {
	const char *name;
	int type;            /* of the socket */
	struct words say[3]; /* NULL ends */
	bool by_tls;         /* after all was said: a handshake, as STARTTLS has it */
};

static const struct kind kinds[] = {
	{ "sip", SOCK_DGRAM,
		{ WORDS("OPTIONS sip:pbx SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKfloor;rport\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:floor@192.0.2.10>;tag=floor\r\n"
			"To: <sip:pbx>\r\n"
			"Call-ID: floor@192.0.2.10\r\n"
			"CSeq: 1 OPTIONS\r\n"
			"Content-Length: 0\r\n\r\n") },
		false },
	{ "stun", SOCK_DGRAM, { WORDS("\x00\x01\x00\x00\x21\x12\xa4\x42plain-floor.") },
		false },
	{ "ldap", SOCK_STREAM,
		{ WORDS("\x30\x25\x02\x01\x01\x63\x20\x04\x00\x0a\x01\x00\x0a\x01\x00"
			"\x02\x01\x01\x02\x01\x05\x01\x01\x00\x87\x0bobjectClass"
			"\x30\x00") },
		false },
	{ "xmpp", SOCK_STREAM,
		{ WORDS("<?xml version='1.0'?><stream:stream to='pbx.example.com' "
			"version='1.0' xmlns='jabber:client' "
			"xmlns:stream='http://etherx.jabber.org/streams'>"),
			WORDS("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") },
		true },
};

static const struct kind *kind_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

static bool shake_hands(SSL_CTX *context, int fd)
{
	SSL *ssl = SSL_new(context);
	bool done = ssl && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1;

	if (done)
		SSL_shutdown(ssl);
	SSL_free(ssl);
	return done;
}

static bool talk(const struct kind *kind, SSL_CTX *context, int fd)
{
	char answer[4096];

	for (size_t i = 0; i < 3 && kind->say[i].data; i++) {
		const struct words *words = &kind->say[i];

		if (send(fd, words->data, words->length, MSG_NOSIGNAL) < 0 ||
			recv(fd, answer, sizeof(answer), 0) <= 0)
			return false;
	}
	return !kind->by_tls || shake_hands(context, fd);
}

static bool exchange(
	const struct kind *kind, SSL_CTX *context, const struct sockaddr_in *peer)
{
	const struct timeval patience = { .tv_sec = 2 };
	int fd = socket(AF_INET, kind->type | SOCK_CLOEXEC, 0);
	bool done;

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	done = connect(fd, (const struct sockaddr *)peer, sizeof(*peer)) == 0 &&
		talk(kind, context, fd);
	close(fd);
	return done;
}

/* Until the next of so many a second is due; 0 = not at all. */
static void pace(struct timespec *due, long rate)
{
	if (rate <= 0)
		return;
	due->tv_nsec += SECOND / rate;
	due->tv_sec += due->tv_nsec / SECOND;
	due->tv_nsec %= SECOND;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, due, NULL);
}

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* \retval -1  one of them got no answer */
static double measure(const struct kind *kind, SSL_CTX *context,
	const struct sockaddr_in *peer, long times, long rate)
{
	double spent = processor_seconds();
	struct timespec due;

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (long i = 0; i < times; i++) {
		pace(&due, rate);
		if (!exchange(kind, context, peer)) {
			fprintf(stderr, "floor: no answer to exchange %ld\n", i);
			return -1;
		}
	}
	return (processor_seconds() - spent) * 1e6 / (double)times;
}

int main(int count, char **arguments)
{
	struct sockaddr_in peer = { .sin_family = AF_INET };
	const struct kind *kind = count >= 5 ? kind_by_name(arguments[1]) : NULL;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	double each;

	if (!kind || !context || inet_pton(AF_INET, arguments[2], &peer.sin_addr) != 1) {
		fputs("usage: floor sip|stun|ldap|xmpp ADDRESS PORT COUNT [RATE]\n",
			stderr);
		return 2;
	}
	peer.sin_port = htons((uint16_t)strtol(arguments[3], NULL, 10));
	each = measure(kind, context, &peer, strtol(arguments[4], NULL, 10),
		count > 5 ? strtol(arguments[5], NULL, 10) : 0);
	SSL_CTX_free(context);
	if (each < 0)
		return 1;
	printf("%.2f\n", each);
	return 0;
}
