/* SPDX-License-Identifier: MIT */
/*
 * `make install` into a DESTDIR: what it puts there, what it leaves alone, and that it works. The last is shown in a
 * private mount namespace, where what was installed lies over the machine's /usr and the example is nsswitch.conf.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/support.h"

#define NSSWITCH "/etc/nsswitch.conf"

enum place {
	PLACE_MODULE,
	PLACE_TOOL,
	PLACE_SNAPSHOT,
	PLACE_REGISTRY,
	PLACE_SCHEMA,
	PLACE_EXAMPLE,
	PLACE_SETTINGS_EXAMPLE,
	PLACE_UPDATE_SERVICE,
	PLACE_UPDATE_TIMER,
	PLACE_SITE_SERVICE,
	PLACE_SITE_PATH,
	PLACE_SANDBOX,
	PLACE_SYSUSERS,
	PLACE_README,
	PLACE_LICENSE,
	PLACE_LIBRARY_HEADER,
	PLACE_STATIC_LIBRARY,
	PLACE_SHARED_LIBRARY,
	PLACE_LIBRARY_LINK, /* the linker's */
	PLACE_PKG_CONFIG,
	PLACE_C_EXAMPLE,
	PLACE_GO_EXAMPLE,
	PLACE_LIBRARY_PAGE,
	PLACE_TOOL_PAGE,
	PLACE_SNAPSHOT_PAGE,
	PLACE_MODULE_PAGE,
	PLACE_UPDATE_PAGE,
	PLACE_BASH,
	PLACE_ZSH,
	PLACE_FISH,
	PLACE_COUNT,
};

/* Where the Makefile says that each goes, without DESTDIR. */
static char *places[PLACE_COUNT];
static char *root; /* DESTDIR */
static char *program_path; /* a PATH that begins with an ldconfig of ours, which only leaves a mark */
static struct stat before[PLACE_COUNT]; /* of the machine's own files there; all zero where there is none */
static bool installed;

static char *own(const char *path)
{
	char *copy = strdup(path);

	assert_non_null(copy);
	return copy;
}

/* Say once why tests are skipped, and skip this one. */
static void skip_because(const char *reason)
{
	static const char *said;

	if (!said || strcmp(said, reason) != 0)
		printf("note: install: %s: skipped\n", reason);
	said = reason;
	skip();
}

static struct stat status_of(const char *path)
{
	struct stat status = {0};

	if (lstat(path, &status) != 0)
		memset(&status, 0, sizeof status);
	return status;
}

/* make as `make check` was called (it hands its variables on in MAKEFLAGS), and of what is built already. */
static struct run make(const char *arguments)
{
	return run(text("PATH=%s make -s --no-print-directory -o all -o library B=%s %s", program_path, build_dir(),
			arguments));
}

/* The value of a variable of the Makefile, with something behind it. */
static char *make_value(const char *variable, const char *suffix)
{
	struct run result = make(text("--eval='print-value: ; @echo $(%s)' print-value", variable));

	if (result.status)
		fail_msg("make: %s", result.err);
	result.out[strcspn(result.out, "\n")] = '\0';

	char *value = own(text("%s%s", result.out, suffix));

	free_run(&result);
	return value;
}

static void put_ldconfig_first(void)
{
	const char *bin = text("%s/bin", scratch_dir());
	const char *script = text("#!/bin/sh\ntouch %s/ldconfig-was-run\n", scratch_dir());

	assert_int_equal(mkdir(bin, 0755), 0);
	write_file(text("%s/ldconfig", bin), script, strlen(script));
	assert_int_equal(chmod(text("%s/ldconfig", bin), 0755), 0);
	program_path = own(text("%s:%s", bin, getenv("PATH")));
}

