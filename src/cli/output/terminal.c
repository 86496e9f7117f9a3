/* SPDX-License-Identifier: MIT */
/* The terminal that standard output may be. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/parse.h"
#include "base/utf8_locale.h"
#include "cli/cli.h"
#include "cli/output/terminal.h"

enum {
	USUAL_WIDTH = 80, /* columns of a terminal that does not say */
	WIDTH_MAX = 65535, /* what $COLUMNS may say */
};

unsigned terminal_width(void)
{
	struct winsize size = {0};

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return USUAL_WIDTH;
	return size.ws_col;
}

unsigned reading_width(void)
{
	const unsigned width = terminal_width();
	const char *columns = getenv("COLUMNS");
	uint32_t said;

	if (width)
		return width;
	return columns && parse_number(columns, strlen(columns), WIDTH_MAX, &said) && said ? said : USUAL_WIDTH;
}

/* Columns of the character that begins there; *size is how many bytes it has. */
static size_t character_columns(const char *text, size_t left, size_t *size)
{
	mbstate_t state = {0};
	wchar_t character;
	size_t taken;
	int columns;

	*size = 1;
	if (!((unsigned char)*text & 0x80)) /* nearly all are ASCII, and then there is nothing to ask of libc */
		return 1;
	taken = mbrtowc(&character, text, left, &state);
	if (taken == 0 || taken > left)
		return 1;
	*size = taken;
	columns = wcwidth(character);
	return columns < 0 ? 1 : (size_t)columns;
}

/* Without that locale: every character is one column. */
static size_t plain_character(const char *text, size_t left, size_t *size)
{
	*size = 1;
	while (*size < left && ((unsigned char)text[*size] & 0xc0) == 0x80)
		++*size;
	return 1;
}

/* The start of a text that fits in `columns`, and how many of them it takes. */
static size_t fit(const char *text, size_t size, size_t columns, size_t *used)
{
	const locale_t utf8 = utf8_locale(), before = utf8 ? uselocale(utf8) : (locale_t)0;
	size_t fits = 0, taken;

	*used = 0;
	while (fits < size) {
		const size_t wide = (utf8 ? character_columns : plain_character)(text + fits, size - fits, &taken);

		if (wide > columns - *used)
			break;
		*used += wide;
		fits += taken;
	}
	if (utf8)
		uselocale(before);
	return fits;
}

size_t text_columns(const char *text, size_t size)
{
	size_t columns;

	fit(text, size, SIZE_MAX, &columns);
	return columns;
}

size_t text_fitting(const char *text, size_t size, size_t columns)
{
	size_t used;

	return fit(text, size, columns, &used);
}

static bool find_colours(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_has_colours(void)
{
	static bool known, colours;

	if (!known) /* a system call, and asked at every piece of output */
		colours = find_colours();
	known = true;
	return colours;
}

void style_begin(enum style style, FILE *stream)
{
	static const char *const codes[STYLE_COUNT] = {
		[STYLE_PLAIN] = "0",     [STYLE_LABEL] = "2",       [STYLE_NAME] = "1",     [STYLE_ASSIGNED] = "32",
		[STYLE_RESERVED] = "33", [STYLE_UNASSIGNED] = "36", [STYLE_WARNING] = "31", [STYLE_MATCH] = "1;4",
	};

	if (terminal_has_colours())
		fprintf(stream, "\033[%sm", codes[style]);
}

void style_end(FILE *stream)
{
	if (terminal_has_colours())
		fputs("\033[0m", stream);
}

void print_styled(const char *text, size_t size, enum style style, FILE *stream)
{
	if (style != STYLE_PLAIN)
		style_begin(style, stream);
	fwrite(text, 1, size, stream);
	if (style != STYLE_PLAIN)
		style_end(stream);
}
