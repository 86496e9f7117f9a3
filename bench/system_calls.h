/* SPDX-License-Identifier: MIT */
/* The system calls that a program makes between two calls of getppid(), counted under ptrace. */
#ifndef IANAREG_BENCH_SYSTEM_CALLS_H
#define IANAREG_BENCH_SYSTEM_CALLS_H

enum { SYSTEM_CALLS_MAX = 512 }; /* numbers; none that a lookup makes is higher */

struct system_calls {
	unsigned of[SYSTEM_CALLS_MAX], total; /* by number */
};

/* Of a command, started by its path, which must end well: else the program ends with a message. */
struct system_calls system_calls_of(const char *const command[]);

/* "openat, fstat, 2 mmap": those of which `more` has more than `less`. Static. */
const char *system_calls_added(const struct system_calls *more, const struct system_calls *less);

#endif
