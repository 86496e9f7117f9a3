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

#include "base/memory.h"
#include "tests/support/support.h"

/* ---- the files under test once more, over system calls that fail when told to ---- */

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

static ssize_t faulty_write(int fd, const void *bytes, size_t size)
{
	if (fails(CALL_WRITE))
		return -1;
	return write(fd, bytes, injected.write_max && injected.write_max < size ? injected.write_max : size);
}

static ssize_t faulty_read(int fd, void *bytes, size_t size)
{
	return fails(CALL_READ) ? -1 : read(fd, bytes, size);
}

static int faulty_fsync(int fd)
{
	return fails(CALL_FSYNC) ? -1 : fsync(fd);
}

static int faulty_linkat(int from, const char *old, int to, const char *new, int flags)
{
	return fails(CALL_LINK) ? -1 : linkat(from, old, to, new, flags);
}

static int faulty_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	return fails(CALL_EXCHANGE) ? -1 : renameat2(from, old, to, new, flags);
}

static int faulty_renameat(int from, const char *old, int to, const char *new)
{
	return fails(CALL_RENAME) ? -1 : renameat(from, old, to, new);
}

static int faulty_unlinkat(int directory, const char *name, int flags)
{
	return fails(CALL_UNLINK) ? -1 : unlinkat(directory, name, flags);
}

static int faulty_flock(int fd, int operation)
{
	return fails(CALL_FLOCK) ? -1 : flock(fd, operation);
}

static int faulty_openat(int directory, const char *name, int flags, mode_t mode)
{
	return fails(CALL_OPEN) ? -1 : openat(directory, name, flags, mode);
}
#define write faulty_write
#define read faulty_read
#define fsync faulty_fsync
#define linkat faulty_linkat
#define renameat faulty_renameat
#define renameat2 faulty_renameat2
#define unlinkat faulty_unlinkat
#define flock(fd, operation) faulty_flock(fd, operation)
#define openat(directory, name, flags, ...) faulty_openat(directory, name, flags, 0600)
#define publish_check tested_check
#define publish_file tested_file
#define publish_exchange tested_exchange
#define temporary_create tested_create
#define temporary_link tested_link
#define temporary_become tested_become
#define temporary_drop tested_drop
#define temporary_sweep tested_sweep
#include "publish/publish.c"
#include "publish/temporary.c"
#undef write
#undef read
#undef fsync
#undef linkat
#undef renameat
#undef renameat2
#undef unlinkat
#undef flock
#undef openat

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

static void what_is_published_has_mode_0644_whatever_the_umask(void **state)
{
	(void)state;
	umask(0777);
	publish("new", PUBLISH_ALONE);
	umask(0);
	assert_int_equal(status_of("d/p").st_mode, S_IFREG | 0644);
	publish("newer", PUBLISH_ALONE);
	assert_int_equal(status_of("d/p").st_mode, S_IFREG | 0644);
	assert_directory("p=newer ");
}

static void whoever_has_the_old_file_open_reads_it_to_its_end(void **state)
{
	char bytes[8] = "";

	(void)state;
	publish("old", PUBLISH_ALONE);

	const int fd = open("d/p", O_RDONLY | O_CLOEXEC);

	publish("newer", PUBLISH_ALONE);
	assert_int_equal(read(fd, bytes, sizeof bytes), 3);
	assert_string_equal(bytes, "old");
	close(fd);
}

static void an_empty_file_can_be_published(void **state)
{
	(void)state;
	publish("", PUBLISH_ALONE);
	assert_directory("p= ");
}

static void a_name_without_a_directory_is_in_the_working_directory(void **state)
{
	(void)state;
	assert_int_equal(publish_at("here", "new", PUBLISH_ALONE), OUTCOME_OK);
	assert_int_equal(unlink("here"), 0);
}

static void what_is_no_file_name_is_refused(void **state)
{
	static const char *const paths[] = {"", "d/", "d", ".", "..", "d/..", "none/p", "d/p/p"};

	(void)state;
	publish("old", PUBLISH_ALONE);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_int_equal(publish_at(paths[i], "new", PUBLISH_ALONE), OUTCOME_FAILED);
		assert_string_not_equal(said, "");
	}
	assert_directory("p=old ");
}

