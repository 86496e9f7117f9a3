/* SPDX-License-Identifier: MIT */
/*
 * What glibc expects of a services backend in its own tests, asked here in our own words, through libc where a
 * program would: bug17079, bug-erange, test-netdb, tst-nss-getpwent, tst-nss-test_errno, tst-nss-db-endpwent and
 * tst-nss-db-endgrent (most of those are about users or groups; the rules are the same for every database).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/module.h"

static struct compiled registry;

/* A copy of an answer as text that lives until freed: texts of the ring do not outlive long loops. */
static char *keep(const struct servent *servent)
{
	assert_non_null(servent);
	return strdup(servent_text(servent));
}

/* The n-th answer of an enumeration that begins now, as text; free() it. */
static char *nth_entry(unsigned n)
{
	setservent(0);
	while (n--)
		assert_non_null(getservent());

	char *entry = keep(getservent());

	endservent();
	return entry;
}

static void expect_kept(char *kept, const struct servent *servent)
{
	assert_non_null(servent);
	assert_string_equal(servent_text(servent), kept);
	free(kept);
}

/* Its names and the pointers to them take more than a kilobyte: more than libc's own first buffer has room for. */
static void find_large_entry(const void *path)
{
	const struct servent *servent;

	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	servent = getservbyname("x000000", "tcp");
	must(servent && servent->s_port == htons(100) && strcmp(servent->s_aliases[62], "x000062") == 0);
	servent = getservbyport(htons(100), NULL);
	must(servent && strcmp(servent->s_aliases[62], "x000062") == 0 && !servent->s_aliases[63]);
	setservent(0);
	servent = getservent();
	must(servent && strcmp(servent->s_name, "before") == 0);
	servent = getservent();
	must(servent && strcmp(servent->s_name, "large-1") == 0);
	servent = getservent();
	must(servent && strcmp(servent->s_name, "behind") == 0);
	must(!getservent());
	endservent();
}

/* Before all others: once this process has mapped the registry, its children answer from that too. */
TEST(an_entry_larger_than_libcs_own_buffer_is_found_and_enumerated)
{
	char overlay[2048] = "before 99/tcp\nbehind 101/tcp\nlarge-1 100/tcp";

	/* As many names of as many bytes as an entry may have: with the pointers to them more than 1,024 bytes. */
	for (unsigned i = 0; i < NAME_COUNT_MAX - 1; i++)
		snprintf(overlay + strlen(overlay), 16, " x%06u", i);
	strcat(overlay, "\n");

	struct compiled compiled = compile_csv(CSV_HEAD, strlen(CSV_HEAD), overlay, NULL);

	assert_int_equal(compiled.warning_count, 0);
	in_child(find_large_entry, write_snapshot("large.db", compiled.bytes, compiled.size));
	free_compiled(&compiled);
}

/* bug17079: buffers at odd addresses, of odd lengths */

typedef int get_service(struct servent *servent, char *buffer, size_t size, struct servent **result);

static int get_http(struct servent *servent, char *buffer, size_t size, struct servent **result)
{
	return getservbyname_r("www-http", "udp", servent, buffer, size, result);
}

static int get_port_80(struct servent *servent, char *buffer, size_t size, struct servent **result)
{
	return getservbyport_r(htons(80), "udp", servent, buffer, size, result);
}

static int get_first(struct servent *servent, char *buffer, size_t size, struct servent **result)
{
	setservent(0);

	int error = getservent_r(servent, buffer, size, result);

	endservent();
	return error;
}

/* Refused with ERANGE up to some length, and right from there on; nothing behind the buffer is written to. */
static void sweep_buffer(get_service *get, size_t offset, const char *expected)
{
	enum { LONGEST = 160, GUARD = 32 };
	char memory[16 + LONGEST + GUARD];
	bool found_before = false;

	for (size_t size = 0; size <= LONGEST; size++) {
		struct servent servent, *result = &servent;

		memset(memory, 'G', sizeof memory);

		int error = get(&servent, memory + offset, size, &result);

		for (size_t i = offset + size; i < sizeof memory; i++)
			assert_int_equal(memory[i], 'G');
		if (error) {
			assert_int_equal(error, ERANGE);
			assert_null(result);
			assert_false(found_before);
		} else {
			assert_ptr_equal(result, &servent);
			assert_string_equal(servent_text(result), expected);
			found_before = true;
		}
	}
	assert_true(found_before);
}

TEST(odd_buffers_give_erange_or_the_answer_by_name)
{
	for (size_t offset = 0; offset < 16; offset++)
		sweep_buffer(get_http, offset, "http 80/udp www www-http");
}

TEST(odd_buffers_give_erange_or_the_answer_by_port)
{
	for (size_t offset = 0; offset < 16; offset++)
		sweep_buffer(get_port_80, offset, "http 80/udp www www-http");
}

TEST(odd_buffers_give_erange_or_the_answer_in_an_enumeration)
{
	char *expected = nth_entry(0);

	for (size_t offset = 0; offset < 16; offset++)
		sweep_buffer(get_first, offset, expected);
	free(expected);
}

