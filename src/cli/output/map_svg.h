/* SPDX-License-Identifier: MIT */
/* Ports as a standalone SVG, for documents. */
#ifndef IANAREG_CLI_OUTPUT_MAP_SVG_H
#define IANAREG_CLI_OUTPUT_MAP_SVG_H

#include <stdio.h>

#include "cli/port_space.h"

/*
 * Write a square grid, a port a cell, 256 in a row for all of them, with a legend and counts. Colours follow the
 * reader's light or dark scheme and are told apart by all who see; a title and a description serve those who do not.
 * The same snapshot gives the same bytes. Write errors stay in the stream.
 */
void write_map_svg(const struct port_space *space, FILE *stream);

#endif
