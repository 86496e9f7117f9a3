/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a snapshot meet a range of ports, and which bear a name, without a walk over all of them for each. The
 * half for ports is made when first asked for, that for names when walks have taken as long as making it does. Where
 * there is no memory for one the walk goes on, with the same rows. Any number of threads may share an index; only
 * row_index_free() must be alone.
 */
#ifndef IANAREG_QUERY_ROW_INDEX_H
#define IANAREG_QUERY_ROW_INDEX_H

#include <stdatomic.h>

#include "snapshot/rows.h"

struct port_blocks;
struct name_table;

/* Begin with {.snapshot = ...}, which must outlive it; end with row_index_free(). */
struct row_index {
	const struct snapshot *snapshot;
	_Atomic(struct port_blocks *) ports; /* of the rows that have ports, in order */
	_Atomic(struct name_table *) names;
	atomic_uint walked_rows; /* while there is no table of names */
};

enum { NO_ROW_LEFT = NO_NAMED_ROW };

/*
 * Make one half, if it is time; the functions below need it. SNAPSHOT_BAD_ROW for rows that are not as the format says,
 * with the first such in *bad_row; then nothing was made.
 */
enum snapshot_status index_ports(struct row_index *index, uint32_t *bad_row);
enum snapshot_status index_names(struct row_index *index, uint32_t *bad_row);
void row_index_free(struct row_index *index);

/* The first row from number `from` on whose ports meet first_port to last_port. */
uint32_t row_at_ports(const struct row_index *index, uint16_t first_port, uint16_t last_port, uint32_t from);

/* The first row from number `from` on with that name, upper and lower case being the same. */
uint32_t row_named(struct row_index *index, const char *name, uint32_t from);

/* Whether two names are the same but for ASCII case. */
bool same_name(const char *a, const char *b);

#endif
