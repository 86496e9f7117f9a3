/* SPDX-License-Identifier: MIT */
/*
 * Lookups through libc, ianareg against glibc's files backend on the same entries, in interleaved pairs.
 * bench SNAPSHOT SERVICES: the second is what `ianareg export --format services` made of the first.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PAIR_COUNT = 21,
	KEY_COUNT = 1 << 16,
	IANAREG_BATCH = 20000, /* lookups a sample */
	FILES_BATCH = 40,
};

struct key {
	int port_be;
	char protocol[8];
	char name[64];
};

static struct key *keys;
static uint32_t key_count;

struct work {
	const char *label;
	void (*run)(const struct key *key);
};

static void by_port(const struct key *key)
{
	struct servent answer, *found;
	char buffer[1024];

	if (getservbyport_r(key->port_be, key->protocol, &answer, buffer, sizeof buffer, &found) || !found)
		abort();
}

static void by_name(const struct key *key)
{
	struct servent answer, *found;
	char buffer[1024];

	if (getservbyname_r(key->name, key->protocol, &answer, buffer, sizeof buffer, &found) || !found)
		abort();
}

static void miss_by_port(const struct key *key)
{
	struct servent answer, *found;
	char buffer[1024];

	if (getservbyport_r(htons((uint16_t)(49152 + (ntohs((uint16_t)key->port_be) & 4095))), key->protocol, &answer,
			    buffer, sizeof buffer, &found) ||
	    found)
		abort();
}

static void load_keys(void)
{
	struct servent *entry;
	uint64_t state = 1;

	keys = calloc(KEY_COUNT, sizeof *keys);
	while (keys && (entry = getservent()) && key_count < KEY_COUNT) {
		keys[key_count].port_be = entry->s_port;
		snprintf(keys[key_count].protocol, sizeof keys->protocol, "%s", entry->s_proto);
		snprintf(keys[key_count++].name, sizeof keys->name, "%s", entry->s_name);
	}
	endservent();
	for (uint32_t i = key_count; i > 1; i--) { /* uniform over the registry, in a fixed pseudo-random order */
		state = state * 6364136223846793005u + 1442695040888963407u;

		const uint32_t other = (uint32_t)(state >> 33) % i;
		const struct key swap = keys[i - 1];

		keys[i - 1] = keys[other];
		keys[other] = swap;
	}
}

static double nanoseconds_each(void (*run)(const struct key *), uint32_t batch)
{
	static uint32_t next;
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (uint32_t i = 0; i < batch; i++)
		run(&keys[next++ % key_count]);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / batch;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const struct work *work)
{
	double ours[PAIR_COUNT], ratio[PAIR_COUNT];

	for (unsigned i = 0; i < PAIR_COUNT; i++) {
		__nss_configure_lookup("services", "ianareg");
		nanoseconds_each(work->run, IANAREG_BATCH / 10);
		ours[i] = nanoseconds_each(work->run, IANAREG_BATCH);
		__nss_configure_lookup("services", "files");
		ratio[i] = nanoseconds_each(work->run, FILES_BATCH) / ours[i];
	}
	qsort(ours, PAIR_COUNT, sizeof *ours, compare);
	qsort(ratio, PAIR_COUNT, sizeof *ratio, compare);
	printf("%-22s files / ianareg = %7.0f  (quartiles %.0f to %.0f)   ianareg %.0f ns\n", work->label,
	       ratio[PAIR_COUNT / 2], ratio[PAIR_COUNT / 4], ratio[3 * PAIR_COUNT / 4], ours[PAIR_COUNT / 2]);
}

int main(int argc, char **argv)
{
	static const struct work works[] = {
		{"by port and protocol", by_port}, {"by name and protocol", by_name}, {"miss by port", miss_by_port}};

	if (argc != 3 || setenv("IANAREG_SNAPSHOT", argv[1], 1) != 0)
		return 1;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(argv[2], "/etc/services", NULL, MS_BIND, NULL) != 0) {
		perror("bench: a private /etc/services");
		return 1;
	}
	__nss_configure_lookup("services", "ianareg");
	load_keys();
	if (!key_count)
		return 1;
	printf("%u entries, %d interleaved pairs, medians; through libc without its own stat of nsswitch.conf\n",
	       key_count, PAIR_COUNT);
	for (unsigned i = 0; i < sizeof works / sizeof *works; i++)
		measure(&works[i]);
	return 0;
}
