/* SPDX-License-Identifier: MIT */
/*
 * soak [PUBLICATIONS]: eight threads look up and check every answer while another publishes snapshots of two registries
 * that differ in every answer, and forks children that look up and reload. Descriptors, mappings and memory are read
 * from /proc/self all the while. The build decides how often the module looks for a new file (RELOAD_PERIOD_MS).
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/module.h"

enum {
	THREADS = 8,
	SERVICES = 40,
	FIRST_PORT = 1000,
	FORK_EVERY = 500,
	SAMPLE_EVERY = 50,
	MAPPINGS_MAX = 8 + THREADS + 1, /* mapping slots, and what each thread may just be bringing, or unmapping */
	RESIDENT_MORE_MAX = 16 << 10, /* KiB: pages of so many files that were touched */
};

/* What is published: in each, service N is called PREFIX-N, at port FIRST_PORT + N. */
static const char *const prefixes[] = {"alpha", "beta"};
static struct compiled registries[2];

static atomic_bool stop;
static atomic_ulong lookup_count, name_count; /* names: those that were found */
static atomic_ulong turn_count; /* a thread sees the other registry */

struct sample {
	unsigned descriptors, mappings;
	unsigned long resident; /* KiB */
};

_Noreturn static void wrong(const char *what, const char *got)
{
	dprintf(STDERR_FILENO, "soak: wrong: %s: %s\n", what, got);
	abort();
}

static bool is_service(const struct servent *servent, const char *prefix, unsigned number)
{
	const size_t size = strlen(prefix);
	char digits[16], *end = digits + sizeof digits - 1;

	*end = '\0';
	for (unsigned rest = number; end == digits + sizeof digits - 1 || rest; rest /= 10)
		*--end = (char)('0' + rest % 10);
	return strncmp(servent->s_name, prefix, size) == 0 && servent->s_name[size] == '-' &&
	       strcmp(servent->s_name + size + 1, end) == 0 &&
	       servent->s_port == htons((uint16_t)(FIRST_PORT + number)) && strcmp(servent->s_proto, "tcp") == 0 &&
	       !servent->s_aliases[0];
}

/* By port every registry answers, with its own name. Which one did: its index. */
static unsigned check_port(unsigned number)
{
	struct servent servent;
	char buffer[256];
	int error;

	if (_nss_ianareg_getservbyport_r(htons((uint16_t)(FIRST_PORT + number)), "tcp", &servent, buffer, sizeof buffer,
					 &error) != NSS_STATUS_SUCCESS)
		wrong("a port is not found", strerrorname_np(error));
	for (unsigned i = 0; i < 2; i++)
		if (is_service(&servent, prefixes[i], number))
			return i;
	wrong("a port has a name of neither registry", servent.s_name);
}

/* By name only the registry that has it answers. */
static void check_name(unsigned which, unsigned number)
{
	struct servent servent;
	char buffer[256], name[32];
	int error;
	enum nss_status status;

	snprintf(name, sizeof name, "%s-%u", prefixes[which], number);
	status = _nss_ianareg_getservbyname_r(name, "tcp", &servent, buffer, sizeof buffer, &error);
	if (status == NSS_STATUS_NOTFOUND)
		return;
	if (status != NSS_STATUS_SUCCESS || !is_service(&servent, prefixes[which], number))
		wrong("a name has another's answer", name);
	name_count++;
}

/* An enumeration goes over one registry from end to end. */
static void check_enumeration(void)
{
	struct servent servent;
	char buffer[256];
	unsigned which = 2;
	int error;

	if (_nss_ianareg_setservent(0) != NSS_STATUS_SUCCESS)
		wrong("an enumeration", "does not begin");
	for (unsigned i = 0; i < SERVICES; i++) {
		if (_nss_ianareg_getservent_r(&servent, buffer, sizeof buffer, &error) != NSS_STATUS_SUCCESS)
			wrong("an enumeration", "ends early");
		if (which == 2)
			which = is_service(&servent, prefixes[1], i);
		if (!is_service(&servent, prefixes[which], i))
			wrong("an enumeration changes its registry", servent.s_name);
	}
	_nss_ianareg_endservent();
}

static void *look_up(void *number_of_thread)
{
	const bool enumerates =
		*(const unsigned *)number_of_thread == 0; /* libc has a lock round that; here it is one thread */
	uint64_t random = *(const unsigned *)number_of_thread + 1;
	unsigned seen = 0;

	while (!stop) {
		const unsigned number = next_random(&random) % SERVICES, which = check_port(number);

		check_name(next_random(&random) % 2, number);
		turn_count += which != seen;
		seen = which;
		lookup_count += 2;
		if (enumerates && number == 0)
			check_enumeration();
	}
	return NULL;
}

static void put(const char *path, const struct compiled *compiled)
{
	const char *temporary = text("%s.new", path);
	const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, compiled->bytes, compiled->size) != (ssize_t)compiled->size || close(fd) != 0 ||
	    rename(temporary, path) != 0)
		wrong("cannot publish", temporary);
}

/* Lines of /proc/self/maps that name the snapshot, deleted or not. Reads without allocating: children of threads do it. */
static unsigned count_mappings(void)
{
	static const char name[] = "soak.db";
	static char maps[1 << 20];
	const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	unsigned count = 0;
	size_t size = 0;
	ssize_t got;

	while (fd >= 0 && size < sizeof maps - 1 && (got = read(fd, maps + size, sizeof maps - 1 - size)) > 0)
		size += (size_t)got;
	close(fd);
	maps[size] = '\0';
	for (const char *at = maps; (at = strstr(at, name)); at += strlen(name))
		count++;
	return count;
}

