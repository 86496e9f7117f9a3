/* SPDX-License-Identifier: MIT */
/*
 * No byte that a terminal obeys, and no character that reorders or hides text, leaves the tool: whichever verb, message
 * or field of the registry it comes through. The reading of the output here is independent of the tool's own escaping.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/snapshot_writer.h"
#include "tests/support/cli_tool.h"
#include "tests/support/pty.h"

/* DEL, C1 (CSI), bidirectional override, isolate and mark, zero width, BOM, line separator, soft hyphen, tag. */
static const char *const characters[] = {
	"\x7f",         "\xc2\x9b",     "\xe2\x80\xae", "\xe2\x81\xa6", "\xd8\x9c",
	"\xe2\x80\x8b", "\xef\xbb\xbf", "\xe2\x80\xa8", "\xc2\xad",     "\xf3\xa0\x81\x81",
	"\033",         "\001",         "\xff",         "\xc2",         "\xed\xa0\x80",
};
enum { CHARACTER_COUNT = sizeof characters / sizeof *characters };

/* The same in three texts: what a full check lets into names, C0, and what is not UTF-8. */
static const char *const hostile[] = {
	"\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8\xc2\xad\xf3\xa0\x81\x81",
	"\033[31m\001\b",
	"\xff\xc2\xed\xa0\x80",
};
enum { HOSTILE_COUNT = sizeof hostile / sizeof *hostile };

/* The code point at `b`, and its size; size 0: not UTF-8. */
static uint32_t read_character(const unsigned char *b, size_t *size)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code = *b;

	*size = *b < 0x80 ? 1 : *b >= 0xf0 ? 4 : *b >= 0xe0 ? 3 : *b >= 0xc0 ? 2 : 0;
	if (*size > 1)
		code &= 0x7fu >> *size;
	for (size_t i = 1; i < *size; i++) {
		if ((b[i] & 0xc0) != 0x80) {
			*size = 0;
			return 0;
		}
		code = code << 6 | (b[i] & 0x3f);
	}
	if (*size > 1 && (code < least[*size] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff))
		*size = 0;
	return code;
}

static bool is_harmful(uint32_t code)
{
	if (code == '\n' || code == '\r' || code == '\t')
		return false;
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
	       (code >= 0xe0000 && code <= 0xe007f);
}

static void assert_harmless(const char *output, const char *command, unsigned number)
{
	size_t size;

	for (const unsigned char *at = (const unsigned char *)output; *at; at += size) {
		const uint32_t code = read_character(at, &size);

		if (!size || is_harmful(code))
			fail_msg("with hostile text %u, %s prints byte %02x at %zu of: %.*s", number, command, *at,
				 (size_t)((const char *)at - output), 400, output);
	}
}

/* In a pipe and on a terminal; stdout and stderr. */
static void assert_prints_harmless(const char *command, unsigned number)
{
	struct run result = in_scratch(command);
	struct screen screen = screen_of(scratch_command(command), 60);

	assert_true(result.status < 126);
	assert_harmless(result.out, command, number);
	assert_harmless(result.err, command, number);
	assert_harmless(screen.text, command, number);
	free_run(&result);
	free_screen(&screen);
}

/* ---- what a registry may hold ---- */

static bool is_utf8(const char *text)
{
	size_t size = 1;

	for (; *text && size; text += size)
		read_character((const unsigned char *)text, &size);
	return size;
}

/* A snapshot that no compile of ours makes, but that a mirror may serve: hostile names as well as hostile texts. */
static void write_hostile_snapshot(const char *bytes, const char *path)
{
	struct diagnostics diagnostics = {.stream = stderr};
	struct registry *registry = registry_new();
	struct registry_row row = {.has_port = true, .first_port = 40000, .last_port = 40000, .line = 1};
	/* The full check of a snapshot refuses names with blanks and C0 control characters. */
	const char *in_names = (unsigned char)*bytes > ' ' ? bytes : "";
	const char *content = text("x%sx", bytes), *name = text("x%sx", in_names), *alias = text("y%sy", in_names);
	unsigned char *snapshot;
	size_t size;

	registry_begin_source(registry, SOURCE_REGISTRY, "hostile.csv");
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		row.text[i] = content;
	row.name = name;
	assert_true(registry_add(registry, &row));
	row.name = alias;
	row.text[TEXT_NOTES] = text("This entry is an alias to \"%s\"", name);
	assert_true(registry_add(registry, &row));
	row.name = "";
	row.first_port = row.last_port = 40001;
	assert_true(registry_add(registry, &row));
	row.name = text("z%sz", in_names);
	row.has_port = false;
	row.first_port = row.last_port = 0;
	assert_true(registry_add(registry, &row));
	assert_int_equal(registry_finish(registry, &(struct registry_options){PORT_MAX, ~0u}, &diagnostics),
			 OUTCOME_OK);
	assert_int_equal(snapshot_write(registry, &diagnostics, &snapshot, &size), OUTCOME_OK);
	write_file(text("%s/%s", scratch_dir(), path), snapshot, size);
	free(snapshot);
	registry_free(registry);
}

