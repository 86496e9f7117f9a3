/* SPDX-License-Identifier: MIT */
/* Memory and sorting for the tool, which has nothing to save when there is none. The module never comes here. */
#ifndef IANAREG_COMPILER_MEMORY_H
#define IANAREG_COMPILER_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The pointer, or the end of the process with status 1. */
static inline void *must_have(void *memory)
{
	if (!memory) {
		fputs("ianareg: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

/* `array` with room for one more than `count` items: doubled whenever `count` is a power of two. Starts from NULL, 0. */
static inline void *room_for_one(void *array, size_t count, size_t item_size)
{
	if (count & (count - 1))
		return array;
	return must_have(reallocarray(array, count ? 2 * count : 1, item_size));
}

/* For qsort() of uint64_t. */
static inline int compare_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#endif
