/* SPDX-License-Identifier: MIT */
/* Direct lookups of traced_lookups.c under tools of valgrind, which count what does not depend on the machine. */
#ifndef IANAREG_BENCH_VALGRIND_H
#define IANAREG_BENCH_VALGRIND_H

#include <stdbool.h>
#include <sys/types.h>

#include "bench/keys.h"
#include "bench/measure.h"
#include "bench/sections.h"

struct valgrind_work {
	const struct bench *b;
	const char *library, *module; /* "ianareg" */
	bool by_name, misses;
	const struct key *const *keys;
	unsigned count;
};

/* NULL, or why there is none. */
const char *valgrind_absent(void);

/*
 * Start `passes` passes over the keys under a tool with one or two options, the second may be NULL. What the tool logs goes to
 * the descriptor `log`, what the program prints to `output`.
 */
pid_t valgrind_start(const struct valgrind_work *work, unsigned passes, const char *const tool[3], int log, int output);

/* Wait for its good end. */
void valgrind_wait(pid_t child);

/* Instructions a lookup, by callgrind: the mean over the keys of what a pass takes. */
double callgrind_per_lookup(const struct valgrind_work *work);

/*
 * Different cache lines of 64 bytes that a lookup touches, by lackey: of the snapshot, of the module's variables and tables, of
 * everything else (stack, key, the caller's buffer), and of code, wherever it is.
 */
enum line_kind { LINES_SNAPSHOT, LINES_MODULE, LINES_OTHER, LINES_CODE, LINE_KINDS };
struct line_counts {
	struct spread of[LINE_KINDS];
	double mean[LINE_KINDS];
};
struct line_counts lines_per_lookup(const struct valgrind_work *work);

#endif
