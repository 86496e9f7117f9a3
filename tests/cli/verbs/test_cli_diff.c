/* SPDX-License-Identifier: MIT */
/* `ianareg diff`: what counts as which change, how it is shown, how it ends; and that nothing is left out. */
#include "compiler/preferences.h"
#include "diff/changes.h"
#include "tests/support/cli_tool.h"
#include "tests/support/pty.h"

/* Cells of rows as diff prints them. */
#define CORA                                                                                                        \
	"cora\t19220\ttcp\tAssigned\t\tClient Connection Management\t[Softvise]\t[Ronny_Kr\xc3\xbcger]\t2016-11-10" \
	"\t\t\t\t\t\tregistry"
#define UNASSIGNED "\t19195-19219\t\tUnassigned\t\tUnassigned\t\t\t\t\t\t\t\t\tregistry"

/* Make new.db of the small registry as that sed script changes it, and compare. */
static void expect_diff(const char *script, const char *out)
{
	expect(text("sed '%s' r.csv >new.csv && ianareg compile -o new.db new.csv && ianareg diff s.db new.db", script),
	       *out ? 1 : 0, out, "");
}

TEST(a_snapshot_and_itself_have_no_difference)
{
	expect("ianareg diff s.db s.db", 0, "", "");
	expect("cp s.db copy.db && ianareg diff copy.db s.db", 0, "", "");
	expect_diff("", "");
}

TEST(an_assignment_that_is_new_is_added)
{
	expect_diff(
		"$afoo,20000,tcp,Foo,[A],[B],2026-01-02,,[RFC1],7,None,Note",
		"added\t\tfoo\t20000\ttcp\tAssigned\t\tFoo\t[A]\t[B]\t2026-01-02\t\t[RFC1]\t7\tNone\tNote\tregistry\n");
}

TEST(an_assignment_that_is_gone_is_removed)
{
	expect_diff("/^cora,/d", "removed\t\t" CORA "\n");
}

TEST(another_name_on_the_same_ports_and_protocol_is_renamed)
{
	expect_diff("s/^cora,/corax,/",
		    "renamed\tname\t" CORA
		    "\tcorax\t19220\ttcp\tAssigned\t\tClient Connection Management\t[Softvise]\t[Ronny_Kr\xc3\xbcger]"
		    "\t2016-11-10\t\t\t\t\t\tregistry\n");
}

TEST(other_ports_for_the_same_name_and_protocol_are_moved)
{
	expect_diff("s/^cora,19220/cora,19221/",
		    "moved\tfirst_port,last_port\t" CORA
		    "\tcora\t19221\ttcp\tAssigned\t\tClient Connection Management\t[Softvise]\t[Ronny_Kr\xc3\xbcger]"
		    "\t2016-11-10\t\t\t\t\t\tregistry\n");
}

/* The first cells of each change: kind, what changed, name, ports, protocol. */
static void expect_changes(const char *script, const char *changes)
{
	expect(text("sed '%s' r.csv >new.csv && ianareg compile -o new.db new.csv && ianareg diff s.db new.db | "
		    "cut -f 1-5",
		    script),
	       0, changes, "");
}

TEST(a_range_that_grows_is_moved)
{
	expect_changes("s/^x11,6000-6063/x11,6000-6064/", "moved\tlast_port\tx11\t6000-6063\ttcp\n");
}

TEST(a_service_that_gains_or_loses_its_port_is_moved)
{
	expect_changes("s/^airplay,,/airplay,7000,/", "moved\tfirst_port,last_port\tairplay\t\ttcp\n");
	expect_changes("s/^cora,19220,/cora,,/", "moved\tfirst_port,last_port\tcora\t19220\ttcp\n");
}

TEST(other_facts_of_the_same_assignment_are_redescribed_and_named)
{
	expect_changes("s/^cora,19220,tcp,Client.*,\\[Softvise],/cora,19220,tcp,Other,,/",
		       "redescribed\tdescription,assignee\tcora\t19220\ttcp\n");
	expect_changes(
		"s/,2016-11-10,,,,,$/,2016-11-10,2026-02-03,[RFC1],1,Use,Note/",
		"redescribed\tmodification_date,reference,service_code,unauthorized_use,notes\tcora\t19220\ttcp\n"
		"redescribed\tmodification_date,reference,service_code,unauthorized_use,notes\tcora-disc\t19220"
		"\tudp\n");
	expect_changes("s/\\[Ronny_.*,2016-11-10/[Nobody],2017-01-01/;/^cora-disc/d",
		       "redescribed\tcontact,registration_date\tcora\t19220\ttcp\nremoved\t\tcora-disc\t19220\tudp\n");
}

TEST(the_status_of_ports_without_a_name_is_redescribed)
{
	expect_changes("s/^,19195-19219,,Unassigned/,19195-19219,,Reserved/",
		       "redescribed\tdescription\t\t19195-19219\t\n");
}

