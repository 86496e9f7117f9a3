/* SPDX-License-Identifier: MIT */
/*
 * Which snapshot this process answers from, and how a new one takes its place under running threads.
 *
 * A reader writes nothing. It takes the ticket of the current publication, reads and copies what it wants, and asks
 * mapping_stayed() whether all of that is of one snapshot; if it is not, it throws the copy away and begins again. What
 * it reads stays readable memory for as long as the process lives, so nobody waits for a reader, nor counts it: a thread
 * that is cancelled, stopped for hours, or gone in a forked child holds nothing. A lookup makes no system call but for
 * one look a second.
 *
 * THE LOOK. When time(2) shows another second than at the last look, one thread, whoever wins the compare-and-swap of
 * `second`, stats the candidate paths; the others go on. So there is at most one look in each second of the clock, no
 * publication goes unseen for longer than one, and all processes see it at the same tick. (The clock in milliseconds
 * takes longer than the rest of a miss; the second costs a quarter of it.) The first look of a process comes a full
 * second after its first mapping: a short process shall not pay for one. (From the first tick until then each lookup asks
 * the other clock, too.) A file that is not the one that is mapped, nor
 * one that was found bad or closed to us before, is opened; if it is a snapshot it becomes the current one. Anything
 * else keeps what is mapped: a path that is gone, a bad file, no memory, no descriptor. A candidate that comes after the
 * one that is mapped is taken only when it changes, never because the file before it is gone. In another root directory
 * than that of the first mapping (chroot) nothing is taken. The environment is read until the first file is mapped, then
 * never again: programs call setenv() beside us.
 *
 * PLACES. A snapshot lives in one of MAPPING_COUNT places. A place has a range of addresses that is its own from its
 * first use on and is never unmapped: what goes out of use is replaced by pages of zeros in one step (mmap MAP_FIXED),
 * and those by the next file (mremap MREMAP_FIXED). The file, its memory and its blocks on disk are let go at once; what
 * is kept is addresses. A file that is too large for its place's range gets a wider one, a power of two, so that all the
 * ranges a place ever had are together less than twice its last. Where the kernel refuses, all is as it was and the next
 * look tries again; where it lacks memory half-way there may be a hole, which is covered again if nobody else was quicker;
 * else the place is not used again.
 *
 * WHO MAY CHANGE THEM. One thread at a time looks: who has `looking`, by compare-and-swap. It alone publishes and clears;
 * if its disk hangs, the others keep the old snapshot. First mappings come before that and may come together: each claims
 * a place (`filling`), fills it, and the first to set `ticket` has won. Whoever claims after that finds `ticket` set and
 * gives the claim back untouched, and who looks leaves claimed places alone.
 *
 * WHY THE COPY IS OF ONE SNAPSHOT. `ticket` is a generation and a place: no two publications share one.
 *
 *   reader                                        whoever publishes N after M
 *   R1  t = ticket             load, acquire      P1  fills N's place
 *   R2  size, start of place   loads, acquire     P2  ticket = N's      store
 *   R3  reads, copies                             P3  replaces the bytes of M's place, and later fills it anew
 *   R4  fence                  acquire
 *   R5  ticket == t ?          load
 *
 * P1 of t's own publication happened before R1 read t. Say that R2 or R3 read something that was put there after M went
 * out of use: it was put there after P2 by the same thread, or by one that had `looking` after it. A start or size is
 * read by an acquire load from a release store, bytes through a page that the kernel replaced under a lock, with a
 * barrier on every processor that could see the old one; either way P2 happened before R4, and R5 sees N's ticket or a
 * later one, never t again. So if R5 reads t, all that R3 read was of t's snapshot.
 *
 * WHY NO READ FAULTS. R2 loads `size`, then `start`; P1 stores `start`, then `size`. So whatever mixture of two
 * publications a reader gets, `start` is of a range with at least `size` readable bytes: a place's start only changes to
 * that of a wider range. Snapshots are at least as large as what lookup.h reads without asking; all else passes its gate,
 * on values that it loads once.
 *
 * An enumeration must not begin again when a snapshot is published: it holds its place (mapping_hold). `enumerated` is
 * stored before `ticket` is looked at again, as whoever clears places looks at it after having stored `ticket`; all four
 * are sequentially consistent, so that one of the two sees the other.
 *
 * FORK. `looking` speaks of a running thread, which a child may not have: it is in a page of its own, which the kernel
 * gives the child as zeros (MADV_WIPEONFORK, before anybody looks; since short-lived processes never look, they do not
 * have that page). All else the child has as it was at that instant, and each field is sound at every instant: a place
 * counts as empty until a file is whole in it. A file that another thread had just mapped, and not yet put in its place,
 * costs address space in that child, and a place that a thread was filling with a first mapping stays claimed. Where the
 * kernel does not wipe, a child of a process that was just looking keeps its snapshot.
 */
#ifndef IANAREG_NSS_MAPPING_H
#define IANAREG_NSS_MAPPING_H

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "snapshot/record.h"

enum {
	PLACE_BITS = 3,
	VIEW_BITS = 4, /* so that a ticket's low bits are the offset of a view in bytes */
	MAPPING_COUNT = 1 << PLACE_BITS, /* the current one, an enumeration's, the one that comes; the others are for
					    first mappings that come together, and for bad luck with forks */
};

/* What every lookup reads and nobody writes more than once a second. The current view is in the second line at most. */
extern __attribute__((visibility("hidden"))) struct mapping_front {
	alignas(128) _Atomic(long) second; /* time() at the last look, or before the first mapping; -1: there is none */
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
__attribute__((cold)) bool mapping_prepare(int *errnop);

/* Whether mapping_prepare() must come first. */
static inline __attribute__((always_inline)) bool mapping_is_due(void)
{
	return (long)time(NULL) != atomic_load_explicit(&mapping_front.second, memory_order_acquire);
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
	return atomic_load_explicit(&mapping_front.ticket, memory_order_relaxed) == ticket;
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
