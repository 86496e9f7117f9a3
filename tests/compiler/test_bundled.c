/* SPDX-License-Identifier: MIT */
/* The bundled facts against the registry as published: the same answers for every key. */
#include <stdlib.h>
#include <string.h>

#include "snapshot/rows.h"
#include "tests/support/support.h"

static struct compiled bundled, published;

static int compile_both(void **state)
{
	(void)state;
	bundled = compile_file(BUNDLED_CSV);
	if (published_csv())
		published = compile_file(published_csv());
	else
		puts("note: the published registry is not here: what needs it is skipped");
	return 0;
}

static int free_both(void **state)
{
	(void)state;
	free_compiled(&bundled);
	free_compiled(&published);
	return 0;
}

static void need_published(void)
{
	if (!published.bytes)
		skip();
}

static const char *protocol_asked(unsigned i)
{
	static const char *const protocols[] = {NULL, "tcp", "udp", "sctp", "dccp"};

	return protocols[i];
}

static void assert_same(enum snapshot_status a_status, const struct snapshot_entry *a, enum snapshot_status b_status,
			const struct snapshot_entry *b)
{
	assert_int_equal(a_status, b_status);
	if (a_status != SNAPSHOT_OK)
		return;
	assert_int_equal(a->port, b->port);
	assert_string_equal(a->protocol, b->protocol);
	assert_int_equal(a->names_size, b->names_size);
	assert_memory_equal(a->names, b->names, a->names_size);
}

TEST(every_port_with_every_protocol_has_the_same_answer)
{
	struct snapshot_entry a, b;

	need_published();
	for (uint32_t port = 0; port <= PORT_MAX; port++)
		for (unsigned i = 0; i < 5; i++)
			assert_same(snapshot_find_port(&bundled.snapshot, port, protocol_asked(i), &a), &a,
				    snapshot_find_port(&published.snapshot, port, protocol_asked(i), &b), &b);
}

static void ask_both_for_names_of(const struct snapshot_entry *entry)
{
	const char *name = entry->names;
	struct snapshot_entry a, b;

	for (uint32_t i = 0; i <= entry->alias_count; i++, name += strlen(name) + 1)
		for (unsigned p = 0; p < 5; p++)
			assert_same(snapshot_find_name(&bundled.snapshot, name, protocol_asked(p), &a), &a,
				    snapshot_find_name(&published.snapshot, name, protocol_asked(p), &b), &b);
}

TEST(every_name_and_alias_with_every_protocol_has_the_same_answer)
{
	struct snapshot *const both[] = {&bundled.snapshot, &published.snapshot};

	need_published();
	for (unsigned i = 0; i < 2; i++) {
		struct snapshot_position position = {0};
		struct snapshot_entry entry;

		for (; snapshot_at(both[i], &position, &entry) == SNAPSHOT_OK; snapshot_step(&position))
			ask_both_for_names_of(&entry);
	}
}

TEST(both_enumerate_the_same_entries)
{
	struct snapshot_position p = {0}, q = {0};
	enum snapshot_status status;

	need_published();
	do {
		struct snapshot_entry a, b;

		status = snapshot_at(&bundled.snapshot, &p, &a);
		assert_same(status, &a, snapshot_at(&published.snapshot, &q, &b), &b);
		snapshot_step(&p);
		snapshot_step(&q);
	} while (status == SNAPSHOT_OK);
}

TEST(no_row_is_left_out)
{
	need_published();
	assert_int_equal(snapshot_row_count(&bundled.snapshot), snapshot_row_count(&published.snapshot));
}

TEST(names_ports_dates_and_holders_of_every_row_are_kept)
{
	static const enum row_text kept[] = {TEXT_ASSIGNEE,          TEXT_CONTACT,      TEXT_REGISTRATION_DATE,
					     TEXT_MODIFICATION_DATE, TEXT_SERVICE_CODE, TEXT_UNAUTHORIZED_USE};

	need_published();
	for (uint32_t i = 0; i < snapshot_row_count(&published.snapshot); i++) {
		struct snapshot_row a, b;

		assert_int_equal(snapshot_row(&bundled.snapshot, i, &a), SNAPSHOT_OK);
		assert_int_equal(snapshot_row(&published.snapshot, i, &b), SNAPSHOT_OK);
		assert_string_equal(a.name, b.name);
		assert_string_equal(a.protocol, b.protocol);
		assert_int_equal(a.has_port, b.has_port);
		assert_int_equal(a.first_port, b.first_port);
		assert_int_equal(a.last_port, b.last_port);
		for (unsigned k = 0; k < sizeof kept / sizeof *kept; k++)
			assert_string_equal(a.text[kept[k]], b.text[kept[k]]);
	}
}

TEST(the_bundled_facts_hold_no_line_of_prose)
{
	for (uint32_t i = 0; i < snapshot_row_count(&bundled.snapshot); i++) {
		struct snapshot_row row;

		assert_int_equal(snapshot_row(&bundled.snapshot, i, &row), SNAPSHOT_OK);
		assert_true(strlen(row.text[TEXT_NOTES]) < 64);
		assert_true(strlen(row.text[TEXT_REFERENCE]) < 128);
		for (unsigned t = 0; t < TEXT_COUNT; t++)
			assert_null(strchr(row.text[t], '\n'));
	}
}

TEST(the_bundled_picture_is_what_the_tool_draws_of_the_bundled_registry)
{
	struct run drawn = run(text("'%s/ianareg' map --snapshot '%s/ianareg.db' --svg -", build_dir(), build_dir()));
	char *kept = read_file("data/ports.svg", NULL);

	assert_int_equal(drawn.status, 0);
	assert_string_equal(drawn.out, kept);
	free(kept);
	free_run(&drawn);
}

TEST_PROGRAM(.set_up = compile_both, .tear_down = free_both);
