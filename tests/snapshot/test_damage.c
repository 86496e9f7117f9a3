/* SPDX-License-Identifier: MIT */
/* Damaged, truncated and hostile snapshots: an answer that is true or an error, and never a byte read outside. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nss/servent.h"
#include "snapshot/find.h"
#include "snapshot/rows.h"
#include "tests/support/support.h"

enum {
	DAMAGE_KINDS = 10, /* set to 0x00, set to 0xff, each bit flipped */
	KEYS_MAX = 64,
};

/* A port or, if `name` is not NULL, a name; with a protocol or NULL. */
struct key {
	const char *name;
	uint32_t port;
	const char *protocol;
};

/* All that an undamaged snapshot answers, shadowed entries included, in the order of their records. */
struct truth {
	const unsigned char *bytes;
	size_t size;
	struct snapshot snapshot;
	struct snapshot_entry *entries;
	uint32_t count;
	uint32_t *next_of_port; /* by entry: index + 1, or 0 */
	uint32_t first_of_port[PORT_MAX + 1];
	uint32_t *entry_of_record; /* by record number: index + 1 of its first entry, or 0 */
};

static const char *const asked_protocols[] = {"tcp", "udp", "sctp", "dccp", NULL};
enum { PROTOCOLS_ASKED = sizeof asked_protocols / sizeof *asked_protocols };

static bool slow_run(void)
{
	return UNDER_ASAN || getenv("VALGRIND");
}

/* ---- what is true ---- */

static void add_record(struct truth *truth, uint32_t number, unsigned protocols)
{
	truth->entry_of_record[number] = truth->count + 1;
	for (unsigned p = 0; p < PROTOCOL_MAX; p++) {
		if (!(protocols >> p & 1))
			continue;

		struct snapshot_entry *entry = &truth->entries[truth->count];

		assert_int_equal(snapshot_record(&truth->snapshot, number, p, entry), SNAPSHOT_OK);
		truth->next_of_port[truth->count] = truth->first_of_port[entry->port];
		truth->first_of_port[entry->port] = ++truth->count;
	}
}

static struct truth *learn(const unsigned char *bytes, size_t size)
{
	struct truth *truth = calloc(1, sizeof *truth);
	const struct snapshot_bytes *records = &truth->snapshot.sections[SECTION_RECORDS];

	assert_non_null(truth);
	truth->bytes = bytes;
	truth->size = size;
	assert_int_equal(snapshot_open(bytes, size, &truth->snapshot), SNAPSHOT_OK);
	truth->entries = calloc(PROTOCOL_MAX * (size_t)records->count, sizeof *truth->entries);
	truth->next_of_port = calloc(PROTOCOL_MAX * (size_t)records->count, sizeof *truth->next_of_port);
	truth->entry_of_record = calloc(records->size / RECORD_UNIT + 2, sizeof *truth->entry_of_record);
	assert_true(truth->entries && truth->next_of_port && truth->entry_of_record);
	for (uint32_t offset = 0; offset < records->size;) {
		const struct disk_record *record = (const void *)(records->start + offset);

		add_record(truth, number_of_record(offset), record->protocols);
		offset += record_size(load16(record->names_size));
	}
	return truth;
}

static void forget(struct truth *truth)
{
	free(truth->entries);
	free(truth->next_of_port);
	free(truth->entry_of_record);
	free(truth);
}

static bool is_true(const struct truth *truth, const struct snapshot_entry *entry)
{
	for (uint32_t i = truth->first_of_port[entry->port]; i; i = truth->next_of_port[i - 1]) {
		const struct snapshot_entry *known = &truth->entries[i - 1];

		if (known->names_size == entry->names_size && known->alias_count == entry->alias_count &&
		    strcmp(known->protocol, entry->protocol) == 0 &&
		    memcmp(known->names, entry->names, entry->names_size) == 0)
			return true;
	}
	return false;
}

static bool bears_name(const struct snapshot_entry *entry, const char *name)
{
	const char *candidate = entry->names;

	for (uint32_t i = 0; i <= entry->alias_count; i++) {
		if (strcasecmp(candidate, name) == 0)
			return true;
		candidate += strlen(candidate) + 1;
	}
	return false;
}

static bool bears_key(const struct snapshot_entry *entry, const struct key *key)
{
	if (key->protocol && strcmp(key->protocol, entry->protocol) != 0)
		return false;
	if (key->name)
		return bears_name(entry, key->name);
	return key->port == entry->port && !(entry->record->flags & RECORD_SHADOWED);
}

static enum snapshot_status find(const struct snapshot *s, const struct key *key, struct snapshot_entry *entry)
{
	return key->name ? snapshot_find_name(s, key->name, key->protocol, entry)
			 : snapshot_find_port(s, key->port, key->protocol, entry);
}

/* Nothing, or an entry of the undamaged registry that bears the key. */
static bool answers_truly(const struct truth *truth, const struct snapshot *s, const struct key *key)
{
	struct snapshot_entry entry;
	const enum snapshot_status status = find(s, key, &entry);

	return status == SNAPSHOT_NOT_FOUND ||
	       (status == SNAPSHOT_OK && is_true(truth, &entry) && bears_key(&entry, key));
}

/* Bytes of the strings that the module returned; they lie in its buffer, one after another. */
static uint32_t names_size_of(const struct servent *servent, const char *end)
{
	const char *next = servent->s_name + strlen(servent->s_name) + 1;

	for (char *const *alias = servent->s_aliases; *alias; alias++) {
		assert_ptr_equal(*alias, next);
		next += strlen(next) + 1;
	}
	assert_true(next <= end);
	return (uint32_t)(next - servent->s_name);
}

/* The entry that a walk is at or comes to, as the module enumerates: copied, and past what is damaged. */
static bool walk_on(const struct snapshot *s, struct snapshot_position *walk, struct snapshot_entry *entry)
{
	static char buffer[PROTOCOL_SIZE + NAMES_MAX_BYTES + 257 * sizeof(char *)];
	struct found_record record;
	struct servent servent;

	while (find_next(s->view, walk, &record)) {
		if (servent_pack(record, &servent, buffer, sizeof buffer) == NSS_STATUS_SUCCESS) {
			*entry = (struct snapshot_entry){
				.names = servent.s_name,
				.names_size = names_size_of(&servent, buffer + sizeof buffer),
				.alias_count = key_alias_count(record.key),
				.protocol = servent.s_proto,
				.port = ntohs((uint16_t)servent.s_port),
				.protocol_index = (uint8_t)record.protocol_index,
				.record = (const struct disk_record *)(const void *)record.start,
			};
			return true;
		}
		snapshot_step(walk);
	}
	return false;
}

