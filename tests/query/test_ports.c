/* SPDX-License-Identifier: MIT */
/* What the registry makes of every port with every protocol, against a naive reading of every row; and picks. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "query/port_mentions.h"
#include "query/port_suggest.h"
#include "query/ports.h"
#include "tests/support/support.h"

enum { DYNAMIC_START = 49152 };

static struct ports *read_ports(const struct snapshot *snapshot)
{
	struct ports *ports;
	uint32_t bad_row;

	assert_int_equal(ports_read(snapshot, &ports, &bad_row), SNAPSHOT_OK);
	return ports;
}

/* The naive reading: a table filled port by port, row by row. */
struct naive {
	unsigned char class[PORT_PROTOCOLS][PORT_COUNT];
	bool reported[PORT_PROTOCOLS][PORT_COUNT];
};

static bool begins(const char *text, const char *word)
{
	return strncasecmp(text, word, strlen(word)) == 0;
}

static enum port_class naive_class(const struct snapshot_row *row)
{
	const char *description = row->text[TEXT_DESCRIPTION];

	if (*row->name)
		return PORT_ASSIGNED;
	if (strcasestr(description, "unassigned"))
		return PORT_UNASSIGNED;
	if (begins(description, "de") || begins(description, "removed"))
		return PORT_DE_REGISTERED;
	return begins(description, "reserved") || !*row->text[TEXT_ASSIGNEE] ? PORT_RESERVED : PORT_ASSIGNED;
}

static bool naive_has_protocol(const struct snapshot_row *row, unsigned protocol)
{
	if (!*row->protocol)
		return !*row->name || protocol < 2;
	return strcmp(row->protocol, port_protocol_name(protocol)) == 0;
}

/* Whether the remark has the number `port` as a word, or a range A-B with it in between. */
static bool naive_names(const char *remark, unsigned port)
{
	for (const char *at = remark; *at; at++) {
		unsigned a, b;
		int size = 0;

		if (*at < '0' || *at > '9' || (at > remark && at[-1] != ' '))
			continue;
		if (sscanf(at, "%u-%u%n", &a, &b, &size) == 2 && size)
			return port >= a && port <= b;
		if (sscanf(at, "%u", &a) == 1 && a == port)
			return true;
	}
	return false;
}

static bool naive_names_any(const struct snapshot_row *row)
{
	for (unsigned port = row->first_port; port <= row->last_port; port++)
		if (naive_names(row->text[TEXT_UNAUTHORIZED_USE], port))
			return true;
	return false;
}

static void naive_row(struct naive *naive, const struct snapshot_row *row)
{
	const enum port_class class = naive_class(row);
	const char *remark = row->text[TEXT_UNAUTHORIZED_USE];
	const bool by_number = *remark && naive_names_any(row);

	for (unsigned protocol = 0; protocol < PORT_PROTOCOLS; protocol++) {
		for (unsigned port = row->first_port; port <= row->last_port; port++) {
			if (!naive_has_protocol(row, protocol))
				continue;
			if (class > naive->class[protocol][port])
				naive->class[protocol][port] = (unsigned char)class;
			if (*remark && (!by_number || naive_names(remark, port)))
				naive->reported[protocol][port] = true;
		}
	}
}

static struct naive *naive_reading(const struct snapshot *snapshot)
{
	struct naive *naive = calloc(1, sizeof *naive);
	struct snapshot_row row;

	assert_non_null(naive);
	for (unsigned protocol = 0; protocol < PORT_PROTOCOLS; protocol++)
		memset(naive->class[protocol] + DYNAMIC_START, PORT_DYNAMIC, PORT_COUNT - DYNAMIC_START);
	for (uint32_t i = 0; i < snapshot_row_count(snapshot); i++) {
		assert_int_equal(snapshot_row(snapshot, i, &row), SNAPSHOT_OK);
		if (row.has_port)
			naive_row(naive, &row);
	}
	return naive;
}

