/* SPDX-License-Identifier: MIT */
/*
 * An HTTP server on loopback that behaves as the first part of a path says, well or badly. It knows nothing of cmocka,
 * so that it can be a program as well (tests/http/http_server_main.c): build/http_server DIRECTORY prints its port and
 * serves until its standard input ends.
 *
 *	/file/NAME	200 with ETag and Last-Modified, or 304; /etag/NAME and /date/NAME give one of the two,
 *			/plain/NAME neither
 *	/flaky/NAME	503, and 200 at every other request
 *	/gzip/NAME	NAME.gz as Content-Encoding: gzip; /gzip-cut/NAME half of it
 *	/trickle/NAME	a byte each 100 ms; /silent/NAME a head and then nothing
 *	/half/NAME	half of it behind a Content-Length for all, then the end; /long/NAME and /short/NAME a Content-Length
 *			that is ten too many or too few; /chunked/NAME in chunks, /chunked-half/NAME without a last one
 *	/endless	bytes without an end up to that of the connection, /endless-chunked in chunks,
 *			/endless-length with a Content-Length of 1 GiB
 *	/status/CODE	that status with a short body
 *	/to/URL		a redirection (302) to URL, which may begin with a slash; /loop to itself
 *	/headers	a head of 2 MiB
 *	/garbage	no HTTP at all; /empty no answer
 *
 * NAME is a file of the directory.
 */
#ifndef IANAREG_TESTS_SUPPORT_HTTP_SERVER_H
#define IANAREG_TESTS_SUPPORT_HTTP_SERVER_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_HEAD_MAX = 16384 };

/* Shared with the server's processes. */
struct http_log {
	atomic_uint requests;
	atomic_ullong bytes_in, bytes_out; /* of HTTP, without what TCP adds */
	char head[HTTP_HEAD_MAX]; /* the last request, as it came */
};

struct http_server {
	uint16_t port; /* host order, on 127.0.0.1 */
	pid_t pid; /* and its process group */
	struct http_log *log;
};

/* 0, or -1 with errno. The server ends with its parent at the latest. */
int http_server_start(const char *directory, struct http_server *server);
void http_server_stop(struct http_server *server);

#endif
