/* SPDX-License-Identifier: MIT */
/*
 * One update or rollback of a target at a time. The lock is a flock(2) on a file beside the target with mode 0600: any
 * user can lock a file or directory that the user may open, and could so keep every update from running. The file is
 * removed when the lock is released and on signals that end the process; a file left by SIGKILL is reused by the next
 * process.
 */
#ifndef IANAREG_PUBLISH_LOCK_H
#define IANAREG_PUBLISH_LOCK_H

#include "base/diagnostics.h"

/* Lock a target; a process may hold one lock. OUTCOME_BUSY or OUTCOME_FAILED, with a message: it is not locked. */
enum outcome lock_target(const char *path);
void unlock_target(void);

#endif
