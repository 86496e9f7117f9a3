/* SPDX-License-Identifier: MIT */
/* Open addressing with linear probing, at most half full. */
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/text_index.h"

static uint32_t hash_key(struct text_key key, uint64_t seed)
{
	uint64_t hash = seed ^ (key.number + 0x9e3779b97f4a7c15u * key.size);
	uint64_t word = 0;

	for (uint32_t i = 0; i < key.size; i += 8) {
		const uint32_t left = key.size - i;

		word = 0;
		memcpy(&word, key.bytes + i, left < 8 ? left : 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	hash *= 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash >> 32);
}

static bool same_key(struct text_key a, struct text_key b)
{
	return a.number == b.number && a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

/* The slot that holds the key, or the empty one where it belongs. */
static uint32_t find_slot(const struct text_index *set, struct text_key key)
{
	uint32_t slot = hash_key(key, set->seed) & (set->slot_count - 1);

	while (set->slots[slot] && !same_key(set->keys[set->slots[slot] - 1], key))
		slot = (slot + 1) & (set->slot_count - 1);
	return slot;
}

static void grow(struct text_index *set)
{
	if (!set->slots && getrandom(&set->seed, sizeof set->seed, 0) < 0)
		set->seed = (uintptr_t)set; /* no random bytes yet: better than nothing */
	free(set->slots);
	set->slot_count = set->slot_count ? 2 * set->slot_count : 1024;
	set->slots = xcheck(calloc(set->slot_count, sizeof *set->slots));
	for (uint32_t i = 0; i < set->count; i++)
		set->slots[find_slot(set, set->keys[i])] = i + 1;
}

uint32_t text_index_add(struct text_index *set, struct text_key key, bool *added)
{
	if (2 * set->count >= set->slot_count)
		grow(set);

	const uint32_t slot = find_slot(set, key);
	const bool is_new = !set->slots[slot];

	if (is_new) {
		set->keys = grow_by_one(set->keys, set->count, sizeof *set->keys);
		set->keys[set->count] = key;
		set->slots[slot] = ++set->count;
	}
	if (added)
		*added = is_new;
	return set->slots[slot] - 1;
}

void text_index_free(struct text_index *set)
{
	free(set->keys);
	free(set->slots);
	*set = (struct text_index){0};
}
