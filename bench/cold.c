/* SPDX-License-Identifier: MIT */
/*
 * One lookup in a fresh process, over the same with the empty module: system calls, faults, memory, time; and the tool's
 * whole runs beside getent's. What is counted is libc's loading of the module and the lookup together.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/process.h"
#include "bench/report.h"
#include "bench/sections.h"
#include "bench/system_calls.h"
#include "bench/text.h"

enum {
	WHOLE_PROCESSES = 201, /* pairs, for times of milliseconds on a machine that does other things */
	REPORTS = 21,
	KIB_PER_PAGE = 4,
};

/* A lookup by port or by name, of a service that every source has. */
static const struct cold_key {
	const char *id, *label, *kind, *key;
} cold_keys[] = {{"port", "by port", "by-port", "80"}, {"name", "by name", "by-name", "http"}};

/* What one_lookup --report prints, in this order. */
enum cost { COST_FAULTS, COST_DIRTY, COST_RESIDENT, COST_TOUCHED, COST_COUNT };

struct costs {
	double of[COST_COUNT]; /* medians */
};

/* Both modules, asked alike: each in a directory of its own, found at the first place where libc looks. */
struct source {
	const char *name, *library_path;
};

static const char *one_lookup_path(const struct bench *b)
{
	return text_of("%s/one_lookup", b->build_dir);
}

static const char *directory_of(const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		err(1, "%s", path);
	return dirname(copy);
}

static void use(const struct source *source)
{
	setenv("LD_LIBRARY_PATH", source->library_path, 1);
}

/* Pages of a file that was just written would count as private and dirty where they are mapped. */
static void write_out(const char *path)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0 || fsync(file) != 0)
		err(1, "%s", path);
	close(file);
}

/* Counts from inside. */

static struct costs costs_of(const struct bench *b, const struct source *source, const struct cold_key *key)
{
	const char *const command[] = {one_lookup_path(b), "--report", source->name, key->kind, key->key, "tcp", NULL};
	double figures[COST_COUNT][REPORTS];
	struct costs costs;

	use(source);
	for (unsigned i = 0; i < REPORTS; i++) {
		char *text = process_output(command);

		if (sscanf(text, "%lf %lf %lf %lf", &figures[COST_FAULTS][i], &figures[COST_DIRTY][i],
			   &figures[COST_RESIDENT][i], &figures[COST_TOUCHED][i]) != COST_COUNT)
			errx(1, "one_lookup said: %s", text);
		free(text);
	}
	for (unsigned i = 0; i < COST_COUNT; i++)
		costs.of[i] = measure_spread(figures[i], REPORTS).median;
	return costs;
}

static struct system_calls calls_of(const struct bench *b, const struct source *source, const struct cold_key *key)
{
	const char *const command[] = {one_lookup_path(b), source->name, key->kind, key->key, "tcp", NULL};

	use(source);
	return system_calls_of(command);
}

/* Private places, so that nothing of the machine is touched. */

static void make_directory(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		err(1, "%s", path);
}

/* A directory with the vendor's directory in it, which holds the snapshot. */
static const char *make_vendor_layer(const struct bench *b, const char *vendor)
{
	const char *layer = text_of("%s/vendor", b->build_dir), *inside = text_of("%s%s", layer, strrchr(vendor, '/'));
	const char *snapshot = text_of("%s/ianareg.db", inside);

	make_directory(layer);
	make_directory(inside);
	process_run((const char *const[]){"cp", b->snapshot, snapshot, NULL});
	write_out(snapshot);
	return layer;
}

/* From here on this process, and what it starts, finds the snapshot at the vendor's place only. NULL, or why not. */
static const char *enter_vendor_only(const struct bench *b)
{
	const char *vendor = directory_of(VENDOR_SNAPSHOT), *site = directory_of(SITE_SNAPSHOT);
	const char *above = directory_of(vendor);
	const char *layers = text_of("lowerdir=%s:%s", make_vendor_layer(b, vendor), above);

	unsetenv("IANAREG_SNAPSHOT");
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("overlay", above, "overlay", MS_RDONLY, layers) == 0 && mount("tmpfs", site, "tmpfs", 0, NULL) == 0)
		return NULL;
	return text_of("no private mounts over %s and %s: %s", above, site, strerror(errno));
}

