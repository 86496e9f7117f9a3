/* SPDX-License-Identifier: MIT */
/*
 * Instructions of single calls, counted exactly: a forked child makes them under ptrace, one instruction a step. What is
 * counted is every instruction from the first of the watched function up to and including its return, those of libc and
 * of the vDSO among them; a string instruction with a repeat prefix is one.
 */
#ifndef IANAREG_BENCH_STEPPER_H
#define IANAREG_BENCH_STEPPER_H

struct stepped {
	unsigned instructions, system_calls;
};

/* What the child does: `prepare` once, untraced, then `call` for 0, 1, ... count - 1. */
struct stepper_work {
	const void *function; /* watched */
	void (*prepare)(void *context);
	void (*call)(void *context, unsigned i); /* stepper_mark(), then calls the function soon and once */
	void *context;
};

/* NULL, or why calls cannot be counted here. */
const char *stepper_absent(void);

/* From here to the next call of the watched function the parent steps. Stops nothing unless somebody traces. */
void stepper_mark(void);

/* Ends the program with a message where the child fails. */
void stepper_count(const struct stepper_work *work, unsigned count, struct stepped *counts);

#endif
