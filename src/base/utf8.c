/* SPDX-License-Identifier: MIT */
/* UTF-8, validated byte by byte. */
#include <stdint.h>
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

size_t utf8_sequence_size(const char *text, size_t left)
{
	const unsigned char *b = (const unsigned char *)text;
	const size_t size = left ? promised_size(b[0]) : 0;

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
	for (size_t at = ascii_words(text, size), step; at < size; at += step) {
		step = utf8_sequence_size(text + at, size - at);
		if (!step)
			return false;
	}
	return true;
}
