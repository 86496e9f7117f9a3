/* SPDX-License-Identifier: MIT */
/* Whole processes: what they cost, and what they say. All end the program with a message when a command fails. */
#ifndef IANAREG_BENCH_PROCESS_H
#define IANAREG_BENCH_PROCESS_H

struct process_cost {
	double wall, cpu; /* milliseconds, from the start to the end */
};

/* Run a command, found in PATH, to its good end, its standard output thrown away. */
struct process_cost process_run(const char *const command[]);

/*
 * The most memory, in KiB, that a command held at a time. Not of rusage: there a program inherits the peak of whoever
 * started it.
 */
double process_peak(const char *const command[]);

/* What a command prints, to be freed. */
char *process_output(const char *const command[]);

#endif
