/* SPDX-License-Identifier: MIT */
/* Texts of the registry on their way out: whatever bytes they hold, a line stays a line and a terminal is safe. */
#ifndef IANAREG_BASE_ESCAPE_H
#define IANAREG_BASE_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

#include "base/utf8.h" /* WHITE_SPACE */

/*
 * Write with backslash, tab, newline and carriage return as \\ \t \n \r, and any other byte that is a control
 * character (C0, DEL, C1, or one that turns the order of a line) or not UTF-8 as \xNN. Write errors stay in the stream.
 */
void write_escaped(const char *text, FILE *stream);

/* The escaped text; free() it. */
char *escape_text(const char *text);

/* The first `size` bytes without white space round them and with each run of it inside as one blank; free() it. */
char *collapse_blanks(const char *text, size_t size);

#endif
