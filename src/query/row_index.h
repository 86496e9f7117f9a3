/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a snapshot meet a range of ports, and which bear a name, without a walk over all of them for each. The half
 * for ports is made when first asked for, that for names when asked for again, in one pass. One thread; ends the process where there is no memory.
 */
#ifndef IANAREG_QUERY_ROW_INDEX_H
#define IANAREG_QUERY_ROW_INDEX_H

#include "snapshot/rows.h"

struct row_block;

/* Begin with {.snapshot = ...}, which must outlive it; end with free_row_index(). */
struct row_index {
	const struct snapshot *snapshot;
	struct row_block *blocks; /* of the rows that have ports, in order */
	uint32_t block_count;
	uint32_t *heads; /* by hash of the name: the first such row, plus 1 */
	uint32_t *nexts; /* by row: the next with that hash, plus 1 */
	uint32_t head_mask;
	bool is_walked; /* a name was asked for, once: for a single one a walk takes less than the table */
};

enum { NO_ROW_LEFT = NO_NAMED_ROW };

/*
 * Make one half, if that was not done yet; the functions below need it. SNAPSHOT_BAD_ROW for rows that are not as the
 * format says, with the first such in *bad_row; then nothing was made.
 */
enum snapshot_status index_ports(struct row_index *index, uint32_t *bad_row);
enum snapshot_status index_names(struct row_index *index, uint32_t *bad_row);
void row_index_free(struct row_index *index);

/* The first row from number `from` on whose ports meet first_port to last_port. */
uint32_t row_at_ports(const struct row_index *index, uint16_t first_port, uint16_t last_port, uint32_t from);

/* The first row with that name, upper and lower case being the same; and the next one after row `after`. */
uint32_t first_row_named(const struct row_index *index, const char *name);
uint32_t next_row_named(const struct row_index *index, const char *name, uint32_t after);

/* Whether two names are the same but for ASCII case. */
bool same_name(const char *a, const char *b);

#endif