TEST(a_port_that_is_assigned_is_added_and_its_reservation_removed)
{
	expect_changes("s/^,585,,De-registered/imap4-ssl,585,,IMAP/",
		       "removed\t\t\t585\t\nadded\t\timap4-ssl\t585\t\n");
	expect_changes("s/^,19195-19219/,19196-19219/;$afoo,19195,tcp,Foo,,,,,,,,",
		       "removed\t\t\t19195-19219\t\nadded\t\tfoo\t19195\ttcp\nadded\t\t\t19196-19219\t\n");
}

TEST(another_protocol_is_another_assignment)
{
	expect_changes("s/^cora,19220,tcp/cora,19220,sctp/",
		       "removed\t\tcora\t19220\ttcp\nadded\t\tcora\t19220\tsctp\n");
}

TEST(a_name_that_is_still_there_has_moved_and_is_not_renamed)
{
	expect_changes("s/^cora,19220,tcp/cora,19221,tcp/;$aother,19220,tcp,Other,,,,,,,,",
		       "moved\tfirst_port,last_port\tcora\t19220\ttcp\nadded\t\tother\t19220\ttcp\n");
}

TEST(names_on_one_port_that_change_places_are_reordered)
{
	put_file("ab.csv", CSV_HEAD "a,5,tcp,,,,,,,,,\nb,5,tcp,,,,,,,,,\nc,5,tcp,,,,,,,,,\n");
	put_file("cab.csv", CSV_HEAD "c,5,tcp,,,,,,,,,\na,5,tcp,,,,,,,,,\nb,5,tcp,,,,,,,,,\n");
	expect("ianareg compile -o ab.db ab.csv && ianareg compile -o cab.db cab.csv", 0, "", "");
	expect("ianareg diff ab.db cab.db", 1, "reordered\t\tc\t5\ttcp\tAssigned\t\t\t\t\t\t\t\t\t\t\tregistry\n", "");
	expect("ianareg diff cab.db ab.db", 1, "reordered\t\tc\t5\ttcp\tAssigned\ta,b\t\t\t\t\t\t\t\t\t\tregistry\n",
	       "");
}

TEST(an_entry_of_an_overlay_is_never_the_successor_of_a_row_of_the_registry)
{
	put_file("over", "cora 19220/tcp\n");
	expect("grep -v '^cora,' r.csv >new.csv && ianareg compile --overlay over -o new.db new.csv && ianareg diff "
	       "s.db new.db",
	       1, "removed\t\t" CORA "\nadded\t\tcora\t19220\ttcp\tAssigned\t\t\t\t\t\t\t\t\t\t\toverlay\n", "");
}

TEST(changes_come_in_order_of_port_protocol_and_name)
{
	expect_changes(
		"s/^http,/zzz,/;/^,24,/d;s/^x11,/x12,/;$a\\\nnoport,,tcp,,,,,,,,,\\\nb,81,udp,,,,,,,,,\\\nd,81,"
		"tcp,,,,,,,,,\\\nc,81,tcp,,,,,,,,,",
		"removed\t\t\t24\ttcp\nrenamed\tname\thttp\t80\ttcp\nadded\t\tc\t81\ttcp\nadded\t\td\t81\ttcp\n"
		"added\t\tb\t81\tudp\nrenamed\tname\tx11\t6000-6063\ttcp\nadded\t\tnoport\t\ttcp\n");
}

#define TWO_PROTOCOLS               \
	CSV_HEAD                    \
	"http,80,tcp,WWW,,,,,,,,\n" \
	"www,80,tcp,WWW,,,,,,,,\n"  \
	"foo,100,tcp,,,,,,,,,\n"    \
	"foo,100,udp,,,,,,,,,\n"    \
	"boe,200,,,,,,,,,,\n"       \
	",300,tcp,Reserved,,,,,,,,\n"

TEST(answers_of_other_protocols_differ_without_a_row)
{
	put_file("two.csv", TWO_PROTOCOLS);
	expect("ianareg compile -o two.db two.csv && ianareg compile --protocols udp -o udp.db two.csv", 0, "", "");
	expect("ianareg diff two.db udp.db", 1,
	       "answer\t80/tcp\thttp 80/tcp www\t\nanswer\t100/tcp\tfoo 100/tcp\t\nanswer\t200/tcp\tboe 200/tcp\t\n",
	       "");
	expect("ianareg diff udp.db two.db", 1,
	       "answer\t80/tcp\t\thttp 80/tcp www\nanswer\t100/tcp\t\tfoo 100/tcp\nanswer\t200/tcp\t\tboe 200/tcp\n",
	       "");
}

