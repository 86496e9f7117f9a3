/* SPDX-License-Identifier: MIT */
/* Publication: old or new and whole, what is kept of the old one, and what is cleared away. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "publish/publish.h"
#include "publish/temporary.h"
#include "tests/support/support.h"

/* ---- system calls that fail when told to (mk/tests.mk has the linker wrap them) ---- */

enum call {
	CALL_NONE,
	CALL_WRITE,
	CALL_READ,
	CALL_FSYNC,
	CALL_LINK,
	CALL_RENAME,
	CALL_EXCHANGE,
	CALL_UNLINK,
	CALL_FLOCK,
	CALL_OPEN
};

static struct {
	enum call call;
	int error;
	unsigned passed_over; /* so many calls go well before */
	unsigned times; /* so many fail */
	void (*happens)(void); /* before each such call */
	size_t write_max; /* longer writes are short ones, if not 0 */
} injected;

/* Whether this call is to fail, with errno. */
static bool fails(enum call call)
{
	if (call != injected.call)
		return false;
	if (injected.happens)
		injected.happens();
	if (injected.passed_over) {
		injected.passed_over--;
		return false;
	}
	if (!injected.times)
		return false;
	injected.times--;
	errno = injected.error;
	return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t size), __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __real_read(int fd, void *bytes, size_t size), __wrap_read(int fd, void *bytes, size_t size);
int __real_fsync(int fd), __wrap_fsync(int fd);
int __real_linkat(int from, const char *old, int to, const char *new, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *new, int flags);
int __real_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __real_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new);
int __real_unlinkat(int directory, const char *name, int flags),
	__wrap_unlinkat(int directory, const char *name, int flags);
int __real_flock(int fd, int operation), __wrap_flock(int fd, int operation);
int __real_openat64(int directory, const char *name, int flags, ...);
int __wrap_openat64(int directory, const char *name, int flags, mode_t mode);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	if (fails(CALL_WRITE))
		return -1;
	return __real_write(fd, bytes, injected.write_max && injected.write_max < size ? injected.write_max : size);
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	return fails(CALL_READ) ? -1 : __real_read(fd, bytes, size);
}

int __wrap_fsync(int fd)
{
	return fails(CALL_FSYNC) ? -1 : __real_fsync(fd);
}

int __wrap_linkat(int from, const char *old, int to, const char *new, int flags)
{
	return fails(CALL_LINK) ? -1 : __real_linkat(from, old, to, new, flags);
}

int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	return fails(CALL_EXCHANGE) ? -1 : __real_renameat2(from, old, to, new, flags);
}

int __wrap_renameat(int from, const char *old, int to, const char *new)
{
	return fails(CALL_RENAME) ? -1 : __real_renameat(from, old, to, new);
}

int __wrap_unlinkat(int directory, const char *name, int flags)
{
	return fails(CALL_UNLINK) ? -1 : __real_unlinkat(directory, name, flags);
}

int __wrap_flock(int fd, int operation)
{
	return fails(CALL_FLOCK) ? -1 : __real_flock(fd, operation);
}

int __wrap_openat64(int directory, const char *name, int flags, mode_t mode)
{
	return fails(CALL_OPEN) ? -1 : __real_openat64(directory, name, flags, mode);
}
/* ---- a directory, and what is in it ---- */

static char *said; /* what the last publication printed */
static char start[4096];

static int enter_scratch(void **state)
{
	(void)state;
	assert_non_null(getcwd(start, sizeof start));
	assert_int_equal(chdir(scratch_dir()), 0);
	return 0;
}

static int leave_scratch(void **state)
{
	(void)state;
	free(said);
	return chdir(start);
}

static int clear(void **state)
{
	(void)state;
	memset(&injected, 0, sizeof injected);
	umask(022);
	return system("rm -rf d && mkdir d");
}

static enum outcome say(enum outcome (*publication)(struct diagnostics *))
{
	size_t size;

	free(said);
	said = NULL;