static int prepare(void **state)
{
	(void)state;
	root = own(text("%s/root", scratch_dir()));
	put_ldconfig_first();
	if (UNDER_ASAN)
		return 0;
	places[PLACE_MODULE] = make_value("LIBDIR", "/libnss_ianareg.so.2");
	places[PLACE_TOOL] = make_value("BINDIR", "/ianareg");
	places[PLACE_SNAPSHOT] = make_value("VENDOR_SNAPSHOT", "");
	places[PLACE_REGISTRY] = make_value("DATADIR", "/service-names-port-numbers.csv");
	places[PLACE_SCHEMA] = make_value("DATADIR", "/lookup.schema.json");
	places[PLACE_EXAMPLE] = make_value("DOCDIR", "/nsswitch.conf.example");
	places[PLACE_README] = make_value("DOCDIR", "/README.md");
	places[PLACE_LICENSE] = make_value("DOCDIR", "/LICENSE");
	places[PLACE_LIBRARY_HEADER] = make_value("INCLUDEDIR", "/ianareg.h");
	places[PLACE_STATIC_LIBRARY] = make_value("LIBDIR", "/libianareg.a");
	places[PLACE_SHARED_LIBRARY] = make_value("LIBDIR", "/libianareg.so.0");
	places[PLACE_LIBRARY_LINK] = make_value("LIBDIR", "/libianareg.so");
	places[PLACE_PKG_CONFIG] = make_value("PKGCONFIGDIR", "/ianareg.pc");
	places[PLACE_C_EXAMPLE] = make_value("DOCDIR", "/examples/port_info.c");
	places[PLACE_GO_EXAMPLE] = make_value("DOCDIR", "/examples/port_info.go");
	places[PLACE_LIBRARY_PAGE] = make_value("MANDIR", "/man3/libianareg.3");
	places[PLACE_TOOL_PAGE] = make_value("MANDIR", "/man1/ianareg.1");
	places[PLACE_SNAPSHOT_PAGE] = make_value("MANDIR", "/man5/ianareg-snapshot.5");
	places[PLACE_MODULE_PAGE] = make_value("MANDIR", "/man8/libnss_ianareg.8");
	places[PLACE_UPDATE_PAGE] = make_value("MANDIR", "/man8/ianareg-update.8");
	places[PLACE_BASH] = make_value("BASH_COMPLETIONS", "/ianareg");
	places[PLACE_ZSH] = make_value("ZSH_COMPLETIONS", "/_ianareg");
	places[PLACE_FISH] = make_value("FISH_COMPLETIONS", "/ianareg.fish");
	places[PLACE_SETTINGS_EXAMPLE] = make_value("DOCDIR", "/ianareg.conf.example");
	places[PLACE_UPDATE_SERVICE] = make_value("UNITDIR", "/ianareg-update.service");
	places[PLACE_UPDATE_TIMER] = make_value("UNITDIR", "/ianareg-update.timer");
	places[PLACE_SITE_SERVICE] = make_value("UNITDIR", "/ianareg-site.service");
	places[PLACE_SITE_PATH] = make_value("UNITDIR", "/ianareg-site.path");
	places[PLACE_SYSUSERS] = make_value("SYSUSERSDIR", "/ianareg.conf");
	places[PLACE_SANDBOX] = make_value("UNITDIR", "/ianareg-.service.d/sandbox.conf");
	for (unsigned i = 0; i < PLACE_COUNT; i++)
		before[i] = status_of(places[i]);
	return 0;
}

static int tidy(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PLACE_COUNT; i++)
		free(places[i]);
	free(program_path);
	free(root);
	return 0;
}

/* A sanitized module is for tests alone. */
static void install(void)
{
	if (UNDER_ASAN)
		skip_because("a build with AddressSanitizer is not installed");
	if (installed)
		return;

	struct run result = make(text("install DESTDIR=%s", root));

	if (result.status)
		fail_msg("make install: %s%s", result.out, result.err);
	installed = true;
	free_run(&result);
}

static void uninstall(void)
{
	struct run result = make(text("uninstall DESTDIR=%s", root));

	if (result.status)
		fail_msg("make uninstall: %s%s", result.out, result.err);
	installed = false;
	free_run(&result);
}

