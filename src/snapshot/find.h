/* SPDX-License-Identifier: MIT */
/*
 * Find the record that answers for a port, for a name, or next in an enumeration: the one implementation, for the
 * module, the tool and the full check. What is found lies in the file whole; the caller validates it
 * (record_copy). No loop depends on the file being sound: each is bounded by a limit of format.h.
 */
#ifndef IANAREG_SNAPSHOT_FIND_H
#define IANAREG_SNAPSHOT_FIND_H

#include "snapshot/name.h"
#include "snapshot/record.h"

READER const struct disk_header *header_of(struct snapshot_view file)
{
	return (const struct disk_header *)(const void *)file.start;
}

/* A protocol's name as the header has it: a little-endian word, zeros after the name; 0 for what cannot be one. */
READER uint64_t protocol_word(const char *protocol)
{
	uint64_t word = 0;

#pragma GCC unroll 8
	for (unsigned i = 0; i < PROTOCOL_SIZE; i++) {
		if (!protocol[i])
			return word;
		word |= (uint64_t)(unsigned char)protocol[i] << 8 * i;
	}
	return 0;
}

READER uint64_t protocol_at(struct snapshot_view file, unsigned index)
{
	return load64_once((const unsigned char *)header_of(file)->protocols[index]);
}

/*
 * The protocols that may answer, as bits of disk_record.protocols: all for NULL, none where the file has none so
 * called.
 */
enum { PROTOCOL_ANY = (1 << PROTOCOL_MAX) - 1 };

READER uint32_t protocols_asked(struct snapshot_view file, const char *protocol)
{
	const uint64_t word = protocol ? protocol_word(protocol) : 0;

	if (!protocol)
		return PROTOCOL_ANY;
	for (unsigned i = 0; i < PROTOCOL_MAX && word; i++)
		if (protocol_at(file, i) == word)
			return 1u << i;
	return 0;
}

/* The record with that key as the answer for the protocols asked; false if it is not for them. */
READER bool take_record(struct snapshot_view file, uint64_t offset, uint64_t key, uint32_t asked,
			struct found_record *record)
{
	const uint32_t protocols = key_protocols(key) & asked;

	if (!protocols)
		return false;

	const unsigned index = asked == PROTOCOL_ANY ? key_first_protocol(key) : (unsigned)__builtin_ctz(asked);

	if (index >= PROTOCOL_MAX || !(protocols >> index & 1))
		return false;
	*record = (struct found_record){file.start + offset, key, protocol_at(file, index), index};
	return record->protocol;
}

/* By port */

READER size_t block_of_port(struct snapshot_view file, uint32_t port)
{
	return load16_once(file.start + BLOCKS_OFF + port / PORTS_PER_BLOCK * sizeof(le16));
}

/* What PORTS says of a port of a block: protocols below a record number, or 0. */
READER uint32_t word_in_block(struct snapshot_view file, size_t block, uint32_t port)
{
	const size_t offset = block * SECTION_ALIGN;

	if (!fits(file, offset, PORTS_PER_BLOCK * sizeof(le32)))
		return 0;
	return (uint32_t)load32_once(file.start + offset + port % PORTS_PER_BLOCK * sizeof(le32));
}

/* Among the records of a port, which lie one after another from where its word says. */
READER bool find_in_group(struct snapshot_view file, uint32_t port, uint32_t word, uint32_t asked,
			  struct found_record *record)
{
	const uint64_t mask = UINT16_MAX | (uint64_t)RECORD_SHADOWED << 56;
	uint64_t offset = record_offset(file, index_number(word)), key;

	for (unsigned i = 0; i < GROUP_LIMIT; i++, offset += record_size(key_names_size(key))) {
		key = key_at(file, offset);
		if ((key & mask) != port)
			return false;
		if (take_record(file, offset, key, asked, record))
			return true;
	}
	return false;
}

/* `port` is one of 0 to PORT_MAX; `protocol` may be NULL. */
READER bool find_by_port(struct snapshot_view file, uint32_t port, const char *protocol, struct found_record *record)
{
	const uint32_t word = word_in_block(file, block_of_port(file, port), port);

	return word && find_in_group(file, port, word, protocols_asked(file, protocol), record);
}

