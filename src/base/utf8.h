/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629) and white space. */
#ifndef IANAREG_BASE_UTF8_H
#define IANAREG_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* What isspace() says in the C locale: where glibc ends a word of services(5). */
#define WHITE_SPACE " \t\n\v\f\r"

static inline bool is_white_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

enum { UTF8_SEQUENCE_MAX = 4 }; /* bytes of one character */

/* Bytes of the well-formed UTF-8 sequence at the start of `left` bytes; 0 if there is none. */
size_t utf8_sequence_size(const char *text, size_t left);

/* Whether all bytes are well-formed UTF-8 (Unicode table 3-7): no overlong forms, no surrogates, up to U+10FFFF. */
bool utf8_valid(const char *text, size_t size);

#endif
