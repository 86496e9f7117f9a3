/* SPDX-License-Identifier: MIT */
/* Rows by port and by name: the same that a walk over all of them finds, for every port and every name. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "query/row_index.h"
#include "tests/support/support.h"

static struct row_index index_of(const struct snapshot *snapshot)
{
	struct row_index index = {.snapshot = snapshot};
	uint32_t bad_row;

	assert_int_equal(index_ports(&index, &bad_row), SNAPSHOT_OK);
	assert_int_equal(index_names(&index, &bad_row), SNAPSHOT_OK);
	return index;
}

struct all_rows {
	struct snapshot_row *rows;
	uint32_t count;
};

static struct all_rows read_rows(const struct snapshot *snapshot)
{
	struct all_rows all = {.count = snapshot_row_count(snapshot)};

	all.rows = calloc(all.count + 1, sizeof *all.rows);
	assert_non_null(all.rows);
	for (uint32_t i = 0; i < all.count; i++)
		assert_int_equal(snapshot_row(snapshot, i, &all.rows[i]), SNAPSHOT_OK);
	return all;
}

static void expect_rows_at(const struct row_index *index, const struct all_rows *all, uint16_t first, uint16_t last)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < all->count; i++) {
		const struct snapshot_row *row = &all->rows[i];

		if (!row->has_port || row->first_port > last || row->last_port < first)
			continue;
		found = row_at_ports(index, first, last, found);
		if (found != i)
			fail_msg("%u-%u: row %u, not %u", first, last, found, i);
		found++;
	}
	assert_int_equal(row_at_ports(index, first, last, found), NO_ROW_LEFT);
}

/* Row by row each port of it: after the last row, what is left of a port's rows must be nothing. */
static void expect_rows_at_each_port(const struct row_index *index, const struct all_rows *all)
{
	uint32_t *next = calloc(PORT_MAX + 1, sizeof *next);

	assert_non_null(next);
	for (uint32_t i = 0; i < all->count; i++)
		for (uint32_t port = all->rows[i].first_port; all->rows[i].has_port && port <= all->rows[i].last_port;
		     port++) {
			const uint32_t found = row_at_ports(index, (uint16_t)port, (uint16_t)port, next[port]);

			if (found != i)
				fail_msg("%u: row %u, not %u", port, found, i);
			next[port] = i + 1;
		}
	for (uint32_t port = 0; port <= PORT_MAX; port++)
		assert_int_equal(row_at_ports(index, (uint16_t)port, (uint16_t)port, next[port]), NO_ROW_LEFT);
	free(next);
}

static const struct all_rows *sorted; /* qsort() hands no more to its function than two items */

static int compare_rows(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	const int by_name = strcasecmp(sorted->rows[left].name, sorted->rows[right].name);

	return by_name ? by_name : (left > right) - (left < right);
}

static void expect_rows_of_each_name(const struct row_index *index, const struct all_rows *all)
{
	uint32_t *order = calloc(all->count + 1, sizeof *order), found = NO_ROW_LEFT;
	const char *name = "";

	assert_non_null(order);
	for (uint32_t i = 0; i < all->count; i++)
		order[i] = i;
	sorted = all;
	qsort(order, all->count, sizeof *order, compare_rows);
	for (uint32_t i = 0; i < all->count; i++) {
		const char *before = name;

		name = all->rows[order[i]].name;
		if (strcasecmp(name, before) != 0) {
			assert_int_equal(found, NO_ROW_LEFT);
			found = first_row_named(index, name);
		}
		if (*name && found != order[i])
			fail_msg("%s: row %u, not %u", name, found, order[i]);
		found = *name ? next_row_named(index, name, found) : NO_ROW_LEFT;
	}
	assert_int_equal(found, NO_ROW_LEFT);
	free(order);
}

static void expect_same_everywhere(const struct snapshot *snapshot)
{
	struct row_index index = index_of(snapshot);
	struct all_rows all = read_rows(snapshot);
	uint64_t seed = 4;
	uint32_t bad_row;

	expect_rows_at_each_port(&index, &all);
	expect_rows_of_each_name(&index, &all);
	assert_null(index.heads);
	assert_int_equal(index_names(&index, &bad_row), SNAPSHOT_OK); /* asked again, there is a table */
	assert_non_null(index.heads);
	expect_rows_of_each_name(&index, &all);
	for (unsigned i = 0; i < 50; i++) {
		const uint16_t a = (uint16_t)next_random(&seed), b = (uint16_t)next_random(&seed);

		expect_rows_at(&index, &all, a < b ? a : b, a < b ? b : a);
	}
	expect_rows_at(&index, &all, 0, PORT_MAX);
	free(all.rows);
	row_index_free(&index);
}

