/* SPDX-License-Identifier: MIT */
/*
 * one_lookup [--report] SOURCE by-port PORT PROTOCOL | by-name NAME PROTOCOL: a process that looks one service up through
 * libc and ends, a program by itself so that nothing but libc is loaded. SOURCE is what nsswitch.conf would say. The lookup
 * lies between two calls of getppid(), for whoever counts system calls. With --report it is watched from inside instead,
 * and a line of numbers says what it cost: see struct costs in cold.c.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *key, *protocol;
static bool by_port;
static char before[4096], after[4096]; /* of smaps_rollup */

static void look_up(void)
{
	const struct servent *found =
		by_port ? getservbyport(htons((uint16_t)atoi(key)), protocol) : getservbyname(key, protocol);

	if (!found)
		errx(1, "%s/%s: not found", key, protocol);
}

static void read_rollup(char *text, size_t size)
{
	const int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
	const ssize_t got = file < 0 ? -1 : read(file, text, size - 1);

	if (got < 0)
		err(1, "/proc/self/smaps_rollup");
	text[got] = '\0';
	close(file);
}

static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* The KiB that a line of smaps gives for `what`; -1: it is of something else. */
static long kib_of(const char *line, const char *what)
{
	const size_t size = strlen(what);

	return strncmp(line, what, size) == 0 && line[size] == ':' ? atol(line + size + 1) : -1;
}

static long private_dirty(const char *rollup)
{
	const char *line = strstr(rollup, "Private_Dirty:");

	return line ? kib_of(line, "Private_Dirty") : -1;
}

static bool ends_in(const char *line, const char *name)
{
	const size_t size = strcspn(line, "\n"), name_size = strlen(name);

	return size >= name_size && strncmp(line + size - name_size, name, name_size) == 0;
}

/* The sum of `what`, in KiB, over the mappings of the file of that name. */
static long sum_of_mappings(const char *name, const char *what)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[1024];
	bool is_inside = false;
	long sum = 0;

	if (!smaps)
		err(1, "/proc/self/smaps");
	while (fgets(line, sizeof line, smaps)) {
		if (strchr("0123456789abcdef", line[0])) /* a mapping begins; its facts begin with capitals */
			is_inside = ends_in(line, name);
		else if (is_inside && kib_of(line, what) > 0)
			sum += kib_of(line, what);
	}
	fclose(smaps);
	return sum;
}

static bool clear_refs(const char *what)
{
	const int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	const bool written = file >= 0 && write(file, what, 1) == 1;

	if (file >= 0)
		close(file);
	return written;
}

/*
 * KiB that the next lookup touches: pages that have the processor's mark again after it was wiped off, with 1. Only wiping
 * off the marks of written pages, 4, has the processor forget which pages it has marked.
 */
static long touched_by_next(const char *name)
{
	if (!clear_refs("1") || !clear_refs("4"))
		return -1;
	look_up();
	return sum_of_mappings(name, "Referenced");
}

static void report(void)
{
	long faults;

	read_rollup(after, sizeof after); /* what this itself touches is not to be counted */
	minor_faults();
	read_rollup(before, sizeof before);
	faults = minor_faults();
	look_up();
	faults = minor_faults() - faults;
	read_rollup(after, sizeof after);
	printf("%ld %ld %ld ", faults, private_dirty(after) - private_dirty(before),
	       sum_of_mappings("ianareg.db", "Rss"));
	printf("%ld\n", touched_by_next("ianareg.db"));
}

int main(int argc, char **argv)
{
	const bool reports = argc > 1 && strcmp(argv[1], "--report") == 0;
	char **arguments = argv + 1 + reports;

	if (argc != 5 + reports)
		errx(1, "usage: one_lookup [--report] SOURCE by-port|by-name KEY PROTOCOL");
	by_port = strcmp(arguments[1], "by-port") == 0;
	key = arguments[2];
	protocol = arguments[3];
	if (__nss_configure_lookup("services", arguments[0]) != 0)
		errx(1, "%s: libc does not take this source", arguments[0]);
	if (reports) {
		report();
		return 0;
	}
	syscall(SYS_getppid);
	look_up();
	syscall(SYS_getppid);
	return 0;
}
