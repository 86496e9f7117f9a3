/* SPDX-License-Identifier: MIT */
/* What the bench and its peers' processes say to each other: packets on a socket that is the peer's standard input. */
#ifndef IANAREG_BENCH_PEER_MESSAGES_H
#define IANAREG_BENCH_PEER_MESSAGES_H

#include "bench/peers.h"

struct peer_request {
	enum { PEER_CHECK, PEER_SAMPLE, PEER_FORGET } what;
	enum backend backend;
	enum operation operation;
	enum key_set set;
	unsigned count, warm;
	int processor; /* on which to sample; -1: on any */
};

/* The first one comes unasked: the peer is ready, or why not. */
struct peer_reply {
	double ns; /* an operation */
	char trouble[400]; /* empty: all is well */
};

#endif
