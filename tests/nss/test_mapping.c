/* SPDX-License-Identifier: MIT */
/*
 * Which snapshot is current, under a clock that stands still unless a test moves it: when the module looks, what it
 * takes, what it keeps, and that no reader loses the ground under its feet. Each test runs in a process of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nss/mapping_slots.h"
#include "snapshot/find.h"
#include "tests/support/module.h"

/*
 * The linker puts these in the place of libc's functions (--wrap, see the Makefile). The site's and the vendor's paths
 * become names relative to the test's directory.
 */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
time_t __wrap_time(time_t *unused);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mremap(void *from, size_t old_size, size_t new_size, int flags, void *to);
void *__real_mremap(void *from, size_t old_size, size_t new_size, int flags, void *to);
int __wrap_stat64(const char *path, struct stat *status);
int __real_stat64(const char *path, struct stat *status);
int __wrap_open64(const char *path, int flags, mode_t mode);
int __real_open64(const char *path, int flags, mode_t mode);

static uint64_t clock_ms = 5000;
static unsigned stat_count, open_count;
static void (*before_open)(void); /* what happens while a file is being opened, once */

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (clock != CLOCK_MONOTONIC_COARSE)
		return __real_clock_gettime(clock, now);
	now->tv_sec = (time_t)(clock_ms / 1000);
	now->tv_nsec = (long)(clock_ms % 1000 * 1000000);
	return 0;
}

/* The clock on the wall: `wall_ms` ahead of the other. */
static uint64_t wall_ms = 1700000000000;

time_t __wrap_time(time_t *unused)
{
	must(!unused);
	return (time_t)((clock_ms + wall_ms) / 1000);
}

/* How the kernel takes to replacing what is mapped: 0, or the errno with which it refuses. */
static int mmap_refusal, mremap_refusal;

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (mmap_refusal && flags & MAP_FIXED) {
		errno = mmap_refusal;
		return MAP_FAILED;
	}
	return __real_mmap64(address, size, protection, flags, fd, offset);
}

void *__wrap_mremap(void *from, size_t old_size, size_t new_size, int flags, void *to)
{
	if (mremap_refusal) {
		errno = mremap_refusal;
		return MAP_FAILED;
	}
	return __real_mremap(from, old_size, new_size, flags, to);
}

static const char *path_of_test(const char *path)
{
	return strcmp(path, SITE_SNAPSHOT) == 0 ? "site.db" : strcmp(path, VENDOR_SNAPSHOT) == 0 ? "vendor.db" : path;
}

int __wrap_stat64(const char *path, struct stat *status)
{
	stat_count++;
	return __real_stat64(path_of_test(path), status);
}

int __wrap_open64(const char *path, int flags, mode_t mode)
{
	void (*meanwhile)(void) = before_open;

	open_count++;
	before_open = NULL;
	if (meanwhile)
		meanwhile();
	return __real_open64(path_of_test(path), flags, mode);
}

/* A snapshot that calls 7/tcp by this name, in place of what is there. */
static void put_snapshot(const char *path, const char *name)
{
	struct compiled compiled = compile_clean(text(CSV_HEAD "%s,7,tcp,,,,,,,,,\n", name));

	write_file("incoming", compiled.bytes, compiled.size);
	must(chmod("incoming", 0644) == 0 && rename("incoming", path) == 0);
	free_compiled(&compiled);
}

static void put_bytes(const char *path, const void *bytes, size_t size)
{
	write_file("incoming", bytes, size);
	must(chmod("incoming", 0644) == 0 && rename("incoming", path) == 0);
}

static const char *name_in(struct snapshot_view file)
{
	struct found_record record;

	if (!find_by_port(file, 7, "tcp", &record) || !record_validate(record.start, record.key))
		return "nothing";
	return (const char *)record.start + sizeof(struct disk_record);
}

/* What a lookup answers now, or the reason why it does not; in the ring of text(). */
static const char *answer(void)
{
	struct current_read reading;
	int reason = 0;
	const char *name;

	do {
		if (!current_begin(&reading, &reason))
			return strerrorname_np(reason);
		name = text("%s", name_in(reading.file));
	} while (!current_unchanged(&reading));
	return name;
}

static bool answers(const char *expected)
{
	return strcmp(answer(), expected) == 0;
}

