/* SPDX-License-Identifier: MIT */
/* One answer in the caller's struct servent and buffer, as the *_r functions of <netdb.h> return it. */
#ifndef IANAREG_NSS_SERVENT_H
#define IANAREG_NSS_SERVENT_H

#include <arpa/inet.h>
#include <netdb.h>
#include <nss.h>
#include <stdalign.h>

#include "snapshot/record.h"

/* Point at the `count` names that follow the first; the last byte before `end` is a NUL. False: there are fewer. */
READER bool list_aliases(char *name, const char *end, char **aliases, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		name += strlen(name) + 1;
		if (name >= end)
			return false;
		aliases[i] = name;
	}
	return true;
}

/*
 * Copy a record into `buffer`, of any alignment: the alias array, the protocol, the names. `*answer` points there.
 *   NSS_STATUS_SUCCESS    the copy is valid
 *   NSS_STATUS_TRYAGAIN   the record is valid but takes more than `buflen` bytes; nothing was touched
 *   NSS_STATUS_NOTFOUND   the record is damaged; the buffer may have been written to
 * Names and protocol are stored in whole words as long as the buffer has room for them: each store covers the zeros
 * after the text before it.
 */
READER enum nss_status servent_pack(struct found_record record, struct servent *answer, char *buffer, size_t buflen)
{
	const uint32_t names_size = key_names_size(record.key), alias_count = key_alias_count(record.key);
	const size_t padding = -(uintptr_t)buffer & (alignof(char *) - 1); /* of the address: callers align nothing */
	const size_t protocol_off = padding + (alias_count + 1) * sizeof(char *);
	/* The protocol's bytes up to its last that is not zero, and a NUL. */
	const size_t names_off = protocol_off + 9 - (unsigned)__builtin_clzll(record.protocol) / 8;

	if (buflen < names_off + names_size)
		return record_validate(record.start, record.key) ? NSS_STATUS_TRYAGAIN : NSS_STATUS_NOTFOUND;
	answer->s_name = buffer + names_off;
	answer->s_aliases = (char **)(void *)(buffer + padding);
	answer->s_port = htons((uint16_t)key_port(record.key));
	answer->s_proto = buffer + protocol_off;
	answer->s_aliases[alias_count] = NULL;
	store_word(buffer, buflen, protocol_off, record.protocol);
	/* The last NUL is looked for in the copy, as strlen(3) will: the file may have changed since. */
	return record_copy(record.start, record.key, buffer, buflen, names_off) && !answer->s_name[names_size - 1] &&
			       list_aliases(answer->s_name, answer->s_name + names_size, answer->s_aliases, alias_count)
		       ? NSS_STATUS_SUCCESS
		       : NSS_STATUS_NOTFOUND;
}

#endif
