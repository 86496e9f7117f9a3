/* SPDX-License-Identifier: MIT */
/* libianareg through its header: what it finds, what it refuses, and what it does under threads and without memory. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ianareg.h>

#include "snapshot/snapshot_file.h"
#include "tests/support/module.h"
#include "tests/support/private_machine.h"

#define OVERLAY "intranet 6000/tcp # the site's own\nhttp-alt 8081/udp\n"

static struct ianareg *registry; /* the small registry with OVERLAY */

static const char *snapshot_of(const char *name, const char *csv, const char *overlay)
{
	struct compiled compiled = compile_csv(csv, strlen(csv), overlay, NULL);

	if (compiled.status != OUTCOME_OK)
		fail_msg("%s", compiled.messages);

	const char *path = write_snapshot(name, compiled.bytes, compiled.size);

	free_compiled(&compiled);
	return path;
}

static struct ianareg *opened(const char *path)
{
	struct ianareg *handle = NULL;

	assert_int_equal(ianareg_open(path, &handle), IANAREG_OK);
	assert_non_null(handle);
	return handle;
}

static int open_small(void **state)
{
	(void)state;
	registry = opened(snapshot_of("small.db", SMALL_REGISTRY, OVERLAY));
	return 0;
}

static int close_small(void **state)
{
	(void)state;
	ianareg_close(registry);
	return 0;
}

/* ---- entries ---- */

/* "http 80/tcp www", or the status. */
static const char *answer_text(enum ianareg_status status, const struct ianareg_entry *entry)
{
	if (status != IANAREG_OK)
		return ianareg_status_text(status);

	const char *line = text("%s %u/%s", entry->name, entry->port, entry->protocol), *alias;

	for (uint32_t i = 0; (alias = ianareg_entry_alias(entry, i)); i++)
		line = text("%s %s", line, alias);
	return line;
}

static const char *by_port(unsigned port, const char *protocol)
{
	struct ianareg_entry entry;
	const enum ianareg_status status = ianareg_by_port(registry, port, protocol, &entry);

	return answer_text(status, &entry);
}

static const char *by_name(const char *name, const char *protocol)
{
	struct ianareg_entry entry;
	const enum ianareg_status status = ianareg_by_name(registry, name, protocol, &entry);

	return answer_text(status, &entry);
}

TEST(ports_find_their_entries)
{
	assert_string_equal(by_port(80, "tcp"), "http 80/tcp www");
	assert_string_equal(by_port(80, NULL), "http 80/tcp www");
	assert_string_equal(by_port(211, "tcp"), "914c-g 211/tcp 914c/g");
	assert_string_equal(by_port(6400, "udp"), "boe-cms 6400/udp");
	assert_string_equal(by_port(19220, NULL), "cora 19220/tcp");
	assert_string_equal(by_port(19220, "udp"), "cora-disc 19220/udp");
	assert_string_equal(by_port(6063, "tcp"), "x11 6063/tcp");
	assert_string_equal(by_port(6000, "tcp"), "intranet 6000/tcp");
}

TEST(ports_without_an_entry_are_not_found)
{
	static const struct {
		unsigned port;
		const char *protocol;
	} cases[] = {{80, "udp"}, {80, "sctp"},   {80, "TCP"},       {80, ""},      {80, "no such protocol"},
		     {0, "tcp"},  {24, "tcp"},    {585, NULL},       {6064, "tcp"}, {60000, NULL},
		     {65536, ""}, {65616, "tcp"}, {UINT32_MAX, NULL}};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(by_port(cases[i].port, cases[i].protocol), "not found");
}

TEST(names_and_aliases_find_their_entries_in_any_case)
{
	assert_string_equal(by_name("http", "tcp"), "http 80/tcp www");
	assert_string_equal(by_name("www", NULL), "http 80/tcp www");
	assert_string_equal(by_name("WWW", "tcp"), "http 80/tcp www");
	assert_string_equal(by_name("914c/g", "tcp"), "914c-g 211/tcp 914c/g");
	assert_string_equal(by_name("x11", "tcp"), "x11 6000/tcp");
	assert_string_equal(by_name("http-alt", "udp"), "http-alt 8081/udp");
}

