/* SPDX-License-Identifier: MIT */
/*
 * A file from the network, by curl(1) in a sandbox. curl writes into memory that it shares with us, so nothing on disk
 * has to be given to its user, and nothing is left there whatever ends us. Redirections are followed here and not by
 * curl: each address is judged as the first one was.
 */
#ifndef IANAREG_CLI_UPDATE_FETCH_H
#define IANAREG_CLI_UPDATE_FETCH_H

#include <stdbool.h>
#include <time.h>

#include "cli/update/sandbox.h"

enum fetch_limit {
	BODY_SIZE_MAX = 32 << 20, /* bytes, unpacked; the registry has 1.2 million, its snapshot 1.1 million */
	ETAG_MAX_BYTES = 1024,
	REDIRECTS_MAX = 10,
	CONNECT_SECONDS = 20,
	STALL_SECONDS = 30, /* so long below STALL_BYTES a second, and it is given up */
	STALL_BYTES = 100,
};

/* What a server said of the body it sent, to be sent back when asked again. */
struct validators {
	char etag[ETAG_MAX_BYTES + 1]; /* "": none */
	time_t modified; /* 0: not known */
};

struct fetch_request {
	const char *url;
	const struct validators *known; /* of a body that need not be sent again; NULL: there is none */
	const struct identity *identity;
	bool allow_http;
	unsigned seconds_max; /* for one attempt */
	unsigned retries; /* further attempts when the trouble may pass */
};

struct fetched {
	bool unmodified; /* the known body is current, and there are no bytes here */
	char *bytes; /* a NUL follows them; free() */
	size_t size;
	struct validators validators;
};

/*
 * EXIT_DONE; else with a message EXIT_LATER (the network, or the server, would not), EXIT_INVALID (more than
 * BODY_SIZE_MAX) or EXIT_TROUBLE.
 */
enum exit_status fetch(const struct fetch_request *request, struct fetched *fetched);

#endif
