/* SPDX-License-Identifier: MIT */
/* The model into the bytes of a snapshot, and bytes onto the disk. */
#ifndef IANAREG_COMPILER_SNAPSHOT_WRITER_H
#define IANAREG_COMPILER_SNAPSHOT_WRITER_H

#include <stddef.h>

#include "compiler/registry.h"

/*
 * Lay out a finished registry and prove the result with snapshot_check(). The same registry gives the same bytes.
 * `*bytes` is the caller's to free(). COMPILE_INVALID, with the error printed, where the registry is past a limit of
 * the format.
 */
enum compile_status snapshot_write(const struct registry *registry, struct diagnostics *diagnostics,
				   unsigned char **bytes, size_t *size);

/*
 * Make `path` hold those bytes, mode 0644, whole or not at all: a temporary file beside it, fsync, rename, fsync of the
 * directory. What is there must be a regular file or nothing. COMPILE_FAILED, with the error printed, and `path` as
 * it was (unless the directory's own fsync fails, which is said).
 */
enum compile_status publish_file(const char *path, const void *bytes, size_t size, struct diagnostics *diagnostics);

#endif
