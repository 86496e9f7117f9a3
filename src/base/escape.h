/* SPDX-License-Identifier: MIT */
/*
 * Escaping: whatever bytes a text holds, a line of output stays one line, and no terminal obeys or reorders it. Every
 * text that the tool did not write itself leaves it through one of these functions.
 */
#ifndef IANAREG_BASE_ESCAPE_H
#define IANAREG_BASE_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

#include "base/utf8.h" /* WHITE_SPACE */

/*
 * Bytes of the character at the start of `left` bytes of text, at least 1, if it is safe to show. 0 if it is not: a
 * control character (C0, DEL, C1), a character that formats or reorders the text round it (Unicode's Cf, Zl and Zp), or
 * bytes that are not UTF-8.
 */
size_t printable_size(const char *text, size_t left);

/* Whether all of a text is safe to show. */
bool is_printable(const char *text);

/*
 * Write with backslash, tab, newline and carriage return as \\ \t \n \r, and each byte of what is not safe to show as
 * \xNN. Write errors stay in the stream.
 */
void write_escaped(const char *text, FILE *stream);

/* The escaped text; free() it. */
char *escape_text(const char *text);

/* Write text of several lines with each byte of what is not safe to show as \xNN; backslashes and line ends stay. */
void write_printable(const char *text, FILE *stream);

/* Write JSON text, which is UTF-8, with each character that is not safe to show as \uNNNN: the same value as JSON. */
void write_printable_json(const char *json, FILE *stream);

enum quote_limit {
	QUOTE_MAX = 60, /* bytes of a text that a message shows; the rest becomes "..." */
};

/* A text between double quotes for a message: bytes that are not printable ASCII stand as \xNN. */
struct quoted {
	char text[4 * QUOTE_MAX + sizeof "\"\"..."];
};
struct quoted quote_text(const char *text);

/* The first `size` bytes without white space round them and with each run of it inside as one blank; free() it. */
char *collapse_blanks(const char *text, size_t size);

#endif
