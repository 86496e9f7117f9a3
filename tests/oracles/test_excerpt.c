/* SPDX-License-Identifier: MIT */
/*
 * An excerpt of IANA's plain-text page, which is older than the registry as published: all of it comes back from lookup,
 * and what changed in between is named. Neither file is part of the project.
 */
#include <stdlib.h>
#include <unistd.h>

#include "tests/oracles/excerpt.h"
#include "tests/support/cli_tool.h"

static struct rows page, published;
static char page_date[11];

static const char *excerpt_path(void)
{
	const char *path = getenv("IANAREG_EXCERPT");

	if (!path)
		path = "../shared/registry/iana-excerpt-2025-10-22.txt";
	return access(path, R_OK) == 0 ? path : NULL;
}

static int read_both(void **state)
{
	char *bytes;
	size_t size;

	(void)state;
	if (!excerpt_path() || !published_csv()) {
		puts("note: the excerpt or the published registry is not here: what needs them is skipped");
		return 0;
	}
	bytes = read_file(excerpt_path(), NULL);
	page = read_excerpt(bytes, page_date);
	free(bytes);
	bytes = read_file(published_csv(), &size);
	published = read_published(bytes);
	write_file(text("%s/r.csv", scratch_dir()), bytes, size);
	free(bytes);
	expect("ianareg compile -o s.db r.csv", 0, "", NULL);
	return 0;
}

static int free_both(void **state)
{
	(void)state;
	free_rows(&page);
	free_rows(&published);
	return 0;
}

static struct rows look_up(const char *key)
{
	struct run result = in_scratch(text("ianareg lookup %s", key));
	struct rows rows = read_lookup(result.out);

	free_run(&result);
	return rows;
}

static const char *port_key(const struct row *row)
{
	const char *protocol = row->cells[CELL_PROTOCOL];

	return text("%s%s%s", row->cells[CELL_PORTS], *protocol ? "/" : "", protocol);
}

static const char *text_key(const struct row *row)
{
	return text("%s/%s", row->cells[CELL_NAME], row->cells[CELL_PROTOCOL]);
}

/* The row as lookup has to show it: as the page has it or, if the registry changed it, as that has. NULL if it is gone. */
static const struct row *today(const struct row *row)
{
	return find_same(&published, row) ? row : find_counterpart(&published, row);
}

/* What lookup calls the row's status. */
static const char *status_of(const struct row *row)
{
	return *row->cells[CELL_NAME] ? "Assigned" : row->cells[CELL_DESCRIPTION];
}

static void note_change(const struct row *row)
{
	static const char *const names[CELL_COUNT] = {
		[CELL_DESCRIPTION] = "description",
		[CELL_ASSIGNEE] = "assignee",
		[CELL_CONTACT] = "contact",
		[CELL_REGISTERED] = "registration date",
		[CELL_MODIFIED] = "modification date",
		[CELL_REFERENCE] = "reference",
		[CELL_SERVICE_CODE] = "service code",
		[CELL_UNAUTHORIZED] = "unauthorised use",
		[CELL_NOTES] = "notes",
	};
	const struct row *now = find_counterpart(&published, row);

	if (!now)
		printf("note: %s %s: gone since %s\n", row->cells[CELL_NAME], port_key(row), page_date);
	for (enum cell cell = CELL_DESCRIPTION; now && cell < CELL_COUNT; cell++)
		if (strcmp(row->cells[cell], now->cells[cell]) != 0)
			printf("note: %s %s: the page of %s has another %s than the registry, \"%s\"\n",
			       row->cells[CELL_NAME], port_key(row), page_date, names[cell], now->cells[cell]);
}

/* Lookup of the key shows the row, or says something else for a reason that is found in the published registry. */
static void expect_row(const char *key, const struct row *row, bool tell)
{
	struct rows shown = look_up(key);
	const struct row *same = find_same(&shown, row);
	const char *fault = same ? NULL : unexplained(row, page_date, &published, &shown);

	if (fault)
		fail_msg("%s: %s", key, fault);
	if (same)
		assert_string_equal(same->status, status_of(row));
	else if (tell)
		note_change(row);
	free_rows(&shown);
}

TEST(every_row_of_the_page_comes_back_by_its_ports)
{
	if (!page.count)
		skip();
	for (size_t i = 0; i < page.count; i++)
		expect_row(port_key(&page.rows[i]), &page.rows[i], true);
}

TEST(every_range_of_the_page_comes_back_by_its_first_and_its_last_port)
{
	unsigned first, last;

	if (!page.count)
		skip();
	for (size_t i = 0; i < page.count; i++) {
		ports_of(&page.rows[i], &first, &last);
		if (first == last || !today(&page.rows[i]))
			continue;
		expect_row(text("%u", first), &page.rows[i], false);
		expect_row(text("%u", last), &page.rows[i], false);
	}
}

TEST(every_name_of_the_page_finds_its_row)
{
	if (!page.count)
		skip();
	for (size_t i = 0; i < page.count; i++) {
		const struct row *row = today(&page.rows[i]);

		if (!row || !*row->cells[CELL_NAME])
			continue;

		struct rows shown = look_up(text_key(row));

		if (!find_same(&shown, row))
			fail_msg("%s does not find its row", text_key(row));
		free_rows(&shown);
	}
}

/* The name that a row says it is an alias to; "" if it is none. */
static const char *alias_target(const struct row *row)
{
	static const char remark[] = "This entry is an alias to \"";
	const char *found = strstr(row->cells[CELL_NOTES], remark);

	return found ? text("%.*s", (int)strcspn(found + strlen(remark), "\""), found + strlen(remark)) : "";
}