/* Truly, and as much as the tool enumerates. */
static bool walks_truly(const struct truth *truth, const struct snapshot *s, uint32_t enumerated)
{
	struct snapshot_position walk = {0};
	struct snapshot_entry entry;
	uint32_t last = 0, walked = 0;

	for (; walk_on(s, &walk, &entry); snapshot_step(&walk), walked++) {
		const uint32_t place = ((uint32_t)entry.port << 3 | entry.protocol_index) + 1;

		if (place <= last || !is_true(truth, &entry) || entry.port != walk.port ||
		    entry.protocol_index != walk.protocol_index)
			return false;
		last = place;
	}
	return walked == enumerated;
}

static bool enumerates_truly(const struct truth *truth, const struct snapshot *s)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	uint32_t last = 0, enumerated = 0;

	for (; snapshot_at(s, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position)) {
		const uint32_t place = ((uint32_t)entry.port << 3 | entry.protocol_index) + 1;

		if (place <= last || !is_true(truth, &entry))
			return false;
		last = place;
		enumerated++;
	}
	return walks_truly(truth, s, enumerated);
}

/* Rows are not part of any answer: they need only lie inside. */
static size_t read_rows(const struct snapshot *s)
{
	struct snapshot_row row;
	size_t read = 0;

	for (uint32_t i = 0; i < snapshot_row_count(s); i++)
		if (snapshot_row(s, i, &row) == SNAPSHOT_OK) {
			read += strlen(row.name) + strlen(row.protocol);
			for (unsigned t = 0; t < TEXT_COUNT; t++)
				read += strlen(row.text[t]);
		}
	return read;
}

/* ---- damage ---- */

static unsigned char damaged(unsigned char byte, unsigned kind)
{
	if (kind < 2)
		return kind ? 0xff : 0;
	return (unsigned char)(byte ^ 1u << (kind - 2));
}

static const char *kind_text(unsigned kind)
{
	return kind < 2 ? kind ? "set to 0xff" : "set to 0x00" : text("with bit %u flipped", kind - 2);
}

static void seal_header(struct disk_header *header)
{
	header->header_check = store64(checksum_words(header, offsetof(struct disk_header, header_check)));
}

/* Checksums that are right for what the file holds now, so that what lies behind them is looked at. */
static void seal(unsigned char *bytes, size_t size)
{
	struct disk_header *header = (void *)bytes;

	if (size % 8 == 0)
		header->body_check = store64(checksum_words(header + 1, (uint32_t)(size - sizeof *header)));
	seal_header(header);
}

static unsigned char *exact_copy(const unsigned char *bytes, size_t size)
{
	unsigned char *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	return memcpy(copy, bytes, size);
}

/* ---- the small snapshot ---- */

static const char small_csv[] = CSV_HEAD
	",0,tcp,Reserved,,,,,[RFC6335],,,\n"
	"echo,7,tcp,Echo,[Jon_Postel],[Jon_Postel],,,,,,\n"
	"echo,7,udp,Echo,[Jon_Postel],[Jon_Postel],,,,,,\n"
	"http,80,tcp,World Wide Web HTTP,[W3C],[Tim_Berners-Lee],,2021-10-01,[RFC9110],,,Defined TXT keys: path=\n"
	"www,80,tcp,World Wide Web HTTP,[W3C],[Tim_Berners-Lee],,,,,,\n"
	"http,80,udp,World Wide Web HTTP,[W3C],[Tim_Berners-Lee],,,[RFC9110],,,\n"
	"http-alt,591,tcp,FileMaker,[FileMaker],,,,,,,\n"
	"x11,6000-6002,tcp,X Window System,[X],,,,,,,\n"
	"boe-cms,6400,,Business Objects,[B],,,,,,,\n"
	"http-alt,8080,tcp,HTTP Alternate,[Stephen_Casner],,,,,,,\n"
	"iceedcp-tx,31948,tcp,iceedcp_tx,[O],[O],2008-02,2013-01,,,,\n"
	"iceedcp_tx,31948,tcp,iceedcp_tx,[O],[O],2008-02,2013-01,,,,\"This entry is an alias to \"\"iceedcp-tx\"\"\"\n"
	"portless,,,No port,[P],[P],2020-01-01,,,42,yes,a note\n";
static const char small_overlay[] = "intranet 80/tcp web # shadows http\nhome 9999/ddp\n";
static const char small_preferences[] = "http-alt 8080/tcp\n";

static const char *const small_names[] = {
	"echo",    "ECHO",       "http",       "www",      "web",
	"WEB",     "intranet",   "home",       "http-alt", "x11",
	"boe-cms", "iceedcp-tx", "iceedcp_tx", "portless", "nosuch",
	"",        "htt",        "httpd",      "e",        "a-name-that-is-longer-than-any-other-one",
};
static const uint32_t small_ports[] = {0,     7, 80, 591, 6000, 6001, 6002,  6400,  8080, 9999,
				       31948, 1, 79, 81,  6003, 8,    65535, 65536, 31949};

static struct compiled small;
static struct truth *small_truth;

static int make_small(void **state)
{
	(void)state;
	small = compile_csv(small_csv, strlen(small_csv), small_overlay, small_preferences);
	assert_int_equal(small.status, OUTCOME_OK);
	small_truth = learn(small.bytes, small.size);
	return 0;
}

static int free_small(void **state)
{
	(void)state;
	forget(small_truth);
	free_compiled(&small);
	return 0;
}

/* Every key there is with every protocol, and keys that are not there: the first that is answered wrongly, or NULL. */
static const struct key *first_lie(const struct truth *truth, const struct snapshot *s)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp", NULL, "ddp", ""};
	static struct key key;

	for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++) {
		for (size_t i = 0; i < sizeof small_names / sizeof *small_names; i++) {
			key = (struct key){.name = small_names[i], .protocol = protocols[p]};
			if (!answers_truly(truth, s, &key))
				return &key;
		}
		for (size_t i = 0; i < sizeof small_ports / sizeof *small_ports; i++) {
			key = (struct key){.port = small_ports[i], .protocol = protocols[p]};
			if (!answers_truly(truth, s, &key))
				return &key;
		}
	}
	return NULL;
}

