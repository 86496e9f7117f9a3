/* SPDX-License-Identifier: MIT */
/*
 * How records are read from a file that is not trusted and that may change: another thread may replace the mapped
 * snapshot during a lookup (nss/current.h). The reader then discards what it has, but must get that far. So every
 * access passes one bounds gate, and offsets and sizes are loaded once: the value that was checked is the value that is
 * used.
 */
#ifndef IANAREG_SNAPSHOT_RECORD_H
#define IANAREG_SNAPSHOT_RECORD_H

#include <endian.h>
#include <string.h>

#include "snapshot/snapshot.h"

/* The module's lookups are one function each: calls between these would take a third of their instructions. */
#define READER static inline __attribute__((always_inline))

/* Load once, as READ_ONCE() of the Linux kernel: after the barrier the compiler cannot load `value` again. */
#define LOADED(value) __asm__("" : "+r"(value))

READER size_t load16_once(const unsigned char *at)
{
	size_t value = load16(*(const le16 *)at);

	LOADED(value);
	return value;
}

READER size_t load32_once(const unsigned char *at)
{
	size_t value = load32(*(const le32 *)at);

	LOADED(value);
	return value;
}

READER uint64_t load64_once(const unsigned char *at)
{
#if SIZE_MAX > UINT32_MAX
	uint64_t value = load64(*(const le64 *)at);

	LOADED(value);
	return value;
#else
	return load32_once(at) | (uint64_t)load32_once(at + 4) << 32;
#endif
}

/* The bounds gate: whether `size` bytes from `offset` lie in the file. Offsets stay far below 2^64. */
READER bool fits(struct snapshot_view file, uint64_t offset, uint32_t size)
{
	return offset + size <= file.size;
}

/* The fields of a record's key: struct disk_record from `port` on, as one little-endian word. */
READER uint32_t key_port(uint64_t key)
{
	return (uint16_t)key;
}

READER uint32_t key_names_size(uint64_t key)
{
	return (uint16_t)(key >> 16);
}

READER uint32_t key_protocols(uint64_t key)
{
	return (uint8_t)(key >> 32);
}

READER uint32_t key_first_protocol(uint64_t key)
{
	return (uint8_t)(key >> 40);
}

READER uint32_t key_alias_count(uint64_t key)
{
	return (uint8_t)(key >> 48);
}

READER bool key_is_shadowed(uint64_t key)
{
	return key >> 56 & RECORD_SHADOWED;
}
_Static_assert(offsetof(struct disk_record, port) == 8 && offsetof(struct disk_record, names_size) == 10 &&
		       offsetof(struct disk_record, protocols) == 12 &&
		       offsetof(struct disk_record, first_protocol) == 13 &&
		       offsetof(struct disk_record, alias_count) == 14 && offsetof(struct disk_record, flags) == 15,
	       "the fields of a record's key are where key_port() and the others look for them");

READER uint64_t section_offset(struct snapshot_view file, enum snapshot_section section)
{
	return load32_once(file.start + offsetof(struct disk_header, sections) + section * sizeof(struct disk_section));
}

/* Where a record begins, by its number; number 0 leads out of any file. */
READER uint64_t record_offset(struct snapshot_view file, uint32_t number)
{
	return section_offset(file, SECTION_RECORDS) + (uint64_t)(number - 1) * RECORD_UNIT;
}

/* The key of the record at an offset; 0, a key without protocols, where no whole record can be. */
READER uint64_t key_at(struct snapshot_view file, uint64_t offset)
{
	uint64_t key;

	if (!fits(file, offset, RECORD_UNIT))
		return 0;
	key = load64_once(file.start + offset + offsetof(struct disk_record, port));
	return key_names_size(key) <= NAMES_MAX_BYTES && fits(file, offset, record_size(key_names_size(key))) ? key : 0;
}

/* A record that lies in the file whole, as a lookup found it: not validated yet. */
struct found_record {
	const unsigned char *start;
	uint64_t key;
	uint64_t protocol; /* the name of the protocol that answers, a little-endian word */
	unsigned protocol_index;
};

/* As many bytes of a little-endian word as there is room for at the end of a buffer. */
__attribute__((cold)) void store_bytes(char *buffer, size_t size, size_t at, uint64_t word);

/* A little-endian word at an offset of a buffer. */
READER void store_word(char *buffer, size_t size, size_t at, uint64_t word)
{
	const uint64_t stored = htole64(word);

	if (at + sizeof stored <= size)
		memcpy(buffer + at, &stored, sizeof stored);
	else
		store_bytes(buffer, size, at, word);
}

/*
 * Validate a record: its checksum is right, and the last of its names ends. On the way its names are copied to an
 * offset of a buffer, in whole words as far as the buffer reaches: the checksum is computed of what was copied.
 */
READER bool record_copy(const unsigned char *record, uint64_t key, char *buffer, size_t size, size_t at)
{
	const unsigned char *const names = record + sizeof(struct disk_record);
	const unsigned char *const end = record + record_size(key_names_size(key));
	const unsigned char *next = names;
	uint64_t sum = CHECKSUM_START;

	do {
		const uint64_t word = load64_once(next);

		sum = checksum_step(sum, word);
		store_word(buffer, size, at, word);
		next += sizeof word;
		at += sizeof word;
	} while (next < end);
	return checksum_step(sum, key) == load64_once(record) && key_names_size(key) && !names[key_names_size(key) - 1];
}

/* The same without a copy. */
__attribute__((cold)) bool record_validate(const unsigned char *record, uint64_t key);

#endif
