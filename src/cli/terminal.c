/* SPDX-License-Identifier: MIT */
/* The terminal that standard output may be. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/terminal.h"

enum { USUAL_WIDTH = 80 /* of a terminal that does not say */ };

unsigned terminal_width(void)
{
	struct winsize size = {0};

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return USUAL_WIDTH;
	return size.ws_col;
}

/* The registry is UTF-8 whatever the user's locale is; every glibc from 2.35 on brings this one. */
static locale_t utf8_locale(void)
{
	static locale_t utf8;
	static bool tried;

	if (!tried)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	tried = true;
	return utf8;
}

/* Columns of the character that begins there; *size is how many bytes it has. */
static size_t character_columns(const char *text, size_t left, size_t *size)
{
	mbstate_t state = {0};
	wchar_t character;
	const size_t taken = mbrtowc(&character, text, left, &state);
	int columns;

	*size = 1;
	if (taken == 0 || taken > left)
		return 1;
	*size = taken;
	columns = wcwidth(character);
	return columns < 0 ? 1 : (size_t)columns;
}

/* Without that locale: every character is one column. */
static size_t count_characters(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

size_t text_columns(const char *text, size_t size)
{
	const locale_t utf8 = utf8_locale();
	size_t columns = 0, taken;

	if (!utf8)
		return count_characters(text, size);

	const locale_t before = uselocale(utf8);

	for (size_t i = 0; i < size; i += taken)
		columns += character_columns(text + i, size - i, &taken);
	uselocale(before);
	return columns;
}

bool terminal_has_colours(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

void begin_ink(enum ink ink, FILE *stream)
{
	static const char *const codes[INK_COUNT] = {
		[INK_LABEL] = "2",     [INK_NAME] = "1",        [INK_ASSIGNED] = "32",
		[INK_RESERVED] = "33", [INK_UNASSIGNED] = "36", [INK_WARNING] = "31",
	};

	if (terminal_has_colours())
		fprintf(stream, "\033[%sm", codes[ink]);
}

void end_ink(FILE *stream)
{
	if (terminal_has_colours())
		fputs("\033[0m", stream);
}
