/* SPDX-License-Identifier: MIT */
/* What a search found, as a table for people. */
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/output/row_text.h"
#include "cli/output/search_table.h"
#include "cli/output/table.h"

#define ELLIPSIS "\xe2\x80\xa6"

enum {
	EXCERPT_MAX = 90, /* bytes shown of a long text ... */
	EXCERPT_LEAD = 30, /* ... of which before the first word found */
};

enum search_column {
	COLUMN_NAME,
	COLUMN_PORT,
	COLUMN_DESCRIPTION,
	COLUMN_FOUND_IN,
	COLUMN_COUNT,
};

static const struct table_column columns[COLUMN_COUNT] = {
	[COLUMN_NAME] = {.title = "Name", .min = 8, .max = 40},
	[COLUMN_PORT] = {.title = "Port", .min = 9, .max = 32},
	[COLUMN_DESCRIPTION] = {.title = "Description", .min = 20},
	[COLUMN_FOUND_IN] = {.title = "Found in", .min = 14, .max = 48},
};

/* A row found. */
struct hit {
	const char *name, *description; /* the snapshot keeps every text once: the same text is at the same place */
	uint32_t nameless_port; /* 0 in a row with a name: that alone makes it the same service */
	uint32_t number; /* of the row */
	size_t order; /* 0 is the best */
};

/* Hits that make one line: those from hits[first] on, in the order of the registry. */
struct group {
	size_t order; /* its best hit's */
	size_t first, count;
};

struct search_table {
	const struct snapshot *snapshot;
	struct pattern *pattern;
	const uint64_t *found;
	struct hit *hits;
	struct group *groups;
	size_t hit_count, group_count;
	struct table *table;
};

