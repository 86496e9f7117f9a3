/* SPDX-License-Identifier: MIT */
/*
 * The module's word to libc: statuses, errno, and what it leaves behind. First without a snapshot it could use, each
 * test in a process of its own, then with one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/module.h"

enum { UNTOUCHED = -4711, NOBODY = 65534 };

static struct compiled registry;
static struct servent servent;
static char buffer[1024];
static int error; /* what entry points put into *errnop */

static enum nss_status by_name(const char *name)
{
	error = UNTOUCHED;
	return _nss_ianareg_getservbyname_r(name, "tcp", &servent, buffer, sizeof buffer, &error);
}

static enum nss_status by_port(unsigned port)
{
	error = UNTOUCHED;
	return _nss_ianareg_getservbyport_r(htons((uint16_t)port), "tcp", &servent, buffer, sizeof buffer, &error);
}

static enum nss_status next(void)
{
	error = UNTOUCHED;
	return _nss_ianareg_getservent_r(&servent, buffer, sizeof buffer, &error);
}

/* No usable snapshot */

struct failure {
	const char *path;
	enum nss_status status;
	int reason;
};

/* Every entry point says so, each time it is called; errno is its caller's but where there is no errnop. */
static void fail_so(const struct failure *failure)
{
	for (unsigned turn = 0; turn < 3; turn++) {
		errno = EDOM;
		must(by_name("http") == failure->status && error == failure->reason);
		must(by_port(80) == failure->status && error == failure->reason);
		must(next() == failure->status && error == failure->reason);
		must(errno == EDOM);
		must(_nss_ianareg_setservent(0) == failure->status && errno == failure->reason);
		must(next() == failure->status && error == failure->reason);
		errno = EDOM;
		must(_nss_ianareg_endservent() == NSS_STATUS_SUCCESS && errno == EDOM);
	}
}

static void fail_with_path(const void *argument)
{
	const struct failure *failure = argument;
	const unsigned descriptors = count_descriptors();

	must(setenv("IANAREG_SNAPSHOT", failure->path, 1) == 0);
	fail_so(failure);
	must(count_descriptors() == descriptors);
}

static void expect_unavailable(const char *path, int reason)
{
	const struct failure failure = {path, NSS_STATUS_UNAVAIL, reason};

	in_child(fail_with_path, &failure);
}

static const char *scratch(const char *name)
{
	return text("%s/%s", scratch_dir(), name);
}

static int compile_registry(void **state)
{
	(void)state;
	registry = compile_file(BUNDLED_CSV);
	return 0;
}

static int see_registry(void **state)
{
	(void)state;
	return setenv("IANAREG_SNAPSHOT", write_snapshot("good.db", registry.bytes, registry.size), 1);
}

static int tear_down(void **state)
{
	(void)state;
	free_compiled(&registry);
	return 0;
}

static const struct test_group without_snapshot = {.name = "without snapshot", .set_up = compile_registry};
static const struct test_group with_snapshot = {
	.name = "with snapshot", .set_up = see_registry, .tear_down = tear_down};

TEST_IN(&without_snapshot, a_missing_file_is_unavailable_with_enoent)
{
	expect_unavailable(scratch("missing.db"), ENOENT);
	expect_unavailable(scratch("missing/directory.db"), ENOENT);
}

TEST_IN(&without_snapshot, a_path_through_a_file_is_unavailable_with_enotdir)
{
	write_snapshot("plain", "", 0);
	expect_unavailable(scratch("plain/ianareg.db"), ENOTDIR);
}

TEST_IN(&without_snapshot, a_dangling_link_is_unavailable_with_enoent)
{
	assert_int_equal(symlink("nowhere.db", scratch("dangling.db")), 0);
	expect_unavailable(scratch("dangling.db"), ENOENT);
}

TEST_IN(&without_snapshot, a_link_to_itself_is_unavailable_with_eloop)
{
	assert_int_equal(symlink("loop.db", scratch("loop.db")), 0);
	expect_unavailable(scratch("loop.db"), ELOOP);
}

static void fail_as_nobody(const void *argument)
{
	must(geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0));
	fail_with_path(argument);
}

TEST_IN(&without_snapshot, an_unreadable_file_is_unavailable_with_eacces)
{
	const struct failure failure = {write_snapshot("unreadable.db", registry.bytes, registry.size),
					NSS_STATUS_UNAVAIL, EACCES};

	assert_int_equal(chmod(failure.path, 0), 0);
	in_child(fail_as_nobody, &failure);
}

