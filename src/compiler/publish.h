/* SPDX-License-Identifier: MIT */
/*
 * Bytes onto the disk, whole or not at all: a file appears under its name by rename(2), so that whoever opens or has
 * mapped it sees all of the old one or all of the new one, whatever ends this process or the machine meanwhile.
 *
 * Temporary files lie beside the target and are called .ianareg-XXXXXX; the process that writes one holds a flock(2) on
 * it, so that the next publication in that directory can tell and remove what a killed one left behind. Signals wait
 * until a publication is over. Thread-safe but for that: one thread blocks them for itself alone.
 */
#ifndef IANAREG_COMPILER_PUBLISH_H
#define IANAREG_COMPILER_PUBLISH_H

#include <stddef.h>

#include "compiler/diagnostics.h"

enum publish_keep {
	PUBLISH_ALONE,
	PUBLISH_KEEP_PREVIOUS, /* what is replaced stays as PATH.prev, which is replaced as whole as PATH itself */
};

/*
 * Make `path` hold those bytes, mode 0644: a temporary file beside it, fsync, rename, fsync of the directory. What is
 * there must be a regular file or nothing. COMPILE_FAILED, with the error printed, and `path` as it was (unless the
 * directory's own fsync fails, which is said). At no time is there no file where there was one.
 */
enum compile_status publish_file(const char *path, const void *bytes, size_t size, enum publish_keep keep,
				 struct diagnostics *diagnostics);

/*
 * Exchange PATH and PATH.prev in one step; where there is no PATH, PATH.prev becomes it. COMPILE_FAILED, with the error
 * printed, and both as they were: there is no PATH.prev, or either is not a regular file, or the system would not.
 */
enum compile_status publish_exchange(const char *path, struct diagnostics *diagnostics);

#endif