static const char *key_text(const struct key *key)
{
	const char *protocol = key->protocol ? key->protocol : "(any)";

	return key->name ? text("name %s/%s", key->name, protocol) : text("port %u/%s", key->port, protocol);
}

static void assert_tells_the_truth(const struct truth *truth, const struct snapshot *s, const char *what)
{
	const struct key *lie = first_lie(truth, s);

	if (lie)
		fail_msg("%s: a false answer for %s", what, key_text(lie));
	if (!enumerates_truly(truth, s))
		fail_msg("%s: a false entry is enumerated", what);
}

/* Without this the tests below would prove nothing. */
static const struct test_group on_small = {.name = "small", .set_up = make_small, .tear_down = free_small};

TEST_IN(&on_small, an_undamaged_snapshot_answers_every_key_of_the_small_registry)
{
	struct snapshot_position walk = {0};
	uint32_t walked = 0;

	static const struct key keys[] = {
		{"echo", 0, "udp"},  {"http", 0, "tcp"},       {"www", 0, NULL},        {"web", 0, "tcp"},
		{"home", 0, "ddp"},  {"http-alt", 0, NULL},    {"x11", 0, "tcp"},       {"boe-cms", 0, "udp"},
		{"ECHO", 0, "tcp"},  {"iceedcp_tx", 0, "tcp"}, {"iceedcp-tx", 0, NULL}, {NULL, 7, "udp"},
		{NULL, 80, "tcp"},   {NULL, 80, "udp"},        {NULL, 591, "tcp"},      {NULL, 6002, NULL},
		{NULL, 6400, "udp"}, {NULL, 9999, "ddp"},      {NULL, 8080, "tcp"},     {NULL, 31948, "tcp"},
	};
	struct snapshot_fault fault;
	struct snapshot_entry entry;

	assert_tells_the_truth(small_truth, &small.snapshot, "undamaged");
	assert_int_equal(snapshot_check(&small.snapshot, &fault), SNAPSHOT_OK);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (find(&small.snapshot, &keys[i], &entry) != SNAPSHOT_OK)
			fail_msg("%s is not found", key_text(&keys[i]));
	assert_true(read_rows(&small.snapshot) > 500);
	for (; walk_on(&small.snapshot, &walk, &entry); snapshot_step(&walk))
		walked++;
	assert_int_equal(walked, load32(small.snapshot.header->entry_count));
}

TEST_IN(&on_small, no_damaged_byte_of_a_small_snapshot_gives_a_false_answer)
{
	const size_t step = getenv("VALGRIND") ? 61 : 1;
	unsigned char *copy = exact_copy(small.bytes, small.size);
	struct snapshot snapshot;

	for (size_t at = 0; at < small.size; at += at < sizeof(struct disk_header) ? 1 : step)
		for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
			copy[at] = damaged(small.bytes[at], kind);
			if (copy[at] != small.bytes[at] && snapshot_open(copy, small.size, &snapshot) == SNAPSHOT_OK) {
				assert_tells_the_truth(small_truth, &snapshot,
						       text("byte %zu %s", at, kind_text(kind)));
				read_rows(&snapshot);
			}
			copy[at] = small.bytes[at];
		}
	free(copy);
}

TEST_IN(&on_small, every_damaged_byte_of_a_small_snapshot_is_reported)
{
	const size_t step = getenv("VALGRIND") ? 61 : UNDER_ASAN ? 5 : 1;
	unsigned char *copy = exact_copy(small.bytes, small.size);
	struct snapshot snapshot;
	struct snapshot_fault fault;

	for (size_t at = 0; at < small.size; at += at < sizeof(struct disk_header) ? 1 : step)
		for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
			copy[at] = damaged(small.bytes[at], kind);
			if (copy[at] != small.bytes[at] && snapshot_open(copy, small.size, &snapshot) == SNAPSHOT_OK &&
			    snapshot_check(&snapshot, &fault) == SNAPSHOT_OK)
				fail_msg("byte %zu %s passes the full check", at, kind_text(kind));
			copy[at] = small.bytes[at];
		}
	free(copy);
}

TEST_IN(&on_small, a_damaged_header_is_never_opened)
{
	unsigned char *copy = exact_copy(small.bytes, small.size);
	struct snapshot snapshot;

	for (size_t at = 0; at < sizeof(struct disk_header); at++)
		for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
			copy[at] = damaged(small.bytes[at], kind);
			if (copy[at] != small.bytes[at] && snapshot_open(copy, small.size, &snapshot) == SNAPSHOT_OK)
				fail_msg("header byte %zu %s opens", at, kind_text(kind));
			copy[at] = small.bytes[at];
		}
	free(copy);
}

/* The checksum of the body made right again, the rest of the proof has to see to its own safety. */
TEST_IN(&on_small, the_full_check_survives_damage_under_a_right_checksum)
{
	const size_t step = getenv("VALGRIND") ? 601 : UNDER_ASAN ? 61 : 7;
	struct snapshot snapshot;
	struct snapshot_fault fault;
	unsigned char *copy = exact_copy(small.bytes, small.size);

	for (size_t at = sizeof(struct disk_header); at < small.size; at += step)
		for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
			copy[at] = damaged(small.bytes[at], kind);
			seal(copy, small.size);
			assert_int_equal(snapshot_open(copy, small.size, &snapshot), SNAPSHOT_OK);
			snapshot_check(&snapshot, &fault);
			assert_tells_the_truth(small_truth, &snapshot,
					       text("byte %zu %s, sealed", at, kind_text(kind)));
			copy[at] = small.bytes[at];
		}
	free(copy);
}

/* ---- truncation ---- */

TEST_IN(&on_small, every_truncation_of_a_small_snapshot_is_refused)
{
	struct snapshot snapshot;

	for (size_t size = 0; size < small.size; size++) {
		unsigned char *copy = exact_copy(small.bytes, size);

		if (snapshot_open(copy, size, &snapshot) == SNAPSHOT_OK)
			fail_msg("the first %zu bytes open", size);
		free(copy);
	}
}