/* By verb: what it is asked. $H is the hostile text; h.db the hostile snapshot, s.db the small one. */
static const struct {
	const char *verb, *arguments;
} cases[] = {
	{"lookup", "--snapshot h.db 40000 40001 40000/udp"},
	{"lookup", "--snapshot h.db --long 40000 40001"},
	{"lookup", "--snapshot h.db --table 39990-40010"},
	{"lookup", "--snapshot h.db --json 40000 40001 \"x${H}x\" \"$H\""},
	{"lookup", "--snapshot h.db --jsonl 40000 40001"},
	{"lookup", "\"x${H}x\" \"$H\" \"80/$H\" \"$H-90\" \"80-$H\""},
	{"lookup", "--snapshot \"$H\" 80"},
	{"lookup", "--snapshot h.db - <<END\nx${H}x\n40000\n$H\nEND"},
	{"search", "--snapshot h.db x"},
	{"search", "--snapshot h.db --json x"},
	{"search", "--snapshot h.db --jsonl x"},
	{"search", "--snapshot h.db --without-port z"},
	{"search", "\"$H\""},
	{"search", "--limit \"$H\" x"},
	{"unassigned", "--snapshot h.db 39990-40010"},
	{"unassigned", "--snapshot h.db --json 39990-40010"},
	{"unassigned", "\"$H\""},
	{"unassigned", "--count \"$H\""},
	{"unassigned", "--count 1 --seed \"$H\""},
	{"unassigned", "--protocol \"$H\""},
	{"map", "--snapshot h.db 39990-40010"},
	{"map", "--snapshot h.db --svg - 39990-40010"},
	{"map", "--svg \"no/$H\""},
	{"map", "\"$H\""},
	{"compile", "-o o.db h.csv"},
	{"compile", "-o o.db --overlay h.services r.csv"},
	{"compile", "-o o.db --overlay \"$H\" r.csv"},
	{"compile", "-o o.db \"$H\""},
	{"compile", "-o \"no/$H\" r.csv"},
	{"compile", "--protocols \"$H\" r.csv"},
	{"compile", "--max-port \"$H\" r.csv"},
	{"compile", "-o o.db head.csv"},
	{"compile", "-o o.db \"f${H}.csv\""},
	{"export", "--format services --snapshot h.db"},
	{"export", "--format csv --snapshot h.db"},
	{"export", "--format csv --no-notes --snapshot h.db"},
	{"export", "--format json --snapshot h.db"},
	{"export", "--format \"$H\""},
	{"export", "--format csv -o \"no/$H\""},
	{"info", "h.db"},
	{"info", "--json h.db"},
	{"info", "\"$H\""},
	{"diff", "s.db h.db"},
	{"diff", "h.db s.db"},
	{"diff", "--json s.db h.db"},
	{"diff", "s.db \"$H\""},
	{"update", "--config conf -o o.db --url \"http://127.0.0.1:1/$H\""},
	{"update", "--config conf -o o.db --url \"$H\""},
	{"update", "--config \"$H\" -o o.db"},
	{"update", "--config h.conf -o o.db"},
	{"update", "--config conf -o \"no/$H\" --offline"},
	{"rollback", "-o \"no/$H\""},
	{"rollback", "\"$H\""},
	{"verify", "h.db"},
	{"verify", "\"$H\""},
	{"doctor", "\"$H\""},
	{"doctor", "--seconds \"$H\""},
	{"names", "--snapshot h.db"},
	{"names", "--snapshot h.db x"},
	{"names", "--snapshot \"$H\""},
};

/* The sources that cases[] name: each field of a row in turn, and each kind of line that is warned of. */
static void write_hostile_sources(const char *bytes)
{
	char *csv = NULL;
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	assert_non_null(stream);
	fputs(CSV_HEAD "good,1,tcp,,,,,,,,,\n", stream);
	for (unsigned field = 0; field < 12; field++) {
		for (unsigned i = 0; i < 12; i++)
			fprintf(stream, "%s%s%s", i ? "," : "",
				i == 0   ? text("name%u", field)
				: i == 1 ? text("%u", 41000 + field)
				: i == 2 ? "tcp"
					 : "",
				i == field ? bytes : "");
		fputc('\n', stream);
	}
	fprintf(stream,
		"a,1,tcp,,,,,,,,,\na,1,tcp,,,,,,,,,\nl%sl,2,tcp,,,,,,,,,\"This entry is an alias to \"\"%s\"\"\"\n",
		bytes, bytes);
	fclose(stream);
	put_file("h.csv", csv);
	free(csv);
	put_file("h.services", text("n%sn 1/tcp\nok 2/tcp a%sa\nok 3/%s\nok %s/tcp\n%s\nok 4/tcp # %s\n", bytes, bytes,
				    bytes, bytes, bytes, bytes));
	put_file("h.conf", text("url = %s\n%s = 1\nguard = %s\n", bytes, bytes, bytes));
	put_file("head.csv", text("Service Name,%s,Port Number\na,b,c\n", bytes));
	put_file(text("f%s.csv", bytes), CSV_HEAD "x,70000,tcp,,,,,,,,,\nbroken\n");
}

