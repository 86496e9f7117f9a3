/* SPDX-License-Identifier: MIT */
/* A row without its prose, as `export --no-notes` writes it and the project bundles it. */
#ifndef IANAREG_EXPORT_FACTS_ONLY_H
#define IANAREG_EXPORT_FACTS_ONLY_H

#include "snapshot/rows.h"

/*
 * Texts of a row as facts: white space folded, the description its first sentence or paragraph, of the notes those
 * remarks that a compile reads (compiler/note_flags.h). Facts of facts are the same facts. facts_only_free() it.
 */
struct facts_only {
	char *text[TEXT_COUNT];
};
struct facts_only facts_only_of(const struct snapshot_row *row);
void facts_only_free(struct facts_only *facts);

#endif