struct vendor_calls {
	struct system_calls ours, theirs;
	char why[256]; /* not empty: it could not be */
};

static void count_vendor_only(const struct bench *b, const struct source sources[2], struct vendor_calls *result)
{
	const char *why = enter_vendor_only(b);

	if (why) {
		snprintf(result->why, sizeof result->why, "%s", why);
		return;
	}
	result->ours = calls_of(b, &sources[0], &cold_keys[0]);
	result->theirs = calls_of(b, &sources[1], &cold_keys[0]);
}

static void report_vendor_only(const struct bench *b, const struct source sources[2])
{
	struct vendor_calls *result =
		mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *what = "by port, only the vendor's snapshot there: system calls added";
	int status;
	pid_t child;

	if (result == MAP_FAILED)
		err(1, "mmap");
	fflush(NULL);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		count_vendor_only(b, sources, result);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(1, "the count with the vendor's snapshot failed");
	if (*result->why)
		report_absent("vendor_system_calls", what, result->why);
	else
		report_figure(
			&(struct figure){.what = what,
					 .id = "vendor_system_calls",
					 .value = measure_count((double)result->ours.total - result->theirs.total),
					 .unit = "calls",
					 .target = 5,
					 .note = system_calls_added(&result->ours, &result->theirs)});
	munmap(result, sizeof *result);
}

/* Figures. */

static void report_added(const struct cold_key *key, const char *id, const char *what, double added, const char *unit,
			 double target, const char *note)
{
	report_figure(&(struct figure){text_of("%s: %s", key->label, what), text_of("%s_%s", key->id, id),
				       measure_count(added), unit, target, false, note});
}

static void report_counts(const struct bench *b, const struct source sources[2], const struct cold_key *key)
{
	const struct system_calls our_calls = calls_of(b, &sources[0], key),
				  their_calls = calls_of(b, &sources[1], key);
	const struct costs ours = costs_of(b, &sources[0], key), theirs = costs_of(b, &sources[1], key);

	report_added(key, "system_calls", "system calls added", (double)our_calls.total - their_calls.total, "calls", 5,
		     system_calls_added(&our_calls, &their_calls));
	report_added(key, "faults", "minor faults added", ours.of[COST_FAULTS] - theirs.of[COST_FAULTS], "faults", 4,
		     text_of("%.0f over %.0f, medians of %d processes", ours.of[COST_FAULTS], theirs.of[COST_FAULTS],
			     REPORTS));
	report_added(key, "private_dirty", "private dirty memory added", ours.of[COST_DIRTY] - theirs.of[COST_DIRTY],
		     "KiB", 8, text_of("%.0f over %.0f KiB", ours.of[COST_DIRTY], theirs.of[COST_DIRTY]));
	report_added(key, "pages_mapped", "pages of the snapshot mapped by it", ours.of[COST_RESIDENT] / KIB_PER_PAGE,
		     "pages", NAN, "a fault maps what lies round it, too, if that is in memory (16 pages)");
	if (ours.of[COST_TOUCHED] < 0)
		report_absent(text_of("%s_pages_touched", key->id),
			      text_of("%s: pages of the snapshot touched", key->label),
			      "/proc/self/clear_refs cannot be written");
	else
		report_added(key, "pages_touched", "pages of the snapshot touched by the same lookup once more",
			     ours.of[COST_TOUCHED] / KIB_PER_PAGE, "pages", NAN, NULL);
}

struct whole_process {
	const struct source *source;
	const char *const *command;
};

static double time_whole_process(void *context)
{
	const struct whole_process *process = context;

	use(process->source);
	return process_run(process->command).wall * 1e6;
}

static unsigned whole_processes(const struct bench *b)
{
	return b->quick ? b->pairs : WHOLE_PROCESSES;
}