	struct diagnostics diagnostics = {.stream = open_memstream(&said, &size)};
	const enum outcome status = publication(&diagnostics);

	fclose(diagnostics.stream);
	return status;
}

static const char *to_publish, *target;
static enum publish_keep to_keep;

static enum outcome publication(struct diagnostics *diagnostics)
{
	return publish_file(target, to_publish, strlen(to_publish), to_keep, diagnostics);
}

static enum outcome exchange_again(struct diagnostics *diagnostics)
{
	return publish_exchange(target, diagnostics);
}

static enum outcome publish_at(const char *path, const char *content, enum publish_keep keep)
{
	target = path;
	to_publish = content;
	to_keep = keep;
	return say(publication);
}

/* Publish at d/p, the place of most tests. */
static void publish(const char *content, enum publish_keep keep)
{
	if (publish_at("d/p", content, keep) != OUTCOME_OK)
		fail_msg("%s", said);
	assert_string_equal(said, "");
}

static void publish_in_vain(const char *content, enum publish_keep keep, const char *message)
{
	assert_int_equal(publish_at("d/p", content, keep), OUTCOME_FAILED);
	assert_string_equal(said, message);
}

static enum outcome exchange_p(void)
{
	target = "d/p";
	return say(exchange_again);
}

static void put(const char *path, const char *content)
{
	write_file(path, content, strlen(content));
	assert_int_equal(chmod(path, 0644), 0);
}

/* All in the directory, "name=content" in order of the names; of what is no regular file the name alone. */
static void assert_directory(const char *expected)
{
	struct run result =
		run("cd d && ls -A | LC_ALL=C sort | while read -r f; do "
		    "if [ -f \"$f\" ] && [ ! -L \"$f\" ]; then printf '%s=%s ' \"$f\" \"$(cat \"$f\")\"; "
		    "else printf '%s ' \"$f\"; fi; done");

	assert_string_equal(result.out, expected);
	free_run(&result);
}

static struct stat status_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status;
}

static void need_root(void)
{
	static bool noted;

	if (geteuid() == 0)
		return;
	if (!noted)
		puts("note: publish: files of other users need root: skipped");
	noted = true;
	skip();
}

/* ---- one file ---- */

TEST(what_is_published_has_mode_0644_whatever_the_umask)
{
	umask(0777);
	publish("new", PUBLISH_ALONE);
	umask(0);
	assert_int_equal(status_of("d/p").st_mode, S_IFREG | 0644);
	publish("newer", PUBLISH_ALONE);
	assert_int_equal(status_of("d/p").st_mode, S_IFREG | 0644);
	assert_directory("p=newer ");
}

TEST(whoever_has_the_old_file_open_reads_it_to_its_end)
{
	char bytes[8] = "";

	publish("old", PUBLISH_ALONE);

	const int fd = open("d/p", O_RDONLY | O_CLOEXEC);

	publish("newer", PUBLISH_ALONE);
	assert_int_equal(read(fd, bytes, sizeof bytes), 3);
	assert_string_equal(bytes, "old");
	close(fd);
}

TEST(an_empty_file_can_be_published)
{
	publish("", PUBLISH_ALONE);
	assert_directory("p= ");
}

TEST(a_name_without_a_directory_is_in_the_working_directory)
{
	assert_int_equal(publish_at("here", "new", PUBLISH_ALONE), OUTCOME_OK);
	assert_int_equal(unlink("here"), 0);
}

TEST(what_is_no_file_name_is_refused)
{
	static const char *const paths[] = {"", "d/", "d", ".", "..", "d/..", "none/p", "d/p/p"};

	publish("old", PUBLISH_ALONE);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_int_equal(publish_at(paths[i], "new", PUBLISH_ALONE), OUTCOME_FAILED);
		assert_string_not_equal(said, "");
	}
	assert_directory("p=old ");
}

