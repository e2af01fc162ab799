/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer_parts.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/drain.h"
#include "net/evidence.h"
#include "net/segment.h"

/*
 * curl opens no socket of its own: ours collects ICMP errors from before connect(), and
 * the address is ours with its scope, whatever curl made of the text.
 */
static curl_socket_t open_socket(
	void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	const struct address *peer = &transfer->request.address;
	struct sockaddr_storage socket_address;
	int fd;

	(void)purpose;
	address->addrlen =
		address_to_socket(peer, transfer->request.port, &socket_address);
	address->family = socket_address.ss_family;
	memcpy(&address->addr, &socket_address, address->addrlen);
	fd = socket(
		address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0) {
		/* curl keeps only "could not connect": the reason is ours to keep */
		transfer->socket.trouble = errno;
		return CURL_SOCKET_BAD;
	}
	evidence_collect(fd, peer->family);
	segment_limit(fd, transfer->request.segment_max);
	transfer->socket.fd = fd;
	return fd;
}

void transfer_connected(struct transfer *transfer)
{
	if (transfer->socket.connected)
		return;
	transfer->socket.connected = true;
	/* from here on an ICMP error is a hint that TCP may survive */
	evidence_ignore(transfer->socket.fd, transfer->request.address.family);
}

/*
 * curl speaks of whole lines only; a server that drips its first one has begun as well.
 * FIONREAD, since a recv() to peek would take a pending ECONNRESET away from curl.
 */
void transfer_heard(struct transfer *transfer)
{
	int octets = 0;

	/* within TLS the records tell, see transfer_tls.c */
	if (transfer->result.phase == PHASE_REQUEST && !transfer->tls.observe &&
		ioctl(transfer->socket.fd, FIONREAD, &octets) == 0 && octets > 0)
		transfer_enter(transfer, PHASE_RESPONSE);
}

static uint64_t octets_arrived(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
		return 0;
	return info.tcpi_bytes_received;
}

/* The last moment to ask the kernel: afterwards queue and counters are gone. */
static int close_socket(void *context, curl_socket_t fd)
{
	struct transfer *transfer = context;
	struct transfer_socket *socket = &transfer->socket;

	loop_watch_set(&socket->watch, -1, 0);
	if (!socket->connected)
		socket->icmp_seen = evidence_from_queue(fd, &socket->icmp);
	if (!transfer->reception.head_ended)
		socket->octets_arrived = octets_arrived(fd);
	/* the kernel counts a FIN as one octet */
	if (socket->octets_arrived > 1 && transfer->result.phase == PHASE_REQUEST &&
		!transfer->tls.observe)
		transfer_enter(transfer, PHASE_RESPONSE);
	if (socket->connected)
		drain(fd);
	socket->fd = -1;
	return close(fd);
}

/* Called when the connection stands, TLS included, before the request is sent. */
static int before_request(
	void *context, char *peer, char *local, int peer_port, int local_port)
{
	struct transfer *transfer = context;

	(void)peer;
	(void)local;
	(void)peer_port;
	(void)local_port;
	transfer_connected(transfer);
	transfer_enter(transfer, PHASE_REQUEST);
	return CURL_PREREQFUNC_OK;
}

static const struct {
	CURLoption option;
	long value;
} switches[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	/* a probe measures a new connection, and leaves none behind */
	{ CURLOPT_FRESH_CONNECT, 1 },
	{ CURLOPT_FORBID_REUSE, 1 },
	{ CURLOPT_SSL_SESSIONID_CACHE, 0 },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	/* credentials of a redirect's URL must not reach anybody */
	{ CURLOPT_DISALLOW_USERNAME_IN_URL, 1 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	/* what we asked for is what we judge; HTTP/2 costs more and hides framing */
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	/* our literal addresses are not worth remembering */
	{ CURLOPT_DNS_CACHE_TIMEOUT, 0 },
};

static bool set_switches(CURL *easy)
{
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (curl_easy_setopt(easy, switches[i].option, switches[i].value) !=
			CURLE_OK)
			return false;
	}
	return true;
}

static bool set_callbacks(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) ==
		CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) ==
		CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) ==
		CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer) == CURLE_OK;
}

static void join_rows(struct transfer *transfer)
{
	for (size_t i = 0; i < 2; i++)
		transfer->connect_to[i] = (struct curl_slist){
			.data = transfer->connect_to_text[i],
			.next = i == 0 ? &transfer->connect_to[1] : NULL,
		};
}

/* "192.0.2.1:443", "[2001:db8::1]:443" */
static void format_end(const struct transfer *transfer, char *buffer, size_t size)
{
	struct address bare = transfer->request.address;
	char text[ADDRESS_TEXT_MAX];

	bare.scope = 0; /* curl knows no "%eth0" here; open_socket() puts it back */
	address_format(&bare, text, sizeof(text));
	snprintf(buffer, size, bare.family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", text,
		transfer->request.port);
}

/*
 * Debian's libcurl starts a thread for each name it looks up, so it gets none to look up:
 * "host:port:address:port". The second row catches a name that curl writes in another way
 * than we do (IDN, a final dot); it is safe because no redirect is ever followed.
 */
static bool set_address(struct transfer *transfer)
{
	const struct transfer_request *request = &transfer->request;
	bool ipv6 = strchr(request->host, ':') != NULL;
	char end[ADDRESS_TEXT_MAX + 16];
	int length;

	format_end(transfer, end, sizeof(end));
	length = snprintf(transfer->connect_to_text[0],
		sizeof(transfer->connect_to_text[0]), ipv6 ? "[%s]:%u:%s" : "%s:%u:%s",
		request->host, request->port, end);
	snprintf(transfer->connect_to_text[1], sizeof(transfer->connect_to_text[1]),
		"::%s", end);
	join_rows(transfer);
	return length < (int)sizeof(transfer->connect_to_text[0]) &&
		curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO,
			transfer->connect_to) == CURLE_OK;
}

bool transfer_set_socket(struct transfer *transfer)
{
	CURL *easy = transfer->easy;
	long timeout_ms = (long)(transfer->request.timeout_us / MILLISECOND);

	return set_switches(easy) && set_callbacks(transfer) && set_address(transfer) &&
		curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		/* else the environment decides whom we talk to */
		curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms) == CURLE_OK;
}
