/* SPDX-License-Identifier: MIT */
/*
 * Service names as the index sees them: ASCII letters compare without case (RFC 6335 section 5.1), all other bytes
 * as they are, in every locale. Reader, check and writer share these, and nothing here reads outside its arguments.
 */
#ifndef IANAREG_SNAPSHOT_NAME_H
#define IANAREG_SNAPSHOT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/format.h"

/* Eight bytes with the ASCII capitals among them made small. */
static inline uint64_t fold_word(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t low7 = word & 0x7f * ones;
	uint64_t from_A = low7 + (0x80 - 'A') * ones;
	uint64_t past_Z = low7 + (0x7f - 'Z') * ones;

	return word | (((from_A ^ past_Z) & ~word & 0x80 * ones) >> 2);
}

/* Eight bytes as a little-endian word. */
static inline uint64_t load_word(const char *bytes)
{
	return load64(*(const le64 *)(const void *)bytes);
}

/* The last 0 to 8 bytes of a name of `size` bytes as one word; for 4 and more by loads that overlap. */
static inline uint64_t load_tail(const char *name, size_t size)
{
	const unsigned char *b = (const unsigned char *)name;

	if (size >= 8)
		return load_word(name + size - 8);
	if (size >= 4)
		return load32(*(const le32 *)(const void *)b) |
		       (uint64_t)load32(*(const le32 *)(const void *)(b + size - 4)) << 32;
	return size ? b[0] | (uint64_t)b[size / 2] << 8 | (uint64_t)b[size - 1] << 16 : 0;
}

/* A name of up to 7 bytes as a word, zeros above it: loads that overlap put the same bytes in the same places. */
static inline uint64_t load_up_to_7(const char *name, size_t size)
{
	const unsigned char *b = (const unsigned char *)name;

	if (size >= 4)
		return load32(*(const le32 *)(const void *)b) |
		       (uint64_t)load32(*(const le32 *)(const void *)(b + size - 4)) << 8 * (size - 4);
	return size ? b[0] | (uint64_t)b[size / 2] << 8 * (size / 2) | (uint64_t)b[size - 1] << 8 * (size - 1) : 0;
}

/* A name of up to 15 bytes (RFC 6335's longest) as it stands in a record: two words, zeros from its NUL on. */
enum { SHORT_NAME_MAX = 15 };

static inline void load_short_name(const char *name, size_t size, uint64_t *first, uint64_t *second)
{
	if (size < 8) {
		*first = load_up_to_7(name, size);
		*second = 0;
	} else {
		*first = load_word(name);
		*second = load_word(name + size - 8) >> 8 >> 8 * (15 - size); /* never a shift by all 64 */
	}
}

/*
 * Hash of a name without regard to case. The same on every machine: it is part of the file format. The name is hashed
 * as words of 8 bytes, as many as it takes with its NUL but two at least, zeros up to the last one's end. One bit of
 * each byte is set rather than capitals made small: that costs an instruction instead of ten, and of the bytes that
 * names may hold it makes no others alike but @[\]^_ and `{|}~ and what is 0x20 apart above 0x7f, which the comparison
 * tells apart. The first two words, all that most names have, are multiplied side by side.
 */
#define HASH_SAME_CASE 0x2020202020202020u
#define HASH_FIRST 0x9e3779b97f4a7c15u
#define HASH_SECOND 0xd1342543de82ef95u

static inline uint64_t hash_two_words(uint64_t first, uint64_t second, uint32_t seed)
{
	return ((first | HASH_SAME_CASE) ^ seed) * HASH_FIRST + (second | HASH_SAME_CASE) * HASH_SECOND;
}

static inline uint32_t hash_short_name(uint64_t first, uint64_t second, uint32_t seed)
{
	const uint64_t hash = hash_two_words(first, second, seed);

	return (uint32_t)(hash ^ hash >> 32);
}

static inline uint32_t name_hash(const char *name, size_t size, uint32_t seed)
{
	uint64_t first, second, hash;

	if (size <= SHORT_NAME_MAX) {
		load_short_name(name, size, &first, &second);
		return hash_short_name(first, second, seed);
	}
	hash = hash_two_words(load_word(name), load_word(name + 8), seed);
	for (size_t i = 16; i <= size; i += 8) {
		const uint64_t word = i + 8 <= size ? load_word(name + i)
				      : size % 8    ? load_word(name + size - 8) >> 8 * (8 - size % 8)
						    : 0;

		hash = (hash ^ hash >> 32 ^ (word | HASH_SAME_CASE)) * HASH_FIRST;
	}
	return (uint32_t)(hash ^ hash >> 32);
}

/* Whether two names of `size` bytes are the same. */
static inline bool names_equal(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i + 8 < size; i += 8)
		if (load_word(a + i) != load_word(b + i))
			return false;
	return load_tail(a, size) == load_tail(b, size);
}

/* Whether two names of `size` bytes are the same but for ASCII case. */
static inline bool names_fold_equal(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i + 8 < size; i += 8)
		if (fold_word(load_word(a + i)) != fold_word(load_word(b + i)))
			return false;
	return fold_word(load_tail(a, size)) == fold_word(load_tail(b, size));
}

#endif