static int compare_texts(const char *a, const char *b)
{
	return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static int compare_services(const struct hit *a, const struct hit *b)
{
	const int by_name = compare_texts(a->name, b->name);
	const int by_description = compare_texts(a->description, b->description);

	if (by_name || by_description)
		return by_name ? by_name : by_description;
	return (a->nameless_port > b->nameless_port) - (a->nameless_port < b->nameless_port);
}

static int compare_hits(const void *left, const void *right)
{
	const struct hit *a = left, *b = right;
	const int by_service = compare_services(a, b);

	return by_service ? by_service : (a->number > b->number) - (a->number < b->number);
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	return (a->order > b->order) - (a->order < b->order);
}

/* The row was read once already, when it was found. */
static struct snapshot_row row_of(const struct search_table *table, size_t order)
{
	struct snapshot_row row = {.name = "", .protocol = ""};

	for (unsigned i = 0; i < TEXT_COUNT; i++)
		row.text[i] = "";
	snapshot_row(table->snapshot, (uint32_t)table->found[order], &row);
	return row;
}

static void make_hits(struct search_table *table)
{
	table->hits = xcheck(calloc(table->hit_count + 1, sizeof *table->hits));
	for (size_t i = 0; i < table->hit_count; i++) {
		const struct snapshot_row row = row_of(table, i);

		table->hits[i] = (struct hit){
			.name = row.name,
			.description = row.text[TEXT_DESCRIPTION],
			.nameless_port = *row.name ? 0 : 1u + row.first_port,
			.number = (uint32_t)table->found[i],
			.order = i,
		};
	}
	qsort(table->hits, table->hit_count, sizeof *table->hits, compare_hits);
}

static void make_groups(struct search_table *table)
{
	struct group *group = NULL;

	table->groups = xcheck(calloc(table->hit_count + 1, sizeof *table->groups));
	for (size_t i = 0; i < table->hit_count; i++) {
		const struct hit *hit = &table->hits[i];

		if (!group || compare_services(hit - 1, hit) != 0) {
			group = &table->groups[table->group_count++];
			*group = (struct group){.order = hit->order, .first = i};
		}
		group->order = hit->order < group->order ? hit->order : group->order;
		group->count++;
	}
	qsort(table->groups, table->group_count, sizeof *table->groups, compare_groups);
}

/* A text with the words in it inked; bytes before `from` and from `to` on are left out. */
static void put_marked(struct search_table *table, unsigned column, const char *text, size_t from, size_t to,
		       enum style style)
{
	bool *marks = xcheck(calloc(to + 1, sizeof *marks));

	pattern_mark(table->pattern, text, to, column == COLUMN_NAME, marks);
	for (size_t i = from, run; i < to; i += run) {
		run = 1;
		while (i + run < to && marks[i + run] == marks[i])
			run++;
		table_put_part(table->table, column, text + i, run, marks[i] ? STYLE_MATCH : style);
	}
	free(marks);
}

static void put_whole(struct search_table *table, unsigned column, const char *text, enum style style)
{
	char *folded = collapse_blanks(text, strlen(text));

	put_marked(table, column, folded, 0, strlen(folded), style);
	free(folded);
}

/* Where an excerpt begins: at a word a little before the first byte that was found. */
static size_t excerpt_start(const struct search_table *table, const char *text, size_t size)
{
	bool *marks = xcheck(calloc(size + 1, sizeof *marks));
	size_t first = 0, start;

	pattern_mark(table->pattern, text, size, false, marks);
	while (first < size && !marks[first])
		first++;
	free(marks);
	if (first == size || first <= EXCERPT_LEAD)
		return 0;
	for (start = first - EXCERPT_LEAD; start < first && text[start - 1] != ' '; start++)
		;
	return start;
}

/* A text, of a long one the part where a word was found. */
static void put_excerpt(struct search_table *table, unsigned column, const char *text)
{
	char *folded = collapse_blanks(text, strlen(text));
	const size_t size = strlen(folded);
	size_t start = 0, end = size;

	if (size > EXCERPT_MAX)
		start = excerpt_start(table, folded, size);
	if (size - start > EXCERPT_MAX)
		end = start + EXCERPT_MAX;
	while (end < size && ((unsigned char)folded[end] & 0xc0) == 0x80) /* not inside a character */
		end--;
	table_put(table->table, column, start ? ELLIPSIS " " : "", STYLE_PLAIN);
	put_marked(table, column, folded, start, end, STYLE_PLAIN);
	table_put(table->table, column, end < size ? " " ELLIPSIS : "", STYLE_PLAIN);
	free(folded);
}

static enum style ink_of_status(enum row_status status)
{
	static const enum style inks[ROW_STATUS_STATUS_COUNT] = {
		[ROW_STATUS_RESERVED] = STYLE_RESERVED,
		[ROW_STATUS_UNASSIGNED] = STYLE_UNASSIGNED,
		[ROW_STATUS_DE_REGISTERED] = STYLE_RESERVED,
	};

	return inks[status];
}

/* "80/tcp,udp 8080/tcp" */
static void put_ports(struct search_table *table, const struct group *group)
{
	char before[PORTS_TEXT_SIZE] = "?", ports[PORTS_TEXT_SIZE];

	for (size_t i = 0; i < group->count; i++) {
		const struct snapshot_row row = row_of(table, table->hits[group->first + i].order);

		row_ports_text(&row, ports);
		if (strcmp(ports, before) != 0) {
			table_put(table->table, COLUMN_PORT, i ? " " : "", STYLE_PLAIN);
			table_put(table->table, COLUMN_PORT, row.has_port ? ports : "no-port", STYLE_PLAIN);
			table_put(table->table, COLUMN_PORT, *row.protocol ? "/" : "", STYLE_PLAIN);
		} else {
			table_put(table->table, COLUMN_PORT, ",", STYLE_PLAIN);
		}
		table_put(table->table, COLUMN_PORT, row.protocol, STYLE_PLAIN);
		strcpy(before, ports);
	}
}

/* Whether a word before this one was found in the same field, or the table has a column of its own for that. */
static bool shows_elsewhere(const struct pattern *pattern, size_t number)
{
	const char *field = match_field(pattern_place(pattern, number));

	for (size_t i = 0; i < number; i++)
		if (strcmp(match_field(pattern_place(pattern, i)), field) == 0)
			return true;
	return strcmp(field, "name") == 0 || strcmp(field, "description") == 0;
}

static void put_aliases(struct search_table *table, const struct row_info *row_info)
{
	const char *alias = row_info->aliases;

	for (uint32_t i = 0; i < row_info->alias_count; i++, alias = next_name(alias)) {
		table_put(table->table, COLUMN_FOUND_IN, i ? ", " : "", STYLE_PLAIN);
		put_marked(table, COLUMN_FOUND_IN, alias, 0, strlen(alias), STYLE_PLAIN);
	}
}

/* Where the words are that are neither in the name nor in the description. */
static void put_places(struct search_table *table, const struct row_info *row_info)
{
	bool has_text = false;

	for (size_t i = 0; i < pattern_word_count(table->pattern); i++) {
		const enum match_place place = pattern_place(table->pattern, i);

		if (shows_elsewhere(table->pattern, i))
			continue;
		table_put(table->table, COLUMN_FOUND_IN, has_text ? "; " : "", STYLE_PLAIN);
		table_put(table->table, COLUMN_FOUND_IN,
			  place == MATCH_UNAUTHORIZED_USE ? "unauthorised use" : match_field(place), STYLE_LABEL);
		table_put(table->table, COLUMN_FOUND_IN, " ", STYLE_PLAIN);
		if (place == MATCH_ALIAS || place == MATCH_ALIAS_PART)
			put_aliases(table, row_info);
		else
			put_excerpt(table, COLUMN_FOUND_IN, match_text(row_info, place));
		has_text = true;
	}
}

static void put_group(struct search_table *table, const struct group *group)
{
	const struct snapshot_row row = row_of(table, group->order);
	const struct row_info row_info = row_info_of(table->snapshot, &row);

	pattern_match(table->pattern, &row_info); /* to know the places */
	table_add_row(table->table);
	put_whole(table, COLUMN_NAME, row.name, STYLE_NAME);
	put_ports(table, group);
	put_whole(table, COLUMN_DESCRIPTION, row.text[TEXT_DESCRIPTION], ink_of_status(row_info.status));
	put_places(table, &row_info);
}

static void print_rest(size_t shown, size_t all, FILE *stream)
{
	if (shown == all)
		return;
	style_begin(STYLE_LABEL, stream);
	fprintf(stream, "%zu of %zu lines", shown, all);
	style_end(stream);
	fputc('\n', stream);
}

void print_search_table(const struct snapshot *snapshot, struct pattern *pattern, const uint64_t *found, size_t count,
			size_t limit, unsigned width, FILE *stream)
{
	struct search_table table = {
		.snapshot = snapshot,
		.pattern = pattern,
		.found = found,
		.hit_count = count,
		.table = table_new(columns, COLUMN_COUNT),
	};

	make_hits(&table);
	make_groups(&table);
	limit = table.group_count < limit ? table.group_count : limit;
	for (size_t i = 0; i < limit; i++)
		put_group(&table, &table.groups[i]);
	table_print(table.table, width, stream);
	print_rest(limit, table.group_count, stream);
	table_free(table.table);
	free(table.groups);
	free(table.hits);
}