TEST(answers_past_the_last_port_differ_without_a_row)
{
	put_file("two.csv", TWO_PROTOCOLS);
	expect("ianareg compile -o two.db two.csv && ianareg compile --max-port 199 -o low.db two.csv", 0, "", "");
	expect("ianareg diff two.db low.db", 1, "answer\t200/tcp\tboe 200/tcp\t\nanswer\t200/udp\tboe 200/udp\t\n", "");
}

TEST(the_aliases_and_the_order_of_an_overlays_lines_differ_without_a_row)
{
	put_file("two.csv", TWO_PROTOCOLS);
	put_file("one", "foo 100/udp\nfoo 100/tcp\nbar 400/tcp baz\n");
	put_file("alias", "foo 100/udp\nfoo 100/tcp\nbar 400/tcp\n");
	put_file("order", "foo 100/tcp\nfoo 100/udp\nbar 400/tcp baz\n");
	expect("for o in one alias order; do ianareg compile --overlay $o -o $o.db two.csv || exit; done", 0, "", "");
	expect("ianareg diff one.db alias.db", 1, "answer\t400/tcp\tbar 400/tcp baz\tbar 400/tcp\n", "");
	expect("ianareg diff one.db order.db", 1,
	       "answer\t100\tfoo 100/udp\tfoo 100/tcp\nanswer\tfoo\tfoo 100/udp\tfoo 100/tcp\n", "");
}

static struct changes changes_of(const struct compiled *before, const struct compiled *after)
{
	struct changes changes;
	bool in_after;
	uint32_t bad_row;

	assert_int_equal(find_changes(&before->snapshot, &after->snapshot, &changes, &in_after, &bad_row), SNAPSHOT_OK);
	return changes;
}

TEST(another_preference_is_an_answer_to_a_name)
{
	static const char csv[] = CSV_HEAD "http-alt,591,tcp,A,,,,,,,,\nhttp-alt,8080,tcp,B,,,,,,,,\n";
	struct compiled before = compile_csv(csv, strlen(csv), NULL, NULL);
	struct compiled after = compile_csv(csv, strlen(csv), NULL, "http-alt 8080/tcp\n");
	struct changes changes = changes_of(&before, &after);

	assert_int_equal(changes.count, 0);
	assert_int_equal(changes.answer_count, 1);
	assert_string_equal(changes.answers[0].name, "http-alt");
	assert_string_equal(changes.answers[0].protocol, "tcp");
	assert_int_equal(changes.answers[0].before.port, 591);
	assert_int_equal(changes.answers[0].after.port, 8080);
	assert_true(changes_any(&changes));
	changes_free(&changes);
	free_compiled(&before);
	free_compiled(&after);
}

TEST(answers_that_follow_from_a_row_are_not_told_again)
{
	put_file("two.csv", TWO_PROTOCOLS);
	expect("ianareg compile -o two.db two.csv && sed s/^foo,100,tcp/bar,100,tcp/ two.csv >new.csv && "
	       "ianareg compile -o new.db new.csv && ianareg diff two.db new.db | cut -f 1-5",
	       0, "renamed\tname\tfoo\t100\ttcp\n", "");
}

/* What print_changes_summary() says; free() it. */
static char *summary_of(const struct changes *changes)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	assert_non_null(stream);
	print_changes_summary(changes, stream);
	assert_int_equal(fclose(stream), 0);
	return line;
}

static void expect_summary(const struct changes *changes, const char *expected)
{
	char *line = summary_of(changes);

	assert_string_equal(line, expected);
	free(line);
}

TEST(the_summary_counts_and_has_words_for_what_is_no_assignment_only_when_there_is_any)
{
	expect_summary(&(struct changes){0}, "no changes");
	expect_summary(
		&(struct changes){.count = 6,
				  .named_counts = {[CHANGE_ADDED] = 3, [CHANGE_REMOVED] = 1, [CHANGE_MOVED] = 2}},
		"3 added, 1 removed, 2 moved");
	expect_summary(&(struct changes){.count = 3,
					 .named_counts = {[CHANGE_RENAMED] = 1, [CHANGE_REDESCRIBED] = 1},
					 .nameless_count = 1,
					 .answer_count = 1},
		       "1 renamed, 1 redescribed, 1 change of reserved or unassigned ports, 1 answer differs though no "
		       "row there changed");
	expect_summary(&(struct changes){.count = 2, .named_counts = {[CHANGE_REORDERED] = 1}, .nameless_count = 2},
		       "1 reordered, 2 changes of reserved or unassigned ports");
	expect_summary(&(struct changes){.answer_count = 2}, "2 answers differ though no row there changed");
}

