/* SPDX-License-Identifier: MIT */
/* Line breaks of text that must fit a terminal. */
#ifndef IANAREG_CLI_OUTPUT_WRAP_H
#define IANAREG_CLI_OUTPUT_WRAP_H

#include <stddef.h>

/*
 * Bytes of the text's first line at that many columns, the blanks after it not counted: all of it, or whole words, or
 * of a word that is too long for any line a part; at least one character, so that lines come to an end. The text is
 * escaped (base/escape.h) and does not begin with a blank.
 */
size_t wrapped_line(const char *text, size_t size, size_t columns);

#endif
