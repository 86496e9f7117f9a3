/* SPDX-License-Identifier: MIT */
/* Ports as a standalone SVG. */
#include <string.h>

#include "cli/output/map_svg.h"
#include "cli/output/map_table.h"
#include "snapshot/accessors.h"

/* Lengths in user units, which are pixels where nobody scales the picture. */
enum {
	GRID_LEFT = 56,
	GRID_TOP = 72,
	GRID_SIZE = 768, /* of the whole grid, whatever the size of a cell is */
	GRID_RIGHT = GRID_LEFT + GRID_SIZE,
	WIDTH = GRID_RIGHT + 24,
	LINE = 24, /* from one line of the table to the next */
	COLUMN = 88, /* from one column of it to the next */
	SWATCH = 14,
	COLUMNS_MIN = 16, /* cells in a row */
	COLUMNS_MAX = 256,
	AXIS_LABELS = 16, /* about how many rows have a label */
};

struct map_svg {
	const struct port_space *space;
	struct port_view view;
	FILE *stream;
	unsigned columns, rows; /* cells */
	unsigned origin; /* port of the first cell of the first row */
	unsigned cell; /* width and height of one */
};

/* The CSS class of what has that mark. */
static const char *const classes[MARK_COUNT] = {
	[PORT_UNASSIGNED] = "u", [PORT_DYNAMIC] = "y",  [PORT_DE_REGISTERED] = "d",
	[PORT_RESERVED] = "r",   [PORT_ASSIGNED] = "a", [MARK_REPORTED] = "x",
};

/*
 * From Okabe and Ito's palette, which people with any colour vision tell apart; the marks that are a single cell and
 * must not be overlooked have the strongest contrast there is.
 */
static const char style[] =
	"<style>"
	"text{font:14px system-ui,sans-serif;fill:#1b1f24}"
	".n{text-anchor:end}.t{font-size:18px;font-weight:600}.s{fill:#59636e}"
	".b{fill:#fff}path{fill:none;stroke-width:1}"
	".u{stroke:#dfe3e8}.y{stroke:#c3ccd5}.d{stroke:#cc79a7}.r{stroke:#e69f00}.a{stroke:#0072b2}.x{stroke:#000}"
	"@media(prefers-color-scheme:dark){"
	"text{fill:#e6edf3}.s{fill:#9198a1}.b{fill:#0d1117}"
	".u{stroke:#21262d}.y{stroke:#3d4752}.d{stroke:#cc79a7}.r{stroke:#e69f00}.a{stroke:#3a9bdc}.x{stroke:#fff}"
	"}</style>\n";

static void fit_to_range(struct map_svg *svg)
{
	svg->columns = COLUMNS_MIN;
	do {
		svg->origin = svg->space->first - svg->space->first % svg->columns;
		svg->rows = (svg->space->last - svg->origin) / svg->columns + 1;
	} while (svg->rows > svg->columns && svg->columns < COLUMNS_MAX && (svg->columns *= 2));
	svg->cell = GRID_SIZE / svg->columns;
}

static unsigned grid_bottom(const struct map_svg *svg)
{
	return GRID_TOP + svg->rows * svg->cell;
}

/* One line through the middle of the cells of some ports in one row is as many rectangles, in the fewest bytes. */
static void draw_ports(const struct map_svg *svg, unsigned first, unsigned last)
{
	while (first <= last) {
		const unsigned x = (first - svg->origin) % svg->columns, y = (first - svg->origin) / svg->columns;
		const unsigned in_row = svg->columns - x, left = last - first + 1;
		const unsigned size = left < in_row ? left : in_row;

		fprintf(svg->stream, "M%u %uh%u", x, y, size);
		first += size;
	}
}

/* Unassigned is the ground that all else is drawn upon. */
static bool has_mark(const struct map_svg *svg, unsigned port, unsigned mark)
{
	if (mark == PORT_UNASSIGNED)
		return true;
	return mark == MARK_REPORTED ? port_remark_of(&svg->view, port) != NULL
				     : port_class_of(&svg->view, port) == mark;
}

static void draw_mark(const struct map_svg *svg, unsigned mark)
{
	unsigned end;

	fprintf(svg->stream, "<path class=\"%s\" d=\"", classes[mark]);
	for (unsigned port = svg->space->first; port <= svg->space->last; port = end + 1) {
		for (end = port; end <= svg->space->last && has_mark(svg, end, mark); end++)
			;
		if (end > port)
			draw_ports(svg, port, end - 1);
	}
	fputs("\"/>\n", svg->stream);
}