/* Sections that reach past the end are cut there, and the header says all of it. */
static void clip(unsigned char *bytes, size_t size)
{
	struct disk_header *header = (void *)bytes;

	header->file_size = store32((uint32_t)size);
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		struct disk_section *section = &header->sections[i];

		if (load32(section->section_off) > size)
			section->section_off = store32((uint32_t)size);
		if (load32(section->section_size) > size - load32(section->section_off))
			section->section_size = store32((uint32_t)size - load32(section->section_off));
	}
	if (load32(header->sections[SECTION_SLOTS].section_size) / 4 >= PROBE_LIMIT)
		header->slot_count = store32(load32(header->sections[SECTION_SLOTS].section_size) / 4 - PROBE_LIMIT);
	seal(bytes, size);
}

TEST_IN(&on_small, a_truncated_snapshot_whose_header_agrees_gives_no_false_answer)
{
	const size_t step = getenv("VALGRIND") ? 7 : 1;
	struct snapshot snapshot;
	struct snapshot_fault fault;
	unsigned opened = 0;

	for (size_t size = sizeof(struct disk_header); size < small.size; size += step) {
		unsigned char *copy = exact_copy(small.bytes, size);

		clip(copy, size);
		if (snapshot_open(copy, size, &snapshot) == SNAPSHOT_OK) {
			opened++;
			assert_tells_the_truth(small_truth, &snapshot, text("clipped to %zu bytes", size));
			read_rows(&snapshot);
			if (snapshot_check(&snapshot, &fault) == SNAPSHOT_OK)
				fail_msg("clipped to %zu bytes it passes the full check", size);
		}
		free(copy);
	}
	assert_true(opened > 100);
}

/* ---- the whole registry ---- */

static struct compiled whole;
static struct truth *whole_truth;

static int make_whole(void **state)
{
	(void)state;
	whole = compile_file(BUNDLED_CSV);
	whole_truth = learn(whole.bytes, whole.size);
	return 0;
}

static int free_whole(void **state)
{
	(void)state;
	forget(whole_truth);
	free_compiled(&whole);
	return 0;
}

static const struct test_group on_whole = {.name = "whole", .set_up = make_whole, .tear_down = free_whole};

struct keys {
	struct key key[KEYS_MAX];
	unsigned count;
};

static void add_key(struct keys *keys, const char *name, uint32_t port, uint64_t *random)
{
	if (keys->count < KEYS_MAX)
		keys->key[keys->count++] =
			(struct key){name, port, asked_protocols[next_random(random) % PROTOCOLS_ASKED]};
}

/* By port and by each name, as the entry has them. */
static void add_entry(struct keys *keys, const struct snapshot_entry *entry, uint64_t *random)
{
	const char *name = entry->names;

	add_key(keys, NULL, entry->port, random);
	for (uint32_t i = 0; i <= entry->alias_count; i++) {
		add_key(keys, name, 0, random);
		name += strlen(name) + 1;
	}
}

static void add_record_of(struct keys *keys, const struct truth *truth, uint32_t number, uint64_t *random)
{
	if (number <= truth->snapshot.sections[SECTION_RECORDS].size / RECORD_UNIT && truth->entry_of_record[number])
		add_entry(keys, &truth->entries[truth->entry_of_record[number] - 1], random);
}

/* Names whose search passes the slots round the damaged one. */
static void add_near_slot(struct keys *keys, const struct truth *truth, uint32_t slot, uint64_t *random)
{
	const struct snapshot_bytes *slots = &truth->snapshot.sections[SECTION_SLOTS];

	for (uint32_t i = slot > 6 ? slot - 6 : 0; i < slot + 4 && i < slots->size / 4; i++)
		add_record_of(keys, truth, index_number(load32(((const le32 *)(const void *)slots->start)[i])), random);
}

/* The record that holds the damaged byte, and its neighbours. */
static void add_near_record(struct keys *keys, const struct truth *truth, uint32_t offset, uint64_t *random)
{
	uint32_t number = number_of_record(offset);

	while (number > 1 && !truth->entry_of_record[number])
		number--;
	for (uint32_t i = number > 3 ? number - 3 : 1; i < number + 4; i++)
		add_record_of(keys, truth, i, random);
}

/* Ports whose word is near the damaged one. */
static void add_near_word(struct keys *keys, const struct truth *truth, uint32_t word, uint64_t *random)
{
	const struct snapshot_bytes *ports = &truth->snapshot.sections[SECTION_PORTS];

	for (uint32_t i = word > 3 ? word - 3 : 0; i < word + 3 && i < ports->size / 4; i++)
		add_record_of(keys, truth, index_number(load32(((const le32 *)(const void *)ports->start)[i])), random);
}

/* A few dozen keys whose lookups pass near the byte at `at`, and some from anywhere. */
static void choose_keys(struct keys *keys, const struct truth *truth, size_t at, uint64_t *random)
{
	const struct snapshot_bytes *sections = truth->snapshot.sections;
	unsigned which = 0;

	while (which + 1 < SECTION_COUNT && truth->bytes + at >= sections[which + 1].start)
		which++;

	const uint32_t offset =
		truth->bytes + at < sections[which].start ? 0 : (uint32_t)(truth->bytes + at - sections[which].start);

	keys->count = 0;
	for (unsigned i = 0; i < 8; i++) {
		add_entry(keys, &truth->entries[next_random(random) % truth->count], random);
		add_key(keys, NULL, next_random(random) & PORT_MAX, random);
	}
	if (which == SECTION_BLOCKS)
		for (uint32_t port = 0; port < PORTS_PER_BLOCK; port++)
			add_key(keys, NULL, offset / 2 * PORTS_PER_BLOCK + port, random);
	else if (which == SECTION_PORTS)
		add_near_word(keys, truth, offset / 4, random);
	else if (which == SECTION_SLOTS)
		add_near_slot(keys, truth, offset / 4, random);
	else if (which == SECTION_RECORDS)
		add_near_record(keys, truth, offset, random);
}

static void assert_keys_answered_truly(const struct truth *truth, const struct snapshot *s, const struct keys *keys,
				       size_t at, unsigned kind)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (!answers_truly(truth, s, &keys->key[i]))
			fail_msg("byte %zu %s: a false answer for %s", at, kind_text(kind), key_text(&keys->key[i]));
}

