/* SPDX-License-Identifier: MIT */
/* ianareg diff: what changed from one snapshot to another. */
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/chosen_snapshot.h"
#include "cli/output/row_text.h"
#include "cli/output/terminal.h"
#include "cli/verbs/diff.h"
#include "diff/changes.h"
#include "export/row_json.h"

static const char help[] =
	"Usage: ianareg diff [--json] OLD NEW\n"
	"What changed from one snapshot to another: assignments removed, added, renamed,\n"
	"moved, redescribed, reordered on their port; and questions whose answer differs\n"
	"though no row there changed (other protocols, preferences or overlays).\n"
	"\n"
	"  --json           an object: changes (kind, changed, before_row, after_row,\n"
	"                   before, after), answers (key, before, after), summary\n"
	"  -h, --help       this help\n"
	"\n"
	"On a terminal a block for each change, and a summary. Otherwise a line for each,\n"
	"with tabs between: the kind; what changed, with commas between; the row's cells\n"
	"as lookup has them, and its source, registry or overlay. Renamed, moved and\n"
	"redescribed rows: the cells before, then those after. The kind answer: what is\n"
	"asked, the answer before, the answer after.\n"
	"\n"
	"Exit status, as of diff(1): 0 no change, 1 changes, 2 trouble of any sort.\n"
	"\n"
	"Examples: ianareg diff old.db new.db\n"
	"          ianareg diff ianareg.db.prev ianareg.db | grep ^removed\n";

enum { DIFF_TROUBLE = 2 };

struct diff {
	struct chosen_snapshot before, after;
	struct changes changes;
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
static const char *question(const struct answer_change *change, struct words *words)
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
static const char *answer(const struct snapshot_entry *entry, struct words *words)
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

static json_t *json_row(const struct chosen_snapshot *chosen, const struct snapshot_row *row, bool is_there)
{
	if (!is_there)
		return json_null();

	const struct row_info row_info = row_info_of(&chosen->file.snapshot, row);

	return json_row_info(&row_info);
}

static json_t *json_change(const struct diff *diff, const struct change *change)
{
	const bool before = has_before(change), after = has_after(change);
	json_t *object = xcheck(json_object()), *changed = xcheck(json_array());

	for_each_changed(change, add_name, changed);
	json_put(object, "kind", json_text(change_kind_text(change->kind)));
	json_put(object, "changed", changed);
	json_put(object, "before_row", before ? json_integer(change->before_row) : json_null());
	json_put(object, "after_row", after ? json_integer(change->after_row) : json_null());
	json_put(object, "before", json_row(&diff->before, &change->before, before));
	json_put(object, "after", json_row(&diff->after, &change->after, after));
	return object;
}

static json_t *json_answer_change(const struct answer_change *change)
{
	json_t *object = xcheck(json_object());
	struct words words;

	json_put(object, "key", json_text(question(change, &words)));
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

static void print_json(const struct diff *diff)
{
	struct json_list changes = {.stream = stdout, .indent = 2}, answers = changes;

	fputs("{\n  \"changes\": ", stdout);
	for (uint32_t i = 0; i < diff->changes.count; i++)
		json_list_add(&changes, json_change(diff, &diff->changes.list[i]));
	json_list_end(&changes);
	fputs(",\n  \"answers\": ", stdout);
	for (uint32_t i = 0; i < diff->changes.answer_count; i++)
		json_list_add(&answers, json_answer_change(&diff->changes.answers[i]));
	json_list_end(&answers);
	fputs(",\n  \"summary\": ", stdout);
	json_write(json_summary(&diff->changes), 2, stdout);
	fputs("\n}\n", stdout);
}

static void print_name(const char *name, void *between)
{
	const char **comma = between;

	printf("%s%s", *comma, name);
	*comma = ",";
}

static void print_diff_row(const struct chosen_snapshot *chosen, const struct snapshot_row *row)
{
	const struct row_info row_info = row_info_of(&chosen->file.snapshot, row);

	fputc('\t', stdout);
	print_row_cells(&row_info, stdout);
	fputs(row->from_overlay ? "\toverlay" : "\tregistry", stdout);
}

static void print_change_line(const struct diff *diff, const struct change *change)
{
	const char *comma = "";

	printf("%s\t", change_kind_text(change->kind));
	for_each_changed(change, print_name, &comma);
	if (has_before(change))
		print_diff_row(&diff->before, &change->before);
	if (has_after(change) && change->kind != CHANGE_REORDERED)
		print_diff_row(&diff->after, &change->after);
	fputc('\n', stdout);
}

static void print_words(const char *before, struct words *words, const char *behind)
{
	fputs(before, stdout);
	write_escaped(words->text, stdout);
	fputs(behind, stdout);
	free(words->text);
}

static void print_answer_line(const struct answer_change *change)
{
	struct words words;

	question(change, &words);
	print_words("answer\t", &words, "\t");
	answer(answer_before(change), &words);
	print_words("", &words, "\t");
	answer(answer_after(change), &words);
	print_words("", &words, "\n");
}

static void print_lines(const struct diff *diff)
{
	for (uint32_t i = 0; i < diff->changes.count; i++)
		print_change_line(diff, &diff->changes.list[i]);
	for (uint32_t i = 0; i < diff->changes.answer_count; i++)
		print_answer_line(&diff->changes.answers[i]);
}

/* "cora 19220/tcp", "Unassigned 19195-19219", "airplay/tcp". */
static const char *assignment(const struct row_info *row_info, struct words *words)
{
	const struct snapshot_row *row = &row_info->row;
	char ports[PORTS_SIZE];

	begin_words(words);
	format_ports(row, ports);
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

	print_labelled(label, assignment(row_info, &words), width, stdout);
	free(words.text);
}

/* What became of the row. */
static void print_pair(const struct diff *diff, const struct change *change)
{
	const struct row_info now = row_info_of(&diff->after.file.snapshot, &change->after);

	if (change->kind == CHANGE_RENAMED || change->kind == CHANGE_MOVED)
		print_assignment("  now", &now, diff->width);
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		if (!field_changed(&change->before, &change->after, FIELD_TEXTS + i))
			continue;
		print_or_none(row_text_label(i), change->before.text[i], diff->width);
		print_or_none("  now", change->after.text[i], diff->width);
	}
}

static void print_change_block(const struct diff *diff, const struct change *change)
{
	static const char *const labels[CHANGE_KIND_COUNT] = {
		[CHANGE_REMOVED] = "Removed",         [CHANGE_ADDED] = "Added",
		[CHANGE_RENAMED] = "Renamed",         [CHANGE_MOVED] = "Moved",
		[CHANGE_REDESCRIBED] = "Redescribed", [CHANGE_REORDERED] = "Reordered",
	};
	struct row_info row_info;

	if (has_before(change))
		row_info = row_info_of(&diff->before.file.snapshot, &change->before);
	else
		row_info = row_info_of(&diff->after.file.snapshot, &change->after);
	print_assignment(labels[change->kind], &row_info, diff->width);
	if (!has_before(change) || !has_after(change))
		print_row_texts(&row_info, diff->width, stdout);
	else
		print_pair(diff, change);
	fputc('\n', stdout);
}

static void print_answer_block(const struct answer_change *change, unsigned width)
{
	struct words words;

	print_labelled("Answer to", question(change, &words), width, stdout);
	free(words.text);
	print_or_none("  was", answer(answer_before(change), &words), width);
	free(words.text);
	print_or_none("  now", answer(answer_after(change), &words), width);
	free(words.text);
	fputc('\n', stdout);
}

static void print_blocks(const struct diff *diff)
{
	struct words words;

	for (uint32_t i = 0; i < diff->changes.count; i++)
		print_change_block(diff, &diff->changes.list[i]);
	for (uint32_t i = 0; i < diff->changes.answer_count; i++)
		print_answer_block(&diff->changes.answers[i], diff->width);
	begin_words(&words);
	print_changes_summary(&diff->changes, words.stream);
	print_labelled("Summary", end_words(&words), diff->width, stdout);
	free(words.text);
}

void print_changes(const struct snapshot *before, const struct snapshot *after, const struct changes *changes)
{
	const struct diff diff = {
		.before.file.snapshot = *before,
		.after.file.snapshot = *after,
		.changes = *changes,
		.width = terminal_width(),
	};

	if (diff.width)
		print_blocks(&diff);
	else
		print_lines(&diff);
}

static enum exit_status compare(struct diff *diff, bool json)
{
	bool in_after;
	uint32_t bad_row;
	enum snapshot_status status = find_changes(&diff->before.file.snapshot, &diff->after.file.snapshot,
						   &diff->changes, &in_after, &bad_row);

