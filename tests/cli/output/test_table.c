/* SPDX-License-Identifier: MIT */
/* Tables for a terminal: widths, wrapping, cutting, alignment. In a stream, where there are no colours. */
#include <stdlib.h>
#include <string.h>

#include "cli/output/table.h"
#include "tests/support/support.h"

static const struct table_column plain[] = {
	{.title = "Name"},
	{.title = "Port", .to_the_right = true},
	{.title = "Text", .min = 4},
};

/* The cells, three a row, NULL at their end, as a table of that width. */
static void expect_table(const struct table_column *columns, const char *const *cells, unsigned width,
			 const char *expected)
{
	struct table *table = table_new(columns, 3);
	char *printed;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	assert_non_null(stream);
	for (unsigned i = 0; cells[i]; i++) {
		if (i % 3 == 0)
			table_add_row(table);
		table_put(table, i % 3, cells[i], STYLE_PLAIN);
	}
	table_print(table, width, stream);
	table_free(table);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(printed, expected);
	free(printed);
}

#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(columns_are_as_wide_as_their_widest_cell)
{
	expect_table(plain, CELLS("http", "80", "web", "x", "8080", "a"), 80,
		     "Name  Port  Text\n"
		     "http    80  web\n"
		     "x     8080  a\n");
}

TEST(a_table_without_rows_prints_nothing)
{
	expect_table(plain, (const char *const[]){NULL}, 80, "");
}

TEST(a_column_that_is_empty_in_all_rows_is_left_out)
{
	expect_table(plain, CELLS("a", "", "b", "c", "", "d"), 80,
		     "Name  Text\n"
		     "a     b\n"
		     "c     d\n");
}

TEST(no_line_ends_in_blanks)
{
	expect_table(plain, CELLS("a", "1", "b", "c", "", "", "", "", "d"), 80,
		     "Name  Port  Text\n"
		     "a        1  b\n"
		     "c\n"
		     "            d\n");
}

TEST(a_long_cell_goes_on_in_the_next_line_of_its_column)
{
	expect_table(plain, CELLS("http", "80", "one two three four", "x", "1", "y"), 22,
		     "Name  Port  Text\n"
		     "http    80  one two\n"
		     "            three four\n"
		     "x        1  y\n");
}

TEST(a_word_longer_than_its_column_is_broken)
{
	expect_table(plain, CELLS("a", "1", "abcdefghij kl"), 16,
		     "Name  Port  Text\n"
		     "a        1  abcd\n"
		     "            efgh\n"
		     "            ij\n"
		     "            kl\n");
}

TEST(the_widest_column_is_narrowed_first_and_none_below_its_minimum)
{
	static const struct table_column columns[] = {
		{.title = "A", .min = 6}, {.title = "B", .min = 3}, {.title = "C"}};

	expect_table(columns, CELLS("aaa bbb", "ccc ddd eee", "f"), 13,
		     "A       B    C\n"
		     "aaa     ccc  f\n"
		     "bbb     ddd\n"
		     "        eee\n");
}

TEST(a_cut_cell_ends_in_an_ellipsis)
{
	static const struct table_column columns[] = {
		{.title = "A"}, {.title = "B", .min = 4, .excess = TABLE_CUT}, {.title = "C"}};

	expect_table(columns, CELLS("a", "one two three", "c", "b", "one", "d"), 14,
		     "A  B         C\n"
		     "a  one two…  c\n"
		     "b  one       d\n");
}

TEST(a_column_is_not_wider_than_its_maximum)
{
	static const struct table_column columns[] = {
		{.title = "A"}, {.title = "B", .max = 5, .excess = TABLE_CUT}, {.title = "C", .max = 5}};

	expect_table(columns, CELLS("a", "12345678", "one two"), 80,
		     "A  B      C\n"
		     "a  1234…  one\n"
		     "          two\n");
}

TEST(wide_and_combining_characters_are_counted_as_they_show)
{
	expect_table(plain, CELLS("日本", "1", "a", "e\xcc\x81", "2", "b", "Krüger", "3", "c"), 80,
		     "Name    Port  Text\n"
		     "日本       1  a\n"
		     "e\xcc\x81          2  b\n"
		     "Krüger     3  c\n");
}

TEST(a_wide_character_is_never_split_and_never_stops_a_table)
{
	static const struct table_column columns[] = {{.title = "A"}, {.title = "B"}, {.title = "C"}};

	expect_table(columns, CELLS("日本", "", ""), 3,
		     "A\n"
		     "日\n"
		     "本\n");
	expect_table(columns, CELLS("日本", "", ""), 1,
		     "A\n"
		     "日\n"
		     "本\n");
}

TEST(white_space_is_one_blank_and_control_bytes_are_escaped)
{
	expect_table(plain, CELLS("a \n\t b", "1", "\x1b[31m\xff"), 80,
		     "Name  Port  Text\n"
		     "a b      1  \\x1b[31m\\xff\n");
}

TEST(a_blank_at_the_edge_of_a_column_makes_no_empty_line)
{
	expect_table(plain, CELLS("a", "1", "abcd   ", "b", "2", "  ab"), 16,
		     "Name  Port  Text\n"
		     "a        1  abcd\n"
		     "b        2  ab\n");
}

TEST(parts_of_a_cell_stand_side_by_side)
{
	struct table *table = table_new(plain, 3);
	char *printed;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	assert_non_null(stream);
	table_add_row(table);
	table_put_part(table, 0, "http-xyz", 5, STYLE_MATCH);
	table_put(table, 0, "alt", STYLE_PLAIN);
	table_print(table, 80, stream);
	table_free(table);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(printed, "Name\nhttp-alt\n");
	free(printed);
}

TEST(a_table_too_wide_even_at_its_minima_is_printed_all_the_same)
{
	expect_table(plain, CELLS("ab", "1", "abcdef"), 1,
		     "N  P  Text\n"
		     "a  o\n"
		     "m  r\n"
		     "e  t\n"
		     "a  1  abcd\n"
		     "b     ef\n");
}
