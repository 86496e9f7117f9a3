/* SPDX-License-Identifier: MIT */
/* What changed between two snapshots, as blocks, lines or JSON (ianareg diff --help). */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/output/changes_text.h"
#include "cli/output/row_text.h"
#include "cli/output/terminal.h"
#include "export/row_json.h"

struct changes_printer {
	const struct snapshot *before, *after;
	const struct changes *changes;
	unsigned width; /* of the terminal, or 0 */
};

/* What a row says of itself, by its names in JSON. Its protocol never changes: another one is another assignment. */
enum row_field {
	FIELD_NAME,
	FIELD_FIRST_PORT,
	FIELD_LAST_PORT,
	FIELD_TEXTS,
	FIELD_COUNT = FIELD_TEXTS + TEXT_COUNT,
};

static const char *field_name(unsigned field)
{
	static const char *const names[] = {"name", "first_port", "last_port"};

	return field < FIELD_TEXTS ? names[field] : row_text_name(field - FIELD_TEXTS);
}

static bool field_changed(const struct snapshot_row *a, const struct snapshot_row *b, unsigned field)
{
	switch (field) {
	case FIELD_NAME:
		return strcmp(a->name, b->name) != 0;
	case FIELD_FIRST_PORT:
		return a->has_port != b->has_port || a->first_port != b->first_port;
	case FIELD_LAST_PORT:
		return a->has_port != b->has_port || a->last_port != b->last_port;
	default:
		return strcmp(a->text[field - FIELD_TEXTS], b->text[field - FIELD_TEXTS]) != 0;
	}
}

static bool has_before(const struct change *change)
{
	return change->kind != CHANGE_ADDED;
}

static bool has_after(const struct change *change)
{
	return change->kind != CHANGE_REMOVED;
}

/* Call `take` with the name of each thing that a pair of rows says differently. */
static void for_each_changed(const struct change *change, void (*take)(const char *name, void *context), void *context)
{
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		if (has_before(change) && has_after(change) && field_changed(&change->before, &change->after, i))
			take(field_name(i), context);
}

/* What is printed as text is built in memory first. */
struct words {
	FILE *stream;
	char *text;
	size_t size;
};

static void begin_words(struct words *words)
{
	*words = (struct words){0};
	words->stream = xcheck(open_memstream(&words->text, &words->size));
}

static const char *end_words(struct words *words)
{
	return xcheck(fclose(words->stream) == 0 ? words->text : NULL);
}

/* "http-alt/tcp", "80/tcp" or without the protocol: a key as lookup takes it. */
static const char *key_words(const struct answer_change *change, struct words *words)
{
	begin_words(words);
	if (change->name)
		fputs(change->name, words->stream);
	else
		fprintf(words->stream, "%u", change->port);
	if (change->protocol)
		fprintf(words->stream, "/%s", change->protocol);
	return end_words(words);
}

/* As a line of services(5) has it. "" for NULL. */
static const char *answer_words(const struct snapshot_entry *entry, struct words *words)
{
	begin_words(words);
	if (entry) {
		const char *name = entry->names;

		fprintf(words->stream, "%s %u/%s", name, entry->port, entry->protocol);
		for (uint32_t i = 0; i < entry->alias_count; i++) {
			name = next_name(name);
			fprintf(words->stream, " %s", name);
		}
	}
	return end_words(words);
}

static const struct snapshot_entry *answer_before(const struct answer_change *change)
{
	return change->has_before ? &change->before : NULL;
}

static const struct snapshot_entry *answer_after(const struct answer_change *change)
{
	return change->has_after ? &change->after : NULL;
}

/* JSON: see the help; `before` and `after` are rows as lookup and export have them, and answers as lookup has them. */

static void add_name(const char *name, void *array)
{
	if (json_array_append_new(array, json_text(name)) != 0)
		xcheck(NULL);
}

static json_t *json_row(const struct snapshot *snapshot, const struct snapshot_row *row, bool is_there)
{
	if (!is_there)
		return json_null();

	const struct row_info row_info = row_info_of(snapshot, row);

	return json_row_info(&row_info);
}