/* ---- what is put where ---- */

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What `find` says of the files under DESTDIR must be these lines, in any order. */
static void assert_files(const char *expected[], unsigned count)
{
	struct run result = run(text("cd %s && find . ! -type d | sed 's/^\\.//' | LC_ALL=C sort", root));
	char *lines = NULL;
	size_t size;
	FILE *stream = open_memstream(&lines, &size);

	assert_non_null(stream);
	if (count)
		qsort(expected, count, sizeof *expected, compare_lines);
	for (unsigned i = 0; i < count; i++)
		fprintf(stream, "%s\n", expected[i]);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(result.out, lines);
	free(lines);
	free_run(&result);
}

TEST(install_puts_files_in_their_places_and_no_other)
{
	const char *expected[PLACE_COUNT];

	install();
	for (unsigned i = 0; i < PLACE_COUNT; i++)
		expected[i] = places[i];
	assert_files(expected, PLACE_COUNT);
}

TEST(install_gives_files_the_modes_that_their_readers_need)
{
	install();
	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		const struct stat status = status_of(text("%s%s", root, places[i]));

		if (i == PLACE_LIBRARY_LINK) {
			assert_true(S_ISLNK(status.st_mode));
			continue;
		}
		assert_true(S_ISREG(status.st_mode));
		assert_int_equal(status.st_mode & 07777, i == PLACE_TOOL ? 0755 : 0644);
	}
}

static void assert_installed_as(enum place place, const char *source)
{
	struct run result = run(text("cmp %s %s%s", source, root, places[place]));

	if (result.status)
		fail_msg("%s", result.out);
	free_run(&result);
}

TEST(install_copies_what_was_built_and_the_bundled_registry_as_they_are)
{
	install();
	assert_installed_as(PLACE_MODULE, text("%s/libnss_ianareg.so.2", build_dir()));
	assert_installed_as(PLACE_TOOL, text("%s/ianareg", build_dir()));
	assert_installed_as(PLACE_SNAPSHOT, text("%s/ianareg.db", build_dir()));
	assert_installed_as(PLACE_REGISTRY, BUNDLED_CSV);
}

TEST(the_tool_knows_where_the_bundled_registry_is)
{
	if (UNDER_ASAN)
		skip_because("a build with AddressSanitizer is not installed");
	assert_string_equal(BUNDLED_REGISTRY, places[PLACE_REGISTRY]);
}

TEST(units_run_the_tool_where_it_is_installed_and_name_no_path_of_the_template)
{
	install();
	for (unsigned i = PLACE_UPDATE_SERVICE; i <= PLACE_SANDBOX; i++) {
		char *unit = read_file(text("%s%s", root, places[i]), NULL);
		const bool is_service = i == PLACE_UPDATE_SERVICE || i == PLACE_SITE_SERVICE;

		assert_null(strstr(unit, "DIR@"));
		assert_int_equal(is_service, !!strstr(unit, text("\nExecStart=\"%s\" update", places[PLACE_TOOL])));
		free(unit);
	}
}

TEST(installed_pages_name_the_paths_of_the_installation)
{
	const char *elsewhere = text("%s/elsewhere", scratch_dir());

	install();

	struct run result = make(text("install-manual DESTDIR=%s VENDORDIR=/opt/i SITE_SNAPSHOT=/srv/i.db", elsewhere));

	assert_int_equal(result.status, 0);
	free_run(&result);
	result = run(text("grep -rhoE '/[a-z/]*/[a-z]+[.]db' %s | sort -u", elsewhere));
	assert_string_equal(result.out, "/opt/i/ianareg.db\n/srv/i.db\n");
	free_run(&result);
}

/* Of the manual and the units alone, which need nothing built: other paths would have everything compiled again. */
static struct run install_texts(const char *directory, const char *paths)
{
	return make(
		text("install-manual install-units DESTDIR=%s B=%s/b UNITDIR=/units %s", directory, directory, paths));
}

