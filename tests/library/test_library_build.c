/* SPDX-License-Identifier: MIT */
/*
 * libianareg as it is installed: what it exports and needs, and programs that have nothing but its header, in C of 1999
 * to 2023, C++ and Go, linked with the shared library, the static one, and a static one made for musl.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cli_tool.h"
#include "tests/support/module.h"

/* Compiler options of a sanitized build are not those of programs that are to use the library. */
static void need_plain_build(void)
{
	static bool said;

	if (!UNDER_ASAN && !UNDER_TSAN)
		return;
	if (!said)
		puts("note: a sanitized library is for tests alone: what is installed of it: skipped");
	said = true;
	skip();
}

static void need_command(const char *name, const char *what)
{
	struct run result = run(text("command -v %s", name));
	const bool missing = result.status != 0;

	free_run(&result);
	if (!missing)
		return;
	printf("note: %s is not installed: %s: skipped\n", name, what);
	skip();
}

static void succeed(const char *command)
{
	struct run result = run(command);

	if (result.status)
		fail_msg("%s: status %d: %s%s", command, result.status, result.out, result.err);
	free_run(&result);
}

static void assert_prints(const char *command, const char *out)
{
	struct run result = run(command);

	if (result.status || strcmp(result.out, out) != 0)
		fail_msg("%s: status %d: %s%s", command, result.status, result.out, result.err);
	free_run(&result);
}

/* make as `make check` was called, of what is built already. */
static const char *make(const char *arguments)
{
	return text("make -s --no-print-directory -o all -o library B=%s %s", build_dir(), arguments);
}

/* Installed where no compiler looks by itself, once. */
static void install(void)
{
	static bool installed;
	const char *root = scratch_dir();

	need_plain_build();
	if (!installed)
		succeed(make(
			text("install-library LIBDIR=%s/lib INCLUDEDIR=%s/include DOCDIR=%s/doc", root, root, root)));
	installed = true;
}

/* A command in the scratch directory. It finds the installed library by pkg-config; s.db is the snapshot in use. */
static const char *as_user(const char *command)
{
	return text("cd %s && export PKG_CONFIG_PATH=lib/pkgconfig LD_LIBRARY_PATH=lib IANAREG_SNAPSHOT=s.db && %s",
		    scratch_dir(), command);
}

static int prepare(void **state)
{
	struct compiled compiled = compile_file(BUNDLED_CSV);

	(void)state;
	write_snapshot("s.db", compiled.bytes, compiled.size);
	free_compiled(&compiled);
	return 0;
}

/* ---- names ---- */

/* Each name once, sorted, a line each. */
static char *lines_of(const char *command)
{
	struct run result = run(text("{ %s\n} | LC_ALL=C sort -u", command));

	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
	assert_string_not_equal(result.out, "");
	free(result.err);
	return result.out;
}

#define NAMES_OF_HEADER "grep -o 'ianareg_[a-z_]*(' include/ianareg.h | tr -d '('"

static void assert_same_lines(const char *command, const char *other)
{
	char *lines = lines_of(command), *expected = lines_of(other);

	assert_string_equal(lines, expected);
	free(lines);
	free(expected);
}

TEST(the_symbol_map_names_the_functions_of_the_header)
{
	assert_same_lines("grep -o 'ianareg_[a-z_]*;' src/library/exports.map | tr -d ';'", NAMES_OF_HEADER);
}

TEST(the_shared_library_exports_the_functions_of_the_header_in_their_version)
{
	assert_same_lines(text("nm -D --defined-only %s/libianareg.so.0 | awk '$2 == \"T\" {print $3}'", build_dir()),
			  NAMES_OF_HEADER " | sed 's/$/@@IANAREG_0/'");
}

TEST(the_static_library_adds_no_other_name_to_a_program)
{
	need_plain_build();
	assert_same_lines(text("nm -g --defined-only %s/libianareg.a | awk 'NF == 3 {print $3}'", build_dir()),
			  NAMES_OF_HEADER);
}

