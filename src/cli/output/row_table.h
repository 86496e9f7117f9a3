/* SPDX-License-Identifier: MIT */
/* Rows as a table on a terminal. */
#ifndef IANAREG_CLI_OUTPUT_ROW_TABLE_H
#define IANAREG_CLI_OUTPUT_ROW_TABLE_H

#include <stdio.h>

#include "query/row_group.h"

/*
 * Print a line or a few for each group, in `width` columns; the wider the terminal, the more columns the table has.
 * False, and nothing printed, where no table can be read at that width.
 */
bool print_row_table(const struct row_groups *groups, unsigned width, FILE *stream);

#endif
