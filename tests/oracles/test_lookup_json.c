/* SPDX-License-Identifier: MIT */
/*
 * What `ianareg lookup --jsonl` says of every row of a registry, compared with the CSV by a reader of its own, and with
 * the schema that is published for it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "tests/support/cli_tool.h"

enum { CELLS = 12 };

/* The members of a row's object beside its ports, by the column of IANA's CSV. */
static const char *const members[CELLS] = {
	"name",      NULL,           "protocol",          "description",
	"assignee",  "contact",      "registration_date", "modification_date",
	"reference", "service_code", "unauthorized_use",  "notes",
};

struct rows {
	char **list; /* cells with \x1f between */
	size_t count;
};

static void add_row(struct rows *rows, char *row)
{
	rows->list = realloc(rows->list, (rows->count + 1) * sizeof *rows->list);
	assert_non_null(rows->list);
	rows->list[rows->count++] = row;
}

static void free_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->list[i]);
	free(rows->list);
}

/* ---- RFC 4180, read without the product's reader ---- */

/* A range of one port, which the registry writes now and then, is that port. */
static size_t size_of_ports(const char *cell, size_t size)
{
	const size_t first = strcspn(cell, "-");

	return size == 2 * first + 1 && strncmp(cell, cell + first + 1, first) == 0 &&
			       strspn(cell, "0123456789") == first && first
		       ? first
		       : size;
}

/* Append a cell of the CSV, its quotes undone and the white space round it gone; what comes behind it. */
static const char *read_cell(const char *at, FILE *row)
{
	const bool quoted = *at == '"';
	char *cell = NULL;
	size_t size;
	FILE *stream = open_memstream(&cell, &size);

	assert_non_null(stream);
	for (at += quoted; quoted ? *at != '"' || at[1] == '"' : !strchr(",\r\n", *at); at++) {
		at += quoted && *at == '"';
		fputc(*at, stream);
	}
	at += quoted;
	assert_int_equal(fclose(stream), 0);
	while (size && strchr(" \t\r\n", cell[size - 1]))
		size--;
	const size_t before = strspn(cell, " \t\r\n");

	size = size > before ? size - before : 0;
	fwrite(cell + before, 1, size_of_ports(cell + before, size), row);
	free(cell);
	return at;
}

static const char *read_record(const char *at, struct rows *rows)
{
	char *record = NULL;
	size_t size;
	FILE *row = open_memstream(&record, &size);

	assert_non_null(row);
	for (unsigned i = 0; i < CELLS; i++) {
		at = read_cell(at, row);
		if (i + 1 < CELLS) {
			assert_int_equal(*at++, ',');
			fputc('\x1f', row);
		}
	}
	assert_int_equal(fclose(row), 0);
	add_row(rows, record);
	at += *at == '\r';
	at += *at == '\n';
	return at;
}

static struct rows read_csv(const char *path)
{
	char *csv = read_file(path, NULL);
	struct rows rows = {0};

	for (const char *at = strchr(csv, '\n') + 1; *at;)
		at = read_record(at, &rows);
	free(csv);
	return rows;
}

/* ---- the same from JSON ---- */

static void print_ports(json_t *row, FILE *stream)
{
	json_t *first = json_object_get(row, "first_port"), *last = json_object_get(row, "last_port");

	if (json_is_null(first))
		return;
	fprintf(stream, "%lld", (long long)json_integer_value(first));
	if (json_integer_value(first) != json_integer_value(last))
		fprintf(stream, "-%lld", (long long)json_integer_value(last));
}

static char *row_of_json(json_t *row)
{
	char *cells = NULL;
	size_t size;
	FILE *stream = open_memstream(&cells, &size);

	assert_non_null(stream);
	for (unsigned i = 0; i < CELLS; i++) {
		if (i)
			fputc('\x1f', stream);
		if (!members[i])
			print_ports(row, stream);
		else if (json_is_string(json_object_get(row, members[i])))
			fputs(json_string_value(json_object_get(row, members[i])), stream);
		else
			assert_true(json_is_null(json_object_get(row, members[i])));
	}
	assert_int_equal(fclose(stream), 0);
	assert_true(json_is_false(json_object_get(row, "overlay")));
	return cells;
}

static json_t *load_line(const char *line, size_t size)
{
	json_error_t error;
	json_t *json = json_loadb(line, size, 0, &error);

	if (!json)
		fail_msg("%s: %.*s", error.text, (int)size, line);
	return json;
}