TEST(the_manual_page_has_every_function_in_its_synopsis_and_in_its_text)
{
	assert_same_lines("sed '/^.Sh DESCRIPTION/,$d' man/libianareg.3 | grep -o '^.Fn ianareg_[a-z_]*' | cut -c 5-",
			  NAMES_OF_HEADER);
	assert_same_lines("sed '1,/^.Sh DESCRIPTION/d' man/libianareg.3 | grep -o '^.Fn ianareg_[a-z_]*' | cut -c 5-",
			  NAMES_OF_HEADER);
	assert_same_lines(
		"sed '1,/^.Sh/d' man/libianareg.3 | grep -o '^.It Dv IANAREG_[A-Z_]*' | cut -c 8-",
		"sed -n '/^enum ianareg_status {/,/}/p' include/ianareg.h | grep -o 'IANAREG_[A-Z_]* =' | tr -d ' ='");
}

TEST(the_shared_library_is_found_by_its_soname_and_needs_libc_alone)
{
	need_plain_build();
	assert_prints(text("readelf -dW %s/libianareg.so.0 | sed -n 's/.*\\[\\(.*\\)\\]$/\\1/p'", build_dir()),
		      "libc.so.6\nlibianareg.so.0\n");
	assert_prints(text("readlink %s/libianareg.so", build_dir()), "libianareg.so.0\n");
}

/* Whatever it calls is in this list: nothing that prints, ends the process or changes what it has one of. */
TEST(nothing_in_the_library_prints_or_ends_the_process)
{
	static const char *const harmless[] = {"calloc", "close",       "free",         "fstat",  "malloc", "memchr",
					       "memcmp", "memcpy",      "memset",       "mmap",   "munmap", "open",
					       "stat",   "stpcpy",      "strcmp",       "strlen", "strchr", "strnlen",
					       "strcpy", "strncasecmp", "secure_getenv"};
	char *lines;

	need_plain_build();
	lines = lines_of(text("nm -u %s/libianareg.a | awk 'NF == 2 && $2 !~ /^_/ {sub(/64$/, \"\", $2); print $2}'",
			      build_dir()));
	for (char *rest = lines, *line; (line = strsep(&rest, "\n")) && *line;) {
		bool found = false;

		for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++)
			found |= strcmp(line, harmless[i]) == 0;
		if (!found)
			fail_msg("the library calls %s", line);
	}
	free(lines);
}

/* ---- programs ---- */

#define CLIENT                                                                                                   \
	"#include <ianareg.h>\n"                                                                                 \
	"#include <stdio.h>\n"                                                                                   \
	"static int next_name, same_name, snapshot_open;\n" /* names that the library has inside */              \
	"int main(void)\n"                                                                                       \
	"{\n"                                                                                                    \
	"	struct ianareg *registry;\n"                                                                           \
	"	struct ianareg_entry entry;\n"                                                                         \
	"	struct ianareg_row row;\n"                                                                             \
	"	uint32_t position = 0;\n"                                                                              \
	"	if (ianareg_version_number() != IANAREG_VERSION_NUMBER || next_name + same_name + snapshot_open)\n"    \
	"		return 3;\n"                                                                                          \
	"	if (ianareg_open(0, &registry) != IANAREG_OK)\n"                                                       \
	"		return 1;\n"                                                                                          \
	"	if (ianareg_by_name(registry, \"www\", \"tcp\", &entry) != IANAREG_OK)\n"                              \
	"		return 2;\n"                                                                                          \
	"	printf(\"%s %u/%s %s\\n\", entry.name, entry.port, entry.protocol, ianareg_entry_alias(&entry, 0));\n" \
	"	while (ianareg_next_row_of_ports(registry, 19220, 19220, \"tcp\", &position, &row) == IANAREG_OK)\n"   \
	"		printf(\"%s %s %s\\n\", row.name, row.assignee, ianareg_row_status_text(row.status));\n"              \
	"	ianareg_close(registry);\n"                                                                            \
	"	return 0;\n"                                                                                           \
	"}\n"
#define CLIENT_SAYS "http 80/tcp www\ncora [Softvise_GmbH] Assigned\n"

static void compile_and_run(const char *compiler, const char *source, const char *libraries)
{
	write_file(text("%s/%s", scratch_dir(), source), CLIENT, strlen(CLIENT));
	succeed(as_user(text("rm -f client && %s -o client %s $(pkg-config --cflags %s ianareg)", compiler, source,
			     libraries)));
	assert_prints(as_user("./client"), CLIENT_SAYS);
}

TEST(programs_in_c_of_any_year_have_enough_with_the_header)
{
	static const char *const standards[] = {"c99", "c11", "c17", "c2x"};

	install();
	for (unsigned i = 0; i < sizeof standards / sizeof *standards; i++)
		compile_and_run(
			text("${CC:-cc} -std=%s -pedantic -Wall -Wextra -Wshadow -Wconversion -Werror", standards[i]),
			"client.c", "--libs");
}

