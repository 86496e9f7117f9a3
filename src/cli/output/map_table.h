/* SPDX-License-Identifier: MIT */
/* The classes of ports that a picture shows, and the number of ports of each: the legend of both pictures. */
#ifndef IANAREG_CLI_OUTPUT_MAP_TABLE_H
#define IANAREG_CLI_OUTPUT_MAP_TABLE_H

#include "cli/port_space.h"

/* What a port shows: its enum port_class, and on top of that: */
enum {
	MARK_REPORTED = PORT_CLASS_COUNT, /* unauthorised use */
	MARK_COUNT,
};

struct map_table {
	const char *heads[PORT_PROTOCOLS + 1]; /* the protocols asked for and, if they are several, "any" */
	unsigned columns;
	struct map_line {
		unsigned mark;
		const char *label;
		unsigned counts[PORT_PROTOCOLS + 1]; /* ports with that mark, by column */
	} lines[MARK_COUNT]; /* the classes, whose sum is the number of ports in each column; then MARK_REPORTED */
};

/* With several protocols a port counts under "any" as port_class_of() has it. */
struct map_table map_table_of(const struct port_space *space);

/* A view of the space's ports with the protocols asked for. */
struct port_view map_view_of(const struct port_space *space);

#endif