/* ---- JSON Schema, as much of it as the published one needs ---- */

static bool conforms(json_t *schema, json_t *value);
static json_t *the_schema;

static bool has_type(const char *type, json_t *value)
{
	return (strcmp(type, "object") == 0 && json_is_object(value)) ||
	       (strcmp(type, "array") == 0 && json_is_array(value)) ||
	       (strcmp(type, "string") == 0 && json_is_string(value)) ||
	       (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
	       (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
	       (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool has_one_type(json_t *types, json_t *value)
{
	size_t i;
	json_t *type;

	if (json_is_string(types))
		return has_type(json_string_value(types), value);
	json_array_foreach(types, i, type) if (has_type(json_string_value(type), value)) return true;
	return types == NULL;
}

static bool is_one_of(json_t *list, json_t *value, bool by_schema)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i,
			   item) if (by_schema ? conforms(item, value) : json_equal(item, value) != 0) return true;
	return list == NULL;
}

static bool has_members(json_t *schema, json_t *value)
{
	json_t *required = json_object_get(schema, "required"), *properties = json_object_get(schema, "properties");
	json_t *name, *member;
	const char *key;
	size_t i;

	json_array_foreach(required, i, name) if (!json_object_get(value, json_string_value(name))) return false;
	json_object_foreach(value, key, member) if (
		!json_object_get(properties, key) ||
		!conforms(
			json_object_get(properties, key),
			member)) return false; /* stricter than the schema: the tool writes nothing that is not described */
	return true;
}

static bool has_items(json_t *schema, json_t *value)
{
	size_t i;
	json_t *item;

	json_array_foreach(value, i, item) if (!conforms(json_object_get(schema, "items"), item)) return false;
	return true;
}

static bool is_in_range(json_t *schema, json_t *value)
{
	json_t *least = json_object_get(schema, "minimum"), *most = json_object_get(schema, "maximum");

	return (!least || json_integer_value(value) >= json_integer_value(least)) &&
	       (!most || json_integer_value(value) <= json_integer_value(most));
}

static bool conforms(json_t *schema, json_t *value)
{
	const char *reference = json_string_value(json_object_get(schema, "$ref"));

	if (reference) {
		assert_int_equal(strncmp(reference, "#/$defs/", 8), 0);
		schema = json_object_get(json_object_get(the_schema, "$defs"), reference + 8);
		assert_non_null(schema);
	}
	return has_one_type(json_object_get(schema, "type"), value) &&
	       is_one_of(json_object_get(schema, "enum"), value, false) &&
	       is_one_of(json_object_get(schema, "oneOf"), value, true) &&
	       (!json_object_get(schema, "properties") || has_members(schema, value)) &&
	       (!json_is_array(value) || has_items(schema, value)) &&
	       (!json_is_integer(value) || is_in_range(schema, value));
}

static int load_schema(void **state)
{
	json_error_t error;

	(void)state;
	the_schema = json_load_file("data/lookup.schema.json", 0, &error);
	assert_non_null(the_schema);
	return make_small_snapshot(NULL);
}

static int free_schema(void **state)
{
	(void)state;
	json_decref(the_schema);
	return 0;
}

/* ---- every row ---- */

static void take_rows(json_t *finding, bool with_port, struct rows *rows)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(finding, "rows"), i,
			   row) if (json_is_null(json_object_get(row, "first_port")) == !with_port &&
				    strcmp(json_string_value(json_object_get(row, "status")),
					   "Dynamic and/or Private") != 0) add_row(rows, row_of_json(row));
}

/* What a command prints, an object a line: its rows with a port, or those without one. */
static void look_up(const char *command, bool with_port, struct rows *rows)
{
	struct run result = in_scratch(command);

	if (result.status || *result.err)
		fail_msg("%s: %d %s", command, result.status, result.err);
	for (const char *line = result.out, *end; (end = strchr(line, '\n')); line = end + 1) {
		json_t *finding = load_line(line, (size_t)(end - line));

		if (!conforms(json_object_get(json_object_get(the_schema, "$defs"), "finding"), finding))
			fail_msg("not as the schema says: %.*s", (int)(end - line), line);
		take_rows(finding, with_port, rows);
		json_decref(finding);
	}
	free_run(&result);
}

