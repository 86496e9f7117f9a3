/* SPDX-License-Identifier: MIT */
/*
 * Many threads at once, and forks among them. Each test runs in processes of its own, so that first lookups are first;
 * this one never looks anything up.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/module.h"

enum { THREADS = 8 };

static pthread_barrier_t barrier;
static atomic_bool stop;
static uint32_t entry_count;

static bool found_by_port(unsigned port, const char *protocol, const char *name)
{
	struct servent servent;
	char buffer[256];
	int error;

	return _nss_ianareg_getservbyport_r(htons((uint16_t)port), protocol, &servent, buffer, sizeof buffer, &error) ==
		       NSS_STATUS_SUCCESS &&
	       servent.s_port == htons((uint16_t)port) && strcmp(servent.s_name, name) == 0;
}

static bool found_by_name(const char *name, const char *protocol, unsigned port)
{
	struct servent servent;
	char buffer[256];
	int error;

	return _nss_ianareg_getservbyname_r(name, protocol, &servent, buffer, sizeof buffer, &error) ==
		       NSS_STATUS_SUCCESS &&
	       servent.s_port == htons((uint16_t)port);
}

static bool answers_are_right(void)
{
	struct servent servent;
	char buffer[256];
	int error;

	return found_by_port(19220, "udp", "cora-disc") && found_by_name("iceedcp_tx", "tcp", 31948) &&
	       found_by_port(6010, NULL, "x11") && found_by_name("http-alt", NULL, 8080) &&
	       _nss_ianareg_getservbyname_r("no-such-service", NULL, &servent, buffer, sizeof buffer, &error) ==
		       NSS_STATUS_NOTFOUND &&
	       error == ENOENT;
}

static bool answers_of_libc_are_right(void)
{
	struct servent servent, *result;
	char buffer[256];

	return getservbyport_r(htons(19220), "tcp", &servent, buffer, sizeof buffer, &result) == 0 && result &&
	       strcmp(result->s_name, "cora") == 0 &&
	       getservbyname_r("iceedcp_tx", NULL, &servent, buffer, sizeof buffer, &result) == 0 && result &&
	       result->s_port == htons(31948);
}

/* Wait for the others, then look up; NULL if all is right. */
static void *look_up_together(void *question)
{
	pthread_barrier_wait(&barrier);
	return (*(bool (**)(void))question)() ? NULL : question;
}

static void look_up_until_stopped(bool (*question)(void))
{
	while (!stop)
		must(question());
}

static void *ask_module_until_stopped(void *unused)
{
	look_up_until_stopped(answers_are_right);
	return unused;
}

static void *ask_libc_until_stopped(void *unused)
{
	look_up_until_stopped(answers_of_libc_are_right);
	return unused;
}

static void start(pthread_t threads[], unsigned count, void *(*body)(void *), void *argument)
{
	for (unsigned i = 0; i < count; i++)
		must(pthread_create(&threads[i], NULL, body, argument) == 0);
}

static void join(pthread_t threads[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		void *end;

		must(pthread_join(threads[i], &end) == 0 && !end);
	}
}

/* How often the snapshot is mapped in this process. */
static unsigned count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096];
	unsigned count = 0;

	must(maps);
	while (fgets(line, sizeof line, maps))
		count += strstr(line, "registry.db") != NULL;
	fclose(maps);
	return count;
}

