/* SPDX-License-Identifier: MIT */
/* The results of a search as a table on a terminal. Ends the process where there is no memory. */
#ifndef IANAREG_CLI_OUTPUT_SEARCH_TABLE_H
#define IANAREG_CLI_OUTPUT_SEARCH_TABLE_H

#include <stdio.h>

#include "query/search_pattern.h"

/*
 * Print `count` rows, whose numbers come best first in the low 32 bits of `found`, at `width` columns: rows of one
 * service with one description make a line, in the place of their best. At most `limit` lines; how many there are is
 * said if that is less than all.
 */
void print_search_table(const struct snapshot *snapshot, struct pattern *pattern, const uint64_t *found, size_t count,
			size_t limit, unsigned width, FILE *stream);

#endif