TEST(names_without_an_entry_are_not_found)
{
	char long_name[1000];

	memset(long_name, 'a', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	assert_string_equal(by_name("", NULL), "not found");
	assert_string_equal(by_name("airplay", "tcp"), "not found"); /* it has no port */
	assert_string_equal(by_name("http", "udp"), "not found");
	assert_string_equal(by_name("http", "Tcp"), "not found");
	assert_string_equal(by_name(long_name, NULL), "not found");
	assert_string_equal(by_name("nosuch", NULL), "not found");
}

TEST(an_answer_that_is_not_there_leaves_everything_as_it_was)
{
	struct ianareg_entry entry, before;
	struct ianareg_row row, row_before;
	uint32_t position = 0;

	memset(&entry, 0x5a, sizeof entry);
	memset(&row, 0x5a, sizeof row);
	before = entry;
	row_before = row;
	errno = 77;
	assert_int_equal(ianareg_by_port(registry, 1, NULL, &entry), IANAREG_NOT_FOUND);
	assert_int_equal(ianareg_by_name(registry, "none", NULL, &entry), IANAREG_NOT_FOUND);
	assert_int_equal(ianareg_next_row_of_name(registry, "none", NULL, &position, &row), IANAREG_NOT_FOUND);
	position = 0;
	assert_int_equal(ianareg_next_row_of_ports(registry, 1, 1, NULL, &position, &row), IANAREG_NOT_FOUND);
	position = UINT32_MAX;
	assert_int_equal(ianareg_next_row(registry, &position, &row), IANAREG_NOT_FOUND);
	assert_int_equal(ianareg_next_entry(registry, &position, &entry), IANAREG_NOT_FOUND);
	assert_memory_equal(&entry, &before, sizeof entry);
	assert_memory_equal(&row, &row_before, sizeof row);
	assert_int_equal(errno, 77);
}

TEST(aliases_come_by_number_and_end)
{
	struct ianareg_entry entry;

	assert_int_equal(ianareg_by_name(registry, "www", NULL, &entry), IANAREG_OK);
	assert_int_equal(entry.alias_count, 1);
	assert_string_equal(entry.aliases, "www");
	assert_string_equal(ianareg_entry_alias(&entry, 0), "www");
	assert_null(ianareg_entry_alias(&entry, 1));
	assert_null(ianareg_entry_alias(&entry, UINT32_MAX));
	assert_int_equal(ianareg_by_name(registry, "cora", NULL, &entry), IANAREG_OK);
	assert_string_equal(entry.aliases, "");
	assert_null(ianareg_entry_alias(&entry, 0));
}

TEST(entries_come_by_port_then_protocol_and_end)
{
	struct ianareg_entry entry;
	uint32_t position = 0, count = 0;
	const char *some = "";

	while (ianareg_next_entry(registry, &position, &entry) == IANAREG_OK) {
		count++;
		if (entry.port < 6000 || entry.port > 6063)
			some = text("%s%s%u/%s", some, *some ? " " : "", entry.port, entry.protocol);
	}
	assert_string_equal(some, "80/tcp 211/tcp 591/tcp 6400/tcp 6400/udp 8080/tcp 8081/udp 19220/tcp 19220/udp");
	assert_int_equal(count, ianareg_entry_count(registry));
	assert_int_equal(ianareg_next_entry(registry, &position, &entry), IANAREG_NOT_FOUND);
}

/* ---- rows ---- */

static enum ianareg_status next_of_ports(unsigned first, unsigned last, const char *protocol, uint32_t *position,
					 struct ianareg_row *row)
{
	return ianareg_next_row_of_ports(registry, first, last, protocol, position, row);
}

static const char *row_text_of(const struct ianareg_row *row)
{
	const char *line = text("%s", *row->name ? row->name : ianareg_row_status_text(row->status));

	if (row->has_port)
		line = row->first_port == row->last_port ? text("%s %u", line, row->first_port)
							 : text("%s %u-%u", line, row->first_port, row->last_port);
	return text("%s/%s", line, row->protocol);
}

static const char *rows_of_ports(unsigned first, unsigned last, const char *protocol)
{
	const char *line = "";
	struct ianareg_row row;
	uint32_t position = 0;
	enum ianareg_status status;

	while ((status = next_of_ports(first, last, protocol, &position, &row)) == IANAREG_OK)
		line = text("%s%s%s", line, *line ? ", " : "", row_text_of(&row));
	assert_int_equal(status, IANAREG_NOT_FOUND);
	assert_int_equal(next_of_ports(first, last, protocol, &position, &row), IANAREG_NOT_FOUND);
	return line;
}

static const char *rows_of_name(const char *name, const char *protocol)
{
	const char *line = "";
	struct ianareg_row row;
	uint32_t position = 0;
	enum ianareg_status status;

	while ((status = ianareg_next_row_of_name(registry, name, protocol, &position, &row)) == IANAREG_OK)
		line = text("%s%s%s", line, *line ? ", " : "", row_text_of(&row));
	assert_int_equal(status, IANAREG_NOT_FOUND);
	return line;
}

TEST(a_row_says_all_that_the_registry_does)
{
	struct ianareg_row row;
	uint32_t position = 0;

	assert_int_equal(next_of_ports(19220, 19220, "tcp", &position, &row), IANAREG_OK);
	assert_string_equal(row.name, "cora");
	assert_string_equal(row.protocol, "tcp");
	assert_string_equal(row.description, "Client Connection Management");
	assert_string_equal(row.assignee, "[Softvise]");
	assert_string_equal(row.contact, "[Ronny_Kr\xc3\xbcger]");
	assert_string_equal(row.registration_date, "2016-11-10");
	assert_string_equal(row.modification_date, "");
	assert_string_equal(row.reference, "");
	assert_string_equal(row.service_code, "");
	assert_string_equal(row.unauthorized_use, "");
	assert_string_equal(row.notes, "");
	assert_int_equal(row.status, IANAREG_ASSIGNED);
	assert_int_equal(row.first_port, 19220);
	assert_int_equal(row.last_port, 19220);
	assert_true(row.has_port);
	assert_false(row.from_overlay);
	assert_null(ianareg_row_alias(&row, 0));
	position = 0;
	assert_int_equal(next_of_ports(80, 80, NULL, &position, &row), IANAREG_OK);
	assert_string_equal(row.modification_date, "2021-10-01");
	assert_string_equal(row.reference, "[RFC9110]");
	assert_string_equal(row.notes, "Defined TXT keys");
	assert_string_equal(ianareg_row_alias(&row, 0), "www");
	assert_null(ianareg_row_alias(&row, 1));
	position = 0;
	assert_int_equal(next_of_ports(6063, 6063, NULL, &position, &row), IANAREG_OK);
	assert_string_equal(row.unauthorized_use, "Known Unauthorized Use on port 6003");
}

TEST(reserved_words_are_zero)
{
	static const struct ianareg_entry no_entry;
	static const struct ianareg_row no_row;
	struct ianareg_entry entry;
	struct ianareg_row row;
	uint32_t position = 0;

	memset(&entry, 0x5a, sizeof entry);
	memset(&row, 0x5a, sizeof row);
	assert_int_equal(ianareg_by_port(registry, 80, NULL, &entry), IANAREG_OK);
	assert_int_equal(ianareg_next_row(registry, &position, &row), IANAREG_OK);
	assert_memory_equal(entry.reserved, no_entry.reserved, sizeof entry.reserved);
	assert_memory_equal(row.reserved, no_row.reserved, sizeof row.reserved);
	assert_int_equal(entry.reserved16 | row.reserved16, 0);
}

TEST(rows_of_ports_tell_of_ranges_and_of_ports_without_a_name)
{
	assert_string_equal(rows_of_ports(0, 0, NULL), "Reserved 0/tcp");
	assert_string_equal(rows_of_ports(24, 24, "tcp"), "Assigned without a name 24/tcp");
	assert_string_equal(rows_of_ports(585, 585, "dccp"), "De-registered 585/");
	assert_string_equal(rows_of_ports(19200, 19200, "udp"), "Unassigned 19195-19219/");
	assert_string_equal(rows_of_ports(6063, 6064, NULL), "x11 6000-6063/tcp");
	assert_string_equal(rows_of_ports(6400, 6400, "udp"), "boe-cms 6400/");
	assert_string_equal(rows_of_ports(6400, 6400, "sctp"), "");
	assert_string_equal(rows_of_ports(19219, 19220, "udp"), "Unassigned 19195-19219/, cora-disc 19220/udp");
	assert_string_equal(rows_of_ports(1, 20, NULL), "");
	assert_string_equal(rows_of_ports(80, 79, NULL), "");
}

TEST(a_row_of_an_overlay_says_so)
{
	struct ianareg_row row;
	uint32_t position = 0;
	unsigned own = 0;

	while (next_of_ports(6000, 6000, NULL, &position, &row) == IANAREG_OK) {
		assert_int_equal(row.from_overlay, strcmp(row.name, "intranet") == 0);
		own += row.from_overlay;
	}
	assert_int_equal(own, 1);
}

TEST(dynamic_ports_have_a_last_row_of_their_own)
{
	struct ianareg_row row;
	uint32_t position = 0;

	assert_string_equal(rows_of_ports(49151, 49151, NULL), "");
	assert_string_equal(rows_of_ports(49152, 49152, NULL), "Dynamic and/or Private 49152-65535/");
	assert_string_equal(rows_of_ports(19220, 70000, "udp"),
			    "cora-disc 19220/udp, Dynamic and/or Private 49152-65535/");
	assert_string_equal(rows_of_ports(65535, UINT32_MAX, NULL), "Dynamic and/or Private 49152-65535/");
	assert_string_equal(rows_of_ports(65536, UINT32_MAX, NULL), "");
	assert_int_equal(next_of_ports(50000, 50000, NULL, &position, &row), IANAREG_OK);
	assert_int_equal(row.status, IANAREG_DYNAMIC);
	assert_string_equal(row.reference, "[RFC6335]");
	assert_string_equal(row.aliases, "");
}

TEST(dynamic_ports_that_rows_cover_have_none)
{
	struct ianareg *small = registry;

	registry = opened(snapshot_of("dynamic.db",
				      CSV_HEAD "a,49152-50000,tcp,,,,,,,,,\nb,50001-50010,tcp,,,,,,,,,\n"
					       "c,50005,udp,,,,,,,,,\nd,50012,tcp,,,,,,,,,\n",
				      NULL));
	assert_string_equal(rows_of_ports(49999, 50002, NULL), "a 49152-50000/tcp, b 50001-50010/tcp");
	assert_string_equal(rows_of_ports(50005, 50005, "udp"), "c 50005/udp");
	assert_string_equal(rows_of_ports(50006, 50006, "udp"), "Dynamic and/or Private 49152-65535/");
	assert_string_equal(rows_of_ports(50011, 50012, "tcp"), "d 50012/tcp, Dynamic and/or Private 49152-65535/");
	ianareg_close(registry);
	registry = small;
}

TEST(rows_of_a_name_are_those_of_its_service_too)
{
	assert_string_equal(rows_of_name("www", NULL), "http 80/tcp, www 80/tcp");
	assert_string_equal(rows_of_name("http", NULL), "http 80/tcp");
	assert_string_equal(rows_of_name("AIRPLAY", NULL), "airplay/tcp");
	assert_string_equal(rows_of_name("http-alt", NULL), "http-alt 591/tcp, http-alt 8080/tcp, http-alt 8081/udp");
	assert_string_equal(rows_of_name("http-alt", "udp"), "http-alt 8081/udp");
	assert_string_equal(rows_of_name("boe-cms", "udp"), "boe-cms 6400/");
	assert_string_equal(rows_of_name("boe-cms", "dccp"), "");
	assert_string_equal(rows_of_name("", NULL), "");
	for (unsigned i = 0; i < 100; i++) /* before there is an index, and after */
		assert_string_equal(rows_of_name("nosuch", NULL), "");
	assert_string_equal(rows_of_name("www", NULL), "http 80/tcp, www 80/tcp");
	assert_string_equal(rows_of_name("Cora-Disc", "udp"), "cora-disc 19220/udp");
}

TEST(all_rows_come_in_order_and_end)
{
	struct ianareg_row row;
	uint32_t position = 0, count = 0;
	unsigned port = 0;

	for (; ianareg_next_row(registry, &position, &row) == IANAREG_OK; count++) {
		assert_true(!row.has_port || row.first_port >= port);
		port = row.has_port ? row.first_port : 65536;
	}
	assert_int_equal(port, 65536);
	assert_int_equal(count, ianareg_row_count(registry));
	assert_int_equal(count, 17);
	assert_string_equal(ianareg_newest_date(registry), "2024-12-20");
}

/* Positions come from the library, but what a caller hands in must not take it out of the file. */
TEST(any_position_is_safe)
{
	uint64_t seed = 11;
	struct ianareg_entry entry;
	struct ianareg_row row;

	for (unsigned i = 0; i < 20000; i++) {
		uint32_t random = next_random(&seed);
		uint32_t positions[5];

		random = i % 3 == 0 ? random : i % 3 == 1 ? random & 0xff0000ff : random % 20;
		for (unsigned p = 0; p < 5; p++)
			positions[p] = random;
		if (ianareg_next_entry(registry, &positions[0], &entry) == IANAREG_OK)
			assert_string_not_equal(by_port(entry.port, entry.protocol), "not found");
		if (ianareg_next_row(registry, &positions[1], &row) == IANAREG_OK)
			assert_true(random < ianareg_row_count(registry));
		if (next_of_ports(0, 65535, NULL, &positions[2], &row) == IANAREG_OK)
			assert_true(random < ianareg_row_count(registry) || row.status == IANAREG_DYNAMIC);
		if (ianareg_next_row_of_name(registry, "www", NULL, &positions[3], &row) == IANAREG_OK)
			assert_true(random < ianareg_row_count(registry));
	}
}

/* ---- files ---- */

static void assert_refused(const char *path, enum ianareg_status status, int error)
{
	struct ianareg *handle = registry;

	errno = 0;
	if (ianareg_open(path, &handle) != status || errno != error)
		fail_msg("%s: %s, not %s", path, strerror(errno), ianareg_status_text(status));
	assert_ptr_equal(handle, registry);
}

TEST(files_that_are_no_snapshot_are_refused_for_their_reason)
{
	struct compiled compiled = compile_clean(CSV_HEAD "http,80,tcp,,,,,,,,,\n");
	const unsigned descriptors = count_descriptors();
	const char *path;

	assert_refused("/nonexistent/ianareg.db", IANAREG_SYSTEM_ERROR, ENOENT);
	assert_refused("", IANAREG_SYSTEM_ERROR, ENOENT);
	assert_refused("/", IANAREG_NOT_REGULAR, EINVAL);
	assert_refused(write_snapshot("empty.db", "", 0), IANAREG_NOT_SNAPSHOT, EINVAL);
	assert_refused(write_snapshot("text.db", "http 80/tcp\n", 12), IANAREG_NOT_SNAPSHOT, EINVAL);
	assert_refused(write_snapshot("short.db", compiled.bytes, compiled.size - 1), IANAREG_DAMAGED, EINVAL);
	path = write_snapshot("writable.db", compiled.bytes, compiled.size);
	assert_int_equal(chmod(path, 0664), 0);
	assert_refused(path, IANAREG_WRITABLE, EINVAL);
	compiled.bytes[50] ^= 1;
	assert_refused(write_snapshot("header.db", compiled.bytes, compiled.size), IANAREG_DAMAGED, EINVAL);
	compiled.bytes[50] ^= 1;
	compiled.bytes[offsetof(struct disk_header, version)]++;
	assert_refused(write_snapshot("version.db", compiled.bytes, compiled.size), IANAREG_OTHER_FORMAT, EINVAL);
	assert_int_equal(count_descriptors(), descriptors);
	free_compiled(&compiled);
}

TEST(damage_is_found_and_ends_a_walk_of_rows_only)
{
	struct compiled compiled = compile_clean(CSV_HEAD "a,1,tcp,,,,,,,,,\nb,2,tcp,,,,,,,,,\nc,3,tcp,,,,,,,,,\n");
	const uint32_t rows_off = load32(compiled.snapshot.header->sections[SECTION_ROWS].section_off);
	struct disk_row *rows = (struct disk_row *)(void *)(compiled.bytes + rows_off);
	struct ianareg *handle = opened(write_snapshot("whole.db", compiled.bytes, compiled.size));
	struct ianareg_entry entry;
	struct ianareg_row row;
	uint32_t position = 0;

	assert_int_equal(ianareg_validate(handle), IANAREG_OK);
	ianareg_close(handle);
	rows[1].details_number = store32(UINT32_MAX);
	handle = opened(write_snapshot("damaged.db", compiled.bytes, compiled.size));
	assert_int_equal(ianareg_validate(handle), IANAREG_DAMAGED);
	assert_int_equal(ianareg_by_port(handle, 2, "tcp", &entry), IANAREG_OK);
	assert_string_equal(entry.name, "b");
	assert_int_equal(ianareg_next_row(handle, &position, &row), IANAREG_OK);
	assert_int_equal(ianareg_next_row(handle, &position, &row), IANAREG_DAMAGED);
	assert_int_equal(ianareg_next_row(handle, &position, &row), IANAREG_DAMAGED);
	position = 0;
	assert_int_equal(ianareg_next_row_of_ports(handle, 2, 2, NULL, &position, &row), IANAREG_DAMAGED);
	position = 0;
	assert_int_equal(ianareg_next_row_of_ports(handle, 3, 3, NULL, &position, &row), IANAREG_OK);
	position = 0;
	assert_int_equal(ianareg_next_row_of_name(handle, "b", NULL, &position, &row), IANAREG_DAMAGED);
	ianareg_close(handle);
	free_compiled(&compiled);
}

TEST(opening_and_closing_leaves_nothing)
{
	const unsigned descriptors = count_descriptors();
	struct ianareg_row row;

	for (unsigned i = 0; i < 50; i++) {
		struct ianareg *handle = opened(text("%s/small.db", scratch_dir()));
		uint32_t position = 0;

		assert_int_equal(ianareg_next_row_of_ports(handle, 80, 80, NULL, &position, &row), IANAREG_OK);
		errno = 77;
		ianareg_close(handle);
		assert_int_equal(errno, 77);
	}
	ianareg_close(NULL);
	assert_int_equal(count_descriptors(), descriptors);
}

/* ---- which file ---- */

TEST(the_environment_alone_names_the_file_where_it_does)
{
	const char *path = text("%s/small.db", scratch_dir());
	struct ianareg *handle;

	assert_int_equal(setenv("IANAREG_SNAPSHOT", path, 1), 0);
	assert_string_equal(ianareg_candidate(0), path);
	assert_null(ianareg_candidate(1));
	handle = opened(NULL);
	assert_string_equal(ianareg_path(handle), path);
	assert_int_equal(setenv("IANAREG_SNAPSHOT", "/nonexistent/it", 1), 0);
	assert_string_equal(ianareg_path(handle), path);
	assert_true(ianareg_is_current(handle)); /* it asks of the path that was opened */
	assert_refused(NULL, IANAREG_SYSTEM_ERROR, ENOENT);
	assert_int_equal(unsetenv("IANAREG_SNAPSHOT"), 0);
	assert_string_equal(ianareg_candidate(0), SITE_SNAPSHOT);
	assert_string_equal(ianareg_candidate(1), VENDOR_SNAPSHOT);
	assert_null(ianareg_candidate(2));
	assert_null(ianareg_candidate(UINT32_MAX));
	ianareg_close(handle);
}

TEST(a_handle_is_current_until_another_file_is_published)
{
	const char *path = text("%s/followed.db", scratch_dir());
	struct ianareg_entry entry;
	struct ianareg *handle, *next;

	snapshot_of("followed.db", CSV_HEAD "before,1,tcp,,,,,,,,,\n", NULL);
	handle = opened(path);
	errno = 77;
	assert_true(ianareg_is_current(handle));
	snapshot_of("next.db", CSV_HEAD "after,1,tcp,,,,,,,,,\n", NULL);
	assert_true(ianareg_is_current(handle));
	assert_int_equal(rename(text("%s/next.db", scratch_dir()), path), 0);
	assert_false(ianareg_is_current(handle));
	next = opened(path);
	assert_true(ianareg_is_current(next));
	assert_int_equal(ianareg_by_port(handle, 1, NULL, &entry), IANAREG_OK);
	assert_string_equal(entry.name, "before");
	ianareg_close(handle);
	assert_int_equal(ianareg_by_port(next, 1, NULL, &entry), IANAREG_OK);
	assert_string_equal(entry.name, "after");
	assert_int_equal(unlink(path), 0);
	errno = 77;
	assert_false(ianareg_is_current(next));
	assert_int_equal(errno, 77);
	ianareg_close(next);
}

static const char *directory_of(const char *path)
{
	return text("%.*s", (int)(strrchr(path, '/') - path), path);
}

/* Empty directories for both candidates, of this process's own; nothing is made on the machine's own file systems. */
static void clear_candidates(void)
{
	static const char *const paths[] = {SITE_SNAPSHOT, VENDOR_SNAPSHOT};

	must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	for (unsigned i = 0; i < 2; i++) {
		const char *directory = directory_of(paths[i]);

		must(mount("tmpfs", directory_of(directory), "tmpfs", 0, "mode=0755") == 0);
		must(mkdir(directory, 0755) == 0);
	}
}

static void put(const char *path, const struct compiled *compiled)
{
	const char *temporary = text("%s.new", path);
	FILE *stream = fopen(temporary, "w");

	must(stream && fwrite(compiled->bytes, 1, compiled->size, stream) == compiled->size && fclose(stream) == 0);
	must(chmod(temporary, 0644) == 0 && rename(temporary, path) == 0);
}

static struct ianareg *must_open(const char *path)
{
	struct ianareg *handle = NULL;

	must(ianareg_open(NULL, &handle) == IANAREG_OK);
	must(strcmp(ianareg_path(handle), path) == 0);
	must(ianareg_is_current(handle));
	return handle;
}

static void follow_candidates(const void *argument)
{
	const struct compiled *compiled = argument;
	struct ianareg *handle = NULL;

	clear_candidates();
	must(ianareg_open(NULL, &handle) == IANAREG_SYSTEM_ERROR && errno == ENOENT && !handle);
	put(VENDOR_SNAPSHOT, compiled);
	handle = must_open(VENDOR_SNAPSHOT);
	put(SITE_SNAPSHOT, compiled);
	must(!ianareg_is_current(handle));
	ianareg_close(handle);
	handle = must_open(SITE_SNAPSHOT);
	put(VENDOR_SNAPSHOT, compiled);
	must(ianareg_is_current(handle)); /* the site's comes first all the same */
	must(chmod(SITE_SNAPSHOT, 0666) == 0);
	must(!ianareg_is_current(handle));
	ianareg_close(handle);
	handle = must_open(VENDOR_SNAPSHOT); /* current though the site's file is there */
	must(unlink(SITE_SNAPSHOT) == 0);
	must(!ianareg_is_current(handle));
	ianareg_close(handle);
	must(chmod(VENDOR_SNAPSHOT, 0666) == 0);
	must(ianareg_open(NULL, &handle) == IANAREG_WRITABLE && errno == EINVAL);
}

TEST(without_a_path_the_candidates_are_tried_in_order)
{
	struct compiled compiled;

	need_private_machine();
	if (access(directory_of(directory_of(VENDOR_SNAPSHOT)), F_OK) != 0) {
		puts("note: this build's vendor directory has no parent here: the candidates of ianareg_open(): "
		     "skipped");
		skip();
	}
	compiled = compile_clean(CSV_HEAD "a,1,tcp,,,,,,,,,\n");
	in_child(follow_candidates, &compiled);
	free_compiled(&compiled);
}

/* ---- threads, memory, words ---- */

enum { THREAD_COUNT = 8, ROUNDS = 40 };

/* A sum of what all of 300 ports and names find, so that two threads' can be compared. */
static uint64_t sum_of_lookups(const struct ianareg *shared)
{
	struct ianareg_row row;
	uint64_t sum = 0;

	for (unsigned port = 0; port < 300; port++) {
		for (uint32_t at = 0;
		     ianareg_next_row_of_ports(shared, port * 37, port * 37 + 5, NULL, &at, &row) == IANAREG_OK;)
			sum = sum * 31 + at;
	}
	for (unsigned i = 0; i < ROUNDS; i++)
		for (uint32_t at = 0;
		     ianareg_next_row_of_name(shared, i % 2 ? "http-alt" : "domain", NULL, &at, &row) == IANAREG_OK;)
			sum = sum * 31 + at;
	return sum;
}

static pthread_barrier_t barrier;

static void *look_up(void *shared)
{
	uint64_t *sum = malloc(sizeof *sum);

	pthread_barrier_wait(&barrier);
	if (sum)
		*sum = sum_of_lookups(shared);
	return sum;
}

TEST(threads_share_a_handle_from_its_first_lookup_on)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	const char *path = write_snapshot("threads.db", compiled.bytes, compiled.size);
	struct ianareg *alone = opened(path);
	const uint64_t expected = sum_of_lookups(alone);

	assert_int_not_equal(expected, 0);
	assert_int_equal(pthread_barrier_init(&barrier, NULL, THREAD_COUNT), 0);
	for (unsigned round = 0; round < 5; round++) {
		struct ianareg *shared = opened(path);
		pthread_t threads[THREAD_COUNT];

		for (unsigned i = 0; i < THREAD_COUNT; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, look_up, shared), 0);
		for (unsigned i = 0; i < THREAD_COUNT; i++) {
			void *sum = NULL;

			assert_int_equal(pthread_join(threads[i], &sum), 0);
			assert_non_null(sum);
			assert_int_equal(*(uint64_t *)sum, expected);
			free(sum);
		}
		ianareg_close(shared);
	}
	pthread_barrier_destroy(&barrier);
	ianareg_close(alone);
	free_compiled(&compiled);
}

