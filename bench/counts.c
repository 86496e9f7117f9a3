/* SPDX-License-Identifier: MIT */
/* What does not depend on the machine: instructions and cache lines of direct lookups, bytes of the hot sections. */
#include <err.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "bench/entry_points.h"
#include "bench/keys.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/sections.h"
#include "bench/stepper.h"
#include "bench/text.h"
#include "bench/valgrind.h"

enum {
	SAMPLE = 300, /* lookups of each kind */
	QUICK_SAMPLE = 20,
	/* A module may do more in the second after its first lookup: that is over before anything is counted. */
	EARLY_MS = 1200,
};

static const struct counted {
	const char *id, *what;
	enum key_set set;
	bool by_name;
	double target;
	bool under_valgrind; /* too */
} counted[] = {
	{"port_hit", "hit by port and protocol", KEYS_UNIFORM, false, 150, true},
	{"name_hit", "hit by name and protocol", KEYS_UNIFORM, true, 250, true},
	{"port_any_protocol", "hit by port, no protocol", KEYS_ANY_PROTOCOL, false, NAN, false},
	{"name_any_protocol", "hit by name, no protocol", KEYS_ANY_PROTOCOL, true, NAN, false},
	{"port_hot", "hit by port, hot keys", KEYS_HOT, false, NAN, false},
	{"name_hot", "hit by name, hot keys", KEYS_HOT, true, NAN, false},
	{"alias", "hit by alias", KEYS_ALIASES, true, NAN, false},
	{"folded", "hit by name in upper case", KEYS_FOLDED, true, NAN, false},
	{"port_miss", "miss by port", KEYS_MISSES, false, 60, true},
	{"name_miss", "miss by name", KEYS_MISSES, true, 120, true},
};

/* What one child looks up. */
struct lookups {
	const struct entry_points *module;
	const struct key *keys[SAMPLE];
	unsigned count, entries;
	bool by_name;
	enum nss_status expected;
	bool warm_up;
};

static unsigned sample_size(const struct bench *b)
{
	return b->quick ? QUICK_SAMPLE : SAMPLE;
}

/* Keys of a set, evenly out of the whole of it; those of a small set more than once. */
static void choose_keys(const struct keys *keys, enum key_set set, struct lookups *lookups)
{
	if (!keys->count[set])
		errx(1, "there are no keys to count");
	for (unsigned i = 0; i < lookups->count; i++) {
		const uint64_t place = (uint64_t)i * keys->count[set] / lookups->count;

		lookups->keys[i] = &keys->keys[set][keys->count[set] < lookups->count ? i % keys->count[set] : place];
	}
}

/* In the stepped child. */

static char buffer[1024] __attribute__((aligned(64)));

static enum nss_status look_up(const struct lookups *lookups, const struct key *key)
{
	struct servent answer;
	int error;

	return lookups->by_name
		       ? lookups->module->by_name(key->name, key->protocol, &answer, buffer, sizeof buffer, &error)
		       : lookups->module->by_port(key->port_be, key->protocol, &answer, buffer, sizeof buffer, &error);
}

static void prepare_lookups(void *context)
{
	const struct lookups *lookups = context;
	const double end = measure_now() + (lookups->warm_up ? EARLY_MS * 1e6 : 0);

	do {
		for (unsigned i = 0; i < lookups->count; i++)
			if (look_up(lookups, lookups->keys[i]) != lookups->expected)
				errx(1, "%s/%s: not the answer expected", lookups->keys[i]->name,
				     lookups->keys[i]->protocol ? lookups->keys[i]->protocol : "any");
	} while (measure_now() < end);
}

static void call_lookup(void *context, unsigned i)
{
	const struct lookups *lookups = context;

	stepper_mark();
	look_up(lookups, lookups->keys[i]);
}

static void next_entry(const struct lookups *lookups)
{
	struct servent answer;
	int error;

	if (lookups->module->next(&answer, buffer, sizeof buffer, &error) != NSS_STATUS_SUCCESS)
		errx(1, "an enumeration ended early");
}