/* Half of the cases strike what a lookup touches, which is a fifth of the file. */
static size_t choose_byte(const struct truth *truth, uint64_t *random)
{
	const size_t hot = (size_t)(truth->snapshot.sections[SECTION_PREFERRED].start - truth->bytes);

	return next_random(random) % (next_random(random) & 1 ? hot : truth->size);
}

TEST_IN(&on_whole, no_sampled_damage_to_the_whole_registry_gives_a_false_answer)
{
	const unsigned cases = slow_run() ? 5000 : 200000;
	unsigned char *copy = exact_copy(whole.bytes, whole.size);
	uint64_t random = 19220;
	struct snapshot snapshot;
	struct keys keys;

	for (unsigned i = 0; i < cases; i++) {
		const unsigned kind = next_random(&random) % DAMAGE_KINDS;
		const size_t at = choose_byte(whole_truth, &random);

		copy[at] = damaged(whole.bytes[at], kind);
		if (snapshot_open(copy, whole.size, &snapshot) == SNAPSHOT_OK) {
			choose_keys(&keys, whole_truth, at, &random);
			assert_keys_answered_truly(whole_truth, &snapshot, &keys, at, kind);
		}
		copy[at] = whole.bytes[at];
	}
	free(copy);
}

TEST_IN(&on_whole, no_sampled_damage_to_the_whole_registry_passes_the_full_check)
{
	const unsigned cases = slow_run() ? 100 : 2000;
	unsigned char *copy = exact_copy(whole.bytes, whole.size);
	uint64_t random = 31948;
	struct snapshot snapshot;
	struct snapshot_fault fault;

	for (unsigned i = 0; i < cases; i++) {
		const unsigned kind = next_random(&random) % DAMAGE_KINDS;
		const size_t at = next_random(&random) % whole.size;

		copy[at] = damaged(whole.bytes[at], kind);
		if (copy[at] != whole.bytes[at] && snapshot_open(copy, whole.size, &snapshot) == SNAPSHOT_OK &&
		    snapshot_check(&snapshot, &fault) == SNAPSHOT_OK)
			fail_msg("byte %zu %s passes the full check", at, kind_text(kind));
		copy[at] = whole.bytes[at];
	}
	free(copy);
}

/* An enumeration takes half a millisecond: a sample of a sample. */
TEST_IN(&on_whole, no_sampled_damage_to_the_whole_registry_enumerates_a_false_entry)
{
	const unsigned cases = slow_run() ? 50 : 2000;
	unsigned char *copy = exact_copy(whole.bytes, whole.size);
	uint64_t random = 6000;
	struct snapshot snapshot;

	for (unsigned i = 0; i < cases; i++) {
		const unsigned kind = next_random(&random) % DAMAGE_KINDS;
		const size_t at = choose_byte(whole_truth, &random);

		copy[at] = damaged(whole.bytes[at], kind);
		if (snapshot_open(copy, whole.size, &snapshot) == SNAPSHOT_OK &&
		    !enumerates_truly(whole_truth, &snapshot))
			fail_msg("byte %zu %s: a false entry is enumerated", at, kind_text(kind));
		copy[at] = whole.bytes[at];
	}
	free(copy);
}

/* ---- hostile files: no truth to keep to, but every byte read must be inside ---- */

static void assert_sound(const struct snapshot_entry *entry)
{
	size_t used = 0;

	for (uint32_t i = 0; i <= entry->alias_count; i++)
		used += strlen(entry->names + used) + 1;
	assert_int_equal(used, entry->names_size);
	assert_true(strlen(entry->protocol) > 0 && strlen(entry->protocol) < PROTOCOL_SIZE);
}

/* As the module hands it out: into a buffer that fits to the byte. */
static void pack(const struct snapshot_entry *entry)
{
	const struct found_record record = {
		.start = (const unsigned char *)entry->record,
		.key = load64(*(const le64 *)(const void *)((const unsigned char *)entry->record + 8)),
		.protocol = protocol_word(entry->protocol),
	};
	const size_t size =
		(entry->alias_count + 1) * sizeof(char *) + key_names_size(record.key) + strlen(entry->protocol) + 1;
	char *buffer = malloc(size);
	struct servent result = {0};

	assert_non_null(buffer);
	assert_int_equal(servent_pack(record, &result, buffer, size - 1), NSS_STATUS_TRYAGAIN);
	assert_int_equal(servent_pack(record, &result, buffer, size), NSS_STATUS_SUCCESS);
	for (char **alias = result.s_aliases; *alias; alias++)
		assert_in_range(*alias + strlen(*alias), buffer, buffer + size - 1);
	free(buffer);
}

static void take_entry(enum snapshot_status status, const struct snapshot_entry *entry)
{
	if (status != SNAPSHOT_OK)
		return;
	assert_sound(entry);
	pack(entry);
}

static void enumerate_all(const struct snapshot *s)
{
	struct snapshot_position position = {0};
	struct snapshot_position walk = {0};
	struct snapshot_entry entry;
	uint32_t last = 0;

	for (; walk_on(s, &walk, &entry); snapshot_step(&walk))
		take_entry(SNAPSHOT_OK, &entry);
	for (; snapshot_at(s, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position)) {
		const uint32_t place = (position.port << 3 | position.protocol_index) + 1;

		assert_true(place > last && position.port <= PORT_MAX);
		last = place;
		take_entry(SNAPSHOT_OK, &entry);
	}
}

/* All that can be asked of a snapshot. */
static void use_fully(const struct snapshot *s)
{
	struct snapshot_entry entry;
	struct snapshot_fault fault;

	for (unsigned p = 0; p < PROTOCOLS_ASKED; p++) {
		for (size_t i = 0; i < sizeof small_names / sizeof *small_names; i++)
			take_entry(snapshot_find_name(s, small_names[i], asked_protocols[p], &entry), &entry);
		for (size_t i = 0; i < sizeof small_ports / sizeof *small_ports; i++)
			take_entry(snapshot_find_port(s, small_ports[i], asked_protocols[p], &entry), &entry);
	}
	for (unsigned number = 0; number < 40; number++)
		take_entry(snapshot_record(s, number, number % 11, &entry), &entry);
	take_entry(snapshot_record(s, UINT32_MAX, PROTOCOL_NONE, &entry), &entry);
	enumerate_all(s);
	read_rows(s);
	snapshot_check(s, &fault);
}

