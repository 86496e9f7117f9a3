/* SPDX-License-Identifier: MIT */
/* Numbers and blanks as users and files write them. */
#include <string.h>

#include "base/parse.h"
#include "base/utf8.h"

bool parse_number(const char *digits, size_t size, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(digits[i] - '0');
		if (value > max)
			return false;
	}
	if (!size)
		return false;
	*number = (uint32_t)value;
	return true;
}

const char *trim_blanks(const char *text, size_t *size)
{
	while (*size && is_white_space(text[*size - 1]))
		--*size;
	while (*size && is_white_space(*text)) {
		text++;
		--*size;
	}
	return text;
}

char *trim_text(char *text)
{
	size_t size = strlen(text);
	char *trimmed = text + (trim_blanks(text, &size) - text);

	trimmed[size] = '\0';
	return trimmed;
}
