/* SPDX-License-Identifier: MIT */
/*
 * Bytes onto the disk, whole or not at all: a file appears under its name by rename(2), so that whoever opens or has
 * mapped it sees all of the old one or all of the new one, whatever ends this process or the machine meanwhile.
 *
 * What is not finished lies beside the target as .ianareg-XXXXXX (compiler/temporary.h); each publication first removes
 * what killed ones left in that directory. Signals to the calling thread wait until a publication is over. Any number
 * of threads and processes may publish into one directory, or to one path, where the last rename wins.
 */
#ifndef IANAREG_PUBLISH_PUBLISH_H
#define IANAREG_PUBLISH_PUBLISH_H

#include <stddef.h>

#include "base/diagnostics.h"

enum publish_keep {
	PUBLISH_ALONE,
	PUBLISH_KEEP_PREVIOUS, /* what is replaced stays as PATH.prev, which is replaced as whole as PATH itself */
};

/*
 * Make `path` hold those bytes, mode 0644: a temporary file beside it, fsync, rename, fsync of the directory. What is
 * there, and at PATH.prev if that is kept, must be a regular file or nothing. OUTCOME_FAILED, with the error printed,
 * and `path` as it was (unless the directory's own fsync fails, which is said); PATH.prev then is what it was or
 * already what `path` is. Neither name is ever without a file where there was one.
 *
 * PATH.prev is a link to what `path` was, or a copy where it must be: where the file system has no links, or what is
 * replaced is another user's or has another mode than 0644, which PATH.prev always has.
 */
enum outcome publish_file(const char *path, const void *bytes, size_t size, enum publish_keep keep,
			  struct diagnostics *diagnostics);

/* Whether publish_file() would take that path now; else OUTCOME_FAILED, with the error printed. */
enum outcome publish_check(const char *path, enum publish_keep keep, struct diagnostics *diagnostics);

/*
 * Exchange PATH and PATH.prev in one step; where there is no PATH, PATH.prev becomes it. OUTCOME_FAILED, with the error
 * printed, and both as they were: there is no PATH.prev, or it is another user's or has another mode than 0644 (whoever
 * could write it may have), or either is not a regular file, or the system would not.
 *
 * Where the file system cannot exchange there are two steps: PATH becomes what PATH.prev is, then PATH.prev what PATH
 * was; who is killed between them leaves both as PATH.prev was.
 */
enum outcome publish_exchange(const char *path, struct diagnostics *diagnostics);

#endif
