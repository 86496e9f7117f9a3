/* SPDX-License-Identifier: MIT */
/* services(5) files line by line, for peers that are made from them. */
#ifndef IANAREG_BENCH_SERVICES_LINES_H
#define IANAREG_BENCH_SERVICES_LINES_H

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>

enum { LINE_ALIASES = 64 };

struct services_line {
	struct servent entry; /* its strings are in `words` */
	char text[1024]; /* the line without its comment and the space round it */
	char words[1024];
	char *aliases[LINE_ALIASES + 1];
};

/* The next line that has an entry; false at the end of the file. */
bool services_line_read(FILE *file, struct services_line *line);

#endif
