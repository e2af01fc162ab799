/* SPDX-License-Identifier: Apache-2.0 */
#include "net/credentials.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY (24L * 60 * 60)

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void add_extensions(
	X509 *certificate, X509 *issuer, const struct credential_spec *spec)
{
	char access[256];

	add_extension(certificate, issuer, NID_basic_constraints,
		spec->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
	add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
	if (spec->alternatives)
		add_extension(
			certificate, issuer, NID_subject_alt_name, spec->alternatives);
	if (spec->purpose)
		add_extension(certificate, issuer, NID_ext_key_usage, spec->purpose);
	if (spec->issuer_url) {
		snprintf(access, sizeof(access), "caIssuers;URI:%s", spec->issuer_url);
		add_extension(certificate, issuer, NID_info_access, access);
	}
}

static void set_name(X509 *certificate, const struct credential_spec *spec)
{
	X509_NAME *name = X509_get_subject_name(certificate);

	if (spec->organisation)
		X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
			(const unsigned char *)spec->organisation, -1, -1, 0);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_UTF8, (const unsigned char *)spec->name, -1, -1, 0);
}

static void set_serial(X509 *certificate)
{
	static long serial = 1000;

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
}

/* Of three primes, which looks the same from outside: two larger ones of 3,072 bits took
 * valgrind five minutes on a busy machine. */
static EVP_PKEY *make_rsa_key(const char *type, int bits)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_primes(context, 3), 1);
	assert_int_equal(EVP_PKEY_generate(context, &key), 1);
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *make_key(const struct credential_spec *spec)
{
	if (spec->rsa_bits > 0 && !spec->key)
		return make_rsa_key("RSA", spec->rsa_bits);
	if (!spec->key)
		return EVP_EC_gen("P-256");
	if (strncmp(spec->key, "P-", 2) == 0)
		return EVP_EC_gen(spec->key);
	if (strcmp(spec->key, "RSA-PSS") == 0)
		return make_rsa_key("RSA-PSS", 2048);
	return EVP_PKEY_Q_keygen(NULL, NULL, spec->key);
}

/* These keys hash by themselves. */
static const EVP_MD *digest_for(const struct credential_spec *spec, const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
		return NULL;
	if (spec->digest)
		return EVP_get_digestbyname(spec->digest);
	return spec->sha1 ? EVP_sha1() : EVP_sha256();
}

struct credential credential_make(
	const struct credential_spec *spec, const struct credential *issuer)
{
	struct credential made = { .certificate = X509_new() };

	made.key = make_key(spec);
	assert_non_null(made.certificate);
	assert_non_null(made.key);
	if (!issuer)
		issuer = &made;
	X509_set_version(made.certificate, X509_VERSION_3);
	set_serial(made.certificate);
	X509_gmtime_adj(X509_getm_notBefore(made.certificate),
		spec->from_days ? spec->from_days * DAY : -DAY);
	X509_gmtime_adj(X509_getm_notAfter(made.certificate),
		spec->to_days ? spec->to_days * DAY : 90 * DAY);
	set_name(made.certificate, spec);
	X509_set_issuer_name(
		made.certificate, X509_get_subject_name(issuer->certificate));
	X509_set_pubkey(made.certificate, made.key);
	add_extensions(made.certificate, issuer->certificate, spec);
	assert_true(X509_sign(made.certificate, issuer->key,
			    digest_for(spec, issuer->key)) > 0);
	return made;
}

void credential_free(struct credential *credential)
{
	X509_free(credential->certificate);
	EVP_PKEY_free(credential->key);
	*credential = (struct credential){ 0 };
}

void credentials_folder(char path[64])
{
	snprintf(path, 64, "/tmp/starface-test-XXXXXX");
	assert_non_null(mkdtemp(path));
}

static int remove_entry(
	const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

void credentials_remove(const char *path)
{
	/* deepest first: servers make folders of their own in it */
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void credential_write(const struct credential *credential, const char *path, bool key)
{
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, credential->certificate), 1);
	if (key)
		assert_int_equal(PEM_write_PrivateKey(file, credential->key, NULL, NULL,
					 0, NULL, NULL),
			1);
	fclose(file);
}

bool credentials_run(const char *folder, const char *const *argv)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		int nowhere = open("/dev/null", O_RDWR);

		dup2(nowhere, STDOUT_FILENO);
		if (!getenv("TEST_VERBOSE"))
			dup2(nowhere, STDERR_FILENO);
		if (chdir(folder) == 0)
			execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void become_server(int output, const char *const *arguments)
{
	const char *argv[24] = { "openssl", "s_server", "-accept", "127.0.0.1:0",
		"-no_dhe", "-www" }; /* -www: else it ends when its input does */
	size_t count = 6;

	while (*arguments && count < 23)
		argv[count++] = *arguments++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(output, STDOUT_FILENO);
	/* not into the pipe: nobody reads on, and who blocks on a full one serves nobody
	 */
	if (!getenv("TEST_VERBOSE"))
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	execvp("openssl", (char *const *)argv);
	_exit(127);
}

/* Reads "ACCEPT 127.0.0.1:40123" as s_server says it once it listens. */
static bool await_port(struct tls_server *server)
{
	char text[512] = "";
	size_t used = 0;

	while (used < sizeof(text) - 1) {
		ssize_t length =
			read(server->output, text + used, sizeof(text) - 1 - used);
		const char *accept, *colon;

		if (length <= 0)
			return false;
		used += (size_t)length;
		text[used] = '\0';
		accept = strstr(text, "ACCEPT ");
		colon = accept ? strchr(accept, ':') : NULL;
		if (colon && strchr(colon, '\n')) {
			server->port = (uint16_t)strtoul(colon + 1, NULL, 10);
			return true;
		}
	}
	return false;
}

bool tls_server_start(struct tls_server *server, const char *const *arguments)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	server->pid = fork();
	if (server->pid == 0)
		become_server(ends[1], arguments);
	assert_true(server->pid > 0);
	close(ends[1]);
	server->output = ends[0];
	if (await_port(server))
		return true;
	tls_server_stop(server);
	return false;
}

void tls_server_stop(struct tls_server *server)
{
	if (server->pid <= 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	close(server->output);
	server->pid = 0;
}
