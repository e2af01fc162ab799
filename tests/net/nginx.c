/* SPDX-License-Identifier: Apache-2.0 */
#include "net/nginx.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NGINX_PROGRAM "/usr/sbin/nginx"

static const char head[] = "daemon off;\n"
			   "worker_processes 1;\n"
			   "pid nginx.pid;\n"
			   "error_log stderr crit;\n"
			   "events { worker_connections 64; }\n"
			   "http {\n"
			   "  access_log off;\n"
			   "  server_tokens off;\n"
			   "  absolute_redirect off;\n"
			   "  client_body_temp_path body;\n"
			   "  proxy_temp_path proxy;\n"
			   "  fastcgi_temp_path fastcgi;\n"
			   "  uwsgi_temp_path uwsgi;\n"
			   "  scgi_temp_path scgi;\n";

uint16_t nginx_listen(struct nginx *nginx)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(nginx->listener_count < NGINX_LISTENERS_MAX);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	nginx->listeners[nginx->listener_count++] = fd;
	return ntohs(address.sin_port);
}

static void write_configuration(const char *folder, const char *servers)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/nginx.conf", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	/* as root its workers would become www-data, who may not read our folder */
	fprintf(file, "%s%s%s}\n", geteuid() == 0 ? "user root;\n" : "", head, servers);
	assert_int_equal(fclose(file), 0);
}

/* NGINX names descriptors to inherit; it is how nginx hands sockets to its successor. */
static void become_nginx(const struct nginx *nginx, const char *folder)
{
	char inherited[128] = "";
	int used = 0;
	int nowhere = open("/dev/null", O_RDWR);

	for (size_t i = 0; i < nginx->listener_count; i++) {
		fcntl(nginx->listeners[i], F_SETFD, 0);
		used += snprintf(inherited + used, sizeof(inherited) - (size_t)used,
			"%d;", nginx->listeners[i]);
	}
	dup2(nowhere, STDIN_FILENO);
	dup2(nowhere, STDERR_FILENO);
	setenv("NGINX", inherited, 1);
	execl(NGINX_PROGRAM, "nginx", "-p", folder, "-c", "nginx.conf", NULL);
	_exit(127);
}

bool nginx_start(struct nginx *nginx, const char *folder, const char *servers)
{
	if (access(NGINX_PROGRAM, X_OK) != 0)
		return false;
	write_configuration(folder, servers);
	nginx->pid = fork();
	assert_true(nginx->pid >= 0);
	if (nginx->pid == 0)
		become_nginx(nginx, folder);
	return true;
}

void nginx_stop(struct nginx *nginx)
{
	if (nginx->pid > 0) {
		kill(nginx->pid, SIGTERM);
		waitpid(nginx->pid, NULL, 0);
	}
	for (size_t i = 0; i < nginx->listener_count; i++)
		close(nginx->listeners[i]);
	*nginx = (struct nginx){ 0 };
}
