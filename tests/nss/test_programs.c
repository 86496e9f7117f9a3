/* SPDX-License-Identifier: MIT */
/*
 * Real programs see the module: through LD_LIBRARY_PATH, and an nsswitch.conf that is bind-mounted over the machine's
 * in a private mount namespace. What is not installed, or not permitted, is skipped by name.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/snapshot_writer.h"
#include "publish/publish.h"
#include "tests/support/support.h"

#define NSSWITCH "/etc/nsswitch.conf"

static uint32_t entry_count;
static char *snapshot_path, *module_dir, *nsswitch_path, *self_path;
static const char *enter; /* a command that runs sh -c in a mount namespace of its own; NULL if not permitted */

static char *own(const char *path)
{
	char *copy = strdup(path);

	assert_non_null(copy);
	return copy;
}

/* Root needs no user namespace; others may have one. */
static const char *namespace_command(void)
{
	static const char *const commands[] = {"unshare -m sh -c", "unshare -r -m sh -c"};

	for (unsigned i = 0; i < 2; i++) {
		struct run result = run(text("%s 'mount --bind \"$TEST_NSSWITCH\" " NSSWITCH "'", commands[i]));
		const bool works = result.status == 0;

		free_run(&result);
		if (works)
			return commands[i];
	}
	return NULL;
}

static int prepare(void **state)
{
	struct diagnostics diagnostics = {.stream = stderr};
	struct compiled compiled = compile_file(BUNDLED_CSV);
	static const char line[] = "services: ianareg\n";

	(void)state;
	entry_count = load32(compiled.snapshot.header->entry_count);
	snapshot_path = own(text("%s/ianareg.db", scratch_dir()));
	assert_int_equal(publish_file(snapshot_path, compiled.bytes, compiled.size, PUBLISH_ALONE, &diagnostics),
			 OUTCOME_OK);
	free_compiled(&compiled);
	nsswitch_path = own(text("%s/nsswitch.conf", scratch_dir()));
	write_file(nsswitch_path, line, strlen(line));
	module_dir = realpath(build_dir(), NULL);
	self_path = realpath("/proc/self/exe", NULL);
	/* For commands between single quotation marks, whatever the paths hold. */
	setenv("TEST_NSSWITCH", nsswitch_path, 1);
	setenv("TEST_SNAPSHOT", snapshot_path, 1);
	setenv("TEST_MODULE_DIR", module_dir ? module_dir : "", 1);
	setenv("TEST_SELF", self_path, 1);
	enter = namespace_command();
	return 0;
}

static int tidy(void **state)
{
	(void)state;
	free(snapshot_path);
	free(nsswitch_path);
	free(module_dir);
	free(self_path);
	return 0;
}

/* Say once why tests are skipped, and skip this one. */
static void skip_because(const char *who, const char *reason)
{
	static char said[256];
	const char *note = text("%s %s", who, reason);

	if (strcmp(said, note) != 0)
		printf("note: %s: skipped\n", note);
	snprintf(said, sizeof said, "%s", note);
	skip();
}

static void skip_unless_entered(void)
{
	if (!enter)
		skip_because("programs:", "no private mount namespace here");
	if (!module_dir || access(text("%s/libnss_ianareg.so.2", module_dir), R_OK) != 0)
		skip_because("programs:", "the module is not built");
}

/* A module that is built with AddressSanitizer cannot be loaded into a program that is not. */
static void skip_unless_runs(const char *program)
{
	if (UNDER_ASAN)
		skip_because(program, "cannot load a module built with AddressSanitizer");

	struct run found = run(text("command -v %s", program));
	const bool installed = found.status == 0;

	free_run(&found);
	if (!installed)
		skip_because(program, "is not installed");
	skip_unless_entered();
}

/* `command`, which has no single quotation mark in it, where the module is all of "services". */
static struct run run_with_module(const char *command)
{
	return run(text("%s 'mount --bind \"$TEST_NSSWITCH\" " NSSWITCH " && LD_LIBRARY_PATH=\"$TEST_MODULE_DIR\" "
			"IANAREG_SNAPSHOT=\"$TEST_SNAPSHOT\" exec %s'",
			enter, command));
}

static void assert_prints(const char *command, const char *expected)
{
	struct run result = run_with_module(command);

	if (result.status)
		fail_msg("%s: status %d: %s", command, result.status, result.err);
	assert_string_equal(result.out, expected);
	free_run(&result);
}

/* ---- getent ---- */

TEST(getent_finds_a_port)
{
	skip_unless_runs("getent");
	assert_prints("getent services 19220", "cora                  19220/tcp\n");
}

TEST(getent_finds_a_port_with_its_protocol)
{
	skip_unless_runs("getent");
	assert_prints("getent services 19220/udp", "cora-disc             19220/udp\n");
}

TEST(getent_finds_a_legacy_alias)
{
	skip_unless_runs("getent");
	assert_prints("getent services iceedcp_tx", "iceedcp-tx            31948/tcp iceedcp_tx\n");
}

TEST(getent_says_by_its_status_that_a_key_is_not_there)
{
	skip_unless_runs("getent");

	struct run result = run_with_module("getent services no-such-service");

	assert_int_equal(result.status, 2);
	assert_string_equal(result.out, "");
	free_run(&result);
}