/* Numbers at which bounds go wrong. */
static uint32_t absurd_number(size_t size, uint64_t *random)
{
	const uint32_t near[] = {0,
				 1,
				 3,
				 4,
				 (uint32_t)size,
				 (uint32_t)size - 4,
				 UINT32_MAX,
				 UINT32_MAX - 3,
				 INT32_MAX,
				 1u << 31,
				 1u << 30,
				 (1u << 24) - 1,
				 256,
				 255,
				 16384};

	if (next_random(random) & 1)
		return next_random(random) % (uint32_t)size;
	return near[next_random(random) % (sizeof near / sizeof *near)] + next_random(random) % 3 - 1;
}

static void make_header_absurd(struct disk_header *header, size_t size, uint64_t *random)
{
	struct disk_section *section = &header->sections[next_random(random) % SECTION_COUNT];
	const le32 number = store32(absurd_number(size, random));

	switch (next_random(random) % 8) {
	case 0:
	case 1:
		section->section_off = number;
		break;
	case 2:
	case 3:
		section->section_size = number;
		break;
	case 4:
		section->item_count = number;
		break;
	case 5:
		header->slot_count = number;
		break;
	case 6:
		memset(header->protocols[4 + next_random(random) % 4], (int)next_random(random), PROTOCOL_SIZE);
		break;
	default:
		header->hash_seed = number;
		break;
	}
}

/* What stands between a hostile header and being opened, half of the time made right. */
static void make_header_plausible(struct disk_header *header, uint64_t *random)
{
	const uint32_t slots = load32(header->sections[SECTION_SLOTS].section_size) / 4;

	if (next_random(random) & 1)
		header->slot_count = store32(slots - PROBE_LIMIT);
}

TEST_IN(&on_small, a_hostile_header_is_never_followed_outside_the_bytes)
{
	const unsigned cases = getenv("VALGRIND") ? 300 : UNDER_ASAN ? 5000 : 20000;
	uint64_t random = 1;
	unsigned opened = 0;
	struct snapshot snapshot;

	for (unsigned i = 0; i < cases; i++) {
		unsigned char *copy = exact_copy(small.bytes, small.size);

		for (unsigned n = next_random(&random) % 4; n-- > 0;)
			make_header_absurd((void *)copy, small.size, &random);
		make_header_plausible((void *)copy, &random);
		seal(copy, small.size);
		if (snapshot_open(copy, small.size, &snapshot) == SNAPSHOT_OK) {
			opened++;
			use_fully(&snapshot);
		}
		free(copy);
	}
	assert_true(opened > cases / 10);
}

TEST_IN(&on_small, random_bytes_in_a_section_are_never_followed_outside_the_bytes)
{
	const unsigned cases = getenv("VALGRIND") ? 100 : UNDER_ASAN ? 1000 : 10000;
	unsigned char *copy = exact_copy(small.bytes, small.size);
	uint64_t random = 2;
	struct snapshot snapshot;

	for (unsigned i = 0; i < cases; i++) {
		const struct snapshot_bytes *section = &small.snapshot.sections[i % SECTION_COUNT];
		unsigned char *start = copy + (section->start - small.bytes);
		const bool dense = next_random(&random) & 1;

		for (uint32_t k = 0; k < section->size; k++)
			if (dense || next_random(&random) % 16 == 0)
				start[k] = (unsigned char)next_random(&random);
		seal(copy, small.size);
		assert_int_equal(snapshot_open(copy, small.size, &snapshot), SNAPSHOT_OK);
		use_fully(&snapshot);
		memcpy(copy, small.bytes, small.size);
	}
	free(copy);
}

/* A word, slot or offset that says the utmost. */
TEST_IN(&on_small, words_at_their_limits_are_never_followed_outside_the_bytes)
{
	const size_t step = getenv("VALGRIND") ? 404 : UNDER_ASAN ? 44 : 4;
	static const uint32_t limits[] = {UINT32_MAX, 1u << 31, INT32_MAX, 0x00ffffff, 0x01000000};
	unsigned char *copy = exact_copy(small.bytes, small.size);
	struct snapshot snapshot;

	for (size_t at = sizeof(struct disk_header); at + 4 <= small.size; at += step) {
		const le32 word = store32(limits[at / 4 % (sizeof limits / sizeof *limits)]);

		memcpy(copy + at, &word, sizeof word);
		seal(copy, small.size);
		assert_int_equal(snapshot_open(copy, small.size, &snapshot), SNAPSHOT_OK);
		use_fully(&snapshot);
		memcpy(copy + at, small.bytes + at, sizeof word);
	}
	free(copy);
}

static uint32_t absurd_names_size(uint32_t room, uint64_t *random)
{
	switch (next_random(random) % 4) {
	case 0:
		return room ? next_random(random) % room : 0;
	case 1:
		return room;
	case 2:
		return next_random(random) & 0xffff;
	default:
		return next_random(random) % 20;
	}
}

/* A record with a right checksum over fields that make no sense. */
static void make_record_absurd(unsigned char *records, uint32_t size, uint32_t offset, uint64_t *random)
{
	struct disk_record *record = (void *)(records + offset);
	const uint32_t room = size - offset - (uint32_t)sizeof *record;

	if (next_random(random) & 1)
		record->names_size = store16(absurd_names_size(room, random));
	if (next_random(random) & 1)
		record->alias_count = (unsigned char)(next_random(random) & (next_random(random) & 1 ? 3 : 0xff));
	if (next_random(random) & 1)
		record->flags = (unsigned char)(next_random(random) & 3);
	if (next_random(random) & 1)
		record->protocols = (unsigned char)next_random(random);
	if (next_random(random) & 1)
		record->first_protocol = (unsigned char)(next_random(random) & (next_random(random) & 1 ? 7 : 0xff));
	if (next_random(random) % 4 == 0)
		record->port = store16(small_ports[next_random(random) % 11]);
	if (next_random(random) % 4 == 0 && room > 8)
		records[offset + sizeof *record + next_random(random) % 8] = 0;
	if (record_size(load16(record->names_size)) <= size - offset)
		record->check = store64(record_checksum(record));
}

