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

/* Bytes that servent_pack_plain() must have, whatever it packs and wherever. */
enum { PLAIN_ROOM = alignof(char *) - 1 + sizeof(char *) + 16 + PROTOCOL_SIZE };

/*
 * The same for a plain answer and a buffer of PLAIN_ROOM bytes or more: no question is left, and whole words are
 * written, of which the protocol's name overwrites what the name does not need.
 */
static inline __attribute__((always_inline)) void servent_pack_plain(const struct plain_answer *plain,
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
	result->s_port = htons((uint16_t)key_port(plain->key));
	result->s_proto = protocol;
}

#endif