static void draw_grid(const struct map_svg *svg)
{
	const unsigned step = (svg->rows + AXIS_LABELS - 1) / AXIS_LABELS;

	fprintf(svg->stream,
		"<g shape-rendering=\"crispEdges\" transform=\"translate(%u %u) scale(%u) translate(0 .5)\">\n",
		GRID_LEFT, GRID_TOP, svg->cell);
	for (unsigned mark = 0; mark < MARK_COUNT; mark++)
		draw_mark(svg, mark);
	fputs("</g>\n<g class=\"n\">\n", svg->stream);
	for (unsigned row = 0; row < svg->rows; row += step)
		fprintf(svg->stream, "<text class=\"s\" x=\"%u\" y=\"%u\">%u</text>\n", GRID_LEFT - 8,
			GRID_TOP + row * svg->cell + (svg->cell > SWATCH ? svg->cell / 2 + 5 : 10),
			svg->origin + row * svg->columns);
	fputs("</g>\n", svg->stream);
}

static void draw_table_line(const struct map_svg *svg, const struct map_table *table, const struct map_line *line,
			    unsigned y)
{
	fprintf(svg->stream, "<path class=\"%s\" style=\"stroke-width:%u\" d=\"M%u %uh%u\"/>", classes[line->mark],
		SWATCH, GRID_LEFT, y - 5, SWATCH);
	fprintf(svg->stream, "<text x=\"%u\" y=\"%u\">%s</text>", GRID_LEFT + LINE, y, line->label);
	for (unsigned i = 0; i < table->columns; i++)
		fprintf(svg->stream, "<text class=\"n\" x=\"%u\" y=\"%u\">%u</text>",
			GRID_RIGHT - COLUMN * (table->columns - 1 - i), y, line->counts[i]);
	fputc('\n', svg->stream);
}

static void draw_table(const struct map_svg *svg, const struct map_table *table)
{
	const unsigned top = grid_bottom(svg) + LINE + LINE / 3;

	for (unsigned i = 0; i < table->columns; i++)
		fprintf(svg->stream, "<text class=\"n s\" x=\"%u\" y=\"%u\">%s</text>",
			GRID_RIGHT - COLUMN * (table->columns - 1 - i), top, table->heads[i]);
	fputc('\n', svg->stream);
	for (unsigned i = 0; i < MARK_COUNT; i++)
		draw_table_line(svg, table, &table->lines[i], top + LINE * (i + 1));
}

/* The picture in words: of each line of the table the last column, which is all protocols together. */
static void write_description(const struct map_svg *svg, const struct map_table *table)
{
	fprintf(svg->stream, "<desc id=\"d\">Ports %u to %u, %u in a row:", svg->space->first, svg->space->last,
		svg->columns);
	for (unsigned i = 0; i < MARK_COUNT; i++)
		fprintf(svg->stream, "%s %s %u", i ? "," : "", table->lines[i].label,
			table->lines[i].counts[table->columns - 1]);
	fputs(".</desc>\n", svg->stream);
}

/* The date of the registry, if the snapshot has one that is a date: nothing else may get into the markup. */
static void write_date(const struct map_svg *svg)
{
	const char *date = snapshot_newest_date(&svg->space->chosen.file.snapshot);

	if (*date && !date[strspn(date, "0123456789-")])
		fprintf(svg->stream, "; registry of %s", date);
}

static void write_heading(const struct map_svg *svg, const struct map_table *table)
{
	fprintf(svg->stream, "<text class=\"t\" x=\"%u\" y=\"28\">IANA port numbers %u to %u</text>\n", GRID_LEFT,
		svg->space->first, svg->space->last);
	fprintf(svg->stream, "<text class=\"s\" x=\"%u\" y=\"52\">", GRID_LEFT);
	for (unsigned i = 0; i < table->columns; i++)
		if (i < PORT_PROTOCOLS && (i + 1 < table->columns || table->columns == 1))
			fprintf(svg->stream, "%s%s", i ? ", " : "", table->heads[i]);
	fprintf(svg->stream, "; a port a cell, %u a row", svg->columns);
	write_date(svg);
	fputs("</text>\n", svg->stream);
}

void write_map_svg(const struct port_space *space, FILE *stream)
{
	struct map_svg svg = {.space = space, .view = map_view_of(space), .stream = stream};
	const struct map_table table = map_table_of(space);

	fit_to_range(&svg);

	const unsigned height = grid_bottom(&svg) + LINE * (MARK_COUNT + 2);

	fprintf(stream,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" "
		"role=\"img\" aria-labelledby=\"t d\">\n"
		"<title id=\"t\">IANA port numbers %u to %u by status</title>\n",
		WIDTH, height, WIDTH, height, space->first, space->last);
	write_description(&svg, &table);
	fputs(style, stream);
	fprintf(stream, "<rect class=\"b\" width=\"%u\" height=\"%u\"/>\n", WIDTH, height);
	write_heading(&svg, &table);
	draw_grid(&svg);
	draw_table(&svg, &table);
	fputs("</svg>\n", stream);
}