/* Past the next look. */
static bool answers_a_second_later(const char *expected)
{
	clock_ms += 1000;
	return answers(expected);
}

static unsigned count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 256];
	unsigned count = 0;

	must(maps);
	while (fgets(line, sizeof line, maps))
		count += strstr(line, ".db") || strstr(line, "incoming");
	fclose(maps);
	return count;
}

/* An empty directory for each test. */
static int enter_directory(void **state)
{
	static unsigned number;
	char path[PATH_MAX];

	(void)state;
	snprintf(path, sizeof path, "%s/%u", scratch_dir(), ++number);
	unsetenv(SNAPSHOT_VARIABLE);
	return mkdir(path, 0755) == 0 ? chdir(path) : -1;
}

static int leave_directory(void **state)
{
	(void)state;
	return chdir("/");
}

#define IN_CHILD(name)                               \
	static void name##_body(const void *unused); \
	TEST(name)                                   \
	{                                            \
		in_child(name##_body, NULL);         \
	}                                            \
	static void name##_body(__attribute__((unused)) const void *unused)

/* memcheck takes the stack of a thread that a child does not have for lost. */
#define IN_CHILD_AMID_THREADS(name)                  \
	static void name##_body(const void *unused); \
	TEST(name)                                   \
	{                                            \
		if (getenv("VALGRIND"))              \
			skip();                      \
		in_child(name##_body, NULL);         \
	}                                            \
	static void name##_body(__attribute__((unused)) const void *unused)

/* When it looks */

IN_CHILD(a_published_snapshot_is_seen_after_a_second_and_not_before)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	clock_ms += 999;
	must(answers("old"));
	clock_ms += 1;
	must(answers("new"));
}

IN_CHILD(lookups_between_looks_ask_the_system_nothing)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	stat_count = open_count = 0;
	for (unsigned i = 0; i < 1000; i++)
		must(answers("old"));
	must(stat_count == 0 && open_count == 0);
}

IN_CHILD(a_look_at_the_sites_snapshot_is_one_stat)
{
	put_snapshot("site.db", "old");
	put_snapshot("vendor.db", "vendor");
	must(answers("old"));
	stat_count = open_count = 0;
	must(answers_a_second_later("old") && answers("old"));
	must(stat_count == 1 && open_count == 0);
}

IN_CHILD(a_look_at_the_vendors_snapshot_is_two_stats)
{
	put_snapshot("vendor.db", "vendor");
	must(answers("vendor") && answers_a_second_later("vendor"));
	stat_count = open_count = 0;
	for (unsigned i = 1; i <= 10; i++)
		must(answers_a_second_later("vendor") && stat_count == 2 * i);
	must(open_count == 0);
}

IN_CHILD(a_missing_snapshot_is_looked_for_once_a_second)
{
	must(answers("ENOENT"));
	open_count = 0;
	for (unsigned i = 0; i < 100; i++)
		must(answers("ENOENT"));
	must(open_count == 0);
	put_snapshot("vendor.db", "vendor");
	must(answers("ENOENT"));
	must(answers_a_second_later("vendor"));
}

IN_CHILD(a_first_lookup_that_lacked_descriptors_is_tried_again_at_once)
{
	struct rlimit limit;

	put_snapshot("site.db", "old");
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, limit.rlim_max}) == 0);
	must(answers("EMFILE"));
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	must(answers("old"));
}

IN_CHILD(the_clock_may_wrap_round)
{
	clock_ms = (UINT64_C(1) << 32) - 500;
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	clock_ms += 999;
	must(answers("old"));
	clock_ms += 1;
	must(answers("new"));
}

IN_CHILD(a_process_that_slept_for_years_looks_at_once)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	clock_ms += UINT64_C(10) * 365 * 86400 * 1000;
	must(answers("new"));
}

/* What it takes and what it keeps */

/* Whatever is done to the site's file, answers stay; the next good file is taken. */
static void keep_through(void (*harm)(void))
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	harm();
	for (unsigned i = 0; i < 3; i++)
		must(answers_a_second_later("old"));
	if (rmdir("site.db") != 0)
		unlink("site.db");
	put_snapshot("site.db", "new");
	must(answers_a_second_later("new"));
	must(count_mappings() == 1);
}

static void delete_it(void)
{
	must(unlink("site.db") == 0);
}