static void report_ratio(const char *id, const char *what, const struct whole_process *base,
			 const struct whole_process *asked, unsigned pairs, double target)
{
	struct spread ratio, of_base, of_asked;

	measure_pairs(time_whole_process, (void *)(uintptr_t)base, time_whole_process, (void *)(uintptr_t)asked, pairs,
		      &ratio, &of_base, &of_asked);
	report_figure(&(struct figure){what, id, ratio, "x", target, false,
				       text_of("%.0f over %.0f us", of_asked.median / 1e3, of_base.median / 1e3)});
}

static void report_walls(const struct bench *b, const struct source sources[3], const struct cold_key *key)
{
	const char *const commands[3][6] = {
		{one_lookup_path(b), sources[0].name, key->kind, key->key, "tcp", NULL},
		{one_lookup_path(b), sources[1].name, key->kind, key->key, "tcp", NULL},
		{one_lookup_path(b), sources[2].name, key->kind, key->key, "tcp", NULL},
	};
	const struct whole_process ours = {&sources[0], commands[0]}, empty = {&sources[1], commands[1]},
				   files = {&sources[2], commands[2]};
	const char *id = text_of("%s_wall_files", key->id);
	const char *what = text_of("%s: a whole process, files (Debian's) over empty", key->label);

	report_ratio(text_of("%s_wall", key->id), text_of("%s: a whole process, ianareg over empty", key->label),
		     &empty, &ours, whole_processes(b), 1.03);
	if (access("/etc/services", R_OK) != 0)
		report_absent(id, what, "there is no /etc/services (package netbase)");
	else
		report_ratio(id, what, &empty, &files, whole_processes(b), NAN);
}

static void report_tool(const struct bench *b, const struct source *ours)
{
	static const char *const getent[] = {"getent", "-s", "services:ianareg", "services", "19220", NULL};
	const char *const lookup[] = {b->tool, "lookup", "19220", NULL};

	report_ratio("tool_lookup", "`ianareg lookup 19220` over `getent services 19220`",
		     &(struct whole_process){ours, getent}, &(struct whole_process){ours, lookup}, whole_processes(b),
		     NAN);
}

static void report_search(const struct bench *b, const char *word, const char *what)
{
	const char *const command[] = {b->tool, "search", word, NULL};
	const unsigned count = b->pairs < WHOLE_PROCESSES ? b->pairs : WHOLE_PROCESSES;
	double figures[WHOLE_PROCESSES];

	for (unsigned i = 0; i < count; i++)
		figures[i] = process_run(command).wall;
	report_figure(&(struct figure){what, text_of("search_%s", word), measure_spread(figures, count), "ms", NAN,
				       false, NULL});
}

static void restore(const char *name, char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
	free(value);
}

static char *saved(const char *name)
{
	const char *value = getenv(name);

	return value ? strdup(value) : NULL;
}

void bench_cold(const struct bench *b)
{
	const struct source sources[] = {{"ianareg", directory_of(b->module)},
					 {"empty", directory_of(b->empty)},
					 {"files", directory_of(b->module)}};
	char *library_path = saved("LD_LIBRARY_PATH"), *snapshot = saved("IANAREG_SNAPSHOT");

	report_section("cold", "one lookup in a fresh process, over the same with the empty module");
	setenv("IANAREG_SNAPSHOT", b->snapshot, 1);
	write_out(b->module);
	write_out(b->empty);
	write_out(b->snapshot);
	write_out(one_lookup_path(b));
	for (unsigned i = 0; i < sizeof cold_keys / sizeof *cold_keys; i++) {
		report_counts(b, sources, &cold_keys[i]);
		report_walls(b, sources, &cold_keys[i]);
	}
	report_vendor_only(b, sources);
	report_tool(b, &sources[0]);
	report_search(b, "http", "`ianareg search http`");
	report_search(b, "e", "`ianareg search e`, which nearly every row has");
	restore("LD_LIBRARY_PATH", library_path);
	restore("IANAREG_SNAPSHOT", snapshot);
}
