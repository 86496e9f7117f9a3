/* SPDX-License-Identifier: MIT */
/* What a small registry compiles to and is exported as, to the byte. `make golden` renews the files; review the diff. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/support.h"

#define GOLDEN "tests/golden/"
#define GOLDEN_CSV GOLDEN "registry.csv"

enum { DUMP_WIDTH = 16 };

static void dump_line(FILE *stream, const unsigned char *bytes, size_t at, size_t end)
{
	fprintf(stream, "%07zu", at);
	for (size_t i = at; i < end; i++)
		fprintf(stream, " %02x", bytes[i]);
	fputc('\n', stream);
}

/* As `od -A d -t x1` has it: a line that repeats the one before becomes a '*', once. */
static char *dump(const unsigned char *bytes, size_t size)
{
	char *result = NULL;
	size_t result_size;
	FILE *stream = open_memstream(&result, &result_size);
	bool folded = false;

	assert_non_null(stream);
	for (size_t at = 0; at < size; at += DUMP_WIDTH) {
		const size_t end = size - at < DUMP_WIDTH ? size : at + DUMP_WIDTH;
		const bool repeats =
			at && end - at == DUMP_WIDTH && memcmp(bytes + at, bytes + at - DUMP_WIDTH, DUMP_WIDTH) == 0;

		if (!repeats)
			dump_line(stream, bytes, at, end);
		else if (!folded)
			fputs("*\n", stream);
		folded = repeats;
	}
	fprintf(stream, "%07zu\n", size);
	assert_int_equal(fclose(stream), 0);
	return result;
}

/* Texts that differ are shown by the first line that does. */
static void assert_golden(const char *actual, const char *golden_path)
{
	char *golden = read_file(golden_path, NULL);
	const char *a = actual, *g = golden;
	unsigned line = 1;

	while (*a && *a == *g) {
		line += *a == '\n';
		a++;
		g++;
	}
	if (*a || *g) {
		while (a > actual && a[-1] != '\n') {
			a--;
			g--;
		}
		fail_msg("%s:%u has \"%.*s\", now it is \"%.*s\"; if that is meant, make golden", golden_path, line,
			 (int)strcspn(g, "\n"), g, (int)strcspn(a, "\n"), a);
	}
	free(golden);
}

TEST(the_golden_registry_compiles_to_the_golden_bytes)
{
	struct compiled compiled = compile_file(GOLDEN_CSV);
	char *text_of_bytes = dump(compiled.bytes, compiled.size);

	assert_golden(text_of_bytes, GOLDEN "snapshot.golden");
	free(text_of_bytes);
	free_compiled(&compiled);
}

/* The tool, or a skipped test where it is not built. */
static const char *tool(void)
{
	const char *path = text("%s/ianareg", build_dir());

	if (access(path, X_OK) != 0) {
		puts("note: golden: the tool is not built: its exports are not compared");
		skip();
	}
	return path;
}

/* Compiled by the tool; what it said is the caller's to free_run(). */
static struct run compile_golden(void)
{
	struct run result = run(text("%s compile -o %s/golden.db %s", tool(), scratch_dir(), GOLDEN_CSV));

	assert_int_equal(result.status, 0);
	return result;
}

/* What the tool prints of the golden registry. */
static void assert_golden_output(const char *arguments, const char *golden)
{
	struct run compiled = compile_golden();
	struct run result = run(text("%s %s --snapshot %s/golden.db", tool(), arguments, scratch_dir()));

	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
	assert_golden(result.out, text(GOLDEN "%s.golden", golden));
	free_run(&compiled);
	free_run(&result);
}

TEST(the_tool_compiles_the_golden_registry_to_the_golden_bytes)
{
	struct run compiled = compile_golden();
	size_t size;
	char *bytes = read_file(text("%s/golden.db", scratch_dir()), &size);
	char *text_of_bytes = dump((unsigned char *)bytes, size);

	assert_golden(text_of_bytes, GOLDEN "snapshot.golden");
	free(text_of_bytes);
	free(bytes);
	free_run(&compiled);
}

TEST(the_tool_says_the_golden_messages)
{
	struct run compiled = compile_golden();

	assert_golden(compiled.err, GOLDEN "messages.golden");
	assert_string_equal(compiled.out, "");
	free_run(&compiled);
}

TEST(the_golden_registry_is_exported_as_the_golden_services_file)
{
	assert_golden_output("export --format services", "services");
}

TEST(the_golden_registry_is_exported_as_the_golden_csv)
{
	assert_golden_output("export --format csv", "csv");
}

TEST(the_golden_registry_is_exported_as_the_golden_json)
{
	assert_golden_output("export --format json", "json");
}

TEST(the_golden_registry_has_the_golden_free_ports)
{
	assert_golden_output("unassigned", "unassigned");
	assert_golden_output("unassigned --json", "unassigned-json");
}

TEST(the_golden_registry_has_the_golden_map)
{
	assert_golden_output("map", "map");
	assert_golden_output("map --svg -", "map-svg");
}

TEST(a_search_of_the_golden_registry_gives_the_golden_lines)
{
	assert_golden_output("search http", "search");
}

TEST(a_search_of_the_golden_registry_gives_the_golden_json)
{
	assert_golden_output("search --json http", "search-json");
	assert_golden_output("search --jsonl http", "search-jsonl");
}

static void assert_golden_lookup(const char *arguments, int status, const char *golden)
{
	struct run compiled = compile_golden();
	struct run result =
		run(text("COLUMNS=80 %s lookup --snapshot %s/golden.db %s", tool(), scratch_dir(), arguments));

	assert_int_equal(result.status, status);
	assert_golden(result.out, text(GOLDEN "%s.golden", golden));
	free_run(&compiled);
	free_run(&result);
}

/* The golden registry and a newer one, which has every kind of change. */
static void assert_golden_diff(const char *option, const char *golden_path)
{
	struct run compiled = compile_golden();
	struct run result =
		run(text("%s compile -o %s/newer.db %snewer.csv 2>%s/messages && %s diff %s %s/golden.db "
			 "%s/newer.db",
			 tool(), scratch_dir(), GOLDEN, scratch_dir(), tool(), option, scratch_dir(), scratch_dir()));

	assert_int_equal(result.status, 1);
	assert_string_equal(result.err, "");
	assert_golden(result.out, golden_path);
	free_run(&compiled);
	free_run(&result);
}

TEST(every_golden_row_is_looked_up_as_the_golden_line)
{
	assert_golden_lookup("0-65535 adobe nobody", 2, "lookup");
}

TEST(lookups_have_the_golden_json)
{
	assert_golden_lookup("--json www 6000-8080/tcp nobody 99999", 1, "lookup-json");
	assert_golden_lookup("--jsonl www 6000-8080/tcp nobody 99999", 1, "lookup-jsonl");
}

TEST(lookups_have_the_golden_layouts)
{
	assert_golden_lookup("--long 0-65535 adobe", 0, "lookup-long");
	assert_golden_lookup("--table 0-65535 adobe", 0, "lookup-table");
}

TEST(the_golden_registry_and_a_newer_one_have_the_golden_differences)
{
	assert_golden_diff("", GOLDEN "diff.golden");
	assert_golden_diff("--json", GOLDEN "diff-json.golden");
}

/* Export and compile are each other's test. */
TEST(the_exported_csv_compiles_to_the_golden_bytes)
{
	struct compiled compiled = compile_file(GOLDEN "csv.golden");
	char *text_of_bytes = dump(compiled.bytes, compiled.size);

	assert_golden(text_of_bytes, GOLDEN "snapshot.golden");
	free(text_of_bytes);
	free_compiled(&compiled);
}