static void assert_naive(const struct snapshot *snapshot)
{
	struct ports *ports = read_ports(snapshot);
	struct naive *naive = naive_reading(snapshot);

	for (unsigned protocol = 0; protocol < PORT_PROTOCOLS; protocol++) {
		const struct port_view view = {ports, 1u << protocol, 1u << protocol};

		for (unsigned port = 0; port < PORT_COUNT; port++)
			if (port_class_of(&view, port) != naive->class[protocol][port] ||
			    (port_remark_of(&view, port) != NULL) != naive->reported[protocol][port])
				fail_msg("%u/%s: %s, reported %d; naively class %u, %d", port,
					 port_protocol_name(protocol), port_class_text(port_class_of(&view, port)),
					 port_remark_of(&view, port) != NULL, naive->class[protocol][port],
					 naive -> reported[protocol][port]);
	}
	free(naive);
	free(ports);
}

TEST(every_port_and_protocol_is_what_a_naive_reading_of_the_rows_says)
{
	const char *const paths[] = {BUNDLED_CSV, published_csv()};

	for (size_t i = 0; i < 2 && paths[i]; i++) {
		struct compiled compiled = compile_file(paths[i]);

		assert_naive(&compiled.snapshot);
		free_compiled(&compiled);
	}
}

/* A nameless row of any kind, with ranges that overlap those of the others. */
static void print_random_row(FILE *stream, uint64_t *seed, unsigned number)
{
	static const char *const kinds[] = {"Unassigned", "Reserved", "De-registered", "Removed", "Some text"};
	static const char *const protocols[] = {"", "tcp", "udp", "sctp", "dccp"};
	const unsigned first = next_random(seed) % PORT_COUNT;
	const unsigned last = first + next_random(seed) % (next_random(seed) % 8 ? 40 : 5000);
	const unsigned end = last < PORT_COUNT ? last : PORT_MAX;

	fprintf(stream, "%s,%u-%u,%s,%s,%s,,,,,,", next_random(seed) % 3 ? "" : "name", first, end,
		protocols[next_random(seed) % 5], kinds[next_random(seed) % 5], next_random(seed) % 2 ? "[A]" : "");
	if (next_random(seed) % 3 == 0)
		fprintf(stream, "Use %u of ports %u and %u-%u", number, first + 2, first + 5, first + 9);
	fputs(",\n", stream);
}

TEST(rows_that_overlap_in_every_way_are_settled_as_naively)
{
	uint64_t seed = 20;
	char *csv;
	size_t size;

	for (unsigned round = 0; round < 3; round++) {
		FILE *stream = open_memstream(&csv, &size);

		fputs(CSV_HEAD, stream);
		for (unsigned i = 0; i < 150; i++)
			print_random_row(stream, &seed, 100000 + i);
		fclose(stream);

		struct compiled compiled = compile_csv(csv, size, NULL, NULL);

		assert_int_equal(compiled.status, OUTCOME_OK);
		assert_naive(&compiled.snapshot);
		free_compiled(&compiled);
		free(csv);
	}
}

static void assert_class(const struct ports *ports, unsigned port, const char *protocol, enum port_class class)
{
	for (unsigned i = 0; i < PORT_PROTOCOLS; i++)
		if (strcmp(port_protocol_name(i), protocol) == 0)
			assert_int_equal(ports->classes[i][port], class);
}

TEST(a_service_without_a_protocol_is_tcps_and_udps_but_a_status_is_everyones)
{
	struct compiled compiled = compile_clean(CSV_HEAD
						 "cms,6400,,CMS,[Bo],[Bo],,,,,,\n"
						 ",585,,De-registered,,,,,,,,\n"
						 ",24,,any private mail system,[Rick],[Rick],,,,,,\n");
	struct ports *ports = read_ports(&compiled.snapshot);

	assert_class(ports, 6400, "tcp", PORT_ASSIGNED);
	assert_class(ports, 6400, "udp", PORT_ASSIGNED);
	assert_class(ports, 6400, "sctp", PORT_UNASSIGNED);
	assert_class(ports, 6400, "dccp", PORT_UNASSIGNED);
	assert_class(ports, 585, "dccp", PORT_DE_REGISTERED);
	assert_class(ports, 24, "sctp", PORT_ASSIGNED);
	assert_class(ports, 49151, "tcp", PORT_UNASSIGNED);
	assert_class(ports, 49152, "tcp", PORT_DYNAMIC);
	free(ports);
	free_compiled(&compiled);
}

