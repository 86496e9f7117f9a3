/* SPDX-License-Identifier: MIT */
/* Facts as text: tab-separated lines for programs, blocks of labelled lines for people. */
#ifndef IANAREG_CLI_FACT_TEXT_H
#define IANAREG_CLI_FACT_TEXT_H

#include <stdio.h>

#include "cli/fact.h"

enum { PORTS_SIZE = sizeof "65535-65535" };

/* "80", "6000-6063", or "" for a row without a port. */
void format_ports(const struct snapshot_row *row, char ports[PORTS_SIZE]);

/*
 * One line: name, port or first-last, protocol, status, aliases with commas between, then the texts in the order of
 * enum row_text. Cells are escaped (cell.h). Write errors stay in the stream.
 */
void print_fact_line(const struct fact *fact, FILE *stream);

/* A labelled line for each thing the row says, wrapped at `width` columns. */
void print_fact_block(const struct fact *fact, unsigned width, FILE *stream);

#endif
