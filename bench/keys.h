/* SPDX-License-Identifier: MIT */
/*
 * The questions that are asked: sets of keys made once from what ianareg itself enumerates, handed to the peers' processes
 * as a file, with what the answers must be.
 */
#ifndef IANAREG_BENCH_KEYS_H
#define IANAREG_BENCH_KEYS_H

#include <netdb.h>
#include <stdint.h>

#include "bench/sections.h"

/* Each key can be asked by its port and by its name. */
enum key_set {
	KEYS_UNIFORM, /* every entry once, with its protocol, in a fixed pseudo-random order */
	KEYS_ANY_PROTOCOL, /* the same without a protocol */
	KEYS_SKEWED, /* a few dozen well-known services 95 times in 100, as Zipf has it, else any entry */
	KEYS_HOT, /* a handful */
	KEYS_ALIASES, /* every alias, with its entry's protocol */
	KEYS_FOLDED, /* as uniform, the names in upper case */
	KEYS_MISSES, /* ports that are free, spread, and names one letter off */
	KEYS_TCP, /* the entries of tcp, for getaddrinfo(3) and getnameinfo(3) */
	KEYS_DEBIAN, /* what Debian's own /etc/services answers as the registry does; none where it is absent */
	KEY_SETS
};

struct key {
	const char *name, *protocol; /* the protocol may be NULL */
	int port_be;
};

/* What the answer to a key must be, as keys_answer() has it; 0: not found. */
struct key_answers {
	uint64_t by_port, by_name;
};

struct keys {
	struct key *keys[KEY_SETS];
	struct key_answers *answers[KEY_SETS];
	unsigned count[KEY_SETS];
};

/* Name, port and protocol of an answer as a number, never 0. Aliases are left out: peers have others. */
uint64_t keys_answer(const struct servent *servent);

/* Make the keys, once, and the file build_dir/keys. What fails ends the program. */
const struct keys *keys_of(const struct bench *b);

/* Those of that file, for a peer's process. */
const struct keys *keys_load(const struct bench *b);

#endif
