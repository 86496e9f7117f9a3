/* SPDX-License-Identifier: MIT */
/*
 * What a compile of the bundled registry takes, beside what makedb of Debian's libnss-db takes to make its file of the same
 * entries from keys that are ready, and tinycdb: CPU time in interleaved pairs, most memory, sizes of the files.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "bench/measure.h"
#include "bench/nss_db.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/sections.h"
#include "bench/text.h"
#include "bench/tinycdb.h"

enum { PAIRS_AT_LEAST = 21 };

/* What is made, where, and how. */
struct making {
	const char *const *command;
	const char *output;
	const char *library_path; /* or NULL */
};

static void use_libraries(const char *path)
{
	if (path)
		setenv("LD_LIBRARY_PATH", path, 1);
	else
		unsetenv("LD_LIBRARY_PATH");
}

static double cpu_of(void *context)
{
	const struct making *making = context;

	use_libraries(making->library_path);
	remove(making->output); /* makedb would write into a file that is there */
	return process_run(making->command).cpu * 1e6;
}

/* One that is made by calls, in this process. */
struct cdb_making {
	const char *services, *output;
};

static double cpu_of_cdb(void *context)
{
	const struct cdb_making *making = context;
	struct timespec start, end;
	const char *why;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	why = tinycdb_write(making->services, making->output);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	if (why)
		errx(1, "%s: %s", making->output, why);
	return (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
}

static double file_kib(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		err(1, "%s", path);
	return (double)status.st_size / 1024;
}

static struct spread in_milliseconds(struct spread spread)
{
	return (struct spread){spread.median / 1e6, spread.low / 1e6, spread.high / 1e6, spread.pairs};
}

static unsigned pairs_of(const struct bench *b)
{
	return b->quick || b->pairs > PAIRS_AT_LEAST ? b->pairs : PAIRS_AT_LEAST;
}

static void report_time(const char *id, const char *what, struct spread spread, double target)
{
	report_figure(&(struct figure){what, id, in_milliseconds(spread), "ms", target, false, NULL});
}

static void report_count(const char *id, const char *what, double count, const char *unit, double target)
{
	report_figure(&(struct figure){what, id, measure_count(count), unit, target, false, NULL});
}

static void report_ours(const struct bench *b, struct making *ours)
{
	double figures[1000];
	const unsigned count = pairs_of(b) < 1000 ? pairs_of(b) : 1000;

	for (unsigned i = 0; i < count; i++)
		figures[i] = cpu_of(ours);
	report_time("cpu", "`ianareg compile`, CPU time", measure_spread(figures, count), 60);
	report_count("peak", "`ianareg compile`, most memory", process_peak(ours->command) / 1024, "MiB", 24);
	report_count("size", "`ianareg compile`, the file, all that the registry says in it", file_kib(ours->output),
		     "KiB", NAN);
}

/* Why makedb is not there, or NULL and its keys are ready. */
static const char *prepare_makedb(const struct bench *b, const char *keys, const char *output)
{
	const char *why = nss_db_write_keys(b->services, keys);

	return why ? why : nss_db_make(text_of("%s/peers", b->build_dir), keys, output);
}

static void report_makedb(const struct bench *b, struct making *ours)
{
	const char *peers = text_of("%s/peers", b->build_dir), *keys = text_of("%s/makedb.keys", b->build_dir);
	const char *output = text_of("%s/makedb.db", b->build_dir), *why = prepare_makedb(b, keys, output);
	const char *const command[] = {text_of("%s/bin/makedb", peers), "-q", "-o", output, keys, NULL};
	struct making theirs = {command, output, text_of("%s/lib", peers)};
	struct spread ratio, of_theirs;

	if (why) {
		report_absent("over_makedb", "CPU time over that of makedb from ready keys", why);
		return;
	}
	measure_pairs(cpu_of, &theirs, cpu_of, ours, pairs_of(b), &ratio, &of_theirs, NULL);
	report_figure(&(struct figure){"CPU time over that of makedb from ready keys", "over_makedb", ratio, "x", 1,
				       false, NULL});
	report_time("makedb_cpu", "makedb from ready keys, CPU time", of_theirs, NAN);
	use_libraries(theirs.library_path);
	report_count("makedb_peak", "makedb, most memory", process_peak(command) / 1024, "MiB", NAN);
	report_count("makedb_size", "makedb, the file", file_kib(output), "KiB", NAN);
	use_libraries(NULL);
	remove(keys);
	remove(output);
}

static void report_cdb(const struct bench *b, struct making *ours)
{
	struct cdb_making theirs = {b->services, text_of("%s/compiled.cdb", b->build_dir)};
	const char *why = tinycdb_load(text_of("%s/peers/lib/libcdb.so.1", b->build_dir));
	struct spread ratio, of_theirs;

	if (why) {
		report_absent("over_cdb", "CPU time over that of a cdb of the same answers", why);
		return;
	}
	measure_pairs(cpu_of_cdb, &theirs, cpu_of, ours, pairs_of(b), &ratio, &of_theirs, NULL);
	report_figure(&(struct figure){"CPU time over that of a cdb of the same answers", "over_cdb", ratio, "x", NAN,
				       false, "a cdb of the exported text, by calls, without a process of its own"});
	report_time("cdb_cpu", "tinycdb, CPU time", of_theirs, NAN);
	report_count("cdb_size", "tinycdb, the file", file_kib(theirs.output), "KiB", NAN);
	remove(theirs.output);
}

void bench_compile(const struct bench *b)
{
	const char *output = text_of("%s/compiled.db", b->build_dir);
	const char *const command[] = {b->tool, "compile", "-o", output, b->registry_csv, NULL};
	struct making ours = {command, output, NULL};

	report_section("compile", "the bundled registry compiled, beside files of other makers with the same entries");
	report_ours(b, &ours);
	report_makedb(b, &ours);
	report_cdb(b, &ours);
	remove(output);
}
