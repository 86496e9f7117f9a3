/* SPDX-License-Identifier: MIT */
/* Texts from files of others: whether they are UTF-8, and how a message shows them. */
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

enum quote_limit {
	QUOTE_MAX = 60, /* bytes of a text that a message shows; the rest becomes "..." */
};

/* Whether all bytes are well-formed UTF-8 (Unicode table 3-7): no overlong forms, no surrogates, up to U+10FFFF. */
bool utf8_valid(const char *text, size_t size);

/* A text between double quotes, safe for any terminal: bytes that are not printable ASCII stand as \xNN. */
struct quoted {
	char text[4 * QUOTE_MAX + sizeof "\"\"..."];
};
struct quoted quote_text(const char *text);

#endif
