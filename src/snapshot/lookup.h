/* SPDX-License-Identifier: MIT */
/*
 * The quick half of the reader, inline, so that each entry point of the module is one stretch of code without a call:
 * the answer where it is a plain one, as all but one in fifty are. A plain record has one name of RFC 6335's 15 bytes at
 * most, and is the first that its port or its name's hash leads to. Whatever is anything else is UNCLEAR here, and
 * snapshot.c has the whole rule; snapshot.h is the interface to both.
 *
 * Two things are never relied upon. One is the file: whatever its bytes are, fits() bounds each access, a record proves
 * itself, and the work is bounded. The other is that the bytes stay: while the module reads them another thread may put
 * another snapshot in their place (nss/mapping.h). Then an answer is worth nothing and its reader throws it away; but
 * it must get that far. So what an offset or a size is made of is loaded once, by a load that the compiler may not
 * repeat (steady), and what was checked is what is used.
 */
#ifndef IANAREG_SNAPSHOT_LOOKUP_H
#define IANAREG_SNAPSHOT_LOOKUP_H

#include <endian.h>
#include <string.h>

#include "snapshot/name.h"
#include "snapshot/snapshot.h"

#define LOOKUP static inline __attribute__((always_inline))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Protocols that may answer: the index of one, or these. */
enum { PROTOCOL_ANY = PROTOCOL_MAX, PROTOCOL_UNKNOWN };

/* The compiler knows nothing about `value` from here on, hence cannot load it again. */
#define STEADY(value) __asm__("" : "+r"(value))

LOOKUP uint32_t steady16(const unsigned char *at)
{
	uint32_t value = load16(*(const le16 *)at);

	STEADY(value);
	return value;
}

LOOKUP uint32_t steady32(const unsigned char *at)
{
	uint32_t value = load32(*(const le32 *)at);

	STEADY(value);
	return value;
}

LOOKUP uint64_t steady64(const unsigned char *at)
{
#if UINTPTR_MAX > UINT32_MAX
	uint64_t value = load64(*(const le64 *)at);

	STEADY(value);
	return value;
#else
	return steady32(at) | (uint64_t)steady32(at + 4) << 32;
#endif
}

/* The one gate: whether `size` bytes from `offset` are all in the file. Neither comes near to overflow in 64 bits. */
LOOKUP bool fits(struct snapshot_view file, uint64_t offset, uint32_t size)
{
	return offset + size <= file.size;
}

/* The fields of a record's key: what it says of itself, as one word. */
LOOKUP uint32_t key_port(uint64_t key)
{
	return (uint16_t)key;
}

LOOKUP uint32_t key_names_size(uint64_t key)
{
	return (uint16_t)(key >> 16);
}

LOOKUP uint32_t key_protocols(uint64_t key)
{
	return (uint8_t)(key >> 32);
}

LOOKUP uint32_t key_first_protocol(uint64_t key)
{
	return (uint8_t)(key >> 40);
}

LOOKUP uint32_t key_alias_count(uint64_t key)
{
	return (uint8_t)(key >> 48);
}

LOOKUP bool key_is_shadowed(uint64_t key)
{
	return key >> 56 & RECORD_SHADOWED;
}

LOOKUP uint64_t key_of(struct snapshot_view file, uint64_t offset)
{
	return steady64(file.start + offset + offsetof(struct disk_record, port));
}

LOOKUP uint64_t section_offset(struct snapshot_view file, enum snapshot_section section)
{
	return steady32(file.start + offsetof(struct disk_header, sections) + section * sizeof(struct disk_section));
}

/* Where a record begins, from the number in the low bits of a slot or a port's word; 0 leads far out of any file. */
LOOKUP uint64_t record_at(struct snapshot_view file, uint32_t word)
{
	const uint32_t before = (word & RECORD_NUMBER_MAX) - 1;

	return section_offset(file, SECTION_RECORDS) + (uint64_t)before * RECORD_UNIT;
}

LOOKUP unsigned asked_bits(unsigned asked)
{
	return asked == PROTOCOL_ANY ? (1u << PROTOCOL_MAX) - 1 : 1u << asked;
}

