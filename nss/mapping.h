/* SPDX-License-Identifier: MIT */
/*
 * Which snapshot this process answers from, and how a new one takes its place under running threads.
 *
 * mapping_enter() and mapping_leave() bracket every use; what the bracket gives stays mapped until it is closed. Any
 * thread may be inside any number of brackets. There is no lock: a child forked, or a thread cancelled, in the middle
 * of one leaves nothing that others wait for. (Deferred cancellation finds no cancellation point in here. Asynchronous
 * cancellation, for which no function of libc's lookups is safe, may leave a seat taken, and so a place.) A lookup
 * makes no system call but for one look a second.
 *
 * THE LOOK. Once LOOK_PERIOD_MS have gone by on CLOCK_MONOTONIC_COARSE one thread, whoever wins the compare-and-swap of
 * `looked_at`, stats the candidate paths; the others go on. A file that is not the one that is mapped, nor one that was
 * found bad or closed to us before, is opened; if it is a snapshot it becomes the current one. Anything else keeps what
 * is mapped: a path that is gone, a bad file, no memory, no descriptor. A candidate that comes after the one that is
 * mapped is taken only when it changes, never because the file before it is gone. In another root directory than that
 * of the first mapping (chroot) nothing is taken. The environment is read until the first file is mapped, then never
 * again: programs call setenv() beside us.
 *
 * SEATS. A reader writes the mapping it is about to use into a seat of its own, then looks whether that is still the
 * current one; if it is, nobody unmaps it until the seat is empty again.
 *
 *   reader                                     whoever unmaps M
 *   R1  seat = M       compare-and-swap        U1  current = N        compare-and-swap
 *   R2  current == M?  else R1 with the new    U2  current != M?      load
 *   R3  reads M                                U3  no seat holds M?   load of every seat
 *   R4  seat = NULL    store, release          U4  no enumeration holds M?   load
 *                                              U5  unmaps M
 *
 * R1, R2, U1, U2 and U3 are sequentially consistent, hence in one order that all threads agree on. A reader that goes
 * on to R3 read M at R2, so R2 comes before U1, for M never becomes current a second time while its place is in use. So
 * R1 comes before U3, and U3 sees M in the seat and leaves M mapped, or sees what the seat held later: the NULL of R4,
 * what the next reader put there by a compare-and-swap upon that NULL, or what that reader stored when its R2 failed,
 * after its compare-and-swap had acquired R4's release. Either way all that the reader did at R3 happened before U5. U2
 * may be another thread than U1: it reads a value that U1 or a later publication wrote, so U1 comes before it.
 *
 * A seat is found by hashing the thread's pointer, one cache line pair each, so that threads write no line that others
 * read on their way. A seat that is taken (another thread, or a signal handler's own lookup) sends the reader to the
 * next; where all are taken it is counted in `crowd`, and nothing is unmapped while that is not zero: R1 is then
 * the increment, R4 the decrement, U3 includes its load.
 *
 * An enumeration is held by a place of its own (mapping_hold), filled while the reader still sits and looked at after
 * the seats (U4), so that one of the two is always seen.
 *
 * PLACES. A snapshot lives in one of MAPPING_COUNT places, so no more files than these, and those that threads are just
 * bringing, are ever mapped. Who fills a place or unmaps what is in it has `busy` of that place, by compare-and-swap;
 * who finds none free keeps the old snapshot until the next look. `mapped` says that what is in a place is whole: it is
 * set after all else is filled in, and cleared before munmap(). The current mapping is replaced by compare-and-swap
 * with the one the looker sits on: of two that look at once, as when a disk takes longer than the period, one publishes
 * and the other unmaps what it brought.
 *
 * FORK. Seats, `crowd` and `busy` speak of threads, and a child has but one: the kernel gives it these pages as zeroes
 * (MADV_WIPEONFORK, asked for at the first look, since short-lived processes never need it). All else the child has as
 * it was at that instant, and each field is sound at every instant. What it may lose: a file that another thread had
 * just mapped and not yet put in its place, or was just unmapping, costs address space in that child. Where the kernel
 * does not wipe, or before the first look, a seat or place that a thread of the parent had stays taken in the child:
 * the place is one less of MAPPING_COUNT, and the worst is that the child keeps its snapshot.
 * A thread that forks in a signal handler, in the middle of a lookup of its own, loses its seat in the child: there the
 * handler may exec or exit, but not look up and return. getservbyport(3) is no function for handlers either way.
 */
#ifndef IANAREG_NSS_MAPPING_H
#define IANAREG_NSS_MAPPING_H

#include <errno.h>

#include "snapshot/snapshot.h"

/* One open bracket; the caller's, on its stack. */
struct mapping_use {
	struct mapping *mapping;
	struct mapping_seat *seat; /* NULL: counted in the crowd */
};

/*
 * The current snapshot, or NULL with the reason in `*errnop`: ENOENT, EACCES, EINVAL for a file that is no snapshot,
 * ENOMEM, EAGAIN ... errno itself is left alone. After a NULL there is nothing to leave.
 */
const struct snapshot *mapping_enter(struct mapping_use *use, int *errnop);
void mapping_leave(struct mapping_use *use);

/* Whether a reason is one that passes by itself (TRYAGAIN), not the state of the files (UNAVAIL). */
static inline bool mapping_failure_may_pass(int reason)
{
	return reason == ENOMEM || reason == EMFILE || reason == ENFILE || reason == EAGAIN;
}

/*
 * The same for the one enumeration of this process, from setservent() to endservent(), which no fork ends. Calls of
 * these two must not overlap (libc's lock sees to that). mapping_release() may be called when nothing is held.
 */
const struct snapshot *mapping_hold(int *errnop);
void mapping_release(void);

#endif