static void prepare_hostile(unsigned number)
{
	const char *bytes = hostile[number];

	setenv("H", bytes, 1);
	put_file("conf", "");
	write_hostile_sources(bytes);
	if (is_utf8(bytes))
		write_hostile_snapshot(bytes, "h.db");
	else
		expect("cp s.db h.db", 0, "", "");
}

TEST(no_verb_prints_a_hostile_byte_of_its_arguments_or_of_its_files)
{
	for (unsigned number = 0; number < HOSTILE_COUNT; number++) {
		prepare_hostile(number);
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
			assert_prints_harmless(text("ianareg %s %s", cases[i].verb, cases[i].arguments), number);
	}
}

TEST(no_usage_message_prints_a_hostile_byte)
{
	for (unsigned number = 0; number < HOSTILE_COUNT; number++) {
		setenv("H", hostile[number], 1);
		assert_prints_harmless("ianareg \"$H\"", number);
		assert_prints_harmless("ianareg \"--$H\"", number);
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			if (i && strcmp(cases[i].verb, cases[i - 1].verb) == 0)
				continue;
			assert_prints_harmless(text("ianareg %s \"--$H\"", cases[i].verb), number);
			assert_prints_harmless(text("ianareg %s \"-$H\"", cases[i].verb), number);
			assert_prints_harmless(text("ianareg %s a b c d \"$H\" \"$H\"", cases[i].verb), number);
		}
	}
}

TEST(every_verb_of_the_tool_has_a_case)
{
	struct run help = in_scratch("ianareg --help");
	unsigned verbs = 0;

	for (char *line = strtok(help.out, "\n"); line; line = strtok(NULL, "\n")) {
		char verb[32];
		bool has_case = false;

		if (strncmp(line, "  ", 2) != 0 || sscanf(line, " %31[a-z] ", verb) != 1 || line[2] == '$' ||
		    line[2] == ' ')
			continue;
		if (strcmp(verb, "cora") == 0) /* the example below the verbs */
			continue;
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
			has_case |= strcmp(cases[i].verb, verb) == 0;
		if (!has_case)
			fail_msg("%s has no case here", verb);
		verbs++;
	}
	assert_true(verbs >= 13);
	free_run(&help);
}

/* A name with such a character is skipped, as one with a blank is; a text keeps it, and it is escaped when shown. */
TEST(a_name_with_a_control_or_format_character_is_skipped)
{
	for (unsigned number = 0; number < CHARACTER_COUNT; number++) {
		const char *csv = text(CSV_HEAD "good,1,tcp,,,,,,,,,\nb%sd,2,tcp,,,,,,,,,\n", characters[number]);
		struct compiled compiled =
			compile_csv(csv, strlen(csv),
				    text("o%so 3/tcp\nok 4/tcp k%sk\n", characters[number], characters[number]), NULL);
		struct snapshot_entry entry;

		assert_int_equal(compiled.status, OUTCOME_OK);
		assert_int_equal(snapshot_find_port(&compiled.snapshot, 1, NULL, &entry), SNAPSHOT_OK);
		for (uint32_t port = 2; port <= 4; port++)
			assert_int_equal(snapshot_find_port(&compiled.snapshot, port, NULL, &entry),
					 SNAPSHOT_NOT_FOUND);
		assert_harmless(compiled.messages, "compile", number);
		free_compiled(&compiled);
	}
}

TEST(json_keeps_a_hostile_text_and_escapes_it)
{
	setenv("H", "\xe2\x80\xae", 1);
	write_hostile_snapshot("\xe2\x80\xae", "h.db");
	json_t *answer = json_of("ianareg --snapshot h.db --json 40000", 0);
	const json_t *row = json_array_get(json_object_get(json_array_get(answer, 0), "rows"), 0);

	assert_string_equal(json_string_value(json_object_get(row, "description")), "x\xe2\x80\xaex");
	json_decref(answer);
}

TEST_PROGRAM(.set_up = make_small_snapshot);
