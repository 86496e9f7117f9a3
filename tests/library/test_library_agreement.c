/* SPDX-License-Identifier: MIT */
/* libianareg and the tool over the whole registry: every entry, every row and every text of them. */
#include <stdlib.h>
#include <string.h>

#include <ianareg.h>

#include "tests/support/cli_tool.h"
#include "tests/support/module.h"

static struct ianareg *registry; /* the bundled one, which is also s.db for the tool */

static int open_registry(void **state)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);

	(void)state;
	assert_int_equal(ianareg_open(write_snapshot("s.db", compiled.bytes, compiled.size), &registry), IANAREG_OK);
	free_compiled(&compiled);
	return 0;
}

static int close_registry(void **state)
{
	(void)state;
	ianareg_close(registry);
	return 0;
}

static bool same_entry(const struct ianareg_entry *a, const struct ianareg_entry *b)
{
	return a->port == b->port && !strcmp(a->protocol, b->protocol) && !strcmp(a->name, b->name) &&
	       a->alias_count == b->alias_count;
}

TEST(every_entry_is_found_by_its_port_its_name_and_its_aliases)
{
	struct ianareg_entry entry, found;
	uint32_t position = 0, count = 0;

	for (; ianareg_next_entry(registry, &position, &entry) == IANAREG_OK; count++) {
		assert_int_equal(ianareg_by_port(registry, entry.port, entry.protocol, &found), IANAREG_OK);
		assert_true(same_entry(&entry, &found));
		assert_int_equal(ianareg_by_name(registry, entry.name, entry.protocol, &found), IANAREG_OK);
		assert_string_equal(found.protocol, entry.protocol);
		for (uint32_t i = 0; i < entry.alias_count; i++) {
			const char *alias = ianareg_entry_alias(&entry, i);

			assert_int_equal(ianareg_by_name(registry, alias, entry.protocol, &found), IANAREG_OK);
		}
	}
	assert_int_equal(count, ianareg_entry_count(registry));
	assert_true(count > 11000);
}

TEST(ports_without_an_entry_in_the_walk_are_not_found)
{
	struct ianareg_entry entry;
	uint32_t position = 0;
	unsigned port = 0;

	while (ianareg_next_entry(registry, &position, &entry) == IANAREG_OK) {
		const unsigned last = entry.port;

		for (; port < last; port++)
			assert_int_equal(ianareg_by_port(registry, port, NULL, &entry), IANAREG_NOT_FOUND);
		port = last + 1;
	}
	for (; port <= 70000; port++)
		assert_int_equal(ianareg_by_port(registry, port, NULL, &entry), IANAREG_NOT_FOUND);
}

/* ---- rows ---- */

static void assert_member(const json_t *row, const char *member, const char *value)
{
	const char *said = json_string_value(json_object_get(row, member));

	if (strcmp(said ? said : "", value) != 0)
		fail_msg("%s: the tool says \"%s\", the library \"%s\"", member, said ? said : "", value);
}

static void assert_aliases(const json_t *row, const struct ianareg_row *ours)
{
	const json_t *aliases = json_object_get(row, "aliases");

	assert_int_equal(json_array_size(aliases), ours->alias_count);
	for (uint32_t i = 0; i < ours->alias_count; i++)
		assert_string_equal(json_string_value(json_array_get(aliases, i)), ianareg_row_alias(ours, i));
}

/* Every member of the tool's object is a field here, and every field a member there. */
static void assert_row(const json_t *row, const struct ianareg_row *ours)
{
	assert_int_equal(json_object_size(row), 16);
	assert_member(row, "name", ours->name);
	assert_int_equal(ours->has_port, json_is_integer(json_object_get(row, "first_port")));
	assert_int_equal(json_integer_value(json_object_get(row, "first_port")), ours->first_port);
	assert_int_equal(json_integer_value(json_object_get(row, "last_port")), ours->last_port);
	assert_member(row, "protocol", ours->protocol);
	assert_member(row, "status", ianareg_row_status_text(ours->status));
	assert_aliases(row, ours);
	assert_member(row, "description", ours->description);
	assert_member(row, "assignee", ours->assignee);
	assert_member(row, "contact", ours->contact);
	assert_member(row, "registration_date", ours->registration_date);
	assert_member(row, "modification_date", ours->modification_date);
	assert_member(row, "reference", ours->reference);
	assert_member(row, "service_code", ours->service_code);
	assert_member(row, "unauthorized_use", ours->unauthorized_use);
	assert_member(row, "notes", ours->notes);
	assert_int_equal(json_is_true(json_object_get(row, "overlay")), ours->from_overlay);
}