/* No further byte of memory, of whatever size. */
static void exhaust_memory(void)
{
	const struct rlimit none = {0, 0};

	must(setrlimit(RLIMIT_AS, &none) == 0);
	for (size_t size = 1 << 20; size; size /= 2)
		while (malloc(size))
			;
}

static void look_up_without_memory(const void *argument)
{
	const struct ianareg *const *handles = argument; /* alike; the first has its indexes */
	struct ianareg *handle = NULL;

	exhaust_memory();
	must(sum_of_lookups(handles[1]) == sum_of_lookups(handles[0]));
	must(ianareg_open(ianareg_path(handles[0]), &handle) == IANAREG_SYSTEM_ERROR && errno == ENOMEM && !handle);
}

TEST(without_memory_rows_are_the_same_and_opening_is_an_error)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	const char *path = write_snapshot("memory.db", compiled.bytes, compiled.size);
	struct ianareg *handles[2] = {opened(path), opened(path)};

	assert_int_not_equal(sum_of_lookups(handles[0]), 0);
	if (instrumented() || UNDER_TSAN)
		puts("note: a sanitizer or valgrind wants memory of its own: lookups without memory: skipped");
	else
		in_child(look_up_without_memory, handles);
	ianareg_close(handles[0]);
	ianareg_close(handles[1]);
	free_compiled(&compiled);
	if (instrumented() || UNDER_TSAN)
		skip();
}

