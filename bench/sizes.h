/* SPDX-License-Identifier: MIT */
/* Registries of each size, compiled, and each loaded in a copy of the module of its own, with keys to ask for. */
#ifndef IANAREG_BENCH_SIZES_H
#define IANAREG_BENCH_SIZES_H

#include "bench/entry_points.h"
#include "bench/keys.h"
#include "bench/process.h"
#include "bench/sections.h"
#include "bench/synthetic.h"

struct sized {
	const char *id, *label;
	const char *csv, *snapshot, *services;
	unsigned entries, names;
	double hot_bytes, file_bytes;
	struct entry_points module;
	struct key *keys; /* one an entry, by one of its names, in a fixed pseudo-random order */
};

/* Make all of one size, and see that it answers as it must. What fails ends the program. */
void sized_make(const struct bench *b, enum registry_size size, struct sized *sized);

/* What compiling it takes, the median of some runs, and the most memory, in KiB. */
struct process_cost sized_compile(const struct bench *b, const struct sized *sized, unsigned runs, double *peak);

#endif