static void put_garbage(void)
{
	put_bytes("site.db", "no snapshot at all", 18);
}

static void put_nothing(void)
{
	put_bytes("site.db", "", 0);
}

static void put_half(void)
{
	struct compiled compiled = compile_clean(CSV_HEAD "half,7,tcp,,,,,,,,,\n");

	put_bytes("site.db", compiled.bytes, compiled.size / 2);
	free_compiled(&compiled);
}

static void put_other_version(void)
{
	struct compiled compiled = compile_clean(CSV_HEAD "older,7,tcp,,,,,,,,,\n");
	struct disk_header *header = (struct disk_header *)(void *)compiled.bytes;

	header->version.b[0] = 0;
	put_bytes("site.db", compiled.bytes, compiled.size);
	free_compiled(&compiled);
}

static void put_writable(void)
{
	put_snapshot("site.db", "writable");
	must(chmod("site.db", 0666) == 0);
}

static void put_fifo(void)
{
	must(unlink("site.db") == 0 && mkfifo("site.db", 0644) == 0);
}

static void put_directory(void)
{
	must(unlink("site.db") == 0 && mkdir("site.db", 0755) == 0);
}

static void put_dangling_link(void)
{
	must(unlink("site.db") == 0 && symlink("nowhere", "site.db") == 0);
}

#define KEEPS(name, harm)           \
	IN_CHILD(name)              \
	{                           \
		keep_through(harm); \
	}

KEEPS(a_deleted_snapshot_keeps_its_answers, delete_it)
KEEPS(garbage_in_its_place_keeps_the_old_answers, put_garbage)
KEEPS(an_empty_file_in_its_place_keeps_the_old_answers, put_nothing)
KEEPS(half_a_snapshot_in_its_place_keeps_the_old_answers, put_half)
KEEPS(a_snapshot_of_another_version_keeps_the_old_answers, put_other_version)
KEEPS(a_snapshot_that_others_can_write_keeps_the_old_answers, put_writable)
KEEPS(a_fifo_in_its_place_keeps_the_old_answers, put_fifo)
KEEPS(a_directory_in_its_place_keeps_the_old_answers, put_directory)
KEEPS(a_dangling_link_in_its_place_keeps_the_old_answers, put_dangling_link)

IN_CHILD(a_file_that_may_not_be_read_keeps_the_old_answers_until_it_may)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	must(chmod("site.db", 0) == 0 && chmod(".", 0755) == 0);
	if (geteuid() == 0)
		must(seteuid(65534) == 0);
	must(answers_a_second_later("old") && answers_a_second_later("old"));
	if (getuid() == 0)
		must(seteuid(0) == 0);
	must(chmod("site.db", 0644) == 0);
	must(answers_a_second_later("new"));
}

static void a_file_that_is_closed_to_us_costs_no_more_stats_body(const void *unused)
{
	(void)unused;
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	must(chmod("site.db", 0) == 0 && chmod(".", 0755) == 0 && seteuid(65534) == 0);
	must(answers("vendor") && answers_a_second_later("vendor"));
	stat_count = open_count = 0;
	must(answers_a_second_later("vendor"));
	must(stat_count == 2 && open_count == 0);
}

TEST(a_file_that_is_closed_to_us_costs_no_more_stats)
{
	if (geteuid() != 0)
		skip();
	in_child(a_file_that_is_closed_to_us_costs_no_more_stats_body, NULL);
}

IN_CHILD(a_directory_that_is_gone_keeps_the_old_answers)
{
	char here[PATH_MAX];

	must(mkdir("place", 0755) == 0 && chdir("place") == 0);
	put_snapshot("site.db", "old");
	must(getcwd(here, sizeof here) && setenv(SNAPSHOT_VARIABLE, text("%s/site.db", here), 1) == 0);
	must(answers("old"));
	must(unlink("site.db") == 0 && chdir("..") == 0 && rmdir("place") == 0);
	must(answers_a_second_later("old") && answers_a_second_later("old"));
	must(mkdir("place", 0755) == 0);
	put_snapshot("place/site.db", "new");
	must(answers_a_second_later("new"));
}

IN_CHILD(a_bad_file_is_opened_once)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_garbage();
	open_count = 0;
	for (unsigned i = 0; i < 10; i++)
		must(answers_a_second_later("old"));
	must(open_count == 1);
}

