/* SPDX-License-Identifier: MIT */
/*
 * Which kept rows are reordered: all but a longest increasing subsequence (patience sorting). A kept row is a point:
 * its number before and its number after. Ordered by the number before, a subsequence whose numbers after increase is a
 * chain. A point's level is the length of the longest chain that ends in it; a longest chain has one point of each
 * level.
 */
#include <string.h>

#include "base/memory.h"
#include "diff/row_order.h"

struct point {
	uint32_t before, after, level;
};

struct points {
	struct point *points;
	uint32_t count, level_count;
};

/* Collect the points in order of their rows before. False if their rows after are in that order too. */
static bool take_points(const struct paired_side *before, struct points *points)
{
	bool turned = false;

	points->points = xcheck(calloc((size_t)before->count + 1, sizeof *points->points));
	for (uint32_t i = 0; i < before->count; i++) {
		if (before->rows[i].fate != ROW_KEPT)
			continue;
		if (points->count && points->points[points->count - 1].after > before->rows[i].partner)
			turned = true;
		points->points[points->count++] = (struct point){i, before->rows[i].partner, 0};
	}
	return turned;
}

/* ends[level] is the least number after that a chain of that length can end with; it grows with the level. */
static void set_levels(struct points *points)
{
	uint32_t *ends = xcheck(calloc((size_t)points->count + 1, sizeof *ends));

	for (uint32_t i = 0; i < points->count; i++) {
		uint32_t low = 0, high = points->level_count;

		while (low < high) {
			const uint32_t middle = low + (high - low) / 2;

			if (ends[middle] < points->points[i].after)
				low = middle + 1;
			else
				high = middle;
		}
		ends[low] = points->points[i].after;
		points->points[i].level = low;
		if (low == points->level_count)
			points->level_count++;
	}
	free(ends);
}

static int compare_levels(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->level != y->level)
		return x->level > y->level ? 1 : -1;
	return (x->before > y->before) - (x->before < y->before);
}

static int compare_texts(const struct row_pairs *pairs, uint32_t a, uint32_t b)
{
	return a == b ? 0 : strcmp(pairs->texts.keys[a].bytes, pairs->texts.keys[b].bytes);
}

/* A total order of rows by their content, so that the choice below does not depend on their numbers. */
static int compare_rows(const struct row_pairs *pairs, const struct row_key *a, const struct row_key *b)
{
	int order = compare_texts(pairs, a->name, b->name);

	if (!order)
		order = compare_texts(pairs, a->protocol, b->protocol);
	if (!order)
		order = (a->ports > b->ports) - (a->ports < b->ports);
	for (unsigned i = 0; i < TEXT_COUNT && !order; i++)
		order = compare_texts(pairs, a->texts[i], b->texts[i]);
	return order ? order : (int)a->from_overlay - (int)b->from_overlay;
}

/*
 * Of the points of the level that ends at `*end`, the least by content that can come before `next` in a chain; NULL for
 * `next`: any can. `*end` moves to the end of the level below.
 */
static const struct point *choose_point(const struct row_pairs *pairs, const struct points *points,
					const struct point *next, uint32_t *end)
{
	const uint32_t level = points->points[*end - 1].level;
	const struct point *best = NULL;

	for (; *end && points->points[*end - 1].level == level; (*end)--) {
		const struct point *point = &points->points[*end - 1];

		if (next && (point->before > next->before || point->after > next->after))
			continue;
		if (!best || compare_rows(pairs, &pairs->before.rows[point->before].key,
					  &pairs->before.rows[best->before].key) < 0)
			best = point;
	}
	return best;
}

static void set_fate(struct row_pairs *pairs, const struct point *point, enum row_fate fate)
{
	pairs->before.rows[point->before].fate = fate;
	pairs->after.rows[point->after].fate = fate;
}

void mark_reordered(struct row_pairs *pairs)
{
	struct points points = {0};

	if (take_points(&pairs->before, &points)) {
		const struct point *next = NULL;

		set_levels(&points);
		qsort(points.points, points.count, sizeof *points.points, compare_levels);
		for (uint32_t i = 0; i < points.count; i++)
			set_fate(pairs, &points.points[i], ROW_REORDERED);
		for (uint32_t end = points.count; end;) {
			next = choose_point(pairs, &points, next, &end);
			set_fate(pairs, next, ROW_KEPT);
		}
	}
	free(points.points);
}
