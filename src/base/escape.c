/* SPDX-License-Identifier: MIT */
/* Texts of the registry on their way out. */
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/utf8.h"

/* Bytes of the UTF-8 character that begins there, 0 if none does. */
static size_t character_size(const char *text)
{
	const size_t left = strnlen(text, 4);

	if (!((unsigned char)*text & 0x80))
		return 1;
	for (size_t size = 2; size <= left; size++)
		if (utf8_valid(text, size))
			return size;
	return 0;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: they make a terminal show a line in another order than it is. */
static bool turns_text(const unsigned char *b)
{
	return b[0] == 0xe2 && ((b[1] == 0x80 && (b[2] == 0x8e || b[2] == 0x8f || (b[2] >= 0xaa && b[2] <= 0xae))) ||
				(b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9));
}

static bool is_control(const char *character, size_t size)
{
	const unsigned char *b = (const unsigned char *)character;

	return (size == 1 && (b[0] < 0x20 || b[0] == 0x7f)) || (size == 2 && b[0] == 0xc2 && b[1] < 0xa0) ||
	       (size == 3 && turns_text(b));
}

static void write_hex(const char *bytes, size_t size, FILE *stream)
{
	for (size_t i = 0; i < size; i++)
		fprintf(stream, "\\x%02x", (unsigned char)bytes[i]);
}

/* How many bytes from there on are ASCII that stays as it is: nearly all are, and are written at once. */
static size_t plain_size(const char *text)
{
	size_t size = 0;

	while (text[size] >= ' ' && text[size] < 0x7f && text[size] != '\\')
		size++;
	return size;
}

static size_t write_character(const char *text, FILE *stream)
{
	static const char named[] = "\\\t\n\r", letters[] = "\\tnr";
	const char *name = strchr(named, *text);
	const size_t size = character_size(text);

	if (name)
		fprintf(stream, "\\%c", letters[name - named]);
	else if (!size || is_control(text, size))
		write_hex(text, size ? size : 1, stream);
	else
		fwrite(text, 1, size, stream);
	return size ? size : 1;
}

void write_escaped(const char *text, FILE *stream)
{
	for (size_t size; *text; text += size) {
		size = plain_size(text);
		if (size)
			fwrite(text, 1, size, stream);
		else
			size = write_character(text, stream);
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