TEST_IN(&without_snapshot, a_directory_is_unavailable_with_einval)
{
	expect_unavailable(scratch_dir(), EINVAL);
}

TEST_IN(&without_snapshot, a_fifo_is_unavailable_with_einval_and_does_not_hang)
{
	assert_int_equal(mkfifo(scratch("fifo.db"), 0644), 0);
	expect_unavailable(scratch("fifo.db"), EINVAL);
}

TEST_IN(&without_snapshot, a_device_is_unavailable_with_einval)
{
	expect_unavailable("/dev/null", EINVAL);
	expect_unavailable("/dev/zero", EINVAL);
}

TEST_IN(&without_snapshot, a_socket_is_unavailable_with_enxio)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", scratch("socket.db"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	expect_unavailable(address.sun_path, ENXIO);
	close(fd);
}

TEST_IN(&without_snapshot, a_file_that_its_group_or_others_may_write_is_unavailable_with_einval)
{
	const char *path = write_snapshot("writable.db", registry.bytes, registry.size);

	assert_int_equal(chmod(path, 0664), 0);
	expect_unavailable(path, EINVAL);
	assert_int_equal(chmod(path, 0646), 0);
	expect_unavailable(path, EINVAL);
}

TEST_IN(&without_snapshot, an_empty_file_is_unavailable_with_einval)
{
	expect_unavailable(write_snapshot("empty.db", "", 0), EINVAL);
}

TEST_IN(&without_snapshot, a_truncated_snapshot_is_unavailable_with_einval)
{
	const size_t sizes[] = {1, 7, 8, 9, 255, 256, 257, 4096, registry.size / 2, registry.size - 1};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		expect_unavailable(write_snapshot("truncated.db", registry.bytes, sizes[i]), EINVAL);
}

TEST_IN(&without_snapshot, a_snapshot_with_more_behind_it_is_unavailable_with_einval)
{
	unsigned char *longer = calloc(1, registry.size + 1);

	memcpy(longer, registry.bytes, registry.size);
	expect_unavailable(write_snapshot("longer.db", longer, registry.size + 1), EINVAL);
	free(longer);
}

TEST_IN(&without_snapshot, garbage_is_unavailable_with_einval)
{
	unsigned char garbage[8192];
	uint64_t seed = 7;

	for (size_t i = 0; i < sizeof garbage; i++)
		garbage[i] = (unsigned char)next_random(&seed);
	expect_unavailable(write_snapshot("garbage.db", garbage, sizeof garbage), EINVAL);
	memcpy(garbage, SNAPSHOT_MAGIC, strlen(SNAPSHOT_MAGIC));
	expect_unavailable(write_snapshot("garbage.db", garbage, sizeof garbage), EINVAL);
}

TEST_IN(&without_snapshot, a_snapshot_of_another_version_is_unavailable_with_einval)
{
	unsigned char *other = malloc(registry.size);

	memcpy(other, registry.bytes, registry.size);
	other[offsetof(struct disk_header, version)]++;
	expect_unavailable(write_snapshot("version.db", other, registry.size), EINVAL);
	free(other);
}

static void fail_in_silence(const void *argument)
{
	const char *log = scratch("output");
	const int old_out = dup(1), old_err = dup(2), fd = open(log, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct stat status;

	must(fd > 2 && dup2(fd, 1) == 1 && dup2(fd, 2) == 2);
	fail_with_path(argument);
	must(dup2(old_out, 1) == 1 && dup2(old_err, 2) == 2);
	must(fstat(fd, &status) == 0 && status.st_size == 0);
}

TEST_IN(&without_snapshot, a_file_that_is_no_snapshot_is_passed_over_in_silence)
{
	const struct failure failure = {write_snapshot("empty.db", "", 0), NSS_STATUS_UNAVAIL, EINVAL};

	in_child(fail_in_silence, &failure);
}

/* What is missing for a while: looked for once a second */

static void wait_for_the_next_look(void)
{
	nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 20 * 1000 * 1000}, NULL);
}

static void begin_answering(const void *argument)
{
	const char *path = scratch("later.db"), *next_path = scratch("next.db");

	(void)argument;
	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	fail_so(&(struct failure){path, NSS_STATUS_UNAVAIL, ENOENT});
	must(rename(next_path, path) == 0);
	wait_for_the_next_look();
	must(by_port(80) == NSS_STATUS_SUCCESS && error == UNTOUCHED);
	must(next() == NSS_STATUS_SUCCESS && strcmp(servent.s_name, "tcpmux") == 0);
}

