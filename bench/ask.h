/* SPDX-License-Identifier: MIT */
/* Questions asked one after the other in loops that add next to nothing, the same for every peer. */
#ifndef IANAREG_BENCH_ASK_H
#define IANAREG_BENCH_ASK_H

#include "bench/entry_points.h"
#include "bench/keys.h"
#include "bench/tinycdb.h"

enum operation {
	ASK_BY_PORT,
	ASK_BY_NAME,
	ASK_ADDRINFO, /* getaddrinfo(3) of a numeric host and the service by name, for a stream socket */
	ASK_ADDRINFO_ANY_TYPE, /* the same for any type of socket: libc asks for every protocol it knows */
	ASK_NAMEINFO, /* getnameinfo(3) of a host that stays numeric */
	ASK_EVERYTHING, /* an enumeration; each key is a pass */
	OPERATIONS
};

/* Who is asked: tinycdb where there is one, a module directly where there is one, else libc. */
struct asked {
	const struct entry_points *module;
	struct tinycdb *cdb;
	bool whole; /* have tinycdb do all of it: form the key, and copy the value to the caller's memory */
	/* Else all keys of a set, and the same in tinycdb's own form, ready. */
	const struct key *first;
	const struct tinycdb_key *ready[2]; /* by operation */
};

/* Ask `count` keys; how many were found, of an enumeration how many entries. */
unsigned ask(const struct asked *asked, enum operation operation, const struct key *keys, unsigned count);

/* Ask one and say whether the answer is the right one, not how fast. If not, `text` says what was wrong. */
bool ask_rightly(const struct asked *asked, enum operation operation, const struct key *key,
		 const struct key_answers *answers, char *text, size_t size);

#endif
