/* SPDX-License-Identifier: MIT */
/*
 * The registry at a tenth, as it is, five times as large and at the limit of the port space: what a lookup costs by direct
 * call, of ianareg and of peers, and a compile.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/ask.h"
#include "bench/machine.h"
#include "bench/measure.h"
#include "bench/nss_db.h"
#include "bench/report.h"
#include "bench/sizes.h"
#include "bench/text.h"

enum {
	SAMPLE_LOOKUPS = 65536,
	QUICK_LOOKUPS = 4096,
	SAMPLE_NS = 20000000, /* of peers that take long */
	FIGURES_MAX = 1000,
	COMPILE_RUNS = 5,
};

static const struct way {
	const char *id, *label;
	enum operation operation;
} ways[] = {{"port", "by port", ASK_BY_PORT}, {"name", "by name", ASK_BY_NAME}};

enum { WAYS = sizeof ways / sizeof *ways };

/* Somebody who is asked, going round the keys. */
struct asking {
	struct asked asked;
	enum operation operation;
	const struct sized *sized;
	const char *who;
	unsigned next, count; /* of keys, a sample */
};

/* So many lookups, all of which must find. */
static void ask_many(struct asking *asking, unsigned count)
{
	const unsigned entries = asking->sized->entries;
	unsigned found = 0;

	for (unsigned left = count, part; left; left -= part) {
		part = left < entries - asking->next ? left : entries - asking->next;
		found += ask(&asking->asked, asking->operation, asking->sized->keys + asking->next, part);
		asking->next = (asking->next + part) % entries;
	}
	if (found != count)
		errx(1, "%s found %u of %u keys", asking->who, found, count);
}

/* What was asked before, of another size, has used the caches: a third as many lookups first, that do not count. */
static double sample(void *context)
{
	struct asking *asking = context;
	double start;

	ask_many(asking, asking->count / 3);
	start = measure_now();
	ask_many(asking, asking->count);
	return (measure_now() - start) / asking->count;
}

static struct asking asking_ours(const struct bench *b, const struct sized *sized, enum operation operation)
{
	return (struct asking){.asked = {.module = &sized->module},
			       .operation = operation,
			       .sized = sized,
			       .who = sized->snapshot,
			       .count = b->quick ? QUICK_LOOKUPS : SAMPLE_LOOKUPS};
}

/* ianareg. */

static void report_number(const struct sized *sized, const char *id, const char *what, double number, const char *unit)
{
	report_figure(&(struct figure){text_of("%s: %s", sized->label, what), text_of("%s_%s", sized->id, id),
				       measure_count(number), unit, NAN, false, NULL});
}

static void report_facts(const struct bench *b, const struct sized *sized)
{
	double peak;
	const struct process_cost cost = sized_compile(b, sized, b->quick ? 1 : COMPILE_RUNS, &peak);

	report_number(sized, "entries", "entries", sized->entries, "entries");
	report_number(sized, "names", "different names", sized->names, "names");
	report_number(sized, "compile_cpu", "compile, CPU time", cost.cpu, "ms");
	report_number(sized, "compile_wall", "compile, from start to end", cost.wall, "ms");
	report_number(sized, "compile_peak", "compile, most memory", peak / 1024, "MiB");
	report_number(sized, "hot", "hot sections", sized->hot_bytes / 1024, "KiB");
	report_number(sized, "size", "snapshot", sized->file_bytes / 1024, "KiB");
}

/* What memory alone takes: lines of the hot sections at random, each read waiting for the one before. */
struct lines {
	const unsigned char *start;
	uint64_t count, random, last;
};

static double sample_lines(void *context)
{
	struct lines *lines = context;
	const double start = measure_now();

	for (unsigned i = 0; i < SAMPLE_LOOKUPS; i++) {
		uint64_t number;

		lines->random = lines->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		number = ((lines->random >> 32) + (lines->last & 1)) % lines->count;
		lines->last = *(const volatile unsigned char *)(lines->start + number * 64);
	}
	return (measure_now() - start) / SAMPLE_LOOKUPS;
}

