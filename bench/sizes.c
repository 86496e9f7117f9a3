/* SPDX-License-Identifier: MIT */
/* Make registries of each size: see sizes.h. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/measure.h"
#include "bench/sizes.h"
#include "bench/text.h"

enum {
	BUFFER_SIZE = 1024,
	CHECKS = 1000, /* entries of a registry that is made up */
	RUNS_MAX = 21,
};

static const struct {
	const char *id, *label;
} sizes[REGISTRY_SIZES] = {
	[REGISTRY_TENTH] = {"tenth", "a tenth"},
	[REGISTRY_TODAY] = {"today", "today's"},
	[REGISTRY_FIVEFOLD] = {"fivefold", "five times"},
	[REGISTRY_LIMIT] = {"limit", "the limit"},
};

static void *must(void *memory)
{
	if (!memory)
		err(1, "registries of other sizes");
	return memory;
}

static double number_at(const json_t *object, const char *key)
{
	const json_t *number = json_object_get(object, key);

	if (!json_is_number(number))
		errx(1, "ianareg info says no %s", key);
	return json_number_value(number);
}

static void read_info(const struct bench *b, struct sized *sized)
{
	char *text = process_output((const char *const[]){b->tool, "info", "--json", sized->snapshot, NULL});
	json_t *info = json_loads(text, 0, NULL);

	sized->entries = (unsigned)number_at(info, "entries");
	sized->names = (unsigned)number_at(info, "names");
	sized->hot_bytes = number_at(info, "hot_bytes");
	sized->file_bytes = number_at(info, "size");
	json_decref(info);
	free(text);
}

/* Its files, but today's, which are there. */
static void make_files(const struct bench *b, enum registry_size size, struct sized *sized)
{
	const char *base = text_of("%s/growth/%s", b->build_dir, sized->id);

	if (size == REGISTRY_TODAY) {
		sized->csv = b->registry_csv;
		sized->snapshot = b->snapshot;
		sized->services = b->services;
		read_info(b, sized);
		return;
	}
	sized->csv = text_of("%s.csv", base);
	sized->snapshot = text_of("%s.db", base);
	sized->services = text_of("%s.services", base);

	const uint32_t entries = synthetic_write(size, b->registry_csv, sized->csv), names = synthetic_name_count(size);

	process_run((const char *const[]){b->tool, "compile", "-o", sized->snapshot, sized->csv, NULL});
	process_run((const char *const[]){b->tool, "export", "--format", "services", "--snapshot", sized->snapshot,
					  "-o", sized->services, NULL});
	read_info(b, sized);
	if (sized->entries != entries || (names && sized->names != names))
		errx(1, "%s has %u entries and %u names instead of %u and %u", sized->snapshot, sized->entries,
		     sized->names, entries, names);
}

/* A module reads the environment until it has its first snapshot: a copy of the file is another module for libc. */
static void load_copy(const struct bench *b, struct sized *sized)
{
	const char *copy = text_of("%s/growth/%s.so", b->build_dir, sized->id);
	struct servent answer;
	char buffer[BUFFER_SIZE];
	int error = 0;

	process_run((const char *const[]){"cp", b->module, copy, NULL});
	setenv("IANAREG_SNAPSHOT", sized->snapshot, 1);
	if (!entry_points_load(&sized->module, copy, "ianareg"))
		errx(1, "%s", dlerror());
	sized->module.by_port(htons(80), "tcp", &answer, buffer, sizeof buffer, &error);
	unsetenv("IANAREG_SNAPSHOT");
}

/* Keys. */

static uint32_t random_below(uint64_t *state, uint32_t bound)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((*state >> 32) * bound >> 32);
}

static const char *any_name(const struct servent *entry, uint64_t *random)
{
	uint32_t aliases = 0, chosen;

	while (entry->s_aliases[aliases])
		aliases++;
	chosen = random_below(random, aliases + 1);
	return chosen ? entry->s_aliases[chosen - 1] : entry->s_name;
}

static void shuffle(struct key *keys, uint32_t count, uint64_t *random)
{
	for (uint32_t i = count; i > 1; i--) {
		const uint32_t other = random_below(random, i);
		const struct key swap = keys[i - 1];

		keys[i - 1] = keys[other];
		keys[other] = swap;
	}
}

