/* SPDX-License-Identifier: MIT */
/* What the CSV reader takes, what it skips and says so, and what it refuses whole. */
#include <stdlib.h>
#include <string.h>

#include "compiler/registry_csv.h"
#include "snapshot/rows.h"
#include "tests/support/support.h"

/* Four columns are enough for most. */
#define HEAD "Service Name,Port Number,Transport Protocol,Description\n"

static void expect_refused_bytes(const char *csv, size_t size, const char *message)
{
	struct compiled result = compile_csv(csv, size, NULL, NULL);

	assert_int_equal(result.status, OUTCOME_INVALID);
	assert_string_equal(result.messages, text("ianareg: %s\n", message));
	free_compiled(&result);
}

static void expect_refused(const char *csv, const char *message)
{
	expect_refused_bytes(csv, strlen(csv), message);
}

/* The row, which is line 2, is skipped with exactly that message; the one after it is not. */
static void expect_skipped(const char *row, const char *message)
{
	const char *csv = text(HEAD "%s\nstays,7,tcp,\n", row);
	struct compiled result = compile_csv(csv, strlen(csv), NULL, NULL);
	struct snapshot_entry entry;

	assert_int_equal(result.status, OUTCOME_OK);
	assert_string_equal(result.messages, text("ianareg: registry.csv:2: %s; row skipped\n", message));
	assert_int_equal(result.warning_count, 1);
	assert_int_equal(snapshot_row_count(&result.snapshot), 1);
	assert_int_equal(snapshot_find_name(&result.snapshot, "stays", "tcp", &entry), SNAPSHOT_OK);
	free_compiled(&result);
}

/* Both texts compile without a warning to the same bytes. */
static void expect_same(const char *csv, const char *other)
{
	struct compiled a = compile_clean(csv), b = compile_clean(other);

	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.bytes, b.bytes, a.size);
	free_compiled(&a);
	free_compiled(&b);
}

