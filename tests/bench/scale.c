/* SPDX-License-Identifier: MIT */
/*
 * scale IANAREG.so EMPTY.so SNAPSHOT: how much more two threads get done than one, by direct calls, against what the empty
 * module gets out of a second processor in the same run: interleaved, medians of 21 rounds.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 21, SLICE_MS = 60, BATCH = 256 };

typedef enum nss_status by_port(int, const char *, struct servent *, char *, size_t, int *);

struct module {
	const char *name;
	by_port *by_port;
	double gain[ROUNDS]; /* throughput of two threads over that of one */
};

struct worker {
	by_port *by_port;
	uint64_t done, random;
};

static atomic_bool stop;
static pthread_barrier_t barrier;

static void *work(void *argument)
{
	struct worker *worker = argument;
	uint64_t random = worker->random, done = 0;

	pthread_barrier_wait(&barrier);
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		for (unsigned i = 0; i < BATCH; i++, done++) {
			struct servent servent;
			char buffer[512];
			int error;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
			worker->by_port(htons((uint16_t)(random >> 48)), "tcp", &servent, buffer, sizeof buffer,
					&error);
		}
	worker->done = done;
	return NULL;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Lookups a second by so many threads. */
static double throughput(by_port *function, unsigned count)
{
	pthread_t threads[2];
	struct worker workers[2];
	double done = 0, start;

	stop = false;
	pthread_barrier_init(&barrier, NULL, count + 1);
	for (unsigned i = 0; i < count; i++) {
		workers[i] = (struct worker){.by_port = function, .random = i};
		if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
			abort();
	}
	pthread_barrier_wait(&barrier);
	start = seconds();
	nanosleep(&(struct timespec){.tv_nsec = SLICE_MS * 1000000}, NULL);
	stop = true;
	for (unsigned i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		done += (double)workers[i].done;
	}
	pthread_barrier_destroy(&barrier);
	return done / (seconds() - start);
}

static struct module load(const char *path, const char *name)
{
	char symbol[64];
	void *library = dlopen(path, RTLD_NOW);

	snprintf(symbol, sizeof symbol, "_nss_%s_getservbyport_r", name);

	struct module module = {.name = name, .by_port = library ? (by_port *)dlsym(library, symbol) : NULL};

	if (!module.by_port) {
		fprintf(stderr, "scale: %s\n", dlerror());
		exit(1);
	}
	return module;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const char *label, double *figures)
{
	qsort(figures, ROUNDS, sizeof *figures, compare);
	printf("%-44s %6.3f  (%.3f to %.3f)\n", label, figures[ROUNDS / 2], figures[ROUNDS / 4],
	       figures[ROUNDS * 3 / 4]);
}

int main(int argc, char **argv)
{
	double ratio[ROUNDS];

	if (argc != 4) {
		fputs("usage: scale IANAREG.so EMPTY.so SNAPSHOT\n", stderr);
		return 1;
	}
	setenv("IANAREG_SNAPSHOT", argv[3], 1);

	struct module modules[2] = {load(argv[1], "ianareg"), load(argv[2], "empty")};

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < 2; i++) {
			const double one = throughput(modules[i].by_port, 1);

			modules[i].gain[round] = throughput(modules[i].by_port, 2) / one;
		}
		ratio[round] = modules[0].gain[round] / modules[1].gain[round];
	}
	puts("two threads over one, direct calls, median and quartiles of 21 interleaved rounds");
	for (unsigned i = 0; i < 2; i++)
		print(modules[i].name, modules[i].gain);
	print("ianareg over empty, of each round", ratio);
	return 0;
}
