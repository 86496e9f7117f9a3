/* SPDX-License-Identifier: MIT */
/* What a user asks for. */
#include <string.h>

#include "base/parse.h"
#include "query/key.h"

/* Bytes before "/PROTOCOL", if the text ends so. */
static size_t split_protocol(const struct snapshot *snapshot, const char *text, const char **protocol)
{
	const char *slash = strrchr(text, '/');
	int index = slash ? snapshot_protocol_index(snapshot, slash + 1) : -1;

	*protocol = index < 0 ? NULL : snapshot_protocol_name(snapshot, (unsigned)index);
	return index < 0 ? strlen(text) : (size_t)(slash - text);
}

static const char *parse_ports(const char *text, size_t size, size_t first_size, struct key *key)
{
	const bool is_range = first_size < size;
	uint32_t first, last;

	if (!parse_number(text, first_size, PORT_MAX, &first))
		return "ports go from 0 to 65535";
	last = first;
	if (is_range && !parse_number(text + first_size + 1, size - first_size - 1, PORT_MAX, &last))
		return "ports go from 0 to 65535";
	if (first > last)
		return "the range ends before it begins";
	key->kind = is_range ? KEY_RANGE : KEY_PORT;
	key->first_port = (uint16_t)first;
	key->last_port = (uint16_t)last;
	return NULL;
}

static const char *parse_name(const char *text, size_t size, struct key *key)
{
	if (size > NAME_MAX_BYTES)
		return "is longer than 255 bytes";
	key->kind = KEY_NAME;
	memcpy(key->name, text, size);
	return NULL;
}

const char *key_parse(const struct snapshot *snapshot, const char *text, struct key *key)
{
	struct key parsed = {0};
	const size_t size = split_protocol(snapshot, text, &parsed.protocol);
	const size_t digits = strspn(text, "0123456789");
	const char *fault;

	if (!*text)
		return "is empty";
	if (strlen(text) > KEY_TEXT_MAX)
		return "is longer than 255 bytes";
	if (!size)
		return "names neither a port nor a service";
	if (digits >= size)
		fault = parse_ports(text, size, size, &parsed);
	else if (digits && text[digits] == '-' && size > digits + 1 &&
		 strspn(text + digits + 1, "0123456789") >= size - digits - 1)
		fault = parse_ports(text, size, digits, &parsed);
	else
		fault = parse_name(text, size, &parsed);
	if (!fault)
		*key = parsed;
	return fault;
}