IN_CHILD(a_bad_file_that_is_mended_in_its_place_is_taken)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_writable();
	must(answers_a_second_later("old"));
	must(chmod("site.db", 0644) == 0);
	must(answers_a_second_later("writable"));
}

IN_CHILD(without_a_descriptor_the_old_answers_stay_and_the_next_look_tries_again)
{
	struct rlimit limit;

	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, limit.rlim_max}) == 0);
	must(answers_a_second_later("old") && answers_a_second_later("old"));
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	must(answers_a_second_later("new"));
}

IN_CHILD(a_snapshot_that_comes_back_is_taken_again)
{
	put_snapshot("site.db", "old");
	must(answers("old") && link("site.db", "kept.db") == 0);
	put_snapshot("site.db", "new");
	must(answers_a_second_later("new"));
	must(rename("kept.db", "site.db") == 0);
	must(answers_a_second_later("old"));
}

IN_CHILD(a_sites_snapshot_that_appears_wins_over_the_vendors)
{
	put_snapshot("vendor.db", "vendor");
	must(answers("vendor") && answers_a_second_later("vendor"));
	put_snapshot("site.db", "site");
	must(answers_a_second_later("site"));
}

IN_CHILD(a_sites_snapshot_that_was_bad_from_the_start_is_taken_when_it_is_good)
{
	put_garbage();
	put_snapshot("vendor.db", "vendor");
	must(answers("vendor") && answers_a_second_later("vendor"));
	put_snapshot("site.db", "site");
	must(answers_a_second_later("site"));
}

IN_CHILD(a_vendors_snapshot_is_not_taken_because_the_sites_is_gone)
{
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	must(answers("site"));
	must(unlink("site.db") == 0);
	for (unsigned i = 0; i < 3; i++)
		must(answers_a_second_later("site"));
}

IN_CHILD(a_vendors_snapshot_that_is_new_is_taken_once_the_sites_is_gone)
{
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	must(answers("site"));
	must(unlink("site.db") == 0);
	must(answers_a_second_later("site"));
	put_snapshot("vendor.db", "new-vendor");
	must(answers_a_second_later("new-vendor"));
	put_snapshot("site.db", "new-site");
	must(answers_a_second_later("new-site"));
}

IN_CHILD(a_vendors_snapshot_that_was_in_use_before_is_not_taken_because_the_sites_is_gone)
{
	put_snapshot("vendor.db", "vendor");
	must(answers("vendor"));
	put_snapshot("vendor.db", "newer-vendor");
	must(answers_a_second_later("newer-vendor"));
	put_snapshot("site.db", "site");
	must(answers_a_second_later("site"));
	put_snapshot("vendor.db", "newest-vendor");
	must(answers_a_second_later("site"));
	must(unlink("site.db") == 0);
	must(answers_a_second_later("site") && answers_a_second_later("site"));
}

IN_CHILD(a_vendors_snapshot_that_changed_beside_the_sites_is_not_taken_when_garbage_comes)
{
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	must(answers("site") && unlink("site.db") == 0);
	must(answers_a_second_later("site"));
	put_snapshot("site.db", "newer-site");
	must(answers_a_second_later("newer-site"));
	put_snapshot("vendor.db", "newer-vendor");
	must(answers_a_second_later("newer-site"));
	put_garbage();
	must(answers_a_second_later("newer-site") && answers_a_second_later("newer-site"));
	put_snapshot("vendor.db", "newest-vendor");
	must(answers_a_second_later("newest-vendor"));
}

IN_CHILD(a_new_vendors_snapshot_does_not_matter_beside_the_sites)
{
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	must(answers("site"));
	put_snapshot("vendor.db", "new-vendor");
	must(answers_a_second_later("site") && answers_a_second_later("site"));
}

IN_CHILD(what_the_environment_says_later_is_no_matter)
{
	static char variable[] =
		SNAPSHOT_VARIABLE "=chosen.db"; /* which is part of the environment, and the program's */

	put_snapshot("chosen.db", "chosen");
	put_snapshot("other.db", "other");
	must(putenv(variable) == 0);
	must(answers("chosen"));
	memset(variable, 0, sizeof variable);
	setenv(SNAPSHOT_VARIABLE, "other.db", 1);
	must(answers_a_second_later("chosen"));
	unsetenv(SNAPSHOT_VARIABLE);
	put_snapshot("chosen.db", "new");
	must(answers_a_second_later("new"));
}

