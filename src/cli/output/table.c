/* SPDX-License-Identifier: MIT */
/* Tables for a terminal. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/output/table.h"
#include "cli/output/wrap.h"

#define ELLIPSIS "\xe2\x80\xa6"

struct cell {
	char *text; /* escaped, one line; NULL while empty */
	unsigned char *inks; /* enum ink of each byte */
	size_t size;
};

struct table {
	const struct table_column *columns;
	unsigned column_count;
	struct cell *cells; /* row by row; row 0 has the titles */
	size_t row_count;
};

/* What one line shows of a cell. */
struct slice {
	size_t start, end;
	bool cut; /* and an ellipsis */
};

static struct cell *row_of(const struct table *table, size_t row)
{
	return table->cells + row * table->column_count;
}

void table_add_row(struct table *table)
{
	const size_t row_size = table->column_count * sizeof *table->cells;

	table->cells = grow_by_one(table->cells, table->row_count, row_size);
	memset(row_of(table, table->row_count), 0, row_size);
	table->row_count++;
}

struct table *table_new(const struct table_column *columns, unsigned column_count)
{
	struct table *table = xcheck(calloc(1, sizeof *table));

	assert(column_count <= TABLE_COLUMN_MAX);
	table->columns = columns;
	table->column_count = column_count;
	table_add_row(table);
	for (unsigned i = 0; i < column_count; i++)
		table_put(table, i, columns[i].title, STYLE_LABEL);
	return table;
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->row_count * table->column_count; i++) {
		free(table->cells[i].text);
		free(table->cells[i].inks);
	}
	free(table->cells);
	free(table);
}

/*
 * A copy as a string with each run of white space as one blank, those at the ends too: parts of a cell may meet there.
 */
static char *with_single_blanks(const char *text, size_t size)
{
	char *copy = xcheck(malloc(size + 1));
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		if (!is_white_space(text[i]))
			copy[used++] = text[i];
		else if (!used || copy[used - 1] != ' ')
			copy[used++] = ' ';
	}
	copy[used] = '\0';
	return copy;
}

void table_put_part(struct table *table, unsigned column, const char *text, size_t size, enum style style)
{
	struct cell *cell = row_of(table, table->row_count - 1) + column;
	char *blanked = with_single_blanks(text, size), *safe = escape_text(blanked);
	const size_t more = strlen(safe);

	cell->text = xcheck(realloc(cell->text, cell->size + more + 1));
	cell->inks = xcheck(realloc(cell->inks, cell->size + more + 1));
	memcpy(cell->text + cell->size, safe, more + 1);
	memset(cell->inks + cell->size, (int)style, more);
	cell->size += more;
	free(safe);
	free(blanked);
}

void table_put(struct table *table, unsigned column, const char *text, enum style style)
{
	table_put_part(table, column, text, strlen(text), style);
}

/* How wide the column would be if there were room for all; 0 where no row has text in it. */
static size_t natural_width(const struct table *table, unsigned column)
{
	const unsigned max = table->columns[column].max;
	size_t widest = 0;

	for (size_t row = table->row_count; row--;) {
		const struct cell *cell = row_of(table, row) + column;
		const size_t wide = row || widest ? text_columns(cell->text, cell->size) : 0;

		widest = wide > widest ? wide : widest;
	}
	return max && widest > max ? max : widest;
}

/* The widest column that may still be narrowed, the last of several; NULL if there is none. */
static size_t *widest_to_narrow(const struct table *table, size_t *widths)
{
	size_t *widest = NULL;

	for (unsigned i = 0; i < table->column_count; i++)
		if (widths[i] > 1 && widths[i] > table->columns[i].min && (!widest || widths[i] >= *widest))
			widest = &widths[i];
	return widest;
}

