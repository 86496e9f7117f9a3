/* SPDX-License-Identifier: MIT */
/* Ports as a picture of characters. */
#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "cli/output/map_screen.h"
#include "cli/output/map_table.h"
#include "cli/output/terminal.h"

enum {
	SHADES = 4, /* of assigned: how many of a cell's ports are */
	ROWS_MAX = 32,
	LABEL_COLUMNS = sizeof "65535 " - 1, /* before each row */
	CELLS_MIN = 16, /* in a row */
	CELLS_MAX = 256,
};

struct glyphs {
	const char *shades[SHADES]; /* few to all */
	const char *marks[MARK_COUNT];
};

static const struct glyphs utf8_glyphs = {
	.shades = {"\xe2\x96\x91", "\xe2\x96\x92", "\xe2\x96\x93", "\xe2\x96\x88"},
	.marks = {[PORT_UNASSIGNED] = "\xc2\xb7",
		  [PORT_DYNAMIC] = "-",
		  [PORT_DE_REGISTERED] = "d",
		  [PORT_RESERVED] = "r",
		  [MARK_REPORTED] = "!"},
};

static const struct glyphs ascii_glyphs = {
	.shades = {":", "+", "*", "#"},
	.marks = {[PORT_UNASSIGNED] = ".",
		  [PORT_DYNAMIC] = "-",
		  [PORT_DE_REGISTERED] = "d",
		  [PORT_RESERVED] = "r",
		  [MARK_REPORTED] = "!"},
};

static const enum style inks[MARK_COUNT] = {
	[PORT_UNASSIGNED] = STYLE_UNASSIGNED, [PORT_DYNAMIC] = STYLE_LABEL,     [PORT_DE_REGISTERED] = STYLE_RESERVED,
	[PORT_RESERVED] = STYLE_RESERVED,     [PORT_ASSIGNED] = STYLE_ASSIGNED, [MARK_REPORTED] = STYLE_WARNING,
};

struct map_screen {
	struct port_view view;
	unsigned first, last;
	unsigned cells; /* in a row */
	unsigned cell_size; /* ports */
	const struct glyphs *glyphs;
};

static const struct glyphs *glyphs_of_locale(void)
{
	const locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	const bool utf8 = locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale)
		freelocale(locale);
	return utf8 ? &utf8_glyphs : &ascii_glyphs;
}

static unsigned row_count(const struct map_screen *screen)
{
	const unsigned row_size = screen->cells * screen->cell_size;

	return screen->last / row_size - screen->first / row_size + 1;
}

/*
 * As many cells as fit, and as few ports in each as ROWS_MAX allows: powers of two, so that rows begin at round ports.
 */
static void fit_to_width(struct map_screen *screen, unsigned width)
{
	screen->cells = CELLS_MIN;
	while (screen->cells < CELLS_MAX && 2 * screen->cells + LABEL_COLUMNS <= width)
		screen->cells *= 2;
	screen->cell_size = 1;
	while (row_count(screen) > ROWS_MAX)
		screen->cell_size *= 2;
}

/*
 * What a cell shows. A report is what one looks for, so one port that has it is enough. Else what is taken shows before
 * what is not, assigned in the shade of its share, and of other classes the one with most ports.
 */
static unsigned mark_of_cell(const struct port_counts *counts)
{
	static const enum port_class order[] = {PORT_ASSIGNED, PORT_RESERVED, PORT_DE_REGISTERED};
	unsigned mark =
		counts->classes[PORT_DYNAMIC] > counts->classes[PORT_UNASSIGNED] ? PORT_DYNAMIC : PORT_UNASSIGNED;
	unsigned most = 0;

	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (counts->classes[order[i]] > most) {
			mark = order[i];
			most = counts->classes[mark];
		}
	}
	return counts->reported ? MARK_REPORTED : mark;
}

static const char *glyph_of(const struct map_screen *screen, unsigned mark, unsigned assigned, unsigned ports)
{
	if (mark != PORT_ASSIGNED)
		return screen->glyphs->marks[mark];

	const unsigned quarter = SHADES * assigned / ports; /* whole quarters */

	return screen->glyphs->shades[quarter < SHADES ? quarter : SHADES - 1];
}

/* Draw one cell in `mark`'s ink; an ink lasts until the next cell needs another. */
static void draw_cell(const struct map_screen *screen, unsigned first, unsigned *ink_mark)
{
	const unsigned begin = first > screen->first ? first : screen->first;
	const unsigned end =
		first + screen->cell_size - 1 < screen->last ? first + screen->cell_size - 1 : screen->last;

	if (begin > end) {
		putchar(' ');
		return;
	}

	const struct port_counts counts = count_ports(&screen->view, begin, end);
	const unsigned mark = mark_of_cell(&counts);

	if (mark != *ink_mark) {
		style_end(stdout);
		style_begin(inks[mark], stdout);
		*ink_mark = mark;
	}
	fputs(glyph_of(screen, mark, counts.classes[PORT_ASSIGNED], end - begin + 1), stdout);
}

static void draw_rows(const struct map_screen *screen)
{
	const unsigned row_size = screen->cells * screen->cell_size;

	for (unsigned row = screen->first - screen->first % row_size; row <= screen->last; row += row_size) {
		unsigned ink_mark = MARK_COUNT;

		style_begin(STYLE_LABEL, stdout);
		printf("%5u ", row);
		style_end(stdout);
		for (unsigned i = 0; i < screen->cells && row + i * screen->cell_size <= screen->last; i++)
			draw_cell(screen, row + i * screen->cell_size, &ink_mark);
		style_end(stdout);
		putchar('\n');
	}
}

/* Four columns of glyphs: assigned has as many where a cell can have a part of its ports assigned. */
static void draw_glyphs(const struct map_screen *screen, unsigned mark)
{
	const unsigned shades = screen->cell_size > 1 ? SHADES : 1;

	style_begin(inks[mark], stdout);
	for (unsigned i = 0; mark == PORT_ASSIGNED && i < shades; i++)
		fputs(screen->glyphs->shades[SHADES - 1 - i], stdout);
	if (mark != PORT_ASSIGNED)
		fputs(screen->glyphs->marks[mark], stdout);
	style_end(stdout);
	printf("%*s", mark == PORT_ASSIGNED ? (int)(SHADES - shades) : SHADES - 1, "");
}

static void draw_table(const struct map_screen *screen, const struct map_table *table)
{
	printf("%-*s", SHADES + 27, "");
	for (unsigned i = 0; i < table->columns; i++)
		printf("%8s", table->heads[i]);
	putchar('\n');
	for (unsigned i = 0; i < MARK_COUNT; i++) {
		draw_glyphs(screen, table->lines[i].mark);
		printf(" %-26s", table->lines[i].label);
		for (unsigned j = 0; j < table->columns; j++)
			printf("%8u", table->lines[i].counts[j]);
		putchar('\n');
	}
}

void print_map_screen(const struct port_space *space, unsigned width)
{
	struct map_screen screen = {
		.view = map_view_of(space),
		.first = space->first,
		.last = space->last,
		.glyphs = glyphs_of_locale(),
	};
	const struct map_table table = map_table_of(space);

	fit_to_width(&screen, width);
	draw_rows(&screen);
	style_begin(STYLE_LABEL, stdout);
	if (screen.cell_size > 1)
		printf("%u ports a cell, %u a row; one with unauthorised use marks its cell\n", screen.cell_size,
		       screen.cells * screen.cell_size);
	style_end(stdout);
	putchar('\n');
	draw_table(&screen, &table);
}