TEST(assignments_are_counted_without_overlays_and_vanish_by_name_ports_and_protocol)
{
	static const char old[] =
		CSV_HEAD "a,1,tcp,,,,,,,,,\nb,2,tcp,,,,,,,,,\nc,3,tcp,,,,,,,,,\n,4,tcp,Reserved,,,,,,,,\n";
	static const char new[] =
		CSV_HEAD "a,1,tcp,Other,,,,,,,,\nx,2,tcp,,,,,,,,,\nc,5,tcp,,,,,,,,,\nd,6,tcp,,,,,,,,,\n";
	struct compiled before = compile_csv(old, strlen(old), "site 7/tcp\n", NULL);
	struct compiled after = compile_csv(new, strlen(new), NULL, NULL);
	struct changes changes = changes_of(&before, &after);

	assert_int_equal(changes.assignments_before, 3);
	assert_int_equal(changes.assignments_after, 4);
	assert_int_equal(changes.assignments_vanished, 2);
	changes_free(&changes);
	free_compiled(&before);
	free_compiled(&after);
}

static bool same_row(const struct snapshot_row *a, const struct snapshot_row *b)
{
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		if (strcmp(a->text[i], b->text[i]) != 0)
			return false;
	return strcmp(a->name, b->name) == 0 && strcmp(a->protocol, b->protocol) == 0 && a->has_port == b->has_port &&
	       a->first_port == b->first_port && a->last_port == b->last_port && a->from_overlay == b->from_overlay;
}

static struct snapshot_row row_of(const struct compiled *compiled, uint32_t number)
{
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&compiled->snapshot, number, &row), SNAPSHOT_OK);
	return row;
}

static bool has_before(const struct change *change)
{
	return change->kind != CHANGE_ADDED;
}

static bool has_after(const struct change *change)
{
	return change->kind != CHANGE_REMOVED;
}

/* A change's rows are those of the snapshots, and its kind is what they say. */
static void assert_sound(const struct change *c, const struct compiled *before, const struct compiled *after)
{
	const struct snapshot_row *a = &c->before, *b = &c->after;

	if (has_before(c)) {
		struct snapshot_row row = row_of(before, c->before_row);

		assert_true(same_row(a, &row));
	}
	if (has_after(c)) {
		struct snapshot_row row = row_of(after, c->after_row);

		assert_true(same_row(b, &row));
	}
	if (!has_before(c) || !has_after(c))
		return;

	const bool same_name = strcmp(a->name, b->name) == 0;
	const bool same_ports =
		a->has_port == b->has_port && a->first_port == b->first_port && a->last_port == b->last_port;

	assert_string_equal(a->protocol, b->protocol);
	assert_int_equal(a->from_overlay, b->from_overlay);
	assert_int_equal(same_row(a, b), c->kind == CHANGE_REORDERED);
	assert_int_equal(same_name, c->kind != CHANGE_RENAMED);
	assert_int_equal(same_ports, c->kind != CHANGE_MOVED);
}

/* The rows before without those of the list, and those of the list put where it says, are the rows after. */
static void assert_complete(const struct compiled *before, const struct compiled *after, const struct changes *changes)
{
	const uint32_t old_count = snapshot_row_count(&before->snapshot);
	const uint32_t new_count = snapshot_row_count(&after->snapshot);
	bool *taken = calloc(old_count + 1, sizeof *taken);
	const struct change **put = calloc(new_count + 1, sizeof *put);
	uint32_t old = 0;

	for (uint32_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];

		assert_sound(change, before, after);
		if (has_before(change)) {
			assert_false(taken[change->before_row]);
			taken[change->before_row] = true;
		}
		if (has_after(change)) {
			assert_null(put[change->after_row]);
			put[change->after_row] = change;
		}
	}
	for (uint32_t i = 0; i < new_count; i++) {
		if (put[i])
			continue;
		while (old < old_count && taken[old])
			old++;

		struct snapshot_row a = row_of(before, old++), b = row_of(after, i);

		assert_true(same_row(&a, &b));
	}
	while (old < old_count && taken[old])
		old++;
	assert_int_equal(old, old_count);
	free(taken);
	free(put);
}

/* With the two snapshots exchanged, what was removed was added, and pairs are the same the other way round. */
static void assert_mirrored(const struct changes *there, const struct changes *back, uint32_t rows_before)
{
	const struct change **by_row = calloc(rows_before + 1, sizeof *by_row);
	uint32_t added = 0;

	assert_int_equal(there->count, back->count);
	assert_int_equal(there->answer_count, back->answer_count);
	assert_int_equal(there->nameless_count, back->nameless_count);
	for (uint32_t i = 0; i < back->count; i++)
		if (has_after(&back->list[i]))
			by_row[back->list[i].after_row] = &back->list[i];
	for (uint32_t i = 0; i < there->count; i++) {
		const struct change *change = &there->list[i];

		added += !has_before(change);
		if (!has_before(change))
			continue;

		const struct change *mirrored = by_row[change->before_row];

		assert_non_null(mirrored);
		assert_int_equal(mirrored->kind, change->kind == CHANGE_REMOVED ? CHANGE_ADDED : change->kind);
		if (has_after(change))
			assert_int_equal(mirrored->before_row, change->after_row);
	}
	assert_int_equal(added, back->kind_counts[CHANGE_REMOVED]);
	free(by_row);
}