/* A protocol by its name: PROTOCOL_ANY for none; PROTOCOL_UNKNOWN for all but the two that are nearly always asked. */
LOOKUP unsigned usual_protocol(const char *protocol)
{
	if (!protocol)
		return PROTOCOL_ANY;
	if (protocol[0] == 't' && protocol[1] == 'c' && protocol[2] == 'p' && !protocol[3])
		return 0;
	if (protocol[0] == 'u' && protocol[1] == 'd' && protocol[2] == 'p' && !protocol[3])
		return 1;
	return PROTOCOL_UNKNOWN;
}

/* High bits of the bytes that are zero; of those above the lowest of them it says nothing. */
LOOKUP uint64_t zero_bytes(uint64_t word)
{
	return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/* Bytes before the first NUL of 16, or 16. */
LOOKUP unsigned before_nul(uint64_t first, uint64_t second)
{
#ifdef __SSE2__ /* five instructions and no branch, which would be taken for two names of five and not for the others */
	typedef char bytes __attribute__((vector_size(16)));
	typedef long long words __attribute__((vector_size(16)));
	const bytes nuls = (bytes)((bytes)(words){(long long)first, (long long)second} == (bytes){0});

	return (unsigned)__builtin_ctz((unsigned)__builtin_ia32_pmovmskb128(nuls) | 1u << 16);
#else
	const uint64_t in_first = zero_bytes(first), in_second = zero_bytes(second);

	if (in_first)
		return (unsigned)__builtin_ctzll(in_first) / 8;
	return in_second ? 8 + (unsigned)__builtin_ctzll(in_second) / 8 : 16;
#endif
}

/* A little-endian word into memory. store64() does the same byte by byte, which compilers do not see through here. */
LOOKUP void put_word(char *at, uint64_t word)
{
	const uint64_t stored = htole64(word);

	memcpy(at, &stored, sizeof stored);
}

/* A plain answer: all of it, and nothing that points into the file. */
struct plain_answer {
	uint64_t name[2]; /* 16 bytes as little-endian words: the name, its NUL, zeros */
	uint64_t protocol; /* 8 bytes likewise; of the first four protocols */
	uint32_t name_size; /* bytes, its NUL included */
	uint32_t protocol_index;
	uint64_t offset, key; /* of the record */
};

/* Bytes of its protocol's name, the NUL included: tcp, udp, sctp, dccp. */
LOOKUP uint32_t plain_protocol_size(const struct plain_answer *plain)
{
	return plain->protocol_index < 2 ? 4 : 5;
}

enum plainness { PLAIN, NOT_FOUND, UNCLEAR };

/* The record at an offset, whose key that is and which has that protocol: whole, or it is none. */
LOOKUP enum plainness prove_plain(struct snapshot_view file, uint64_t offset, uint64_t key, unsigned asked,
				  struct plain_answer *plain)
{
	const unsigned char *record = file.start + offset;
	const unsigned index = asked == PROTOCOL_ANY ? key_first_protocol(key) : asked;

	/* no aliases, no flags, and nothing above 31 in the size */
	if (UNLIKELY(key >> 48 || key_names_size(key) > 16 || index >= 4 || !(key >> (32 + index) & 1)))
		return UNCLEAR;

	const uint64_t first = load64(*(const le64 *)(record + 16)), second = load64(*(const le64 *)(record + 24));
	const uint64_t sum = checksum_step(checksum_step(checksum_step(CHECKSUM_START, first), second), key);

	if (UNLIKELY(sum != load64(*(const le64 *)record) || before_nul(first, second) + 1 != key_names_size(key)))
		return UNCLEAR;
	plain->name[0] = first;
	plain->name[1] = second;
	plain->protocol =
		load64(*(const le64 *)(file.start + offsetof(struct disk_header, protocols) + index * PROTOCOL_SIZE));
	plain->name_size = key_names_size(key);
	plain->protocol_index = index;
	plain->offset = offset;
	plain->key = key;
	return PLAIN;
}

/* What PORTS says of a port: protocols above a record number, or 0. */
LOOKUP uint32_t word_of_port(struct snapshot_view file, uint32_t port)
{
	const uint32_t block = steady16(file.start + BLOCKS_OFF + port / PORTS_PER_BLOCK * sizeof(le16));
	const uint64_t offset = PORTS_OFF + (block * PORTS_PER_BLOCK + port % PORTS_PER_BLOCK) * sizeof(le32);

	return fits(file, offset, sizeof(le32)) ? steady32(file.start + offset) : 0;
}

LOOKUP enum plainness plain_by_port(struct snapshot_view file, uint32_t port, unsigned asked,
				    struct plain_answer *plain)
{
	const uint32_t word = word_of_port(file, port);

	if (!(word >> RECORD_NUMBER_BITS & asked_bits(asked)))
		return NOT_FOUND;

	const uint64_t offset = record_at(file, word);

	if (UNLIKELY(!fits(file, offset, RECORD_UNIT)))
		return NOT_FOUND;

	const uint64_t key = key_of(file, offset);

	return LIKELY(key_port(key) == port) ? prove_plain(file, offset, key, asked, plain) : UNCLEAR;
}

/* Where a name's slots begin: PROBE_LIMIT of them are in the file; 0 if not. */
LOOKUP uint64_t slots_of(struct snapshot_view file, uint32_t hash)
{
	const uint64_t slot_count = steady32(file.start + offsetof(struct disk_header, slot_count));
	const uint64_t offset = section_offset(file, SECTION_SLOTS) + (hash * slot_count >> 32) * sizeof(le32);

	return fits(file, offset, PROBE_LIMIT * sizeof(le32)) ? offset : 0;
}

/* A name of 1 to SHORT_NAME_MAX bytes. */
LOOKUP enum plainness plain_by_name(struct snapshot_view file, const char *name, size_t size, unsigned asked,
				    struct plain_answer *plain)
{
	uint64_t first, second, offset;

	load_short_name(name, size, &first, &second);

	const uint32_t seed = load32(((const struct disk_header *)(const void *)file.start)->hash_seed);
	const uint32_t hash = hash_short_name(first, second, seed);

	offset = slots_of(file, hash);
	for (unsigned i = 0; offset && i < PROBE_LIMIT; i++, offset += sizeof(le32)) {
		const uint32_t slot = steady32(file.start + offset);

		if (!slot)
			break;
		if (slot >> RECORD_NUMBER_BITS != (hash & 0xff))
			continue;

		const uint64_t at = record_at(file, slot);

		if (UNLIKELY(!fits(file, at, RECORD_UNIT)))
			continue;

		const uint64_t key = key_of(file, at);
		const le64 *names = (const le64 *)(const void *)(file.start + at + sizeof(struct disk_record));

		if (!(key_protocols(key) & asked_bits(asked)))
			continue;
		if (UNLIKELY(load64(names[0]) != first || load64(names[1]) != second))
			return UNCLEAR;
		return prove_plain(file, at, key, asked, plain);
	}
	return NOT_FOUND;
}

/*
 * The entry at or after a position, in order of port, then protocol; the position is then where it is. UNCLEAR: there
 * may be one where the position is then, or after that.
 */
LOOKUP enum plainness plain_next(struct snapshot_view file, struct snapshot_position *position,
				 struct plain_answer *plain)
{
	uint32_t index = position->protocol_index;

	for (uint32_t port = position->port; port <= PORT_MAX; port++, index = 0) {
		const uint32_t left = word_of_port(file, port) >> RECORD_NUMBER_BITS >> index << index;

		if (left) {
			const unsigned protocol = (unsigned)__builtin_ctz(left);

			*position = (struct snapshot_position){.port = port, .protocol_index = protocol};
			return plain_by_port(file, port, protocol, plain);
		}
	}
	return NOT_FOUND;
}

/* The whole rule (snapshot.c). PROTOCOL_ANY for NULL, PROTOCOL_UNKNOWN where this snapshot has none of that name. */
unsigned protocol_in_file(struct snapshot_view file, const char *protocol);
bool find_by_port(struct snapshot_view file, uint32_t port, unsigned asked, struct snapshot_entry *entry);
bool find_by_name(struct snapshot_view file, const char *name, unsigned asked, struct snapshot_entry *entry);
bool find_next(struct snapshot_view file, struct snapshot_position *position, struct snapshot_entry *entry);

#endif
