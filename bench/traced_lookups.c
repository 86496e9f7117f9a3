/* SPDX-License-Identifier: MIT */
/*
 * traced_lookups LIBRARY MODULE by-port|by-name KEYS PASSES: ask the module directly for all that is in the file KEYS, lines of
 * "PORT-OR-NAME PROTOCOL", PASSES times, under a tool of valgrind. Each lookup lies between stores to two known addresses
 * (traced_lookups.h). It prints how many were found in a pass, and where the module and the snapshot lie in memory.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <err.h>
#include <link.h>
#include <netdb.h>
#include <nss.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "bench/traced_lookups.h"

enum {
	KEYS_MAX = 1000,
	/* A module may do more in the second after its first lookup: that is over before anything is counted. */
	EARLY_LOOKUPS = 130,
	EARLY_PAUSE_MS = 10,
};

static struct key {
	char name[64], protocol[8];
	int port_be;
} keys[KEYS_MAX];
static unsigned key_count;

static enum nss_status (*by_port)(int, const char *, struct servent *, char *, size_t, int *);
static enum nss_status (*by_name)(const char *, const char *, struct servent *, char *, size_t, int *);

static struct servent answer;
static char buffer[1024] __attribute__((aligned(64)));

static bool look_up(const struct key *key)
{
	int error;

	return (by_port ? by_port(key->port_be, key->protocol, &answer, buffer, sizeof buffer, &error)
			: by_name(key->name, key->protocol, &answer, buffer, sizeof buffer, &error)) ==
	       NSS_STATUS_SUCCESS;
}

static void read_keys(const char *path)
{
	FILE *file = fopen(path, "re");
	struct key *key = keys;

	if (!file)
		err(1, "%s", path);
	while (key < keys + KEYS_MAX && fscanf(file, "%63s %7s", key->name, key->protocol) == 2) {
		key->port_be = htons((uint16_t)atoi(key->name));
		key++;
	}
	key_count = (unsigned)(key - keys);
	fclose(file);
}

static void load(const char *library, const char *module, bool ports)
{
	void *const handle = dlopen(library, RTLD_NOW);
	char symbol[64];

	if (!handle)
		errx(1, "%s", dlerror());
	snprintf(symbol, sizeof symbol, "_nss_%s_getservby%s_r", module, ports ? "port" : "name");
	if (ports)
		*(void **)&by_port = dlsym(handle, symbol);
	else
		*(void **)&by_name = dlsym(handle, symbol);
	if (!by_port && !by_name)
		errx(1, "%s has no %s", library, symbol);
}

static void get_over_the_beginning(void)
{
	for (unsigned i = 0; i < EARLY_LOOKUPS; i++) {
		look_up(&keys[i % key_count]);
		nanosleep(&(struct timespec){.tv_nsec = EARLY_PAUSE_MS * 1000000}, NULL);
	}
}

static volatile uint32_t *map_marks(void)
{
	void *const at = (void *)(uintptr_t)TRACE_MARK;
	void *const marks = mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (marks != at)
		errx(1, "the marks of a trace have no room at %p", at);
	return marks;
}

static unsigned pass(volatile uint32_t *marks)
{
	unsigned found = 0;

	for (unsigned i = 0; i < key_count; i++) {
		marks[0] = i;
		found += look_up(&keys[i]);
		marks[1] = i;
	}
	return found;
}

/* All segments of the library, its variables that begin as 0 among them. */
static int print_library(struct dl_phdr_info *info, size_t size, void *path)
{
	(void)size;
	if (strcmp(info->dlpi_name, path) != 0)
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			printf("module %jx %jx\n", (uintmax_t)start, (uintmax_t)(start + info->dlpi_phdr[i].p_memsz));
	}
	return 1;
}

static void print_snapshot(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096];
	uintmax_t start, end;

	if (!maps)
		err(1, "/proc/self/maps");
	while (fgets(line, sizeof line, maps))
		if (strstr(line, "/ianareg.db\n") && sscanf(line, "%jx-%jx", &start, &end) == 2)
			printf("snapshot %jx %jx\n", start, end);
	fclose(maps);
}

int main(int argc, char **argv)
{
	unsigned found = 0;

	if (argc != 6)
		errx(1, "usage: traced_lookups LIBRARY MODULE by-port|by-name KEYS PASSES");
	load(argv[1], argv[2], strcmp(argv[3], "by-port") == 0);
	read_keys(argv[4]);
	if (!key_count)
		errx(1, "%s: no keys", argv[4]);

	volatile uint32_t *const marks = map_marks();

	get_over_the_beginning();
	for (int passes = atoi(argv[5]); passes > 0; passes--)
		found = pass(marks);
	printf("found %u\n", found);
	dl_iterate_phdr(print_library, argv[1]);
	print_snapshot();
	return 0;
}