TEST(rows_of_all_ports_are_the_tools)
{
	json_t *answer = json_of("ianareg lookup --json 0-65535", 0);
	const json_t *rows = json_object_get(json_array_get(answer, 0), "rows");
	struct ianareg_row row;
	uint32_t position = 0;
	size_t count = 0;

	for (; ianareg_next_row_of_ports(registry, 0, 65535, NULL, &position, &row) == IANAREG_OK; count++)
		assert_row(json_array_get(rows, count), &row);
	assert_int_equal(count, json_array_size(rows));
	assert_true(count > 13000);
	json_decref(answer);
}

/* Every name, once, as a line of a file. Rows of a name do not stand together. */
static void write_names(const char *path)
{
	FILE *stream = fopen(path, "w");
	struct ianareg_row row;

	assert_non_null(stream);
	for (uint32_t position = 0; ianareg_next_row(registry, &position, &row) == IANAREG_OK;)
		if (*row.name)
			fprintf(stream, "%s\n", row.name);
	assert_int_equal(fclose(stream), 0);
}

static void assert_rows_of_name(const json_t *answer, const char *name)
{
	const json_t *rows = json_object_get(answer, "rows");
	struct ianareg_row row;
	uint32_t position = 0;
	size_t count = 0;

	assert_string_equal(json_string_value(json_object_get(answer, "key")), name);
	for (; ianareg_next_row_of_name(registry, name, NULL, &position, &row) == IANAREG_OK; count++)
		assert_row(json_array_get(rows, count), &row);
	if (!count || count != json_array_size(rows))
		fail_msg("%s: %zu rows, not %zu", name, count, json_array_size(rows));
}

TEST(rows_of_every_name_are_the_tools)
{
	struct run lines;
	json_t *answers;
	size_t i;
	const json_t *answer;

	write_names(text("%s/all", scratch_dir()));
	lines = in_scratch("LC_ALL=C sort -u all >names; wc -l <names");
	answers = json_of("ianareg lookup --json - <names", 0);
	json_array_foreach(answers, i, answer)
		assert_rows_of_name(answer, json_string_value(json_object_get(answer, "key")));
	assert_int_equal(i, strtoul(lines.out, NULL, 10));
	assert_true(i > 6000);
	free_run(&lines);
	json_decref(answers);
}

/* Rows with a port and those with a name are compared above; this is of all there are. */
TEST(the_walk_of_all_rows_is_what_info_counts)
{
	json_t *info = json_of("ianareg info --json s.db", 0);
	const json_t *counts = json_object_get(info, "rows");
	unsigned by_status[IANAREG_DYNAMIC + 1] = {0};
	struct ianareg_row row;
	uint32_t position = 0;

	while (ianareg_next_row(registry, &position, &row) == IANAREG_OK)
		by_status[row.status]++;
	for (int i = IANAREG_ASSIGNED; i < IANAREG_DYNAMIC; i++) {
		const char *status = ianareg_row_status_text((enum ianareg_row_status)i);

		assert_int_equal(by_status[i], json_integer_value(json_object_get(counts, status)));
	}
	assert_int_equal(ianareg_row_count(registry), json_integer_value(json_object_get(counts, "total")));
	assert_int_equal(ianareg_entry_count(registry), json_integer_value(json_object_get(info, "entries")));
	assert_string_equal(ianareg_newest_date(registry), json_string_value(json_object_get(info, "newest_date")));
	json_decref(info);
}

TEST_PROGRAM(.set_up = open_registry, .tear_down = close_registry);