TEST(an_overlay_assigns_and_its_own_protocols_do_not)
{
	const char csv[] = CSV_HEAD ",7,,Unassigned,,,,,,,,\n,8,,Unassigned,,,,,,,,\n";
	struct compiled compiled = compile_csv(csv, sizeof csv - 1, "a 7/udp\nb 8/ddp\nc 60000/tcp\n", NULL);
	struct ports *ports = read_ports(&compiled.snapshot);

	assert_class(ports, 7, "udp", PORT_ASSIGNED);
	assert_class(ports, 7, "tcp", PORT_UNASSIGNED);
	assert_class(ports, 8, "tcp", PORT_UNASSIGNED);
	assert_class(ports, 8, "dccp", PORT_UNASSIGNED);
	assert_class(ports, 60000, "tcp", PORT_ASSIGNED);
	assert_class(ports, 60000, "udp", PORT_DYNAMIC);
	free(ports);
	free_compiled(&compiled);
}

TEST(an_empty_registry_is_unassigned_and_dynamic)
{
	struct compiled compiled = compile_clean(CSV_HEAD);
	struct ports *ports = read_ports(&compiled.snapshot);
	const struct port_view view = {ports, ALL_PROTOCOLS, ALL_PROTOCOLS};
	const struct port_counts counts = count_ports(&view, 0, PORT_MAX);

	assert_int_equal(counts.classes[PORT_UNASSIGNED], 49152);
	assert_int_equal(counts.classes[PORT_DYNAMIC], 16384);
	assert_int_equal(counts.reported, 0);
	assert_int_equal(port_run_at(&view, 0, PORT_MAX).last, 49151);
	assert_int_equal(port_run_at(&view, 49152, PORT_MAX).last, PORT_MAX);
	free(ports);
	free_compiled(&compiled);
}

TEST(classes_add_up_to_all_ports_for_every_choice_of_protocols)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	struct ports *ports = read_ports(&compiled.snapshot);

	for (unsigned protocols = 1; protocols <= ALL_PROTOCOLS; protocols++) {
		const struct port_view view = {ports, protocols, protocols};
		const struct port_counts counts = count_ports(&view, 0, PORT_MAX);
		unsigned sum = 0;

		for (unsigned i = 0; i < PORT_CLASS_COUNT; i++)
			sum += counts.classes[i];
		assert_int_equal(sum, PORT_COUNT);
		assert_in_range(counts.reported, 100, 200);
	}
	free(ports);
	free_compiled(&compiled);
}

TEST(runs_lie_end_to_end_and_neighbours_differ)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	struct ports *ports = read_ports(&compiled.snapshot);
	const struct port_view view = {ports, ALL_PROTOCOLS, ALL_PROTOCOLS};
	struct port_run before = {.last = PORT_COUNT}, run;

	for (unsigned port = 0; port < PORT_COUNT; port = run.last + 1) {
		run = port_run_at(&view, port, PORT_MAX);
		assert_int_equal(run.first, port);
		assert_true(before.last == PORT_COUNT || run.class != before.class || run.remark != before.remark);
		for (unsigned i = run.first; i <= run.last; i++)
			assert_true(port_class_of(&view, i) == run.class &&
				    (port_remark_of(&view, i) != NULL) == (run.remark != NULL));
		before = run;
	}
	assert_int_equal(port_run_at(&view, 6000, 6001).last, 6001);
	free(ports);
	free_compiled(&compiled);
}

TEST(a_damaged_row_is_named)
{
	struct compiled compiled = compile_clean(CSV_HEAD "a,1,tcp,A,,,,,,,,\nb,2,tcp,B,,,,,,,,\n");
	unsigned char *rows = compiled.bytes + (compiled.snapshot.sections[SECTION_ROWS].start - compiled.bytes);
	struct ports *ports = NULL;
	uint32_t bad_row = 9;

	memset(rows + sizeof(struct disk_row), 0xff, 8);
	assert_int_equal(ports_read(&compiled.snapshot, &ports, &bad_row), SNAPSHOT_BAD_ROW);
	assert_int_equal(bad_row, 1);
	assert_null(ports);
	free_compiled(&compiled);
}

