/* SPDX-License-Identifier: MIT */
/* An HTTP server on loopback that behaves as the first part of a path says. A process serves one request. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/http_server.h"

struct document {
	char *bytes;
	size_t size;
	char etag[32], date[64];
};

struct request {
	int socket;
	const char *directory;
	struct http_log *log;
	char *head;
	char kind[32]; /* the first part of the path */
	char *rest; /* what follows the second slash */
};

enum { TRICKLE_MS = 100, ENDLESS_BLOCK = 65536, HEADERS_SIZE = 2 << 20, TOO_MUCH = 10 };

static void send_bytes(const struct request *request, const char *bytes, size_t size)
{
	while (size) {
		ssize_t sent = send(request->socket, bytes, size, MSG_NOSIGNAL);

		if (sent <= 0)
			_exit(0); /* the client has had enough */
		atomic_fetch_add(&request->log->bytes_out, (unsigned long long)sent);
		bytes += sent;
		size -= (size_t)sent;
	}
}

__attribute__((format(printf, 2, 3))) static void send_text(const struct request *request, const char *format, ...)
{
	char text[8192];
	va_list arguments;

	va_start(arguments, format);
	const int size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	send_bytes(request, text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void describe(struct document *document, time_t modified)
{
	unsigned long long sum = 14695981039346656037ull;
	struct tm utc;

	for (size_t i = 0; i < document->size; i++)
		sum = (sum ^ (unsigned char)document->bytes[i]) * 1099511628211ull;
	snprintf(document->etag, sizeof document->etag, "\"%016llx\"", sum);
	gmtime_r(&modified, &utc);
	strftime(document->date, sizeof document->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
}

/* A file of the directory, or the answer that there is none. */
static struct document load(const struct request *request, const char *suffix)
{
	struct document document = {0};
	char path[4096];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s%s", request->directory, request->rest, suffix);

	FILE *stream = strstr(request->rest, "..") ? NULL : fopen(path, "rbe");

	if (!stream || fstat(fileno(stream), &status) != 0 || !S_ISREG(status.st_mode)) {
		send_text(request, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
		_exit(0);
	}
	document.bytes = malloc((size_t)status.st_size + 1);
	if (!document.bytes)
		_exit(1);
	document.size = fread(document.bytes, 1, (size_t)status.st_size, stream);
	fclose(stream);
	describe(&document, status.st_mtime);
	return document;
}

/* Whether the request has that header with exactly that value. */
static bool has_header(const struct request *request, const char *name, const char *value)
{
	char line[256];

	snprintf(line, sizeof line, "\r\n%s: %s\r\n", name, value);
	return strcasestr(request->head, line);
}

static void serve_file(const struct request *request)
{
	const struct document document = load(request, "");
	const bool etag = *request->kind == 'f' || *request->kind == 'e';
	const bool date = *request->kind == 'f' || *request->kind == 'd';

	/* RFC 9110 section 13.2.2: a date is not looked at where there is a tag. */
	if ((etag && has_header(request, "If-None-Match", document.etag)) ||
	    (date && !strcasestr(request->head, "\r\nIf-None-Match:") &&
	     has_header(request, "If-Modified-Since", document.date))) {
		send_text(request, "HTTP/1.1 304 Not Modified\r\n%s%s%s\r\n", etag ? "ETag: " : "",
			  etag ? document.etag : "", etag ? "\r\n" : "");
		return;
	}
	send_text(request, "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: %zu\r\n", document.size);
	if (etag)
		send_text(request, "ETag: %s\r\n", document.etag);
	if (date)
		send_text(request, "Last-Modified: %s\r\n", document.date);
	send_text(request, "\r\n");
	send_bytes(request, document.bytes, document.size);
}

static void serve_flaky(const struct request *request)
{
	if (atomic_load(&request->log->requests) % 2)
		send_text(request, "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n");
	else
		serve_file(request);
}

/* `sent` bytes of a document, whatever its Content-Length says. */
static void serve_part(const struct request *request, const struct document *document, size_t length, size_t sent,
		       const char *headers)
{
	send_text(request, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n", headers, length);
	send_bytes(request, document->bytes, sent);
}

static void serve_gzip(const struct request *request)
{
	const struct document document = load(request, ".gz");

	serve_part(request, &document, document.size, document.size, "Content-Encoding: gzip\r\n");
}

/* The connection is the body's end, so that only the data itself tells that some is missing. */
static void serve_gzip_cut(const struct request *request)
{
	const struct document document = load(request, ".gz");

	serve_part(request, &document, document.size / 2, document.size / 2, "Content-Encoding: gzip\r\n");
}

static void serve_trickle(const struct request *request)
{
	const struct document document = load(request, "");

	send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", document.size);
	for (size_t i = 0; i < document.size; i++) {
		send_bytes(request, document.bytes + i, 1);
		pause_ms(TRICKLE_MS);
	}
}

static void serve_silent(const struct request *request)
{
	send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	pause_ms(60 * 1000);
}

static void serve_half(const struct request *request)
{
	const struct document document = load(request, "");

	serve_part(request, &document, document.size, document.size / 2, "");
}

static void serve_long(const struct request *request)
{
	const struct document document = load(request, "");

	serve_part(request, &document, document.size + TOO_MUCH, document.size, "");
}

static void serve_short(const struct request *request)
{
	const struct document document = load(request, "");

	serve_part(request, &document, document.size - TOO_MUCH, document.size, "");
}

static void send_chunk(const struct request *request, const char *bytes, size_t size)
{
	send_text(request, "%zx\r\n", size);
	send_bytes(request, bytes, size);
	send_text(request, "\r\n");
}

static void serve_chunked(const struct request *request)
{
	const struct document document = load(request, "");
	const size_t half = document.size / 2;

	send_text(request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	send_chunk(request, document.bytes, half);
	if (strcmp(request->kind, "chunked-half") == 0)
		return;
	send_chunk(request, document.bytes + half, document.size - half);
	send_text(request, "0\r\n\r\n");
}

/* Ends when the client goes. */
static void serve_endless(const struct request *request)
{
	static char block[ENDLESS_BLOCK];
	const bool chunked = strcmp(request->kind, "endless-chunked") == 0;

	memset(block, 'x', sizeof block);
	send_text(request, "HTTP/1.1 200 OK\r\n%s\r\n",
		  chunked                                        ? "Transfer-Encoding: chunked\r\n"
		  : strcmp(request->kind, "endless-length") == 0 ? "Content-Length: 1073741824\r\n"
								 : "");
	for (;;) {
		if (chunked)
			send_chunk(request, block, sizeof block);
		else
			send_bytes(request, block, sizeof block);
	}
}

static void serve_status(const struct request *request)
{
	send_text(request, "HTTP/1.1 %.3s Scripted\r\nContent-Length: 5\r\n\r\nsorry", request->rest);
}

static void serve_redirect(const struct request *request)
{
	send_text(request, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		  *request->kind == 'l' ? "/loop" : request->rest);
}

static void serve_headers(const struct request *request)
{
	char line[1024];

	memset(line, 'x', sizeof line);
	memcpy(line, "X-Long: ", 8);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	send_text(request, "HTTP/1.1 200 OK\r\n");
	for (unsigned i = 0; i < HEADERS_SIZE / sizeof line; i++)
		send_bytes(request, line, sizeof line);
	send_text(request, "Content-Length: 0\r\n\r\n");
}

static void serve_garbage(const struct request *request)
{
	send_text(request, "SSH-2.0-OpenSSH_9.2\r\n\001\002\003\377\033[31m not HTTP\r\n\r\n");
}

static void serve_nothing(const struct request *request)
{
	(void)request;
}

static const struct {
	const char *kind;
	void (*serve)(const struct request *request);
} behaviours[] = {
	{"file", serve_file},
	{"etag", serve_file},
	{"date", serve_file},
	{"plain", serve_file},
	{"flaky", serve_flaky},
	{"gzip", serve_gzip},
	{"gzip-cut", serve_gzip_cut},
	{"trickle", serve_trickle},
	{"silent", serve_silent},
	{"half", serve_half},
	{"long", serve_long},
	{"short", serve_short},
	{"chunked", serve_chunked},
	{"chunked-half", serve_chunked},
	{"endless", serve_endless},
	{"endless-chunked", serve_endless},
	{"endless-length", serve_endless},
	{"status", serve_status},
	{"to", serve_redirect},
	{"loop", serve_redirect},
	{"headers", serve_headers},
	{"garbage", serve_garbage},
	{"empty", serve_nothing},
};

/* Up to the empty line, or false where none comes. */
static bool read_head(struct request *request)
{
	static char head[HTTP_HEAD_MAX];
	size_t used = 0;
	ssize_t got;

	do {
		got = recv(request->socket, head + used, sizeof head - 1 - used, 0);
		used += got > 0 ? (size_t)got : 0;
		head[used] = '\0';
	} while (got > 0 && used < sizeof head - 1 && !strstr(head, "\r\n\r\n"));
	request->head = head;
	atomic_fetch_add(&request->log->bytes_in, used);
	return strstr(head, "\r\n\r\n");
}

static void serve_one(struct request *request)
{
	char path[4096];

	if (!read_head(request) || sscanf(request->head, "GET /%4095s", path) != 1)
		return;
	memcpy(request->log->head, request->head, HTTP_HEAD_MAX);
	atomic_fetch_add(&request->log->requests, 1);
	request->rest = path + strcspn(path, "/");
	snprintf(request->kind, sizeof request->kind, "%.*s", (int)(request->rest - path), path);
	if (*request->rest)
		request->rest++;
	for (unsigned i = 0; i < sizeof behaviours / sizeof *behaviours; i++)
		if (strcmp(request->kind, behaviours[i].kind) == 0) {
			behaviours[i].serve(request);
			return;
		}
	send_text(request, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

/* One request a connection. What the client still sends is read, or closing would take back what it has not read. */
static void serve_connection(struct request *request)
{
	char rest[4096];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	serve_one(request);
	shutdown(request->socket, SHUT_WR);
	while (recv(request->socket, rest, sizeof rest, 0) > 0)
		;
}

__attribute__((noreturn)) static void accept_forever(int listener, const char *directory, struct http_log *log)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		struct request request = {.directory = directory, .log = log};

		request.socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (request.socket < 0)
			continue;
		if (fork() == 0) {
			serve_connection(&request);
			_exit(0);
		}
		close(request.socket);
	}
}

/* A listening socket on a port of the system's choice. */
static int listen_on_loopback(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0)
		return -1;
	if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
		close(listener);
		return -1;
	}
	*port = ntohs(address.sin_port);
	return listener;
}

int http_server_start(const char *directory, struct http_server *server)
{
	const int listener = listen_on_loopback(&server->port);
	void *shared = mmap(NULL, sizeof *server->log, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (listener < 0 || shared == MAP_FAILED)
		return -1;
	server->log = shared;
	server->pid = fork();
	if (server->pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		accept_forever(listener, directory, shared);
	}
	setpgid(server->pid, server->pid);
	close(listener);
	return server->pid < 0 ? -1 : 0;
}

void http_server_stop(struct http_server *server)
{
	kill(-server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->log, sizeof *server->log);
}
