/* SPDX-License-Identifier: MIT */
/*
 * All rows that concern a key, one after another: those whose ports and protocol meet it, or those of that name and of
 * the services it is an alias of; last, what RFC 6335 says of its dynamic ports that no row speaks of. Allocates
 * nothing but what the index does.
 */
#ifndef IANAREG_QUERY_ROW_WALK_H
#define IANAREG_QUERY_ROW_WALK_H

#include "query/key.h"
#include "query/row_index.h"
#include "query/row_info.h"

enum { ROW_WALK_END = NO_ROW_LEFT };

/*
 * The first such row from number `*position` on, in canonical order; 0 is the beginning. SNAPSHOT_OK moves `*position`
 * past it, SNAPSHOT_NOT_FOUND to ROW_WALK_END. SNAPSHOT_BAD_ROW for a damaged row, `*position` being its number.
 */
enum snapshot_status row_walk_next(struct row_index *index, const struct key *key, uint32_t *position,
				   struct row_info *row_info);

#endif