TEST(every_port_and_name_of_the_bundled_registry_has_the_rows_of_a_walk)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);

	expect_same_everywhere(&compiled.snapshot);
	free_compiled(&compiled);
}

TEST(every_port_and_name_of_the_published_registry_has_the_rows_of_a_walk)
{
	if (!published_csv())
		skip();

	struct compiled compiled = compile_file(published_csv());

	expect_same_everywhere(&compiled.snapshot);
	free_compiled(&compiled);
}

/* Ranges over ranges, the widest first and last, and more rows than a block has. */
TEST(wide_ranges_before_a_port_are_met)
{
	char *csv = NULL;
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	assert_non_null(stream);
	fputs(CSV_HEAD ",0-65535,,Reserved,,,,,,,,\n,5-60000,,Unassigned,,,,,,,,\n", stream);
	for (unsigned i = 10; i < 500; i++)
		fprintf(stream, ",%u-%u,tcp,Reserved,,,,,,,,\nname%u,%u,udp,,,,,,,,,\n", i, i + i % 97 * 10, i % 7, i);
	fputs(",65535,,Reserved,,,,,,,,\nNAME3,,tcp,,,,,,,,,\n", stream);
	assert_int_equal(fclose(stream), 0);

	struct compiled compiled = compile_csv(csv, size, NULL, NULL);

	assert_int_equal(compiled.status, OUTCOME_OK);
	expect_same_everywhere(&compiled.snapshot);
	free_compiled(&compiled);
	free(csv);
}

TEST(a_registry_without_rows_has_none)
{
	struct compiled compiled = compile_clean(CSV_HEAD);
	struct row_index index = index_of(&compiled.snapshot);

	assert_int_equal(row_at_ports(&index, 0, PORT_MAX, 0), NO_ROW_LEFT);
	assert_int_equal(first_row_named(&index, "http"), NO_ROW_LEFT);
	row_index_free(&index);
	free_compiled(&compiled);
}

TEST(names_are_the_same_but_for_case_of_ascii)
{
	assert_true(same_name("Whois++", "wHOIS++"));
	assert_false(same_name("http", "https"));
	assert_false(same_name("\xc3\x84", "\xc3\xa4"));
}

static struct disk_row *disk_rows(struct compiled *compiled)
{
	return (struct disk_row *)(void *)(compiled->bytes +
					   load32(compiled->snapshot.header->sections[SECTION_ROWS].section_off));
}

static void expect_bad_row(struct compiled *compiled, bool by_name, uint32_t number)
{
	struct row_index index = {.snapshot = &compiled->snapshot};
	uint32_t bad_row = 0;

	if (by_name)
		assert_int_equal(index_names(&index, &bad_row), SNAPSHOT_OK); /* a walk does not find it */
	assert_int_equal((by_name ? index_names : index_ports)(&index, &bad_row), SNAPSHOT_BAD_ROW);
	assert_int_equal(bad_row, number);
	row_index_free(&index);
	free_compiled(compiled);
}

#define THREE_ROWS CSV_HEAD "a,1,tcp,,,,,,,,,\nb,2,tcp,,,,,,,,,\nc,3,tcp,,,,,,,,,\n"

TEST(rows_out_of_order_are_refused)
{
	struct compiled compiled = compile_clean(THREE_ROWS);

	disk_rows(&compiled)[1].first_port = disk_rows(&compiled)[1].last_port = store16(0);
	expect_bad_row(&compiled, false, 1);
}

TEST(a_range_that_ends_before_it_begins_is_refused)
{
	struct compiled compiled = compile_clean(THREE_ROWS);

	disk_rows(&compiled)[2].last_port = store16(2);
	expect_bad_row(&compiled, false, 2);
}

TEST(a_name_outside_the_strings_is_refused)
{
	struct compiled compiled = compile_clean(THREE_ROWS);

	disk_rows(&compiled)[1].name_off = store32(0xfffffff0);
	expect_bad_row(&compiled, true, 1);
}
