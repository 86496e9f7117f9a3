/* SPDX-License-Identifier: MIT */
/*
 * Keys are made in one memory image, which is the file as well: counts, then for each set its records, then the names
 * in the order in which they are asked, so that a name is as near to the processor as one just read would be.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/entry_points.h"
#include "bench/keys.h"
#include "bench/services_lines.h"

enum {
	MISS_COUNT = 8192,
	SKEWED_COUNT = 16384,
	HOT_COUNT = 4096,
	HOT_KEYS = 8,
	PROTOCOLS = 8,
	DEBIAN_LINES = 4096, /* it has about 400 */
	NO_TEXT = 0, /* where the text begins there is a NUL */
};

/* A key in the file: names are offsets in the text. */
struct record {
	uint32_t name, protocol;
	int32_t port_be;
	uint32_t padding;
	struct key_answers answers;
};

struct head {
	uint32_t counts[KEY_SETS];
	uint32_t text_size;
};

/* What is being made. */
struct maker {
	struct entry_points module;
	struct record *sets[KEY_SETS];
	struct head head;
	char *text;
	size_t text_room;
	uint32_t protocols[PROTOCOLS], protocol_count; /* where in the text */
	uint64_t random;
};

struct entry {
	char *name, *protocol;
	int port_be;
	char **aliases;
};

static void *must(void *memory)
{
	if (!memory)
		err(1, "keys");
	return memory;
}

/* The same on every machine: keys are part of what is measured. */
static uint32_t random_below(struct maker *maker, uint32_t bound)
{
	maker->random = maker->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((maker->random >> 32) * bound >> 32);
}

static uint64_t mix(uint64_t state, const char *text)
{
	do
		state = (state ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++);
	return state;
}

uint64_t keys_answer(const struct servent *servent)
{
	const uint64_t state = mix(mix(UINT64_C(0xcbf29ce484222325), servent->s_name), servent->s_proto);

	return (state ^ (uint64_t)(unsigned)servent->s_port) * UINT64_C(0x100000001b3) | 1;
}

static uint32_t add_text(struct maker *maker, const char *text)
{
	const size_t length = strlen(text) + 1;
	const uint32_t offset = maker->head.text_size;

	if (offset + length > maker->text_room) {
		maker->text_room = (offset + length) * 2;
		maker->text = must(realloc(maker->text, maker->text_room));
	}
	memcpy(maker->text + offset, text, length);
	maker->head.text_size = (uint32_t)(offset + length);
	return offset;
}

/* Each once: between the names they would only be in the way. */
static uint32_t add_protocol(struct maker *maker, const char *protocol)
{
	for (unsigned i = 0; i < maker->protocol_count; i++)
		if (strcmp(maker->text + maker->protocols[i], protocol) == 0)
			return maker->protocols[i];
	if (maker->protocol_count == PROTOCOLS)
		errx(1, "more than %d protocols", PROTOCOLS);
	return maker->protocols[maker->protocol_count++] = add_text(maker, protocol);
}

static struct key_answers answers_to(struct maker *maker, int port_be, const char *name, const char *protocol)
{
	struct key_answers answers = {0, 0};
	struct servent servent;
	char buffer[1024];
	int error;

