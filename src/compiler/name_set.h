/* SPDX-License-Identifier: MIT */
/*
 * A hash table from (text, number) to a number from 0 on, in order of first appearance. Texts are not copied: they
 * must outlive the table and are compared to the letter. One thread at a time; ends the process without memory.
 */
#ifndef IANAREG_COMPILER_NAME_SET_H
#define IANAREG_COMPILER_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_key {
	const char *bytes;
	uint32_t size;
	uint32_t number; /* tells apart keys of the same bytes */
};

/* Zero-initialise. */
struct name_set {
	struct name_key *keys; /* by number */
	uint32_t count;
	uint32_t *slots; /* number + 1, or 0 */
	uint32_t slot_count; /* a power of two, or 0 */
	uint64_t seed; /* random, against names chosen to collide; numbers do not depend on it */
};

/* The key's number; it is added if it was not there, and *added says so (NULL is fine). */
uint32_t name_set_add(struct name_set *set, struct name_key key, bool *added);
void name_set_free(struct name_set *set);

#endif
