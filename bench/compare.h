/* SPDX-License-Identifier: MIT */
/* What sections have in common: the lookups that are measured, and a row that compares two peers at one of them. */
#ifndef IANAREG_BENCH_COMPARE_H
#define IANAREG_BENCH_COMPARE_H

#include "bench/peers.h"

enum subject {
	PORT_UNIFORM,
	PORT_ANY_PROTOCOL,
	PORT_SKEWED,
	PORT_HOT,
	PORT_MISS,
	NAME_UNIFORM,
	NAME_ANY_PROTOCOL,
	NAME_SKEWED,
	NAME_HOT,
	NAME_ALIAS,
	NAME_FOLDED,
	NAME_MISS,
	ADDRINFO,
	ADDRINFO_ANY_TYPE,
	NAMEINFO,
	EVERYTHING,
	SUBJECTS
};

/* One side of a comparison. */
struct side {
	const char *id, *what; /* "empty", "empty module" */
	struct peer *peer; /* NULL: absent */
	const char *why; /* it is absent */
	enum backend backend;
};

struct comparison {
	enum subject subject;
	enum key_set set; /* instead of the subject's, where it is not KEYS_UNIFORM */
	const struct side *side, *over;
	const char *how_id, *how; /* "nostat_", ", no stat": put before the id, and after the subject; "" */
	double target; /* NAN: none */
	bool at_least;
	bool forget; /* nscd forgets before each sample */
};

/* Measure side over over, and report it; nothing where one is absent. */
void compare(const struct bench *b, const struct comparison *comparison);

/* A row that says that the peer is absent, where it is. */
void report_if_absent(const struct side *side, const char *how_id, const char *how);

#endif
