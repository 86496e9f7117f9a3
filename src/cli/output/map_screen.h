/* SPDX-License-Identifier: MIT */
/* Ports as a picture of characters on a terminal. */
#ifndef IANAREG_CLI_OUTPUT_MAP_SCREEN_H
#define IANAREG_CLI_OUTPUT_MAP_SCREEN_H

#include "cli/port_space.h"

/*
 * Draw on standard output: 32 rows at most, each cell one port or a power of two of them, with a legend and counts.
 * Each class has a character of its own, ASCII where the user's locale is not UTF-8, and an ink.
 */
void print_map_screen(const struct port_space *space, unsigned width);

#endif