TEST(getent_enumerates_every_entry)
{
	skip_unless_runs("getent");

	struct run result = run_with_module("getent services");
	uint32_t lines = 0;

	assert_int_equal(result.status, 0);
	for (const char *at = result.out; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, entry_count);
	free_run(&result);
}

/* The module, and not something else, answered above. */
TEST(getent_finds_nothing_without_a_snapshot)
{
	skip_unless_runs("getent");

	struct run result = run_with_module("env IANAREG_SNAPSHOT=/nonexistent getent services 19220");

	assert_int_equal(result.status, 2);
	free_run(&result);
}

/* ---- python3 ---- */

TEST(python3_finds_a_port)
{
	skip_unless_runs("python3");
	assert_prints("python3 -c \"import socket; print(socket.getservbyport(19220))\"", "cora\n");
}

TEST(python3_finds_a_legacy_alias)
{
	skip_unless_runs("python3");
	assert_prints("python3 -c \"import socket; print(socket.getservbyname(\\\"iceedcp_tx\\\"))\"", "31948\n");
}

TEST(python3_raises_for_a_port_that_has_no_name)
{
	skip_unless_runs("python3");

	struct run result = run_with_module("python3 -c \"import socket; socket.getservbyport(4, \\\"tcp\\\")\"");

	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.err, "port/proto not found"));
	free_run(&result);
}

/* ---- perl ---- */

TEST(perl_finds_a_name)
{
	skip_unless_runs("perl");
	assert_prints("perl -e \"print join q( ), getservbyname(q(iceedcp_tx), q(tcp))\"",
		      "iceedcp-tx iceedcp_tx 31948 tcp");
}

TEST(perl_finds_a_port)
{
	skip_unless_runs("perl");
	assert_prints("perl -e \"print scalar getservbyport(19220, q(udp))\"", "cora-disc");
}

TEST(perl_enumerates_every_entry)
{
	skip_unless_runs("perl");
	assert_prints("perl -e \"while (getservent) { \\$n++ } print \\$n\"", text("%u", entry_count));
}

/* Lookups between two steps leave the enumeration where it was. */
TEST(perl_enumerates_every_entry_with_lookups_in_between)
{
	skip_unless_runs("perl");
	assert_prints("perl -e \"while (getservent) { \\$n++; getservbyname(q(http), q(tcp)) } print \\$n\"",
		      text("%u", entry_count));
}

/* ---- C: this very program, called again with a helper's name ---- */

/* A result's port, whatever its family; the two structs have it at the same place. */
static unsigned port_of(const struct addrinfo *result)
{
	struct sockaddr_in address;

	memcpy(&address, result->ai_addr, sizeof address);
	return ntohs(address.sin_port);
}

static int print_getaddrinfo(const char *service, int socktype)
{
	const struct addrinfo hints = {.ai_socktype = socktype, .ai_flags = AI_PASSIVE};
	struct addrinfo *results;
	const int error = getaddrinfo(NULL, service, &hints, &results);

	if (error) {
		puts(gai_strerror(error));
		return 1;
	}

	unsigned port = port_of(results);

	for (const struct addrinfo *result = results; result; result = result->ai_next)
		if (port_of(result) != port)
			port = 0;
	printf("%u\n", port);
	freeaddrinfo(results);
	return 0;
}

static int print_getnameinfo(unsigned port, int flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	char service[NI_MAXSERV];
	const int error =
		getnameinfo((struct sockaddr *)&address, sizeof address, NULL, 0, service, sizeof service, flags);

	if (error) {
		puts(gai_strerror(error));
		return 1;
	}
	puts(service);
	return 0;
}

/* This program as a command: what libc answers, in a process of its own. */
static int help(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "getaddrinfo") == 0)
		return print_getaddrinfo("cora", SOCK_STREAM);
	if (strcmp(what, "getaddrinfo-any") == 0)
		return print_getaddrinfo("cora", 0);
	if (strcmp(what, "getaddrinfo-none") == 0)
		return print_getaddrinfo("no-such-service", SOCK_STREAM);
	if (strcmp(what, "getnameinfo") == 0)
		return print_getnameinfo(19220, 0);
	if (strcmp(what, "getnameinfo-udp") == 0)
		return print_getnameinfo(512, NI_DGRAM);
	return 99;
}

TEST(getaddrinfo_gives_the_port_of_a_service)
{
	skip_unless_entered();
	assert_prints("\"$TEST_SELF\" getaddrinfo", "19220\n");
}

TEST(getaddrinfo_gives_the_port_for_any_type_of_socket)
{
	skip_unless_entered();
	assert_prints("\"$TEST_SELF\" getaddrinfo-any", "19220\n");
}

TEST(getaddrinfo_says_that_a_service_is_not_there)
{
	skip_unless_entered();

	struct run result = run_with_module("\"$TEST_SELF\" getaddrinfo-none");

	assert_int_equal(result.status, 1);
	assert_string_equal(result.out, text("%s\n", gai_strerror(EAI_SERVICE)));
	free_run(&result);
}

TEST(getnameinfo_gives_the_name_of_a_port)
{
	skip_unless_entered();
	assert_prints("\"$TEST_SELF\" getnameinfo", "cora\n");
}

TEST(getnameinfo_gives_the_name_of_a_port_for_datagrams)
{
	skip_unless_entered();
	assert_prints("\"$TEST_SELF\" getnameinfo-udp", "biff\n");
}

TEST_PROGRAM(.set_up = prepare, .tear_down = tidy, .command = help);