TEST_IN(&without_snapshot, a_snapshot_that_appears_later_is_found_by_the_next_look)
{
	write_snapshot("next.db", registry.bytes, registry.size);
	in_child(begin_answering, NULL);
}

static void recover_from_a_bad_file(const void *argument)
{
	const char *path = scratch("mended.db"), *next_path = scratch("next.db");

	(void)argument;
	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	fail_so(&(struct failure){path, NSS_STATUS_UNAVAIL, EINVAL});
	must(rename(next_path, path) == 0);
	wait_for_the_next_look();
	must(by_name("http") == NSS_STATUS_SUCCESS && error == UNTOUCHED);
}

TEST_IN(&without_snapshot, a_good_snapshot_in_place_of_a_bad_one_is_found_by_the_next_look)
{
	write_snapshot("mended.db", "no snapshot", 11);
	write_snapshot("next.db", registry.bytes, registry.size);
	in_child(recover_from_a_bad_file, NULL);
}

static void run_out_of_descriptors(const void *path)
{
	struct rlimit limit;

	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0);

	const struct rlimit none = {0, limit.rlim_max};

	must(setrlimit(RLIMIT_NOFILE, &none) == 0);
	fail_so(&(struct failure){path, NSS_STATUS_TRYAGAIN, EMFILE});
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	must(by_port(80) == NSS_STATUS_SUCCESS);
}

TEST_IN(&without_snapshot, without_descriptors_it_says_try_again_and_answers_when_there_are_some)
{
	in_child(run_out_of_descriptors, write_snapshot("good.db", registry.bytes, registry.size));
}

static void run_out_of_memory(const void *path)
{
	struct rlimit limit;

	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	must(getrlimit(RLIMIT_AS, &limit) == 0);

	const struct rlimit none = {0, limit.rlim_max};

	must(setrlimit(RLIMIT_AS, &none) == 0);
	fail_so(&(struct failure){path, NSS_STATUS_TRYAGAIN, ENOMEM});
	must(setrlimit(RLIMIT_AS, &limit) == 0);
	must(by_port(80) == NSS_STATUS_SUCCESS);
}

TEST_IN(&without_snapshot, without_memory_it_says_try_again_and_answers_when_there_is_some)
{
	if (instrumented())
		skip(); /* AddressSanitizer and valgrind want memory of their own */
	in_child(run_out_of_memory, write_snapshot("good.db", registry.bytes, registry.size));
}

/* The first lookup */

static void map_first(const void *path)
{
	const unsigned descriptors = count_descriptors();

	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	errno = EDOM;
	must(by_port(80) == NSS_STATUS_SUCCESS && error == UNTOUCHED && errno == EDOM);
	must(count_descriptors() == descriptors);
}

TEST_IN(&without_snapshot, the_first_lookup_leaves_errno_alone_and_no_descriptor_open)
{
	in_child(map_first, write_snapshot("good.db", registry.bytes, registry.size));
}

TEST_IN(&without_snapshot, the_snapshot_may_be_reached_through_a_link)
{
	write_snapshot("good.db", registry.bytes, registry.size);
	assert_int_equal(symlink("good.db", scratch("link.db")), 0);
	in_child(map_first, scratch("link.db"));
}

static void *look_up_while_being_cancelled(void *status)
{
	int cancel_state;

	pthread_cancel(pthread_self());
	*(enum nss_status *)status = by_port(80); /* open(2) and close(2) in it are cancellation points */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	must(cancel_state == PTHREAD_CANCEL_ENABLE);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	pthread_testcancel();
	must(!"cancelled by now");
	return NULL;
}

static void *only_be_cancelled(void *unused)
{
	pthread_cancel(pthread_self());
	pthread_testcancel();
	return unused;
}

/* A thread that has a cancellation pending makes the first lookup, which must come to its end with that status. */
static void cancel_first_lookup(const void *argument)
{
	const struct failure *expected = argument;
	enum nss_status status = NSS_STATUS_RETURN;
	pthread_t thread;
	void *end;

	must(setenv("IANAREG_SNAPSHOT", expected->path, 1) == 0);
	/* libc loads libgcc_s for the first cancellation. */
	must(pthread_create(&thread, NULL, only_be_cancelled, NULL) == 0 && pthread_join(thread, &end) == 0);

	const unsigned descriptors = count_descriptors();

	must(pthread_create(&thread, NULL, look_up_while_being_cancelled, &status) == 0);
	must(pthread_join(thread, &end) == 0);
	must(end == PTHREAD_CANCELED);
	must(status == expected->status);
	must(count_descriptors() == descriptors);
}

