/* SPDX-License-Identifier: MIT */
/* The same registry gives the same bytes, whoever compiles it, where, and however its lines end. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/preferences.h"
#include "snapshot/rows.h"
#include "tests/support/support.h"

/* ---- in this process ---- */

static struct compiled compile_bytes(const char *csv, size_t size)
{
	struct compiled compiled = compile_csv(csv, size, NULL, preferences_text);

	if (compiled.status != OUTCOME_OK)
		fail_msg("compile said: %s", compiled.messages);
	return compiled;
}

static void assert_same_bytes(const unsigned char *a, size_t a_size, const unsigned char *b, size_t b_size)
{
	assert_int_equal(a_size, b_size);
	for (size_t i = 0; i < a_size; i++)
		if (a[i] != b[i])
			fail_msg("byte %zu differs: %02x, %02x", i, a[i], b[i]);
}

TEST(a_registry_compiled_twice_gives_the_same_bytes)
{
	struct compiled first = compile_file(BUNDLED_CSV), second = compile_file(BUNDLED_CSV);

	assert_same_bytes(first.bytes, first.size, second.bytes, second.size);
	free_compiled(&first);
	free_compiled(&second);
}

/* Memory that malloc() hands out again is not what it was the first time. */
TEST(what_memory_held_before_does_not_show_in_the_bytes)
{
	struct compiled first = compile_file(BUNDLED_CSV);
	void *blocks[64];

	for (unsigned i = 0; i < 64; i++) {
		const size_t size = (size_t)64 << i % 12;

		blocks[i] = malloc(size);
		assert_non_null(blocks[i]);
		memset(blocks[i], 0xa5, size);
	}
	for (unsigned i = 0; i < 64; i++)
		free(blocks[i]);

	struct compiled second = compile_file(BUNDLED_CSV);

	assert_same_bytes(first.bytes, first.size, second.bytes, second.size);
	free_compiled(&first);
	free_compiled(&second);
}

/* The text with each line feed, bare or behind a carriage return, as `line_end`. */
static char *with_line_ends(const char *csv, const char *line_end, size_t *size)
{
	char *result = NULL;
	FILE *stream = open_memstream(&result, size);

	assert_non_null(stream);
	for (; *csv; csv++) {
		if (*csv == '\r' && csv[1] == '\n')
			continue;
		if (*csv == '\n')
			fputs(line_end, stream);
		else
			fputc(*csv, stream);
	}
	assert_int_equal(fclose(stream), 0);
	return result;
}

static void assert_line_ends_do_not_matter(const char *csv)
{
	size_t lf_size, crlf_size;
	char *lf = with_line_ends(csv, "\n", &lf_size), *crlf = with_line_ends(csv, "\r\n", &crlf_size);
	struct compiled from_lf = compile_bytes(lf, lf_size), from_crlf = compile_bytes(crlf, crlf_size);

	assert_true(lf_size < crlf_size);
	assert_same_bytes(from_lf.bytes, from_lf.size, from_crlf.bytes, from_crlf.size);
	free_compiled(&from_lf);
	free_compiled(&from_crlf);
	free(lf);
	free(crlf);
}

TEST(a_registry_with_crlf_gives_the_same_bytes_as_with_lf)
{
	char *csv = read_file(BUNDLED_CSV, NULL);

	assert_line_ends_do_not_matter(csv);
	free(csv);
}

/* A text tool that rewrites line ends does not stop at quotation marks. */
TEST(crlf_inside_a_quoted_cell_gives_the_same_bytes_as_lf)
{
	assert_line_ends_do_not_matter(
		CSV_HEAD
		"echo,7,tcp,\"Echo,\nas it is\",\"[Jon\n_Postel]\",,,,,,,\"a note\n\nof lines\"\n"
		"discard,9,tcp,Discard,[J],,,,,,,\"NOTE\nConflict\"\n");
}

TEST(the_published_registry_with_crlf_gives_the_same_bytes_as_with_lf)
{
	const char *path = published_csv();

	if (!path) {
		puts("note: the published registry is not here: its line ends are not tried");
		skip();
	}

	char *csv = read_file(path, NULL);

	assert_line_ends_do_not_matter(csv);
	free(csv);
}

TEST(a_byte_order_mark_does_not_show_in_the_bytes)
{
	static const char plain[] = CSV_HEAD "echo,7,tcp,Echo,[J],[J],,,,,,\n";
	const char *marked = text("\xef\xbb\xbf%s", plain);
	struct compiled a = compile_bytes(plain, strlen(plain)), b = compile_bytes(marked, strlen(marked));

	assert_same_bytes(a.bytes, a.size, b.bytes, b.size);
	free_compiled(&a);
	free_compiled(&b);
}