TEST(each_file_that_is_not_such_a_csv_is_refused_with_its_reason)
{
	static const struct {
		const char *sentence;
		const char *csv;
		const char *message;
	} cases[] = {
		{"an empty file is refused", "", "registry.csv: is empty: not a registry CSV"},
		{"blank lines alone are refused", "\n\r\n  \n", "registry.csv: is empty: not a registry CSV"},
		{"a byte order mark alone is refused", "\xef\xbb\xbf", "registry.csv: is empty: not a registry CSV"},
		{"a missing column is refused", "Service Name,Transport Protocol\nx,tcp\n",
		 "registry.csv:1: has no column headed \"Port Number\": not a registry CSV"},
		{"a renamed column is refused", "service name,Port Number,Transport Protocol\nx,1,tcp\n",
		 "registry.csv:1: has no column headed \"Service Name\": not a registry CSV"},
		{"rows without a header are refused", "\nx,1,tcp\n",
		 "registry.csv:2: has no column headed \"Service Name\": not a registry CSV"},
		{"a column that occurs twice is refused",
		 "Service Name,Port Number,Transport Protocol,Port Number\nx,1,tcp,2\n",
		 "registry.csv:1: has two columns headed \"Port Number\""},
		{"both heads of the eleventh column are one too many",
		 "Service Name,Port Number,Transport Protocol,Known Unauthorized Uses,"
		 "Unauthorized Use Reported\n",
		 "registry.csv:1: has two columns headed \"Unauthorized Use Reported\""},
		{"a quote that never ends is refused with the line its row begins on",
		 HEAD "x,1,tcp,\n\ny,2,tcp,\"words\nz,3,tcp,\n", "registry.csv:4: has a quoted cell that never ends"},
		{"a quote inside an unquoted cell is refused", HEAD "x,1,tcp,a \"word\n",
		 "registry.csv:2: has a quote where RFC 4180 allows none"},
		{"text behind a closing quote is refused", HEAD "x,1,tcp,\"a\"b\n",
		 "registry.csv:2: has a quote where RFC 4180 allows none"},
		{"a row with a cell too few is refused", CSV_HEAD "x,1,tcp,,,,,,,,\n",
		 "registry.csv:2: has 11 columns where the header has 12"},
		{"a row with a cell too many is refused", CSV_HEAD "x,1,tcp,,,,,,,,,,\n",
		 "registry.csv:2: has 13 columns where the header has 12"},
		{"a bare carriage return between rows is refused", HEAD "x,1,tcp,\ry,2,tcp,\n",
		 "registry.csv:2: has a carriage return that no line feed follows"},
		{"a bare carriage return on a blank line is refused", HEAD "\n\rx,1,tcp,\n",
		 "registry.csv:3: has a carriage return that no line feed follows"},
		{"a bare carriage return at the end is refused", HEAD "x,1,tcp,\r",
		 "registry.csv:2: has a carriage return that no line feed follows"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_refused(cases[i].csv, cases[i].message);
	}
}

TEST(a_header_alone_is_an_empty_registry)
{
	struct compiled result = compile_clean(CSV_HEAD);

	assert_int_equal(snapshot_row_count(&result.snapshot), 0);
	free_compiled(&result);
}

TEST(more_columns_than_anyone_has_are_refused)
{
	char csv[600] = "Service Name,Port Number,Transport Protocol";

	memset(csv + strlen(csv), ',', 300);
	expect_refused(csv, "registry.csv:1: has more than 256 columns: not a registry CSV");
}

TEST(each_way_to_write_it_gives_the_same_bytes)
{
	static const struct {
		const char *sentence;
		const char *csv;
		const char *other;
	} cases[] = {
		{"a column of another name is ignored",
		 "Service Name,Colour,Port Number,Transport Protocol\nx,red,1,tcp\n",
		 "Service Name,Port Number,Transport Protocol\nx,1,tcp\n"},
		{"columns are found by their heads",
		 "Description,Transport Protocol,Port Number,Service Name\nwords,tcp,1,x\n", HEAD "x,1,tcp,words\n"},
		{"the older head of the eleventh column is known",
		 "Service Name,Port Number,Transport Protocol,Known Unauthorized Uses\nx,1,tcp,yes\n",
		 "Service Name,Port Number,Transport Protocol,Unauthorized Use Reported\nx,1,tcp,yes\n"},
		{"a byte order mark is no part of the first head", "\xef\xbb\xbf" HEAD "x,1,tcp,\n", HEAD "x,1,tcp,\n"},
		{"a byte order mark may stand before a quoted head",
		 "\xef\xbb\xbf\"Service Name\",Port Number,Transport Protocol,Description\nx,1,tcp,\n",
		 HEAD "x,1,tcp,\n"},
		{"either line end gives the same model",
		 "Service Name,Port Number,Transport Protocol\r\nx,1,tcp\r\n\r\ny,2,udp\r\n",
		 "Service Name,Port Number,Transport Protocol\nx,1,tcp\n\ny,2,udp\n"},
		{"the last line may lack its end", HEAD "x,1,tcp,\"a\"", HEAD "x,1,tcp,a\n"},
		{"white space round cells is trimmed",
		 " Service Name ,Port Number,\tTransport Protocol,\"\nDescription\"\n"
		 "\" x\t\" , \"\r\n1\" ,\"\vtcp\f\",  a b \n",
		 HEAD "x,1,tcp,a b\n"},
		{"leading zeros do not change a port", HEAD "x,000000000000000000000000080,tcp,\n", HEAD "x,80,tcp,\n"},
		{"a range of one port is that port", HEAD "x,80-80,tcp,\n", HEAD "x,80,tcp,\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_same(cases[i].csv, cases[i].other);
	}
}

TEST(every_column_reaches_its_text)
{
	struct compiled result = compile_clean(CSV_HEAD "x,1,tcp,d,a,c,2024-01-01,2024-01-02,r,s,u,n\n");
	static const char *const expected[TEXT_COUNT] = {"d", "a", "c", "2024-01-01", "2024-01-02", "r", "s", "u", "n"};
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		assert_string_equal(row.text[i], expected[i]);
	free_compiled(&result);
}

TEST(a_nul_byte_is_refused_with_its_line)
{
	static const char csv[] = HEAD "x,1,tcp,\ny,2,t\0cp,\n";

	expect_refused_bytes(csv, sizeof csv - 1, "registry.csv:3: has a NUL byte: not a registry CSV");
}

/* A registry of one row whose description takes `size` bytes. */
static char *csv_with_cell(size_t size)
{
	char *csv = calloc(1, size + 100);

	assert_non_null(csv);
	strcpy(csv, HEAD "x,1,tcp,");
	memset(csv + strlen(csv), 'w', size);
	return csv;
}

TEST(a_cell_at_the_limit_is_taken)
{
	char *csv = csv_with_cell(CSV_FIELD_MAX);
	struct compiled result = compile_clean(csv);
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	assert_int_equal(strlen(row.text[TEXT_DESCRIPTION]), CSV_FIELD_MAX);
	free_compiled(&result);
	free(csv);
}

TEST(a_cell_over_the_limit_is_refused)
{
	char *csv = csv_with_cell(CSV_FIELD_MAX + 1);

	expect_refused(csv, "registry.csv:2: has a cell of more than 65536 bytes");
	free(csv);
}

TEST(a_cell_without_end_is_refused_before_it_is_read_to_its_end)
{
	char *csv = csv_with_cell(1 << 20);

	csv[sizeof HEAD "x,1,tcp," - 1] = '"';
	expect_refused(csv, "registry.csv:2: has a cell of more than 65536 bytes");
	free(csv);
}

TEST(a_carriage_return_inside_quotes_is_text)
{
	struct compiled result = compile_clean(HEAD "x,1,tcp,\"a\rb\"\n");
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	assert_string_equal(row.text[TEXT_DESCRIPTION], "a\rb");
	free_compiled(&result);
}

TEST(doubled_quotes_stand_for_one)
{
	struct compiled result = compile_clean(HEAD "x,1,tcp,\"an \"\"alias\"\", they say\"\n");
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	assert_string_equal(row.text[TEXT_DESCRIPTION], "an \"alias\", they say");
	free_compiled(&result);
}

TEST(a_range_keeps_both_its_ends)
{
	struct compiled result = compile_clean(HEAD "x11,6000-6063,tcp,\n");
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	assert_int_equal(row.first_port, 6000);
	assert_int_equal(row.last_port, 6063);
	free_compiled(&result);
}

TEST(the_first_and_the_last_port_are_ports)
{
	struct compiled result = compile_clean(HEAD "a,0,tcp,\nb,65535,tcp,\n");
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&result.snapshot, 0, "tcp", &entry), SNAPSHOT_OK);
	assert_int_equal(snapshot_find_port(&result.snapshot, 65535, "tcp", &entry), SNAPSHOT_OK);
	free_compiled(&result);
}

