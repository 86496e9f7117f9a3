/* SPDX-License-Identifier: MIT */
/* Readers of the registry's rows. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "tests/oracles/csv_rows.h"
#include "tests/oracles/excerpt.h"
#include "tests/support/support.h"

static const struct row no_row = {
	.cells = {"", "", "", "", "", "", "", "", "", "", "", ""}, .status = "", .aliases = ""};

static struct row *new_row(struct rows *rows)
{
	rows->rows = grow_by_one(rows->rows, rows->count, sizeof *rows->rows);
	rows->rows[rows->count] = no_row;
	return &rows->rows[rows->count++];
}

void free_rows(struct rows *rows)
{
	free(rows->rows);
	free(rows->bytes);
}

static void fold(char *text)
{
	char *folded = collapse_blanks(text, strlen(text));

	strcpy(text, folded);
	free(folded);
}

/* The page */

/* "80" or "6000-6063" */
static bool is_ports(const char *word, size_t size)
{
	const size_t first = strspn(word, "0123456789");
	const size_t last = word[first] == '-' ? strspn(word + first + 1, "0123456789") : 0;

	return first && size == first + (last ? 1 + last : 0);
}

static bool is_protocol(const char *word, size_t size)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp"};

	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
		if (strlen(protocols[i]) == size && strncmp(word, protocols[i], size) == 0)
			return true;
	return false;
}

/* Whether a line is not the rest of the row above: its first word, or the second, is a port. */
static bool begins_row(const char *line)
{
	const size_t first = strcspn(line, " \n");

	if (is_ports(line, first))
		return true;
	return first && line[first] == ' ' && is_ports(line + first + 1, strcspn(line + first + 1, " \n"));
}

static size_t word_size(const char *text)
{
	return strcspn(text, " ");
}

/* Take a word and the blank behind it off a text. */
static char *take_word(char **text)
{
	char *word = *text;

	*text += word_size(word);
	if (**text)
		*(*text)++ = '\0';
	return word;
}

/* "2016-11-10" or "2005-08" */
static bool is_date(const char *text)
{
	const size_t size = word_size(text);

	return (size == 7 || size == 10) && strspn(text, "0123456789-") == size && text[4] == '-';
}

/* What stands before the assignee; of a row that has none, all but a remark behind its status. */
static const char *take_description(char **rest, bool has_name)
{
	char *description = *rest, *assignee = strstr(description, " [");

	if (!assignee && !has_name)
		return take_word(rest);
	*rest = assignee ? assignee + 1 : description + strlen(description);
	if (assignee)
		*assignee = '\0';
	return description;
}

static void parse_record(char *rest, struct row *row)
{
	const char **cells = row->cells;

	if (!is_ports(rest, word_size(rest)))
		cells[CELL_NAME] = take_word(&rest);
	cells[CELL_PORTS] = take_word(&rest);
	if (is_protocol(rest, word_size(rest)))
		cells[CELL_PROTOCOL] = take_word(&rest);
	cells[CELL_DESCRIPTION] = take_description(&rest, *cells[CELL_NAME]);
	for (enum cell cell = CELL_ASSIGNEE; cell <= CELL_CONTACT; cell++)
		if (*rest == '[')
			cells[cell] = take_word(&rest);
	for (enum cell cell = CELL_REGISTERED; cell <= CELL_MODIFIED; cell++)
		if (is_date(rest))
			cells[cell] = take_word(&rest);
	if (*rest == '[')
		cells[CELL_REFERENCE] = take_word(&rest);
	cells[*cells[CELL_ASSIGNEE] ? CELL_NOTES : CELL_UNAUTHORIZED] = rest;
}

/* Nothing may be lost between the page and its cells. */
static void assert_all_words_read(const struct row *row, const char *record)
{
	char *joined = NULL;
	size_t size;
	FILE *stream = open_memstream(&joined, &size);

	assert_non_null(stream);
	for (enum cell cell = CELL_NAME; cell < CELL_COUNT; cell++)
		if (*row->cells[cell])
			fprintf(stream, "%s ", row->cells[cell]);
	assert_int_equal(fclose(stream), 0);
	fold(joined);
	assert_string_equal(joined, record);
	free(joined);
}

/* Where the row that begins there ends: at a line that begins another, or at the end. */
static char *end_of_row(char *at)
{
	do {
		at += strcspn(at, "\n");
		at += *at == '\n';
	} while (*at && !begins_row(at));
	return at;
}

/* The table in a copy of the page: what stands between its heads and the contacts. */
static char *take_table(char *page)
{
	static const char heads[] = "Service Name Port Number Transport Protocol ", foot[] = "\nContact Information\n";
	char *table = strstr(page, heads), *end = table ? strstr(table, foot) : NULL;

	assert_true(table && end);
	end[1] = '\0';
	table += strcspn(table, "\n") + 1;
	assert_true(begins_row(table));
	return table;
}

