/* SPDX-License-Identifier: MIT */
/*
 * Which snapshot this process answers from, and how a new one takes its place under running threads.
 *
 * A reader writes nothing. It asks mapping_begin() for the current file, reads and copies what it wants, and asks
 * mapping_stayed() whether all of that is of one snapshot; if it is not, it throws the copy away and begins again. What it
 * reads stays readable memory for as long as the process lives, so that nobody need wait for a reader, nor count it:
 * a thread cancelled, stopped for hours, or gone in a forked child holds nothing. A lookup makes no system call but for
 * one look a second.
 *
 * THE LOOK. When time(2) shows another second than at the last look, one thread, whoever wins the compare-and-swap of
 * `second`, stats the candidate paths; the others go on. So there is at most one look in each second of the clock, no
 * publication goes unseen for longer than one, and all processes see it at the same tick. (The clock in milliseconds
 * costs three times as much as the whole rest of a miss.) The first look of a process comes a full second after its
 * first mapping, for a short process shall not pay for one. A file that is not the one that is mapped, nor one that was
 * found bad or closed to us before, is opened; if it is a snapshot it becomes the current one. Anything else keeps what
 * is mapped: a path that is gone, a bad file, no memory, no descriptor. A candidate that comes after the one that is
 * mapped is taken only when it changes, never because the file before it is gone. In another root directory than that
 * of the first mapping (chroot) nothing is taken. The environment is read until the first file is mapped, then never
 * again: programs call setenv() beside us.
 *
 * PLACES. A snapshot lives in one of MAPPING_COUNT places. A place has a range of addresses that is its own from its
 * first use on and is never unmapped: a snapshot that is out of use is replaced by pages of zeros in one step
 * (mmap MAP_FIXED), the next one by mremap MREMAP_FIXED. Files, their memory and their disk blocks are let go at
 * once; what is kept is addresses. A file that is too large for its place's range gets another, a power of two, so
 * that all the ranges a place ever had are together smaller than twice its last. Whoever fills a place or clears it
 * has `busy` of that place, by compare-and-swap; whoever looks has that of the current one, so that one thread looks at a
 * time, and if its disk hangs the others keep the old snapshot.
 *
 * WHY THE COPY IS OF ONE SNAPSHOT. `ticket` is a generation and a place: no two publications share one.
 *
 *   reader                                        whoever publishes N after M
 *   R1  t = ticket             load, acquire      P1  fills N's place
 *   R2  size, start of place   loads, acquire     P2  ticket = N's      store, release
 *   R3  reads, copies                             P3  replaces the bytes of M's place
 *   R4  fence                  acquire
 *   R5  ticket == t ?          load
 *
 * If R5 reads t again, no P2 that came after t's own had been seen at R4. Had R3 read a byte that P3 put there, it would have seen P2
 * as well: the kernel replaces pages with a lock that orders P2 before, and the fence orders R5 after. And P1 of t's own
 * publication happened before R1. So all of R3 was of the snapshot of t.
 *
 * WHY NO READ FAULTS. R2 loads `size`, then `start`; P1 stores `start`, then `size`. So whatever mixture of two
 * publications a reader gets, `start` is of a range that has at least `size` bytes, and ranges stay. Snapshots are at least
 * as large as what lookup.h reads without asking; all else passes its gate.
 *
 * An enumeration must not begin again when a snapshot is published: it holds its place (mapping_hold), which is stored
 * before `ticket` is looked at again, as whoever clears a place looks at it after having stored `ticket`; both are
 * sequentially consistent, so that one of the two sees the other.
 *
 * FORK. `busy` speaks of running threads, and a child has but one: the kernel gives it that page as zeroes
 * (MADV_WIPEONFORK, asked for before the first look, since short-lived processes never need it). All else the child
 * has as it was at that instant, and each field is sound at every instant. What it may lose: a file that another thread
 * had just mapped and not yet put in its place costs address space in that child. Before the first look, a place that
 * a thread of the parent was just filling stays busy in the child: it is one less of MAPPING_COUNT.
 */
