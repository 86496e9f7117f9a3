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

static inline uint64_t load64(const char *bytes)
{
	const le32 *halves = (const le32 *)(const void *)bytes;

	return load32(halves[0]) | (uint64_t)load32(halves[1]) << 32;
}

/* The last 0 to 8 bytes of a name of `size` bytes as one word; for 4 and more by loads that overlap. */
static inline uint64_t load_tail(const char *name, size_t size)
{
	const unsigned char *b = (const unsigned char *)name;

	if (size >= 8)
		return load64(name + size - 8);
	if (size >= 4)
		return load32(*(const le32 *)(const void *)b) |
		       (uint64_t)load32(*(const le32 *)(const void *)(b + size - 4)) << 32;
	return size ? b[0] | (uint64_t)b[size / 2] << 8 | (uint64_t)b[size - 1] << 16 : 0;
}

/* Hash of a name without regard to case. The same on every machine: it is part of the file format. */
static inline uint32_t name_hash(const char *name, size_t size, uint32_t seed)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t hash = (seed ^ size) * odd;

	for (size_t i = 0; i + 8 < size; i += 8) {
		hash = (hash ^ fold_word(load64(name + i))) * odd;
		hash ^= hash >> 32;
	}
	hash = (hash ^ fold_word(load_tail(name, size))) * odd;
	return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

/* Whether two names of `size` bytes are the same but for ASCII case. */
static inline bool names_fold_equal(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i + 8 < size; i += 8)
		if (fold_word(load64(a + i)) != fold_word(load64(b + i)))
			return false;
	return fold_word(load_tail(a, size)) == fold_word(load_tail(b, size));
}

#endif