static void chroot_beside(const char *root)
{
	must(chdir(root) == 0 && chroot(".") == 0);
}

/* A root directory with this file in the same place as the first root has it. */
static void keep_in_chroot(bool with_other)
{
	char here[PATH_MAX];

	put_snapshot("site.db", "old");
	must(getcwd(here, sizeof here) && setenv(SNAPSHOT_VARIABLE, text("%s/site.db", here), 1) == 0);
	must(answers("old"));
	must(system(text("mkdir -p jail'%s'", here)) == 0);
	if (with_other)
		put_snapshot(text("jail%s/site.db", here), "other");
	chroot_beside("jail");
	for (unsigned i = 0; i < 3; i++)
		must(answers_a_second_later("old"));
}

static void skip_unless_root(void)
{
	if (geteuid() != 0)
		skip();
}

static void keep_in_empty_chroot(const void *unused)
{
	(void)unused;
	keep_in_chroot(false);
}

TEST(in_an_empty_chroot_the_old_answers_stay)
{
	skip_unless_root();
	in_child(keep_in_empty_chroot, NULL);
}

static void keep_in_full_chroot(const void *unused)
{
	(void)unused;
	keep_in_chroot(true);
}

TEST(in_a_chroot_with_a_snapshot_of_its_own_the_old_answers_stay)
{
	skip_unless_root();
	in_child(keep_in_full_chroot, NULL);
}

/* The jail shows the very file that was published outside meanwhile. */
static void come_back_from_chroot(const void *unused)
{
	char here[PATH_MAX];
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)unused;
	put_snapshot("site.db", "old");
	must(getcwd(here, sizeof here) && setenv(SNAPSHOT_VARIABLE, text("%s/site.db", here), 1) == 0);
	must(answers("old"));
	put_snapshot("site.db", "new");
	must(system(text("mkdir -p jail'%s' && ln site.db jail'%s/site.db'", here, here)) == 0);
	chroot_beside("jail");
	must(answers_a_second_later("old") && answers_a_second_later("old"));
	must(fchdir(root) == 0 && chroot(".") == 0);
	must(answers_a_second_later("new"));
}

TEST(what_was_only_seen_in_a_chroot_is_taken_back_outside)
{
	skip_unless_root();
	in_child(come_back_from_chroot, NULL);
}

/* What callers see of a look: nothing */

IN_CHILD(a_look_leaves_errno_and_cancellation_alone)
{
	int cancel_state;

	put_snapshot("site.db", "old");
	must(answers("old"));
	delete_it();
	errno = EDOM;
	must(answers_a_second_later("old") && errno == EDOM);
	put_snapshot("site.db", "new");
	errno = EDOM;
	must(answers_a_second_later("new") && errno == EDOM);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel_state);
	must(cancel_state == PTHREAD_CANCEL_ENABLE);
}

IN_CHILD(a_thousand_publications_leave_one_mapping_and_no_descriptor)
{
	unsigned descriptors;

	put_snapshot("site.db", "old");
	must(answers("old"));
	descriptors = count_descriptors();
	for (unsigned i = 0; i < 1000; i++) {
		put_snapshot("site.db", i % 2 ? "odd" : "even");
		must(answers_a_second_later(i % 2 ? "odd" : "even"));
	}
	must(count_mappings() == 1 && count_descriptors() == descriptors);
}

/* The clocks */

IN_CHILD(a_process_that_has_looked_once_looks_when_the_second_changes)
{
	put_snapshot("site.db", "old");
	clock_ms = 5300;
	must(answers("old"));
	clock_ms = 6300;
	must(answers("old"));
	put_snapshot("site.db", "new");
	clock_ms = 6999;
	must(answers("old"));
	clock_ms = 7000;
	must(answers("new"));
}

IN_CHILD(the_first_look_comes_a_whole_second_after_the_first_mapping)
{
	put_snapshot("site.db", "old");
	clock_ms = 5900;
	must(answers("old"));
	put_snapshot("site.db", "new");
	stat_count = 0;
	for (clock_ms = 5901; clock_ms < 6900; clock_ms += 7)
		must(answers("old") && stat_count == 0);
	clock_ms = 6900;
	must(answers("new"));
}

