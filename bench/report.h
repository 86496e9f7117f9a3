/* SPDX-License-Identifier: MIT */
/* What was measured: a table for people as it comes, JSON for tools at the end. */
#ifndef IANAREG_BENCH_REPORT_H
#define IANAREG_BENCH_REPORT_H

#include <stdbool.h>

#include "bench/measure.h"

struct figure {
	const char *what; /* a person reads it: "by port, uniform keys: ianareg over empty" */
	const char *id; /* tools find it: "port_uniform_over_empty", unique in its section */
	struct spread value;
	const char *unit; /* "x" for ratios, "ns", "instructions", "KiB" ... */
	double target; /* NAN: there is none */
	bool at_least; /* the target is a minimum, else a maximum */
	const char *note; /* or NULL */
};

/* Begin a section; the name is its key in the JSON. All that follows is in it. */
void report_section(const char *name, const char *heading);

/* A row of the table. */
void report_figure(const struct figure *figure);

/* The same of a ratio of times, with the two medians it is made of. */
void report_times(const struct figure *figure, double ns, double over_ns);

/* A row that there is not, and why. */
void report_absent(const char *id, const char *what, const char *why);

/* A line under the table. */
void report_note(const char *text);

/* A fact about the run as a whole ("libc", "entries"), for the JSON only. Before or after any section. */
void report_fact(const char *name, const char *value);

/* Write everything as JSON: 0, or -1 with errno. */
int report_write(const char *json_path);

#endif
