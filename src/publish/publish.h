/* SPDX-License-Identifier: MIT */
/*
 * Crash-safe publication: a file appears under its name by rename(2), so that a process which opens or has mapped it
 * sees all of the old file or all of the new one, even if this process is killed or the machine stops in between.
 *
 * An unfinished file lies beside the target as .ianareg-XXXXXX (publish/temporary.h); each publication first removes
 * those that killed publications left in that directory. Signals to the calling thread are blocked during a
 * publication. Any number of threads and processes may publish into one directory, or to one path, where the last
 * rename wins.
 */
#ifndef IANAREG_PUBLISH_PUBLISH_H
#define IANAREG_PUBLISH_PUBLISH_H

#include <stddef.h>

#include "base/diagnostics.h"

enum publish_keep {
	PUBLISH_ALONE,
	PUBLISH_KEEP_PREVIOUS, /* the replaced file stays as PATH.prev, which is replaced as atomically as PATH */
};

/*
 * Make `path` hold those bytes, mode 0644: write a temporary file beside it, fsync, rename, fsync the directory. PATH,
 * and PATH.prev if that is kept, must be a regular file or not exist. On OUTCOME_FAILED the error is printed and `path`
 * is as it was, unless the directory's own fsync failed, which the message says; PATH.prev then is either unchanged or
 * already equal to `path`. A name that had a file is never without one.
 *
 * PATH.prev is a hard link to the replaced file. It is a copy where the file system has no links, or where the replaced
 * file belongs to another user or has another mode than 0644, the mode that PATH.prev always has.
 */
enum outcome publish_file(const char *path, const void *bytes, size_t size, enum publish_keep keep,
			  struct diagnostics *diagnostics);

/* PATH.prev, where a publication keeps the replaced file; free() it. */
char *previous_path(const char *path);

/* Whether publish_file() would take that path now; else OUTCOME_FAILED, with the error printed. */
enum outcome publish_check(const char *path, enum publish_keep keep, struct diagnostics *diagnostics);

/*
 * Exchange PATH and PATH.prev in one step; where PATH does not exist, rename PATH.prev to it. On OUTCOME_FAILED the
 * error is printed and both are as they were: PATH.prev does not exist, belongs to another user or has another mode
 * than 0644 (another user may have written it), one of the two is not a regular file, or a system call failed.
 *
 * Where the file system cannot exchange two names there are two steps: PATH becomes a copy of PATH.prev, then PATH.prev
 * a copy of what PATH was. A process killed between them leaves the content of PATH.prev under both names.
 */
enum outcome publish_exchange(const char *path, struct diagnostics *diagnostics);

#endif
