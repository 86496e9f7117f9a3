/* SPDX-License-Identifier: MIT */
/* services(5): overlays and preferences read into the model, a snapshot written as /etc/services. */
#ifndef IANAREG_COMPILER_SERVICES_FILE_H
#define IANAREG_COMPILER_SERVICES_FILE_H

#include <stdio.h>

#include "compiler/registry.h"
#include "snapshot/snapshot.h"

enum services_limit {
	SERVICES_LINE_MAX = 126, /* bytes written without the newline: musl reads lines into 128 bytes */
};

/*
 * Read services(5) text into the source begun last, as glibc's files backend does: NAME PORT/PROTOCOL [ALIAS]...,
 * from # on a comment. Lines that make no sense are skipped with a warning. OUTCOME_INVALID: a NUL byte, or past a
 * limit; OUTCOME_FAILED: a read error; each is printed.
 */
enum outcome services_file_read(struct registry *registry, FILE *stream, struct diagnostics *diagnostics);

/*
 * Write every entry of the snapshot as services(5) lines, preferred ones first, then by port and protocol, those that
 * answer by name alone among them; a search for the first match there gives the snapshot's answers. An entry that does
 * not fit such a line (a name with '#', a line too long) is left out with a warning on `diagnostics` under `file`.
 * OUTCOME_FAILED: a write error; errno says which.
 */
enum outcome services_file_write(const struct snapshot *snapshot, FILE *stream, const char *file,
				 struct diagnostics *diagnostics);

#endif
