/* SPDX-License-Identifier: MIT */
/* Facts as text: tab-separated lines for programs, blocks of labelled lines for people. */
#ifndef IANAREG_CLI_FACT_TEXT_H
#define IANAREG_CLI_FACT_TEXT_H

#include <stdio.h>

#include "cli/fact_group.h"
#include "cli/terminal.h"

/* "80", "6000-6063", or "" for a row without a port. */
enum { PORTS_SIZE = sizeof "65535-65535" };
void format_ports(const struct snapshot_row *row, char ports[PORTS_SIZE]);

/*
 * With tabs between: name, port or first-last, protocol, status, aliases with commas between, then the texts in the
 * order of enum row_text. Cells are escaped (cell.h). Write errors stay in the stream.
 */
void print_fact_cells(const struct fact *fact, FILE *stream);

/* The cells, one more for the source ("registry" or "overlay"), and a newline. */
void print_fact_line(const struct fact *fact, FILE *stream);

/* A labelled line for each thing the rows say, fitted to `width` columns. */
void print_fact_block(const struct fact_group *group, unsigned width, FILE *stream);

/*
 * "Label:" and, in a column, the text, escaped, white space folded, wrapped at `width` columns; nothing for "". On a
 * narrow terminal the text has lines of its own.
 */
void print_labelled(const char *label, const char *text, unsigned width, FILE *stream);

/* Of such a block the texts alone, without those that only say the status again. */
void print_fact_texts(const struct fact *fact, unsigned width, FILE *stream);

/* What a text is called in a block: "Description" and so on. */
const char *fact_text_label(enum row_text which);

/* The colour of a status. */
enum ink fact_status_ink(enum fact_status status);

#endif
