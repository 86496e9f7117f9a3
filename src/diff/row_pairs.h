/* SPDX-License-Identifier: MIT */
/*
 * The rows of two snapshots, each with the one it was or became in the other. Time grows as n log n with the two
 * snapshots, whatever they hold, if they are valid. One thread; ends the process where there is no memory.
 */
#ifndef IANAREG_DIFF_ROW_PAIRS_H
#define IANAREG_DIFF_ROW_PAIRS_H

#include "base/text_index.h"
#include "snapshot/rows.h"

enum { NO_ROW = UINT32_MAX };

enum row_fate {
	ROW_ALONE, /* the other snapshot has none for it */
	ROW_KEPT, /* says the same; all rows kept stand in the same order in both snapshots */
	ROW_REORDERED, /* says the same, but was before a row that it is after now, or the reverse */
	ROW_REDESCRIBED, /* the same name, ports and protocol; other texts */
	ROW_MOVED, /* the same name and protocol; other ports, or none */
	ROW_RENAMED, /* the same ports and protocol; another name */
};

/* What a row says, each text as its number: texts that are the same have one number, in both snapshots. */
struct row_key {
	uint32_t name; /* EMPTY_TEXT: none */
	uint32_t protocol;
	uint32_t ports; /* the first, and the last in the low 16 bits */
	uint32_t has_port;
	uint32_t texts[TEXT_COUNT];
	uint32_t from_overlay;
};

/* Numbers of the texts that are there before any row is read. */
enum { EMPTY_TEXT, TEXT_TCP, TEXT_UDP, TEXT_SCTP, TEXT_DCCP };

struct paired_row {
	struct row_key key;
	enum row_fate fate;
	uint32_t partner; /* number of a row of the other snapshot; NO_ROW for ROW_ALONE */
};

struct paired_side {
	const struct snapshot *snapshot;
	struct paired_row *rows;
	uint32_t count;
};

struct row_pairs {
	struct paired_side before, after;
	struct text_index texts; /* by number of the text */
};

/* SNAPSHOT_OK: row_pairs_free() the result. SNAPSHOT_BAD_ROW: nothing to free, and which row of which snapshot. */
enum snapshot_status pair_rows(const struct snapshot *before, const struct snapshot *after, struct row_pairs *pairs,
			       bool *in_after, uint32_t *bad_row);
void row_pairs_free(struct row_pairs *pairs);

/* Named rows of the registry proper before, of which no row after has the name, ports and protocol. */
uint32_t count_vanished(const struct row_pairs *pairs);

#endif