TEST(each_row_that_makes_no_sense_is_skipped_with_its_reason)
{
	static const struct {
		const char *sentence;
		const char *row;
		const char *message;
	} cases[] = {
		{"a port over 65535 is skipped", "x,70000,tcp,", "port \"70000\" is over 65535"},
		{"a port too large for any integer is skipped", "x,1-99999999999999999999999,tcp,",
		 "port \"1-99999999999999999999999\" is over 65535"},
		{"a range that runs backwards is skipped", "x,10-5,tcp,",
		 "port \"10-5\" is a range that runs backwards"},
		{"a negative port is skipped", "x,-5,tcp,", "port \"-5\" is not a number"},
		{"a port with something behind it is skipped", "x,80x,tcp,",
		 "port \"80x\" is neither a number nor a range"},
		{"a range without an end is skipped", "x,80-,tcp,", "port \"80-\" is not a range of numbers"},
		{"a name with a blank is skipped", "a b,1,tcp,",
		 "service name \"a b\" holds a blank or a control character"},
		{"a name with a control byte is skipped and shown safely", "a\033[2Jb,1,tcp,",
		 "service name \"a\\x1b[2Jb\" holds a blank or a control character"},
		{"an unknown protocol is skipped", "x,1,tcpip,", "transport protocol \"tcpip\" is unknown"},
		{"protocols compare to the letter", "x,1,TCP,", "transport protocol \"TCP\" is unknown"},
		{"a row with neither name nor port is skipped", ",,tcp,words", "has neither a service name nor a port"},
		{"bytes that are not utf8 are skipped with their column", "x,1,tcp,caf\xe9",
		 "\"Description\" is not UTF-8: \"caf\\xe9\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_skipped(cases[i].row, cases[i].message);
	}
}

TEST(a_name_of_255_bytes_is_taken)
{
	char name[256] = {0};

	memset(name, 'n', 255);

	struct compiled result = compile_clean(text(HEAD "%s,1,tcp,\n", name));
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_name(&result.snapshot, name, "tcp", &entry), SNAPSHOT_OK);
	free_compiled(&result);
}