TEST(a_symbolic_link_a_directory_and_a_fifo_are_not_replaced)
{
	assert_int_equal(symlink("nowhere", "d/link"), 0);
	assert_int_equal(mkdir("d/directory", 0755), 0);
	assert_int_equal(mkfifo("d/fifo", 0644), 0);
	assert_int_equal(publish_at("d/link", "new", PUBLISH_ALONE), OUTCOME_FAILED);
	assert_int_equal(publish_at("d/directory", "new", PUBLISH_ALONE), OUTCOME_FAILED);
	assert_int_equal(publish_at("d/fifo", "new", PUBLISH_ALONE), OUTCOME_FAILED);
	assert_directory("directory fifo link ");
}

static enum outcome check_again(struct diagnostics *diagnostics)
{
	return publish_check(target, to_keep, diagnostics);
}

TEST(what_publication_would_refuse_a_check_says_before)
{
	static const char *const wrong[] = {"", "d/", "d", ".", "none/p", "d/link", "d/fifo", "d/q"};

	publish("old", PUBLISH_ALONE);
	assert_int_equal(symlink("nowhere", "d/link"), 0);
	assert_int_equal(mkfifo("d/fifo", 0644), 0);
	assert_int_equal(mkdir("d/q.prev", 0755), 0);
	to_keep = PUBLISH_KEEP_PREVIOUS;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		target = wrong[i];
		assert_int_equal(say(check_again), OUTCOME_FAILED);
		assert_string_not_equal(said, "");
	}
	target = "d/p";
	assert_int_equal(say(check_again), OUTCOME_OK);
	assert_string_equal(said, "");
	to_keep = PUBLISH_ALONE;
	target = "d/q";
	assert_int_equal(say(check_again), OUTCOME_OK);
	assert_directory("fifo link p=old q.prev ");
}

/* ---- the previous one ---- */

TEST(the_first_publication_has_no_previous_one)
{
	publish("new", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=new ");
}

TEST(what_is_replaced_is_kept)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

TEST(of_what_was_replaced_the_last_is_kept)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	publish("three", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=three p.prev=two ");
}

TEST(without_being_asked_nothing_is_kept_and_what_is_there_stays)
{
	put("d/p.prev", "mine");
	publish("one", PUBLISH_ALONE);
	publish("two", PUBLISH_ALONE);
	assert_directory("p=two p.prev=mine ");
}

TEST(the_previous_one_is_the_very_file_that_was_there)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);

	const ino_t inode = status_of("d/p").st_ino;

	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(status_of("d/p.prev").st_ino, inode);
	assert_int_equal(status_of("d/p.prev").st_nlink, 1);
}

TEST(where_there_are_no_links_the_previous_one_is_a_copy)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = CALL_LINK;
	injected.error = EPERM;
	injected.times = 1;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
	assert_int_equal(status_of("d/p.prev").st_mode, S_IFREG | 0644);
}

TEST(a_copy_goes_on_when_a_signal_breaks_off_a_read)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(chmod("d/p", 0600), 0);
	injected.call = CALL_READ;
	injected.error = EINTR;
	injected.times = 1;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

TEST(a_copy_that_fails_changes_nothing)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(chmod("d/p", 0600), 0);
	injected.call = CALL_READ;
	injected.error = EIO;
	injected.times = 1;
	publish_in_vain("three", PUBLISH_KEEP_PREVIOUS,
			"ianareg: d/p: cannot keep what it replaces: Input/output error\n");
	assert_directory("p=two p.prev=one ");
}

