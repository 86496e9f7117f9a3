/* SPDX-License-Identifier: MIT */
/* The terminal that standard output may be: how wide it is, how wide a text is on it, and its colours. One thread. */
#ifndef IANAREG_CLI_OUTPUT_TERMINAL_H
#define IANAREG_CLI_OUTPUT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns of the terminal that standard output is; 0 where it is none. */
unsigned terminal_width(void);

/* The same or, where that is 0, how wide a terminal after a pipe may be: $COLUMNS, else 80. */
unsigned reading_width(void);

/*
 * Columns that UTF-8 text takes: wide characters two, combining ones none, whatever the locale. The text holds no
 * control characters and is well-formed: escaped (base/escape.h).
 */
size_t text_columns(const char *text, size_t size);

/* Bytes of the longest start of such a text that fits in that many columns. */
size_t text_fitting(const char *text, size_t size, size_t columns);

/* What a piece of output means; the colours after it are terminal.c's. */
enum style {
	STYLE_PLAIN,
	STYLE_LABEL,
	STYLE_NAME,
	STYLE_ASSIGNED,
	STYLE_RESERVED,
	STYLE_UNASSIGNED,
	STYLE_WARNING, /* unauthorised use, and what is wrong */
	STYLE_MATCH, /* what was searched for */
	STYLE_COUNT,
};

/* Whether standard output is a terminal that has colours, and its user wants them (NO_COLOR is not set, or empty). */
bool terminal_has_colours(void);

/* Begin and end a colour on standard output; nothing where terminal_has_colours() is false. */
void style_begin(enum style style, FILE *stream);
void style_end(FILE *stream);

/* Write text that is safe to show (base/escape.h), between these two. */
void print_styled(const char *text, size_t size, enum style style, FILE *stream);

#endif
