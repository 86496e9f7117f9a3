/* SPDX-License-Identifier: MIT */
/* Run commands and measure them: see process.h. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/measure.h"
#include "bench/process.h"

extern char **environ;

static double milliseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

/* exec wants strings that it may write to, and does not. */
static char *const *words(const char *const command[])
{
	return (char *const *)(uintptr_t)command;
}

static void must_end_well(const char *const command[], int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	errx(1, "%s %s failed (%s %d)", command[0], command[1] ? command[1] : "",
	     WIFEXITED(status) ? "exit status" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

struct process_cost process_run(const char *const command[])
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);

	const double start = measure_now();

	errno = posix_spawnp(&child, command[0], &actions, NULL, words(command), environ);
	if (errno)
		err(1, "%s", command[0]);
	if (wait4(child, &status, 0, &usage) != child)
		err(1, "wait4");

	const double end = measure_now();

	posix_spawn_file_actions_destroy(&actions);
	must_end_well(command, status);
	return (struct process_cost){(end - start) / 1e6,
				     milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime)};
}

/* A process that is about to end still has its memory, and VmHWM is of that memory alone. */
static double read_peak(pid_t process)
{
	char path[64], line[256];
	double peak = -1;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%d/status", (int)process);
	status = fopen(path, "re");
	if (!status)
		err(1, "%s", path);
	while (peak < 0 && fgets(line, sizeof line, status))
		if (sscanf(line, "VmHWM: %lf kB", &peak) != 1)
			peak = -1;
	fclose(status);
	if (peak < 0)
		errx(1, "%s says no VmHWM", path);
	return peak;
}

_Noreturn static void start_traced(const char *const command[])
{
	const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, STDOUT_FILENO) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		err(1, "%s", command[0]);
	execvp(command[0], words(command));
	err(1, "%s", command[0]);
}

double process_peak(const char *const command[])
{
	const pid_t child = fork();
	double peak = -1;
	bool started = false;
	int status;

	if (child < 0)
		err(1, "fork");
	if (child == 0)
		start_traced(command);
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		const bool ends = status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8);
		int signal = ends || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);

		if (!started && ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) != 0)
			err(1, "ptrace");
		started = true;
		if (ends)
			peak = read_peak(child);
		if (ptrace(PTRACE_CONT, child, NULL, signal) != 0)
			err(1, "ptrace");
	}
	must_end_well(command, status);
	return peak;
}

char *process_output(const char *const command[])
{
	char *text = NULL;
	size_t size = 0, got;
	char block[4096];
	int ends[2], status;
	pid_t child;
	posix_spawn_file_actions_t actions;
	FILE *out = open_memstream(&text, &size);

	if (!out || pipe2(ends, O_CLOEXEC) != 0)
		err(1, "%s", command[0]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	errno = posix_spawnp(&child, command[0], &actions, NULL, words(command), environ);
	if (errno)
		err(1, "%s", command[0]);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	for (ssize_t part; (part = read(ends[0], block, sizeof block)) > 0;) {
		got = fwrite(block, 1, (size_t)part, out);
		if (got != (size_t)part)
			err(1, "%s", command[0]);
	}
	close(ends[0]);
	if (fclose(out) != 0 || waitpid(child, &status, 0) != child)
		err(1, "%s", command[0]);
	must_end_well(command, status);
	return text;
}