TEST_IN(&on_small, absurd_records_with_right_checksums_are_never_followed_outside_the_bytes)
{
	const unsigned cases = getenv("VALGRIND") ? 200 : UNDER_ASAN ? 3000 : 20000;
	const struct snapshot_bytes *section = &small.snapshot.sections[SECTION_RECORDS];
	unsigned char *copy = exact_copy(small.bytes, small.size);
	unsigned char *records = copy + (section->start - small.bytes);
	uint64_t random = 3;
	struct snapshot snapshot;

	for (unsigned i = 0; i < cases; i++) {
		for (unsigned n = 0; n < 3; n++) {
			const struct snapshot_entry *entry =
				&small_truth->entries[next_random(&random) % small_truth->count];

			make_record_absurd(records, section->size,
					   (uint32_t)((const unsigned char *)entry->record - section->start), &random);
		}
		seal(copy, small.size);
		assert_int_equal(snapshot_open(copy, small.size, &snapshot), SNAPSHOT_OK);
		use_fully(&snapshot);
		memcpy(records, section->start, section->size);
	}
	free(copy);
}

/* ---- work that hostile bytes could ask for ---- */

/* A snapshot of one record on port 7 whose names are `names`, all of them indexed; free() its bytes. */
static unsigned char *forge_record(const char *names, uint32_t names_size, uint32_t name_count, size_t *size)
{
	const uint32_t slot_count = 2 * name_count + 1;
	const uint32_t sizes[SECTION_COUNT] = {[SECTION_BLOCKS] = BLOCK_COUNT * sizeof(le16),
					       [SECTION_PORTS] = 2 * PORTS_PER_BLOCK * sizeof(le32),
					       [SECTION_SLOTS] = (slot_count + PROBE_LIMIT) * 4,
					       [SECTION_RECORDS] = record_size(names_size),
					       [SECTION_STRINGS] = 8};
	const uint32_t counts[SECTION_COUNT] = {[SECTION_BLOCKS] = BLOCK_COUNT,
						[SECTION_PORTS] = 2 * PORTS_PER_BLOCK,
						[SECTION_SLOTS] = slot_count + PROBE_LIMIT,
						[SECTION_RECORDS] = 1,
						[SECTION_STRINGS] = 1};
	struct disk_header header = *small.snapshot.header;
	size_t end = sizeof header;

	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		end = (end + SECTION_ALIGN - 1) & -(size_t)SECTION_ALIGN;
		header.sections[i] =
			(struct disk_section){store32((uint32_t)end), store32(sizes[i]), store32(counts[i])};
		end += sizes[i];
	}
	header.file_size = store32((uint32_t)end);
	header.slot_count = store32(slot_count);
	header.entry_count = store32(1);
	header.name_count = store32(name_count);

	unsigned char *bytes = calloc(1, end);

	assert_non_null(bytes);
	memcpy(bytes, &header, sizeof header);

	le16 *blocks = (void *)(bytes + BLOCKS_OFF);
	le32 *ports = (void *)(bytes + PORTS_OFF);
	le32 *slots = (void *)(bytes + load32(header.sections[SECTION_SLOTS].section_off));
	struct disk_record *record = (void *)(bytes + load32(header.sections[SECTION_RECORDS].section_off));

	for (unsigned i = 0; i < BLOCK_COUNT; i++)
		blocks[i] = store16(EMPTY_BLOCK + (i == 0));
	ports[PORTS_PER_BLOCK + 7] = store32(index_word(1, 1));
	*record = (struct disk_record){.port = store16(7),
				       .names_size = store16(names_size),
				       .protocols = 1,
				       .alias_count = (unsigned char)(name_count - 1)};
	memcpy(record + 1, names, names_size);
	record->check = store64(record_checksum(record));
	for (const char *name = names; name < names + names_size; name += strlen(name) + 1) {
		const uint32_t hash = name_hash(name, strlen(name), load32(header.hash_seed));
		le32 *slot = slots + ((uint64_t)hash * slot_count >> 32);

		for (unsigned probe = 0; probe < PROBE_LIMIT; probe++)
			if (!load32(slot[probe])) {
				slot[probe] = store32(index_word(1, hash));
				break;
			}
	}
	seal(bytes, end);
	*size = end;
	return bytes;
}

/* `count` names of 7 bytes and a NUL; free() them. */
static char *many_names(uint32_t count)
{
	char *names = malloc(8 * (size_t)count + 1);

	assert_non_null(names);
	for (uint32_t i = 0; i < count; i++)
		sprintf(names + 8 * (size_t)i, "n%06u", i);
	return names;
}

static enum snapshot_status check_forged(uint32_t name_count)
{
	size_t size;
	char *names = many_names(name_count);
	unsigned char *bytes = forge_record(names, 8 * name_count, name_count, &size);
	struct snapshot snapshot;
	struct snapshot_fault fault;

	assert_int_equal(snapshot_open(bytes, size, &snapshot), SNAPSHOT_OK);

	const enum snapshot_status status = snapshot_check(&snapshot, &fault);

	free(bytes);
	free(names);
	return status;
}

TEST_IN(&on_small, a_record_of_as_many_names_as_the_format_allows_passes_the_full_check)
{
	assert_int_equal(check_forged(NAMES_MAX_BYTES / 8), SNAPSHOT_OK);
}

/* The limit is what keeps the work for one record, and what a caller's buffer needs, small. */
TEST_IN(&on_small, a_record_whose_names_are_past_the_format_s_limit_fails_the_full_check)
{
	assert_int_not_equal(check_forged(NAMES_MAX_BYTES / 8 + 1), SNAPSHOT_OK);
}

/*
 * An overlay's line whose aliases spell a record of their own, checksum included: an index could be bent to it. The outer
 * record's names begin in its middle; 16 bytes later the hidden one does. Its port is tried until its checksum is one
 * that names may hold.
 */
