/* SPDX-License-Identifier: MIT */
/* services(5) text in and out: what is read, what is skipped, and that what is written answers the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/services_file.h"
#include "snapshot/rows.h"
#include "tests/support/support.h"

#define HEAD "Service Name,Port Number,Transport Protocol,Description\n"
#define FIRST_LINE "# Written by ianareg: `ianareg export --format services` renews this file.\n"

/* The lines compiled as an overlay over an empty registry. */
static struct compiled compile_lines(const char *lines)
{
	return compile_csv(HEAD, strlen(HEAD), lines, NULL);
}

static struct compiled compile_clean_lines(const char *lines)
{
	struct compiled result = compile_lines(lines);

	if (result.status != OUTCOME_OK || result.warning_count)
		fail_msg("compile said: %s", result.messages);
	return result;
}

/* Both texts are read without a warning and compile to the same bytes. */
static void expect_same(const char *lines, const char *other)
{
	struct compiled a = compile_clean_lines(lines), b = compile_clean_lines(other);

	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.bytes, b.bytes, a.size);
	free_compiled(&a);
	free_compiled(&b);
}

/* The line, which is the second, is skipped with exactly that message; those round it are not. */
static void expect_skipped_bytes(const char *line, size_t size, const char *message)
{
	static const char before[] = "first\t1/tcp\n", after[] = "\nlast\t9/tcp\n";
	struct diagnostics diagnostics;
	char *lines, *messages;
	size_t lines_size, messages_size;
	uint32_t row_count;
	struct registry *registry = registry_new();
	FILE *stream = open_memstream(&lines, &lines_size);

	fwrite(before, 1, sizeof before - 1, stream);
	fwrite(line, 1, size, stream);
	fwrite(after, 1, sizeof after - 1, stream);
	fclose(stream);
	stream = fmemopen(lines, lines_size, "r");
	diagnostics = (struct diagnostics){.stream = open_memstream(&messages, &messages_size)};
	registry_begin_source(registry, SOURCE_OVERLAY_LINES, "overlay");
	assert_int_equal(services_file_read(registry, stream, &diagnostics), OUTCOME_OK);
	registry_finish(registry, &(struct registry_options){PORT_MAX, ~0u}, &diagnostics);
	registry_rows(registry, &row_count);
	fclose(stream);
	fclose(diagnostics.stream);
	assert_string_equal(messages, text("ianareg: overlay:2: %s; line skipped\n", message));
	assert_int_equal(row_count, 2);
	registry_free(registry);
	free(messages);
	free(lines);
}

static void expect_skipped(const char *line, const char *message)
{
	expect_skipped_bytes(line, strlen(line), message);
}

static void expect_description(const char *line, const char *description)
{
	struct compiled result = compile_clean_lines(line);
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	assert_string_equal(row.text[TEXT_DESCRIPTION], description);
	free_compiled(&result);
}

TEST(a_line_is_a_name_a_port_and_aliases)
{
	struct compiled result = compile_clean_lines("http 80/tcp www web\n");
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&result.snapshot, 80, "tcp", &entry), SNAPSHOT_OK);
	assert_int_equal(entry.names_size, sizeof "http\0www\0web");
	assert_memory_equal(entry.names, "http\0www\0web", entry.names_size);
	assert_int_equal(snapshot_find_name(&result.snapshot, "web", NULL, &entry), SNAPSHOT_OK);
	free_compiled(&result);
}

TEST(each_way_to_write_it_gives_the_same_bytes)
{
	static const struct {
		const char *sentence;
		const char *lines;
		const char *other;
	} cases[] = {
		{"any white space parts words", " \thttp\t \v80/tcp\f\twww \r\n", "http 80/tcp www\n"},
		{"the last line may lack its newline", "http 80/tcp www", "http 80/tcp www\n"},
		{"comments and blank lines say nothing", "# services\n\n  \t\n#\nhttp 80/tcp\n  # end",
		 "http 80/tcp\n"},
		{"ports are numbers as c writes them", "octal 0120/tcp\nhex 0x51/tcp\n", "octal 80/tcp\nhex 81/tcp\n"},
		{"slashes may be many", "x 82//tcp\n", "x 82/tcp\n"},
		{"a byte order mark is no part of the first name", "\xef\xbb\xbfx 1/tcp\n", "x 1/tcp\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_same(cases[i].lines, cases[i].other);
	}
}

TEST(an_empty_file_says_nothing)
{
	struct compiled result = compile_clean_lines("");

	assert_int_equal(snapshot_row_count(&result.snapshot), 0);
	free_compiled(&result);
}

TEST(a_comment_begins_in_the_middle_of_a_word)
{
	struct compiled result = compile_clean_lines("http 80/tcp www#web\n");
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_name(&result.snapshot, "www", "tcp", &entry), SNAPSHOT_OK);
	assert_int_equal(entry.alias_count, 1);
	free_compiled(&result);
}