struct rows read_excerpt(const char *page, char date[11])
{
	static const char updated[] = "\nLast Updated\n";
	struct rows rows = {.bytes = strdup(page)};
	const char *says = strstr(page, updated);

	assert_non_null(says);
	snprintf(date, 11, "%s", says + strlen(updated));
	assert_true(is_date(date));
	for (char *at = take_table(rows.bytes), *end; *at; at = end) {
		end = end_of_row(at);

		char *record = collapse_blanks(at, (size_t)(end - at));
		struct row *row = new_row(&rows);

		memcpy(at, record, strlen(record) + 1); /* no longer than it was; what is behind `end` stays */
		parse_record(at, row);
		assert_all_words_read(row, record);
		free(record);
	}
	return rows;
}

/* The CSV */

struct rows read_published(const char *csv)
{
	struct rows rows = {.bytes = strdup(csv)};
	char *cells[CSV_CELL_MAX];

	for (char *at = split_csv_row(rows.bytes, cells); (at = split_csv_row(at, cells));) {
		struct row *row = new_row(&rows);

		for (enum cell cell = CELL_NAME; cell < CELL_COUNT; cell++) {
			fold(cells[cell]);
			row->cells[cell] = cells[cell];
		}
	}
	return rows;
}

/* Lookup */

/* Put \n, \t and \\ back in place; texts of the registry have no other bytes to escape. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\')
			*to++ = *++text == '\\' ? '\\' : ' ';
		else
			*to++ = *text;
	}
	*to = '\0';
}

static void parse_line(char *line, struct row *row)
{
	char *status = NULL;

	for (unsigned column = 0; column < CELL_COUNT + 2; column++) {
		char *cell = strsep(&line, "\t");

		assert_non_null(cell);
		unescape(cell);
		fold(cell);
		if (column <= CELL_PROTOCOL)
			row->cells[column] = cell;
		else if (column == CELL_PROTOCOL + 1)
			status = cell;
		else if (column == CELL_PROTOCOL + 2)
			row->aliases = cell;
		else
			row->cells[column - 2] = cell;
	}
	assert_string_equal(line, "registry"); /* where the row is from */
	row->status = status;
}

struct rows read_lookup(const char *lines)
{
	struct rows rows = {.bytes = strdup(lines)};
	char *rest = rows.bytes, *line;

	while ((line = strsep(&rest, "\n")) && *line)
		parse_line(line, new_row(&rows));
	return rows;
}

/* Comparing */

enum cell first_difference(const struct row *a, const struct row *b)
{
	enum cell cell = CELL_NAME;

	while (cell < CELL_COUNT && strcmp(a->cells[cell], b->cells[cell]) == 0)
		cell++;
	return cell;
}

const struct row *find_same(const struct rows *rows, const struct row *row)
{
	for (size_t i = 0; i < rows->count; i++)
		if (first_difference(&rows->rows[i], row) == CELL_COUNT)
			return &rows->rows[i];
	return NULL;
}

const struct row *find_counterpart(const struct rows *rows, const struct row *row)
{
	for (size_t i = 0; i < rows->count; i++)
		if (first_difference(&rows->rows[i], row) > CELL_PROTOCOL)
			return &rows->rows[i];
	return NULL;
}

void ports_of(const struct row *row, unsigned *first, unsigned *last)
{
	char *end;

	*first = *last = (unsigned)strtoul(row->cells[CELL_PORTS], &end, 10);
	if (*end == '-')
		*last = (unsigned)strtoul(end + 1, NULL, 10);
}

bool rows_meet(const struct row *a, const struct row *b)
{
	const char *one = a->cells[CELL_PROTOCOL], *other = b->cells[CELL_PROTOCOL];
	unsigned first_a, last_a, first_b, last_b;

	if (!*a->cells[CELL_PORTS] || !*b->cells[CELL_PORTS])
		return false;
	ports_of(a, &first_a, &last_a);
	ports_of(b, &first_b, &last_b);
	return first_a <= last_b && first_b <= last_a && (!*one || !*other || strcmp(one, other) == 0);
}

static bool is_younger(const struct row *row, const char *date)
{
	return strcmp(row->cells[CELL_REGISTERED], date) > 0 || strcmp(row->cells[CELL_MODIFIED], date) > 0;
}

const char *unexplained(const struct row *row, const char *date, const struct rows *published, const struct rows *shown)
{
	const struct row *counterpart = find_counterpart(published, row);
	bool younger = false;

	if (find_same(published, row))
		return "the published registry says what the page does, and lookup does not";
	for (size_t i = 0; i < published->count; i++) {
		const struct row *there = &published->rows[i];

		if (!rows_meet(there, row))
			continue;
		if (!find_same(shown, there))
			return "lookup does not show what the published registry has there";
		younger |= is_younger(there, date);
	}
	for (size_t i = 0; i < shown->count; i++)
		if (!find_same(published, &shown->rows[i]))
			return "lookup shows what the published registry does not have";
	return counterpart || younger ? NULL : "the row is gone, and nothing in its place is younger than the page";
}
