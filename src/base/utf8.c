/* SPDX-License-Identifier: MIT */
/* UTF-8 proven byte by byte, and texts made fit for a message. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Bytes that a sequence beginning with `lead` takes; 0 if none can. */
static size_t promised_size(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Size of the well-formed sequence at `b`, of which `left` bytes are there; 0 if it is none. */
static size_t sequence_size(const unsigned char *b, size_t left)
{
	size_t size = promised_size(b[0]);

	if (!size || left < size)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	if (size == 3 && ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f)))
		return 0; /* overlong, surrogate */
	if (size == 4 && ((b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f)))
		return 0; /* overlong, past U+10FFFF */
	return size;
}

/* How many bytes at the start are ASCII, in whole words: nearly all of the registry is. */
static size_t ascii_words(const char *text, size_t size)
{
	size_t at = 0;

	for (uint64_t word; size - at >= sizeof word; at += sizeof word) {
		memcpy(&word, text + at, sizeof word);
		if (word & 0x8080808080808080u)
			break;
	}
	return at;
}

bool utf8_valid(const char *text, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t at = ascii_words(text, size), step; at < size; at += step) {
		step = sequence_size(bytes + at, size - at);
		if (!step)
			return false;
	}
	return true;
}

struct quoted quote_text(const char *text)
{
	struct quoted quoted;
	char *at = quoted.text;
	size_t i;

	*at++ = '"';
	for (i = 0; i < QUOTE_MAX && text[i]; i++) {
		if (text[i] >= ' ' && text[i] <= '~')
			*at++ = text[i];
		else
			at += sprintf(at, "\\x%02x", (unsigned)(unsigned char)text[i]);
	}
	strcpy(at, text[i] ? "...\"" : "\"");
	return quoted;
}
