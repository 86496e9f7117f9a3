/* SPDX-License-Identifier: MIT */
/*
 * Whatever fails or ends a command, at whichever system call: the file is the old one or the new one, whole. With an
 * argument this program is itself such a command: publish PATH CONTENT, exchange PATH.
 */
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/input.h"
#include "publish/publish.h"
#include "tests/support/cli_tool.h"
#include "tests/support/faults.h"
#include "tests/support/http_server.h"

static char start[PATH_MAX], tool[PATH_MAX], self[PATH_MAX], build[PATH_MAX];

/* ---- this program as a command ---- */

static int publish_content(const char *path, const char *content)
{
	char *bytes;
	size_t size;
	struct diagnostics diagnostics = {.stream = stderr};

	if (read_input(content, &bytes, &size) != OUTCOME_OK)
		return 1;

	const enum outcome status = publish_file(path, bytes, size, PUBLISH_KEEP_PREVIOUS, &diagnostics);

	free(bytes);
	return status != OUTCOME_OK;
}

static int run_as_command(int argc, char **argv)
{
	struct diagnostics diagnostics = {.stream = stderr};

	if (argc == 4 && strcmp(argv[1], "publish") == 0)
		return publish_content(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "exchange") == 0)
		return publish_exchange(argv[2], &diagnostics) != OUTCOME_OK;
	return 2;
}

/* ---- the files that are known ---- */

/* known/a.db, b.db, c.db: snapshots of registries of one name each, proven; r.csv is the last one's registry. */
static void make_known_files(void)
{
	expect("mkdir known", 0, "", "");
	for (char letter = 'a'; letter <= 'c'; letter++) {
		put_file("r.csv", text(CSV_HEAD "name-%c,7,tcp,,,,,,,,,\n", letter));
		expect(text("ianareg compile -o known/%c.db r.csv && ianareg verify known/%c.db", letter, letter), 0,
		       NULL, "");
	}
}