TEST(the_previous_one_has_mode_0644_whatever_it_had)
{
	put("d/p", "one");
	assert_int_equal(chmod("d/p", 0666), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
	assert_int_equal(status_of("d/p.prev").st_mode, S_IFREG | 0644);
}

TEST(the_previous_one_is_ours_even_if_what_is_replaced_was_not)
{
	need_root();
	put("d/p", "one");
	assert_int_equal(chown("d/p", 65534, 65534), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
	assert_int_equal(status_of("d/p.prev").st_uid, 0);
}

TEST(a_symbolic_link_in_the_place_of_the_previous_one_is_refused)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(symlink("nowhere", "d/p.prev"), 0);
	publish_in_vain("two", PUBLISH_KEEP_PREVIOUS, "ianareg: d/p.prev: is a symbolic link; name the file itself\n");
	assert_directory("p=one p.prev ");
}

TEST(a_directory_in_the_place_of_the_previous_one_is_refused)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(mkdir("d/p.prev", 0755), 0);
	publish_in_vain("two", PUBLISH_KEEP_PREVIOUS, "ianareg: d/p.prev: is a directory\n");
	assert_directory("p=one p.prev ");
}

TEST(a_name_too_long_for_a_previous_one_is_refused)
{
	char path[300] = "d/";

	memset(path + 2, 'x', 251);
	assert_int_equal(publish_at(path, "one", PUBLISH_ALONE), OUTCOME_OK);
	assert_int_equal(publish_at(path, "two", PUBLISH_KEEP_PREVIOUS), OUTCOME_FAILED);
	assert_non_null(strstr(said, strerror(ENAMETOOLONG)));
	assert_directory(text("%s=one ", path + 2));
}

/* As who is killed between the two renames leaves it. */
TEST(a_previous_one_that_is_the_current_one_is_no_obstacle)
{
	publish("one", PUBLISH_ALONE);
	assert_int_equal(link("d/p", "d/p.prev"), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

static void sweep_d(void)
{
	const int fd = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	injected.happens = NULL;
	temporary_sweep(fd);
	close(fd);
}

TEST(a_link_that_a_sweeper_takes_away_is_made_again)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = CALL_RENAME;
	injected.happens = sweep_d;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_null(injected.happens);
	assert_directory("p=two p.prev=one ");
}

/* ---- and back ---- */

TEST(an_exchange_brings_the_previous_one_back_and_keeps_the_current_one)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=one p.prev=two ");
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=two p.prev=one ");
}

TEST(where_the_current_one_is_missing_the_previous_one_becomes_it)
{
	put("d/p.prev", "one");
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=one ");
}

static void expect_no_exchange(const char *message)
{
	assert_int_equal(exchange_p(), OUTCOME_FAILED);
	assert_string_equal(said, message);
}

TEST(without_a_previous_one_there_is_no_exchange)
{
	publish("one", PUBLISH_ALONE);
	expect_no_exchange("ianareg: d/p.prev: No such file or directory\n");
	assert_directory("p=one ");
}

TEST(a_symbolic_link_is_not_exchanged)
{
	publish("one", PUBLISH_ALONE);
	assert_int_equal(symlink("p", "d/p.prev"), 0);
	expect_no_exchange("ianareg: d/p.prev: is a symbolic link; name the file itself\n");
	assert_directory("p=one p.prev ");
}

TEST(a_directory_is_not_exchanged)
{
	put("d/p.prev", "one");
	assert_int_equal(mkdir("d/p", 0755), 0);
	expect_no_exchange("ianareg: d/p: is a directory\n");
	assert_directory("p p.prev=one ");
}

TEST(a_previous_one_that_others_may_have_written_does_not_come_back)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(chmod("d/p.prev", 0666), 0);
	expect_no_exchange("ianareg: d/p.prev: has another mode than 0644, so others may have written it\n");
	assert_directory("p=two p.prev=one ");
}

TEST(where_the_file_system_cannot_exchange_copies_are_renamed)
{
	static const int errors[] = {EINVAL, ENOSYS, EOPNOTSUPP};

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		put("d/p", "two");
		put("d/p.prev", "one");
		injected.call = CALL_EXCHANGE;
		injected.error = errors[i];
		injected.times = 1;
		assert_int_equal(exchange_p(), OUTCOME_OK);
		assert_directory("p=one p.prev=two ");
	}
}