	if (maker->module.by_port(port_be, protocol, &servent, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS)
		answers.by_port = keys_answer(&servent);
	if (maker->module.by_name(name, protocol, &servent, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS)
		answers.by_name = keys_answer(&servent);
	return answers;
}

static struct record *new_record(struct maker *maker, enum key_set set)
{
	const uint32_t count = maker->head.counts[set]++;

	/* Room for twice as many whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		maker->sets[set] = must(realloc(maker->sets[set], (count ? count * 2 : 1) * sizeof(struct record)));
	return &maker->sets[set][count];
}

static struct record make_record(struct maker *maker, int port_be, const char *name, const char *protocol)
{
	return (struct record){.port_be = port_be,
			       .name = add_text(maker, name),
			       .protocol = protocol ? add_protocol(maker, protocol) : NO_TEXT,
			       .answers = answers_to(maker, port_be, name, protocol)};
}

static void add_key(struct maker *maker, enum key_set set, int port_be, const char *name, const char *protocol)
{
	const struct record record = make_record(maker, port_be, name, protocol);

	*new_record(maker, set) = record;
}

static struct entry copy_entry(const struct servent *servent)
{
	struct entry entry = {.name = must(strdup(servent->s_name)),
			      .protocol = must(strdup(servent->s_proto)),
			      .port_be = servent->s_port};
	unsigned count = 0;

	while (servent->s_aliases[count])
		count++;
	entry.aliases = must(calloc(count + 1, sizeof *entry.aliases));
	while (count--)
		entry.aliases[count] = must(strdup(servent->s_aliases[count]));
	return entry;
}

static void shuffle(struct maker *maker, struct entry *entries, uint32_t count)
{
	for (uint32_t i = count; i > 1; i--) {
		const uint32_t other = random_below(maker, i);
		const struct entry swap = entries[i - 1];

		entries[i - 1] = entries[other];
		entries[other] = swap;
	}
}

/* All that the module has, shuffled. */
static struct entry *enumerate(struct maker *maker, uint32_t *count)
{
	struct entry *entries = NULL;
	struct servent servent;
	char buffer[1024];
	int error;

	*count = 0;
	maker->module.set(1);
	while (maker->module.next(&servent, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS) {
		if ((*count & (*count - 1)) == 0)
			entries = must(realloc(entries, (*count ? *count * 2u : 1u) * sizeof *entries));
		entries[(*count)++] = copy_entry(&servent);
	}
	maker->module.end();
	if (!*count)
		errx(1, "the module enumerates nothing");
	shuffle(maker, entries, *count);
	return entries;
}

static void free_entries(struct entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (char **alias = entries[i].aliases; *alias; alias++)
			free(*alias);
		free(entries[i].aliases);
		free(entries[i].name);
		free(entries[i].protocol);
	}
	free(entries);
}

/* A set at a time, so that its names lie together. */
static void add_entries(struct maker *maker, const struct entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		add_key(maker, KEYS_UNIFORM, entries[i].port_be, entries[i].name, entries[i].protocol);
	for (uint32_t i = 0; i < count; i++)
		add_key(maker, KEYS_ANY_PROTOCOL, entries[i].port_be, entries[i].name, NULL);
	for (uint32_t i = 0; i < count; i++)
		for (char **alias = entries[i].aliases; *alias; alias++)
			add_key(maker, KEYS_ALIASES, entries[i].port_be, *alias, entries[i].protocol);
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(entries[i].protocol, "tcp") == 0)
			add_key(maker, KEYS_TCP, entries[i].port_be, entries[i].name, "tcp");
}

static void add_folded(struct maker *maker, const struct entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char *const name = must(strdup(entries[i].name));

		for (char *letter = name; *letter; letter++)
			*letter = (char)toupper((unsigned char)*letter);
		add_key(maker, KEYS_FOLDED, entries[i].port_be, name, entries[i].protocol);
		free(name);
	}
}

/* A port that is free and a name that is another's but for one letter. */
static void add_miss(struct maker *maker, const struct entry *near)
{
	char *const name = must(strdup(near->name));
	struct key_answers answers;
	int port_be;

	do {
		port_be = htons((uint16_t)(1 + random_below(maker, UINT16_MAX)));
		strcpy(name, near->name);
		name[random_below(maker, (uint32_t)strlen(name))] = (char)('a' + random_below(maker, 26));
		answers = answers_to(maker, port_be, name, near->protocol);
	} while (answers.by_port || answers.by_name);
	add_key(maker, KEYS_MISSES, port_be, name, near->protocol);
	free(name);
}

static void add_misses(struct maker *maker, const struct entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < MISS_COUNT; i++)
		add_miss(maker, &entries[i % count]);
}

