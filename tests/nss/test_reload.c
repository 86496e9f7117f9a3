/* SPDX-License-Identifier: MIT */
/*
 * A running process and a registry that changes, as programs see it: the module that is installed, through libc, by the
 * real clock.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/module.h"

enum { PORT = 7, LOOP_SECONDS = 3 };

static char snapshot_path[PATH_MAX];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A snapshot that calls PORT by this name. */
static void publish_snapshot(const char *name)
{
	struct compiled compiled = compile_clean(text(CSV_HEAD "%s,%d,tcp,,,,,,,,,\n", name, PORT));
	const char *incoming = write_snapshot("incoming", compiled.bytes, compiled.size);

	must(rename(incoming, snapshot_path) == 0);
	free_compiled(&compiled);
}

static atomic_bool stop;
static _Atomic(double) seen_new_at;

/* What may be answered: "old", then from some time on "new". */
static void *look_up_in_a_loop(void *unused)
{
	bool is_new = false;

	while (!stop) {
		struct servent servent, *found;
		char buffer[256];

		must(getservbyport_r(htons(PORT), "tcp", &servent, buffer, sizeof buffer, &found) == 0 && found);
		must(strcmp(found->s_name, is_new ? "new" : "old") == 0 || strcmp(found->s_name, "new") == 0);
		must(found->s_port == htons(PORT) && strcmp(found->s_proto, "tcp") == 0 && !found->s_aliases[0]);
		if (!is_new && strcmp(found->s_name, "new") == 0)
			seen_new_at = now();
		is_new |= strcmp(found->s_name, "new") == 0;
	}
	return unused;
}

static void publish_to_a_loop(const void *unused)
{
	pthread_t thread;
	double published_at;

	(void)unused;
	must(pthread_create(&thread, NULL, look_up_in_a_loop, NULL) == 0);
	usleep(300 * 1000);
	publish_snapshot("new");
	published_at = now();
	while (seen_new_at == 0 && now() < published_at + 5)
		usleep(10 * 1000);
	stop = true;
	must(pthread_join(thread, NULL) == 0);
	must(seen_new_at != 0);
	_exit(seen_new_at - published_at <= 1.1 ? 0 : 7);
}

/* Processors are busy with other things at times: the quickest of three counts. */
TEST(a_process_in_a_loop_sees_a_published_snapshot_within_a_second_and_a_tenth)
{
	int status = -1;

	for (unsigned i = 0; i < 3 && status != 0; i++) {
		publish_snapshot("old");
		fflush(NULL);

		const pid_t child = fork();

		assert_int_not_equal(child, -1);
		if (!child) {
			alarm(30);
			publish_to_a_loop(NULL);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(status == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 7));
	}
	assert_int_equal(status, 0);
}

static void ask_libc(const char *expected)
{
	struct servent servent, *found;
	char buffer[256];

	must(getservbyport_r(htons(PORT), "tcp", &servent, buffer, sizeof buffer, &found) == 0 && found);
	must(strcmp(found->s_name, expected) == 0);
}

static void enumerate_while_it_changes(const void *unused)
{
	struct servent *entry;
	unsigned count = 0;

	(void)unused;
	setservent(1);
	must((entry = getservent()) && strcmp(entry->s_name, "ended") == 0);
	publish_snapshot("new");
	usleep(1050 * 1000);
	ask_libc("new");
	while ((entry = getservent()))
		must(strncmp(entry->s_name, "old-", 4) == 0 && ++count);
	must(count == 100);
	endservent();
	setservent(0);
	must((entry = getservent()) && strcmp(entry->s_name, "new") == 0 && !getservent());
	endservent();
}

/* One that begins at port 7 and goes on. */
TEST(an_enumeration_that_is_under_way_stays_on_its_snapshot)
{
	char *csv = NULL;
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	fprintf(stream, CSV_HEAD "ended,%d,tcp,,,,,,,,,\n", PORT);
	for (unsigned i = 0; i < 100; i++)
		fprintf(stream, "old-%u,%u,tcp,,,,,,,,,\n", i, 1000 + i);
	fclose(stream);

	struct compiled compiled = compile_clean(csv);

	assert_int_equal(rename(write_snapshot("incoming", compiled.bytes, compiled.size), snapshot_path), 0);
	in_child(enumerate_while_it_changes, NULL);
	free_compiled(&compiled);
	free(csv);
}

static unsigned long look_up_for(double seconds)
{
	const double end = now() + seconds;
	unsigned long count = 0;

	for (; now() < end; count++) {
		struct servent servent;
		char buffer[256];
		int error;

		must(_nss_ianareg_getservbyport_r(htons(PORT), "tcp", &servent, buffer, sizeof buffer, &error) ==
		     NSS_STATUS_SUCCESS);
	}
	return count;
}

/* As a program of its own, for strace: past the first look, lookups for some seconds between two marks. */
static int loop(int argc __attribute__((unused)), char **argv __attribute__((unused)))
{
	unsigned long count;

	look_up_for(1.1);
	syscall(SYS_getppid);
	count = look_up_for(LOOP_SECONDS);
	syscall(SYS_getppid);
	return count > 10000 ? 0 : 1;
}

/* Lines of the trace between the marks; those that are a stat. */
static void count_calls(const char *trace, unsigned *all, unsigned *stats)
{
	const char *start = strstr(trace, "getppid("), *end;

	*all = *stats = 0;
	assert_non_null(start);
	start = strchr(start, '\n') + 1;
	end = strstr(start, "getppid(");
	assert_non_null(end);
	for (const char *line = start; line < end && (line = strchr(line, '\n')); line++)
		++*all;
	for (const char *at = start; (at = strstr(at, "stat")) && at < end; at++)
		++*stats;
}

TEST(seconds_of_lookups_make_one_stat_each_and_no_other_system_call)
{
	struct run traced;
	unsigned all, stats;
	char *trace;

	if (UNDER_ASAN || UNDER_TSAN || getenv("VALGRIND"))
		skip();
	publish_snapshot("old");
	traced = run(text("strace -o '%s/trace' true", scratch_dir()));
	if (traced.status != 0) {
		puts("note: strace is not there or not permitted: system calls of lookups are not counted");
		free_run(&traced);
		skip();
	}
	free_run(&traced);
	traced = run(text("strace -o '%s/trace' '%s/tests/nss/test_reload' --loop", scratch_dir(), build_dir()));
	assert_int_equal(traced.status, 0);
	free_run(&traced);
	trace = read_file(text("%s/trace", scratch_dir()), NULL);
	count_calls(trace, &all, &stats);
	if (all != stats || stats < 1 || stats > LOOP_SECONDS)
		fail_msg("%u system calls, %u of them stats: %s", all, stats, trace);
	free(trace);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(snapshot_path, sizeof snapshot_path, "%s/ianareg.db", scratch_dir());
	setenv("IANAREG_SNAPSHOT", snapshot_path, 1);
	use_module_in_libc();
	return 0;
}

TEST_PROGRAM(.set_up = set_up, .command = loop);