TEST(an_exchange_that_the_system_refuses_changes_nothing)
{
	put("d/p", "two");
	put("d/p.prev", "one");
	injected.call = CALL_EXCHANGE;
	injected.error = EIO;
	injected.times = 1;
	expect_no_exchange("ianareg: d/p: cannot exchange it with what was there before: Input/output error\n");
	assert_directory("p=two p.prev=one ");
}

/* ---- what killed writers leave ---- */

TEST(what_killed_writers_left_is_removed)
{
	put("d/.ianareg-abcdef", "half");
	put("d/.ianareg-ZYX098", "");
	publish("new", PUBLISH_ALONE);
	assert_directory("p=new ");
}

TEST(an_exchange_removes_it_too)
{
	put("d/.ianareg-abcdef", "half");
	put("d/p.prev", "one");
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=one ");
}

TEST(a_link_that_a_killed_writer_left_is_removed_and_its_file_stays)
{
	publish("one", PUBLISH_ALONE);
	assert_int_equal(link("d/p", "d/.ianareg-abcdef"), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

TEST(the_file_of_a_living_writer_stays)
{
	put("d/.ianareg-abcdef", "half");

	const int fd = open("d/.ianareg-abcdef", O_RDONLY | O_CLOEXEC);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=half p=new ");
	close(fd);
	publish("newer", PUBLISH_ALONE);
	assert_directory("p=newer ");
}

TEST(names_that_only_resemble_ours_stay)
{
	static const char *const names[] = {".ianareg-abcde", ".ianareg-abcdefg", ".ianareg-abc.ef", ".ianareg_abcdef",
					    "ianareg-abcdef", ".ianareg-",        ".Ianareg-abcdef"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put(text("d/%s", names[i]), "");
	publish("new", PUBLISH_ALONE);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(access(text("d/%s", names[i]), F_OK), 0);
}

TEST(under_such_a_name_only_regular_files_are_removed)
{
	put("d/file", "kept");
	assert_int_equal(symlink("file", "d/.ianareg-link00"), 0);
	assert_int_equal(mkdir("d/.ianareg-direct", 0755), 0);
	assert_int_equal(mkfifo("d/.ianareg-fifo00", 0644), 0);
	alarm(10);
	publish("new", PUBLISH_ALONE);
	alarm(0);
	assert_directory(".ianareg-direct .ianareg-fifo00 .ianareg-link00 file=kept p=new ");
}

TEST(the_files_of_other_users_stay)
{
	need_root();
	put("d/.ianareg-abcdef", "theirs");
	assert_int_equal(chown("d/.ianareg-abcdef", 65534, 65534), 0);
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=theirs p=new ");
}

TEST(what_cannot_be_removed_is_no_error)
{
	put("d/.ianareg-abcdef", "half");
	injected.call = CALL_UNLINK;
	injected.error = EPERM;
	injected.times = 1;
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=half p=new ");
}

TEST(a_thousand_such_files_are_removed_at_once)
{
	for (unsigned i = 0; i < 1000; i++)
		put(text("d/.ianareg-%06u", i), "half");
	publish("new", PUBLISH_ALONE);
	assert_directory("p=new ");
}

TEST(no_descriptor_is_left_open)
{
	const int before = dup(0);

	close(before);
	put("d/.ianareg-abcdef", "half");
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_int_equal(publish_at("none/p", "", PUBLISH_ALONE), OUTCOME_FAILED);
	assert_int_equal(publish_at("", "", PUBLISH_ALONE), OUTCOME_FAILED);

	const int after = dup(0);

	assert_int_equal(after, before);
	close(after);
}

TEST(a_writer_whose_new_file_a_sweeper_takes_away_takes_another)
{
	injected.call = CALL_FLOCK;
	injected.happens = sweep_d;
	publish("new", PUBLISH_ALONE);
	assert_null(injected.happens);
	assert_directory("p=new ");
}

TEST(where_there_are_no_locks_files_are_published_all_the_same)
{
	put("d/.ianareg-abcdef", "whose?");
	injected.call = CALL_FLOCK;
	injected.error = ENOLCK;
	injected.times = 2;
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=whose? p=new ");
}

/* ---- what goes wrong while it is written ---- */

static void expect_retried(enum call call)
{
	put("d/.ianareg-abcdef", "half");
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = call;
	injected.error = EINTR;
	injected.times = 3;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(injected.times, 0);
	assert_directory("p=two p.prev=one ");
}

TEST(calls_that_a_signal_breaks_off_are_made_again)
{
	static const enum call calls[] = {CALL_WRITE, CALL_FSYNC, CALL_FLOCK, CALL_OPEN};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		clear(state);
		expect_retried(calls[i]);
	}
}

TEST(short_writes_are_continued)
{
	injected.write_max = 2;
	publish("several writes", PUBLISH_ALONE);
	assert_directory("p=several writes ");
}

TEST(a_full_disk_leaves_the_old_file_and_nothing_else)
{
	static const int errors[] = {ENOSPC, EDQUOT, EFBIG, EIO};

	publish("zero", PUBLISH_KEEP_PREVIOUS);
	publish("one", PUBLISH_KEEP_PREVIOUS);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		injected.call = CALL_WRITE;
		injected.write_max = 1;
		injected.passed_over = 2;
		injected.error = errors[i];
		injected.times = 1;
		publish_in_vain("two", PUBLISH_KEEP_PREVIOUS,
				text("ianareg: d/p: cannot write: %s\n", strerror(errors[i])));
		assert_directory("p=one p.prev=zero ");
	}
}

TEST(a_file_that_does_not_reach_the_disk_is_not_put_in_place)
{
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = CALL_FSYNC;
	injected.error = EIO;
	injected.times = 1;
	publish_in_vain("two", PUBLISH_KEEP_PREVIOUS, "ianareg: d/p: cannot write: Input/output error\n");
	assert_directory("p=one ");
}

TEST(a_directory_that_does_not_reach_the_disk_is_said)
{
	publish("one", PUBLISH_ALONE);
	injected.call = CALL_FSYNC;
	injected.passed_over = 1;
	injected.error = EIO;
	injected.times = 1;
	publish_in_vain("two", PUBLISH_ALONE,
			"ianareg: d/p: is in place, but its directory could not be synced: Input/output error\n");
	assert_directory("p=two ");
}

TEST(a_rename_that_fails_leaves_the_old_file_and_nothing_else)
{
	publish("one", PUBLISH_ALONE);
	injected.call = CALL_RENAME;
	injected.error = EACCES;
	injected.times = 1;
	publish_in_vain("two", PUBLISH_ALONE, "ianareg: d/p: cannot put it in place: Permission denied\n");
	assert_directory("p=one ");
}

static void end_this_process(void)
{
	raise(SIGTERM);
}

/* In a child, for the signal ends it; its exit status, or 128 + signal. */
static int publish_while_a_signal_comes(enum call call)
{
	const pid_t child = fork();
	int status;

	assert_return_code(child, errno);
	if (child == 0) {
		struct diagnostics diagnostics = {.stream = stderr};

		injected.call = call;
		injected.happens = end_this_process;
		_exit(publish_file("d/p", "two", 3, PUBLISH_KEEP_PREVIOUS, &diagnostics) != OUTCOME_OK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(a_signal_waits_until_the_publication_is_over)
{
	static const enum call calls[] = {CALL_WRITE, CALL_FSYNC, CALL_LINK, CALL_RENAME};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		clear(state);
		publish("one", PUBLISH_ALONE);
		assert_int_equal(publish_while_a_signal_comes(calls[i]), 128 + SIGTERM);
		assert_directory("p=two p.prev=one ");
	}
}

TEST(signals_are_as_before_when_it_is_over)
{
	sigset_t before, after;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	publish("one", PUBLISH_ALONE);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int number = 1; number <= SIGRTMAX; number++)
		assert_int_equal(sigismember(&after, number), sigismember(&before, number));
}

TEST_PROGRAM(.set_up = enter_scratch, .tear_down = leave_scratch, .set_up_each = clear);
