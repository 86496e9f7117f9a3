/* SPDX-License-Identifier: MIT */
/* Many processes and threads publish into one directory at once, and clear away each other's leavings. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "publish/publish.h"
#include "tests/support/support.h"

static char start[4096];

static int enter_scratch(void **state)
{
	(void)state;
	assert_non_null(getcwd(start, sizeof start));
	return chdir(scratch_dir());
}

static int leave_scratch(void **state)
{
	(void)state;
	return chdir(start);
}

static int clear(void **state)
{
	(void)state;
	return system("rm -rf d && mkdir d");
}

enum { WRITERS = 16, ROUNDS = 16, CONTENT_SIZE = 20000 };

/* Publish files that are one letter throughout. */
static bool write_rounds(unsigned writer, bool one_path)
{
	char path[32], content[CONTENT_SIZE];
	struct diagnostics diagnostics = {.stream = stderr};

	snprintf(path, sizeof path, one_path ? "d/p" : "d/p%u", writer);
	memset(content, 'a' + (int)writer, sizeof content);
	for (unsigned i = 0; i < ROUNDS; i++)
		if (publish_file(path, content, sizeof content, PUBLISH_KEEP_PREVIOUS, &diagnostics) != OUTCOME_OK ||
		    (one_path && i % 8 == 0 && publish_exchange(path, &diagnostics) != OUTCOME_OK))
			return false;
	return true;
}

static void start_writers(pid_t *writers, bool one_path)
{
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		assert_return_code(writers[i], errno);
		if (writers[i] == 0)
			_exit(!write_rounds(i, one_path));
	}
}

static unsigned count_successes(const pid_t *writers)
{
	unsigned successes = 0;

	for (unsigned i = 0; i < WRITERS; i++) {
		int status;

		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		successes += status == 0;
	}
	return successes;
}

static void assert_names(const char *command, const char *expected)
{
	struct run result = run(command);

	assert_string_equal(result.out, expected);
	free_run(&result);
}

TEST(many_processes_publish_into_one_directory_and_all_succeed)
{
	pid_t writers[WRITERS];

	start_writers(writers, false);
	assert_int_equal(count_successes(writers), WRITERS);
	assert_names("ls -A d | wc -l; ls -A d | grep -c '^p[0-9]*$'; ls -A d | grep -c '^p[0-9]*.prev$'",
		     text("%d\n%d\n%d\n", 2 * WRITERS, WRITERS, WRITERS));
}

/* All of one letter, or it was put together from two publications. */
static bool is_whole(const char *path)
{
	char content[CONTENT_SIZE + 1] = "";
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;

	const ssize_t size = read(fd, content, sizeof content);

	close(fd);
	return size == CONTENT_SIZE && strspn(content, (char[2]){content[0]}) == CONTENT_SIZE;
}

/* d/p and d/p.prev, for writers who exchange them. */
static void publish_twice(void)
{
	static char content[CONTENT_SIZE];
	struct diagnostics diagnostics = {.stream = stderr};

	memset(content, 'z', CONTENT_SIZE);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(publish_file("d/p", content, sizeof content, PUBLISH_KEEP_PREVIOUS, &diagnostics),
				 OUTCOME_OK);
}

TEST(many_processes_publish_at_one_path_and_it_is_there_and_whole_all_the_time)
{
	pid_t writers[WRITERS];
	unsigned looks = 0;

	publish_twice();
	start_writers(writers, true);
	for (siginfo_t ended = {0}; !ended.si_pid; looks++) {
		assert_true(is_whole("d/p"));
		assert_true(is_whole("d/p.prev"));
		assert_int_equal(waitid(P_PID, (id_t)writers[0], &ended, WEXITED | WNOHANG | WNOWAIT), 0);
	}
	assert_in_range(looks, 2, UINT32_MAX);
	assert_int_equal(count_successes(writers), WRITERS);
	assert_names("ls -A d", "p\np.prev\n");
}

static void *publish_in_a_thread(void *writer)
{
	return write_rounds((unsigned)(uintptr_t)writer, true) ? writer : NULL;
}

TEST(threads_of_one_process_publish_at_one_path)
{
	pthread_t threads[4];

	publish_twice();
	for (uintptr_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, publish_in_a_thread, (void *)(i + 1)), 0);
	for (uintptr_t i = 0; i < 4; i++) {
		void *result;

		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, (void *)(i + 1));
	}
	assert_names("ls -A d", "p\np.prev\n");
}

TEST_PROGRAM(.set_up = enter_scratch, .tear_down = leave_scratch, .set_up_each = clear);
