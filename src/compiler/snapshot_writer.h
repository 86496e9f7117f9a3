/* SPDX-License-Identifier: MIT */
/* Lay out the model as the bytes of a snapshot. */
#ifndef IANAREG_COMPILER_SNAPSHOT_WRITER_H
#define IANAREG_COMPILER_SNAPSHOT_WRITER_H

#include <stddef.h>

#include "compiler/registry.h"

/*
 * Lay out a finished registry and check the result with snapshot_check(). The same registry gives the same bytes.
 * `*bytes` is the caller's to free(). OUTCOME_INVALID, with the error printed, where the registry is past a limit of
 * the format.
 */
enum outcome snapshot_write(const struct registry *registry, struct diagnostics *diagnostics, unsigned char **bytes,
			    size_t *size);

#endif
