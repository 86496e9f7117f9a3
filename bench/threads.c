/* SPDX-License-Identifier: MIT */
/*
 * How much more two threads get done than one, by direct calls, against what the empty module gets out of a second
 * processor in the same round.
 */
#include <err.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "bench/ask.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "bench/sections.h"

enum { SLICE_MS = 60, QUICK_SLICE_MS = 10, BATCH = 256 };

/* What the threads of a slice do; each asks keys of its own place. */
struct slice {
	const struct asked *asked;
	enum operation operation;
	const struct key *keys;
	unsigned count;
	pthread_barrier_t barrier;
	atomic_bool stop;
};

struct worker {
	struct slice *slice;
	unsigned next;
	double done;
};

static void *work(void *argument)
{
	struct worker *const worker = argument;
	struct slice *const slice = worker->slice;
	const unsigned batches = slice->count / BATCH;
	unsigned next = worker->next, done = 0;

	pthread_barrier_wait(&slice->barrier);
	while (!atomic_load_explicit(&slice->stop, memory_order_relaxed)) {
		done += ask(slice->asked, slice->operation, slice->keys + (size_t)next * BATCH, BATCH);
		next = next + 1 < batches ? next + 1 : 0;
	}
	worker->done = done;
	return NULL;
}

/* Lookups per ns by so many threads. */
static double throughput(struct slice *slice, unsigned count, unsigned milliseconds)
{
	const struct timespec length = {.tv_nsec = (long)milliseconds * 1000000};
	struct worker workers[2];
	pthread_t threads[2];
	double done = 0, start;

	atomic_store(&slice->stop, false);
	pthread_barrier_init(&slice->barrier, NULL, count + 1);
	for (unsigned i = 0; i < count; i++) {
		workers[i] = (struct worker){.slice = slice, .next = i * (slice->count / BATCH / 2)};
		errno = pthread_create(&threads[i], NULL, work, &workers[i]);
		if (errno)
			err(1, "a thread");
	}
	pthread_barrier_wait(&slice->barrier);
	start = measure_now();
	nanosleep(&length, NULL);
	atomic_store(&slice->stop, true);
	for (unsigned i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		done += workers[i].done;
	}
	pthread_barrier_destroy(&slice->barrier);
	return done / (measure_now() - start);
}

/* Of one round. */
static double gain(const struct bench *b, const struct asked *asked, enum operation operation)
{
	const struct keys *const keys = keys_of(b);
	struct slice slice = {.asked = asked,
			      .operation = operation,
			      .keys = keys->keys[KEYS_UNIFORM],
			      .count = keys->count[KEYS_UNIFORM]};
	const unsigned milliseconds = b->quick ? QUICK_SLICE_MS : SLICE_MS;
	const double one = throughput(&slice, 1, milliseconds);

	return throughput(&slice, 2, milliseconds) / one;
}

static void report(const char *what, const char *id, double *figures, unsigned count, double target)
{
	const struct figure figure = {.what = what,
				      .id = id,
				      .value = measure_spread(figures, count),
				      .unit = "x",
				      .target = target,
				      .at_least = true};

	report_figure(&figure);
}

static void measure(const struct bench *b, const struct asked modules[2], enum operation operation)
{
	const bool by_port = operation == ASK_BY_PORT;
	double *const gains = calloc((size_t)b->pairs * 3, sizeof *gains);
	double *const empty = gains, *const ianareg = empty + b->pairs, *const ratios = ianareg + b->pairs;

	if (!gains)
		err(1, "%u rounds", b->pairs);
	gain(b, &modules[0], operation); /* the first second is not typical */
	gain(b, &modules[1], operation);
	for (unsigned i = 0; i < b->pairs; i++) {
		empty[i] = gain(b, &modules[0], operation);
		ianareg[i] = gain(b, &modules[1], operation);
		ratios[i] = ianareg[i] / empty[i];
	}
	report(by_port ? "by port, two threads over one: empty" : "by name, two threads over one: empty",
	       by_port ? "port_empty" : "name_empty", empty, b->pairs, NAN);
	report(by_port ? "by port, two threads over one: ianareg" : "by name, two threads over one: ianareg",
	       by_port ? "port_ianareg" : "name_ianareg", ianareg, b->pairs, NAN);
	report(by_port ? "by port, two threads over one: ianareg over empty"
		       : "by name, two threads over one: ianareg over empty",
	       by_port ? "port_ianareg_over_empty" : "name_ianareg_over_empty", ratios, b->pairs, 0.97);
	free(gains);
}

void bench_threads(const struct bench *b)
{
	static struct entry_points empty, ianareg;
	const struct asked modules[2] = {{.module = &empty}, {.module = &ianareg}};

	report_section("threads", "direct calls by two threads, uniform keys: what they get done over what one does");
	keys_of(b); /* with it the module has its snapshot */
	if (!entry_points_load(&empty, b->empty, "empty") || !entry_points_load(&ianareg, b->module, "ianareg"))
		errx(1, "%s or %s: cannot be loaded", b->empty, b->module);
	measure(b, modules, ASK_BY_PORT);
	measure(b, modules, ASK_BY_NAME);
}