static void prepare_enumeration(void *context)
{
	prepare_lookups(context);
	((const struct lookups *)context)->module->set(0);
}

/* One of many entries: an enumeration is counted in steps of that. */
static void call_next(void *context, unsigned i)
{
	const struct lookups *lookups = context;

	for (unsigned skipped = 1; i > 0 && skipped < lookups->entries / lookups->count; skipped++)
		next_entry(lookups);
	stepper_mark();
	next_entry(lookups);
}

/* Instructions, of those calls that made no system call: once a second one looks at the file system. */
struct instructions {
	struct spread spread;
	double mean;
	unsigned left_out;
};

static struct instructions count_instructions(const struct stepper_work *work, unsigned count)
{
	struct stepped *stepped = calloc(count, sizeof *stepped);
	double *figures = calloc(count, sizeof *figures), sum = 0;
	struct instructions result;
	unsigned kept = 0;

	if (!stepped || !figures)
		err(1, "counts of instructions");
	stepper_count(work, count, stepped);
	for (unsigned i = 0; i < count; i++)
		if (!stepped[i].system_calls) {
			figures[kept++] = stepped[i].instructions;
			sum += stepped[i].instructions;
		}
	if (!kept)
		errx(1, "every lookup makes system calls");
	result = (struct instructions){measure_spread(figures, kept), sum / kept, count - kept};
	free(stepped);
	free(figures);
	return result;
}

static const char *note_of(const struct instructions *ours, const struct instructions *theirs)
{
	const char *others =
		!ours->left_out ? "" : text_of("; without %u that looked at the file system meanwhile", ours->left_out);

	return text_of("mean %.1f; the empty module %.0f%s", ours->mean, theirs->spread.median, others);
}

/* The modules that are counted, loaded from their files. */
struct modules {
	struct entry_points ours, empty;
	unsigned entries;
};

static void report_steps(const struct bench *b, struct modules *modules, const struct keys *keys,
			 const struct counted *kind)
{
	const bool misses = kind->set == KEYS_MISSES;
	struct lookups ours = {.module = &modules->ours,
			       .count = sample_size(b),
			       .by_name = kind->by_name,
			       .expected = misses ? NSS_STATUS_NOTFOUND : NSS_STATUS_SUCCESS,
			       .warm_up = true},
		       theirs;
	const void *const function = kind->by_name ? (const void *)modules->ours.by_name
						   : (const void *)modules->ours.by_port,
			  *const their_function = kind->by_name ? (const void *)modules->empty.by_name
								: (const void *)modules->empty.by_port;

	choose_keys(keys, kind->set, &ours);
	theirs = ours;
	theirs.module = &modules->empty;
	theirs.warm_up = false;
	entry_points_empty_misses(b->empty, misses);

	const struct instructions of_ours =
		count_instructions(&(struct stepper_work){function, prepare_lookups, call_lookup, &ours}, ours.count);
	const struct instructions of_theirs = count_instructions(
		&(struct stepper_work){their_function, prepare_lookups, call_lookup, &theirs}, theirs.count);

	entry_points_empty_misses(b->empty, false);
	report_figure(&(struct figure){kind->what, kind->id, of_ours.spread, "instructions", kind->target, false,
				       note_of(&of_ours, &of_theirs)});
}

static void report_enumeration(const struct bench *b, struct modules *modules, const struct keys *keys)
{
	struct lookups ours = {.module = &modules->ours,
			       .count = sample_size(b),
			       .entries = keys->count[KEYS_UNIFORM],
			       .expected = NSS_STATUS_SUCCESS,
			       .warm_up = true},
		       theirs;

	choose_keys(keys, KEYS_UNIFORM, &ours);
	theirs = ours;
	theirs.module = &modules->empty;
	theirs.warm_up = false;
	entry_points_empty_entries(b->empty, ours.entries);

	const struct instructions of_ours = count_instructions(
		&(struct stepper_work){(const void *)modules->ours.next, prepare_enumeration, call_next, &ours},
		ours.count);
	const struct instructions of_theirs = count_instructions(
		&(struct stepper_work){(const void *)modules->empty.next, prepare_enumeration, call_next, &theirs},
		theirs.count);

	report_figure(&(struct figure){"enumeration, an entry", "enumeration", of_ours.spread, "instructions", NAN,
				       false, note_of(&of_ours, &of_theirs)});
}

