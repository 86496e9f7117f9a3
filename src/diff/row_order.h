/* SPDX-License-Identifier: MIT */
/* Rows with the same content in another order, which is the order of the aliases where a port has several names. */
#ifndef IANAREG_DIFF_ROW_ORDER_H
#define IANAREG_DIFF_ROW_ORDER_H

#include "diff/row_pairs.h"

/*
 * Of the rows kept, mark as reordered the fewest without which the others are in the same order in both snapshots.
 * Where any of several would do, which it is does not depend on which snapshot is the older.
 */
void mark_reordered(struct row_pairs *pairs);

#endif
