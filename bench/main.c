/* SPDX-License-Identifier: MIT */
/* ianareg-bench: runs the sections asked for, prints their tables and writes the JSON. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench/peers.h"
#include "bench/plot_data.h"
#include "bench/report.h"
#include "bench/sections.h"

enum { PAIRS = 21, QUICK_PAIRS = 3 };

static const struct section {
	const char *name, *help;
	void (*run)(const struct bench *b);
} sections[] = {
	{"warm", "lookups through libc, beside every peer", bench_warm},
	{"direct", "the modules' entry points called directly, and tinycdb", bench_direct},
	{"nscd", "nscd in front of libc, and what is behind it", bench_nscd},
	{"enumeration", "getservent over everything", bench_enumeration},
	{"threads", "two threads over one", bench_threads},
	{"cold", "the first lookup of a process, and the tool's start", bench_cold},
	{"counts", "instructions, cache lines and bytes", bench_counts},
	{"growth", "registries of other sizes: lookups and compile", bench_growth},
	{"compile", "a compile beside makedb and a cdb", bench_compile},
	{"programs", "real programs in four configurations (minutes)", bench_programs},
};

enum { SECTION_COUNT = sizeof sections / sizeof *sections };

static const char usage[] =
	"usage: ianareg-bench [--quick] [--pairs N] [--json PATH] [--build DIR] [--registry CSV] [SECTION]...\n"
	"  --quick         few and short samples, to try the bench itself; its figures say nothing\n"
	"  --pairs N       interleaved pairs a figure (21)\n"
	"  --json PATH     where the figures go as JSON (DIR/bench/bench.json)\n"
	"  --build DIR     where make built everything (build)\n"
	"  --registry CSV  what DIR/ianareg.db was compiled from (data/service-names-port-numbers.csv)\n"
	"  --plot-data PATH  instead of a run: what plot.gp draws, out of the JSON of one\n"
	"Sections, all without an argument:\n";

static void help(void)
{
	fputs(usage, stdout);
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		printf("  %-14s  %s\n", sections[i].name, sections[i].help);
}

/* The absolute path of what must be there. */
static const char *built(const char *dir, const char *name)
{
	char path[PATH_MAX], *absolute;

	if (snprintf(path, sizeof path, "%s%s%s", dir, *dir ? "/" : "", name) >= (int)sizeof path)
		errx(1, "%s/%s: too long", dir, name);
	absolute = realpath(path, NULL);
	if (!absolute)
		err(1, "%s (make bench builds it)", path);
	return absolute;
}

static void find_built(struct bench *b, const char *dir)
{
	b->module = built(dir, "libnss_ianareg.so.2");
	b->empty = built(dir, "bench/libnss_empty.so.2");
	b->tool = built(dir, "ianareg");
	b->snapshot = built(dir, "ianareg.db");
	b->services = built(dir, "bench/services");
	b->build_dir = built(dir, "bench");
}

static unsigned number(const char *text)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < 1 || value > 100000)
		errx(1, "--pairs %s: not a number of pairs", text);
	return (unsigned)value;
}

static const struct section *find_section(const char *name)
{
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	errx(1, "%s: no such section (see --help)", name);
}

/* Which of each package: figures are of one. */
static void describe_package(const struct bench *b, const char *package)
{
	char path[PATH_MAX], name[128], version[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/peers/%s.version", b->build_dir, package);
	file = fopen(path, "re");
	if (file && fscanf(file, "%127s %127s", name, version) == 2)
		report_fact(package, version);
	if (file)
		fclose(file);
}

static void describe_run(const struct bench *b)
{
	static const char *const packages[] = {"libnss-db", "libdb5.3", "nscd", "libcdb1", "netbase"};
	struct utsname system;
	char text[64];

	report_fact("libc", gnu_get_libc_version());
	snprintf(text, sizeof text, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	report_fact("processors", text);
	snprintf(text, sizeof text, "%u", b->pairs);
	report_fact("pairs", text);
	report_fact("quick", b->quick ? "yes" : "no");
	if (uname(&system) == 0)
		report_fact("machine", system.machine);
	for (unsigned i = 0; i < sizeof packages / sizeof *packages; i++)
		describe_package(b, packages[i]);
}

/* Sections change the environment of what they start; in a run they come in the order of the table. */
static void run_sections(const struct bench *b, char **names)
{
	bool wanted[SECTION_COUNT + 1] = {false};

	for (char **name = names; *name; name++)
		wanted[find_section(*name) - sections] = true;
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		if (wanted[i] || !*names)
			sections[i].run(b);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"quick", no_argument, NULL, 'q'},
						{"pairs", required_argument, NULL, 'p'},
						{"json", required_argument, NULL, 'j'},
						{"build", required_argument, NULL, 'b'},
						{"registry", required_argument, NULL, 'r'},
						{"peer", no_argument, NULL, 'P'},
						{"plot-data", required_argument, NULL, 'd'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct bench b = {.pairs = 0};
	bool is_peer = false;
	const char *dir = "build", *registry = "data/service-names-port-numbers.csv", *json = NULL;
	char beside[PATH_MAX];
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'q':
			b.quick = true;
			break;
		case 'p':
			b.pairs = number(optarg);
			break;
		case 'j':
			json = optarg;
			break;
		case 'b':
			dir = optarg;
			break;
		case 'r':
			registry = optarg;
			break;
		case 'd':
			return plot_data_print(optarg);
		case 'P': /* how the bench starts its peers; not for people */
			is_peer = true;
			break;
		case 'h':
			help();
			return 0;
		default:
			fputs("ianareg-bench --help says more\n", stderr);
			return 1;
		}
	if (!b.pairs)
		b.pairs = b.quick ? QUICK_PAIRS : PAIRS;
	find_built(&b, dir);
	b.registry_csv = built("", registry);
	if (is_peer)
		return peer_serve(&b, argv + optind);
	snprintf(beside, sizeof beside, "%s/bench.json", b.build_dir);
	describe_run(&b);
	run_sections(&b, argv + optind);
	if (report_write(json ? json : beside) != 0)
		err(1, "%s", json ? json : beside);
	printf("\nwritten to %s\n", json ? json : beside);
	return 0;
}