IN_CHILD(ten_seconds_of_lookups_make_ten_looks_at_most)
{
	put_snapshot("site.db", "old");
	must(answers("old") && answers_a_second_later("old"));
	clock_ms = 8500;
	must(answers("old"));
	stat_count = 0;
	for (; clock_ms < 18500; clock_ms += 3)
		must(answers("old"));
	must(stat_count == 10);
}

IN_CHILD(a_clock_that_is_set_back_makes_a_look)
{
	put_snapshot("site.db", "old");
	must(answers("old") && answers_a_second_later("old"));
	put_snapshot("site.db", "new");
	wall_ms -= 86400000;
	must(answers("new"));
}

IN_CHILD(a_clock_at_the_beginning_of_time_is_no_mapping)
{
	clock_ms = wall_ms = 0;
	must(answers("ENOENT"));
	put_snapshot("site.db", "old");
	clock_ms = 1500;
	must(answers("old"));
}

/* Who is reading */

/* Every byte of a file that was mapped once can be read. */
static unsigned sum_of(struct snapshot_view file)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < file.size; i++)
		sum += ((const volatile unsigned char *)file.start)[i];
	return sum;
}

static struct current_read read_now(void)
{
	struct current_read reading;
	int reason;

	must(current_begin(&reading, &reason));
	return reading;
}

IN_CHILD(a_reader_whose_snapshot_is_replaced_reads_on_and_learns_of_it)
{
	put_snapshot("site.db", "old");

	const struct current_read reading = read_now();

	must(strcmp(name_in(reading.file), "old") == 0 && current_unchanged(&reading));
	put_snapshot("site.db", "new");
	must(answers_a_second_later("new") && count_mappings() == 1);
	must(sum_of(reading.file) == 0); /* zeros: neither the file is kept nor the memory given back */
	must(strcmp(name_in(reading.file), "nothing") == 0 && !current_unchanged(&reading));
}

IN_CHILD(a_reader_that_comes_back_after_many_publications_is_not_taken_in)
{
	put_snapshot("site.db", "old");

	const struct current_read reading = read_now();
	bool met = false;

	for (unsigned i = 0; i < 4 * MAPPING_SLOT_COUNT; i++) {
		put_snapshot("site.db", text("number-%u", i));
		must(answers_a_second_later(text("number-%u", i)));
		must(!current_unchanged(&reading));
		sum_of(reading.file);
		met |= strcmp(name_in(reading.file), text("number-%u", i)) == 0;
	}
	must(met); /* another snapshot was where the old one had been */
}

/* Kilobytes of address space. */
static unsigned long address_space(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long size = 0;

	must(status);
	while (fgets(line, sizeof line, status))
		sscanf(line, "VmSize: %lu", &size);
	fclose(status);
	return size;
}

/* A snapshot of the name with as many more rows as make it some kilobytes larger. */
static void put_large_snapshot(const char *name, unsigned kilobytes)
{
	char *csv;
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	must(stream);
	fprintf(stream, CSV_HEAD "%s,7,tcp,,,,,,,,,\n", name);
	for (unsigned i = 0; i < kilobytes; i++)
		fprintf(stream, "more-%u,%u,tcp,%u%01024u,,,,,,,,\n", i, 1000 + i, i, 0);
	must(fclose(stream) == 0);

	struct compiled compiled = compile_csv(csv, size, NULL, NULL);

	must(compiled.status == OUTCOME_OK && compiled.size > 1024 * (size_t)kilobytes);
	put_bytes("site.db", compiled.bytes, compiled.size);
	free_compiled(&compiled);
	free(csv);
}

IN_CHILD(a_snapshot_that_grew_is_taken_and_readers_of_the_small_one_read_on)
{
	put_snapshot("site.db", "small");

	const struct current_read reading = read_now();

	for (unsigned kilobytes = 50; kilobytes <= 800; kilobytes *= 2) {
		put_large_snapshot(text("of-%u", kilobytes), kilobytes);
		must(answers_a_second_later(text("of-%u", kilobytes)) && count_mappings() == 1);
		sum_of(read_now().file);
		sum_of(reading.file);
		must(!current_unchanged(&reading));
	}
	put_snapshot("site.db", "small-again");
	must(answers_a_second_later("small-again") && count_mappings() == 1);
}