	if (status != SNAPSHOT_OK)
		return chosen_report_row(in_after ? &diff->after : &diff->before, bad_row, status);

	enum exit_status result = changes_any(&diff->changes) ? EXIT_DIFFER : EXIT_DONE;

	if (json)
		print_json(diff);
	else if (diff->width)
		print_blocks(diff);
	else
		print_lines(diff);
	changes_free(&diff->changes);
	return result;
}

/* Open and prove; EXIT_DONE: close_chosen() it. */
static enum exit_status take_snapshot(const char *path, struct chosen_snapshot *chosen)
{
	enum exit_status status = chosen_open(path, chosen);

	if (status != EXIT_DONE)
		return status;
	status = chosen_validate(chosen); /* what is damaged would show as changes that nobody made */
	if (status != EXIT_DONE)
		chosen_close(chosen);
	return status;
}

static enum exit_status run_diff(const char *old, const char *new, bool json)
{
	struct diff diff = {.width = terminal_width()};
	enum exit_status status = take_snapshot(old, &diff.before);

	if (status != EXIT_DONE)
		return status;
	status = take_snapshot(new, &diff.after);
	if (status == EXIT_DONE) {
		status = compare(&diff, json);
		chosen_close(&diff.after);
	}
	chosen_close(&diff.before);
	return status;
}

enum exit_status verb_diff(int argc, char **argv)
{
	bool json = false;
	enum exit_status status;

	exit_failure = DIFF_TROUBLE;
	if (!take_json_option(argc, argv, help, &json, &status))
		return status;
	if (argc - optind < 2)
		return complain("diff", "which two snapshots? See ianareg diff --help");
	if (argc - optind > 2)
		return complain(argv[optind + 2], "two snapshots, no more; see ianareg diff --help");
	return run_diff(argv[optind], argv[optind + 1], json);
}
