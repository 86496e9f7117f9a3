/* SPDX-License-Identifier: MIT */
/* Figures with their spread, and two things measured in turn so that a drifting machine drifts for both. */
#ifndef IANAREG_BENCH_MEASURE_H
#define IANAREG_BENCH_MEASURE_H

struct spread {
	double median, low, high; /* low and high are the quartiles */
	unsigned pairs; /* how many figures it is of; 0: a count, which has no spread */
};

/* One sample: ns per operation. What cannot be measured ends the program with a message. */
typedef double sample_fn(void *context);

/* The median and quartiles of the figures, which are left sorted; of none all are 0. */
struct spread measure_spread(double *figures, unsigned count);

/* A count: the same every time. */
struct spread measure_count(double count);

/*
 * Samples of a and of b in turn, A B A B, after one of each that does not count. The ratio is b over a within each pair.
 * What is not asked for may be NULL.
 */
void measure_pairs(sample_fn *a, void *ca, sample_fn *b, void *cb, unsigned pairs, struct spread *ratio_b_over_a,
		   struct spread *of_a, struct spread *of_b);

/* Nanoseconds of CLOCK_MONOTONIC. */
double measure_now(void);

#endif
