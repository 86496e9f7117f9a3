/* SPDX-License-Identifier: MIT */
/*
 * Answers in the caller's memory: for every entry, every buffer that is too small is refused and left alone, the first
 * that suffices is used to the byte, and nothing round it is touched, wherever it begins.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/module.h"

enum { ALIGNMENTS = 16, GUARD = 64, ROOM = 2048, UNTOUCHED = -4711 };

static struct compiled registry;

/* A buffer amid guard bytes, and the other things an entry point writes to. */
static struct {
	alignas(16) unsigned char memory[GUARD + ALIGNMENTS + ROOM + GUARD];
	struct servent servent;
	int error;
} caller;

static unsigned char clean_memory[sizeof caller.memory];
static struct servent clean_servent;

static void clean(void)
{
	memcpy(caller.memory, clean_memory, sizeof caller.memory);
	caller.servent = clean_servent;
	caller.error = UNTOUCHED;
}

static char *buffer_at(size_t alignment)
{
	return (char *)caller.memory + GUARD + alignment;
}

/* A call into the module for one entry, with that buffer. */
typedef enum nss_status ask(const struct snapshot_entry *entry, char *buffer, size_t size);

static enum nss_status ask_port(const struct snapshot_entry *entry, char *buffer, size_t size)
{
	return _nss_ianareg_getservbyport_r(htons(entry->port), entry->protocol, &caller.servent, buffer, size,
					    &caller.error);
}

static enum nss_status ask_name(const struct snapshot_entry *entry, char *buffer, size_t size)
{
	return _nss_ianareg_getservbyname_r(entry->names, entry->protocol, &caller.servent, buffer, size,
					    &caller.error);
}

static enum nss_status ask_next(const struct snapshot_entry *entry, char *buffer, size_t size)
{
	(void)entry;
	return _nss_ianareg_getservent_r(&caller.servent, buffer, size, &caller.error);
}

/* Bytes an answer takes at that address, by the letter of the design: padding, pointers, names, protocol. */
static size_t exact_size(const struct snapshot_entry *entry, const char *buffer)
{
	const size_t past = (uintptr_t)buffer % alignof(char *);
	const char *name = entry->names;
	size_t size = (past ? alignof(char *) - past : 0) + (entry->alias_count + 1) * sizeof(char *);

	for (uint32_t i = 0; i <= entry->alias_count; i++, name += strlen(name) + 1)
		size += strlen(name) + 1;
	return size + strlen(entry->protocol) + 1;
}

static bool lies_inside(const void *start, size_t size, const char *buffer, size_t buffer_size)
{
	const uintptr_t from = (uintptr_t)start, low = (uintptr_t)buffer;

	return from >= low && from - low <= buffer_size && size <= buffer_size - (from - low);
}

static bool string_inside(const char *string, const char *buffer, size_t size)
{
	return lies_inside(string, 1, buffer, size) && lies_inside(string, strlen(string) + 1, buffer, size);
}

static void expect_refusal(enum nss_status status, const struct snapshot_entry *entry, size_t alignment, size_t size)
{
	if (status != NSS_STATUS_TRYAGAIN || caller.error != ERANGE)
		fail_msg("%s, %zu bytes at %zu: status %d, errno %d", entry_text(entry), size, alignment, status,
			 caller.error);
	if (memcmp(caller.memory, clean_memory, sizeof caller.memory) != 0 ||
	    memcmp(&caller.servent, &clean_servent, sizeof clean_servent) != 0)
		fail_msg("%s, %zu bytes at %zu: memory was touched", entry_text(entry), size, alignment);
}

static void expect_guards(const struct snapshot_entry *entry, const char *buffer, size_t size)
{
	const size_t before = (size_t)(buffer - (char *)caller.memory), after = before + size;

	if (memcmp(caller.memory, clean_memory, before) != 0 ||
	    memcmp(caller.memory + after, clean_memory + after, sizeof caller.memory - after) != 0)
		fail_msg("%s, %zu bytes: written outside", entry_text(entry), size);
}

static void expect_answer(enum nss_status status, const struct snapshot_entry *entry, const char *buffer, size_t size)
{
	const struct servent *servent = &caller.servent;
	const char *name = entry->names;

	if (status != NSS_STATUS_SUCCESS)
		fail_msg("%s, %zu bytes: status %d", entry_text(entry), size, status);
	assert_int_equal(caller.error, UNTOUCHED);
	assert_int_equal((uintptr_t)servent->s_aliases % alignof(char *), 0);
	assert_true(lies_inside(servent->s_aliases, (entry->alias_count + 1) * sizeof(char *), buffer, size));
	assert_true(string_inside(servent->s_name, buffer, size));
	assert_true(string_inside(servent->s_proto, buffer, size));
	assert_string_equal(servent->s_name, name);
	assert_string_equal(servent->s_proto, entry->protocol);
	assert_int_equal(servent->s_port, htons(entry->port));
	for (uint32_t i = 0; i < entry->alias_count; i++) {
		name += strlen(name) + 1;
		assert_true(string_inside(servent->s_aliases[i], buffer, size));
		assert_string_equal(servent->s_aliases[i], name);
	}
	assert_null(servent->s_aliases[entry->alias_count]);
	expect_guards(entry, buffer, size);
}

static void sweep_sizes(ask *call, const struct snapshot_entry *entry, size_t alignment)
{
	char *buffer = buffer_at(alignment);
	const size_t needed = exact_size(entry, buffer);

	clean();
	for (size_t size = 0; size < needed; size++) {
		caller.error = UNTOUCHED;
		expect_refusal(call(entry, buffer, size), entry, alignment, size);
	}
	caller.error = UNTOUCHED;
	expect_answer(call(entry, buffer, needed), entry, buffer, needed);
}