/* The ports that a remark names, as text. */
static const char *named_in(const char *remark)
{
	static char list[256];
	const char *at = after_port_word(remark);
	struct port_mention ports;
	size_t size = 0;

	list[0] = '\0';
	while (next_port_mention(&at, &ports)) {
		const char *blank = size ? " " : "";

		if (ports.first == ports.last)
			size += (size_t)snprintf(list + size, sizeof list - size, "%s%u", blank, ports.first);
		else
			size += (size_t)snprintf(list + size, sizeof list - size, "%s%u-%u", blank, ports.first,
						 ports.last);
	}
	assert_string_equal(at, "");
	return list;
}

TEST(remarks_name_ports_in_many_ways)
{
	static const char *const remarks[][2] = {
		{"Unauthorized Use Known on ports 27018 and 27019", "27018 27019"},
		{"Known Unauthorized Use on port 6003", "6003"},
		{"Known Unauthorized Use on 106", "106"},
		{"Known UNAUTHORIZED USE: Port 604", "604"},
		{"PORT 90 also being used unofficially by Pointcast", "90"},
		{"Unauthorized Use Known on ports 28017, 28018 and 28019.", "28017 28018 28019"},
		{"Known UNAUTHORIZED USE: Ports 44515 & 44516", "44515 44516"},
		{"Known Unauthorized Use on ports 33436-33534", "33436-33534"},
		{"ports 10 - 20, 30 to 40, 50 through 60 and 70\xe2\x80\x93"
		 "80",
		 "10-20 30-40 50-60 70-80"},
		{"ports 7/tcp and 8/udp; (9)", "7 8 9"},
		{"yes", ""},
		{"", ""},
		{"12 programs use it", ""},
		{"Unauthorized use by some mail users (see [RFC4146] for details)", ""},
		{"on port 6003 (see [RFC4146])", "6003"},
		{"on port 6003 since 2006-04-25", "6003"},
		{"on port 6003 by version 2.6004 or 6.5", "6003"},
		{"port 6003x, x6004, 6005_6, 6006\xc3\xa9, -6007", ""},
		{"ports 20-10, 65536, 99999999999999999999, 5-65536", ""},
		{"on ports 1-2-3 and 4", "4"},
		{"ports 10to 20, 30 tons, 40-fold", "20 30 40"},
		{"port 0 and 65535", "0 65535"},
		{"portly 5, ontology 6, export 7", ""},
	};

	for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
		assert_string_equal(named_in(remarks[i][0]), remarks[i][1]);
}

TEST(a_remark_is_on_the_ports_it_names_in_its_rows_range_or_else_on_all)
{
	struct compiled compiled = compile_clean(CSV_HEAD
						 ",100-110,,Unassigned,,,,,,,Use on ports 90-101 and 120,\n"
						 ",200-210,tcp,Unassigned,,,,,,,Use on port 100,\n"
						 ",300-310,,Unassigned,,,,,,,yes,\n");
	struct ports *ports = read_ports(&compiled.snapshot);
	const struct port_view all = {ports, ALL_PROTOCOLS, ALL_PROTOCOLS}, udp = {ports, 2, 2};

	assert_int_equal(count_ports(&all, 100, 110).reported, 2);
	assert_string_equal(port_remark_of(&all, 101), "Use on ports 90-101 and 120");
	assert_int_equal(count_ports(&all, 200, 210).reported, 11);
	assert_int_equal(count_ports(&udp, 200, 210).reported, 0);
	assert_int_equal(count_ports(&udp, 300, 310).reported, 11);
	assert_int_equal(count_ports(&all, 0, PORT_MAX).reported, 24);
	free(ports);
	free_compiled(&compiled);
}

/* Picks. */

