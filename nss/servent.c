/* SPDX-License-Identifier: MIT */
/* Pack an entry: the alias array first, aligned, then the names as they stand in the record, then the protocol. */
#include "nss/servent.h"

bool servent_pack(const struct snapshot_entry *entry, struct servent *result, char *buffer, size_t buflen)
{
	const size_t padding = servent_padding(buffer);
	const size_t array_size = (entry->alias_count + 1) * sizeof(char *);
	const size_t protocol_size = entry->protocol_size;

	if (buflen < padding + array_size + entry->names_size + protocol_size)
		return false;

	char **aliases = (char **)(void *)(buffer + padding);
	char *names = buffer + padding + array_size;
	char *protocol = names + entry->names_size;
	char *name = names;

	memcpy(names, entry->names, entry->names_size);
	memcpy(protocol, entry->protocol, protocol_size);
	for (uint32_t i = 0; i < entry->alias_count; i++) {
		name += strlen(name) + 1;
		aliases[i] = name;
	}
	aliases[entry->alias_count] = NULL;
	result->s_name = names;
	result->s_aliases = aliases;
	result->s_port = htons(entry->port);
	result->s_proto = protocol;
	return true;
}
