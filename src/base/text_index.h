/* SPDX-License-Identifier: MIT */
/*
 * A hash table from (text, number) to a number from 0 on, in order of first appearance. Texts are not copied: they
 * must outlive the table and are compared to the letter. One thread at a time; ends the process without memory.
 */
#ifndef IANAREG_BASE_TEXT_INDEX_H
#define IANAREG_BASE_TEXT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_key {
	const char *bytes;
	uint32_t size;
	uint32_t number; /* tells apart keys of the same bytes */
};

/* Zero-initialise. */
struct text_index {
	struct text_key *keys; /* by number */
	uint32_t count;
	uint32_t *slots; /* number + 1, or 0 */
	uint32_t slot_count; /* a power of two, or 0 */
	uint64_t seed; /* random, against names chosen to collide; numbers do not depend on it */
};

/* The key's number; it is added if it was not there, and *added says so (NULL is fine). */
uint32_t text_index_add(struct text_index *set, struct text_key key, bool *added);
void text_index_free(struct text_index *set);

#endif
