/* SPDX-License-Identifier: MIT */
/* Escaping of texts that leave the tool. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/utf8.h"

/* The code point of a well-formed UTF-8 sequence. */
static uint32_t decode(const char *text, size_t size)
{
	const unsigned char *b = (const unsigned char *)text;
	uint32_t code = size == 1 ? b[0] : b[0] & (0x7fu >> size);

	for (size_t i = 1; i < size; i++)
		code = code << 6 | (b[i] & 0x3f);
	return code;
}

/* Control characters, and those of Unicode 15's categories Cf, Zl and Zp that take no place on a line of their own. */
static bool is_control_or_format(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x061c, 0x061c},   {0x180e, 0x180e},
		{0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
		{0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe007f},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges && code >= ranges[i].first; i++)
		if (code <= ranges[i].last)
			return true;
	return false;
}

size_t printable_size(const char *text, size_t left)
{
	const size_t size = utf8_sequence_size(text, left);

	return size && !is_control_or_format(decode(text, size)) ? size : 0;
}

bool is_printable(const char *text)
{
	size_t left = strlen(text), size;

	for (; left; text += size, left -= size) {
		size = printable_size(text, left);
		if (!size)
			return false;
	}
	return true;
}

/* Write a character that is safe to show as it is, and else its first byte; how many bytes that were. */
static size_t write_character(const char *text, FILE *stream)
{
	const size_t size = printable_size(text, strnlen(text, UTF8_SEQUENCE_MAX));

	if (size)
		fwrite(text, 1, size, stream);
	else
		fprintf(stream, "\\x%02x", (unsigned char)*text);
	return size ? size : 1;
}

/* How many bytes from there on are ASCII that stays as it is: nearly all are, and are written at once. */
static size_t plain_size(const char *text)
{
	size_t size = 0;

	while (text[size] >= ' ' && text[size] < 0x7f && text[size] != '\\')
		size++;
	return size;
}

void write_escaped(const char *text, FILE *stream)
{
	static const char named[] = "\\\t\n\r", letters[] = "\\tnr";

	while (*text) {
		const char *name = strchr(named, *text);
		size_t size = plain_size(text);

		if (name) {
			fprintf(stream, "\\%c", letters[name - named]);
			size = 1;
		} else if (size) {
			fwrite(text, 1, size, stream);
		} else {
			size = write_character(text, stream);
		}
		text += size;
	}
}

void write_printable(const char *text, FILE *stream)
{
	while (*text) {
		const size_t size = strspn(text, "\r\n\t");

		if (size)
			fwrite(text, 1, size, stream);
		text += size ? size : write_character(text, stream);
	}
}

/* Characters past U+FFFF are two UTF-16 units in JSON (RFC 8259 section 7). */
static void write_json_escape(uint32_t code, FILE *stream)
{
	if (code > 0xffff)
		fprintf(stream, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	else
		fprintf(stream, "\\u%04x", code);
}

void write_printable_json(const char *json, FILE *stream)
{
	for (size_t size; *json; json += size) {
		const size_t left = strnlen(json, UTF8_SEQUENCE_MAX);

		size = printable_size(json, left);
		if (size || *json == '\n') {
			size = size ? size : 1;
			fwrite(json, 1, size, stream);
			continue;
		}
		size = utf8_sequence_size(json, left);
		write_json_escape(size ? decode(json, size) : 0xfffd, stream);
		size = size ? size : 1;
	}
}

char *escape_text(const char *text)
{
	char *result = NULL;
	size_t size;
	FILE *stream = xcheck(open_memstream(&result, &size));

	write_escaped(text, stream);
	xcheck(fclose(stream) == 0 ? result : NULL);
	return result;
}

char *collapse_blanks(const char *text, size_t size)
{
	char *result = xcheck(malloc(size + 1));
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		if (!strchr(WHITE_SPACE, text[i]))
			result[used++] = text[i];
		else if (used && result[used - 1] != ' ')
			result[used++] = ' ';
	}
	if (used && result[used - 1] == ' ')
		used--;
	result[used] = '\0';
	return result;
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