static bool naively_free(const struct naive *naive, const struct suggest_request *wish, unsigned port)
{
	for (unsigned i = 0; i < PORT_PROTOCOLS; i++) {
		if (wish->view.protocols >> i & 1 && naive->class[i][port] != PORT_UNASSIGNED)
			return false;
		if (naive->reported[i][port])
			return false;
	}
	return port >= wish->first && port <= wish->last &&
	       (port < wish->ephemeral.first || port > wish->ephemeral.last) && port;
}

/* How many free ports there are with none next to another. */
static uint32_t naive_room(const struct naive *naive, const struct suggest_request *wish)
{
	uint32_t count = 0;

	for (unsigned port = 0; port < PORT_COUNT; port++) {
		if (naively_free(naive, wish, port)) {
			count++;
			port++; /* its neighbour cannot be picked too */
		}
	}
	return count;
}

static void assert_good_picks(const struct naive *naive, const struct suggest_request *wish)
{
	static uint16_t picks[PORT_COUNT], again[PORT_COUNT];

	assert_int_equal(suggest_ports(wish, picks), wish->count);
	for (uint32_t i = 0; i < wish->count; i++) {
		assert_true(naively_free(naive, wish, picks[i]));
		if (i)
			assert_true(picks[i] > picks[i - 1] + 1);
	}
	assert_int_equal(suggest_ports(wish, again), wish->count);
	assert_memory_equal(picks, again, wish->count * sizeof *picks);
}

struct whole_registry {
	struct compiled compiled;
	struct ports *ports;
	struct naive *naive;
};

static int open_whole_registry(void **state)
{
	static struct whole_registry registry;

	registry.compiled = compile_file(BUNDLED_CSV);
	registry.ports = read_ports(&registry.compiled.snapshot);
	registry.naive = naive_reading(&registry.compiled.snapshot);
	*state = &registry;
	return 0;
}

static int close_whole_registry(void **state)
{
	struct whole_registry *registry = *state;

	free(registry->ports);
	free(registry->naive);
	free_compiled(&registry->compiled);
	return 0;
}

static struct suggest_request usual_wish(const struct whole_registry *registry, uint32_t count, const char *seed)
{
	return (struct suggest_request){
		.view = {registry->ports, ALL_PROTOCOLS, ALL_PROTOCOLS},
		.first = FIRST_USER_PORT,
		.last = 49151,
		.ephemeral = {32768, 60999},
		.seed = seed,
		.count = count,
	};
}

TEST(picks_are_free_and_apart_for_any_seed_count_and_protocol)
{
	static const uint32_t counts[] = {1, 2, 5, 100, 1000};
	const struct whole_registry *registry = *state;

	for (unsigned seed = 0; seed < 15; seed++) {
		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
			struct suggest_request wish = usual_wish(registry, counts[i], text("seed %u", seed));

			wish.view.protocols = 1 + seed % ALL_PROTOCOLS;
			assert_good_picks(registry->naive, &wish);
		}
	}
}

TEST(as_many_are_picked_as_there_is_room_for_and_no_more)
{
	static const unsigned ranges[][2] = {{1024, 49151}, {4000, 5000},   {0, 1023},
					     {0, PORT_MAX}, {32000, 33000}, {4, 4}};
	const struct whole_registry *registry = *state;
	uint16_t untouched[4] = {1, 2, 3, 4};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct suggest_request wish = usual_wish(registry, 0, "full");

		wish.first = ranges[i][0];
		wish.last = ranges[i][1];
		wish.count = naive_room(registry->naive, &wish);
		assert_good_picks(registry->naive, &wish);
		wish.count++;
		assert_int_equal(suggest_ports(&wish, untouched), wish.count - 1);
		assert_int_equal(untouched[0], 1);
	}
}