TEST(a_name_of_256_bytes_is_skipped)
{
	char name[257] = {0};

	memset(name, 'n', 256);
	expect_skipped(text("%s,1,tcp,", name), text("service name \"%.60s...\" is longer than 255 bytes", name));
}

TEST(only_well_formed_utf8_is_taken)
{
	static const char *const bad[] = {"\x80",
					  "\xc3",
					  "\xc0\xaf",
					  "\xc1\xbf",
					  "\xe0\x9f\xbf",
					  "\xed\xa0\x80",
					  "\xe2\x82",
					  "\xf0\x8f\xbf\xbf",
					  "\xf0\x9f\x98",
					  "\xf4\x90\x80\x80",
					  "\xf5\x80\x80\x80",
					  "\xff"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *csv = text(HEAD "x,1,tcp,plain words and %s\n", bad[i]);
		struct compiled result = compile_csv(csv, strlen(csv), NULL, NULL);

		assert_int_equal(result.warning_count, 1);
		free_compiled(&result);
	}
}

TEST(utf8_of_every_length_is_taken)
{
	const char *good =
		"\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf "
		"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf.";
	struct compiled result = compile_clean(text(HEAD "x,1,tcp,%s\n", good));
	struct snapshot_row row;

	assert_int_equal(snapshot_row(&result.snapshot, 0, &row), SNAPSHOT_OK);
	assert_string_equal(row.text[TEXT_DESCRIPTION], good);
	free_compiled(&result);
}

TEST(a_row_that_occurs_twice_is_said_once)
{
	const char *csv = HEAD "x,1,tcp,\nx,1,tcp,\n";
	struct compiled result = compile_csv(csv, strlen(csv), NULL, NULL);

	assert_int_equal(result.status, OUTCOME_OK);
	assert_int_equal(result.warning_count, 1);
	assert_non_null(strstr(result.messages, "ianareg: registry.csv:3: "));
	assert_non_null(strstr(result.messages, "repeats"));
	free_compiled(&result);
}

TEST(a_legacy_row_without_its_target_is_said_once)
{
	const char *csv = CSV_HEAD "iceedcp_tx,31948,tcp,,,,,,,,,\"This entry is an alias to \"\"iceedcp-tx\"\".\"\n";
	struct compiled result = compile_csv(csv, strlen(csv), NULL, NULL);

	assert_int_equal(result.status, OUTCOME_OK);
	assert_int_equal(result.warning_count, 1);
	assert_non_null(strstr(result.messages, "ianareg: registry.csv:2: "));
	assert_non_null(strstr(result.messages, "iceedcp-tx"));
	free_compiled(&result);
}

TEST(messages_name_physical_lines)
{
	const char *csv = HEAD /* 1 */
		"\n" /* 2 */
		"a,1,tcp,\"two\nlines\"\n" /* 3, 4 */
		"b,70000,tcp,\n" /* 5 */
		"  \r\n\n" /* 6, 7 */
		"c,70001,tcp,\"three\r\n\n.\"\n" /* 8 to 10 */
		"d,70002,tcp,"; /* 11 */
	struct compiled result = compile_csv(csv, strlen(csv), NULL, NULL);

	assert_int_equal(result.status, OUTCOME_OK);
	assert_string_equal(result.messages,
			    "ianareg: registry.csv:5: port \"70000\" is over 65535; row skipped\n"
			    "ianareg: registry.csv:8: port \"70001\" is over 65535; row skipped\n"
			    "ianareg: registry.csv:11: port \"70002\" is over 65535; row skipped\n");
	free_compiled(&result);
}