static struct sample take_sample(void)
{
	struct sample sample = {.descriptors = count_descriptors(), .mappings = count_mappings()};
	FILE *stream = fopen("/proc/self/statm", "re");
	unsigned long size;

	if (!stream || fscanf(stream, "%lu %lu", &size, &sample.resident) != 2)
		wrong("cannot read", "/proc/self/statm");
	fclose(stream);
	sample.resident *= (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
	return sample;
}

/* A child that looks up while its parent goes on publishing, until it has seen both registries twice. */
_Noreturn static void be_child(void)
{
	unsigned last = 2, turns = 0;

	alarm(60);
	for (unsigned i = 0; turns < 4; i++) {
		const unsigned which = check_port(i % SERVICES);

		check_name(which, i % SERVICES);
		turns += which != last;
		last = which;
	}
	if (count_mappings() > MAPPINGS_MAX)
		wrong("a child has more mappings than there are slots", "");
	_exit(0);
}

static bool has_ended(pid_t child)
{
	int status;
	const pid_t ended = waitpid(child, &status, WNOHANG);

	if (ended < 0 || (ended == child && status != 0))
		wrong("a child did not come to its end", text("status %x", (unsigned)status));
	return ended == child;
}

static struct sample larger(struct sample a, struct sample b)
{
	return (struct sample){
		.descriptors = a.descriptors > b.descriptors ? a.descriptors : b.descriptors,
		.mappings = a.mappings > b.mappings ? a.mappings : b.mappings,
		.resident = a.resident > b.resident ? a.resident : b.resident,
	};
}

/* Publish so many, and on while there is a child; the most of everything that was seen. */
static struct sample publish_all(const char *path, unsigned count, unsigned *children)
{
	struct sample most = {0};
	pid_t child = 0;

	for (unsigned i = 0; i < count || child; i++) {
		put(path, &registries[i % 2]);
		if (i % SAMPLE_EVERY == 0)
			most = larger(most, take_sample());
		if (child && has_ended(child))
			child = 0;
		if (child || i % FORK_EVERY || i >= count)
			continue;
		child = fork();
		if (!child)
			be_child();
		++*children;
	}
	return most;
}

/* The first registry is small; the second brings the bundled one along, so that sizes differ, too. */
static struct compiled compile_registry(const char *prefix, const char *more)
{
	char *csv = NULL;
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	fputs(CSV_HEAD, stream);
	for (unsigned i = 0; i < SERVICES; i++)
		fprintf(stream, "%s-%u,%u,tcp,,,,,,,,,\n", prefix, i, FIRST_PORT + i);
	fputs(more, stream);
	fclose(stream);

	struct compiled compiled = compile_csv(csv, size, NULL, NULL);

	free(csv);
	if (compiled.status != OUTCOME_OK)
		wrong("a registry does not compile", compiled.messages);
	return compiled;
}

/* Rows at ports past those that are asked. */
static char *make_ballast(void)
{
	char *rows = NULL;
	size_t size;
	FILE *stream = open_memstream(&rows, &size);

	for (unsigned i = 0; i < 10000; i++)
		fprintf(stream, "ballast-%u,%u,tcp,What makes the file large,,,,,,,,\n", i, 20000 + i);
	fclose(stream);
	return rows;
}

static void report(unsigned publications, unsigned children, const struct sample *before, const struct sample *most,
		   const struct sample *after)
{
	printf("soak: %u publications, %d threads, %lu lookups, %lu turns seen, %u children: 0 wrong answers\n",
	       publications, THREADS, atomic_load(&lookup_count), atomic_load(&turn_count), children);
	printf("soak: descriptors %u, at most %u, in the end %u; mappings %u, at most %u, in the end %u; resident %lu "
	       "KiB, at most %lu, "
	       "in the end %lu\n",
	       before->descriptors, most->descriptors, after->descriptors, before->mappings, most->mappings,
	       after->mappings, before->resident, most->resident, after->resident);
}

int main(int argc, char **argv)
{
	const unsigned publications = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	char path[4096];
	unsigned numbers[THREADS], children = 0;
	pthread_t threads[THREADS];
	char *ballast = make_ballast();

	snprintf(path, sizeof path, "%s/soak.db", scratch_dir());
	registries[0] = compile_registry(prefixes[0], "");
	registries[1] = compile_registry(prefixes[1], ballast);
	free(ballast);
	umask(022);
	put(path, &registries[0]);
	setenv("IANAREG_SNAPSHOT", path, 1);
	for (unsigned i = 0; i < THREADS; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, look_up, &numbers[i]) != 0)
			wrong("cannot make a thread", "");
	}
	while (lookup_count < 10000)
		usleep(1000);

	const struct sample before = take_sample(), most = publish_all(path, publications, &children);

	stop = true;
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	sleep(1); /* the last look, whatever the period */
	check_port(0);
	usleep(1100 * 1000);
	check_port(0);

	const struct sample after = take_sample();

	report(publications, children, &before, &most, &after);
	if (!turn_count || !name_count || !children)
		wrong("no thread saw a new snapshot", "or no name, or no child");
	if (most.mappings > MAPPINGS_MAX || after.mappings != 1)
		wrong("mappings", "grow");
	if (most.descriptors > before.descriptors + THREADS + 2 || after.descriptors != before.descriptors)
		wrong("descriptors", "grow");
	if (most.resident > before.resident + RESIDENT_MORE_MAX ||
	    after.resident > before.resident + RESIDENT_MORE_MAX / 2)
		wrong("resident memory", "grows");
	free_compiled(&registries[0]);
	free_compiled(&registries[1]);
	return 0;
}
