/* SPDX-License-Identifier: MIT */
/* Keys from standard input, one a line. */
#ifndef IANAREG_CLI_KEY_LINES_H
#define IANAREG_CLI_KEY_LINES_H

#include "query/key.h"

/* Begin with {0}. */
struct key_lines {
	char bytes[8192]; /* read and not yet taken: from `at` to `end` */
	size_t at, end;
	int error; /* errno of a read that failed; 0: all went well */
	int output_error; /* the same of a flush, which is not tried again: the C library has dropped what it held */
	char text[KEY_TEXT_MAX + 2]; /* the last line, or as much of it as a key can be long and a byte */
	bool has_nul; /* a NUL byte in it, shown as \x00 */
};

/*
 * Take the next line; a '\r' at its end is not part of it. False: there are no more, or
 * standard output is broken. Before it waits for input
 * it flushes standard output, so that a program that writes keys one by one has each answer before the next key.
 */
bool next_key_line(struct key_lines *lines);

#endif
