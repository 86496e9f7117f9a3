/* SPDX-License-Identifier: MIT */
/* Where lines of a text end. */
#include <string.h>

#include "cli/output/terminal.h"
#include "cli/output/wrap.h"

static size_t without_blanks_behind(const char *text, size_t size)
{
	while (size && text[size - 1] == ' ')
		size--;
	return size;
}

/* An address is read more easily if it breaks after a slash, but not if that leaves half of the line empty. */
static size_t part_of_word(const char *text, size_t size, size_t columns)
{
	const size_t fits = text_fitting(text, size, columns);
	size_t end = fits;

	while (end > fits / 2 && !strchr("/?&=,;", text[end - 1]))
		end--;
	if (end > fits / 2)
		return end;
	return fits ? fits : text_fitting(text, size, 2); /* a wide character on a line of one column */
}

size_t wrapped_line(const char *text, size_t size, size_t columns)
{
	const size_t fits = text_fitting(text, size, columns);
	size_t end = fits;

	if (fits == size)
		return without_blanks_behind(text, size);
	while (end && text[end] != ' ')
		end--;
	return end ? without_blanks_behind(text, end) : part_of_word(text, size, columns);
}
