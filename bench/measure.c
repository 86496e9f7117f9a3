/* SPDX-License-Identifier: MIT */
/* Interleaved samples, medians and quartiles. */
#include <err.h>
#include <stdlib.h>
#include <time.h>

#include "bench/measure.h"

double measure_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Where a quantile falls between two figures it is the straight line between them. */
static double quantile(const double *sorted, unsigned count, double part)
{
	const double place = part * (double)(count - 1);
	const unsigned below = (unsigned)place, above = below + 1 < count ? below + 1 : below;

	return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

struct spread measure_spread(double *figures, unsigned count)
{
	if (!count)
		return (struct spread){0};
	qsort(figures, count, sizeof *figures, compare);
	return (struct spread){.median = quantile(figures, count, 0.5),
			       .low = quantile(figures, count, 0.25),
			       .high = quantile(figures, count, 0.75),
			       .pairs = count};
}

struct spread measure_count(double count)
{
	return (struct spread){.median = count, .low = count, .high = count};
}

void measure_pairs(sample_fn *a, void *ca, sample_fn *b, void *cb, unsigned pairs, struct spread *ratio_b_over_a,
		   struct spread *of_a, struct spread *of_b)
{
	double *figures = calloc((size_t)pairs * 3, sizeof *figures);
	double *const ratios = figures, *const as = figures + pairs, *const bs = as + pairs;

	if (!figures)
		err(1, "%u pairs", pairs);
	a(ca);
	b(cb);
	for (unsigned i = 0; i < pairs; i++) {
		as[i] = a(ca);
		bs[i] = b(cb);
		ratios[i] = bs[i] / as[i];
	}
	if (ratio_b_over_a)
		*ratio_b_over_a = measure_spread(ratios, pairs);
	if (of_a)
		*of_a = measure_spread(as, pairs);
	if (of_b)
		*of_b = measure_spread(bs, pairs);
	free(figures);
}
