/* SPDX-License-Identifier: MIT */
/* The private parts of the model, shared by registry.c (rows) and entries.c (entries). */
#ifndef IANAREG_COMPILER_REGISTRY_PARTS_H
#define IANAREG_COMPILER_REGISTRY_PARTS_H

#include <obstack.h>

#include "compiler/registry.h"

enum { SOURCE_COUNT_MAX = 250 };

struct source {
	enum source_kind kind;
	const char *file;
};

struct registry {
	struct obstack memory; /* texts, rows, names; freed as one */
	struct source sources[SOURCE_COUNT_MAX];
	uint32_t source_count;
	char protocols[PROTOCOL_MAX][PROTOCOL_SIZE];
	struct registry_row **rows; /* as added, hence by source; after registry_finish() in canonical order */
	uint32_t row_count;
	struct registry_entry *entries; /* after registry_finish() */
	uint32_t entry_count;
};

/*
 * The rules: fill in entries from rows. Rows that say nothing of their own are set to NULL in `rows`.
 * OUTCOME_INVALID: more than CLAIM_COUNT_MAX.
 */
enum outcome registry_settle(struct registry *registry, const struct registry_options *options,
			     struct diagnostics *diagnostics);

#endif