/* bug-erange: a tiny buffer */

TEST(a_tiny_buffer_gives_erange_and_no_result)
{
	struct servent servent, *result;
	char buffer[1];

	result = &servent;
	assert_int_equal(getservbyname_r("http", "tcp", &servent, buffer, sizeof buffer, &result), ERANGE);
	assert_null(result);
	result = &servent;
	assert_int_equal(getservbyport_r(htons(80), NULL, &servent, buffer, sizeof buffer, &result), ERANGE);
	assert_null(result);
	result = &servent;
	setservent(0);
	assert_int_equal(getservent_r(&servent, buffer, sizeof buffer, &result), ERANGE);
	assert_null(result);
	endservent();
}

TEST(a_tiny_buffer_is_no_matter_where_nothing_is_found)
{
	struct servent servent, *result = &servent;
	char buffer[1];

	assert_int_equal(getservbyname_r("no-such-service", "tcp", &servent, buffer, sizeof buffer, &result), 0);
	assert_null(result);
}

TEST(after_erange_a_larger_buffer_gets_the_same_entry_of_an_enumeration)
{
	struct servent servent, *result;
	char buffer[1024];
	char *expected = nth_entry(1);

	setservent(0);
	assert_int_equal(getservent_r(&servent, buffer, sizeof buffer, &result), 0);
	for (size_t size = 0; size <= sizeof(char *); size++)
		assert_int_equal(getservent_r(&servent, buffer, size, &result), ERANGE);
	assert_int_equal(getservent_r(&servent, buffer, sizeof buffer, &result), 0);
	expect_kept(expected, result);
	endservent();
}

/* test-netdb: the ways to ask agree */

TEST(every_third_service_of_an_enumeration_is_found_in_every_way)
{
	const unsigned step = instrumented() ? 101 : 3;
	const struct servent *servent;
	struct servent other, *result;
	char buffer[1024];
	unsigned count = 0;

	setservent(1);
	while ((servent = getservent())) {
		if (count++ % step)
			continue;

		char *entry = keep(servent);

		/* Names on several ports give another entry, of the same name. */
		assert_int_equal(
			getservbyname_r(servent->s_name, servent->s_proto, &other, buffer, sizeof buffer, &result), 0);
		assert_non_null(result);
		assert_string_equal(other.s_proto, servent->s_proto);
		assert_int_equal(getservbyname_r(servent->s_name, NULL, &other, buffer, sizeof buffer, &result), 0);
		assert_non_null(result);
		assert_int_equal(getservbyport_r(servent->s_port, NULL, &other, buffer, sizeof buffer, &result), 0);
		assert_non_null(result);
		assert_int_equal(other.s_port, servent->s_port);
		assert_int_equal(
			getservbyport_r(servent->s_port, servent->s_proto, &other, buffer, sizeof buffer, &result), 0);
		expect_kept(entry, result);
	}
	endservent();
	assert_int_equal(count, load32(registry.snapshot.header->entry_count));
}

TEST(well_known_services_are_what_everybody_knows)
{
	static const struct {
		const char *name;
		unsigned port;
	} services[] = {{"ftp", 21},  {"ssh", 22},   {"telnet", 23}, {"smtp", 25},
			{"http", 80}, {"pop3", 110}, {"imap", 143},  {"https", 443}};

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		const struct servent *servent = getservbyname(services[i].name, "tcp");

		assert_non_null(servent);
		assert_int_equal(servent->s_port, htons((uint16_t)services[i].port));
		servent = getservbyport(htons((uint16_t)services[i].port), "tcp");
		assert_non_null(servent);
		assert_string_equal(servent->s_name, services[i].name);
	}
}

TEST(what_is_not_there_is_null_in_every_way)
{
	assert_null(getservbyname("no-such-service", "tcp"));
	assert_null(getservbyname("no-such-service", NULL));
	assert_null(getservbyname("http", "no-such-protocol"));
	assert_null(getservbyport(htons(4), NULL));
	assert_null(getservbyport(htons(80), "no-such-protocol"));
}

TEST(getaddrinfo_and_getnameinfo_speak_of_the_same_ports)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found;
	char service[32];

	assert_int_equal(getaddrinfo(NULL, "cora", &hints, &found), 0);

	struct sockaddr_in address;

	assert_int_equal(found->ai_addrlen, sizeof address);
	memcpy(&address, found->ai_addr, sizeof address);
	freeaddrinfo(found);
	assert_int_equal(address.sin_port, htons(19220));
	assert_int_equal(getnameinfo((struct sockaddr *)&address, sizeof address, NULL, 0, service, sizeof service, 0),
			 0);
	assert_string_equal(service, "cora");
	assert_int_equal(
		getnameinfo((struct sockaddr *)&address, sizeof address, NULL, 0, service, sizeof service, NI_DGRAM),
		0);
	assert_string_equal(service, "cora-disc");
}