/* ---- rows in another order ---- */

/* A record of a CSV, from its first byte to behind its line's end. */
struct csv_record {
	const char *start;
	size_t size;
	uint32_t port; /* the first of them; PORT_MAX + 1 without one */
	uint32_t place;
};

static size_t record_length(const char *csv)
{
	bool quoted = false;
	size_t size = 0;

	while (csv[size] && (quoted || csv[size] != '\n')) {
		quoted ^= csv[size] == '"';
		size++;
	}
	return size + (csv[size] == '\n');
}

/* No service name has a comma or a quotation mark, so that the second cell is behind the first comma. */
static uint32_t record_port(const char *record)
{
	const char *port = strchr(record, ',') + 1;

	return *port == ',' ? PORT_MAX + 1 : (uint32_t)strtoul(port + (*port == '"'), NULL, 10);
}

static int compare_places(const void *a, const void *b)
{
	const struct csv_record *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

/* Rows of one port keep their order: it decides between names. Those without a port lie at any place. */
static char *shuffled(const char *csv, uint64_t seed, size_t *size)
{
	struct csv_record *records = NULL;
	uint32_t *place_of_port = calloc(PORT_MAX + 2, sizeof *place_of_port), count = 0;
	const size_t head_size = record_length(csv);
	char *result = NULL;
	FILE *stream = open_memstream(&result, size);

	assert_true(place_of_port && stream);
	for (uint32_t port = 0; port <= PORT_MAX; port++)
		place_of_port[port] = next_random(&seed);
	for (const char *at = csv + head_size; *at; at += records[count++].size) {
		if (count % 1024 == 0)
			records = realloc(records, (count + 1024) * sizeof *records);
		assert_non_null(records);
		records[count] = (struct csv_record){at, record_length(at), record_port(at), 0};
		records[count].place =
			records[count].port > PORT_MAX ? next_random(&seed) : place_of_port[records[count].port];
	}
	qsort(records, count, sizeof *records, compare_places);
	fwrite(csv, 1, head_size, stream);
	for (uint32_t i = 0; i < count; i++)
		fwrite(records[i].start, 1, records[i].size, stream);
	assert_int_equal(fclose(stream), 0);
	free(records);
	free(place_of_port);
	return result;
}

static void assert_same_entry(enum snapshot_status a_status, const struct snapshot_entry *a,
			      enum snapshot_status b_status, const struct snapshot_entry *b, const char *key)
{
	if (a_status != b_status)
		fail_msg("%s: found in one order of rows alone", key);
	if (a_status != SNAPSHOT_OK)
		return;
	if (a->port != b->port || strcmp(a->protocol, b->protocol) != 0 || a->names_size != b->names_size ||
	    memcmp(a->names, b->names, a->names_size) != 0)
		fail_msg("%s: %s %u/%s in one order of rows, %s %u/%s in the other", key, a->names, a->port,
			 a->protocol, b->names, b->port, b->protocol);
}

static void assert_same_by_names(const struct snapshot *a, const struct snapshot *b, const struct snapshot_entry *entry)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp", NULL};
	const char *name = entry->names;

	for (uint32_t i = 0; i <= entry->alias_count; i++, name += strlen(name) + 1)
		for (unsigned p = 0; p < 5; p++) {
			struct snapshot_entry of_a, of_b;
			const enum snapshot_status in_a = snapshot_find_name(a, name, protocols[p], &of_a);
			const enum snapshot_status in_b = snapshot_find_name(b, name, protocols[p], &of_b);

			assert_same_entry(in_a, &of_a, in_b, &of_b, name);
		}
}

static void assert_same_answers(const struct snapshot *a, const struct snapshot *b)
{
	struct snapshot_position at_a = {0}, at_b = {0};
	struct snapshot_entry of_a, of_b;
	enum snapshot_status status;

	do {
		status = snapshot_at(a, &at_a, &of_a);
		assert_same_entry(status, &of_a, snapshot_at(b, &at_b, &of_b), &of_b, "enumeration");
		if (status == SNAPSHOT_OK)
			assert_same_by_names(a, b, &of_a);
		snapshot_step(&at_a);
		snapshot_step(&at_b);
	} while (status == SNAPSHOT_OK);
}