TEST_IN(&without_snapshot, a_thread_is_not_cancelled_inside_its_first_lookup)
{
	const struct failure good = {write_snapshot("good.db", registry.bytes, registry.size), NSS_STATUS_SUCCESS, 0};

	in_child(cancel_first_lookup, &good);
}

TEST_IN(&without_snapshot, a_thread_is_not_cancelled_inside_a_lookup_that_finds_no_snapshot)
{
	const struct failure bad = {write_snapshot("empty.db", "", 0), NSS_STATUS_UNAVAIL, EINVAL};

	in_child(cancel_first_lookup, &bad);
}

static void look_up_with_cancellation_disabled(const void *path)
{
	int cancel_state;

	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	must(by_port(80) == NSS_STATUS_SUCCESS);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel_state);
	must(cancel_state == PTHREAD_CANCEL_DISABLE);
}

TEST_IN(&without_snapshot, a_first_lookup_leaves_cancellation_disabled_where_it_was)
{
	in_child(look_up_with_cancellation_disabled, write_snapshot("good.db", registry.bytes, registry.size));
}

static void enumerate_at_first(const void *path)
{
	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	errno = EDOM;
	must(next() == NSS_STATUS_SUCCESS && error == UNTOUCHED && errno == EDOM);
	must(strcmp(servent.s_name, "tcpmux") == 0);
}

TEST_IN(&without_snapshot, getservent_as_the_very_first_call_gives_the_first_entry)
{
	in_child(enumerate_at_first, write_snapshot("good.db", registry.bytes, registry.size));
}

/* Second group: with the registry in use */

TEST_IN(&with_snapshot, found_by_key_is_success_and_leaves_errno_alone)
{
	errno = ERANGE;
	assert_int_equal(by_name("http"), NSS_STATUS_SUCCESS);
	assert_int_equal(error, UNTOUCHED);
	assert_int_equal(by_port(80), NSS_STATUS_SUCCESS);
	assert_int_equal(error, UNTOUCHED);
	assert_int_equal(errno, ERANGE);
}