/* Both ways. */
static void assert_changes_hold(const struct compiled *a, const struct compiled *b, bool differ)
{
	struct changes there = changes_of(a, b), back = changes_of(b, a);

	assert_int_equal(changes_any(&there), differ);
	assert_complete(a, b, &there);
	assert_complete(b, a, &back);
	assert_mirrored(&there, &back, snapshot_row_count(&a->snapshot));
	changes_free(&there);
	changes_free(&back);
}

/* The lines of a text, each with its newline; the text is cut up. */
struct lines {
	char **lines;
	uint32_t count;
};

static struct lines lines_of(char *csv)
{
	struct lines lines = {calloc(1 << 15, sizeof *lines.lines), 0};

	for (char *line = strtok(csv, "\r\n"); line; line = strtok(NULL, "\r\n")) {
		assert_in_range(lines.count, 0, (1 << 15) - 1);
		lines.lines[lines.count++] = strdup(line);
	}
	return lines;
}

/* Where the cell with that number begins; none before it is quoted. */
static size_t cell_at(const char *line, unsigned cell)
{
	size_t at = 0;

	for (; cell; cell--)
		at += strcspn(line + at, ",") + 1;
	return at;
}

static void replace_line(struct lines *lines, uint32_t number, char *line)
{
	assert_non_null(line);
	free(lines->lines[number]);
	lines->lines[number] = line;
}

/* Put text into the description, which may be quoted. */
static char *with_description(const char *line, const char *words)
{
	size_t at = cell_at(line, 3);
	char *result;

	at += line[at] == '"';
	assert_true(asprintf(&result, "%.*s%s%s", (int)at, line, words, line + at) > 0);
	return result;
}

static char *with_cell(const char *line, unsigned cell, const char *words)
{
	const size_t at = cell_at(line, cell);
	char *result;

	assert_true(asprintf(&result, "%.*s%s%s", (int)at, line, words, line + at + strcspn(line + at, ",")) > 0);
	return result;
}

/* One edit of a kind that the registry sees, or that it never should. */
static void edit(struct lines *lines, uint64_t *random)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp", ""};
	const uint32_t at = 1 + next_random(random) % (lines->count - 1);
	const uint32_t other = 1 + next_random(random) % (lines->count - 1);
	char *line = lines->lines[at];

	switch (next_random(random) % 8) {
	case 0:
		free(line);
		lines->lines[at] = lines->lines[--lines->count];
		break;
	case 1:
		replace_line(lines, at, with_cell(line, 0, text("new-%u", next_random(random) % 50)));
		break;
	case 2:
		replace_line(lines, at, with_cell(line, 0, ""));
		break;
	case 3:
		replace_line(lines, at, with_cell(line, 1, text("%u", next_random(random) % 65536)));
		break;
	case 4:
		replace_line(lines, at, with_cell(line, 1, ""));
		break;
	case 5:
		replace_line(lines, at, with_cell(line, 2, protocols[next_random(random) % 5]));
		break;
	case 6:
		replace_line(lines, at, with_description(line, text("%u ", next_random(random))));
		break;
	default: /* of rows on one port, and of those without one, the order matters */
		lines->lines[at] = lines->lines[other];
		lines->lines[other] = line;
	}
}

static struct compiled compile_lines(const struct lines *lines)
{
	char *csv = NULL;
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	assert_non_null(stream);
	for (uint32_t i = 0; i < lines->count; i++)
		fprintf(stream, "%s\n", lines->lines[i]);
	assert_int_equal(fclose(stream), 0);

	struct compiled compiled = compile_csv(csv, size, NULL, preferences_text);

	if (compiled.status != OUTCOME_OK)
		fail_msg("%s", compiled.messages);
	free(csv);
	return compiled;
}

/* Again and again, with more and more edits, each version against the one before and against the first. */
static void mutate(char *csv, unsigned versions, unsigned edits)
{
	struct lines lines = lines_of(csv);
	struct compiled first = compile_lines(&lines), last = compile_lines(&lines);
	uint64_t random = versions;

	for (unsigned i = 0; i < versions; i++, edits *= 4) {
		for (unsigned k = 0; k < edits; k++)
			edit(&lines, &random);

		struct compiled next = compile_lines(&lines);

		assert_changes_hold(&last, &next, true);
		assert_changes_hold(&first, &next, true);
		free_compiled(&last);
		last = next;
	}
	for (uint32_t i = 0; i < lines.count; i++)
		free(lines.lines[i]);
	free(lines.lines);
	free_compiled(&first);
	free_compiled(&last);
}

TEST(the_changes_make_the_new_rows_of_the_old_ones_over_the_whole_registry)
{
	char *csv = read_file(BUNDLED_CSV, NULL);

	mutate(csv, 4, 20);
	free(csv);
}