TEST(picks_keep_out_of_any_ephemeral_range)
{
	static const unsigned ranges[][2] = {{1024, 32767}, {10000, 49151}, {0, 20000}, {1, 0}, {30000, 30000}};
	const struct whole_registry *registry = *state;

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct suggest_request wish = usual_wish(registry, 300, "ephemeral");

		wish.ephemeral = (struct ephemeral_range){ranges[i][0], ranges[i][1]};
		assert_good_picks(registry->naive, &wish);
	}

	struct suggest_request wish = usual_wish(registry, 1, "none");
	uint16_t pick;

	wish.ephemeral = (struct ephemeral_range){0, PORT_MAX};
	assert_int_equal(suggest_ports(&wish, &pick), 0);
	wish.ephemeral = (struct ephemeral_range){1, 0};
	assert_int_equal(suggest_ports(&wish, &pick), 1);
	wish.first = wish.last = wish.ephemeral.first = wish.ephemeral.last = pick;
	assert_int_equal(suggest_ports(&wish, &pick), 0);
}

TEST(picks_are_spread_over_the_space)
{
	const struct whole_registry *registry = *state;
	uint16_t picks[8];

	for (unsigned seed = 0; seed < 60; seed++) {
		struct suggest_request wish = usual_wish(registry, 8, text("%u", seed));

		assert_int_equal(suggest_ports(&wish, picks), 8);
		for (unsigned i = 1; i < 8; i++)
			assert_in_range(picks[i] - picks[i - 1], 1000, 12000);
	}
}

/* Of two free ports that are neighbours neither is out of reach. */
TEST(seeds_reach_both_of_two_neighbours)
{
	struct compiled compiled = compile_clean(CSV_HEAD);
	struct ports *ports = read_ports(&compiled.snapshot);
	unsigned picked[2] = {0, 0};
	uint16_t pick;

	for (unsigned seed = 0; seed < 64; seed++) {
		struct suggest_request wish = {
			{ports, ALL_PROTOCOLS, ALL_PROTOCOLS}, 7000, 7001, {1, 0}, text("%u", seed), 1};

		assert_int_equal(suggest_ports(&wish, &pick), 1);
		picked[pick - 7000]++;
	}
	assert_in_range(picked[0], 16, 48);
	free(ports);
	free_compiled(&compiled);
}

/* Otherwise every user of this tool would meet on the same few ports. */
TEST(seeds_give_different_picks)
{
	const struct whole_registry *registry = *state;
	static unsigned char picked[PORT_COUNT];
	unsigned different = 0;
	uint16_t pick;

	for (unsigned seed = 0; seed < 200; seed++) {
		struct suggest_request wish = usual_wish(registry, 1, text("service-%u", seed));

		assert_int_equal(suggest_ports(&wish, &pick), 1);
		different += !picked[pick];
		picked[pick] = 1;
	}
	assert_in_range(different, 180, 200);
}

TEST(port_0_is_never_picked)
{
	struct compiled compiled = compile_clean(CSV_HEAD);
	struct ports *ports = read_ports(&compiled.snapshot);
	struct suggest_request wish = {{ports, ALL_PROTOCOLS, ALL_PROTOCOLS}, 0, 0, {32768, 60999}, "", 1};
	uint16_t pick;

	assert_int_equal(suggest_ports(&wish, &pick), 0);
	free(ports);
	free_compiled(&compiled);
}

static void assert_ephemeral(const char *content, unsigned first, unsigned last)
{
	const char *path = text("%s/range", scratch_dir());

	write_file(path, content, strlen(content));

	const struct ephemeral_range range = read_ephemeral_range(path);

	assert_int_equal(range.first, first);
	assert_int_equal(range.last, last);
}

TEST(the_ephemeral_range_is_the_kernels_or_its_default)
{
	assert_ephemeral("1024\t65535\n", 1024, 65535);
	assert_ephemeral("40000 40000", 40000, 40000);
	assert_ephemeral("", 32768, 60999);
	assert_ephemeral("5000", 32768, 60999);
	assert_ephemeral("60000 5000\n", 32768, 60999);
	assert_ephemeral("1 99999\n", 32768, 60999);
	assert_ephemeral("no numbers\n", 32768, 60999);
	assert_int_equal(read_ephemeral_range("/nonexistent").first, 32768);
}

TEST_PROGRAM(.set_up = open_whole_registry, .tear_down = close_whole_registry);
