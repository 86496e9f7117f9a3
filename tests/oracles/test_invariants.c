/* SPDX-License-Identifier: MIT */
/*
 * What holds for the whole registry, asked of the entry points and again through libc, against a model that is made
 * from the CSV's rows here, apart from the compiler: which names stand at which port and protocol. Which of several
 * names wins is test_meaning's.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/preferences.h"
#include "tests/oracles/csv_rows.h"
#include "tests/support/module.h"

static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp"};

enum { PROTOCOLS = 4, PORTS = 65536, CLAIMS_MAX = 1 << 17 };

/* A row's name at one port and protocol. */
struct claim {
	const char *name;
	unsigned port, protocol;
	bool preferred; /* by the bundled preferences */
};

static struct {
	char *csv;
	struct claim by_port[CLAIMS_MAX], by_name[CLAIMS_MAX]; /* sorted */
	size_t count;
	size_t first_of_port[PORTS + 1]; /* in by_port */
	const char *portless[4096];
	size_t portless_count;
} model;

static struct compiled registry;

/* The model */

static void add_claim(const char *name, unsigned port, unsigned protocol)
{
	assert_true(model.count < CLAIMS_MAX);
	model.by_port[model.count++] = (struct claim){name, port, protocol, false};
}

static void add_row(char *cells[CSV_CELL_MAX])
{
	char *name = cells[0], *end;
	bool any = false;

	if (!*name)
		return;
	if (!*cells[1]) {
		assert_true(model.portless_count < sizeof model.portless / sizeof *model.portless);
		model.portless[model.portless_count++] = name;
		return;
	}

	unsigned long first = strtoul(cells[1], &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

	assert_true(!*end && first <= last && last < PORTS);
	for (unsigned protocol = 0; protocol < PROTOCOLS; protocol++) {
		if (*cells[2] ? strcmp(cells[2], protocols[protocol]) != 0 : protocol > 1)
			continue;
		any = true;
		for (unsigned long port = first; port <= last; port++)
			add_claim(name, (unsigned)port, protocol);
	}
	assert_true(any);
}

static void mark_preferred(void)
{
	char *lines = strdup(preferences_text), *rest;

	for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[64], protocol[8];
		unsigned port;

		if (*line == '#' || sscanf(line, "%63s %u/%7s", name, &port, protocol) != 3)
			continue;
		for (size_t i = 0; i < model.count; i++)
			model.by_port[i].preferred |= model.by_port[i].port == port &&
						      strcmp(model.by_port[i].name, name) == 0 &&
						      strcmp(protocols[model.by_port[i].protocol], protocol) == 0;
	}
	free(lines);
}

static int compare_places(const struct claim *a, const struct claim *b)
{
	return a->port != b->port ? (int)a->port - (int)b->port : (int)a->protocol - (int)b->protocol;
}

static int compare_by_port(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = compare_places(x, y);

	return order ? order : strcmp(x->name, y->name);
}

static int compare_by_name(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->preferred != y->preferred ? y->preferred - x->preferred : compare_places(x, y);
}

static void build_model(void)
{
	char *cells[CSV_CELL_MAX];

	model.csv = read_file(BUNDLED_CSV, NULL);
	for (char *at = split_csv_row(model.csv, cells); (at = split_csv_row(at, cells));)
		add_row(cells);
	mark_preferred();
	qsort(model.by_port, model.count, sizeof *model.by_port, compare_by_port);

	size_t kept = 0;

	for (size_t i = 0; i < model.count; i++)
		if (!kept || compare_by_port(&model.by_port[kept - 1], &model.by_port[i]) != 0)
			model.by_port[kept++] = model.by_port[i];
	model.count = kept;
	memcpy(model.by_name, model.by_port, kept * sizeof *model.by_name);
	qsort(model.by_name, kept, sizeof *model.by_name, compare_by_name);
	for (size_t i = 0, port = 0; port <= PORTS; port++) {
		model.first_of_port[port] = i;
		while (i < kept && model.by_port[i].port == port)
			i++;
	}
}