IN_CHILD(addresses_are_used_again)
{
	unsigned long before = 0;

	put_snapshot("site.db", "old");
	must(answers("old"));
	for (unsigned i = 0; i < 300; i++) {
		put_large_snapshot(text("number-%u", i), i < 40 ? 10 * i : 7 * i % 400);
		must(answers_a_second_later(text("number-%u", i)) && count_mappings() == 1);
		if (i == 40)
			before = address_space();
	}
	if (!UNDER_ASAN && !getenv("VALGRIND"))
		must(address_space() < before + 8192);
}

/* As in a child that was forked while other threads came with first mappings. */
IN_CHILD(a_place_that_is_being_filled_for_ever_costs_that_place)
{
	put_snapshot("site.db", "old");
	must(answers("old") && answers_a_second_later("old"));
	for (unsigned i = 1; i < MAPPING_SLOT_COUNT - 1; i++)
		mapping_slots[i].claimed = true;
	for (unsigned i = 0; i < 20; i++) {
		put_snapshot("site.db", i % 2 ? "odd" : "even");
		must(answers_a_second_later(i % 2 ? "odd" : "even") && count_mappings() == 1);
	}
	mapping_slots[slot_current() == mapping_slots ? MAPPING_SLOT_COUNT - 1 : 0].claimed = true;
	put_snapshot("site.db", "new");
	must(answers_a_second_later("odd") && answers_a_second_later("odd") && count_mappings() == 1);
	mapping_slots[3].claimed = false;
	must(answers_a_second_later("new"));
}

IN_CHILD(a_place_whose_range_is_lost_is_never_touched_again)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	mapping_slots[1].lost = true;
	for (unsigned i = 0; i < 20; i++) {
		put_snapshot("site.db", i % 2 ? "odd" : "even");
		must(answers_a_second_later(i % 2 ? "odd" : "even") && count_mappings() == 1);
		must(slot_current() != &mapping_slots[1] && !mapping_slots[1].range);
	}
}

IN_CHILD(an_enumeration_holds_its_snapshot_until_it_ends)
{
	struct snapshot_view held, newer;
	int reason;

	put_snapshot("site.db", "old");
	must(current_hold(&held, &reason));
	put_snapshot("site.db", "new");
	must(answers_a_second_later("new"));
	put_snapshot("site.db", "newer");
	must(answers_a_second_later("newer"));
	must(strcmp(name_in(held), "old") == 0 && count_mappings() == 2);
	current_release();
	must(count_mappings() == 1);
	must(current_hold(&newer, &reason) && strcmp(name_in(newer), "newer") == 0);
	current_release();
	current_release();
}

/* What the kernel refuses */

static void publish_many(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		put_snapshot("site.db", i % 2 ? "odd" : "even");
		clock_ms += 1000;
		answer();
	}
}

/* Refused as often as there are places, and more: then all is well again. */
static void survive_refusals(int *refusal, int reason)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	publish_many(3);
	*refusal = reason;
	publish_many(3 * MAPPING_SLOT_COUNT);
	*refusal = 0;
	put_snapshot("site.db", "new");
	must(answers_a_second_later("new") && count_mappings() == 1);
	put_snapshot("site.db", "newer");
	must(answers_a_second_later("newer") && count_mappings() == 1);
}

IN_CHILD(zeros_that_the_kernel_refuses_are_tried_again)
{
	survive_refusals(&mmap_refusal, EAGAIN);
}

IN_CHILD(a_move_that_the_kernel_refuses_is_tried_again)
{
	survive_refusals(&mremap_refusal, EAGAIN);
}

/* Which it may have begun. */
IN_CHILD(a_move_for_which_memory_lacked_costs_a_place_at_most)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	publish_many(3);
	mremap_refusal = ENOMEM;
	put_snapshot("site.db", "unlucky");
	clock_ms += 1000;
	answer();
	mremap_refusal = 0;
	for (unsigned i = 0; i < 20; i++) {
		put_snapshot("site.db", i % 2 ? "odd" : "even");
		must(answers_a_second_later(i % 2 ? "odd" : "even") && count_mappings() == 1);
	}
}

IN_CHILD(the_end_of_an_enumeration_leaves_errno_alone)
{
	struct snapshot_view held;
	int reason;

	put_snapshot("site.db", "old");
	must(current_hold(&held, &reason));
	put_snapshot("site.db", "new");
	must(answers_a_second_later("new"));
	mmap_refusal = EAGAIN;
	errno = EDOM;
	current_release();
	must(errno == EDOM);
}

