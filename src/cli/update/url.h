/* SPDX-License-Identifier: MIT */
/*
 * Addresses that update may fetch from, read so strictly (RFC 3986 without user information, escapes or anything odd in
 * the authority) that curl(1) cannot understand another host or scheme than is judged here.
 */
#ifndef IANAREG_CLI_UPDATE_URL_H
#define IANAREG_CLI_UPDATE_URL_H

#include <stdbool.h>

enum { URL_MAX_BYTES = 2048 };

enum url_kind {
	URL_HTTPS,
	URL_HTTP_LOOPBACK, /* http to localhost, 127.0.0.0/8 or ::1: leaves this machine as little as a file does */
	URL_HTTP,
};

/* NULL and `*kind`, or what is wrong with the text; then `*kind` is untouched. */
const char *url_read(const char *text, enum url_kind *kind);

/*
 * Whether a fetch may go to an address of kind `to` when the address it comes from is of kind `from` (for the first
 * address: its own kind). What began under TLS never leaves it; plain http stays on this machine or is asked for.
 */
bool url_may_follow(enum url_kind from, enum url_kind to, bool allow_http);

#endif
