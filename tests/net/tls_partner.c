/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_partner.h"

#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"

/* Records wait in the buffer until it is flushed, so that they travel together. */
static SSL *session_new(const struct tls_partner *partner, int fd)
{
	SSL *ssl = SSL_new(partner->context);
	BIO *socket = BIO_new_socket(fd, BIO_NOCLOSE);
	BIO *buffer = BIO_new(BIO_f_buffer());

	BIO_up_ref(socket);
	SSL_set_bio(ssl, socket, BIO_push(buffer, socket));
	return ssl;
}

static void end_session(const struct tls_partner *partner, SSL *ssl)
{
	if (!partner->rude) {
		SSL_shutdown(ssl);
		(void)BIO_flush(SSL_get_wbio(ssl));
	}
	SSL_free(ssl);
}

void tls_partner_await_end(const struct tls_partner *partner, int fd, SSL *ssl)
{
	char sink[1024];

	eventfd_write(partner->quiet, 1);
	while ((ssl ? SSL_read(ssl, sink, sizeof(sink))
		    : (int)recv(fd, sink, sizeof(sink), 0)) > 0)
		continue;
}

static bool agrees(const struct tls_partner *partner, int fd)
{
	char heard[256];

	if (partner->agree)
		return partner->agree(partner, fd);
	if (!partner->consent)
		return true;
	if (recv(fd, heard, sizeof(heard), 0) <= 0)
		return false;
	send(fd, partner->consent, strlen(partner->consent), MSG_NOSIGNAL);
	return true;
}

static void serve(const struct tls_partner *partner, int fd)
{
	int on = 1;
	SSL *ssl;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!agrees(partner, fd))
		return;
	ssl = session_new(partner, fd);
	if (SSL_accept(ssl) == 1) {
		if (partner->talk_by)
			partner->talk_by(partner, ssl);
		else if (partner->talk)
			partner->talk(ssl);
		else
			tls_partner_await_end(partner, fd, ssl);
	}
	end_session(partner, ssl);
}

static void *serve_all(void *context)
{
	const struct tls_partner *partner = context;
	sigset_t signals;

	/* OpenSSL writes without MSG_NOSIGNAL */
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	for (;;) {
		int fd = accept4(partner->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL;
		serve(partner, fd);
		close(fd);
	}
}

void tls_partner_init(struct tls_partner *partner, const struct credential *shown)
{
	*partner = (struct tls_partner){ .context = SSL_CTX_new(TLS_server_method()) };
	assert_non_null(partner->context);
	SSL_CTX_set_security_level(partner->context, 0);
	assert_int_equal(
		SSL_CTX_use_certificate(partner->context, shown->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(partner->context, shown->key), 1);
}

void tls_partner_start(struct tls_partner *partner)
{
	struct sockaddr_storage name;
	struct address address;
	socklen_t length;

	partner->quiet = eventfd(0, EFD_CLOEXEC);
	assert_true(partner->quiet >= 0);
	assert_true(address_parse("127.0.0.1", &address));
	length = address_to_socket(&address, 0, &name);
	partner->listener = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(partner->listener >= 0);
	assert_int_equal(bind(partner->listener, (struct sockaddr *)&name, length), 0);
	assert_int_equal(listen(partner->listener, 16), 0);
	length = sizeof(name);
	getsockname(partner->listener, (struct sockaddr *)&name, &length);
	address_from_socket((struct sockaddr *)&name, &address, &partner->port);
	assert_int_equal(pthread_create(&partner->thread, NULL, serve_all, partner), 0);
}

void tls_partner_stop(struct tls_partner *partner)
{
	shutdown(partner->listener, SHUT_RDWR);
	pthread_join(partner->thread, NULL);
	close(partner->listener);
	close(partner->quiet);
	SSL_CTX_free(partner->context);
}

void tls_partner_say_records(SSL *ssl, const char *piece, int length, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		SSL_write(ssl, piece, length);
	(void)BIO_flush(SSL_get_wbio(ssl));
}
