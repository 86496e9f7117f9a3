/* SPDX-License-Identifier: MIT */
/*
 * What update fetched last from an address, so that the next time the server need not send it again: KEY.body, and
 * KEY.facts, which says what the server said of it. The facts bear the checksum of the body they belong to, so whatever
 * was interrupted, or written by two at once, a body is never taken for another.
 */
#ifndef IANAREG_CLI_UPDATE_CACHE_H
#define IANAREG_CLI_UPDATE_CACHE_H

#include "cli/update/fetch.h"

#ifndef CACHE_DIR
#define CACHE_DIR "/var/cache/ianareg"
#endif

struct cache {
	char *body_path, *facts_path; /* NULL: there is no cache to work with */
	const char *url;
};

struct cached {
	char *bytes; /* a NUL follows them; free() */
	size_t size;
	struct validators validators;
};

/*
 * The cache for that address, its directory made where `make` says so and it is missing: $CACHE_DIRECTORY, or for root
 * CACHE_DIR, or for others $XDG_CACHE_HOME/ianareg or ~/.cache/ianareg. A directory that others can write is
 * not used, with a warning. cache_close() it.
 */
void cache_open(const char *url, bool make, struct cache *cache);
void cache_close(struct cache *cache);

/* The body kept last, if it and its facts are sound. */
bool cache_read(const struct cache *cache, struct cached *cached);

/* Keep a body. A failure is reported and does no harm. */
void cache_write(const struct cache *cache, const struct cached *cached);

#endif