/* Few names, ports and protocols, so that every kind of pair meets every other. */
TEST(the_changes_make_the_new_rows_of_the_old_ones_where_everything_is_alike)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		uint64_t random = seed;
		struct compiled versions[2];

		for (unsigned v = 0; v < 2; v++) {
			char *csv = NULL;
			size_t size;
			FILE *stream = open_memstream(&csv, &size);

			fputs(CSV_HEAD, stream);
			for (unsigned i = 0; i < 40; i++)
				fprintf(stream, "%.1s,%.1s,%s,%.1s,,,,,,,,\n", &"abc"[next_random(&random) % 4],
					&"123"[next_random(&random) % 4], next_random(&random) % 2 ? "tcp" : "udp",
					&"XYZ"[next_random(&random) % 4]);
			assert_int_equal(fclose(stream), 0);
			versions[v] = compile_csv(csv, size, NULL, NULL);
			assert_int_equal(versions[v].status, OUTCOME_OK);
			free(csv);
		}
		assert_changes_hold(&versions[0], &versions[1], true);
		assert_changes_hold(&versions[0], &versions[0], false);
		free_compiled(&versions[0]);
		free_compiled(&versions[1]);
	}
}

TEST(the_bundled_registry_differs_from_the_published_one_in_prose_alone)
{
	if (!published_csv())
		skip();

	struct compiled published = compile_file(published_csv()), bundled = compile_file(BUNDLED_CSV);
	struct changes changes = changes_of(&bundled, &published);

	assert_changes_hold(&bundled, &published, true);
	assert_int_equal(changes.count, changes.kind_counts[CHANGE_REDESCRIBED]);
	assert_int_equal(changes.answer_count, 0);
	assert_int_equal(changes.assignments_vanished, 0);
	changes_free(&changes);
	free_compiled(&published);
	free_compiled(&bundled);
}

/* So many that whatever grows as their square would not end. */
TEST(a_hundred_thousand_rows_in_reverse_are_compared)
{
	enum { COUNT = 100000 };
	char *csv[2];
	size_t size[2];

	for (unsigned v = 0; v < 2; v++) {
		FILE *stream = open_memstream(&csv[v], &size[v]);

		fputs(CSV_HEAD, stream);
		for (unsigned i = 0; i < COUNT; i++)
			fprintf(stream, "same,,tcp,%u,,,,,,,,\n", v ? COUNT - i : i + 1);
		assert_int_equal(fclose(stream), 0);
	}

	struct compiled up = compile_csv(csv[0], size[0], NULL, NULL), down = compile_csv(csv[1], size[1], NULL, NULL);
	struct changes changes = changes_of(&up, &down);

	assert_int_equal(changes.count, COUNT - 1);
	assert_int_equal(changes.kind_counts[CHANGE_REORDERED], COUNT - 1);
	assert_complete(&up, &down, &changes);
	changes_free(&changes);
	free_compiled(&up);
	free_compiled(&down);
	free(csv[0]);
	free(csv[1]);
}

TEST(a_damaged_row_is_named_with_its_snapshot)
{
	struct compiled sound = compile_clean(SMALL_REGISTRY), bad = compile_clean(SMALL_REGISTRY);
	struct disk_row *rows =
		(struct disk_row *)(bad.bytes + load32(bad.snapshot.header->sections[SECTION_ROWS].section_off));
	struct changes changes;
	uint32_t bad_row = 99;
	bool in_after = true;

	rows[3].name_off = store32(UINT32_MAX);
	assert_int_equal(find_changes(&bad.snapshot, &sound.snapshot, &changes, &in_after, &bad_row), SNAPSHOT_BAD_ROW);
	assert_false(in_after);
	assert_int_equal(bad_row, 3);
	rows[3].name_off = store32(0);
	rows[5].details_number = store32(UINT32_MAX);
	assert_int_equal(find_changes(&sound.snapshot, &bad.snapshot, &changes, &in_after, &bad_row), SNAPSHOT_BAD_ROW);
	assert_true(in_after);
	assert_int_equal(bad_row, 5);
	free_compiled(&sound);
	free_compiled(&bad);
}

TEST(damage_of_any_byte_is_trouble_and_no_difference)
{
	size_t size;
	char *bytes = read_file(text("%s/s.db", scratch_dir()), &size);

	for (size_t at = 3; at < size; at += size / 12) {
		bytes[at] ^= 0x10;
		write_file(text("%s/bad.db", scratch_dir()), bytes, size);
		bytes[at] ^= 0x10;
		expect("chmod 644 bad.db && ianareg diff s.db bad.db", 2, "", NULL);
		expect("ianareg diff --json bad.db s.db", 2, "", NULL);
	}
	free(bytes);
}

