/* SPDX-License-Identifier: MIT */
/*
 * cold TOOL SNAPSHOT: whole processes, from their start to their end, the tool against getent through the module, in
 * interleaved pairs; and what a search over everything takes.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum {
	PAIR_COUNT = 201,
};

extern char **environ;

struct figures {
	double wall[PAIR_COUNT], cpu[PAIR_COUNT]; /* milliseconds */
};

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double of_timeval(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

/* Run a command to its good end, its output thrown away. */
static void run(char *const command[], double *wall, double *cpu)
{
	posix_spawn_file_actions_t actions;
	const double start = milliseconds();
	struct rusage usage;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&child, command[0], &actions, NULL, command, environ) != 0 ||
	    wait4(child, &status, 0, &usage) != child || status != 0) {
		fprintf(stderr, "cold: %s failed\n", command[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	*wall = milliseconds() - start;
	*cpu = of_timeval(&usage.ru_utime) + of_timeval(&usage.ru_stime);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double sorted(double *figures, unsigned quarter)
{
	qsort(figures, PAIR_COUNT, sizeof *figures, compare);
	return figures[PAIR_COUNT * quarter / 4];
}

/* The tool and getent asked for the same. */
static void race(char *tool, char *key)
{
	static struct figures ours;
	static double ratio[PAIR_COUNT];
	char getent[] = "getent", source[] = "-s", module[] = "services:ianareg", services[] = "services",
	     lookup[] = "lookup";
	char *const asked[] = {tool, lookup, key, NULL}, *const peer[] = {getent, source, module, services, key, NULL};

	for (unsigned i = 0; i < PAIR_COUNT; i++) {
		double wall, cpu;

		run(asked, &ours.wall[i], &ours.cpu[i]);
		run(peer, &wall, &cpu);
		ratio[i] = ours.wall[i] / wall;
	}
	printf("cold `ianareg lookup %s` / cold getent = %.2f  (quartiles %.2f to %.2f)   ianareg %.2f ms\n", key,
	       sorted(ratio, 2), sorted(ratio, 1), sorted(ratio, 3), sorted(ours.wall, 2));
}

static void time_search(char *tool, char *word)
{
	static struct figures figures;
	char search[] = "search";
	char *const command[] = {tool, search, word, NULL};

	for (unsigned i = 0; i < PAIR_COUNT; i++)
		run(command, &figures.wall[i], &figures.cpu[i]);
	printf("`ianareg search %s`: %.1f ms, %.1f ms of CPU  (medians of %d)\n", word, sorted(figures.wall, 2),
	       sorted(figures.cpu, 2), PAIR_COUNT);
}

int main(int argc, char **argv)
{
	char port[] = "19220", name[] = "cora", common[] = "http", most[] = "e";

	if (argc != 3 || setenv("IANAREG_SNAPSHOT", argv[2], 1) != 0) {
		fputs("usage: cold TOOL SNAPSHOT\n", stderr);
		return 1;
	}
	race(argv[1], port);
	race(argv[1], name);
	time_search(argv[1], common);
	time_search(argv[1], most);
	return 0;
}