/* Two that look at once */

static void come_while_another_looks(void)
{
	put_snapshot("site.db", "newest");
	clock_ms += 1000;
	stat_count = 0;
	must(answers("old") && stat_count == 0);
}

IN_CHILD(while_one_looks_the_others_go_on_with_what_is_there)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	before_open = come_while_another_looks;
	must(answers_a_second_later("newest")); /* which was there by the time the file was opened */
	must(count_mappings() == 1);
	put_snapshot("site.db", "late");
	must(answers_a_second_later("late"));
}

static void publish_first_meanwhile(void)
{
	must(answers("old"));
}

IN_CHILD(of_two_that_map_first_one_gives_way)
{
	put_snapshot("site.db", "old");
	before_open = publish_first_meanwhile;
	must(answers("old"));
	must(count_mappings() == 1);
}

static void map_another_file_meanwhile(void)
{
	setenv(SNAPSHOT_VARIABLE, "chosen.db", 1);
	must(answers("chosen"));
	put_snapshot("chosen.db", "newer");
	must(answers_a_second_later("newer"));
}

IN_CHILD(a_late_loser_of_the_first_mapping_leaves_the_path_alone)
{
	put_snapshot("chosen.db", "chosen");
	put_snapshot("other.db", "other");
	setenv(SNAPSHOT_VARIABLE, "other.db", 1);
	before_open = map_another_file_meanwhile;
	must(answers("newer"));
	put_snapshot("chosen.db", "newest");
	must(answers_a_second_later("newest"));
}

/* Forks */

static void in_grandchild(void (*body)(void))
{
	const pid_t child = fork();
	int status;

	must(child != -1);
	if (!child) {
		alarm(30);
		body();
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0);
}

static void see_new_alone(void)
{
	must(answers_a_second_later("new") && count_mappings() == 1);
}

static pthread_barrier_t barrier;

/* A look that takes until its process ends. */
static void hang(void)
{
	pthread_barrier_wait(&barrier);
	pause();
}

static void *look_for_ever(void *unused)
{
	before_open = hang;
	answers_a_second_later("never");
	return unused;
}

static void start_looking_thread(void)
{
	pthread_t thread;

	must(pthread_barrier_init(&barrier, NULL, 2) == 0);
	must(pthread_create(&thread, NULL, look_for_ever, NULL) == 0);
	pthread_barrier_wait(&barrier);
}

IN_CHILD_AMID_THREADS(a_child_forked_while_a_thread_looks_looks_itself)
{
	put_snapshot("site.db", "old");
	must(answers("old"));
	put_snapshot("site.db", "new");
	start_looking_thread();
	must(answers_a_second_later("old"));
	in_grandchild(see_new_alone);
	must(answers_a_second_later("old"));
}

static struct snapshot_view held_by_parent;

static void go_on_enumerating(void)
{
	must(answers_a_second_later("new"));
	must(strcmp(name_in(held_by_parent), "old") == 0 && count_mappings() == 2);
	current_release();
	must(count_mappings() == 1);
}

IN_CHILD(a_child_goes_on_with_its_parents_enumeration)
{
	int reason;

	put_snapshot("site.db", "old");
	must(answers("old") && answers_a_second_later("old"));
	must(current_hold(&held_by_parent, &reason));
	put_snapshot("site.db", "new");
	in_grandchild(go_on_enumerating);
	must(strcmp(name_in(held_by_parent), "old") == 0);
}

static void be_generation(unsigned generation)
{
	must(answers_a_second_later(text("generation-%u", generation)));
	must(count_mappings() == 1);
	if (generation == 20)
		return;
	put_snapshot("site.db", text("generation-%u", generation + 1));
	start_looking_thread();

	const pid_t child = fork();
	int status;

	must(child != -1);
	if (!child) {
		alarm(30);
		be_generation(generation + 1);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0);
}

IN_CHILD_AMID_THREADS(children_of_children_amid_threads_lose_no_place)
{
	put_snapshot("site.db", "generation-0");
	must(answers("generation-0"));
	be_generation(0);
}

TEST_PROGRAM(.set_up_each = enter_directory, .tear_down_each = leave_directory);