static void expect_service_of_alias(const struct row *alias)
{
	struct rows shown = look_up(text_key(alias));
	bool found = false;

	for (size_t i = 0; i < shown.count; i++)
		found |= strcmp(shown.rows[i].cells[CELL_NAME], alias_target(alias)) == 0 &&
			 strcmp(shown.rows[i].aliases, alias->cells[CELL_NAME]) == 0 &&
			 rows_meet(&shown.rows[i], alias);
	if (!found)
		fail_msg("%s is not shown as an alias of %s", text_key(alias), alias_target(alias));
	free_rows(&shown);
}

TEST(every_alias_of_the_page_finds_its_service)
{
	if (!page.count)
		skip();
	for (size_t i = 0; i < page.count; i++)
		if (*alias_target(&page.rows[i]) && today(&page.rows[i]))
			expect_service_of_alias(&page.rows[i]);
}

TEST(the_page_has_rows_of_every_kind)
{
	size_t services = 0, aliases = 0, reserved = 0, unassigned = 0, in_use = 0, changed = 0;

	if (!page.count)
		skip();
	for (size_t i = 0; i < page.count; i++) {
		const struct row *row = &page.rows[i];

		aliases += *alias_target(row) != '\0';
		services += *row->cells[CELL_NAME] && !*alias_target(row);
		reserved += strcmp(row->cells[CELL_DESCRIPTION], "Reserved") == 0;
		unassigned += strcmp(row->cells[CELL_DESCRIPTION], "Unassigned") == 0;
		in_use += *row->cells[CELL_UNAUTHORIZED] != '\0';
		changed += !find_same(&published, row);
	}
	printf("note: the page of %s: %zu services, %zu aliases, %zu reserved, %zu unassigned, %zu with unauthorised "
	       "use; "
	       "%zu changed since\n",
	       page_date, services, aliases, reserved, unassigned, in_use, changed);
	assert_true(services && aliases && reserved && unassigned && in_use);
	assert_int_equal(services + aliases + reserved + unassigned, page.count);
}

/* The test of the tests: what must not pass for a change of the registry */

#define PAGE_HEAD "x\nLast Updated\n2025-10-22\nService Name Port Number Transport Protocol Description\n"
#define PAGE_FOOT "\nContact Information\n"

static void expect_unexplained(const char *record, const char *csv, const char *shown_line, const char *fault)
{
	char date[11];
	struct rows old = read_excerpt(text(PAGE_HEAD "%s" PAGE_FOOT, record), date);
	struct rows now = read_published(text(CSV_HEAD "%s", csv)), shown = read_lookup(shown_line);
	const char *said = unexplained(&old.rows[0], date, &now, &shown);

	if (fault)
		assert_string_equal(said ? said : "", fault);
	else
		assert_null(said);
	free_rows(&old);
	free_rows(&now);
	free_rows(&shown);
}

TEST(a_difference_of_lookup_alone_is_unexplained)
{
	expect_unexplained("a 1 tcp Old [A] [A]", "a,1,tcp,Old,[A],[A],,,,,,\n",
			   "a\t1\ttcp\tAssigned\t\tNew\t[A]\t[A]\t\t\t\t\t\t\tregistry\n",
			   "the published registry says what the page does, and lookup does not");
}

TEST(a_change_that_lookup_does_not_show_is_unexplained)
{
	expect_unexplained("a 1 tcp Old [A] [A]", "a,1,tcp,New,[A],[A],,,,,,\n",
			   "a\t1\ttcp\tAssigned\t\tOther\t[A]\t[A]\t\t\t\t\t\t\tregistry\n",
			   "lookup does not show what the published registry has there");
	expect_unexplained("a 1 tcp Old [A] [A]", "a,1,tcp,New,[A],[A],,,,,,\n", "",
			   "lookup does not show what the published registry has there");
}

TEST(what_only_lookup_has_is_unexplained)
{
	expect_unexplained("a 1 tcp Old [A] [A]", "a,1,tcp,New,[A],[A],,,,,,\n",
			   "a\t1\ttcp\tAssigned\t\tNew\t[A]\t[A]"
			   "\t\t\t\t\t\t\tregistry\nb\t1\ttcp\tAssigned\t\tB\t\t\t\t\t\t\t\t\tregistry\n",
			   "lookup shows what the published registry does not have");
}

TEST(a_row_that_is_gone_without_a_younger_one_is_unexplained)
{
	expect_unexplained("1-9 Unassigned", "a,5,tcp,New,[A],[A],2025-10-21,,,,,\n",
			   "a\t5\ttcp\tAssigned\t\tNew\t[A]\t[A]\t2025-10-21\t\t\t\t\t\tregistry\n",
			   "the row is gone, and nothing in its place is younger than the page");
	expect_unexplained("1-9 Unassigned", "", "",
			   "the row is gone, and nothing in its place is younger than the page");
}

TEST(a_change_that_the_registry_and_lookup_show_is_explained)
{
	expect_unexplained("a 1 tcp Old [A] [A]", "a,1,tcp,New,[A],[A],,,,,,\n",
			   "a\t1\ttcp\tAssigned\t\tNew\t[A]\t[A]\t\t\t\t\t\t\tregistry\n", NULL);
	expect_unexplained("1-9 Unassigned", "a,5,tcp,New,[A],[A],2025-11-02,,,,,\n",
			   "a\t5\ttcp\tAssigned\t\tNew\t[A]\t[A]\t2025-11-02\t\t\t\t\t\tregistry\n", NULL);
}

TEST_PROGRAM(.set_up = read_both, .tear_down = free_both);