static void report_memory(const struct bench *b, const struct sized *sized)
{
	double figures[FIGURES_MAX];
	const unsigned count = b->pairs < FIGURES_MAX ? b->pairs : FIGURES_MAX;
	const size_t size = (size_t)sized->hot_bytes;
	const int fd = open(sized->snapshot, O_RDONLY | O_CLOEXEC);
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	struct lines lines = {.start = map, .count = size / 64, .random = 1};

	if (map == MAP_FAILED)
		err(1, "%s", sized->snapshot);
	close(fd);
	sample_lines(&lines);
	for (unsigned i = 0; i < count; i++)
		figures[i] = sample_lines(&lines);
	munmap(map, size);
	report_figure(&(struct figure){
		text_of("%s: a line of its hot sections, read at random, one after another", sized->label),
		text_of("%s_memory", sized->id), measure_spread(figures, count), "ns", NAN, false, NULL});
}

static void report_ours(const struct bench *b, const struct sized *sized, const struct sized *today,
			const struct way *way, double target)
{
	struct asking base = asking_ours(b, today, way->operation), asked = asking_ours(b, sized, way->operation);
	struct spread ratio, of_asked;

	measure_pairs(sample, &base, sample, &asked, b->pairs, &ratio, NULL, &of_asked);
	report_figure(&(struct figure){text_of("%s: ianareg %s", sized->label, way->label),
				       text_of("%s_ianareg_%s", sized->id, way->id), of_asked, "ns", NAN, false, NULL});
	if (sized != today)
		report_figure(&(struct figure){text_of("%s: ianareg %s, over today's", sized->label, way->label),
					       text_of("%s_%s_over_today", sized->id, way->id), ratio, "x", target,
					       false, NULL});
}

/* Peers, in a process whose /etc and database are of the size. */

enum peer { GROWN_FILES, GROWN_NSS_DB, GROWN_CDB, GROWN_PEERS };

static const char *const peer_names[GROWN_PEERS] = {"files", "nss_db", "cdb"};

struct peer_costs {
	struct {
		char why[200]; /* it is absent; empty: it is not */
		struct spread ways[WAYS];
	} of[GROWN_PEERS];
};

/* Keys as tinycdb takes them; forming them is not its work. */
static const struct tinycdb_key *cdb_keys(const struct sized *sized, enum operation operation)
{
	struct tinycdb_key *keys = calloc(sized->entries, sizeof *keys);

	if (!keys)
		err(1, "keys of tinycdb");
	for (unsigned i = 0; i < sized->entries; i++) {
		const struct key *key = &sized->keys[i];

		keys[i].text = operation == ASK_BY_PORT ? text_of("%u/%s", ntohs((uint16_t)key->port_be), key->protocol)
							: text_of("%s/%s", key->name, key->protocol);
		keys[i].length = (unsigned)strlen(keys[i].text);
	}
	return keys;
}

/* The peer ready to be asked; a reason why not, or NULL. */
static const char *load_peer(const struct bench *b, enum peer peer, const char *base, struct asking *asking)
{
	static struct entry_points module;
	const char *why;

	asking->asked = (struct asked){.module = &module};
	if (peer == GROWN_FILES)
		return entry_points_load(&module, NULL, "files") ? NULL : dlerror();
	if (peer == GROWN_NSS_DB) {
		dlopen(text_of("%s/peers/lib/libdb-5.3.so", b->build_dir), RTLD_NOW); /* so that the module finds it */
		return entry_points_load(&module, text_of("%s/peers/lib/libnss_db.so.2", b->build_dir), "db")
			       ? NULL
			       : dlerror();
	}
	why = tinycdb_load(text_of("%s/peers/lib/libcdb.so.1", b->build_dir));
	if (!why)
		why = tinycdb_write(asking->sized->services, text_of("%s.cdb", base));
	if (why)
		return why;
	asking->asked = (struct asked){.cdb = tinycdb_open(text_of("%s.cdb", base)),
				       .first = asking->sized->keys,
				       .ready = {[ASK_BY_PORT] = cdb_keys(asking->sized, ASK_BY_PORT),
						 [ASK_BY_NAME] = cdb_keys(asking->sized, ASK_BY_NAME)}};
	return asking->asked.cdb ? NULL : "the cdb cannot be opened";
}

/* So many lookups that a sample takes long enough, but not longer than it must. */
static void find_count(struct asking *asking, unsigned most)
{
	double each;

	asking->count = 1;
	sample(asking);
	each = sample(asking);
	asking->count = each * most < SAMPLE_NS ? most : each > SAMPLE_NS ? 1 : (unsigned)(SAMPLE_NS / each);
}

static struct spread measure_peer(const struct bench *b, struct asking *asking)
{
	double figures[FIGURES_MAX];
	const unsigned count = b->pairs < FIGURES_MAX ? b->pairs : FIGURES_MAX;

