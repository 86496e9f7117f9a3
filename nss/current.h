/* SPDX-License-Identifier: MIT */
/*
 * The current snapshot of this process, as a lookup reads it: an optimistic read validated by a generation counter. It
 * is a seqlock whose writer waits for nobody: memory that was mapped once stays readable for ever. A reader takes the
 * generation, reads and copies, and asks current_unchanged(); if that is false it discards the copy and starts again.
 * It writes nothing and holds nothing, so a thread may be cancelled, stopped for hours, or missing in a forked child.
 *
 * WHY A COPY IS OF ONE SNAPSHOT. A generation names a publication and the mapping slot it is in; no two are the same.
 *
 *   reader                                          thread that publishes N after M
 *   R1  g = generation           load, acquire      P1  fills N's slot
 *   R2  size, start of the slot  loads, acquire     P2  generation = N's         store, release
 *   R3  reads and copies                            P3  replaces the bytes in M's slot, and later fills it again
 *   R4  fence                    acquire
 *   R5  generation == g ?        load
 *
 * P1 of g's own publication happened before R1 loaded g. Suppose that R2 or R3 read something that was written to the
 * slot after M went out of use. It was written after P2 by the same thread, or by one that had the reload lock later. A
 * start or size was read by an acquire load from a release store; bytes were read through a page that the kernel
 * replaced under a lock, with a barrier on every processor that could see the old one. Either way P2 happened before
 * R4, and R5 loads N's generation or a later one, never g. So if R5 loads g, all that R3 read is of g's snapshot.
 *
 * WHY NO READ FAULTS. R2 loads `size`, then `start`; P1 stores `start`, then `size`. Whatever mixture of two
 * publications a reader gets, `start` is that of a range with at least `size` readable bytes, because a slot's range is
 * only ever replaced by a larger one. Every snapshot is at least as large as what a reader loads without asking (header
 * and BLOCKS); all else passes the bounds gate (snapshot/record.h).
 */
#ifndef IANAREG_NSS_CURRENT_H
#define IANAREG_NSS_CURRENT_H

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "snapshot/record.h"

enum {
	SLOT_BITS = 3,
	VIEW_BITS = 4, /* so that the low bits of a generation are the offset of a view in bytes */
	MAPPING_SLOT_COUNT = 1 << SLOT_BITS, /* the current snapshot, an enumeration's and the next one; the others are
					       for first mappings at the same time, and for slots lost by forks */
};

/* What every lookup reads, and a thread writes once a second at most. */
extern __attribute__((visibility("hidden"))) struct current {
	alignas(128) _Atomic(long)
		second; /* time() at the last reload check, or before the first mapping; -1: neither */
	_Atomic(uintptr_t) generation; /* counter, number of the slot, VIEW_BITS of zeros; 0: nothing is mapped */
	struct slot_view {
		alignas(1 << VIEW_BITS) _Atomic(const unsigned char *) start;
		_Atomic(uint32_t) size;
	} views[MAPPING_SLOT_COUNT]; /* the file in each slot */
} current;
_Static_assert(sizeof(struct slot_view) == 1 << VIEW_BITS, "a generation says where its view is");

/*
 * The slow path: the first mapping, or the reload check (reload.c). False where nothing is mapped, with the reason in
 * `*errnop`: ENOENT, EACCES, EINVAL for a file that is no snapshot, ENOMEM, EAGAIN ... errno itself is left alone.
 */
__attribute__((cold)) bool current_prepare(int *errnop);

READER struct snapshot_view current_view(uintptr_t generation)
{
	const struct slot_view *const view = &current.views[(generation >> VIEW_BITS) % MAPPING_SLOT_COUNT];
	const uint32_t size = atomic_load_explicit(&view->size, memory_order_acquire); /* R2 */

	return (struct snapshot_view){atomic_load_explicit(&view->start, memory_order_acquire), size};
}

struct current_read {
	struct snapshot_view file;
	uintptr_t generation;
};

/* Begin to read. False as current_prepare() says; it is called where a reload check is due. */
READER bool current_begin(struct current_read *read, int *errnop)
{
	if ((long)time(NULL) != atomic_load_explicit(&current.second, memory_order_acquire) && !current_prepare(errnop))
		return false;
	read->generation = atomic_load_explicit(&current.generation, memory_order_acquire); /* R1: pairs with P2 */
	read->file = current_view(read->generation);
	return true;
}

/* Whether all that was read since then is of one snapshot. */
READER bool current_unchanged(const struct current_read *read)
{
#ifdef __SANITIZE_THREAD__ /* which does not know fences */
	return atomic_fetch_add(&current.generation, 0) == read->generation;
#else
	atomic_thread_fence(memory_order_acquire); /* R4 */
	return atomic_load_explicit(&current.generation, memory_order_relaxed) ==
	       read->generation; /* R5: pairs with P2 */
#endif
}

/* Whether a failure passes by itself (TRYAGAIN) or is the state of the files (UNAVAIL). */
static inline bool failure_is_temporary(int reason)
{
	return reason == ENOMEM || reason == EMFILE || reason == ENFILE || reason == EAGAIN;
}

/*
 * The snapshot of the one enumeration of this process, from setservent() to endservent(), fork or not: it does not
 * change. Calls of these two must not overlap (libc's lock sees to that). current_release() may be called at any time.
 */
bool current_hold(struct snapshot_view *file, int *errnop);
void current_release(void);

#endif
