/* SPDX-License-Identifier: MIT */
/*
 * Note flags: the marks in a row's description and notes that decide which of several names wins a port ("How the
 * registry becomes answers", doc/registry.md). Read in one place, so that what `export --no-notes` keeps is what a
 * compile reads.
 */
#ifndef IANAREG_COMPILER_NOTE_FLAGS_H
#define IANAREG_COMPILER_NOTE_FLAGS_H

#include <stdbool.h>

#include "snapshot/format.h"

/* Targets are quoted names as they stand in the text; "" where there is no such remark, or nothing is quoted. */
struct note_flags {
	bool legacy_alias; /* This entry is an alias to "X" */
	char alias_target[NAME_MAX_BYTES + 1];
	bool duplicate; /* duplicate of the "X" service */
	char duplicate_target[NAME_MAX_BYTES + 1];
	bool widespread_use; /* unassigned but widespread use */
	bool conflict; /* NOTE Conflict */
};

/* Read the remarks of both texts, white space folded, without regard to case. */
void note_flags_read(const char *description, const char *notes, struct note_flags *flags);

/*
 * Write the remarks into `notes`, a string that note_flags_read() reads as the same remarks: "" if there are none.
 * NOTE_FLAGS_TEXT_SIZE bytes are enough.
 */
enum { NOTE_FLAGS_TEXT_SIZE = 2 * NAME_MAX_BYTES + 160 };
void note_flags_write(const struct note_flags *flags, char notes[NOTE_FLAGS_TEXT_SIZE]);

#endif