TEST_IN(&with_snapshot, not_found_by_key_is_notfound_with_enoent)
{
	errno = ERANGE;
	assert_int_equal(by_name("no-such-service"), NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
	assert_int_equal(by_port(4), NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
	assert_int_equal(errno, ERANGE);
}

TEST_IN(&with_snapshot, a_key_that_cannot_be_is_notfound_with_enoent)
{
	assert_int_equal(by_name(""), NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
	error = UNTOUCHED;
	assert_int_equal(_nss_ianareg_getservbyport_r(-1, NULL, &servent, buffer, sizeof buffer, &error),
			 NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
	error = UNTOUCHED;
	assert_int_equal(_nss_ianareg_getservbyport_r(htons(80), "", &servent, buffer, sizeof buffer, &error),
			 NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
}

TEST_IN(&with_snapshot, a_buffer_too_small_is_tryagain_with_erange_for_every_call)
{
	errno = EDOM;
	error = UNTOUCHED;
	assert_int_equal(_nss_ianareg_getservbyname_r("http", "tcp", &servent, buffer, 10, &error),
			 NSS_STATUS_TRYAGAIN);
	assert_int_equal(error, ERANGE);
	error = UNTOUCHED;
	assert_int_equal(_nss_ianareg_getservbyport_r(htons(80), "tcp", &servent, buffer, 10, &error),
			 NSS_STATUS_TRYAGAIN);
	assert_int_equal(error, ERANGE);
	error = UNTOUCHED;
	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	assert_int_equal(_nss_ianareg_getservent_r(&servent, buffer, 10, &error), NSS_STATUS_TRYAGAIN);
	assert_int_equal(error, ERANGE);
	assert_int_equal(errno, EDOM);
	_nss_ianareg_endservent();
}

TEST_IN(&with_snapshot, the_end_of_an_enumeration_is_notfound_and_leaves_errnop_as_it_was)
{
	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	errno = EDOM;
	while (next() == NSS_STATUS_SUCCESS)
		assert_int_equal(error, UNTOUCHED);
	assert_int_equal(error, UNTOUCHED);
	assert_int_equal(next(), NSS_STATUS_NOTFOUND);
	assert_int_equal(error, UNTOUCHED);
	assert_int_equal(errno, EDOM);
	_nss_ianareg_endservent();
}

TEST_IN(&with_snapshot, an_enumeration_that_has_ended_begins_again_only_when_told)
{
	while (next() == NSS_STATUS_SUCCESS)
		;
	assert_int_equal(next(), NSS_STATUS_NOTFOUND);
	assert_int_equal(next(), NSS_STATUS_NOTFOUND);
	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	assert_int_equal(next(), NSS_STATUS_SUCCESS);
	assert_string_equal(servent.s_name, "tcpmux");
	_nss_ianareg_endservent();
}

TEST_IN(&with_snapshot, getservent_without_setservent_starts_at_the_beginning)
{
	assert_int_equal(_nss_ianareg_endservent(), NSS_STATUS_SUCCESS);
	assert_int_equal(next(), NSS_STATUS_SUCCESS);
	assert_string_equal(servent_text(&servent), "tcpmux 1/tcp");
	assert_int_equal(next(), NSS_STATUS_SUCCESS);
	assert_string_equal(servent_text(&servent), "tcpmux 1/udp");
	_nss_ianareg_endservent();
}

TEST_IN(&with_snapshot, stayopen_is_ignored)
{
	static const int values[] = {0, 1, -1, INT32_MAX};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		assert_int_equal(_nss_ianareg_setservent(values[i]), NSS_STATUS_SUCCESS);
		assert_int_equal(next(), NSS_STATUS_SUCCESS);
		assert_string_equal(servent_text(&servent), "tcpmux 1/tcp");
		assert_int_equal(by_name("http"), NSS_STATUS_SUCCESS);
		assert_int_equal(next(), NSS_STATUS_SUCCESS);
		assert_string_equal(servent_text(&servent), "tcpmux 1/udp");
	}
	_nss_ianareg_endservent();
}

TEST_IN(&with_snapshot, setservent_and_endservent_leave_errno_alone)
{
	errno = EDOM;
	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	assert_int_equal(_nss_ianareg_endservent(), NSS_STATUS_SUCCESS);
	assert_int_equal(_nss_ianareg_endservent(), NSS_STATUS_SUCCESS);
	assert_int_equal(errno, EDOM);
}

TEST_IN(&with_snapshot, errno_itself_may_be_the_callers_errnop)
{
	errno = EDOM;
	assert_int_equal(_nss_ianareg_getservbyname_r("http", "tcp", &servent, buffer, sizeof buffer, &errno),
			 NSS_STATUS_SUCCESS);
	assert_int_equal(errno, EDOM);
	assert_int_equal(_nss_ianareg_getservbyname_r("none-such", "tcp", &servent, buffer, sizeof buffer, &errno),
			 NSS_STATUS_NOTFOUND);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(_nss_ianareg_getservbyname_r("http", "tcp", &servent, buffer, 1, &errno), NSS_STATUS_TRYAGAIN);
	assert_int_equal(errno, ERANGE);
}

TEST_IN(&with_snapshot, s_aliases_is_never_null)
{
	servent.s_aliases = NULL;
	assert_int_equal(by_name("cora"), NSS_STATUS_SUCCESS);
	assert_non_null(servent.s_aliases);
	assert_null(servent.s_aliases[0]);
}

TEST_IN(&with_snapshot, s_port_is_in_network_order)
{
	const unsigned char bytes[2] = {465 >> 8, 465 & 0xff};

	assert_int_equal(by_name("submissions"), NSS_STATUS_SUCCESS);

	const uint16_t port_be = (uint16_t)servent.s_port;

	assert_int_equal(servent.s_port, port_be); /* no bits beyond the 16 */
	assert_memory_equal(&port_be, bytes, sizeof bytes);
}

static bool in_buffer(const char *string)
{
	return string >= buffer && string + strlen(string) < buffer + sizeof buffer;
}

TEST_IN(&with_snapshot, every_string_of_an_answer_is_a_copy_in_the_buffer)
{
	assert_int_equal(by_name("http"), NSS_STATUS_SUCCESS);
	assert_true(in_buffer(servent.s_name));
	assert_true(in_buffer(servent.s_proto));
	assert_true((char *)servent.s_aliases >= buffer && (char *)(servent.s_aliases + 3) <= buffer + sizeof buffer);
	assert_true(in_buffer(servent.s_aliases[0]) && in_buffer(servent.s_aliases[1]));
	memset(buffer, 'x', sizeof buffer); /* the caller's to write to */
	assert_int_equal(by_name("http"), NSS_STATUS_SUCCESS);
	assert_string_equal(servent_text(&servent), "http 80/tcp www www-http");
}