TEST(a_comment_behind_an_entry_is_its_description)
{
	expect_description("http 80/tcp www\t# \t World Wide Web # HTTP \r\n", "World Wide Web # HTTP");
}

TEST(a_comment_that_is_not_utf8_is_no_description)
{
	expect_description("cafe 80/tcp # caf\xe9\n", "");
}

TEST(a_protocol_that_is_new_is_added)
{
	struct compiled result = compile_clean_lines("x 1/ddp\n");
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&result.snapshot, 1, "ddp", &entry), SNAPSHOT_OK);
	free_compiled(&result);
}

TEST(a_line_that_is_skipped_adds_no_protocol)
{
	struct compiled result = compile_lines("x 1/ddp \xff\n");

	assert_int_equal(result.warning_count, 1);
	assert_int_equal(snapshot_protocol_index(&result.snapshot, "ddp"), -1);
	free_compiled(&result);
}

TEST(each_line_that_makes_no_sense_is_skipped_with_its_reason)
{
	static const struct {
		const char *sentence;
		const char *line;
		const char *message;
	} cases[] = {
		{"a line without a port is skipped", "http # 80/tcp", "\"http\" has no port"},
		{"a port over 65535 is skipped", "x 65536/tcp", "\"65536/tcp\" has a port over 65535"},
		{"a port that is no number is skipped", "x www/tcp", "\"www/tcp\" does not begin with a port number"},
		{"a negative port is skipped", "x -80/tcp", "\"-80/tcp\" does not begin with a port number"},
		{"a port without a protocol is skipped", "x 80 tcp", "\"80\" is not PORT/PROTOCOL"},
		{"an empty protocol is skipped", "x 80/ tcp", "\"80/\" is not PORT/PROTOCOL"},
		{"a port with something behind it is skipped", "x 80x/tcp", "\"80x/tcp\" is not PORT/PROTOCOL"},
		{"a protocol that is too long is skipped", "x 80/protocol",
		 "\"80/protocol\" has a protocol that is too long, or one too many"},
		{"an alias with a control byte is skipped and shown safely", "x 1/tcp a\033b",
		 "name \"a\\x1bb\" holds a blank or a control character"},
		{"a name that is not utf8 is skipped", "caf\xe9 1/tcp", "name \"caf\\xe9\" is not UTF-8"},
		{"a protocol that is not utf8 is skipped", "x 1/\xe9", "\"1/\\xe9\" is not UTF-8"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_skipped(cases[i].line, cases[i].message);
	}
}

TEST(a_ninth_protocol_is_skipped)
{
	struct compiled result = compile_lines("a 1/e\na 1/f\na 1/g\na 1/h\na 1/i\na 1/h\n");

	assert_int_equal(result.status, OUTCOME_OK);
	assert_string_equal(result.messages,
			    "ianareg: overlay:5: \"1/i\" has a protocol that is too long, or one too "
			    "many; line skipped\n");
	free_compiled(&result);
}

TEST(a_name_over_255_bytes_is_skipped)
{
	char name[257] = {0};

	memset(name, 'n', 256);
	expect_skipped(text("%s 1/tcp", name), text("name \"%.60s...\" is longer than 255 bytes", name));
}

TEST(a_nul_byte_refuses_the_file)
{
	FILE *stream = tmpfile();
	struct diagnostics diagnostics = {.stream = stream};
	struct registry *registry = registry_new();
	FILE *lines = fmemopen((char[]){"x 1/tcp\0y\n"}, 10, "r");
	char said[128] = "";

	registry_begin_source(registry, SOURCE_OVERLAY_LINES, "overlay");
	assert_int_equal(services_file_read(registry, lines, &diagnostics), OUTCOME_INVALID);
	rewind(stream);
	assert_non_null(fgets(said, sizeof said, stream));
	assert_string_equal(said, "ianareg: overlay:1: has a NUL byte: not a services(5) file\n");
	fclose(lines);
	fclose(stream);
	registry_free(registry);
}

TEST(a_line_over_64_kib_is_skipped)
{
	char *line = calloc(1, 65538);

	assert_non_null(line);
	memset(line, '#', 65537);
	expect_skipped(line, "is longer than 65536 bytes");
	free(line);
}

TEST(more_aliases_than_an_entry_holds_are_skipped)
{
	char line[2 * NAMES_MAX_BYTES] = "x 1/tcp";

	for (unsigned i = 0; i < NAME_COUNT_MAX; i++)
		strcat(line, " a");
	expect_skipped(
		line, text("has more than %d names, or they take more than %d bytes", NAME_COUNT_MAX, NAMES_MAX_BYTES));
}

TEST(as_many_aliases_as_an_entry_holds_are_taken)
{
	char line[2 * NAMES_MAX_BYTES] = "x 1/tcp";

	for (unsigned i = 1; i < NAME_COUNT_MAX; i++)
		strcat(line, " a");
	expect_same(line, "x 1/tcp a\n");
}

TEST(a_stream_that_cannot_be_read_is_a_failure)
{
	char *messages;
	size_t size;
	struct diagnostics diagnostics = {.stream = open_memstream(&messages, &size)};
	struct registry *registry = registry_new();
	FILE *directory = fopen("/", "re");

	assert_non_null(directory);
	registry_begin_source(registry, SOURCE_OVERLAY_LINES, "directory");
	assert_int_equal(services_file_read(registry, directory, &diagnostics), OUTCOME_FAILED);
	fclose(diagnostics.stream);
	assert_string_equal(messages, "ianareg: directory: Is a directory\n");
	fclose(directory);
	registry_free(registry);
	free(messages);
}

TEST(every_truncation_is_read)
{
	static const char lines[] = "# c\nhttp 80/tcp www # Web \xc3\xa9\nbad\nx 70000/udp\r\n\ny 1/ddp a b";

	for (size_t size = 0; size < sizeof lines; size++) {
		struct compiled result = compile_lines(text("%.*s", (int)size, lines));

		assert_int_equal(result.status, OUTCOME_OK);
		free_compiled(&result);
	}
}

/* What is written of a snapshot; free() it. Warnings are counted and go to `messages`, the caller's, if not NULL. */
static char *export(const struct compiled *compiled, char **messages)
{
	char *lines, *said;
	size_t lines_size, said_size;
	FILE *stream = open_memstream(&lines, &lines_size);
	struct diagnostics diagnostics = {.stream = open_memstream(&said, &said_size)};

	assert_int_equal(services_file_write(&compiled->snapshot, stream, "ianareg.db", &diagnostics), OUTCOME_OK);
	fclose(stream);
	fclose(diagnostics.stream);
	if (messages)
		*messages = said;
	else if (*said)
		fail_msg("export said: %s", said);
	else
		free(said);
	return lines;
}

/* Exactly those lines, behind the first one, are written of the registry and, if not NULL, the overlay. */
static void expect_written(const char *csv, const char *overlay, const char *preferences, const char *lines)
{
	struct compiled compiled = compile_csv(csv, strlen(csv), overlay, preferences);

	assert_int_equal(compiled.status, OUTCOME_OK);

	char *written = export(&compiled, NULL);

	assert_string_equal(written, text(FIRST_LINE "%s", lines));
	free(written);
	free_compiled(&compiled);
}

/* One entry is left out with that message, and the other one, "stays", is written. */
static void expect_left_out(const char *csv, const char *message)
{
	struct compiled compiled = compile_clean(csv);
	char *messages;
	char *written = export(&compiled, &messages);

	assert_string_equal(messages, text("ianareg: ianareg.db: %s\n", message));
	assert_string_equal(written, FIRST_LINE "stays                  9/tcp\n");
	free(messages);
	free(written);
	free_compiled(&compiled);
}

TEST(each_entry_is_written_as_its_line)
{
	static const struct {
		const char *sentence;
		const char *csv;
		const char *overlay;
		const char *preferences;
		const char *lines;
	} cases[] = {
		{"an empty snapshot gives the first line alone", HEAD, NULL, NULL, ""},
		{"lines stand in columns", HEAD "http,80,tcp,World Wide Web\nwww,80,tcp,\ny,81,udp,Why\n", NULL, NULL,
		 "http                   80/tcp           www # World Wide Web\n"
		 "y                      81/udp           # Why\n"},
		{"entries are in order of port then protocol",
		 HEAD "c,30,udp,\nc,30,tcp,\nb,200,tcp,\na,7,dccp,\na,7,sctp,\n", NULL, NULL,
		 "a                      7/sctp\n"
		 "a                      7/dccp\n"
		 "c                      30/tcp\n"
		 "c                      30/udp\n"
		 "b                      200/tcp\n"},
		{"a range is written port by port", HEAD "x11,6000-6002,tcp,X Window System\n", NULL, NULL,
		 "x11                    6000/tcp         # X Window System\n"
		 "x11                    6001/tcp         # X Window System\n"
		 "x11                    6002/tcp         # X Window System\n"},
		{"a row without a protocol describes tcp and udp", HEAD "x,5,,Both\nx,5,sctp,Another\n", NULL, NULL,
		 "x                      5/tcp            # Both\n"
		 "x                      5/udp            # Both\n"
		 "x                      5/sctp           # Another\n"},
		{"preferred entries come first and once", HEAD "alt,591,tcp,\nalt,8080,tcp,\nzero,1,tcp,\n", NULL,
		 "alt 8080/tcp\n",
		 "alt                    8080/tcp\n"
		 "zero                   1/tcp\n"
		 "alt                    591/tcp\n"},
		{"a description is its first line with white space folded", HEAD "x,1,tcp,\"C#  and\t more\nsecond\"\n",
		 NULL, NULL, "x                      1/tcp            # C# and more\n"},
		{"a description with control bytes is left away",
		 HEAD "x,1,tcp,a\033[2J\ny,2,tcp,a\x7f\nz,3,tcp,a\xc2\x9b\n", NULL, NULL,
		 "x                      1/tcp\n"
		 "y                      2/tcp\n"
		 "z                      3/tcp\n"},
		{"the description is the service names own",
		 CSV_HEAD "legacy_x,1,tcp,Old,,,,,,,,\"This entry is an alias to \"\"legacy-x\"\".\"\n"
			  "legacy-x,1,tcp,New,,,,,,,,\n",
		 NULL, NULL, "legacy-x               1/tcp            legacy_x # New\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_written(cases[i].csv, cases[i].overlay, cases[i].preferences, cases[i].lines);
	}
}

TEST(shadowed_entries_stand_at_their_port_behind_all_preferred_ones)
{
	struct compiled compiled = compile_csv(HEAD "theirs,80,tcp,\nafter,90,tcp,\n",
					       strlen(HEAD "theirs,80,tcp,\nafter,90,tcp,\n"), "mine 80/tcp\n", NULL);

	assert_int_equal(compiled.status, OUTCOME_OK);

	char *written = export(&compiled, NULL);
	const char *after = strstr(written, "after "), *theirs = strstr(written, "theirs ");

	assert_ptr_equal(strstr(written, "mine "), written + strlen(FIRST_LINE));
	assert_non_null(after);
	assert_non_null(theirs);
	assert_true(theirs < after);
	free(written);
	free_compiled(&compiled);
}

TEST(a_description_that_fits_to_the_last_byte_is_written)
{
	char words[85] = {0};

	memset(words, 'w', 84); /* 40 columns, "# ", and these */
	expect_written(text(HEAD "x,1,tcp,%s\n", words), NULL, NULL,
		       text("x                      1/tcp            # %s\n", words));
}

TEST(a_description_one_byte_too_long_is_left_away)
{
	char words[86] = {0};

	memset(words, 'w', 85);
	expect_written(text(HEAD "x,1,tcp,%s\n", words), NULL, NULL, "x                      1/tcp\n");
}

TEST(a_line_too_long_for_columns_does_without)
{
	char name[101] = {0};

	memset(name, 'n', 100);
	expect_written(HEAD, text("x 1/tcp %s\n", name), NULL, text("x 1/tcp %s\n", name));
}

TEST(an_entry_whose_line_is_too_long_is_left_out_and_said)
{
	char name[122] = {0};

	memset(name, 'n', 121);
	expect_left_out(text(HEAD "%s,1,tcp,\nstays,9,tcp,\n", name),
			text("\"%.60s...\" 1/tcp left out: its line is too long for some libraries", name));
}

TEST(a_name_with_a_number_sign_is_left_out_and_said)
{
	expect_left_out(HEAD "a#b,1,tcp,\nstays,9,tcp,\n",
			"\"a#b\" 1/tcp left out: a name has a '#', white space or a control character");
}

TEST(no_line_is_longer_than_some_libraries_read)
{
	if (!published_csv())
		skip();

	struct compiled compiled = compile_file(published_csv());
	char *written = export(&compiled, NULL);

	for (const char *line = written; *line;) {
		size_t size = strcspn(line, "\n");

		assert_in_range(size, 1, SERVICES_LINE_MAX);
		line += size + 1;
	}
	free(written);
	free_compiled(&compiled);
}

static void expect_same_entry(enum snapshot_status status, const struct snapshot_entry *entry,
			      enum snapshot_status other_status, const struct snapshot_entry *other)
{
	assert_int_equal(status, other_status);
	if (status != SNAPSHOT_OK)
		return;
	assert_int_equal(entry->port, other->port);
	assert_string_equal(entry->protocol, other->protocol);
	assert_int_equal(entry->names_size, other->names_size);
	assert_memory_equal(entry->names, other->names, entry->names_size);
}

static void expect_same_by_name(const struct snapshot *a, const struct snapshot *b, const char *name,
				const char *protocol)
{
	struct snapshot_entry x, y;
	const enum snapshot_status status = snapshot_find_name(a, name, protocol, &x);

	expect_same_entry(status, &x, snapshot_find_name(b, name, protocol, &y), &y);
}

static void expect_same_by_port(const struct snapshot *a, const struct snapshot *b, uint32_t port, const char *protocol)
{
	struct snapshot_entry x, y;
	const enum snapshot_status status = snapshot_find_port(a, port, protocol, &x);

	expect_same_entry(status, &x, snapshot_find_port(b, port, protocol, &y), &y);
}

/* Every port, and every name of every row, asked of both with and without each protocol. */
static void expect_same_answers(const struct snapshot *a, const struct snapshot *b)
{
	static const char *const protocols[] = {NULL, "tcp", "udp", "sctp", "dccp", "ddp"};
	struct snapshot_row row;

	for (unsigned i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		for (uint32_t port = 0; port <= PORT_MAX; port++)
			expect_same_by_port(a, b, port, protocols[i]);
		for (uint32_t number = 0; snapshot_row(a, number, &row) == SNAPSHOT_OK; number++)
			expect_same_by_name(a, b, row.name, protocols[i]);
	}
}

/* Export, and compile the export by itself. */
static void expect_faithful_export(const struct compiled *compiled)
{
	char *written = export(compiled, NULL);
	struct compiled again = compile_clean_lines(written);

	expect_same_answers(&compiled->snapshot, &again.snapshot);
	free_compiled(&again);
	free(written);
}

TEST(what_is_written_answers_as_the_snapshot_does)
{
	const char *csv = CSV_HEAD
		"one,1,tcp,,,,,,,,,\none,1,udp,,,,,,,,,\nother,1,tcp,,,,,,,,,\nx11,6000-6063,,,,,,,,,,\n"
		"alt,591,tcp,,,,,,,,,\nalt,8080,tcp,,,,,,,,,\nUpper,5,sctp,,,,,,,,,\nupper,6,sctp,,,,,,,,,\n"
		"old_x,7,tcp,,,,,,,,,\"This entry is an alias to \"\"old-x\"\".\"\nold-x,7,tcp,,,,,,,,,\n";
	struct compiled compiled = compile_csv(csv, strlen(csv),
					       "mine 1/tcp one\nmine 8080/udp alt\nlocal 1/ddp\nlocal 1/udp\n"
					       "second 1/tcp\nx11 7000/tcp\n",
					       "alt 8080/tcp\n");

	assert_int_equal(compiled.status, OUTCOME_OK);
	expect_faithful_export(&compiled);
	free_compiled(&compiled);
}

TEST(the_whole_registry_written_answers_as_the_snapshot_does)
{
	if (!published_csv())
		skip();

	struct compiled compiled = compile_file(published_csv());

	expect_faithful_export(&compiled);
	free_compiled(&compiled);
}

TEST(a_full_disk_is_a_failure_with_its_errno)
{
	struct compiled compiled = compile_clean(HEAD "x,1-9000,,words\n");
	struct diagnostics diagnostics = {.stream = stderr};
	FILE *full = fopen("/dev/full", "we");

	assert_non_null(full);
	errno = 0;
	assert_int_equal(services_file_write(&compiled.snapshot, full, "ianareg.db", &diagnostics), OUTCOME_FAILED);
	assert_int_equal(errno, ENOSPC);
	fclose(full);
	free_compiled(&compiled);
}

TEST(a_disk_that_is_full_at_the_end_is_a_failure_too)
{
	struct compiled compiled = compile_clean(HEAD "x,1,tcp,\n");
	struct diagnostics diagnostics = {.stream = stderr};
	FILE *full = fopen("/dev/full", "we");

	assert_non_null(full);
	assert_int_equal(services_file_write(&compiled.snapshot, full, "ianareg.db", &diagnostics), OUTCOME_FAILED);
	assert_int_equal(errno, ENOSPC);
	fclose(full);
	free_compiled(&compiled);
}