static bool spell_hidden_record(char *overlay, unsigned char first_protocol)
{
	unsigned char names[112] = "svc\0eleven-byte";
	struct disk_record *hidden = (void *)(names + 16);

	hidden->names_size = store16(1 + 33 * 2); /* the end of "!%", and 33 letters */
	hidden->protocols = '!'; /* tcp among them */
	hidden->first_protocol = first_protocol;
	hidden->alias_count = 33;
	hidden->flags = '%';
	for (unsigned i = 0; i < 33; i++)
		names[33 + 2 * i] = (unsigned char)(i < 26 ? 'a' + i : 'A' + i - 26);
	for (uint32_t port = 0; port <= PORT_MAX; port++) {
		bool spelled = true;

		hidden->port = store16(port);
		hidden->check = store64(record_checksum(hidden));
		for (unsigned i = 0; i < 10; i++) /* the checksum and the port */
			spelled &= names[16 + i] > ' ' && names[16 + i] < 0x7f && names[16 + i] != '#';
		if (!spelled)
			continue;
		overlay += sprintf(overlay, "svc 80/tcp");
		for (const char *alias = (const char *)names + 4; *alias; alias += strlen(alias) + 1)
			overlay += sprintf(overlay, " %s", alias);
		return true;
	}
	return false;
}

/* A lookup for tcp does not ask what the record's first protocol is: one that makes no sense hides nothing. */
static void refuse_hidden_record(unsigned char first_protocol)
{
	char overlay[256];

	assert_true(spell_hidden_record(overlay, first_protocol));

	struct compiled compiled = compile_csv(CSV_HEAD, strlen(CSV_HEAD), overlay, NULL);

	assert_int_equal(compiled.status, OUTCOME_INVALID);
	assert_non_null(strstr(compiled.messages, "has a record inside another"));
	free_compiled(&compiled);
}

TEST_IN(&on_small, a_record_hidden_inside_another_is_refused)
{
	refuse_hidden_record(0);
}

TEST_IN(&on_small, a_record_hidden_inside_another_with_an_absurd_first_protocol_is_refused)
{
	refuse_hidden_record('%');
}

/* The word with which a step of the checksum leads from one sum to another. */
static uint64_t word_between(uint64_t before, uint64_t after)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t inverse = odd;

	for (unsigned i = 0; i < 6; i++) /* Newton: each round doubles the bits that are right */
		inverse *= 2 - odd * inverse;
	return after * inverse ^ (before << 23 | before >> 41);
}

/* The sum from which a step with this word leads to another. */
static uint64_t sum_before(uint64_t word, uint64_t after)
{
	const uint64_t rotated = word_between(0, after) ^ word;

	return rotated >> 23 | rotated << 41;
}

/*
 * The last record, and behind it, in a section that lookups do not know, words with which its checksum is right for
 * names of another size, too: one damaged byte would make another record of it.
 */
TEST_IN(&on_small, a_record_that_would_prove_true_with_another_size_is_refused)
{
	const struct snapshot_bytes *records = &small.snapshot.sections[SECTION_RECORDS];
	const struct snapshot_entry *last = &small_truth->entries[small_truth->count - 1];
	unsigned char *copy = exact_copy(small.bytes, small.size);
	struct disk_record *record = (void *)(copy + ((const unsigned char *)last->record - small.bytes));
	const uint32_t other = last->names_size + 192, size = record_size(other) - (uint32_t)sizeof *record;
	unsigned char *chosen = (unsigned char *)(record + 1) + size - 8;
	struct snapshot snapshot;
	struct snapshot_fault fault;
	uint64_t key, sum;

	assert_ptr_equal((const unsigned char *)last->record + record_size(last->names_size),
			 records->start + records->size);
	assert_true(other <= 255 && chosen >= copy + (small.snapshot.sections[SECTION_ROWS].start - small.bytes));
	key = load64(*(const le64 *)(const void *)((const unsigned char *)record + 8));
	key = (key & ~(uint64_t)0xffff0000) | (uint64_t)other << 16;
	sum = sum_before(key, load64(record->check));
	*(le64 *)(void *)chosen = store64(word_between(checksum_words(record + 1, size - 8), sum));
	assert_true(checksum_words(record + 1, size) == sum);
	seal(copy, small.size);
	assert_int_equal(snapshot_open(copy, small.size, &snapshot), SNAPSHOT_OK);
	assert_int_equal(snapshot_check(&snapshot, &fault), SNAPSHOT_AMBIGUOUS_RECORD);
	free(copy);
}

/* Every port leads to the first of many records, all of them another port's and each with all protocols. */
TEST_IN(&on_small, ports_that_lead_to_others_records_do_not_hold_up_an_enumeration)
{
	enum { RECORD_COUNT = 1 << 16 };
	const uint32_t sizes[SECTION_COUNT] = {[SECTION_BLOCKS] = BLOCK_COUNT * sizeof(le16),
					       [SECTION_PORTS] = 2 * PORTS_PER_BLOCK * sizeof(le32),
					       [SECTION_SLOTS] = PROBE_LIMIT * 4,
					       [SECTION_RECORDS] = RECORD_COUNT * RECORD_UNIT};
	struct disk_header header = *small.snapshot.header;
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	struct snapshot snapshot;
	size_t end = sizeof header;

	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		header.sections[i] = (struct disk_section){store32((uint32_t)end), store32(sizes[i]), store32(0)};
		end += sizes[i];
	}
	header.file_size = store32((uint32_t)end);
	header.slot_count = store32(0);

	unsigned char *bytes = calloc(1, end);

	assert_non_null(bytes);
	memcpy(bytes, &header, sizeof header);

	le16 *blocks = (void *)(bytes + BLOCKS_OFF);
	le32 *ports = (void *)(bytes + PORTS_OFF);
	unsigned char *records = bytes + load32(header.sections[SECTION_RECORDS].section_off);

	for (uint32_t i = 0; i < BLOCK_COUNT; i++)
		blocks[i] = store16(EMPTY_BLOCK + 1);
	for (uint32_t i = 0; i < PORTS_PER_BLOCK; i++)
		ports[PORTS_PER_BLOCK + i] = store32(index_word(1, 0xff));
	for (uint32_t i = 0; i < RECORD_COUNT; i++)
		*(struct disk_record *)(void *)(records + i * RECORD_UNIT) =
			(struct disk_record){.port = store16(1), .protocols = 0xff};
	seal(bytes, end);
	assert_int_equal(snapshot_open(bytes, end, &snapshot), SNAPSHOT_OK);
	alarm(slow_run() ? 120 : 20);
	assert_int_equal(snapshot_at(&snapshot, &position, &entry), SNAPSHOT_NOT_FOUND);
	alarm(0);
	free(bytes);
}