TEST(a_row_may_lie_across_any_edge_of_what_is_read_at_once)
{
	const char *rest = ",1,tcp,\"\xc3\xa9\"\"\r\n.\"\r\n\r\ny,2,tcp,\r\n";
	struct compiled whole = compile_clean(text(HEAD "x%s", rest));
	char *csv = calloc(1, 70000);

	assert_non_null(csv);
	for (size_t lead = 65536 - strlen(rest) - 2; lead <= 65536; lead++) {
		strcpy(csv, HEAD);
		memset(csv + strlen(csv), ' ', lead - strlen(csv));
		csv[lead] = 'x';
		strcpy(csv + lead + 1, rest);

		struct compiled result = compile_clean(csv);

		assert_int_equal(result.size, whole.size);
		assert_memory_equal(result.bytes, whole.bytes, whole.size);
		free_compiled(&result);
	}
	free(csv);
	free_compiled(&whole);
}

TEST(a_stream_that_cannot_be_read_is_a_failure)
{
	char *messages;
	size_t size;
	struct diagnostics diagnostics = {.stream = open_memstream(&messages, &size)};
	struct registry *registry = registry_new();
	FILE *directory = fopen("/", "re");

	assert_non_null(directory);
	registry_begin_source(registry, SOURCE_REGISTRY, "directory");
	assert_int_equal(registry_csv_read(registry, directory, &diagnostics), OUTCOME_FAILED);
	fclose(diagnostics.stream);
	assert_string_equal(messages, "ianareg: directory: Is a directory\n");
	fclose(directory);
	registry_free(registry);
	free(messages);
}

TEST(overlay_rows_are_read_as_the_registrys)
{
	const char *csv = HEAD "mine,4242,tcp,\n";
	struct diagnostics diagnostics = {.stream = stderr};
	struct registry *registry = registry_new();
	FILE *stream = fmemopen((void *)(uintptr_t)csv, strlen(csv), "r");

	assert_non_null(stream);
	registry_begin_source(registry, SOURCE_OVERLAY_ROWS, "overlay.csv");
	assert_int_equal(registry_csv_read(registry, stream, &diagnostics), OUTCOME_OK);
	assert_int_equal(diagnostics.warning_count, 0);
	fclose(stream);
	registry_free(registry);
}

#define SAMPLE              \
	"\xef\xbb\xbf" HEAD \
	"a,1,tcp,\"two\r\nlines, \"\"quoted\"\"\"\r\n\r\n\"b\",2-3,,caf\xc3\xa9\r\n,4,udp,Reserved\r\n"

/* Whatever the bytes are, they compile or are refused, and either is said with a status. */
static void expect_a_status(const char *csv, size_t size)
{
	struct compiled result = compile_csv(csv, size, NULL, NULL);

	assert_true(result.status == OUTCOME_OK || (result.status == OUTCOME_INVALID && result.messages[0]));
	free_compiled(&result);
}

TEST(every_truncation_gives_a_status)
{
	for (size_t size = 0; size < sizeof SAMPLE; size++)
		expect_a_status(SAMPLE, size);
}

TEST(every_byte_changed_to_a_special_one_gives_a_status)
{
	static const char special[] = {'\0', '"', '\r', '\n', ',', ' ', '-', '9', '\xff'};
	char csv[] = SAMPLE;

	for (size_t at = 0; at < sizeof csv - 1; at++) {
		const char kept = csv[at];

		for (size_t i = 0; i < sizeof special; i++) {
			csv[at] = special[i];
			expect_a_status(csv, sizeof csv - 1);
		}
		csv[at] = kept;
	}
}

TEST(the_published_registry_is_read_without_a_word)
{
	if (!published_csv())
		skip();

	struct diagnostics diagnostics = {.stream = stderr};
	struct registry *registry = registry_new();
	FILE *stream = fopen(published_csv(), "re");
	uint32_t count;

	assert_non_null(stream);
	registry_begin_source(registry, SOURCE_REGISTRY, "registry.csv");
	assert_int_equal(registry_csv_read(registry, stream, &diagnostics), OUTCOME_OK);
	assert_int_equal(diagnostics.warning_count, 0);
	assert_int_equal(registry_finish(registry, &(struct registry_options){PORT_MAX, ~0u}, &diagnostics),
			 OUTCOME_OK);
	registry_rows(registry, &count);
	assert_in_range(count, 14000, 20000);
	fclose(stream);
	registry_free(registry);
}