/* What programs ask for, the most frequent first. */
static const struct {
	uint16_t port;
	const char protocol[4];
} well_known[] = {
	{443, "tcp"},  {53, "udp"},   {80, "tcp"},   {22, "tcp"},   {25, "tcp"},   {123, "udp"},  {993, "tcp"},
	{587, "tcp"},  {53, "tcp"},   {443, "udp"},  {143, "tcp"},  {465, "tcp"},  {389, "tcp"},  {636, "tcp"},
	{5432, "tcp"}, {3306, "tcp"}, {5353, "udp"}, {8080, "tcp"}, {67, "udp"},   {68, "udp"},   {631, "tcp"},
	{110, "tcp"},  {995, "tcp"},  {21, "tcp"},   {88, "tcp"},   {88, "udp"},   {445, "tcp"},  {139, "tcp"},
	{111, "tcp"},  {111, "udp"},  {2049, "tcp"}, {514, "udp"},  {6514, "tcp"}, {161, "udp"},  {5222, "tcp"},
	{5060, "udp"}, {5061, "tcp"}, {853, "tcp"},  {3389, "tcp"}, {23, "tcp"},   {69, "udp"},   {179, "tcp"},
	{500, "udp"},  {4500, "udp"}, {873, "tcp"},  {1812, "udp"}, {5672, "tcp"}, {1883, "tcp"},
};

enum { WELL_KNOWN = sizeof well_known / sizeof *well_known };

/* The records of those that the registry has, each made once: a program asks for the same string again and again. */
static uint32_t make_well_known(struct maker *maker, struct record records[WELL_KNOWN])
{
	uint32_t count = 0;

	for (unsigned i = 0; i < WELL_KNOWN; i++) {
		const int port_be = htons(well_known[i].port);
		struct servent servent;
		char buffer[1024];
		int error;

		if (maker->module.by_port(port_be, well_known[i].protocol, &servent, buffer, sizeof buffer, &error) ==
		    NSS_STATUS_SUCCESS)
			records[count++] = make_record(maker, port_be, servent.s_name, servent.s_proto);
	}
	if (count < HOT_KEYS)
		errx(1, "the registry has %u of the well-known services", count);
	return count;
}

/* One of so many, the n-th with a weight of 1/n. */
static uint32_t random_by_rank(struct maker *maker, uint32_t count)
{
	uint32_t sum = 0, drawn, i = 0;

	for (uint32_t rank = 1; rank <= count; rank++)
		sum += 1000000u / rank;
	drawn = random_below(maker, sum);
	while (drawn >= 1000000u / (i + 1))
		drawn -= 1000000u / ++i;
	return i;
}

static void add_skewed(struct maker *maker, const struct entry *entries, uint32_t count)
{
	struct record records[WELL_KNOWN];
	const uint32_t known = make_well_known(maker, records);

	for (unsigned i = 0; i < HOT_COUNT; i++)
		*new_record(maker, KEYS_HOT) = records[random_below(maker, HOT_KEYS)];
	for (unsigned i = 0; i < SKEWED_COUNT; i++) {
		const struct entry *const any = &entries[random_below(maker, count)];

		if (random_below(maker, 100) < 95)
			*new_record(maker, KEYS_SKEWED) = records[random_by_rank(maker, known)];
		else
			add_key(maker, KEYS_SKEWED, any->port_be, any->name, any->protocol);
	}
}

/* Whether a line above answers in its stead, by port or by name. */
static bool is_shadowed(const struct services_line *lines, unsigned number)
{
	const struct servent *const entry = &lines[number].entry;

	for (const struct services_line *above = lines; above < lines + number; above++) {
		bool named = strcmp(above->entry.s_name, entry->s_name) == 0;

		for (char *const *alias = above->aliases; *alias; alias++)
			named = named || strcmp(*alias, entry->s_name) == 0;
		if (strcmp(above->entry.s_proto, entry->s_proto) == 0 &&
		    (named || above->entry.s_port == entry->s_port))
			return true;
	}
	return false;
}

/* What Debian's file says and the registry, too, by port and by name; without it there is no such set. */
static void add_debian(struct maker *maker, const struct bench *b)
{
	struct services_line *const lines = must(calloc(DEBIAN_LINES, sizeof *lines));
	unsigned count = 0;
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof path, "%s/peers/etc/services", b->build_dir);
	file = fopen(path, "re");
	while (file && count < DEBIAN_LINES && services_line_read(file, &lines[count])) {
		const struct servent *const entry = &lines[count].entry;
		const uint64_t said = keys_answer(entry);
		const struct key_answers answers = answers_to(maker, entry->s_port, entry->s_name, entry->s_proto);

		if (answers.by_port == said && answers.by_name == said && !is_shadowed(lines, count))
			add_key(maker, KEYS_DEBIAN, entry->s_port, entry->s_name, entry->s_proto);
		count++;
	}
	if (file)
		fclose(file);
	free(lines);
}

