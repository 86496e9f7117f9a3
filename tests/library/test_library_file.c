/* SPDX-License-Identifier: MIT */
/* libianareg and its file: what it refuses, which one is current, and what it does under threads and without memory. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ianareg.h>

#include "snapshot/snapshot_file.h"
#include "tests/library/library.h"
#include "tests/support/private_machine.h"

/* ---- files ---- */

static void assert_refused(const char *path, enum ianareg_status status, int error)
{
	char untouched;
	struct ianareg *const before = (struct ianareg *)(void *)&untouched, *handle = before;

	errno = 0;
	if (ianareg_open(path, &handle) != status || errno != error)
		fail_msg("%s: %s, not %s", path, strerror(errno), ianareg_status_text(status));
	assert_ptr_equal(handle, before);
}

TEST(files_that_are_no_snapshot_are_refused_for_their_reason)
{
	struct compiled compiled = compile_clean(CSV_HEAD "http,80,tcp,,,,,,,,,\n");
	const unsigned descriptors = count_descriptors();
	const char *path;

	assert_refused("/nonexistent/ianareg.db", IANAREG_SYSTEM_ERROR, ENOENT);
	assert_refused("", IANAREG_SYSTEM_ERROR, ENOENT);
	assert_refused("/", IANAREG_NOT_REGULAR, EINVAL);
	assert_refused(write_snapshot("empty.db", "", 0), IANAREG_NOT_SNAPSHOT, EINVAL);
	assert_refused(write_snapshot("text.db", "http 80/tcp\n", 12), IANAREG_NOT_SNAPSHOT, EINVAL);
	assert_refused(write_snapshot("short.db", compiled.bytes, compiled.size - 1), IANAREG_DAMAGED, EINVAL);
	path = write_snapshot("writable.db", compiled.bytes, compiled.size);
	assert_int_equal(chmod(path, 0664), 0);
	assert_refused(path, IANAREG_WRITABLE, EINVAL);
	compiled.bytes[50] ^= 1;
	assert_refused(write_snapshot("header.db", compiled.bytes, compiled.size), IANAREG_DAMAGED, EINVAL);
	compiled.bytes[50] ^= 1;
	compiled.bytes[offsetof(struct disk_header, version)]++;
	assert_refused(write_snapshot("version.db", compiled.bytes, compiled.size), IANAREG_OTHER_FORMAT, EINVAL);
	assert_int_equal(count_descriptors(), descriptors);
	free_compiled(&compiled);
}

TEST(damage_is_found_and_ends_a_walk_of_rows_only)
{
	struct compiled compiled = compile_clean(CSV_HEAD "a,1,tcp,,,,,,,,,\nb,2,tcp,,,,,,,,,\nc,3,tcp,,,,,,,,,\n");
	const uint32_t rows_off = load32(compiled.snapshot.header->sections[SECTION_ROWS].section_off);
	struct disk_row *rows = (struct disk_row *)(void *)(compiled.bytes + rows_off);
	struct ianareg *handle = opened(write_snapshot("whole.db", compiled.bytes, compiled.size));
	struct ianareg_entry entry;
	struct ianareg_row row;
	uint32_t position = 0;

	assert_int_equal(ianareg_validate(handle), IANAREG_OK);
	ianareg_close(handle);
	rows[1].details_number = store32(UINT32_MAX);
	handle = opened(write_snapshot("damaged.db", compiled.bytes, compiled.size));
	assert_int_equal(ianareg_validate(handle), IANAREG_DAMAGED);
	assert_int_equal(ianareg_by_port(handle, 2, "tcp", &entry), IANAREG_OK);
	assert_string_equal(entry.name, "b");
	assert_int_equal(ianareg_next_row(handle, &position, &row), IANAREG_OK);
	assert_int_equal(ianareg_next_row(handle, &position, &row), IANAREG_DAMAGED);
	assert_int_equal(ianareg_next_row(handle, &position, &row), IANAREG_DAMAGED);
	position = 0;
	assert_int_equal(ianareg_next_row_of_ports(handle, 2, 2, NULL, &position, &row), IANAREG_DAMAGED);
	position = 0;
	assert_int_equal(ianareg_next_row_of_ports(handle, 3, 3, NULL, &position, &row), IANAREG_OK);
	position = 0;
	assert_int_equal(ianareg_next_row_of_name(handle, "b", NULL, &position, &row), IANAREG_DAMAGED);
	ianareg_close(handle);
	free_compiled(&compiled);
}

TEST(opening_and_closing_leaves_nothing)
{
	const char *path = snapshot_of("small.db", SMALL_REGISTRY, NULL);
	const unsigned descriptors = count_descriptors();
	struct ianareg_row row;

	for (unsigned i = 0; i < 50; i++) {
		struct ianareg *handle = opened(path);
		uint32_t position = 0;

		assert_int_equal(ianareg_next_row_of_ports(handle, 80, 80, NULL, &position, &row), IANAREG_OK);
		errno = 77;
		ianareg_close(handle);
		assert_int_equal(errno, 77);
	}
	ianareg_close(NULL);
	assert_int_equal(count_descriptors(), descriptors);
}