static json_t *json_change(const struct changes_printer *printer, const struct change *change)
{
	const bool before = has_before(change), after = has_after(change);
	json_t *object = xcheck(json_object()), *changed = xcheck(json_array());

	for_each_changed(change, add_name, changed);
	json_put(object, "kind", json_text(change_kind_text(change->kind)));
	json_put(object, "changed", changed);
	json_put(object, "before_row", before ? json_integer(change->before_row) : json_null());
	json_put(object, "after_row", after ? json_integer(change->after_row) : json_null());
	json_put(object, "before", json_row(printer->before, &change->before, before));
	json_put(object, "after", json_row(printer->after, &change->after, after));
	return object;
}

static json_t *json_answer_change(const struct answer_change *change)
{
	json_t *object = xcheck(json_object());
	struct words words;

	json_put(object, "key", json_text(key_words(change, &words)));
	json_put(object, "before", json_answer(answer_before(change)));
	json_put(object, "after", json_answer(answer_after(change)));
	free(words.text);
	return object;
}

static json_t *json_summary(const struct changes *changes)
{
	json_t *object = xcheck(json_object());

	for (unsigned i = 0; i < CHANGE_KIND_COUNT; i++)
		json_put(object, change_kind_text(i), json_integer(changes->kind_counts[i]));
	json_put(object, "without_name", json_integer(changes->nameless_count));
	json_put(object, "answers", json_integer(changes->answer_count));
	json_put(object, "assignments_before", json_integer(changes->assignments_before));
	json_put(object, "assignments_after", json_integer(changes->assignments_after));
	json_put(object, "assignments_vanished", json_integer(changes->assignments_vanished));
	return object;
}

static void print_json(const struct changes_printer *printer)
{
	struct json_list changes = {.stream = stdout, .indent = 2}, answers = changes;

	fputs("{\n  \"changes\": ", stdout);
	for (uint32_t i = 0; i < printer->changes->count; i++)
		json_list_add(&changes, json_change(printer, &printer->changes->list[i]));
	json_list_end(&changes);
	fputs(",\n  \"answers\": ", stdout);
	for (uint32_t i = 0; i < printer->changes->answer_count; i++)
		json_list_add(&answers, json_answer_change(&printer->changes->answers[i]));
	json_list_end(&answers);
	fputs(",\n  \"summary\": ", stdout);
	json_write(json_summary(printer->changes), 2, stdout);
	fputs("\n}\n", stdout);
}

static void print_name(const char *name, void *between)
{
	const char **comma = between;

	printf("%s%s", *comma, name);
	*comma = ",";
}

static void print_diff_row(const struct snapshot *snapshot, const struct snapshot_row *row)
{
	const struct row_info row_info = row_info_of(snapshot, row);

	fputc('\t', stdout);
	print_row_cells(&row_info, stdout);
	fputs(row->from_overlay ? "\toverlay" : "\tregistry", stdout);
}

static void print_change_line(const struct changes_printer *printer, const struct change *change)
{
	const char *comma = "";

	printf("%s\t", change_kind_text(change->kind));
	for_each_changed(change, print_name, &comma);
	if (has_before(change))
		print_diff_row(printer->before, &change->before);
	if (has_after(change) && change->kind != CHANGE_REORDERED)
		print_diff_row(printer->after, &change->after);
	fputc('\n', stdout);
}

static void print_words(const char *before, struct words *words, const char *after)
{
	fputs(before, stdout);
	write_escaped(words->text, stdout);
	fputs(after, stdout);
	free(words->text);
}

static void print_answer_line(const struct answer_change *change)
{
	struct words words;

	key_words(change, &words);
	print_words("answer\t", &words, "\t");
	answer_words(answer_before(change), &words);
	print_words("", &words, "\t");
	answer_words(answer_after(change), &words);
	print_words("", &words, "\n");
}