#ifndef IANAREG_NSS_MAPPING_H
#define IANAREG_NSS_MAPPING_H

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "snapshot/lookup.h"

enum {
	PLACE_BITS = 3,
	VIEW_BITS = 4, /* so that a ticket's low bits are the offset of a view in bytes */
	MAPPING_COUNT = 1 << PLACE_BITS, /* the current one, an enumeration's, the one that comes; the rest is for first
					    mappings that come together, and for bad luck with forks */
};

/* What every lookup reads and nobody writes more than once a second: one cache line pair. */
extern __attribute__((visibility("hidden"))) struct mapping_front {
	alignas(128) _Atomic(long) second; /* time() at the last look; -1: none was made */
	_Atomic(uintptr_t) ticket; /* a generation, a place's number, VIEW_BITS of zeros; 0: nothing is mapped */
	struct mapping_view {
		alignas(1 << VIEW_BITS) _Atomic(const unsigned char *) start;
		_Atomic(uint32_t) size;
	} views[MAPPING_COUNT]; /* of each place's file */
} mapping_front;
_Static_assert(sizeof(struct mapping_view) == 1 << VIEW_BITS, "a ticket says where its view is");

/*
 * What is out of the way: the first mapping, and the look. False, with the reason in `*errnop`, where nothing is mapped:
 * ENOENT, EACCES, EINVAL for a file that is no snapshot, ENOMEM, EAGAIN ... errno itself is left alone.
 */
bool mapping_prepare(int *errnop);

/* Whether mapping_prepare() must come first. */
static inline __attribute__((always_inline)) bool mapping_is_due(void)
{
	return UNLIKELY((long)time(NULL) != atomic_load_explicit(&mapping_front.second, memory_order_acquire));
}

/* The file of a publication, as long as that is the current one; else any that can be read. */
static inline __attribute__((always_inline)) struct snapshot_view mapping_view_of(uintptr_t ticket)
{
	const char *views = (const char *)mapping_front.views;
	const struct mapping_view *view =
		(const struct mapping_view *)(const void *)(views + (ticket & (sizeof mapping_front.views - 1)));
	const uint32_t size = atomic_load_explicit(&view->size, memory_order_acquire);

	return (struct snapshot_view){.start = atomic_load_explicit(&view->start, memory_order_acquire), .size = size};
}

/* The current publication, where mapping_prepare() need not come first or has said true. Async-signal-safe. */
static inline __attribute__((always_inline)) uintptr_t mapping_begin(void)
{
	return atomic_load_explicit(&mapping_front.ticket, memory_order_acquire);
}

/* Whether all that was read and copied since then is of one snapshot. */
static inline __attribute__((always_inline)) bool mapping_stayed(uintptr_t ticket)
{
#ifdef __SANITIZE_THREAD__ /* which does not know fences */
	return atomic_fetch_add(&mapping_front.ticket, 0) == ticket;
#else
	atomic_thread_fence(memory_order_acquire);
	return LIKELY(atomic_load_explicit(&mapping_front.ticket, memory_order_relaxed) == ticket);
#endif
}

/* A file as it is being read; the caller's, on its stack. */
struct mapping_reading {
	struct snapshot_view file;
	uintptr_t ticket;
};

/* All that must be done to begin. False as mapping_prepare() says. */
static inline bool mapping_read(struct mapping_reading *reading, int *errnop)
{
	if (mapping_is_due() && !mapping_prepare(errnop))
		return false;
	reading->ticket = mapping_begin();
	reading->file = mapping_view_of(reading->ticket);
	return true;
}

/* Whether a reason is one that passes by itself (TRYAGAIN), not the state of the files (UNAVAIL). */
static inline bool mapping_failure_may_pass(int reason)
{
	return reason == ENOMEM || reason == EMFILE || reason == ENFILE || reason == EAGAIN;
}

/*
 * The snapshot of the one enumeration of this process, from setservent() to endservent(), which no fork ends: it stays
 * as it is. Calls of these two must not overlap (libc's lock sees to that). mapping_release() may be called when nothing
 * is held.
 */
bool mapping_hold(struct snapshot_view *file, int *errnop);
void mapping_release(void);

#endif