/* The module reads the variable until it has its snapshot, which then stays. */
static void load_module(struct maker *maker, const struct bench *b)
{
	struct servent servent;
	char buffer[1024];
	int error;

	setenv("IANAREG_SNAPSHOT", b->snapshot, 1);
	if (!entry_points_load(&maker->module, b->module, "ianareg"))
		errx(1, "%s: cannot be loaded", b->module);
	maker->module.by_port(0, "tcp", &servent, buffer, sizeof buffer, &error);
	unsetenv("IANAREG_SNAPSHOT");
}

static void write_file(struct maker *maker, const char *path)
{
	FILE *const file = fopen(path, "we");

	if (!file)
		err(1, "%s", path);
	fwrite(&maker->head, sizeof maker->head, 1, file);
	for (unsigned set = 0; set < KEY_SETS; set++)
		fwrite(maker->sets[set], sizeof(struct record), maker->head.counts[set], file);
	fwrite(maker->text, 1, maker->head.text_size, file);
	if (ferror(file) || fclose(file) != 0)
		err(1, "%s", path);
}

static void make_keys(const struct bench *b, const char *path)
{
	struct maker maker = {.random = 1};
	struct entry *entries;
	uint32_t count;

	load_module(&maker, b);
	add_text(&maker, "");
	entries = enumerate(&maker, &count);
	add_entries(&maker, entries, count);
	add_folded(&maker, entries, count);
	add_misses(&maker, entries, count);
	add_skewed(&maker, entries, count);
	add_debian(&maker, b);
	write_file(&maker, path);
	free_entries(entries, count);
	for (unsigned set = 0; set < KEY_SETS; set++)
		free(maker.sets[set]);
	free(maker.text);
}

static void read_set(FILE *file, struct keys *keys, struct record **records, enum key_set set)
{
	const unsigned count = keys->count[set];

	records[set] = must(calloc(count + 1, sizeof **records));
	keys->keys[set] = must(calloc(count + 1, sizeof **keys->keys));
	keys->answers[set] = must(calloc(count + 1, sizeof **keys->answers));
	if (fread(records[set], sizeof **records, count, file) != count)
		err(1, "keys");
}

/* `text` stays, the records have done their part. */
static void resolve(struct keys *keys, struct record *records, enum key_set set, const char *text)
{
	for (unsigned i = 0; i < keys->count[set]; i++) {
		keys->keys[set][i] =
			(struct key){.name = text + records[i].name,
				     .protocol = records[i].protocol == NO_TEXT ? NULL : text + records[i].protocol,
				     .port_be = records[i].port_be};
		keys->answers[set][i] = records[i].answers;
	}
	free(records);
}

const struct keys *keys_load(const struct bench *b)
{
	static struct keys keys;
	struct record *records[KEY_SETS];
	char path[PATH_MAX], *text;
	struct head head;
	FILE *file;

	snprintf(path, sizeof path, "%s/keys", b->build_dir);
	file = fopen(path, "re");
	if (!file || fread(&head, sizeof head, 1, file) != 1)
		err(1, "%s", path);
	for (unsigned set = 0; set < KEY_SETS; set++) {
		keys.count[set] = head.counts[set];
		read_set(file, &keys, records, set);
	}
	text = must(malloc(head.text_size));
	if (fread(text, 1, head.text_size, file) != head.text_size)
		err(1, "%s", path);
	fclose(file);
	for (unsigned set = 0; set < KEY_SETS; set++)
		resolve(&keys, records[set], set, text);
	return &keys;
}

const struct keys *keys_of(const struct bench *b)
{
	static const struct keys *keys;
	char path[PATH_MAX];

	if (keys)
		return keys;
	snprintf(path, sizeof path, "%s/keys", b->build_dir);
	make_keys(b, path);
	keys = keys_load(b);
	return keys;
}