TEST(programs_in_cxx_have_enough_with_the_header)
{
	static const char *const standards[] = {"c++11", "c++17", "c++20"};

	need_plain_build();
	need_command("g++", "programs in C++");
	install();
	for (unsigned i = 0; i < sizeof standards / sizeof *standards; i++)
		compile_and_run(text("g++ -std=%s -pedantic -Wall -Wextra -Werror", standards[i]), "client.cc",
				"--libs");
}

TEST(a_program_with_the_shared_library_asks_for_its_soname)
{
	install();
	compile_and_run("${CC:-cc}", "client.c", "--libs");
	assert_prints(as_user("readelf -dW client | grep -c 'NEEDED.*\\[libianareg.so.0\\]'"), "1\n");
}

TEST(a_static_program_needs_no_library_at_all)
{
	install();
	compile_and_run("${CC:-cc} -static", "client.c", "--static --libs");
	assert_prints(as_user("readelf -dW client 2>&1 | grep -c NEEDED; :"), "0\n");
}

TEST(every_header_it_includes_is_the_languages_own)
{
	assert_prints("grep '#include' include/ianareg.h", "#include <stdbool.h>\n#include <stdint.h>\n");
}

TEST(the_example_answers_for_ports_and_names)
{
	install();
	succeed(
		as_user("${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -o port_info doc/examples/port_info.c "
			"$(pkg-config --cflags --libs ianareg)"));
	assert_prints(as_user("./port_info 19220/tcp 6001/tcp cora-disc 50000"),
		      "cora 19220/tcp: [Softvise_GmbH]: Client Connection Management and Data Exchange Service\n"
		      "x11 6000-6063/tcp: [Stephen_Gildea]: X Window System\n"
		      "cora-disc 19220/udp: [Softvise_GmbH]: "
		      "Discovery for Client Connection Management and Data Exchange Service\n"
		      "Dynamic and/or Private 49152-65535: nobody: \n");
	assert_prints(as_user("./port_info nosuch 2>&1; echo $?"),
		      "port_info: nosuch: not in the registry of 2026-02-13\n2\n");
	assert_prints(as_user("IANAREG_SNAPSHOT=/nonexistent ./port_info 80 2>&1; echo $?"),
		      "port_info: the snapshot cannot be read: No such file or directory\n1\n");
}

TEST(the_example_of_the_manual_page_compiles_and_runs)
{
	install();
	succeed(text("sed -n '/^.Sh EXAMPLES/,/^.Ed/p' man/libianareg.3 | sed '/^\\./d; s/\\\\e/\\\\/' >%s/page.c",
		     scratch_dir()));
	succeed(as_user(
		"${CC:-cc} -std=c99 -pedantic -Wall -Werror -o page page.c $(pkg-config --cflags --libs ianareg)"));
	assert_prints(as_user("./page"), "https: http protocol over TLS/SSL, [IESG]\n");
}

TEST(a_program_with_musl_has_the_library_too)
{
	const char *musl = text("%s/musl", scratch_dir());

	need_plain_build();
	need_command("musl-gcc", "programs with musl");
	install();
	succeed(text("make -s --no-print-directory CC=musl-gcc B=%s %s/libianareg.a", musl, musl));
	write_file(text("%s/client.c", scratch_dir()), CLIENT, strlen(CLIENT));
	succeed(as_user("musl-gcc -static -o client client.c -Iinclude musl/libianareg.a"));
	assert_prints(as_user("./client"), CLIENT_SAYS);
}

TEST(a_program_in_go_has_the_library_through_cgo)
{
	need_plain_build();
	need_command("go", "programs in Go");
	install();
	succeed(
		as_user("export HOME=$PWD GOCACHE=$PWD/cache CGO_ENABLED=1 && "
			"PKG_CONFIG_PATH=$PWD/lib/pkgconfig go build -o port_info_go doc/examples/port_info.go"));
	assert_prints(as_user("./port_info_go 19220"),
		      "19220/tcp \"cora\" \"[Softvise_GmbH]\" "
		      "\"Client Connection Management and Data Exchange Service\"\n"
		      "19220/udp \"cora-disc\" \"[Softvise_GmbH]\" "
		      "\"Discovery for Client Connection Management and Data Exchange Service\"\n");
}

TEST_PROGRAM(.set_up = prepare);