/* By name */

/* Whether one of a record's names is the name asked for, in which there is no NUL. */
READER bool has_name(const unsigned char *record, uint64_t key, const char *name, size_t size, bool any_case)
{
	const char *candidate = (const char *)record + sizeof(struct disk_record);
	const char *const end = candidate + key_names_size(key);

	for (; end - candidate > (ptrdiff_t)size; candidate += strnlen(candidate, (size_t)(end - candidate)) + 1)
		if (!candidate[size] &&
		    (any_case ? names_fold_equal(candidate, name, size) : names_equal(candidate, name, size)))
			return true;
	return false;
}

/* What is looked for among the slots of a name's hash. */
struct name_query {
	const char *name;
	size_t size; /* without the NUL */
	const char *protocol; /* or NULL */
	uint64_t slots_off;
	uint32_t hash;
};

/* The first record among them that has the name and the protocol. `*near_miss`: one may have the name in other case. */
READER bool find_in_slots(struct snapshot_view file, const struct name_query *query, bool any_case, bool *near_miss,
			  struct found_record *record)
{
	for (unsigned i = 0; i < PROBE_LIMIT; i++) {
		const uint32_t slot = (uint32_t)load32_once(file.start + query->slots_off + i * sizeof(le32));

		if (!slot)
			return false;
		if (index_byte(slot) != index_byte(query->hash))
			continue;

		const uint64_t offset = record_offset(file, index_number(slot)), key = key_at(file, offset);

		if (has_name(file.start + offset, key, query->name, query->size, any_case) &&
		    take_record(file, offset, key, protocols_asked(file, query->protocol), record))
			return true;
		*near_miss = true;
	}
	return false;
}

/* The same for names that may differ in case (snapshot.c). */
__attribute__((cold)) bool find_in_any_case(struct snapshot_view file, struct name_query query,
					    struct found_record *record);

/* An exact match of any name before one without case, and of several records the first. `protocol` may be NULL. */
READER bool find_by_name(struct snapshot_view file, const char *name, const char *protocol, struct found_record *record)
{
	struct name_query query = {.name = name, .size = strlen(name), .protocol = protocol};
	bool near_miss = false;

	if (query.size == 0 || query.size > NAME_MAX_BYTES)
		return false;
	query.hash = name_hash(name, query.size, load32(header_of(file)->hash_seed));

	const uint64_t slot_count = load32_once((const unsigned char *)&header_of(file)->slot_count);

	query.slots_off = section_offset(file, SECTION_SLOTS) + (query.hash * slot_count >> 32) * sizeof(le32);
	if (!fits(file, query.slots_off, PROBE_LIMIT * sizeof(le32)))
		return false;
	return find_in_slots(file, &query, false, &near_miss, record) ||
	       (near_miss && find_in_any_case(file, query, record));
}

/* Next */

/* The first port at or after the position's that has entries, with its word; false at the end. */
READER bool find_used_port(struct snapshot_view file, struct snapshot_position *at)
{
	while (at->port <= PORT_MAX) {
		const size_t block = block_of_port(file, at->port);

		at->word = block == EMPTY_BLOCK ? 0 : word_in_block(file, block, at->port);
		if (at->word)
			return true;
		at->port = (block == EMPTY_BLOCK ? at->port | (PORTS_PER_BLOCK - 1) : at->port) + 1;
		at->protocol_index = 0;
	}
	return false;
}

/* The record at or after the position, in order of port, then protocol; the position is set to where it is. */
READER bool find_next(struct snapshot_view file, struct snapshot_position *position, struct found_record *record)
{
	struct snapshot_position at = *position;

	while (at.word || find_used_port(file, &at)) {
		for (uint32_t left = index_byte(at.word) >> at.protocol_index << at.protocol_index; left;
		     left &= left - 1)
			if (find_in_group(file, at.port, at.word, left & -left, record)) {
				at.protocol_index = (uint32_t)__builtin_ctz(left);
				*position = at;
				return true;
			}
		at = (struct snapshot_position){.port = at.port + 1};
	}
	*position = at;
	return false;
}

#endif