static void come_first_together(const void *question)
{
	const unsigned descriptors = count_descriptors();
	pthread_t threads[THREADS];
	bool (*asked)(void) = *(bool (*const *)(void))question;

	must(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
	start(threads, THREADS, look_up_together, &asked);
	join(threads, THREADS);
	must(count_mappings() == 1);
	must(count_descriptors() == descriptors);
}

/* Where each process costs a tenth of a second, fewer. */
static unsigned repetitions(void)
{
	return instrumented() ? 10 : 200;
}

TEST(eight_threads_that_come_first_together_get_right_answers_and_leave_one_mapping)
{
	static bool (*const question)(void) = answers_are_right;

	for (unsigned i = 0; i < repetitions(); i++)
		in_child(come_first_together, &question);
}

TEST(eight_threads_that_come_first_through_libc_get_right_answers)
{
	static bool (*const question)(void) = answers_of_libc_are_right;

	for (unsigned i = 0; i < repetitions(); i++)
		in_child(come_first_together, &question);
}

static void look_up_in_forks(bool (*question)(void), unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const pid_t child = fork();
		int status;

		must(child != -1);
		if (!child) {
			alarm(30);
			_exit(question() ? 0 : 1);
		}
		must(waitpid(child, &status, 0) == child);
		must(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

static void fork_among_lookups(const void *unused)
{
	pthread_t threads[4];

	(void)unused;
	start(threads, 4, ask_module_until_stopped, NULL);
	look_up_in_forks(answers_are_right, repetitions());
	stop = true;
	join(threads, 4);
}

TEST(a_child_forked_amid_lookups_of_other_threads_can_look_up)
{
	in_child(fork_among_lookups, NULL);
}

static void fork_among_lookups_through_libc(const void *unused)
{
	pthread_t threads[4];

	(void)unused;
	start(threads, 4, ask_libc_until_stopped, NULL);
	look_up_in_forks(answers_of_libc_are_right, repetitions());
	stop = true;
	join(threads, 4);
}

/* The sanitizer's allocator does not survive a fork while another thread is inside it; libc's own does. */
static void skip_if_allocator_cannot_fork(void)
{
	if (UNDER_ASAN) {
		puts("note: children that allocate amid threads cannot be tried with AddressSanitizer: skipped");
		skip();
	}
}

TEST(a_child_forked_amid_lookups_through_libc_can_look_up_through_libc)
{
	skip_if_allocator_cannot_fork();
	in_child(fork_among_lookups_through_libc, NULL);
}

/* Children are forked while other threads make the very first lookups. */
static void fork_among_first_lookups(const void *unused)
{
	pthread_t threads[4];

	(void)unused;
	start(threads, 4, ask_module_until_stopped, NULL);
	look_up_in_forks(answers_are_right, 3);
	stop = true;
	join(threads, 4);
}

TEST(a_child_forked_amid_first_lookups_can_look_up)
{
	skip_if_allocator_cannot_fork();
	for (unsigned i = 0; i < repetitions() / 10; i++)
		in_child(fork_among_first_lookups, NULL);
}

static void look_up_after_children(const void *unused)
{
	(void)unused;
	look_up_in_forks(answers_are_right, 2);
	must(count_mappings() == 0);
	must(answers_are_right() && count_mappings() == 1);
}

TEST(a_child_that_looks_up_first_is_no_matter_to_its_parent)
{
	in_child(look_up_after_children, NULL);
}

static unsigned count_enumerated(void)
{
	struct servent servent;
	char buffer[256];
	unsigned count = 0;
	int error, last = -1;

	must(_nss_ianareg_setservent(0) == NSS_STATUS_SUCCESS);
	for (; _nss_ianareg_getservent_r(&servent, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS; count++) {
		must(ntohs((uint16_t)servent.s_port) >= last);
		last = ntohs((uint16_t)servent.s_port);
	}
	must(_nss_ianareg_endservent() == NSS_STATUS_SUCCESS);
	return count;
}

static void enumerate_beside_lookups(const void *unused)
{
	pthread_t threads[4];

	(void)unused;
	start(threads, 4, ask_module_until_stopped, NULL);
	for (unsigned i = 0; i < (instrumented() ? 2 : 100); i++)
		must(count_enumerated() == entry_count);
	stop = true;
	join(threads, 4);
}

TEST(an_enumeration_beside_lookups_of_other_threads_is_whole)
{
	in_child(enumerate_beside_lookups, NULL);
}

static void enumerate_through_libc_beside_lookups(const void *unused)
{
	pthread_t threads[4];

	(void)unused;
	start(threads, 4, ask_libc_until_stopped, NULL);
	for (unsigned i = 0; i < (instrumented() ? 1 : 20); i++) {
		unsigned count = 0;

		setservent(0);
		while (getservent())
			count++;
		endservent();
		must(count == entry_count);
	}
	stop = true;
	join(threads, 4);
}

TEST(an_enumeration_through_libc_beside_lookups_of_other_threads_is_whole)
{
	in_child(enumerate_through_libc_beside_lookups, NULL);
}

/* libc's lock gives each entry to one of them. */
static atomic_uint taken;

static void *take_entries(void *unused)
{
	struct servent servent, *result;
	char buffer[256];

	while (getservent_r(&servent, buffer, sizeof buffer, &result) == 0 && result)
		taken++;
	return unused;
}

static void share_enumeration(const void *unused)
{
	pthread_t threads[THREADS];

	(void)unused;
	setservent(0);
	start(threads, THREADS, take_entries, NULL);
	join(threads, THREADS);
	endservent();
	must(taken == entry_count);
}

TEST(threads_that_share_an_enumeration_get_each_entry_once)
{
	if (UNDER_TSAN) {
		puts("note: the lock round enumerations is libc's, which ThreadSanitizer does not see: skipped");
		skip();
	}
	in_child(share_enumeration, NULL);
}

static int set_up(void **state)
{
	struct compiled compiled = use_registry();

	(void)state;
	entry_count = load32(compiled.snapshot.header->entry_count);
	free_compiled(&compiled);
	use_module_in_libc();
	return 0;
}

TEST_PROGRAM(.set_up = set_up);
