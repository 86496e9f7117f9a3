/* SPDX-License-Identifier: MIT */
/* libianareg through its header: what it finds and what it says. */
#include <errno.h>
#include <string.h>

#include <ianareg.h>

#include "tests/library/library.h"

#define OVERLAY "intranet 6000/tcp # the site's own\nhttp-alt 8081/udp\n"

static struct ianareg *registry; /* the small registry with OVERLAY */

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

/* ---- words ---- */

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
