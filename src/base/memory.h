/* SPDX-License-Identifier: MIT */
/* Memory and sorting for the tool, which has nothing to save when there is none. The module never comes here. */
#ifndef IANAREG_BASE_MEMORY_H
#define IANAREG_BASE_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What the process ends with for want of memory: 1, or what a verb sets for which 1 is no failure, as diff does. */
extern int exit_failure;

/* The pointer, or the end of the process with that status. */
static inline void *xcheck(void *memory)
{
	if (!memory) {
		fputs("ianareg: out of memory\n", stderr);
		exit(exit_failure);
	}
	return memory;
}

/* `array` with room for one more than `count` items: doubled whenever `count` is a power of two. Starts from NULL, 0. */
static inline void *grow_by_one(void *array, size_t count, size_t item_size)
{
	if (count & (count - 1))
		return array;
	return xcheck(reallocarray(array, count ? 2 * count : 1, item_size));
}

/* For qsort() of uint64_t. */
static inline int compare_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#endif
