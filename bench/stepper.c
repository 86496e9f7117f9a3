/* SPDX-License-Identifier: MIT */
/* Single-step a child: see stepper.h. */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/stepper.h"

enum {
	STEPS_TO_CALL = 10000, /* from the mark to the watched function */
	STEPS_OF_CALL = 10000000,
};

#ifdef __x86_64__

struct state {
	uintptr_t pc, stack;
	bool after_system_call;
};

static struct state read_state(pid_t child)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, child, NULL, &registers) != 0)
		err(1, "the registers of the stepped child");
	return (struct state){registers.rip, registers.rsp, registers.orig_rax != UINT64_MAX};
}

/* Where the function that is just being entered will return to. */
static uintptr_t read_return_address(pid_t child, const struct state *state)
{
	errno = 0;

	const long word = ptrace(PTRACE_PEEKDATA, child, (void *)state->stack, NULL);

	if (errno)
		err(1, "the stack of the stepped child");
	return (uintptr_t)word;
}

static bool has_returned(const struct state *entered, uintptr_t return_address, const struct state *now)
{
	return now->pc == return_address && now->stack > entered->stack;
}

const char *stepper_absent(void)
{
	return NULL;
}

void stepper_mark(void)
{
	__asm__ volatile("int3");
}

#else

struct state {
	uintptr_t pc;
	bool after_system_call;
};

static struct state read_state(pid_t child)
{
	(void)child;
	return (struct state){0};
}

static uintptr_t read_return_address(pid_t child, const struct state *state)
{
	(void)child;
	return state->pc;
}

static bool has_returned(const struct state *entered, uintptr_t return_address, const struct state *now)
{
	(void)entered;
	return now->pc == return_address;
}

const char *stepper_absent(void)
{
	return "single-stepping is written for x86_64 only";
}

void stepper_mark(void)
{
}

#endif

/* False when the child has ended well instead. */
static bool wait_for_trap(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		err(1, "the stepped child");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		errx(1, "the stepped child ended or stopped with status %#x", (unsigned)status);
	return true;
}

static bool resume(pid_t child)
{
	if (ptrace(PTRACE_CONT, child, NULL, NULL) != 0)
		err(1, "the stepped child");
	return wait_for_trap(child);
}

static struct state step(pid_t child)
{
	if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0)
		err(1, "a step of the child");
	if (!wait_for_trap(child))
		errx(1, "the stepped child ended in the middle of a call");
	return read_state(child);
}

static struct state step_to(pid_t child, uintptr_t function)
{
	struct state state = read_state(child);

	for (unsigned steps = 0; state.pc != function; steps++) {
		if (steps == STEPS_TO_CALL)
			errx(1, "the stepped child does not call what it should");
		state = step(child);
	}
	return state;
}

static struct stepped count_call(pid_t child, uintptr_t function)
{
	const struct state entered = step_to(child, function);
	const uintptr_t return_address = read_return_address(child, &entered);
	struct stepped counts = {.instructions = 1};
	struct state before = entered;

	for (unsigned steps = 0; steps < STEPS_OF_CALL; steps++) {
		const struct state state = step(child);

		counts.system_calls += state.after_system_call;
		if (has_returned(&entered, return_address, &state))
			return counts;
		counts.instructions += state.pc != before.pc; /* else the next round of a repeated one */
		before = state;
	}
	errx(1, "a stepped call does not end");
}

_Noreturn static void be_stepped(const struct stepper_work *work, unsigned count)
{
	work->prepare(work->context);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		err(1, "ptrace");
	for (unsigned i = 0; i < count; i++)
		work->call(work->context, i);
	_exit(0);
}

/* One processor for both: to wake another one at each step takes several times as long. What was allowed before. */
static cpu_set_t stay_here(void)
{
	cpu_set_t before, here;

	CPU_ZERO(&here);
	CPU_SET((unsigned)sched_getcpu(), &here);
	if (sched_getaffinity(0, sizeof before, &before) != 0 || sched_setaffinity(0, sizeof here, &here) != 0)
		err(1, "a processor for stepper and stepped");
	return before;
}

void stepper_count(const struct stepper_work *work, unsigned count, struct stepped *counts)
{
	const cpu_set_t before = stay_here();
	const pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (child == 0)
		be_stepped(work, count);
	for (unsigned i = 0; i < count; i++) {
		if (i == 0 ? !wait_for_trap(child) : !resume(child))
			errx(1, "the stepped child made %u calls instead of %u", i, count);
		counts[i] = count_call(child, (uintptr_t)work->function);
	}
	if (resume(child))
		errx(1, "the stepped child goes on");
	sched_setaffinity(0, sizeof before, &before);
}