/* ---- which file ---- */

TEST(the_environment_alone_names_the_file_where_it_does)
{
	const char *path = snapshot_of("small.db", SMALL_REGISTRY, NULL);
	struct ianareg *handle;

	assert_int_equal(setenv("IANAREG_SNAPSHOT", path, 1), 0);
	assert_string_equal(ianareg_candidate(0), path);
	assert_null(ianareg_candidate(1));
	handle = opened(NULL);
	assert_string_equal(ianareg_path(handle), path);
	assert_int_equal(setenv("IANAREG_SNAPSHOT", "/nonexistent/it", 1), 0);
	assert_string_equal(ianareg_path(handle), path);
	assert_true(ianareg_is_current(handle)); /* it asks of the path that was opened */
	assert_refused(NULL, IANAREG_SYSTEM_ERROR, ENOENT);
	assert_int_equal(unsetenv("IANAREG_SNAPSHOT"), 0);
	assert_string_equal(ianareg_candidate(0), SITE_SNAPSHOT);
	assert_string_equal(ianareg_candidate(1), VENDOR_SNAPSHOT);
	assert_null(ianareg_candidate(2));
	assert_null(ianareg_candidate(UINT32_MAX));
	ianareg_close(handle);
}

TEST(a_handle_is_current_until_another_file_is_published)
{
	const char *path = text("%s/followed.db", scratch_dir());
	struct ianareg_entry entry;
	struct ianareg *handle, *next;

	snapshot_of("followed.db", CSV_HEAD "before,1,tcp,,,,,,,,,\n", NULL);
	handle = opened(path);
	errno = 77;
	assert_true(ianareg_is_current(handle));
	snapshot_of("next.db", CSV_HEAD "after,1,tcp,,,,,,,,,\n", NULL);
	assert_true(ianareg_is_current(handle));
	assert_int_equal(rename(text("%s/next.db", scratch_dir()), path), 0);
	assert_false(ianareg_is_current(handle));
	next = opened(path);
	assert_true(ianareg_is_current(next));
	assert_int_equal(ianareg_by_port(handle, 1, NULL, &entry), IANAREG_OK);
	assert_string_equal(entry.name, "before");
	ianareg_close(handle);
	assert_int_equal(ianareg_by_port(next, 1, NULL, &entry), IANAREG_OK);
	assert_string_equal(entry.name, "after");
	assert_int_equal(unlink(path), 0);
	errno = 77;
	assert_false(ianareg_is_current(next));
	assert_int_equal(errno, 77);
	ianareg_close(next);
}

static const char *directory_of(const char *path)
{
	return text("%.*s", (int)(strrchr(path, '/') - path), path);
}

/* Empty directories for both candidates, of this process's own; nothing is made on the machine's own file systems. */
static void clear_candidates(void)
{
	static const char *const paths[] = {SITE_SNAPSHOT, VENDOR_SNAPSHOT};

	must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	for (unsigned i = 0; i < 2; i++) {
		const char *directory = directory_of(paths[i]);

		must(mount("tmpfs", directory_of(directory), "tmpfs", 0, "mode=0755") == 0);
		must(mkdir(directory, 0755) == 0);
	}
}

static void put(const char *path, const struct compiled *compiled)
{
	const char *temporary = text("%s.new", path);
	FILE *stream = fopen(temporary, "w");

	must(stream && fwrite(compiled->bytes, 1, compiled->size, stream) == compiled->size && fclose(stream) == 0);
	must(chmod(temporary, 0644) == 0 && rename(temporary, path) == 0);
}

static struct ianareg *must_open(const char *path)
{
	struct ianareg *handle = NULL;

	must(ianareg_open(NULL, &handle) == IANAREG_OK);
	must(strcmp(ianareg_path(handle), path) == 0);
	must(ianareg_is_current(handle));
	return handle;
}

static void follow_candidates(const void *argument)
{
	const struct compiled *compiled = argument;
	struct ianareg *handle = NULL;

	clear_candidates();
	must(ianareg_open(NULL, &handle) == IANAREG_SYSTEM_ERROR && errno == ENOENT && !handle);
	put(VENDOR_SNAPSHOT, compiled);
	handle = must_open(VENDOR_SNAPSHOT);
	put(SITE_SNAPSHOT, compiled);
	must(!ianareg_is_current(handle));
	ianareg_close(handle);
	handle = must_open(SITE_SNAPSHOT);
	put(VENDOR_SNAPSHOT, compiled);
	must(ianareg_is_current(handle)); /* the site's comes first all the same */
	must(chmod(SITE_SNAPSHOT, 0666) == 0);
	must(!ianareg_is_current(handle));
	ianareg_close(handle);
	handle = must_open(VENDOR_SNAPSHOT); /* current though the site's file is there */
	must(unlink(SITE_SNAPSHOT) == 0);
	must(!ianareg_is_current(handle));
	ianareg_close(handle);
	must(chmod(VENDOR_SNAPSHOT, 0666) == 0);
	must(ianareg_open(NULL, &handle) == IANAREG_WRITABLE && errno == EINVAL);
}

