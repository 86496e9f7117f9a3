/* SPDX-License-Identifier: MIT */
/* IANA's CSV (RFC 4180, UTF-8) into the model, through libcsv in strict mode. */
#ifndef IANAREG_COMPILER_REGISTRY_CSV_H
#define IANAREG_COMPILER_REGISTRY_CSV_H

#include <stdio.h>

#include "compiler/registry.h"

enum csv_limit {
	CSV_FIELD_MAX = TEXT_MAX_BYTES, /* bytes of one cell; the registry's longest has 1,532 */
	CSV_FILE_MAX = 256 << 20, /* bytes; the registry has 1.2 million */
};

/* The 12 columns as IANA heads them today, in its order; "Known Unauthorized Uses" is an older head of the 11th. */
enum csv_column {
	COLUMN_NAME,
	COLUMN_PORT,
	COLUMN_PROTOCOL,
	COLUMN_TEXT, /* the nine of enum row_text follow, in that order */
	COLUMN_COUNT = COLUMN_TEXT + TEXT_COUNT,
};
extern const char *const csv_column_heads[COLUMN_COUNT];

/*
 * Read the stream to its end into the source begun last. Rows that make no sense are skipped with a warning.
 * OUTCOME_INVALID: not such a CSV, and the error is printed; OUTCOME_FAILED: a read error, printed too.
 */
enum outcome registry_csv_read(struct registry *registry, FILE *stream, struct diagnostics *diagnostics);

#endif