	find_count(asking, b->quick ? QUICK_LOOKUPS : SAMPLE_LOOKUPS);
	for (unsigned i = 0; i < count; i++)
		figures[i] = sample(asking);
	return measure_spread(figures, count);
}

/* A peer in both ways. The files are large: they go when they have been read. */
static void measure_ways(const struct bench *b, enum peer peer, const char *base, struct asking *asking,
			 struct peer_costs *costs)
{
	const char *why = load_peer(b, peer, base, asking);

	remove(text_of("%s.cdb", base));
	snprintf(costs->of[peer].why, sizeof costs->of[peer].why, "%s", why ? why : "");
	for (unsigned i = 0; i < WAYS && !why; i++) {
		asking->operation = ways[i].operation;
		costs->of[peer].ways[i] = measure_peer(b, asking);
	}
}

static const char *make_nss_db(const struct bench *b, const struct sized *sized, const char *base, const char *database)
{
	const char *keys = text_of("%s.keys", base), *why = nss_db_write_keys(sized->services, keys);

	if (!why)
		why = nss_db_make(text_of("%s/peers", b->build_dir), keys, database);
	remove(keys);
	return why;
}

static void measure_peers(const struct bench *b, const struct sized *sized, struct peer_costs *costs)
{
	const char *base = text_of("%s/growth/%s", b->build_dir, sized->id);
	const char *database = text_of("%s.services.db", base), *no_nss_db = make_nss_db(b, sized, base, database),
		   *why;
	const struct machine machine = {.dir = text_of("%s/growth/machine", b->build_dir),
					.source = "files",
					.services = sized->services,
					.nss_db = no_nss_db ? NULL : database};
	pid_t nscd;

	why = machine_enter(&machine, &nscd);
	remove(database);
	for (unsigned peer = 0; peer < GROWN_PEERS; peer++) {
		struct asking asking = {.sized = sized, .who = peer_names[peer]};
		const char *lacks = peer == GROWN_CDB ? NULL : why ? why : peer == GROWN_NSS_DB ? no_nss_db : NULL;

		if (lacks)
			snprintf(costs->of[peer].why, sizeof costs->of[peer].why, "%s", lacks);
		else
			measure_ways(b, peer, base, &asking, costs);
	}
}

static void report_peer(const struct sized *sized, enum peer peer, const struct peer_costs *costs)
{
	for (unsigned i = 0; i < WAYS; i++) {
		const char *what = text_of("%s: %s %s", sized->label, peer_names[peer], ways[i].label);
		const char *id = text_of("%s_%s_%s", sized->id, peer_names[peer], ways[i].id);

		if (*costs->of[peer].why)
			report_absent(id, what, costs->of[peer].why);
		else
			report_figure(&(struct figure){what, id, costs->of[peer].ways[i], "ns", NAN, false, NULL});
	}
}

static void report_peers(const struct bench *b, const struct sized *sized)
{
	struct peer_costs *costs = mmap(NULL, sizeof *costs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;
	int status;

	if (costs == MAP_FAILED)
		err(1, "mmap");
	fflush(NULL);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		measure_peers(b, sized, costs);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(1, "the peers with %s failed", sized->services);
	for (unsigned peer = 0; peer < GROWN_PEERS; peer++)
		report_peer(sized, peer, costs);
	munmap(costs, sizeof *costs);
}

void bench_growth(const struct bench *b)
{
	static struct sized sized[REGISTRY_SIZES];
	const struct sized *today = &sized[REGISTRY_TODAY];

	report_section("growth", "registries of other sizes, uniform keys, direct calls");
	for (unsigned size = 0; size < REGISTRY_SIZES; size++) {
		sized_make(b, size, &sized[size]);
		report_facts(b, &sized[size]);
	}
	for (unsigned size = 0; size < REGISTRY_SIZES; size++)
		for (unsigned i = 0; i < WAYS; i++)
			report_ours(b, &sized[size], today, &ways[i], size == REGISTRY_LIMIT ? 3 : NAN);
	for (unsigned size = 0; size < REGISTRY_SIZES; size++)
		report_memory(b, &sized[size]);
	for (unsigned size = 0; size < REGISTRY_SIZES; size++)
		report_peers(b, &sized[size]);
	report_note(
		"The limit: all 65,536 ports of four protocols, four different names each; names are asked for by any "
		"of an entry's. Each port has four records there, one after another.");
}