TEST(without_a_path_the_candidates_are_tried_in_order)
{
	struct compiled compiled;

	need_private_machine();
	if (access(directory_of(directory_of(VENDOR_SNAPSHOT)), F_OK) != 0) {
		puts("note: this build's vendor directory has no parent here: the candidates of ianareg_open(): "
		     "skipped");
		skip();
	}
	compiled = compile_clean(CSV_HEAD "a,1,tcp,,,,,,,,,\n");
	in_child(follow_candidates, &compiled);
	free_compiled(&compiled);
}

/* ---- threads, memory ---- */

enum { THREAD_COUNT = 8, ROUNDS = 40 };

/* A sum of what all of 300 ports and names find, so that two threads' can be compared. */
static uint64_t sum_of_lookups(const struct ianareg *shared)
{
	struct ianareg_row row;
	uint64_t sum = 0;

	for (unsigned port = 0; port < 300; port++) {
		for (uint32_t at = 0;
		     ianareg_next_row_of_ports(shared, port * 37, port * 37 + 5, NULL, &at, &row) == IANAREG_OK;)
			sum = sum * 31 + at;
	}
	for (unsigned i = 0; i < ROUNDS; i++)
		for (uint32_t at = 0;
		     ianareg_next_row_of_name(shared, i % 2 ? "http-alt" : "domain", NULL, &at, &row) == IANAREG_OK;)
			sum = sum * 31 + at;
	return sum;
}

static pthread_barrier_t barrier;

static void *look_up(void *shared)
{
	uint64_t *sum = malloc(sizeof *sum);

	pthread_barrier_wait(&barrier);
	if (sum)
		*sum = sum_of_lookups(shared);
	return sum;
}

TEST(threads_share_a_handle_from_its_first_lookup_on)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	const char *path = write_snapshot("threads.db", compiled.bytes, compiled.size);
	struct ianareg *alone = opened(path);
	const uint64_t expected = sum_of_lookups(alone);

	assert_int_not_equal(expected, 0);
	assert_int_equal(pthread_barrier_init(&barrier, NULL, THREAD_COUNT), 0);
	for (unsigned round = 0; round < 5; round++) {
		struct ianareg *shared = opened(path);
		pthread_t threads[THREAD_COUNT];

		for (unsigned i = 0; i < THREAD_COUNT; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, look_up, shared), 0);
		for (unsigned i = 0; i < THREAD_COUNT; i++) {
			void *sum = NULL;

			assert_int_equal(pthread_join(threads[i], &sum), 0);
			assert_non_null(sum);
			assert_int_equal(*(uint64_t *)sum, expected);
			free(sum);
		}
		ianareg_close(shared);
	}
	pthread_barrier_destroy(&barrier);
	ianareg_close(alone);
	free_compiled(&compiled);
}

/* No further byte of memory, of whatever size. */
static void exhaust_memory(void)
{
	const struct rlimit none = {0, 0};

	must(setrlimit(RLIMIT_AS, &none) == 0);
	for (size_t size = 1 << 20; size; size /= 2)
		while (malloc(size))
			;
}

static void look_up_without_memory(const void *argument)
{
	const struct ianareg *const *handles = argument; /* alike; the first has its indexes */
	struct ianareg *handle = NULL;

	exhaust_memory();
	must(sum_of_lookups(handles[1]) == sum_of_lookups(handles[0]));
	must(ianareg_open(ianareg_path(handles[0]), &handle) == IANAREG_SYSTEM_ERROR && errno == ENOMEM && !handle);
}

TEST(without_memory_rows_are_the_same_and_opening_is_an_error)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);
	const char *path = write_snapshot("memory.db", compiled.bytes, compiled.size);
	struct ianareg *handles[2] = {opened(path), opened(path)};

	assert_int_not_equal(sum_of_lookups(handles[0]), 0);
	if (instrumented() || UNDER_TSAN)
		puts("note: a sanitizer or valgrind wants memory of its own: lookups without memory: skipped");
	else
		in_child(look_up_without_memory, handles);
	ianareg_close(handles[0]);
	ianareg_close(handles[1]);
	free_compiled(&compiled);
	if (instrumented() || UNDER_TSAN)
		skip();
}