TEST(getaddrinfo_without_a_socket_type_asks_for_every_protocol_and_finds_those_there_are)
{
	const struct addrinfo hints = {.ai_family = AF_INET};
	struct addrinfo *found;
	unsigned streams = 0, datagrams = 0;

	assert_int_equal(getaddrinfo(NULL, "domain", &hints, &found), 0);
	for (struct addrinfo *one = found; one; one = one->ai_next) {
		streams += one->ai_socktype == SOCK_STREAM;
		datagrams += one->ai_socktype == SOCK_DGRAM;
	}
	freeaddrinfo(found);
	assert_true(streams && datagrams);
}

/* tst-nss-getpwent: lookups by key inside an enumeration */

TEST(lookups_by_key_inside_an_enumeration_do_not_disturb_it)
{
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	const struct servent *servent;

	setservent(0);
	for (; snapshot_at(&registry.snapshot, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position)) {
		servent = getservent();
		assert_non_null(servent);
		assert_int_equal(servent->s_port, htons(entry.port));
		assert_string_equal(servent->s_proto, entry.protocol);
		assert_string_equal(servent->s_name, entry.names);
		servent = getservbyport(htons(entry.port), entry.protocol);
		assert_non_null(servent);
		assert_non_null(getservbyname(entry.names, NULL));
		assert_null(getservbyname("no-such-service", NULL));
	}
	assert_null(getservent());
	endservent();
}

/* tst-nss-test_errno: errno at the end, and errors of others on entry */

TEST(errno_at_the_end_of_an_enumeration_is_as_it_was)
{
	setservent(0);
	errno = 0;
	while (getservent())
		assert_int_equal(errno, 0);
	assert_int_equal(errno, 0);
	assert_null(getservent());
	assert_int_equal(errno, 0);
	endservent();
}

TEST(a_stale_erange_at_the_end_of_an_enumeration_is_harmless)
{
	struct servent servent, *result = &servent;
	char buffer[1024];

	setservent(0);
	while (getservent())
		;
	errno = ERANGE;
	assert_null(getservent());
	errno = ERANGE;
	assert_int_equal(getservent_r(&servent, buffer, sizeof buffer, &result), ENOENT);
	assert_null(result);
	endservent();
}

TEST(a_stale_erange_is_harmless_to_lookups_by_key)
{
	struct servent servent, *result = &servent;
	char buffer[1024];

	errno = ERANGE;
	assert_non_null(getservbyname("http", "tcp"));
	errno = ERANGE;
	assert_null(getservbyname("no-such-service", "tcp"));
	errno = ERANGE;
	assert_null(getservbyport(htons(4), "tcp"));
	errno = ERANGE;
	assert_int_equal(getservbyname_r("no-such-service", "tcp", &servent, buffer, sizeof buffer, &result), 0);
	assert_null(result);
}

TEST(a_stale_erange_is_harmless_in_the_middle_of_an_enumeration)
{
	char *second = nth_entry(1);

	setservent(0);
	errno = ERANGE;
	assert_non_null(getservent());
	errno = ERANGE;
	expect_kept(second, getservent());
	endservent();
}

/* tst-nss-db-endpwent: the end is followed by a beginning */

TEST(after_endservent_an_enumeration_starts_again)
{
	char *first = nth_entry(0);

	setservent(0);
	assert_non_null(getservent());
	assert_non_null(getservent());
	endservent();
	expect_kept(first, getservent());
	endservent();
}

TEST(after_its_end_and_endservent_an_enumeration_starts_again)
{
	char *first = nth_entry(0);

	setservent(0);
	while (getservent())
		;
	endservent();
	expect_kept(first, getservent());
	endservent();
}

TEST(setservent_in_the_middle_starts_again)
{
	char *first = nth_entry(0);

	setservent(1);
	assert_non_null(getservent());
	assert_non_null(getservent());
	setservent(1);
	expect_kept(first, getservent());
	endservent();
}

TEST(getservent_without_setservent_starts_at_the_beginning)
{
	char *first = nth_entry(0);

	expect_kept(first, getservent());
	endservent();
}

TEST(endservent_twice_and_without_a_beginning_is_fine)
{
	char *first = nth_entry(0);

	endservent();
	endservent();
	setservent(0);
	endservent();
	endservent();
	expect_kept(first, getservent());
	endservent();
}

/* tst-nss-db-endgrent: no word of it in errno */

TEST(endservent_leaves_errno_alone)
{
	errno = EDOM;
	endservent();
	assert_int_equal(errno, EDOM);
	setservent(0);
	assert_non_null(getservent());
	errno = EDOM;
	endservent();
	assert_int_equal(errno, EDOM);
	errno = EDOM;
	endservent();
	assert_int_equal(errno, EDOM);
}

TEST(setservent_leaves_errno_alone)
{
	errno = EDOM;
	setservent(0);
	assert_int_equal(errno, EDOM);
	endservent();
}

static int set_up(void **state)
{
	(void)state;
	registry = use_registry();
	use_module_in_libc();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free_compiled(&registry);
	return 0;
}

TEST_PROGRAM(.set_up = set_up, .tear_down = tear_down);