TEST(rows_of_different_ports_in_another_order_give_the_same_answers)
{
	char *csv = read_file(BUNDLED_CSV, NULL);
	struct compiled straight = compile_bytes(csv, strlen(csv));

	for (uint64_t seed = 1; seed <= 3; seed++) {
		size_t size;
		char *other = shuffled(csv, seed, &size);
		struct compiled crooked = compile_bytes(other, size);

		assert_int_equal(size, strlen(csv));
		assert_memory_not_equal(other, csv, size);
		assert_same_answers(&straight.snapshot, &crooked.snapshot);
		free_compiled(&crooked);
		free(other);
	}
	free_compiled(&straight);
	free(csv);
}

TEST(rows_in_another_order_give_rows_in_the_same_canonical_order)
{
	char *csv = read_file(BUNDLED_CSV, NULL);
	size_t size;
	char *other = shuffled(csv, 7, &size);
	struct compiled straight = compile_bytes(csv, strlen(csv)), crooked = compile_bytes(other, size);
	struct snapshot_row a, b;

	assert_int_equal(snapshot_row_count(&straight.snapshot), snapshot_row_count(&crooked.snapshot));
	for (uint32_t i = 0; i < snapshot_row_count(&straight.snapshot); i++) {
		assert_int_equal(snapshot_row(&straight.snapshot, i, &a), SNAPSHOT_OK);
		assert_int_equal(snapshot_row(&crooked.snapshot, i, &b), SNAPSHOT_OK);
		if (!a.has_port)
			break;
		assert_int_equal(a.first_port, b.first_port);
		assert_string_equal(a.name, b.name);
		assert_string_equal(a.protocol, b.protocol);
	}
	free_compiled(&straight);
	free_compiled(&crooked);
	free(other);
	free(csv);
}

/* ---- the tool, in other surroundings ---- */

static const char *tool(void)
{
	static char *path;

	free(path);
	path = realpath(text("%s/ianareg", build_dir()), NULL);
	if (!path) {
		puts("note: the tool is not built: what surrounds it is not tried");
		skip();
	}
	return path;
}

/* Compile with the tool by `how`, a command that ends where the tool's own begins; the bytes are read back. */
static char *compile_with(const char *how, const char *input, size_t *size)
{
	const char *output = text("%s/surrounded.db", scratch_dir());
	struct run result = run(text("rm -f '%s'; %s '%s' compile -o '%s' '%s'", output, how, tool(), output, input));

	if (result.status)
		fail_msg("%s: %s", how, result.err);
	free_run(&result);

	struct stat status;

	assert_int_equal(stat(output, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	return read_file(output, size);
}

static void assert_surroundings_do_not_matter(const char *how, const char *input)
{
	struct compiled expected = compile_file(BUNDLED_CSV);
	size_t size;
	char *bytes = compile_with(how, input, &size);

	assert_same_bytes(expected.bytes, expected.size, (const unsigned char *)bytes, size);
	free(bytes);
	free_compiled(&expected);
}

/* The bundled registry by a path that holds anywhere; free() it. */
static char *bundled_path(void)
{
	char *path = realpath(BUNDLED_CSV, NULL);

	assert_non_null(path);
	return path;
}

TEST(the_tool_gives_the_same_bytes_in_every_time_zone)
{
	assert_surroundings_do_not_matter("TZ=Pacific/Kiritimati", BUNDLED_CSV);
	assert_surroundings_do_not_matter("TZ=America/Los_Angeles", BUNDLED_CSV);
}

TEST(the_tool_gives_the_same_bytes_in_every_locale)
{
	static const char *const locales[] = {"C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "no such locale"};

	for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
		assert_surroundings_do_not_matter(text("env LANG='%s' LC_ALL='%s' LANGUAGE=tr", locales[i], locales[i]),
						  BUNDLED_CSV);
}

TEST(the_tool_gives_the_same_bytes_in_another_directory)
{
	char *input = bundled_path();

	assert_surroundings_do_not_matter("cd / &&", input);
	free(input);
}

TEST(the_tool_gives_the_same_bytes_and_mode_under_every_umask)
{
	assert_surroundings_do_not_matter("umask 0077;", BUNDLED_CSV);
	assert_surroundings_do_not_matter("umask 0022;", BUNDLED_CSV);
	assert_surroundings_do_not_matter("umask 0000;", BUNDLED_CSV);
}

TEST(the_tool_gives_the_same_bytes_with_an_empty_environment)
{
	assert_surroundings_do_not_matter("env -i", BUNDLED_CSV);
}

TEST(the_tool_gives_the_same_bytes_from_standard_input)
{
	assert_surroundings_do_not_matter("cat " BUNDLED_CSV " |", "-");
}