/* Every entry; where each call is dear, every so manieth. */
static unsigned stride(void)
{
	return instrumented() ? 61 : 1;
}

TEST(every_size_at_every_alignment_is_refused_until_the_exact_one_by_port)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;

	for (unsigned i = 0; snapshot_at(&registry.snapshot, &position, &entry) == SNAPSHOT_OK; i++) {
		for (size_t alignment = 0; alignment < ALIGNMENTS && i % stride() == 0; alignment++)
			sweep_sizes(ask_port, &entry, alignment);
		snapshot_step(&position);
	}
}

/* By name another entry may answer (its lowest port): the sweep is of that one. */
TEST(every_size_at_every_alignment_is_refused_until_the_exact_one_by_name)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry, answer;

	for (unsigned i = 0; snapshot_at(&registry.snapshot, &position, &entry) == SNAPSHOT_OK; i++) {
		assert_int_equal(snapshot_find_name(&registry.snapshot, entry.names, entry.protocol, &answer),
				 SNAPSHOT_OK);
		for (size_t alignment = 0; alignment < ALIGNMENTS && i % stride() == 0; alignment++)
			sweep_sizes(ask_name, &answer, alignment);
		snapshot_step(&position);
	}
}

/* A refusal leaves the enumeration where it was, however often it happens. */
TEST(every_size_is_refused_until_the_exact_one_in_an_enumeration)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;

	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	for (unsigned i = 0; snapshot_at(&registry.snapshot, &position, &entry) == SNAPSHOT_OK; i++) {
		const size_t alignment = i % ALIGNMENTS;

		if (i % stride() == 0) {
			sweep_sizes(ask_next, &entry, alignment);
		} else {
			clean();
			expect_answer(ask_next(&entry, buffer_at(alignment), ROOM), &entry, buffer_at(alignment), ROOM);
		}
		snapshot_step(&position);
	}
	clean();
	assert_int_equal(ask_next(NULL, buffer_at(0), ROOM), NSS_STATUS_NOTFOUND);
	_nss_ianareg_endservent();
}

TEST(a_buffer_larger_than_needed_gives_the_same_answer)
{
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&registry.snapshot, 80, "tcp", &entry), SNAPSHOT_OK);
	for (size_t alignment = 0; alignment < ALIGNMENTS; alignment++)
		for (size_t size = exact_size(&entry, buffer_at(alignment)); size <= ROOM; size++) {
			clean();
			expect_answer(ask_port(&entry, buffer_at(alignment), size), &entry, buffer_at(alignment), size);
		}
}

TEST(a_buffer_as_long_as_memory_is_no_overflow)
{
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&registry.snapshot, 80, "tcp", &entry), SNAPSHOT_OK);
	clean();
	expect_answer(ask_port(&entry, buffer_at(1), ROOM), &entry, buffer_at(1), ROOM);
	clean();
	assert_int_equal(ask_port(&entry, buffer_at(1), SIZE_MAX), NSS_STATUS_SUCCESS);
	assert_string_equal(servent_text(&caller.servent), "http 80/tcp www www-http");
	expect_guards(&entry, buffer_at(1), ROOM);
}

TEST(no_buffer_of_no_size_is_refused)
{
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&registry.snapshot, 80, "tcp", &entry), SNAPSHOT_OK);
	clean();
	expect_refusal(ask_port(&entry, NULL, 0), &entry, 0, 0);
	expect_refusal(ask_name(&entry, NULL, 0), &entry, 0, 0);
}

TEST(a_key_that_is_not_there_touches_nothing_whatever_the_buffer)
{
	for (size_t size = 0; size < 100; size++) {
		clean();
		assert_int_equal(_nss_ianareg_getservbyname_r("no-such-service", "tcp", &caller.servent, buffer_at(3),
							      size, &caller.error),
				 NSS_STATUS_NOTFOUND);
		assert_int_equal(caller.error, ENOENT);
		assert_memory_equal(caller.memory, clean_memory, sizeof caller.memory);
		assert_memory_equal(&caller.servent, &clean_servent, sizeof clean_servent);
	}
}

/* As libc's getservent() does it: twice the buffer after each refusal. */
TEST(an_enumeration_with_a_buffer_that_grows_loses_and_repeats_nothing)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;

	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	for (; snapshot_at(&registry.snapshot, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position)) {
		size_t size = 1;
		enum nss_status status;

		clean();
		while ((status = ask_next(&entry, buffer_at(0), size)) == NSS_STATUS_TRYAGAIN) {
			expect_refusal(status, &entry, 0, size);
			size *= 2;
			caller.error = UNTOUCHED;
		}
		expect_answer(status, &entry, buffer_at(0), size);
	}
	clean();
	assert_int_equal(ask_next(&entry, buffer_at(0), ROOM), NSS_STATUS_NOTFOUND);
	_nss_ianareg_endservent();
}

TEST(the_end_of_an_enumeration_needs_no_buffer)
{
	assert_int_equal(_nss_ianareg_setservent(0), NSS_STATUS_SUCCESS);
	do
		clean();
	while (ask_next(NULL, buffer_at(0), ROOM) == NSS_STATUS_SUCCESS);
	assert_int_equal(ask_next(NULL, NULL, 0), NSS_STATUS_NOTFOUND);
	_nss_ianareg_endservent();
}

static int set_up(void **state)
{
	(void)state;
	registry = use_registry();
	for (size_t i = 0; i < sizeof clean_memory; i++)
		clean_memory[i] = (unsigned char)(0xa5 ^ i);
	memset(&clean_servent, 0x5a, sizeof clean_servent);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free_compiled(&registry);
	return 0;
}

TEST_PROGRAM(.set_up = set_up, .tear_down = tear_down);