static void print_lines(const struct changes_printer *printer)
{
	for (uint32_t i = 0; i < printer->changes->count; i++)
		print_change_line(printer, &printer->changes->list[i]);
	for (uint32_t i = 0; i < printer->changes->answer_count; i++)
		print_answer_line(&printer->changes->answers[i]);
}

/* "cora 19220/tcp", "Unassigned 19195-19219", "airplay/tcp". */
static const char *assignment_words(const struct row_info *row_info, struct words *words)
{
	const struct snapshot_row *row = &row_info->row;
	char ports[PORTS_TEXT_SIZE];

	begin_words(words);
	row_ports_text(row, ports);
	fputs(*row->name ? row->name : row_status_text(row_info->status), words->stream);
	if (*ports)
		fprintf(words->stream, " %s", ports);
	if (*row->protocol)
		fprintf(words->stream, "/%s", row->protocol);
	if (row->from_overlay)
		fputs(" (overlay)", words->stream);
	return end_words(words);
}

static void print_or_none(const char *label, const char *text, unsigned width)
{
	print_labelled(label, *text ? text : "(none)", width, stdout);
}

static void print_assignment(const char *label, const struct row_info *row_info, unsigned width)
{
	struct words words;

	print_labelled(label, assignment_words(row_info, &words), width, stdout);
	free(words.text);
}

/* What became of the row. */
static void print_pair(const struct changes_printer *printer, const struct change *change)
{
	const struct row_info now = row_info_of(printer->after, &change->after);

	if (change->kind == CHANGE_RENAMED || change->kind == CHANGE_MOVED)
		print_assignment("  now", &now, printer->width);
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		if (!field_changed(&change->before, &change->after, FIELD_TEXTS + i))
			continue;
		print_or_none(row_text_label(i), change->before.text[i], printer->width);
		print_or_none("  now", change->after.text[i], printer->width);
	}
}

static void print_change_block(const struct changes_printer *printer, const struct change *change)
{
	static const char *const labels[CHANGE_KIND_COUNT] = {
		[CHANGE_REMOVED] = "Removed",         [CHANGE_ADDED] = "Added",
		[CHANGE_RENAMED] = "Renamed",         [CHANGE_MOVED] = "Moved",
		[CHANGE_REDESCRIBED] = "Redescribed", [CHANGE_REORDERED] = "Reordered",
	};
	struct row_info row_info;

	if (has_before(change))
		row_info = row_info_of(printer->before, &change->before);
	else
		row_info = row_info_of(printer->after, &change->after);
	print_assignment(labels[change->kind], &row_info, printer->width);
	if (!has_before(change) || !has_after(change))
		print_row_texts(&row_info, printer->width, stdout);
	else
		print_pair(printer, change);
	fputc('\n', stdout);
}

static void print_answer_block(const struct answer_change *change, unsigned width)
{
	struct words words;

	print_labelled("Answer to", key_words(change, &words), width, stdout);
	free(words.text);
	print_or_none("  was", answer_words(answer_before(change), &words), width);
	free(words.text);
	print_or_none("  now", answer_words(answer_after(change), &words), width);
	free(words.text);
	fputc('\n', stdout);
}

static void print_blocks(const struct changes_printer *printer)
{
	struct words words;

	for (uint32_t i = 0; i < printer->changes->count; i++)
		print_change_block(printer, &printer->changes->list[i]);
	for (uint32_t i = 0; i < printer->changes->answer_count; i++)
		print_answer_block(&printer->changes->answers[i], printer->width);
	begin_words(&words);
	print_changes_summary(printer->changes, words.stream);
	print_labelled("Summary", end_words(&words), printer->width, stdout);
	free(words.text);
}

void print_changes(const struct snapshot *before, const struct snapshot *after, const struct changes *changes)
{
	const struct changes_printer printer = {before, after, changes, terminal_width()};

	if (printer.width)
		print_blocks(&printer);
	else
		print_lines(&printer);
}

void print_changes_json(const struct snapshot *before, const struct snapshot *after, const struct changes *changes)
{
	const struct changes_printer printer = {.before = before, .after = after, .changes = changes};

	print_json(&printer);
}