static int enter_scratch(void **state)
{
	(void)state;
	/* A campaign syncs thousands of times, which takes minutes on a disk; `make faults` says where and goes there. */
	if (access("/dev/shm", W_OK | X_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	assert_non_null(getcwd(start, sizeof start));
	assert_non_null(realpath(text("%s/ianareg", build_dir()), tool));
	assert_non_null(realpath("/proc/self/exe", self));
	setenv("IANAREG_BUILD", dirname(strcpy(build, tool)), 1);
	make_known_files();
	return chdir(scratch_dir());
}

static int leave_scratch(void **state)
{
	(void)state;
	return chdir(start);
}

/* What a killed writer leaves, so that clearing it away is part of what fails. */
static void leave_half_a_file(void)
{
	write_file("d/.ianareg-abcdef", "half", 4);
}

/* ---- a fault at every system call ---- */

TEST(a_compile_over_an_old_file)
{
	const char *const command[] = {tool, "compile", "-o", "d/s.db", "r.csv", NULL};

	need_faults();
	run_campaign(&(struct fault_campaign){
		.name = "compile",
		.command = command,
		.directory = "d",
		.files = {"s.db"},
		.states = {{"a", 1}, {"c", 1}},
		.done = 1,
	});
}

TEST(a_compile_where_there_was_none)
{
	const char *const command[] = {tool, "compile", "-o", "d/s.db", "r.csv", NULL};

	need_faults();
	run_campaign(&(struct fault_campaign){
		.name = "the first compile, after a killed one",
		.command = command,
		.sample = 3,
		.directory = "d",
		.files = {"s.db"},
		.states = {{"-", 1}, {"c", 1}},
		.done = 1,
		.prepare = leave_half_a_file,
		.is_untidy = true,
	});
}

TEST(a_publication_that_keeps_the_previous_file)
{
	const char *const command[] = {self, "publish", "d/s.db", "known/c.db", NULL};

	need_faults();
	run_campaign(&(struct fault_campaign){
		.name = "publication with the previous file kept",
		.command = command,
		.sample = 3,
		.directory = "d",
		.files = {"s.db", "s.db.prev"},
		.states = {{"ba", 2}, {"bb", 2}, {"cb", 3}, {"cc", 3}},
		.done = 2,
	});
}

/* Of a command that exchanges s.db and what was there before. */
static void run_exchange_campaign(const char *name, const char *const *command)
{
	need_faults();
	run_campaign(&(struct fault_campaign){
		.name = name,
		.command = command,
		.sample = 3,
		.directory = "d",
		.files = {"s.db", "s.db.prev"},
		.states = {{"ba", 1}, {"ab", 0}},
		.done = 1,
	});
}

TEST(an_exchange_with_the_previous_file)
{
	const char *const command[] = {self, "exchange", "d/s.db", NULL};

	run_exchange_campaign("exchange with the previous file", command);
}

/* ---- update ---- */

static struct http_server server;

/* The name below d of what the one update that has been has put into its cache. */
static void find_in_cache(const char *suffix, char name[PATH_MAX])
{
	glob_t found;

	assert_int_equal(glob(text("d/cache/*%s", suffix), 0, NULL, &found), 0);
	snprintf(name, PATH_MAX, "%s", found.gl_pathv[0] + strlen("d/"));
	globfree(&found);
}

/* `ianareg update` of d/s.db, whose cache is d/cache, from the registry of c.db; with or without faults in its children. */
static void run_update_campaign(const char *name, bool with_children, unsigned sample)
{
	static char url[64], body[PATH_MAX], facts[PATH_MAX];
	const char *const command[] = {tool,      "update", "--config", "/dev/null", "-o", "d/s.db",
				       "--retry", "0",      "--force",  "--url",     url,  NULL};

	need_faults();
	if (access("/usr/bin/curl", X_OK) != 0)
		skip();
	expect("rm -rf d && mkdir -p srv d && cp r.csv srv/r.csv", 0, "", "");
	setenv("CACHE_DIRECTORY", text("%s/d/cache", scratch_dir()), 1);
	assert_int_equal(http_server_start("srv", &server), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/file/r.csv", server.port);
	expect(text("ianareg update --config /dev/null -o d/s.db --force --url %s", url), 0, NULL, NULL);
	find_in_cache(".body", body);
	find_in_cache(".facts", facts);
	run_campaign(&(struct fault_campaign){
		.name = name,
		.command = command,
		.with_children = with_children,
		.sample = sample,
		.directory = "d",
		.files = {"s.db", "s.db.prev", body, facts},
		.states = {{"a-**", 2}, {"aa**", 2}, {"ca**", 2}},
		.done = 2,
	});
	http_server_stop(&server);
}

TEST(an_update_over_an_old_file)
{
	run_update_campaign("update", false, 27);
}

/* curl and the parser; most of curl's calls are its libraries' own. */
TEST(an_update_whose_children_fail)
{
	run_update_campaign("update and its children", true, 129);
}

TEST(a_rollback)
{
	const char *const command[] = {tool, "rollback", "-o", "d/s.db", NULL};

	run_exchange_campaign("rollback", command);
}

/* ---- a file system that is full ---- */

/* A command where tmpfs is mounted on d with those options, and s.db in it is known/a.db. */
static void expect_on_tmpfs(const char *options, const char *command, const char *expected)
{
	static const char *const enter[] = {"unshare -m", "unshare -r -m"};
	const char *mounted = text("mkdir -p d && mount -t tmpfs -o %s tmpfs d", options);

	for (unsigned i = 0; i < 2; i++) {
		struct run possible = in_scratch(text("%s sh -c '%s'", enter[i], mounted));
		const bool works = possible.status == 0;

		free_run(&possible);
		if (works) {
			expect(text("%s sh -c '%s && cp known/a.db d/s.db && chmod 644 d/s.db\n%s'", enter[i], mounted,
				    command),
			       0, expected, NULL);
			return;
		}
	}
	puts("note: faults: no mount in a namespace of our own here: skipped");
	skip();
}

TEST(a_full_file_system_keeps_the_old_file_until_there_is_room)
{
	expect_on_tmpfs("size=2m",
			text("head -c 1600000 /dev/zero >d/full\n"
			     "ianareg compile -o d/s.db \"%s/" BUNDLED_CSV "\" 2>&1; echo $?\n"
			     "cmp d/s.db known/a.db && ls -A d\n"
			     "rm d/full\n"
			     "ianareg compile -o d/s.db \"%s/" BUNDLED_CSV "\"; echo $?\n"
			     "ianareg verify d/s.db >/dev/null; echo $?; ls -A d",
			     start, start),
			"ianareg: d/s.db: cannot write: No space left on device\n1\nfull\ns.db\n0\n0\ns.db\n");
}

TEST(a_file_system_without_a_free_inode_keeps_the_old_file)
{
	expect_on_tmpfs(
		"nr_inodes=3",
		"touch d/full\nianareg compile -o d/s.db r.csv 2>&1; echo $?\ncmp d/s.db known/a.db && ls -A d\n"
		"rm d/full\nianareg compile -o d/s.db r.csv; echo $?\ncmp d/s.db known/c.db; ls -A d",
		"ianareg: d/s.db: cannot create a file beside it: No space left on device\n1\nfull\ns.db\n0\ns.db\n");
}

TEST_PROGRAM(.set_up = enter_scratch, .tear_down = leave_scratch, .command = run_as_command);
