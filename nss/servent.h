/* SPDX-License-Identifier: MIT */
/* One answer into the caller's struct servent and buffer, as the *_r functions of <netdb.h> hand it back. */
#ifndef IANAREG_NSS_SERVENT_H
#define IANAREG_NSS_SERVENT_H

#include <arpa/inet.h>
#include <netdb.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "snapshot/lookup.h"

/* Bytes to skip so that a pointer at `buffer` is aligned: of the address, for callers align nothing. */
static inline size_t servent_padding(const char *buffer)
{
	return -(uintptr_t)buffer & (alignof(char *) - 1);
}

/*
 * Fill in `*result` with strings and an alias array that all lie in `buffer`, whatever its alignment. False if
 * `buflen` bytes do not suffice: then neither `*result` nor the buffer was touched.
 */
bool servent_pack(const struct snapshot_entry *entry, struct servent *result, char *buffer, size_t buflen);

/*
 * The same for what lookup.h found, where the buffer has room for whole words, of which the protocol's name overwrites what
 * the names do not need: then no question is left. PLAIN_ROOM bytes are enough for any plain answer at any address.
 */
enum { PLAIN_ROOM = alignof(char *) - 1 + sizeof(char *) + 16 + PROTOCOL_SIZE };

static inline __attribute__((always_inline)) void servent_pack_plain(const struct plain_answer *plain, uint16_t port_be,
								     struct servent *result, char *buffer)
{
	char **aliases = (char **)(void *)(buffer + servent_padding(buffer));
	char *name = (char *)(aliases + 1), *protocol = name + plain->name_size;

	aliases[0] = NULL;
	put_word(name, plain->name[0]);
	put_word(name + 8, plain->name[1]);
	put_word(protocol, plain->protocol);
	result->s_name = name;
	result->s_aliases = aliases;
	result->s_port = port_be;
	result->s_proto = protocol;
}

/* False: there is not that much room, and nothing was touched. */
static inline bool servent_pack_several(const struct plain_answer *plain, const struct several_names *names,
					struct servent *result, char *buffer, size_t buflen)
{
	char **aliases = (char **)(void *)(buffer + servent_padding(buffer));
	char *name = (char *)(aliases + key_alias_count(plain->key) + 1), *protocol = name + plain->name_size;

	if (buflen < (size_t)(name - buffer) + SEVERAL_MAX + PROTOCOL_SIZE)
		return false;
	memcpy(name, names->words, SEVERAL_MAX);
	put_word(protocol, plain->protocol);
	result->s_name = name;
	result->s_aliases = aliases;
	result->s_port = htons((uint16_t)key_port(plain->key));
	result->s_proto = protocol;
	for (uint64_t nuls = names->nuls; nuls & (nuls - 1); nuls &= nuls - 1)
		*aliases++ = name + __builtin_ctzll(nuls) + 1;
	*aliases = NULL;
	return true;
}

#endif
