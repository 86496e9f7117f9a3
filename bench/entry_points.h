/* SPDX-License-Identifier: MIT */
/* An NSS module's entry points for services, to be called without libc in between. */
#ifndef IANAREG_BENCH_ENTRY_POINTS_H
#define IANAREG_BENCH_ENTRY_POINTS_H

#include <netdb.h>
#include <nss.h>
#include <stdbool.h>
#include <stddef.h>

struct entry_points {
	enum nss_status (*by_port)(int port_be, const char *protocol, struct servent *result, char *buffer,
				   size_t buflen, int *errnop);
	enum nss_status (*by_name)(const char *name, const char *protocol, struct servent *result, char *buffer,
				   size_t buflen, int *errnop);
	enum nss_status (*set)(int stayopen);
	enum nss_status (*next)(struct servent *result, char *buffer, size_t buflen, int *errnop);
	enum nss_status (*end)(void);
};

/*
 * Those of module `name` in that library, NULL for libc itself, which has `files` built in. False where they are not
 * there; dlerror() has the reason. What is loaded stays.
 */
bool entry_points_load(struct entry_points *module, const char *library, const char *name);

/* Have the empty module find nothing, or something again. Nothing where it is not loaded. */
void entry_points_empty_misses(const char *library, bool misses);

/* How many entries the empty module enumerates. */
void entry_points_empty_entries(const char *library, unsigned count);

#endif