/* The claims to one port and protocol (a number past the last: to the first one that the port has). */
static const struct claim *claims_to(unsigned port, unsigned protocol, size_t *count)
{
	size_t first = model.first_of_port[port], end = model.first_of_port[port + 1];

	if (protocol >= PROTOCOLS && first < end)
		protocol = model.by_port[first].protocol;
	while (first < end && model.by_port[first].protocol < protocol)
		first++;
	for (*count = 0; first + *count < end && model.by_port[first + *count].protocol == protocol;)
		++*count;
	return model.by_port + first;
}

static bool model_has_name(const char *name)
{
	size_t low = 0, high = model.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(model.by_name[middle].name, name);

		if (!order)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static bool model_has_name_in_any_case(const char *name)
{
	for (size_t i = 0; i < model.count; i++)
		if (strcasecmp(model.by_name[i].name, name) == 0)
			return true;
	return false;
}

/* Answers against it */

static bool bears(const struct servent *servent, const char *name)
{
	if (strcmp(servent->s_name, name) == 0)
		return true;
	for (char **alias = servent->s_aliases; *alias; alias++)
		if (strcmp(*alias, name) == 0)
			return true;
	return false;
}

static size_t name_count(const struct servent *servent)
{
	size_t count = 1;

	while (servent->s_aliases[count - 1])
		count++;
	return count;
}

static bool is_at(const struct servent *servent, unsigned port, unsigned protocol)
{
	return servent->s_port == htons((uint16_t)port) && strcmp(servent->s_proto, protocols[protocol]) == 0;
}

/* All that the rows say of the place of `claims`, and nothing else. */
static void expect_claims(const struct servent *servent, const struct claim *claims, size_t count)
{
	if (!is_at(servent, claims->port, claims->protocol) || name_count(servent) != count)
		fail_msg("%u/%s: %s", claims->port, protocols[claims->protocol], servent_text(servent));
	for (size_t i = 0; i < count; i++)
		if (!bears(servent, claims[i].name))
			fail_msg("%s is not in %s", claims[i].name, servent_text(servent));
}

static void expect_same(const char *asked, const struct servent *found, const char *expected)
{
	const char *answer = servent_text(found);

	if (strcmp(answer, expected) != 0)
		fail_msg("%s gives %s, not %s", asked, answer, expected);
}

/* A sweep over the entries as they are enumerated: texts, so that lookups may use the memory of answers. */
static char **enumerate(const struct route *route, size_t *count)
{
	struct servent servent;
	char **all = NULL;

	*count = 0;
	route->begin();
	while (route->next(&servent)) {
		all = realloc(all, (*count + 1) * sizeof *all);
		assert_non_null(all);
		all[(*count)++] = strdup(servent_text(&servent));
	}
	route->end();
	return all;
}

static void free_all(char **all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(all[i]);
	free(all);
}

/* The entry's parts: its name, port and protocol; then its aliases one by one. */
static const char *read_entry(const char *entry, char name[256], unsigned *port, char protocol[8])
{
	int used;

	assert_int_equal(sscanf(entry, "%255s %u/%7s%n", name, port, protocol, &used), 3);
	return entry + used;
}

static const char *read_alias(const char *rest, char name[256])
{
	int used;

	return sscanf(rest, "%255s%n", name, &used) == 1 ? rest + used : NULL;
}

/* Each invariant is a function of a route; this makes its two tests. */
#define ON_BOTH_ROUTES(invariant)         \
	TEST(invariant##_by_direct_call)  \
	{                                 \
		invariant(&direct_route); \
	}                                 \
	TEST(invariant##_through_libc)    \
	{                                 \
		invariant(&libc_route);   \
	}

static void every_enumerated_entry_is_found_by_its_port_and_protocol(const struct route *route)
{
	size_t count;
	char **all = enumerate(route, &count);

	for (size_t i = 0; i < count; i++) {
		char name[256], protocol[8];
		unsigned port;
		struct servent servent;

		read_entry(all[i], name, &port, protocol);
		assert_true(route->by_port(htons((uint16_t)port), protocol, &servent));
		expect_same(all[i], &servent, all[i]);
	}
	free_all(all, count);
}
ON_BOTH_ROUTES(every_enumerated_entry_is_found_by_its_port_and_protocol)

/* The place where a name is preferred, for a protocol or (a number past the last) for any; NULL: nowhere. */
static const struct claim *preferred_place(const char *name, unsigned protocol)
{
	size_t low = 0, high = model.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(model.by_name[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < model.count && strcmp(model.by_name[low].name, name) == 0; low++)
		if (protocol >= PROTOCOLS || model.by_name[low].protocol == protocol)
			return &model.by_name[low];
	return NULL;
}

/* By `name` and the entry's protocol the preferred entry of that name is found, which may be another than this. */
static void expect_by_name(const struct route *route, const char *name, const char *protocol, const char *entry)
{
	unsigned index = 0;
	struct servent servent;

	while (strcmp(protocols[index], protocol) != 0)
		index++;
	if (!route->by_name(name, protocol, &servent))
		fail_msg("%s of %s is not found", name, entry);

	const struct claim *place = preferred_place(name, index);

	assert_non_null(place);
	if (!is_at(&servent, place->port, index) || !bears(&servent, name))
		fail_msg("%s/%s is at %u, not %s", name, protocol, place->port, servent_text(&servent));
	if (strstr(entry, text(" %u/", place->port)))
		expect_same(name, &servent, entry);
}

static void every_enumerated_entry_is_found_by_its_name_where_the_name_is_preferred(const struct route *route)
{
	size_t count;
	char **all = enumerate(route, &count);

	for (size_t i = 0; i < count; i++) {
		char name[256], protocol[8];
		unsigned port;

		read_entry(all[i], name, &port, protocol);
		expect_by_name(route, name, protocol, all[i]);
	}
	free_all(all, count);
}
ON_BOTH_ROUTES(every_enumerated_entry_is_found_by_its_name_where_the_name_is_preferred)

static void every_alias_finds_its_entry(const struct route *route)
{
	size_t count, alias_count = 0;
	char **all = enumerate(route, &count);

	for (size_t i = 0; i < count; i++) {
		char name[256], protocol[8];
		unsigned port;
		const char *rest = read_entry(all[i], name, &port, protocol);

		while ((rest = read_alias(rest, name))) {
			expect_by_name(route, name, protocol, all[i]);
			alias_count++;
		}
	}
	assert_true(alias_count > 100);
	free_all(all, count);
}
ON_BOTH_ROUTES(every_alias_finds_its_entry)

static void every_port_and_protocol_gives_the_names_of_its_rows_and_nothing_else_is_found(const struct route *route)
{
	for (unsigned port = 0; port < PORTS; port++)
		for (unsigned protocol = 0; protocol <= PROTOCOLS; protocol++) {
			size_t count;
			const struct claim *claims = claims_to(port, protocol, &count);
			struct servent servent;
			bool found = route->by_port(htons((uint16_t)port),
						    protocol < PROTOCOLS ? protocols[protocol] : NULL, &servent);

			if (found != (count > 0))
				fail_msg("port %u, protocol %u: found %d", port, protocol, found);
			if (found)
				expect_claims(&servent, claims, count);
		}
}
ON_BOTH_ROUTES(every_port_and_protocol_gives_the_names_of_its_rows_and_nothing_else_is_found)

static void expect_name_of_rows(const struct route *route, const char *name, unsigned protocol)
{
	const struct claim *place = preferred_place(name, protocol);
	struct servent servent;
	size_t count;

	if (route->by_name(name, protocol < PROTOCOLS ? protocols[protocol] : NULL, &servent) != (place != NULL))
		fail_msg("%s, protocol %u: found %d", name, protocol, !place);
	if (!place)
		return;

	const struct claim *claims = claims_to(place->port, place->protocol, &count);

	expect_claims(&servent, claims, count);
}

static void every_name_gives_its_preferred_or_lowest_port_for_each_protocol(const struct route *route)
{
	for (size_t i = 0; i < model.count; i++)
		if (!i || strcmp(model.by_name[i].name, model.by_name[i - 1].name) != 0)
			for (unsigned protocol = 0; protocol <= PROTOCOLS; protocol++)
				expect_name_of_rows(route, model.by_name[i].name, protocol);
}
ON_BOTH_ROUTES(every_name_gives_its_preferred_or_lowest_port_for_each_protocol)

static void names_without_a_port_are_not_found(const struct route *route)
{
	unsigned asked = 0;
	struct servent servent;

	for (size_t i = 0; i < model.portless_count; i++) {
		if (model_has_name_in_any_case(model.portless[i]))
			continue;
		asked++;
		if (route->by_name(model.portless[i], NULL, &servent) ||
		    route->by_name(model.portless[i], "tcp", &servent))
			fail_msg("%s is found: %s", model.portless[i], servent_text(&servent));
	}
	assert_true(asked > 100);
}
ON_BOTH_ROUTES(names_without_a_port_are_not_found)

/* A registry name with one byte changed, added or taken away. */
static void mutate(uint64_t *seed, const char *name, char mutant[258])
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789-_/.+ \x7f\x80\xff\x01";
	size_t size = strlen(name), place = next_random(seed) % size;
	char byte = bytes[next_random(seed) % (sizeof bytes - 1)];

	strcpy(mutant, name);
	switch (next_random(seed) % 3) {
	case 0:
		mutant[place] = byte;
		break;
	case 1:
		memmove(mutant + place + 1, name + place, size - place + 1);
		mutant[place] = byte;
		break;
	default:
		memmove(mutant + place, name + place + 1, size - place);
	}
}

static void names_that_no_row_has_are_not_found(const struct route *route)
{
	uint64_t seed = 1;
	unsigned asked = 0;
	struct servent servent;

	for (unsigned i = 0; i < 200000 / (instrumented() ? 20 : 1); i++) {
		const struct claim *claim = &model.by_name[next_random(&seed) % model.count];
		char mutant[258];

		mutate(&seed, claim->name, mutant);
		if (!route->by_name(mutant, next_random(&seed) & 1 ? NULL : protocols[claim->protocol], &servent)) {
			asked++;
			continue;
		}
		/* A row's name after all: exact, or by case (names such as EtherNet-IP-1). */
		if (!model_has_name_in_any_case(mutant))
			fail_msg("%s is found: %s", mutant, servent_text(&servent));
	}
	assert_true(asked > 1000);
}
ON_BOTH_ROUTES(names_that_no_row_has_are_not_found)

static void names_in_capitals_find_the_same_entry(const struct route *route)
{
	struct servent servent;

	for (size_t i = 0; i < model.count; i++) {
		const struct claim *claim = &model.by_name[i];
		char capitals[256];
		size_t k = 0;

		for (; claim->name[k]; k++)
			capitals[k] = (char)toupper((unsigned char)claim->name[k]);
		capitals[k] = '\0';
		if (strcmp(capitals, claim->name) != 0 && model_has_name(capitals))
			continue; /* an entry of its own */
		assert_true(route->by_name(claim->name, protocols[claim->protocol], &servent));

		const char *expected = servent_text(&servent);

		if (!route->by_name(capitals, protocols[claim->protocol], &servent))
			fail_msg("%s is not found", capitals);
		expect_same(capitals, &servent, expected);
	}
}
ON_BOTH_ROUTES(names_in_capitals_find_the_same_entry)

static void enumeration_goes_by_port_and_protocol_over_all_that_the_header_counts(const struct route *route)
{
	const struct claim *last = NULL;
	size_t count = 0;
	struct servent servent;

	route->begin();
	for (; route->next(&servent); count++) {
		unsigned protocol = 0;
		size_t claim_count;

		while (strcmp(protocols[protocol], servent.s_proto) != 0)
			assert_true(++protocol < PROTOCOLS);

		const struct claim *claims = claims_to(ntohs((uint16_t)servent.s_port), protocol, &claim_count);

		assert_true(claim_count);
		assert_true(!last || compare_places(last, claims) < 0);
		expect_claims(&servent, claims, claim_count);
		last = claims;
	}
	route->end();
	assert_int_equal(count, load32(registry.snapshot.header->entry_count));
	assert_true(count > 10000);
}
ON_BOTH_ROUTES(enumeration_goes_by_port_and_protocol_over_all_that_the_header_counts)

TEST(the_header_counts_the_places_and_names_of_the_rows)
{
	size_t places = 0, names = 0;

	for (size_t i = 0; i < model.count; i++) {
		places += !i || compare_places(&model.by_port[i - 1], &model.by_port[i]) != 0;
		names += !i || strcmp(model.by_name[i - 1].name, model.by_name[i].name) != 0;
	}
	assert_int_equal(load32(registry.snapshot.header->entry_count), places);
	assert_int_equal(load32(registry.snapshot.header->name_count), names);
}

TEST(the_compiled_registry_passes_the_full_check)
{
	struct snapshot_fault fault;

	assert_int_equal(snapshot_check(&registry.snapshot, &fault), SNAPSHOT_OK);
}

TEST(the_bundled_registry_compiles_without_a_warning)
{
	assert_string_equal(registry.messages, "");
	assert_int_equal(registry.warning_count, 0);
}

/*
 * Small registries made up at random, overlays included, against the plainest reading there is: a list of entries in
 * order of preference that is searched from its head, as glibc's files backend searches /etc/services.
 */

enum { SMALL_ROWS = 8, SMALL_LINES = 4, SMALL_ENTRIES = SMALL_ROWS * 2 + SMALL_LINES, SMALL_PORTS = 4 };

/* Some differ in case alone. */
static const char *const small_names[] = {"a", "A", "b", "bb", "Bb", "cc-dd-ee-ff-gg-hh"};
enum { SMALL_NAMES = sizeof small_names / sizeof *small_names };

struct small_entry {
	unsigned port, protocol, name_count;
	const char *names[SMALL_ROWS];
	bool shadowed;
};

struct small_registry {
	char csv[4096], overlay[1024];
	struct small_entry entries[SMALL_ENTRIES]; /* in order of preference */
	unsigned count;
};

static bool small_bears(const struct small_entry *entry, const char *name, bool fold)
{
	for (unsigned i = 0; i < entry->name_count; i++)
		if (fold ? strcasecmp(entry->names[i], name) == 0 : strcmp(entry->names[i], name) == 0)
			return true;
	return false;
}

static const char *small_text(const struct small_entry *entry)
{
	const char *line = text("%s %u/%s", entry->names[0], entry->port, protocols[entry->protocol]);

	for (unsigned i = 1; i < entry->name_count; i++)
		line = text("%s %s", line, entry->names[i]);
	return line;
}

/* Overlay lines are entries one by one; the first to claim a port and protocol answers there. */
static void make_overlay(struct small_registry *small, uint64_t *seed)
{
	const unsigned lines = next_random(seed) % (SMALL_LINES + 1);

	for (unsigned i = 0; i < lines; i++) {
		struct small_entry *entry = &small->entries[small->count++];
		const char *name = small_names[next_random(seed) % SMALL_NAMES];
		const char *alias = small_names[next_random(seed) % SMALL_NAMES];

		*entry = (struct small_entry){.port = next_random(seed) % SMALL_PORTS,
					      .protocol = next_random(seed) % PROTOCOLS,
					      .names = {name, alias},
					      .name_count = 1};
		if (next_random(seed) % 2 && strcmp(alias, name) != 0)
			entry->name_count = 2;
		snprintf(small->overlay + strlen(small->overlay), 64, "%s %u/%s %s\n", name, entry->port,
			 protocols[entry->protocol], entry->name_count > 1 ? alias : "");
	}
}

struct small_row {
	const char *name;
	unsigned port, protocol; /* PROTOCOLS: none, which means tcp and udp */
};

/* Canonical order: by port, a row without protocol before those with one, else as they were written. */
static void sort_small_rows(struct small_row *rows, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		for (unsigned k = i; k; k--) {
			const struct small_row *above = &rows[k - 1], row = rows[k];
			const unsigned order = row.port * 8 + (row.protocol + 1) % (PROTOCOLS + 1);

			if (above->port * 8 + (above->protocol + 1) % (PROTOCOLS + 1) <= order)
				break;
			rows[k] = *above;
			rows[k - 1] = row;
		}
}

static void claim_small_places(struct small_entry *places, const struct small_row *row)
{
	const bool both = row->protocol == PROTOCOLS;

	for (unsigned k = both ? 0 : row->protocol; k <= (both ? 1 : row->protocol); k++) {
		struct small_entry *place = &places[row->port * PROTOCOLS + k];

		place->port = row->port;
		place->protocol = k;
		if (!small_bears(place, row->name, false))
			place->names[place->name_count++] = row->name;
	}
}

/* Rows without fault: names at one place are one entry, the first row's name first. */
static void make_rows(struct small_registry *small, uint64_t *seed)
{
	struct small_entry places[SMALL_PORTS * PROTOCOLS] = {0};
	struct small_row rows[SMALL_ROWS];
	const unsigned count = next_random(seed) % (SMALL_ROWS + 1);

	strcpy(small->csv, CSV_HEAD);
	for (unsigned i = 0; i < count; i++) {
		rows[i].name = small_names[next_random(seed) % SMALL_NAMES];
		rows[i].port = next_random(seed) % SMALL_PORTS;
		rows[i].protocol = next_random(seed) % (PROTOCOLS + 1);
		snprintf(small->csv + strlen(small->csv), 64, "%s,%u,%s,,,,,,,,,\n", rows[i].name, rows[i].port,
			 rows[i].protocol < PROTOCOLS ? protocols[rows[i].protocol] : "");
	}
	sort_small_rows(rows, count);
	for (unsigned i = 0; i < count; i++)
		claim_small_places(places, &rows[i]);
	for (unsigned i = 0; i < SMALL_PORTS * PROTOCOLS; i++)
		if (places[i].name_count)
			small->entries[small->count++] = places[i];
}

static void make_small_registry(struct small_registry *small, uint64_t *seed)
{
	*small = (struct small_registry){.count = 0};
	make_overlay(small, seed);
	make_rows(small, seed);
	for (unsigned i = 0; i < small->count; i++)
		for (unsigned k = 0; k < i; k++)
			small->entries[i].shadowed |= small->entries[i].port == small->entries[k].port &&
						      small->entries[i].protocol == small->entries[k].protocol;
}

static const char *small_by_port(const struct small_registry *small, unsigned port, unsigned protocol)
{
	for (unsigned i = 0; i < small->count; i++)
		if (small->entries[i].port == port && (protocol >= PROTOCOLS || small->entries[i].protocol == protocol))
			return small_text(&small->entries[i]);
	return "not found";
}

/* NULL: not found. */
static const char *small_by_name(const struct small_registry *small, const char *name, unsigned protocol, bool fold)
{
	for (unsigned i = 0; i < small->count; i++)
		if (small_bears(&small->entries[i], name, fold) &&
		    (protocol >= PROTOCOLS || small->entries[i].protocol == protocol))
			return small_text(&small->entries[i]);
	return NULL;
}

static void expect_small(const struct small_registry *small, const char *key, unsigned protocol, const char *answer,
			 const char *expected)
{
	if (strcmp(answer, expected) != 0)
		fail_msg("%s, protocol %u gives \"%s\", not \"%s\", in\n%s\nwith the overlay\n%s", key, protocol,
			 answer, expected, small->csv, small->overlay);
}

static void compare_ports(const struct small_registry *small, const struct snapshot *snapshot)
{
	unsigned places = 0;

	for (unsigned protocol = 0; protocol <= PROTOCOLS; protocol++)
		for (unsigned port = 0; port < SMALL_PORTS; port++)
			expect_small(
				small, text("port %u", port), protocol,
				snapshot_by_port(snapshot, port, protocol < PROTOCOLS ? protocols[protocol] : NULL),
				small_by_port(small, port, protocol));
	for (unsigned i = 0; i < small->count; i++)
		places += !small->entries[i].shadowed;
	assert_int_equal(load32(snapshot->header->entry_count), places);
}

/* Names that stand there to the letter. */
static void compare_names(const struct small_registry *small, const struct snapshot *snapshot)
{
	for (unsigned protocol = 0; protocol <= PROTOCOLS; protocol++)
		for (unsigned i = 0; i < SMALL_NAMES; i++) {
			const char *asked = protocol < PROTOCOLS ? protocols[protocol] : NULL;
			const char *expected = small_by_name(small, small_names[i], protocol, false);

			if (expected)
				expect_small(small, small_names[i], protocol,
					     snapshot_by_name(snapshot, small_names[i], asked), expected);
		}
}

/* Names that do not, but may stand there in another case. */
static void compare_names_without_case(const struct small_registry *small, const struct snapshot *snapshot)
{
	static const char *const asked_names[] = {"a", "A", "b", "B", "bb", "Bb", "bB", "CC-DD-EE-FF-GG-HH"};

	for (unsigned protocol = 0; protocol <= PROTOCOLS; protocol++)
		for (unsigned i = 0; i < sizeof asked_names / sizeof *asked_names; i++) {
			const char *asked = protocol < PROTOCOLS ? protocols[protocol] : NULL;
			const char *expected = small_by_name(small, asked_names[i], protocol, true);

			if (!small_by_name(small, asked_names[i], protocol, false))
				expect_small(small, asked_names[i], protocol,
					     snapshot_by_name(snapshot, asked_names[i], asked),
					     expected ? expected : "not found");
		}
}

static void compare_small(void (*compare)(const struct small_registry *, const struct snapshot *))
{
	const unsigned rounds = instrumented() ? 300 : 3000;
	uint64_t seed = 20250101;

	for (unsigned i = 0; i < rounds; i++) {
		static struct small_registry small;

		make_small_registry(&small, &seed);
		struct compiled compiled = compile_csv(small.csv, strlen(small.csv), small.overlay, NULL);

		assert_int_equal(compiled.status, OUTCOME_OK);
		compare(&small, &compiled.snapshot);
		free_compiled(&compiled);
	}
}

TEST(small_registries_with_overlays_answer_by_port_as_a_search_of_a_list)
{
	compare_small(compare_ports);
}

TEST(small_registries_with_overlays_answer_by_name_as_a_search_of_a_list)
{
	compare_small(compare_names);
}

TEST(small_registries_with_overlays_answer_without_case_as_a_search_of_a_list)
{
	compare_small(compare_names_without_case);
}

static int set_up(void **state)
{
	(void)state;
	build_model();
	registry = use_registry();
	use_module_in_libc();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(model.csv);
	free_compiled(&registry);
	return 0;
}

TEST_PROGRAM(.set_up = set_up, .tear_down = tear_down);