TEST(trouble_of_any_sort_is_status_2)
{
	expect("ianareg diff", 2, "", "ianareg: diff: which two snapshots? See ianareg diff --help\n");
	expect("ianareg diff s.db", 2, "", "ianareg: diff: which two snapshots? See ianareg diff --help\n");
	expect("ianareg diff s.db s.db s.db", 2, "",
	       "ianareg: s.db: two snapshots, no more; see ianareg diff --help\n");
	expect("ianareg diff --frob s.db s.db", 2, "", "ianareg: --frob: no such option; see ianareg diff --help\n");
	expect("ianareg diff none.db s.db", 2, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg diff s.db none.db", 2, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg diff s.db .", 2, "", "ianareg: .: is not a regular file\n");
	expect("ianareg diff s.db r.csv", 2, "", "ianareg: r.csv: is not an ianareg snapshot\n");
	expect("ianareg diff s.db ''", 2, "", NULL);
}

TEST(output_that_cannot_be_written_is_trouble_whether_they_differ_or_not)
{
	put_file("two.csv", TWO_PROTOCOLS);
	expect("ianareg compile -o two.db two.csv", 0, "", "");
	expect("ianareg diff s.db two.db >/dev/full", 2, "", "ianareg: standard output: No space left on device\n");
	expect("ianareg diff s.db two.db >&-", 2, "", "ianareg: standard output: Bad file descriptor\n");
	expect("ianareg diff --json s.db s.db >/dev/full", 2, "",
	       "ianareg: standard output: No space left on device\n");
	expect("ianareg diff --help >/dev/full", 2, "", "ianareg: standard output: No space left on device\n");
	expect("ianareg diff s.db s.db >/dev/full", 0, "", "");
	expect("ianareg diff s.db s.db >&-", 0, "", "");
	expect("{ sleep 0.2; ianareg diff s.db two.db; echo $? >&2; } | true", 0, "", "141\n");
}

TEST(want_of_memory_is_trouble)
{
	if (UNDER_ASAN || UNDER_TSAN)
		skip(); /* which reserve more than any limit */
	expect("{ head -n 1 r.csv; seq 100000 | sed 's/.*/a&,,tcp,Number &,,,,,,,,/'; } >large.csv && "
	       "ianareg compile -o large.db large.csv && { ulimit -v 40000; ianareg diff s.db large.db; }",
	       2, "", "ianareg: out of memory\n");
}

TEST(bytes_that_could_harm_a_terminal_are_escaped)
{
	put_file("evil.csv", CSV_HEAD "ev\xc2\x9bil,7,tcp,\"a\tb\\c\x1b[31m\x7f\xc2\x9b\r\nd\",,,,,,,,\n");
	put_file("evil2.csv", CSV_HEAD "ev\xc2\x9bil,7,tcp,\"\x1b]0;\x07\",,,,,,,,\n");
	expect("for f in evil evil2; do ianareg compile -o $f.db $f.csv || exit; done", 0, "", "");
	expect("ianareg diff evil.db evil2.db", 1,
	       "redescribed\tdescription\tev\\xc2\\x9bil\t7\ttcp\tAssigned\t\ta\\tb\\\\c\\x1b[31m\\x7f\\xc2\\x9b\\nd"
	       "\t\t\t\t\t\t\t\t\tregistry"
	       "\tev\\xc2\\x9bil\t7\ttcp\tAssigned\t\t\\x1b]0;\\x07\t\t\t\t\t\t\t\t\tregistry\n",
	       "");

	struct screen screen = screen_of(scratch_command("ianareg diff evil.db evil2.db"), 80);
	json_t *json = json_of("ianareg diff --json evil.db evil2.db", 1);

	assert_int_equal(screen.status, 1);
	assert_string_equal(screen.text,
			    "Redescribed:      ev\\xc2\\x9bil 7/tcp\n"
			    "Description:      a b\\\\c\\x1b[31m\\x7f\\xc2\\x9b d\n"
			    "  now:            \\x1b]0;\\x07\n\nSummary:          1 redescribed\n");
	free_screen(&screen);
	json_decref(json);
}

