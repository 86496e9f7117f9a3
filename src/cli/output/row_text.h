/* SPDX-License-Identifier: MIT */
/* Rows as text: tab-separated lines for programs, blocks of labelled lines for a terminal. */
#ifndef IANAREG_CLI_OUTPUT_ROW_TEXT_H
#define IANAREG_CLI_OUTPUT_ROW_TEXT_H

#include <stdio.h>

#include "cli/output/terminal.h"
#include "query/row_group.h"

/*
 * With tabs between: name, port or first-last, protocol, status, aliases with commas between, then the texts in the
 * order of enum row_text. Cells are escaped (base/escape.h). Write errors stay in the stream.
 */
void print_row_cells(const struct row_info *row_info, FILE *stream);

/* The cells, one more for the source ("registry" or "overlay"), and a newline. */
void print_row_line(const struct row_info *row_info, FILE *stream);

/* A labelled line for each thing the rows say, fitted to `width` columns. */
void print_row_block(const struct row_group *group, unsigned width, FILE *stream);

/*
 * "Label:" and, in a column, the text, escaped, white space folded, wrapped at `width` columns; nothing for "". On a
 * narrow terminal the text has lines of its own.
 */
void print_labelled(const char *label, const char *text, unsigned width, FILE *stream);

/* Of such a block the texts alone, without those that only say the status again. */
void print_row_texts(const struct row_info *row_info, unsigned width, FILE *stream);

/* What a text is called in a block: "Description" and so on. */
const char *row_text_label(enum row_text which);

/* The colour of a status. */
enum style row_status_style(enum row_status status);

#endif