TEST(paths_may_hold_what_sed_takes_for_its_own)
{
	const char *odd = text("%s/odd", scratch_dir());

	if (UNDER_ASAN)
		skip_because("a build with AddressSanitizer is not installed");

	struct run result = install_texts(odd, "PREFIX='/opt/a&b|c' SITE_SNAPSHOT='/srv/d&e/i.db'");

	assert_int_equal(result.status, 0);
	free_run(&result);
	result = run(text("cat '%s/opt/a&b|c/share/man/man1/ianareg.1' %s/units/*.service %s/units/*/sandbox.conf", odd,
			  odd, odd));
	assert_non_null(strstr(result.out, "/opt/a&b|c/lib/ianareg/ianareg.db"));
	assert_non_null(strstr(result.out, "\nExecStart=\"/opt/a&b|c/bin/ianareg\" update"));
	assert_non_null(strstr(result.out, "\nReadWritePaths=\"-/srv/d&e\""));
	assert_null(strstr(result.out, "DIR@"));
	free_run(&result);
}

TEST(paths_with_backslashes_or_quotes_are_refused)
{
	for (unsigned i = 0; i < 3; i++) {
		static const char *const prefixes[] = {"'/opt/a\\1'", "'/opt/a\"1'", "\"/opt/a'1\""};
		struct run result = install_texts(text("%s/refused", scratch_dir()), text("PREFIX=%s", prefixes[i]));

		assert_int_not_equal(result.status, 0);
		assert_non_null(strstr(result.err, "backslash or a quote"));
		free_run(&result);
	}
	assert_int_equal(access(text("%s/refused/units", scratch_dir()), F_OK), -1);
}

TEST(install_touches_nothing_of_the_machine)
{
	install();
	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		const struct stat after = status_of(places[i]);

		assert_memory_equal(&after.st_ino, &before[i].st_ino, sizeof after.st_ino);
		assert_memory_equal(&after.st_ctim, &before[i].st_ctim, sizeof after.st_ctim);
	}
}

TEST(install_with_a_destdir_does_not_run_ldconfig)
{
	install();
	assert_int_equal(access(text("%s/ldconfig-was-run", scratch_dir()), F_OK), -1);
}

TEST(install_prints_the_line_for_nsswitch_conf)
{
	install();

	struct run result = make(text("install DESTDIR=%s", root));

	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "services: files ianareg"));
	free_run(&result);
}

TEST(the_example_puts_files_before_ianareg_and_merges_nothing)
{
	install();

	struct run result = run(text("sed -n 's/^services:[ \\t]*//p' %s%s", root, places[PLACE_EXAMPLE]));

	assert_string_equal(result.out, "files ianareg\n");
	free_run(&result);
}

TEST(the_installed_tool_proves_the_installed_snapshot)
{
	install();

	struct run result = run(text("%s%s verify %s%s", root, places[PLACE_TOOL], root, places[PLACE_SNAPSHOT]));

	if (result.status)
		fail_msg("verify: %s%s", result.out, result.err);
	free_run(&result);
}

/* ---- installed over the machine, where nobody else sees it ---- */

/* Run in a namespace with the mounts in place, and nothing in the environment but PATH. */
static struct run run_installed(const char *enter, const char *command)
{
	const char *mounts =
		text("mount -t overlay overlay -o lowerdir=%s/usr:/usr /usr && "
		     "mount --bind %s%s " NSSWITCH
		     " && "
		     "{ [ ! -d /var/lib/misc ] || mount -t tmpfs tmpfs /var/lib/misc; }",
		     root, root, places[PLACE_EXAMPLE]);

	return run(text("%s '%s && exec env -i PATH=/usr/bin:/bin %s'", enter, mounts, command));
}