static void fit_widths(const struct table *table, size_t width, size_t *widths)
{
	size_t total = 0, *widest;

	for (unsigned i = 0; i < table->column_count; i++) {
		widths[i] = natural_width(table, i);
		total += widths[i] + (total && widths[i] ? TABLE_GAP : 0);
	}
	while (total > width && (widest = widest_to_narrow(table, widths))) {
		--*widest;
		--total;
	}
}

static struct slice wrapped_slice(const struct cell *cell, size_t start, size_t width)
{
	return (struct slice){
		.start = start,
		.end = start + wrapped_line(cell->text + start, cell->size - start, width),
	};
}

static struct slice cut_slice(const struct cell *cell, size_t start, size_t width)
{
	const size_t left = cell->size - start, fits = text_fitting(cell->text + start, left, width);

	if (fits == left)
		return (struct slice){.start = start, .end = cell->size};
	return (struct slice){
		.start = start,
		.end = start + text_fitting(cell->text + start, left, width - 1),
		.cut = true,
	};
}

static size_t past_blanks(const struct cell *cell, size_t from)
{
	while (from < cell->size && cell->text[from] == ' ')
		from++;
	return from;
}

/* What the next line shows of a cell; `*from` moves to what the line after it shows, the cell's end if nothing. */
static struct slice next_slice(const struct cell *cell, size_t *from, enum table_excess excess, size_t width)
{
	const size_t start = past_blanks(cell, *from);
	struct slice slice = (excess == TABLE_CUT ? cut_slice : wrapped_slice)(cell, start, width);

	*from = slice.cut ? cell->size : past_blanks(cell, slice.end);
	while (slice.end > slice.start && cell->text[slice.end - 1] == ' ')
		slice.end--;
	return slice;
}

static void print_slice(const struct cell *cell, struct slice slice, FILE *stream)
{
	for (size_t i = slice.start, run; i < slice.end; i += run) {
		run = 1;
		while (i + run < slice.end && cell->inks[i + run] == cell->inks[i])
			run++;
		print_styled(cell->text + i, run, cell->inks[i], stream);
	}
	if (slice.cut)
		fputs(ELLIPSIS, stream);
}

/* A line's part of a cell, after the blanks that are owed; how many are owed after it. */
static size_t print_cell(const struct cell *cell, const struct table_column *column, size_t width, size_t *from,
			 size_t owed, FILE *stream)
{
	const struct slice slice = next_slice(cell, from, column->excess, width);
	const size_t wide = text_columns(cell->text + slice.start, slice.end - slice.start) + slice.cut;
	const size_t blanks = width > wide ? width - wide : 0;
	const size_t before = column->to_the_right ? blanks : 0;

	fprintf(stream, "%*s", (int)(owed + before), "");
	print_slice(cell, slice, stream);
	return blanks - before + TABLE_GAP;
}

/* A line of a row, from where each cell stands in `from`. Blanks wait until something comes after them. */
static void print_line(const struct table *table, const struct cell *cells, const size_t *widths, size_t *from,
		       FILE *stream)
{
	size_t owed = 0;

	for (unsigned i = 0; i < table->column_count; i++) {
		if (widths[i] && from[i] < cells[i].size)
			owed = print_cell(&cells[i], &table->columns[i], widths[i], &from[i], owed, stream);
		else if (widths[i])
			owed += widths[i] + TABLE_GAP;
	}
	fputc('\n', stream);
}

static bool has_more(const struct table *table, const struct cell *cells, const size_t *widths, const size_t *from)
{
	for (unsigned i = 0; i < table->column_count; i++)
		if (widths[i] && from[i] < cells[i].size)
			return true;
	return false;
}

void table_print(const struct table *table, unsigned width, FILE *stream)
{
	size_t widths[TABLE_COLUMN_MAX];

	if (table->row_count == 1)
		return;
	fit_widths(table, width, widths);
	for (size_t row = 0; row < table->row_count; row++) {
		size_t from[TABLE_COLUMN_MAX] = {0};

		do
			print_line(table, row_of(table, row), widths, from, stream);
		while (has_more(table, row_of(table, row), widths, from));
	}
}