static int compare_cells(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_names(const void *a, const void *b)
{
	const int order = strcasecmp(*(char *const *)a, *(char *const *)b);

	return order ? order : compare_cells(a, b);
}

/* Names of rows without a port, each once whatever its case, a line each. */
static void write_names(const struct rows *rows, const char *path)
{
	FILE *stream = fopen(path, "we");
	const char *before = "";

	assert_non_null(stream);
	for (size_t i = 0; i < rows->count; i++) {
		const char *row = rows->list[i], *name_end = strchr(row, '\x1f');
		const size_t size = (size_t)(name_end - row);

		if (name_end[1] != '\x1f' || !size || (strncasecmp(row, before, size) == 0 && before[size] == '\x1f'))
			continue;
		fprintf(stream, "%.*s\n", (int)size, row);
		before = row;
	}
	assert_int_equal(fclose(stream), 0);
}

static void expect_same_rows(struct rows *csv, struct rows *json)
{
	qsort(csv->list, csv->count, sizeof *csv->list, compare_cells);
	qsort(json->list, json->count, sizeof *json->list, compare_cells);
	for (size_t i = 0; i < csv->count && i < json->count; i++)
		if (strcmp(csv->list[i], json->list[i]) != 0)
			fail_msg("the CSV has \"%s\", JSON \"%s\"", csv->list[i], json->list[i]);
	assert_int_equal(csv->count, json->count);
}

static void expect_every_row(const char *csv_path)
{
	struct rows csv = read_csv(csv_path), json = {0};
	struct run compiled = run(text("%s/ianareg compile -o %s/all.db %s", build_dir(), scratch_dir(), csv_path));

	assert_int_equal(compiled.status, 0);
	free_run(&compiled);
	qsort(csv.list, csv.count, sizeof *csv.list, compare_names);
	write_names(&csv, text("%s/names", scratch_dir()));
	look_up("ianareg --snapshot all.db --jsonl 0-65535", true, &json);
	look_up("ianareg --snapshot all.db --jsonl - <names", false, &json);
	assert_true(csv.count > 10000);
	expect_same_rows(&csv, &json);
	free_rows(&csv);
	free_rows(&json);
}

TEST(every_row_of_the_bundled_registry_is_in_json_as_in_the_csv)
{
	expect_every_row(BUNDLED_CSV);
}

TEST(every_row_of_the_published_registry_is_in_json_as_in_the_csv)
{
	if (!published_csv())
		skip();
	expect_every_row(published_csv());
}

TEST(answers_of_all_kinds_are_as_the_schema_says)
{
	struct run result = in_scratch("ianareg --json www 19195-65535 nobody 99999 '' airplay \"$(printf 'a\\377')\"");
	json_t *findings = load_line(result.out, strlen(result.out));

	assert_int_equal(json_array_size(findings), 7);
	assert_true(conforms(the_schema, findings));
	json_decref(findings);
	free_run(&result);
}

TEST(what_the_schema_does_not_describe_does_not_conform)
{
	static const char *const wrong[] = {
		"{}",
		"[{}]",
		"[null]",
		"[{\"key\": 1, \"found\": true, \"answer\": null, \"rows\": [], \"error\": null}]",
		"[{\"key\": \"\", \"found\": true, \"answer\": {}, \"rows\": [], \"error\": null}]",
		"[{\"key\": \"\", \"found\": true, \"answer\": null, \"rows\": [], \"error\": null, \"more\": 1}]",
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		json_t *value = load_line(wrong[i], strlen(wrong[i]));

		assert_false(conforms(the_schema, value));
		json_decref(value);
	}
}

TEST(json_and_json_lines_say_the_same)
{
	struct run array = in_scratch("ianareg --json www 19200 nobody");
	struct run lines = in_scratch("ianareg --jsonl www 19200 nobody");
	json_t *findings = load_line(array.out, strlen(array.out));
	const char *line = lines.out;

	for (size_t i = 0; i < 3; i++) {
		const char *end = strchr(line, '\n');
		json_t *finding = load_line(line, (size_t)(end - line));

		assert_true(json_equal(finding, json_array_get(findings, i)));
		json_decref(finding);
		line = end + 1;
	}
	assert_string_equal(line, "");
	json_decref(findings);
	free_run(&array);
	free_run(&lines);
}

TEST_PROGRAM(.set_up = load_schema, .tear_down = free_schema);
