/* SPDX-License-Identifier: MIT */
/*
 * Which snapshot this process answers from.
 *
 * mapping_enter() and mapping_leave() bracket every use of it; what the bracket gives stays mapped until it is closed.
 * Any thread may be inside any number of brackets; there is no lock, so that a child forked, or a thread cancelled, in
 * the middle of one leaves nothing held.
 *
 * Today one snapshot is mapped at first use and kept for the life of the process. Several threads that come first may
 * each map it: one of them publishes its mapping by compare-and-swap (release), the others unmap theirs; whoever loads
 * the pointer (acquire) sees the mapping whole.
 */
#ifndef IANAREG_NSS_MAPPING_H
#define IANAREG_NSS_MAPPING_H

#include "snapshot/snapshot.h"

/*
 * The current snapshot, or NULL with the reason in `*errnop`: ENOENT, EACCES, EINVAL for a file that is no snapshot,
 * ENOMEM ... errno itself is left alone. After a NULL there is nothing to leave.
 */
const struct snapshot *mapping_enter(int *errnop);
void mapping_leave(const struct snapshot *snapshot);

#endif
