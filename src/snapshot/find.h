/* SPDX-License-Identifier: MIT */
/*
 * Find the record that answers for a port, for a name, or next in an enumeration: the one implementation, for the module,
 * the tool and the full check. What is found lies in the file whole; whoever takes it as an answer validates it
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

/*
 * A protocol that is asked for, as the header has it: its name as a little-endian word, zeros after it. PROTOCOL_UNKNOWN
 * for what cannot be the name of one; PROTOCOL_ANY, which no header has, for NULL.
 */
#define PROTOCOL_UNKNOWN UINT64_C(0)
#define PROTOCOL_ANY UINT64_MAX

READER uint64_t protocol_word(const char *protocol)
{
	uint64_t word = 0;

	if (!protocol)
		return PROTOCOL_ANY;
#pragma GCC unroll 8
	for (unsigned i = 0; i < PROTOCOL_SIZE; i++) {
		if (!protocol[i])
			return word;
		word |= (uint64_t)(unsigned char)protocol[i] << 8 * i;
	}
	return PROTOCOL_UNKNOWN;
}

READER uint64_t protocol_at(struct snapshot_view file, unsigned index)
{
	return load64_once((const unsigned char *)header_of(file)->protocols[index]);
}

/* The record with that key as the answer for a protocol; false if it is not for that one. */
READER bool take_record(struct snapshot_view file, uint64_t offset, uint64_t key, uint64_t protocol,
			struct found_record *record)
{
	uint32_t left = key_protocols(key);

	if (protocol == PROTOCOL_ANY)
		left &= key_first_protocol(key) < PROTOCOL_MAX ? 1u << key_first_protocol(key) : 0;
	for (; left; left &= left - 1) {
		const unsigned index = (unsigned)__builtin_ctz(left);
		const uint64_t word = protocol_at(file, index);

		if (word && (word == protocol || protocol == PROTOCOL_ANY)) {
			*record = (struct found_record){file.start + offset, key, word, index};
			return true;
		}
	}
	return false;
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
READER bool find_in_group(struct snapshot_view file, uint32_t port, uint32_t word, uint64_t protocol,
			  struct found_record *record)
{
	const uint64_t mask = UINT16_MAX | (uint64_t)RECORD_SHADOWED << 56;
	uint64_t offset = record_offset(file, index_number(word)), key;

	for (unsigned i = 0; i < GROUP_LIMIT; i++, offset += record_size(key_names_size(key))) {
		key = key_at(file, offset);
		if ((key & mask) != port)
			return false;
		if (take_record(file, offset, key, protocol, record))
			return true;
	}
	return false;
}

/* `port` is one of 0 to PORT_MAX; `protocol` may be NULL. */
READER bool find_by_port(struct snapshot_view file, uint32_t port, const char *protocol, struct found_record *record)
{
	const uint32_t word = word_in_block(file, block_of_port(file, port), port);

	return word && find_in_group(file, port, word, protocol_word(protocol), record);
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
		    take_record(file, offset, key, protocol_word(query->protocol), record))
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

/* The record at or after the position, in order of port, then protocol; the position is set to where it is. */
READER bool find_next(struct snapshot_view file, struct snapshot_position *position, struct found_record *record)
{
	uint32_t port = position->port, index = position->protocol_index;

	while (port <= PORT_MAX) {
		const size_t block = block_of_port(file, port);
		const uint32_t word = block == EMPTY_BLOCK ? 0 : word_in_block(file, block, port);

		for (uint32_t left = index_byte(word) >> index << index; left; left &= left - 1) {
			index = (uint32_t)__builtin_ctz(left);
			if (find_in_group(file, port, word, protocol_at(file, index), record)) {
				*position = (struct snapshot_position){port, index};
				return true;
			}
		}
		port = (block == EMPTY_BLOCK ? port | (PORTS_PER_BLOCK - 1) : port) + 1;
		index = 0;
	}
	position->port = port;
	return false;
}

#endif
