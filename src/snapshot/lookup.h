/* SPDX-License-Identifier: MIT */
/*
 * The quick half of the reader, inline, so that each entry point of the module is one stretch of code, which calls but
 * time(2) and strlen(3): the answer where it is a plain one, as all but one in fifty are. A plain record has one name of RFC 6335's 15 bytes at
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

/* Protocols that may answer, as bits of disk_record.protocols: one of them, or these. */
enum { PROTOCOL_UNKNOWN = 0, PROTOCOL_ANY = (1 << PROTOCOL_MAX) - 1 };

/* The compiler knows nothing about `value` from here on, hence cannot load it again. */
#define STEADY(value) __asm__("" : "+r"(value))

/* In a machine's own words, so that none is widened afterwards. */
LOOKUP size_t steady16(const unsigned char *at)
{
	size_t value = load16(*(const le16 *)at);

	STEADY(value);
	return value;
}

LOOKUP size_t steady32(const unsigned char *at)
{
	size_t value = load32(*(const le32 *)at);

	STEADY(value);
	return value;
}

LOOKUP uint64_t steady64(const unsigned char *at)
{
#if SIZE_MAX > UINT32_MAX
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

/* Where a record begins, by its number; 0 leads far out of any file. */
LOOKUP uint64_t record_at(struct snapshot_view file, uint32_t number)
{
	return section_offset(file, SECTION_RECORDS) + (uint64_t)(number - 1) * RECORD_UNIT;
}

/* A protocol by its name: PROTOCOL_ANY for none; PROTOCOL_UNKNOWN for all but the two that are nearly always asked. */
LOOKUP unsigned usual_protocol(const char *protocol)
{
	if (UNLIKELY(!protocol))
		return PROTOCOL_ANY;
	if (LIKELY(protocol[0] == 't') && protocol[1] == 'c' && protocol[2] == 'p' && !protocol[3])
		return 1u << 0;
	if (protocol[0] == 'u' && protocol[1] == 'd' && protocol[2] == 'p' && !protocol[3])
		return 1u << 1;
	return PROTOCOL_UNKNOWN;
}

/* The first four are the same in every file. Bytes of their names, NULs included: tcp, udp, sctp, dccp. */
enum { FIXED_PROTOCOLS = 4 };

LOOKUP uint32_t fixed_protocol_size(unsigned index)
{
	return index < 2 ? 4 : 5;
}

/* Which of them answers. */
LOOKUP unsigned answering_protocol(uint64_t key, unsigned asked)
{
	return asked == PROTOCOL_ANY ? key_first_protocol(key) : (unsigned)__builtin_ctz(asked);
}

LOOKUP uint64_t protocol_word(struct snapshot_view file, unsigned index)
{
	return load64(*(const le64 *)(file.start + offsetof(struct disk_header, protocols) + index * PROTOCOL_SIZE));
}

/* Bit i: byte i of these 16 is NUL. */
LOOKUP uint32_t nul_bits(uint64_t first, uint64_t second)
{
#ifdef __SSE2__ /* three instructions */
	typedef char bytes __attribute__((vector_size(16)));
	typedef long long words __attribute__((vector_size(16)));

	return (uint32_t)__builtin_ia32_pmovmskb128(
		(bytes)((bytes)(words){(long long)first, (long long)second} == (bytes){0}));
#else
	const uint64_t words[] = {first, second}, low7 = 0x7f7f7f7f7f7f7f7fu;
	uint32_t bits = 0;

	for (unsigned i = 0; i < 2; i++) {
		const uint64_t zeros = ~(((words[i] & low7) + low7) | words[i] | low7); /* high bits of zero bytes */

		bits |= (uint32_t)((zeros >> 7) * 0x0102040810204080u >> 56) << 8 * i; /* put side by side */
	}
	return bits;
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
	/* 16 bytes as little-endian words: the name, its NUL, zeros. Of SEVERAL by name it is what was asked for. */
	uint64_t name[2];
	uint64_t protocol; /* 8 bytes likewise; of the first four protocols */
	uint32_t name_size; /* bytes, its NUL included */
	uint32_t protocol_index;
	uint64_t offset, key; /* of the record */
};

/* What a lookup came to: a plain answer; SEVERAL: a record that may be it, with up to SEVERAL_MAX bytes of names. */
enum plainness { PLAIN, NOT_FOUND, SEVERAL, UNCLEAR };

enum { SEVERAL_MAX = 48 }; /* names that a record of 64 bytes has room for: all of the registry's */

/* What a plain record's key has none of: aliases, flags, and a size past 31, where no NUL among 16 bytes can be. */
#define NOT_PLAIN 0xffff0000ffe00000u
_Static_assert(offsetof(struct disk_record, port) == 8 && offsetof(struct disk_record, names_size) == 10 &&
		       offsetof(struct disk_record, protocols) == 12 &&
		       offsetof(struct disk_record, first_protocol) == 13 &&
		       offsetof(struct disk_record, alias_count) == 14 && offsetof(struct disk_record, flags) == 15,
	       "a record's key is what key_port() and those after it take it for");

/*
 * The record at an offset, whose key that is and which has a protocol that is asked (of the first four, or any): whole, or
 * it is none.
 */
LOOKUP enum plainness prove_plain(struct snapshot_view file, uint64_t offset, uint64_t key, unsigned asked,
				  struct plain_answer *plain)
{
	const unsigned char *record = file.start + offset;
	unsigned index = (unsigned)__builtin_ctz(asked);

	if (UNLIKELY(asked == PROTOCOL_ANY)) {
		index = key_first_protocol(key);
		if (index >= FIXED_PROTOCOLS || !(key_protocols(key) >> index & 1))
			return UNCLEAR;
	}
	plain->offset = offset;
	plain->key = key;
	plain->protocol_index = index;
	plain->protocol = protocol_word(file, index);
	plain->name_size = key_names_size(key);
	if (UNLIKELY(key & NOT_PLAIN))
		return plain->name_size - 1 < SEVERAL_MAX ? SEVERAL : UNCLEAR;

	const uint64_t first = load64(*(const le64 *)(record + 16)), second = load64(*(const le64 *)(record + 24));
	const uint64_t sum = checksum_step(checksum_step(checksum_step(CHECKSUM_START, first), second), key);

	if (UNLIKELY(sum != load64(*(const le64 *)record) ||
		     (unsigned)__builtin_ctz(nul_bits(first, second) | 1u << 31) + 1 != plain->name_size))
		return UNCLEAR;
	plain->name[0] = first;
	plain->name[1] = second;
	return PLAIN;
}

/* The names of a record that prove_plain() calls SEVERAL, copied: what it says is true of the copy. */
struct several_names {
	uint64_t words[SEVERAL_MAX / 8 + 2]; /* the bytes of the file; two words for loads that go past them */
	uint64_t nuls; /* bit i: byte i, of those that are the names', is a NUL */
};

/* 16 bytes of a record's names: copy them, sum them, and return which are NUL. */
LOOKUP uint64_t copy_chunk(const unsigned char *from, uint64_t *to, uint64_t *sum)
{
	const uint64_t first = load64(*(const le64 *)from), second = load64(*(const le64 *)(from + 8));

	to[0] = htole64(first);
	to[1] = htole64(second);
	*sum = checksum_step(checksum_step(*sum, first), second);
	return nul_bits(first, second);
}

/* Copy and prove; false: it is no such record. */
LOOKUP bool copy_several(struct snapshot_view file, const struct plain_answer *plain, struct several_names *names)
{
	const unsigned char *record = file.start + plain->offset, *from = record + sizeof(struct disk_record);
	const uint32_t size = plain->name_size;
	uint64_t sum = CHECKSUM_START, nuls;

	*names = (struct several_names){0}; /* all of it goes to the caller */
	if (!fits(file, plain->offset, record_size(size)))
		return false;
	nuls = copy_chunk(from, names->words, &sum);
	if (size > 16) {
		nuls |= copy_chunk(from + 16, names->words + 2, &sum) << 16;
		nuls |= copy_chunk(from + 32, names->words + 4, &sum) << 32;
	}
	nuls &= (UINT64_C(1) << size) - 1;
	names->nuls = nuls;
	for (uint32_t i = key_alias_count(plain->key); i && nuls; i--)
		nuls &= nuls - 1;
	/* one NUL is left, the last byte */
	return checksum_step(sum, plain->key) == load64(*(const le64 *)record) && nuls == UINT64_C(1) << (size - 1);
}
_Static_assert(SEVERAL_MAX == 48, "of a record's 64 bytes");

/* Whether one of them is, to the letter, that name of 1 to SHORT_NAME_MAX bytes. */
LOOKUP bool several_have(const struct several_names *names, uint64_t first, uint64_t second, size_t size)
{
	/* its bytes, and its NUL */
	const uint64_t in_first = size < 7 ? (UINT64_C(1) << 8 * (size + 1)) - 1 : ~UINT64_C(0);
	const uint64_t in_second = size < 8 ? 0 : ~UINT64_C(0) >> 8 * (15 - size);
	unsigned start = 0;

	for (uint64_t nuls = names->nuls; nuls; nuls &= nuls - 1) {
		const char *name = (const char *)names->words + start;

		if (!((load_word(name) ^ first) & in_first) && !((load_word(name + 8) ^ second) & in_second))
			return true;
		start = (unsigned)__builtin_ctzll(nuls) + 1;
	}
	return false;
}

/* What PORTS says of a port: protocols below a record number, or 0. */
LOOKUP uint32_t word_in_block(struct snapshot_view file, size_t block, size_t port)
{
	const size_t offset = block * SECTION_ALIGN;
	const unsigned char *words = file.start + offset;

	if (UNLIKELY(!fits(file, offset, PORTS_PER_BLOCK * sizeof(le32))))
		return 0;
	return (uint32_t)steady32(words + port % PORTS_PER_BLOCK * sizeof(le32));
}

LOOKUP size_t block_of_port(struct snapshot_view file, size_t port)
{
	return steady16(file.start + BLOCKS_OFF + port / PORTS_PER_BLOCK * sizeof(le16));
}

LOOKUP uint32_t word_of_port(struct snapshot_view file, size_t port)
{
	return word_in_block(file, block_of_port(file, port), port);
}

/* Among the first few of a port's records, which lie one after another from that offset. */
LOOKUP enum plainness plain_among(struct snapshot_view file, uint32_t port, uint64_t offset, unsigned few,
				  unsigned asked, struct plain_answer *plain)
{
	for (unsigned i = 0; i < few; i++) {
		if (UNLIKELY(!fits(file, offset, RECORD_UNIT)))
			return UNCLEAR;

		const uint64_t key = key_of(file, offset);

		if (UNLIKELY(key_port(key) != port))
			return UNCLEAR;
		if (LIKELY(key_protocols(key) & asked)) {
			const enum plainness plainness = prove_plain(file, offset, key, asked, plain);

			return plainness == SEVERAL && key_is_shadowed(key) ? UNCLEAR : plainness;
		}
		offset += record_size(key_names_size(key));
	}
	return UNCLEAR;
}

LOOKUP enum plainness plain_by_port(struct snapshot_view file, uint32_t port, unsigned asked,
				    struct plain_answer *plain)
{
	const uint32_t word = word_of_port(file, port);

	if (!(index_byte(word) & asked))
		return NOT_FOUND;
	return plain_among(file, port, record_at(file, index_number(word)), 1, asked, plain);
}

/* Where a name's slots begin; false: PROBE_LIMIT of them are not in the file. */
LOOKUP bool slots_of(struct snapshot_view file, uint32_t hash, uint64_t *offset)
{
	const uint64_t slot_count = steady32(file.start + offsetof(struct disk_header, slot_count));

	*offset = section_offset(file, SECTION_SLOTS) + (hash * slot_count >> 32) * sizeof(le32);
	return fits(file, *offset, PROBE_LIMIT * sizeof(le32));
}

/*
 * A name of 1 to SHORT_NAME_MAX bytes. Whether it is one of SEVERAL is for several_have() to say, which is asked with
 * what plain->name[] then holds.
 */
LOOKUP enum plainness plain_by_name(struct snapshot_view file, const char *name, size_t size, unsigned asked,
				    struct plain_answer *plain)
{
	uint64_t first, second, offset;

	load_short_name(name, size, &first, &second);

	const uint32_t seed = load32(((const struct disk_header *)(const void *)file.start)->hash_seed);
	const uint32_t hash = hash_short_name(first, second, seed);

	if (UNLIKELY(!slots_of(file, hash, &offset)))
		return NOT_FOUND;
	for (unsigned i = 0; i < PROBE_LIMIT; i++, offset += sizeof(le32)) {
		const uint32_t slot = (uint32_t)steady32(file.start + offset);

		if (!slot)
			break;
		if (index_byte(slot) != index_byte(hash))
			continue;

		const uint64_t at = record_at(file, index_number(slot));

		if (UNLIKELY(!fits(file, at, RECORD_UNIT)))
			continue;

		const uint64_t key = key_of(file, at);

		if (!(key_protocols(key) & asked))
			continue;

		const enum plainness plainness = prove_plain(file, at, key, asked, plain);

		if (plainness == SEVERAL) {
			plain->name[0] = first;
			plain->name[1] = second;
		}
		return plainness == PLAIN && UNLIKELY(plain->name[0] != first || plain->name[1] != second) ? UNCLEAR
													   : plainness;
	}
	return NOT_FOUND;
}

/* An enumeration under way; all zero is its beginning. */
struct walk {
	struct snapshot_position position; /* the next entry is there or after it */
	uint32_t left; /* bits: protocols of `last` that are yet to come */
	uint64_t after; /* where the record behind the last one begins, if that was all of its port; else 0 */
	struct plain_answer last; /* if `left` */
};

/* Find the first port, from the position on, that has any entry yet to come; its word, or 0 at the end. */
LOOKUP uint32_t next_used_port(struct snapshot_view file, struct snapshot_position *position)
{
	uint32_t port = position->port, index = position->protocol_index;

	while (port <= PORT_MAX) {
		const size_t block = block_of_port(file, port);
		const uint32_t word = block != EMPTY_BLOCK ? word_in_block(file, block, port) : 0;

		if (index_byte(word) >> index) {
			*position = (struct snapshot_position){.port = port, .protocol_index = index};
			return word;
		}
		port = block != EMPTY_BLOCK ? port + 1 : (port | (PORTS_PER_BLOCK - 1)) + 1;
		index = 0;
	}
	position->port = port;
	return 0;
}

/*
 * The same from the record behind the last one: records lie in the order of ports, and the word of a port says whether
 * the record is its first. 0: look for the port the other way.
 */
LOOKUP uint32_t port_of_record(struct snapshot_view file, uint64_t offset, struct snapshot_position *position)
{
	if (!offset || !fits(file, offset, RECORD_UNIT))
		return 0;

	const uint32_t port = key_port(key_of(file, offset)), word = word_of_port(file, port);

	if (port <= position->port || record_at(file, index_number(word)) != offset || !index_byte(word))
		return 0;
	*position = (struct snapshot_position){.port = port};
	return word;
}

/* The same record for the next of its protocols, where some are left. */
LOOKUP const struct plain_answer *plain_again(struct snapshot_view file, struct walk *walk)
{
	const uint32_t left = walk->left, index = (uint32_t)__builtin_ctz(left);

	walk->position.protocol_index = index;
	walk->left = left & (left - 1);
	walk->last.protocol = protocol_word(file, index);
	walk->last.protocol_index = index;
	return &walk->last;
}

/* The next entry in order of port, then protocol, where none is left, with the position at it: who takes it steps past. */
LOOKUP enum plainness plain_next(struct snapshot_view file, struct walk *walk, struct plain_answer *plain)
{
	struct snapshot_position position = walk->position;
	uint64_t offset = walk->after;
	uint32_t word = port_of_record(file, offset, &position), left;

	if (UNLIKELY(!word)) {
		word = next_used_port(file, &position);
		offset = record_at(file, index_number(word));
	}
	walk->after = 0;
	walk->position = position;
	if (UNLIKELY(!word))
		return NOT_FOUND;
	left = index_byte(word) >> position.protocol_index << position.protocol_index;
	walk->position.protocol_index = (uint32_t)__builtin_ctz(left);

	if (UNLIKELY(left >> FIXED_PROTOCOLS))
		return UNCLEAR;

	const enum plainness plainness = plain_among(file, position.port, offset, GROUP_LIMIT, left & -left, plain);

	if (LIKELY(plainness == PLAIN && key_protocols(plain->key) == index_byte(word))) {
		left &= left - 1;
		if (left)
			walk->last = *plain;
		walk->left = left;
		walk->after = offset + RECORD_UNIT;
	}
	return plainness;
}

/* Past the entry that the position is at. */
LOOKUP void walk_step(struct walk *walk)
{
	walk->position.protocol_index++;
}

/* To where the position is, whatever was known of the records there. */
LOOKUP void walk_forget(struct walk *walk)
{
	walk->left = 0;
	walk->after = 0;
}

/* Whether a record begins at that offset, whole, whatever its protocols: there is no other for any lookup. */
bool record_is_whole(struct snapshot_view file, uint64_t offset);

/* The whole rule (snapshot.c). Protocols: PROTOCOL_ANY for NULL, PROTOCOL_UNKNOWN where this snapshot has none so called. */
unsigned protocol_in_file(struct snapshot_view file, const char *protocol);
bool find_by_port(struct snapshot_view file, uint32_t port, unsigned asked, struct snapshot_entry *entry);
bool find_by_name(struct snapshot_view file, const char *name, unsigned asked, struct snapshot_entry *entry);
bool find_next(struct snapshot_view file, struct snapshot_position *position, struct snapshot_entry *entry);

#endif
