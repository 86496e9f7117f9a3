/* SPDX-License-Identifier: MIT */
/*
 * Peers: processes that live as long as they are measured, each in a mount namespace of its own with its own
 * nsswitch.conf, services(5) and whatever else it needs, that look things up when they are told to. Only one works at any
 * time, so that samples of two peers can take turns.
 */
#ifndef IANAREG_BENCH_PEERS_H
#define IANAREG_BENCH_PEERS_H

#include "bench/ask.h"
#include "bench/sections.h"

enum peer_kind {
	PEER_EMPTY,
	PEER_IANAREG,
	PEER_FILES, /* reading the exported full registry */
	PEER_FILES_DEBIAN, /* reading Debian's own file */
	PEER_NSS_DB, /* the module of Debian's libnss-db with the full registry */
	/* nscd with services cached, ianareg behind it or files with the full registry; as shipped or with room. */
	PEER_NSCD,
	PEER_NSCD_ROOMY,
	PEER_NSCD_FILES,
	PEER_NSCD_ROOMY_FILES,
	PEER_DIRECT, /* calls the modules, libc is not between */
	PEER_KINDS
};

/* Whom a peer's process asks: but for PEER_DIRECT always libc. */
enum backend {
	BACKEND_LIBC,
	BACKEND_EMPTY,
	BACKEND_IANAREG,
	BACKEND_FILES,
	BACKEND_NSS_DB,
	BACKEND_TINYCDB, /* its keys ready */
	BACKEND_TINYCDB_WHOLE, /* from what a program has to what it wants */
	BACKENDS
};

struct peer;

/*
 * Start a peer and wait until it is ready. `pinned`: its libc is told what to ask and does not look at nsswitch.conf at
 * each lookup. NULL where the peer is absent, with the reason; where no mount namespace may be had the program ends.
 */
struct peer *peer_start(const struct bench *b, enum peer_kind kind, bool pinned, const char **why);

/* End a peer, with the nscd that it may have; NULL does nothing. */
void peer_stop(struct peer *peer);

/* Why this cannot be asked by PEER_DIRECT, or NULL. */
const char *peer_lacks(const struct bench *b, enum backend backend);

/* What is sampled: the context of work_sample(). */
struct work {
	struct peer *peer;
	enum backend backend;
	enum operation operation;
	enum key_set set;
	bool forget; /* have nscd forget what it has cached before each sample, and ask without a warm-up */
	unsigned count; /* operations a sample; work_prepare() finds it where it is 0 */
	unsigned warm; /* and before it, without being timed */
	unsigned samples; /* so far */
};

/* See that the answers are right, warm up, and find how many make a sample of good length. */
void work_prepare(struct work *work, const struct bench *b);

/*
 * A sample_fn: ns per operation. The samples of a work go from processor to processor, so two works that take turns are
 * on the same one in each pair. A peer that answers anything else than it should ends the program.
 */
double work_sample(void *work);

/* In a peer's process: do as the bench says until it has no more to say. The status to exit with. */
int peer_serve(const struct bench *b, char **arguments);

#endif
