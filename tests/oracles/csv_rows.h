/* SPDX-License-Identifier: MIT */
/* A registry's CSV read apart from the compiler, to check it by. */
#ifndef IANAREG_TESTS_ORACLES_CSV_ROWS_H
#define IANAREG_TESTS_ORACLES_CSV_ROWS_H

enum { CSV_CELL_MAX = 32 };

/*
 * Split a row of a well-formed RFC 4180 file, cells unquoted in place; cells that the row does not have are empty. Where
 * the next row begins, or NULL at the end.
 */
char *split_csv_row(char *at, char *cells[CSV_CELL_MAX]);

#endif
