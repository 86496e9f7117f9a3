/* SPDX-License-Identifier: MIT */
/*
 * Tables for a terminal: aligned columns, fitted to its width. (What goes into a pipe has tabs and no table.) All of a
 * table is in memory before its first line is printed, because widths follow from all cells. Ends the process where
 * there is no memory.
 */
#ifndef IANAREG_CLI_OUTPUT_TABLE_H
#define IANAREG_CLI_OUTPUT_TABLE_H

#include "cli/output/terminal.h"

enum {
	TABLE_COLUMN_MAX = 16,
	TABLE_GAP = 2, /* blanks between columns */
};

/* What becomes of a cell that is wider than its column. */
enum table_excess {
	TABLE_WRAP, /* goes on in the next line, at a blank where there is one */
	TABLE_CUT, /* ends in an ellipsis */
};

/*
 * A column is as wide as its widest cell or title, but not over `max` (0: no limit). Where the table is too wide, its
 * widest columns are narrowed, down to their `min`; a table whose minima do not fit is wider than the terminal. A
 * column in which no row has text is left out.
 */
struct table_column {
	const char *title;
	unsigned min, max; /* columns of the terminal */
	enum table_excess excess;
	bool to_the_right; /* aligned there: numbers */
};

struct table;

/* A table without rows. `columns` is the caller's, and must stay until table_free(). */
struct table *table_new(const struct table_column *columns, unsigned column_count);
void table_free(struct table *table);

/* Begin a row; its cells are empty. */
void table_add_row(struct table *table);

/*
 * Write `size` bytes of text in a colour after what that cell of the last row holds already. Whatever the bytes are,
 * they are shown as write_escaped() does, but white space as one blank.
 */
void table_put_part(struct table *table, unsigned column, const char *text, size_t size, enum style style);

/* The same for a whole string. */
void table_put(struct table *table, unsigned column, const char *text, enum style style);

/* Titles, then rows; nothing at all without rows. No line ends in blanks. Write errors stay in the stream. */
void table_print(const struct table *table, unsigned width, FILE *stream);

#endif