static void a_symbolic_link_a_directory_and_a_fifo_are_not_replaced(void **state)
{
	(void)state;
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

static void what_publication_would_refuse_a_check_says_before(void **state)
{
	static const char *const wrong[] = {"", "d/", "d", ".", "none/p", "d/link", "d/fifo", "d/q"};

	(void)state;
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

static void the_first_publication_has_no_previous_one(void **state)
{
	(void)state;
	publish("new", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=new ");
}

static void what_is_replaced_is_kept(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

static void of_what_was_replaced_the_last_is_kept(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	publish("three", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=three p.prev=two ");
}

static void without_being_asked_nothing_is_kept_and_what_is_there_stays(void **state)
{
	(void)state;
	put("d/p.prev", "mine");
	publish("one", PUBLISH_ALONE);
	publish("two", PUBLISH_ALONE);
	assert_directory("p=two p.prev=mine ");
}

static void the_previous_one_is_the_very_file_that_was_there(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);

	const ino_t inode = status_of("d/p").st_ino;

	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(status_of("d/p.prev").st_ino, inode);
	assert_int_equal(status_of("d/p.prev").st_nlink, 1);
}

static void where_there_are_no_links_the_previous_one_is_a_copy(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = CALL_LINK;
	injected.error = EPERM;
	injected.times = 1;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
	assert_int_equal(status_of("d/p.prev").st_mode, S_IFREG | 0644);
}

static void a_copy_goes_on_when_a_signal_breaks_off_a_read(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(chmod("d/p", 0600), 0);
	injected.call = CALL_READ;
	injected.error = EINTR;
	injected.times = 1;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

static void a_copy_that_fails_changes_nothing(void **state)
{
	(void)state;
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

static void the_previous_one_has_mode_0644_whatever_it_had(void **state)
{
	(void)state;
	put("d/p", "one");
	assert_int_equal(chmod("d/p", 0666), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
	assert_int_equal(status_of("d/p.prev").st_mode, S_IFREG | 0644);
}

static void the_previous_one_is_ours_even_if_what_is_replaced_was_not(void **state)
{
	(void)state;
	need_root();
	put("d/p", "one");
	assert_int_equal(chown("d/p", 65534, 65534), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
	assert_int_equal(status_of("d/p.prev").st_uid, 0);
}

static void a_symbolic_link_in_the_place_of_the_previous_one_is_refused(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(symlink("nowhere", "d/p.prev"), 0);
	publish_in_vain("two", PUBLISH_KEEP_PREVIOUS, "ianareg: d/p.prev: is a symbolic link; name the file itself\n");
	assert_directory("p=one p.prev ");
}

static void a_directory_in_the_place_of_the_previous_one_is_refused(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(mkdir("d/p.prev", 0755), 0);
	publish_in_vain("two", PUBLISH_KEEP_PREVIOUS, "ianareg: d/p.prev: is a directory\n");
	assert_directory("p=one p.prev ");
}

static void a_name_too_long_for_a_previous_one_is_refused(void **state)
{
	char path[300] = "d/";

	(void)state;
	memset(path + 2, 'x', 251);
	assert_int_equal(publish_at(path, "one", PUBLISH_ALONE), OUTCOME_OK);
	assert_int_equal(publish_at(path, "two", PUBLISH_KEEP_PREVIOUS), OUTCOME_FAILED);
	assert_non_null(strstr(said, strerror(ENAMETOOLONG)));
	assert_directory(text("%s=one ", path + 2));
}

/* As who is killed between the two renames leaves it. */
static void a_previous_one_that_is_the_current_one_is_no_obstacle(void **state)
{
	(void)state;
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

static void a_link_that_a_sweeper_takes_away_is_made_again(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = CALL_RENAME;
	injected.happens = sweep_d;
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_null(injected.happens);
	assert_directory("p=two p.prev=one ");
}

/* ---- and back ---- */

static void an_exchange_brings_the_previous_one_back_and_keeps_the_current_one(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=one p.prev=two ");
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=two p.prev=one ");
}

static void where_the_current_one_is_missing_the_previous_one_becomes_it(void **state)
{
	(void)state;
	put("d/p.prev", "one");
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=one ");
}

static void expect_no_exchange(const char *message)
{
	assert_int_equal(exchange_p(), OUTCOME_FAILED);
	assert_string_equal(said, message);
}

static void without_a_previous_one_there_is_no_exchange(void **state)
{
	(void)state;
	publish("one", PUBLISH_ALONE);
	expect_no_exchange("ianareg: d/p.prev: No such file or directory\n");
	assert_directory("p=one ");
}

static void a_symbolic_link_is_not_exchanged(void **state)
{
	(void)state;
	publish("one", PUBLISH_ALONE);
	assert_int_equal(symlink("p", "d/p.prev"), 0);
	expect_no_exchange("ianareg: d/p.prev: is a symbolic link; name the file itself\n");
	assert_directory("p=one p.prev ");
}

static void a_directory_is_not_exchanged(void **state)
{
	(void)state;
	put("d/p.prev", "one");
	assert_int_equal(mkdir("d/p", 0755), 0);
	expect_no_exchange("ianareg: d/p: is a directory\n");
	assert_directory("p p.prev=one ");
}

static void a_previous_one_that_others_may_have_written_does_not_come_back(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_int_equal(chmod("d/p.prev", 0666), 0);
	expect_no_exchange("ianareg: d/p.prev: has another mode than 0644, so others may have written it\n");
	assert_directory("p=two p.prev=one ");
}

static void where_the_file_system_cannot_exchange_copies_are_renamed(void **state)
{
	static const int errors[] = {EINVAL, ENOSYS, EOPNOTSUPP};

	(void)state;
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

static void an_exchange_that_the_system_refuses_changes_nothing(void **state)
{
	(void)state;
	put("d/p", "two");
	put("d/p.prev", "one");
	injected.call = CALL_EXCHANGE;
	injected.error = EIO;
	injected.times = 1;
	expect_no_exchange("ianareg: d/p: cannot exchange it with what was there before: Input/output error\n");
	assert_directory("p=two p.prev=one ");
}

/* ---- what killed writers leave ---- */

static void what_killed_writers_left_is_removed(void **state)
{
	(void)state;
	put("d/.ianareg-abcdef", "half");
	put("d/.ianareg-ZYX098", "");
	publish("new", PUBLISH_ALONE);
	assert_directory("p=new ");
}

static void an_exchange_removes_it_too(void **state)
{
	(void)state;
	put("d/.ianareg-abcdef", "half");
	put("d/p.prev", "one");
	assert_int_equal(exchange_p(), OUTCOME_OK);
	assert_directory("p=one ");
}

static void a_link_that_a_killed_writer_left_is_removed_and_its_file_stays(void **state)
{
	(void)state;
	publish("one", PUBLISH_ALONE);
	assert_int_equal(link("d/p", "d/.ianareg-abcdef"), 0);
	publish("two", PUBLISH_KEEP_PREVIOUS);
	assert_directory("p=two p.prev=one ");
}

static void the_file_of_a_living_writer_stays(void **state)
{
	(void)state;
	put("d/.ianareg-abcdef", "half");

	const int fd = open("d/.ianareg-abcdef", O_RDONLY | O_CLOEXEC);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=half p=new ");
	close(fd);
	publish("newer", PUBLISH_ALONE);
	assert_directory("p=newer ");
}

static void names_that_only_resemble_ours_stay(void **state)
{
	static const char *const names[] = {".ianareg-abcde", ".ianareg-abcdefg", ".ianareg-abc.ef", ".ianareg_abcdef",
					    "ianareg-abcdef", ".ianareg-",        ".Ianareg-abcdef"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put(text("d/%s", names[i]), "");
	publish("new", PUBLISH_ALONE);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(access(text("d/%s", names[i]), F_OK), 0);
}

static void under_such_a_name_only_regular_files_are_removed(void **state)
{
	(void)state;
	put("d/file", "kept");
	assert_int_equal(symlink("file", "d/.ianareg-link00"), 0);
	assert_int_equal(mkdir("d/.ianareg-direct", 0755), 0);
	assert_int_equal(mkfifo("d/.ianareg-fifo00", 0644), 0);
	alarm(10);
	publish("new", PUBLISH_ALONE);
	alarm(0);
	assert_directory(".ianareg-direct .ianareg-fifo00 .ianareg-link00 file=kept p=new ");
}

static void the_files_of_other_users_stay(void **state)
{
	(void)state;
	need_root();
	put("d/.ianareg-abcdef", "theirs");
	assert_int_equal(chown("d/.ianareg-abcdef", 65534, 65534), 0);
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=theirs p=new ");
}

static void what_cannot_be_removed_is_no_error(void **state)
{
	(void)state;
	put("d/.ianareg-abcdef", "half");
	injected.call = CALL_UNLINK;
	injected.error = EPERM;
	injected.times = 1;
	publish("new", PUBLISH_ALONE);
	assert_directory(".ianareg-abcdef=half p=new ");
}

static void a_thousand_such_files_are_removed_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		put(text("d/.ianareg-%06u", i), "half");
	publish("new", PUBLISH_ALONE);
	assert_directory("p=new ");
}

static void no_descriptor_is_left_open(void **state)
{
	const int before = dup(0);

	(void)state;
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

static void a_writer_whose_new_file_a_sweeper_takes_away_takes_another(void **state)
{
	(void)state;
	injected.call = CALL_FLOCK;
	injected.happens = sweep_d;
	publish("new", PUBLISH_ALONE);
	assert_null(injected.happens);
	assert_directory("p=new ");
}

static void where_there_are_no_locks_files_are_published_all_the_same(void **state)
{
	(void)state;
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

static void calls_that_a_signal_breaks_off_are_made_again(void **state)
{
	static const enum call calls[] = {CALL_WRITE, CALL_FSYNC, CALL_FLOCK, CALL_OPEN};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		clear(state);
		expect_retried(calls[i]);
	}
}

static void short_writes_are_continued(void **state)
{
	(void)state;
	injected.write_max = 2;
	publish("several writes", PUBLISH_ALONE);
	assert_directory("p=several writes ");
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state)
{
	static const int errors[] = {ENOSPC, EDQUOT, EFBIG, EIO};

	(void)state;
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

static void a_file_that_does_not_reach_the_disk_is_not_put_in_place(void **state)
{
	(void)state;
	publish("one", PUBLISH_KEEP_PREVIOUS);
	injected.call = CALL_FSYNC;
	injected.error = EIO;
	injected.times = 1;
	publish_in_vain("two", PUBLISH_KEEP_PREVIOUS, "ianareg: d/p: cannot write: Input/output error\n");
	assert_directory("p=one ");
}

static void a_directory_that_does_not_reach_the_disk_is_said(void **state)
{
	(void)state;
	publish("one", PUBLISH_ALONE);
	injected.call = CALL_FSYNC;
	injected.passed_over = 1;
	injected.error = EIO;
	injected.times = 1;
	publish_in_vain("two", PUBLISH_ALONE,
			"ianareg: d/p: is in place, but its directory could not be synced: Input/output error\n");
	assert_directory("p=two ");
}

static void a_rename_that_fails_leaves_the_old_file_and_nothing_else(void **state)
{
	(void)state;
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

static void a_signal_waits_until_the_publication_is_over(void **state)
{
	static const enum call calls[] = {CALL_WRITE, CALL_FSYNC, CALL_LINK, CALL_RENAME};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		clear(state);
		publish("one", PUBLISH_ALONE);
		assert_int_equal(publish_while_a_signal_comes(calls[i]), 128 + SIGTERM);
		assert_directory("p=two p.prev=one ");
	}
}

static void signals_are_as_before_when_it_is_over(void **state)
{
	sigset_t before, after;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	publish("one", PUBLISH_ALONE);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int number = 1; number <= SIGRTMAX; number++)
		assert_int_equal(sigismember(&after, number), sigismember(&before, number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_published_has_mode_0644_whatever_the_umask, clear),
		cmocka_unit_test_setup(whoever_has_the_old_file_open_reads_it_to_its_end, clear),
		cmocka_unit_test_setup(an_empty_file_can_be_published, clear),
		cmocka_unit_test_setup(a_name_without_a_directory_is_in_the_working_directory, clear),
		cmocka_unit_test_setup(what_is_no_file_name_is_refused, clear),
		cmocka_unit_test_setup(a_symbolic_link_a_directory_and_a_fifo_are_not_replaced, clear),
		cmocka_unit_test_setup(what_publication_would_refuse_a_check_says_before, clear),
		cmocka_unit_test_setup(the_first_publication_has_no_previous_one, clear),
		cmocka_unit_test_setup(what_is_replaced_is_kept, clear),
		cmocka_unit_test_setup(of_what_was_replaced_the_last_is_kept, clear),
		cmocka_unit_test_setup(without_being_asked_nothing_is_kept_and_what_is_there_stays, clear),
		cmocka_unit_test_setup(the_previous_one_is_the_very_file_that_was_there, clear),
		cmocka_unit_test_setup(where_there_are_no_links_the_previous_one_is_a_copy, clear),
		cmocka_unit_test_setup(a_copy_goes_on_when_a_signal_breaks_off_a_read, clear),
		cmocka_unit_test_setup(a_copy_that_fails_changes_nothing, clear),
		cmocka_unit_test_setup(the_previous_one_has_mode_0644_whatever_it_had, clear),
		cmocka_unit_test_setup(the_previous_one_is_ours_even_if_what_is_replaced_was_not, clear),
		cmocka_unit_test_setup(a_symbolic_link_in_the_place_of_the_previous_one_is_refused, clear),
		cmocka_unit_test_setup(a_directory_in_the_place_of_the_previous_one_is_refused, clear),
		cmocka_unit_test_setup(a_name_too_long_for_a_previous_one_is_refused, clear),
		cmocka_unit_test_setup(a_previous_one_that_is_the_current_one_is_no_obstacle, clear),
		cmocka_unit_test_setup(a_link_that_a_sweeper_takes_away_is_made_again, clear),
		cmocka_unit_test_setup(an_exchange_brings_the_previous_one_back_and_keeps_the_current_one, clear),
		cmocka_unit_test_setup(where_the_current_one_is_missing_the_previous_one_becomes_it, clear),
		cmocka_unit_test_setup(without_a_previous_one_there_is_no_exchange, clear),
		cmocka_unit_test_setup(a_symbolic_link_is_not_exchanged, clear),
		cmocka_unit_test_setup(a_directory_is_not_exchanged, clear),
		cmocka_unit_test_setup(a_previous_one_that_others_may_have_written_does_not_come_back, clear),
		cmocka_unit_test_setup(where_the_file_system_cannot_exchange_copies_are_renamed, clear),
		cmocka_unit_test_setup(an_exchange_that_the_system_refuses_changes_nothing, clear),
		cmocka_unit_test_setup(what_killed_writers_left_is_removed, clear),
		cmocka_unit_test_setup(an_exchange_removes_it_too, clear),
		cmocka_unit_test_setup(a_link_that_a_killed_writer_left_is_removed_and_its_file_stays, clear),
		cmocka_unit_test_setup(the_file_of_a_living_writer_stays, clear),
		cmocka_unit_test_setup(names_that_only_resemble_ours_stay, clear),
		cmocka_unit_test_setup(under_such_a_name_only_regular_files_are_removed, clear),
		cmocka_unit_test_setup(the_files_of_other_users_stay, clear),
		cmocka_unit_test_setup(what_cannot_be_removed_is_no_error, clear),
		cmocka_unit_test_setup(a_thousand_such_files_are_removed_at_once, clear),
		cmocka_unit_test_setup(no_descriptor_is_left_open, clear),
		cmocka_unit_test_setup(a_writer_whose_new_file_a_sweeper_takes_away_takes_another, clear),
		cmocka_unit_test_setup(where_there_are_no_locks_files_are_published_all_the_same, clear),
		cmocka_unit_test_setup(calls_that_a_signal_breaks_off_are_made_again, clear),
		cmocka_unit_test_setup(short_writes_are_continued, clear),
		cmocka_unit_test_setup(a_full_disk_leaves_the_old_file_and_nothing_else, clear),
		cmocka_unit_test_setup(a_file_that_does_not_reach_the_disk_is_not_put_in_place, clear),
		cmocka_unit_test_setup(a_directory_that_does_not_reach_the_disk_is_said, clear),
		cmocka_unit_test_setup(a_rename_that_fails_leaves_the_old_file_and_nothing_else, clear),
		cmocka_unit_test_setup(a_signal_waits_until_the_publication_is_over, clear),
		cmocka_unit_test_setup(signals_are_as_before_when_it_is_over, clear),
	};

	return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
