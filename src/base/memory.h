/* SPDX-License-Identifier: MIT */
/*
 * Memory and sorting for the tool, which has nothing to save when memory runs out. The module and libianareg never use
 * it.
 */
#ifndef IANAREG_BASE_MEMORY_H
#define IANAREG_BASE_MEMORY_H

#include <stdint.h>
#include <stdlib.h>

/*
 * Called where there is no memory; it must not return. By default it prints a message and exits with 1; a program whose
 * failure is another status sets its own before it allocates, as with glibc's obstack_alloc_failed_handler.
 */
extern void (*out_of_memory_handler)(void);

/* The pointer; NULL calls the handler. */
void *xcheck(void *memory);

/*
 * `array` with room for one more than `count` items: doubled whenever `count` is a power of two. Starts from NULL, 0.
 */
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