/* The command that enters a namespace where this works; the test is skipped if none does. */
static const char *enter_installed(void)
{
	static const char *const commands[] = {"unshare -m sh -c", "unshare -r -m sh -c"};

	install();
	for (unsigned i = 0; i < 2; i++) {
		struct run result = run_installed(commands[i], "true");
		const bool works = result.status == 0;

		free_run(&result);
		if (works)
			return commands[i];
	}
	skip_because("no overlay over /usr in a private mount namespace here");
	return NULL;
}

static void assert_prints(const char *enter, const char *command, const char *expected)
{
	struct run result = run_installed(enter, command);

	if (result.status)
		fail_msg("%s: status %d: %s", command, result.status, result.err);
	assert_string_equal(result.out, expected);
	free_run(&result);
}

TEST(getent_answers_from_what_is_installed_with_nothing_set)
{
	assert_prints(enter_installed(), "getent services 19220", "cora                  19220/tcp\n");
}

TEST(getent_still_answers_from_etc_services_first)
{
	const char *enter = enter_installed();

	if (access("/etc/services", R_OK) != 0)
		skip_because("no /etc/services here");

	struct run files = run("getent -s services:files services domain/udp");

	assert_prints(enter, "getent services domain/udp", files.out);
	free_run(&files);
}

/* The interpreter itself: what stands in PATH may be a wrapper that needs an environment. */
TEST(python3_answers_from_what_is_installed_with_nothing_set)
{
	const char *enter = enter_installed();
	struct run python = run("python3 -c 'import sys; print(sys.executable)'");
	const char *path = text("%.*s", (int)strcspn(python.out, "\n"), python.out);

	free_run(&python);
	if (!*path)
		skip_because("python3 is not installed");
	assert_prints(enter, text("%s -c \"import socket; print(socket.getservbyport(19220))\"", path), "cora\n");
}

TEST(the_installed_tool_finds_the_installed_snapshot_with_nothing_set)
{
	struct run result = run_installed(enter_installed(), "ianareg info");

	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, places[PLACE_SNAPSHOT]));
	free_run(&result);
}

/* ---- and away again ---- */

TEST(uninstall_removes_all_that_install_put_there)
{
	install();
	uninstall();
	assert_files(NULL, 0);
}

TEST(uninstall_leaves_no_directory_of_its_own_behind)
{
	install();
	uninstall();

	struct run result = run(text("find %s -name '*ianareg*'", root));

	assert_string_equal(result.out, "");
	free_run(&result);
}

TEST(uninstall_leaves_the_files_of_others_alone)
{
	const char *foreign[PLACE_COUNT];
	char *kept[PLACE_COUNT];

	install();
	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		const int directory_size = (int)(strrchr(places[i], '/') - places[i]);

		kept[i] = own(text("%.*s/of-another-%u", directory_size, places[i], i));
		foreign[i] = kept[i];
		write_file(text("%s%s", root, kept[i]), "kept", 4);
	}
	uninstall();
	assert_files(foreign, PLACE_COUNT);
	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		assert_int_equal(unlink(text("%s%s", root, kept[i])), 0);
		free(kept[i]);
	}
}

TEST(a_destdir_may_have_a_blank_in_its_name)
{
	const char *directory = text("%s/with blank", scratch_dir());
	const char *beside = text("%s/with", scratch_dir());

	if (UNDER_ASAN)
		skip_because("a build with AddressSanitizer is not installed");
	write_file(beside, "precious", 8);
	for (unsigned i = 0; i < 2; i++) {
		struct run result = make(text("%s 'DESTDIR=%s'", i ? "uninstall" : "install", directory));

		assert_int_equal(result.status, 0);
		assert_int_equal(access(text("%s%s", directory, places[PLACE_TOOL]), F_OK), i ? -1 : 0);
		free_run(&result);
	}
	assert_int_equal(access(beside, F_OK), 0);
}

TEST(uninstall_of_what_is_not_installed_is_no_error)
{
	install();
	uninstall();
	uninstall();
}

TEST_PROGRAM(.set_up = prepare, .tear_down = tidy);
