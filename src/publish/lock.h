/* SPDX-License-Identifier: MIT */
/*
 * One update or rollback of a target at a time. The lock is a flock(2) on a file beside the target that only its owner
 * may open; others could hold a lock on the directory, or on anything they may read, for as long as they like, and no
 * update would ever run. The file goes when the lock is released, and at signals that end the process; what SIGKILL
 * leaves is taken and removed by the next.
 */
#ifndef IANAREG_PUBLISH_LOCK_H
#define IANAREG_PUBLISH_LOCK_H

#include "base/diagnostics.h"

/* Lock a target; at most one a process. OUTCOME_BUSY or OUTCOME_FAILED with a message: it is not. */
enum outcome lock_target(const char *path);
void unlock_target(void);

#endif