TEST(every_status_has_a_sentence_of_its_own)
{
	for (int i = IANAREG_OK; i <= IANAREG_DAMAGED; i++)
		for (int j = IANAREG_OK; j <= IANAREG_DAMAGED + 1; j++)
			assert_int_equal(i == j, strcmp(ianareg_status_text((enum ianareg_status)i),
							ianareg_status_text((enum ianareg_status)j)) == 0);
	assert_non_null(ianareg_status_text((enum ianareg_status) - 1));
	for (int i = IANAREG_ASSIGNED; i <= IANAREG_DYNAMIC; i++)
		for (int j = IANAREG_ASSIGNED; j <= IANAREG_DYNAMIC + 1; j++)
			assert_int_equal(i == j, strcmp(ianareg_row_status_text((enum ianareg_row_status)i),
							ianareg_row_status_text((enum ianareg_row_status)j)) == 0);
	assert_string_equal(ianareg_row_status_text((enum ianareg_row_status) - 1), "Unknown");
}

TEST(the_version_is_the_same_in_the_header_the_library_and_the_build)
{
	const uint32_t number = ianareg_version_number();

	assert_int_equal(number, IANAREG_VERSION_NUMBER);
	assert_string_equal(ianareg_version(), IANAREG_VERSION);
	assert_string_equal(ianareg_version(), text("%u.%u.%u", number >> 16, number >> 8 & 0xff, number & 0xff));
}

TEST_PROGRAM(.set_up = open_small, .tear_down = close_small);