static void report_all_steps(const struct bench *b, struct modules *modules, const struct keys *keys)
{
	if (stepper_absent()) {
		report_absent("instructions", "instructions of single calls", stepper_absent());
		return;
	}
	for (unsigned i = 0; i < sizeof counted / sizeof *counted; i++)
		report_steps(b, modules, keys, &counted[i]);
	report_enumeration(b, modules, keys);
	report_note(
		"Instructions from the first of the entry point to its return, libc's and the vDSO's among them, each "
		"one stepped over; medians and quartiles over the keys.");
}

static void report_lines(const struct counted *kind, const struct valgrind_work *work)
{
	static const char *const names[LINE_KINDS] = {"of the snapshot", "of the module's data",
						      "of stack, key and buffer", "of code"};
	static const char *const ids[LINE_KINDS] = {"snapshot", "module", "other", "code"};
	const struct line_counts counts = lines_per_lookup(work);

	for (unsigned i = 0; i < LINE_KINDS; i++)
		report_figure(&(struct figure){text_of("%s: cache lines %s", kind->what, names[i]),
					       text_of("%s_lines_%s", kind->id, ids[i]), counts.of[i], "lines", NAN,
					       false, text_of("mean %.2f", counts.mean[i])});
}

static void report_under_valgrind(const struct bench *b, const struct keys *keys)
{
	struct lookups chosen = {.count = sample_size(b)};

	if (valgrind_absent()) {
		report_absent("valgrind", "the same by callgrind, and cache lines", valgrind_absent());
		return;
	}
	for (unsigned i = 0; i < sizeof counted / sizeof *counted; i++) {
		const struct counted *kind = &counted[i];
		struct valgrind_work work = {
			b, b->module, "ianareg", kind->by_name, kind->set == KEYS_MISSES, chosen.keys, chosen.count};

		if (!kind->under_valgrind)
			continue;
		choose_keys(keys, kind->set, &chosen);
		report_figure(&(struct figure){
			text_of("%s: by callgrind, mean", kind->what), text_of("%s_callgrind", kind->id),
			measure_count(callgrind_per_lookup(&work)), "instructions", NAN, false, NULL});
		report_lines(kind, &work);
	}
	report_note(
		"valgrind hides the vDSO: a look at the clock is a system call there and its instructions are the "
		"kernel's. Lines are of 64 bytes.");
}

static double number_at(const json_t *object, const char *key)
{
	const json_t *number = json_object_get(object, key);

	if (!json_is_number(number))
		errx(1, "ianareg info says no %s", key);
	return json_number_value(number);
}

static void report_bytes(const struct bench *b)
{
	char *text = process_output((const char *const[]){b->tool, "info", "--json", b->snapshot, NULL});
	json_t *info = json_loads(text, 0, NULL);

	report_figure(&(struct figure){"hot sections of the whole registry", "hot_bytes",
				       measure_count(number_at(info, "hot_bytes") / 1024), "KiB", 400, false, NULL});
	report_figure(&(struct figure){"the whole snapshot", "size", measure_count(number_at(info, "size") / 1024),
				       "KiB", NAN, false, NULL});
	json_decref(info);
	free(text);
}

void bench_counts(const struct bench *b)
{
	const struct keys *keys = keys_of(b);
	struct modules modules;

	setenv("IANAREG_SNAPSHOT", b->snapshot, 1);
	report_section("counts", "what does not depend on the machine, by direct call");
	if (!entry_points_load(&modules.ours, b->module, "ianareg") ||
	    !entry_points_load(&modules.empty, b->empty, "empty"))
		errx(1, "the modules to count cannot be loaded");
	report_all_steps(b, &modules, keys);
	report_under_valgrind(b, keys);
	report_bytes(b);
}
