/* SPDX-License-Identifier: MIT */
/* Count system calls under ptrace: see system_calls.h. */
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/system_calls.h"

static const char *call_name(unsigned number)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = {
		{SYS_openat, "openat"},
		{SYS_close, "close"},
		{SYS_read, "read"},
		{SYS_pread64, "pread"},
		{SYS_munmap, "munmap"},
		{SYS_mprotect, "mprotect"},
		{SYS_madvise, "madvise"},
		{SYS_statx, "statx"},
		{SYS_brk, "brk"},
		{SYS_futex, "futex"},
/* Not everywhere. */
#ifdef SYS_mmap
		{SYS_mmap, "mmap"},
#endif
#ifdef SYS_mmap2
		{SYS_mmap2, "mmap2"},
#endif
#ifdef SYS_fstat
		{SYS_fstat, "fstat"},
#endif
#ifdef SYS_stat
		{SYS_stat, "stat"},
#endif
#ifdef SYS_newfstatat
		{SYS_newfstatat, "newfstatat"},
#endif
	};
	static char other[32];

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == number)
			return names[i].name;
	snprintf(other, sizeof other, "call %u", number);
	return other;
}

_Noreturn static void start_traced(const char *const command[])
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		err(1, "ptrace");
	execv(command[0], (char *const *)(uintptr_t)command);
	err(1, "%s", command[0]);
}

/* The call at whose entry the child stands. */
static unsigned call_entered(pid_t child)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info) < 0)
		err(1, "PTRACE_GET_SYSCALL_INFO (Linux 5.3)");
	return info.op == PTRACE_SYSCALL_INFO_ENTRY ? (unsigned)info.entry.nr : UINT_MAX;
}

static bool run_to_call(pid_t child, int *status)
{
	if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 || waitpid(child, status, 0) != child)
		err(1, "ptrace");
	return WIFSTOPPED(*status);
}

struct system_calls system_calls_of(const char *const command[])
{
	const pid_t child = fork();
	struct system_calls calls = {.total = 0};
	unsigned marks = 0;
	int status;

	if (child < 0)
		err(1, "fork");
	if (child == 0)
		start_traced(command);
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0)
		errx(1, "%s cannot be traced", command[0]);
	while (run_to_call(child, &status)) {
		const unsigned call = WSTOPSIG(status) == (SIGTRAP | 0x80) ? call_entered(child) : UINT_MAX;

		marks += call == SYS_getppid;
		if (marks == 1 && call < SYSTEM_CALLS_MAX && call != SYS_getppid) {
			calls.of[call]++;
			calls.total++;
		}
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || marks != 2)
		errx(1, "%s failed under ptrace", command[0]);
	return calls;
}

const char *system_calls_added(const struct system_calls *more, const struct system_calls *less)
{
	static char text[512];
	FILE *out = fmemopen(text, sizeof text, "w");
	const char *comma = "";

	if (!out)
		err(1, "fmemopen");
	for (unsigned i = 0; i < SYSTEM_CALLS_MAX; i++) {
		const unsigned added = more->of[i] > less->of[i] ? more->of[i] - less->of[i] : 0;

		if (added > 1)
			fprintf(out, "%s%u %s", comma, added, call_name(i));
		else if (added)
			fprintf(out, "%s%s", comma, call_name(i));
		if (added)
			comma = ", ";
	}
	if (!*comma)
		fputs("none", out);
	fclose(out);
	return text;
}