TEST(a_terminal_gets_blocks_and_a_summary)
{
	expect("sed 's/^cora,/corax,/;s/^x11,6000-6063/x11,6000-6064/;s/Business Objects CMS,\\[Bo]/,[The_makers_of_"
	       "business_objects] and others/;/^,19195/d;$afoo,19199,tcp,Foo for all of those who have been waiting,"
	       "[Foo],,,,,,,' r.csv >new.csv && ianareg compile --protocols tcp -o new.db new.csv",
	       0, "", "");

	struct screen screen = screen_of(scratch_command("ianareg diff s.db new.db"), 50);

	assert_int_equal(screen.status, 1);
	assert_string_equal(screen.text,
			    "Moved:            x11 6000-6063/tcp\n"
			    "  now:            x11 6000-6064/tcp\n"
			    "\n"
			    "Redescribed:      boe-cms 6400\n"
			    "Description:      Business Objects CMS\n"
			    "  now:            (none)\n"
			    "Assignee:         [Bo]\n"
			    "  now:            [The_makers_of_business_objects]\n"
			    "                  and others\n"
			    "\n"
			    "Removed:          Unassigned 19195-19219\n"
			    "\n"
			    "Added:            foo 19199/tcp\n"
			    "Description:      Foo for all of those who have\n"
			    "                  been waiting\n"
			    "Assignee:         [Foo]\n"
			    "\n"
			    "Renamed:          cora 19220/tcp\n"
			    "  now:            corax 19220/tcp\n"
			    "\n"
			    "Answer to:        19220/udp\n"
			    "  was:            cora-disc 19220/udp\n"
			    "  now:            (none)\n"
			    "\n"
			    "Summary:          1 added, 1 renamed, 1 moved, 1\n"
			    "                  redescribed, 1 change of\n"
			    "                  reserved or unassigned ports, 1\n"
			    "                  answer differs though no row\n"
			    "                  there changed\n");
	free_screen(&screen);
	screen = screen_of(scratch_command("ianareg diff s.db s.db"), 50);
	assert_string_equal(screen.text, "Summary:          no changes\n");
	free_screen(&screen);
}

TEST(json_of_no_change_is_an_object_with_nothing_in_it)
{
	expect("ianareg diff --json s.db s.db", 0,
	       "{\n  \"changes\": [],\n  \"answers\": [],\n  \"summary\": {\n    \"removed\": 0,\n    \"added\": 0,\n"
	       "    \"renamed\": 0,\n    \"moved\": 0,\n    \"redescribed\": 0,\n    \"reordered\": 0,\n"
	       "    \"without_name\": 0,\n    \"answers\": 0,\n    \"assignments_before\": 11,\n"
	       "    \"assignments_after\": 11,\n    \"assignments_vanished\": 0\n  }\n}\n",
	       "");
}

/* Rows in JSON are those of `export --format json`, and row numbers count them. */
static void assert_json_rows(const json_t *change, const char *member, const json_t *exported)
{
	const json_t *number = json_object_get(change, text("%s_row", member));
	const json_t *row = json_object_get(change, member);

	assert_int_equal(json_is_null(number), json_is_null(row));
	if (!json_is_null(row))
		assert_true(json_equal(row, json_array_get(exported, (size_t)json_integer_value(number))));
}

TEST(json_has_the_rows_of_the_export_and_their_numbers_there)
{
	static const char *const kinds[] = {"renamed", "moved", "removed", "added", "redescribed"};
	json_t *changes, *before, *after, *change;
	size_t i;

	expect("sed 's/^http,/web,/;s/^x11,6000-/x11,6001-/;/^,19195/d;s/Apple/Pear/;$afoo,19221,tcp,Foo,,,,,,,,' "
	       "r.csv "
	       ">new.csv && ianareg compile -o new.db new.csv",
	       0, "", "");
	changes = json_of("ianareg diff --json s.db new.db", 1);
	before = json_of("ianareg export --format json --snapshot s.db", 0);
	after = json_of("ianareg export --format json --snapshot new.db", 0);
	assert_int_equal(json_array_size(json_object_get(changes, "changes")), 5);
	json_array_foreach(json_object_get(changes, "changes"), i, change)
	{
		assert_string_equal(json_string_value(json_object_get(change, "kind")), kinds[i]);
		assert_json_rows(change, "before", before);
		assert_json_rows(change, "after", after);
	}
	change = json_array_get(json_object_get(changes, "changes"), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(change, "changed"), 0)), "first_port");
	assert_int_equal(json_array_size(json_object_get(change, "changed")), 1);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(changes, "summary"), "moved")), 1);
	json_decref(changes);
	json_decref(before);
	json_decref(after);
}

TEST(answers_in_json_are_as_lookup_has_them)
{
	json_t *json;
	const char *key, *name, *alias, *protocol;
	int port;

	put_file("two.csv", TWO_PROTOCOLS);
	expect("ianareg compile -o two.db two.csv && ianareg compile --protocols udp -o udp.db two.csv", 0, "", "");
	json = json_of("ianareg diff --json two.db udp.db", 1);
	assert_int_equal(json_array_size(json_object_get(json, "changes")), 0);
	assert_int_equal(json_unpack(json_array_get(json_object_get(json, "answers"), 0),
				     "{s:s, s:{s:s, s:[s!], s:i, s:s!}, s:n!}", "key", &key, "before", "name", &name,
				     "aliases", &alias, "port", &port, "protocol", &protocol, "after"),
			 0);
	assert_string_equal(key, "80/tcp");
	assert_string_equal(name, "http");
	assert_string_equal(alias, "www");
	assert_string_equal(protocol, "tcp");
	assert_int_equal(port, 80);
	json_decref(json);
}

TEST_PROGRAM(.set_up = make_small_snapshot);