/* The names side by side in the order in which they are asked, as if they had just been read. */
static void lay_out(struct key *keys, uint32_t count)
{
	size_t size = 0;
	char *text;

	for (uint32_t i = 0; i < count; i++)
		size += strlen(keys[i].name) + 1;
	text = must(malloc(size));
	for (uint32_t i = 0; i < count; i++) {
		char *const before = (char *)(uintptr_t)keys[i].name;

		keys[i].name = text;
		text = stpcpy(text, before) + 1;
		free(before);
	}
}

static const char *protocol_once(const char *protocol)
{
	static const char *known[8];
	unsigned i = 0;

	while (known[i] && strcmp(known[i], protocol) != 0)
		if (++i == sizeof known / sizeof *known)
			errx(1, "%s: one protocol too many", protocol);
	if (!known[i])
		known[i] = must(strdup(protocol));
	return known[i];
}

static void make_keys(struct sized *sized)
{
	uint64_t random = 1;
	uint32_t count = 0;
	struct servent entry;
	char buffer[BUFFER_SIZE];
	int error;

	sized->keys = must(calloc(sized->entries, sizeof *sized->keys));
	sized->module.set(1);
	while (count < sized->entries &&
	       sized->module.next(&entry, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS)
		sized->keys[count++] = (struct key){.name = must(strdup(any_name(&entry, &random))),
						    .protocol = protocol_once(entry.s_proto),
						    .port_be = entry.s_port};
	sized->module.end();
	if (count != sized->entries)
		errx(1, "%s enumerates %u entries", sized->snapshot, count);
	shuffle(sized->keys, count, &random);
	lay_out(sized->keys, count);
}

/* Answers. */

static bool is_answer(const struct servent *answer, const struct synthetic_entry *expected)
{
	unsigned aliases = 0;

	for (; answer->s_aliases[aliases]; aliases++)
		if (aliases + 1 >= expected->name_count ||
		    strcmp(answer->s_aliases[aliases], expected->names[aliases + 1]) != 0)
			return false;
	return aliases + 1 == expected->name_count && strcmp(answer->s_name, expected->names[0]) == 0 &&
	       strcmp(answer->s_proto, expected->protocol) == 0 && answer->s_port == htons(expected->port);
}

static bool answers_rightly(const struct entry_points *module, const struct synthetic_entry *expected)
{
	struct servent answer;
	char buffer[BUFFER_SIZE];
	int error;

	if (module->by_port(htons(expected->port), expected->protocol, &answer, buffer, sizeof buffer, &error) !=
		    NSS_STATUS_SUCCESS ||
	    !is_answer(&answer, expected))
		return false;
	for (unsigned i = 0; i < expected->name_count; i++)
		if (module->by_name(expected->names[i], expected->protocol, &answer, buffer, sizeof buffer, &error) !=
			    NSS_STATUS_SUCCESS ||
		    !is_answer(&answer, expected))
			return false;
	return true;
}

/* Of what is made up it is known what must be answered. */
static void check_answers(enum registry_size size, const struct sized *sized)
{
	const uint32_t count = synthetic_entry_count(size);

	for (uint32_t i = 0; i < CHECKS && count; i++) {
		const struct synthetic_entry expected =
			synthetic_entry(size, (uint32_t)((uint64_t)i * (count - 1) / (CHECKS - 1)));

		if (!answers_rightly(&sized->module, &expected))
			errx(1, "%s does not answer %u/%s (%s) as it must", sized->snapshot, expected.port,
			     expected.protocol, expected.names[0]);
	}
}

void sized_make(const struct bench *b, enum registry_size size, struct sized *sized)
{
	const char *directory = text_of("%s/growth", b->build_dir);

	if (mkdir(directory, 0755) != 0 && errno != EEXIST)
		err(1, "%s", directory);
	*sized = (struct sized){.id = sizes[size].id, .label = sizes[size].label};
	make_files(b, size, sized);
	load_copy(b, sized);
	make_keys(sized);
	check_answers(size, sized);
}

struct process_cost sized_compile(const struct bench *b, const struct sized *sized, unsigned runs, double *peak)
{
	const char *out = text_of("%s/growth/compiled.db", b->build_dir);
	const char *const command[] = {b->tool, "compile", "-o", out, sized->csv, NULL};
	double wall[RUNS_MAX], cpu[RUNS_MAX];

	if (runs > RUNS_MAX)
		runs = RUNS_MAX;
	for (unsigned i = 0; i < runs; i++) {
		const struct process_cost cost = process_run(command);

		wall[i] = cost.wall;
		cpu[i] = cost.cpu;
	}
	*peak = process_peak(command);
	remove(out);
	return (struct process_cost){measure_spread(wall, runs).median, measure_spread(cpu, runs).median};
}
