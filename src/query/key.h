/* SPDX-License-Identifier: MIT */
/* A key as a user writes it: 19220, 19220/udp, 6000-6100, cora, cora/tcp. */
#ifndef IANAREG_QUERY_KEY_H
#define IANAREG_QUERY_KEY_H

#include "snapshot/snapshot.h"

enum key_limit {
	KEY_TEXT_MAX = NAME_MAX_BYTES + PROTOCOL_SIZE, /* bytes: a name, '/', a protocol */
};

enum key_kind {
	KEY_PORT,
	KEY_RANGE,
	KEY_NAME,
};

struct key {
	enum key_kind kind;
	uint16_t first_port, last_port; /* host order; the same for KEY_PORT, 0 for KEY_NAME */
	char name[NAME_MAX_BYTES + 1]; /* "" unless KEY_NAME */
	const char *protocol; /* the snapshot's own string; NULL: any */
};

/*
 * Read a key. What follows the last '/' is a protocol if the snapshot knows it, else part of the name (914c/g).
 * NULL, or what is wrong with the text; then `*key` is untouched.
 */
const char *key_parse(const struct snapshot *snapshot, const char *text, struct key *key);

#endif
