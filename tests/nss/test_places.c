/* SPDX-License-Identifier: MIT */
/* Where a snapshot is looked for: the variable alone, else the site's, else the vendor's; what is unusable is skipped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* mk/tests.mk compiles snapshot_file.c for this program with paths relative to the scratch directory. */
#include "snapshot/snapshot_file.h"
#include "tests/support/support.h"

static char start[4096];

static void put_snapshot(const char *path, const char *name)
{
	struct compiled compiled = compile_clean(text(CSV_HEAD "%s,7,tcp,,,,,,,,,\n", name));

	write_file(path, compiled.bytes, compiled.size);
	assert_int_equal(chmod(path, 0644), 0);
	free_compiled(&compiled);
}

static int enter_scratch(void **state)
{
	(void)state;
	assert_non_null(getcwd(start, sizeof start));
	assert_int_equal(chdir(scratch_dir()), 0);
	unsetenv(SNAPSHOT_VARIABLE);
	return 0;
}

static int leave_scratch(void **state)
{
	(void)state;
	return chdir(start);
}

static int clear(void **state)
{
	(void)state;
	unsetenv(SNAPSHOT_VARIABLE);
	remove("site.db");
	remove("vendor.db");
	remove("chosen.db");
	return 0;
}

/* The name that the snapshot found holds at 7/tcp, or the reason why there is none. Static. */
static const char *found(void)
{
	static char answer[64];
	struct snapshot_file file;
	struct snapshot_entry entry;
	const char *path;

	if (snapshot_file_find(&file, &path) != SNAPSHOT_OK)
		return strcpy(answer, strerrorname_np(errno));
	assert_int_equal(snapshot_find_port(&file.snapshot, 7, "tcp", &entry), SNAPSHOT_OK);
	snprintf(answer, sizeof answer, "%s in %s", entry.names, path);
	snapshot_file_close(&file);
	return answer;
}

TEST(the_sites_snapshot_wins_over_the_vendors)
{
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "site in site.db");
}

TEST(without_a_sites_snapshot_the_vendors_answers)
{
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(the_variable_wins_over_both)
{
	put_snapshot("site.db", "site");
	put_snapshot("vendor.db", "vendor");
	put_snapshot("chosen.db", "chosen");
	setenv(SNAPSHOT_VARIABLE, "chosen.db", 1);
	assert_string_equal(found(), "chosen in chosen.db");
}

TEST(where_the_variable_names_nothing_usable_nothing_else_is_tried)
{
	put_snapshot("site.db", "site");
	setenv(SNAPSHOT_VARIABLE, "missing.db", 1);
	assert_string_equal(found(), "ENOENT");
}

TEST(an_empty_variable_is_no_choice)
{
	put_snapshot("site.db", "site");
	setenv(SNAPSHOT_VARIABLE, "", 1);
	assert_string_equal(found(), "site in site.db");
}

TEST(garbage_at_the_sites_place_is_passed_over)
{
	write_file("site.db", "garbage", 7);
	chmod("site.db", 0644);
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(an_empty_file_at_the_sites_place_is_passed_over)
{
	write_file("site.db", "", 0);
	chmod("site.db", 0644);
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(a_sites_snapshot_that_its_group_may_write_is_passed_over)
{
	put_snapshot("site.db", "site");
	chmod("site.db", 0664);
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(a_sites_snapshot_that_all_may_write_is_passed_over)
{
	put_snapshot("site.db", "site");
	chmod("site.db", 0646);
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(a_directory_at_the_sites_place_is_passed_over)
{
	assert_int_equal(mkdir("site.db", 0755), 0);
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(a_fifo_at_the_sites_place_is_passed_over_without_waiting)
{
	assert_int_equal(mkfifo("site.db", 0644), 0);
	put_snapshot("vendor.db", "vendor");
	alarm(10);
	assert_string_equal(found(), "vendor in vendor.db");
	alarm(0);
}

TEST(a_snapshot_cut_short_is_passed_over)
{
	put_snapshot("site.db", "site");
	assert_int_equal(truncate("site.db", 1000), 0);
	put_snapshot("vendor.db", "vendor");
	assert_string_equal(found(), "vendor in vendor.db");
}

TEST(without_any_snapshot_the_reason_is_that_there_is_none)
{
	assert_string_equal(found(), "ENOENT");
}

TEST(a_bad_snapshot_is_the_reason_even_where_the_other_is_missing)
{
	write_file("vendor.db", "garbage", 7);
	chmod("vendor.db", 0644);
	assert_string_equal(found(), "EINVAL");
}

/* A copy of the tool with the set-user-ID bit, run by nobody: `info` names the file it opens. */
TEST(a_setuid_program_does_not_see_the_variable)
{
	struct run asked;

	struct statvfs scratch = {0};

	statvfs(".", &scratch);
	if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) != 0 || scratch.f_flag & ST_NOSUID) {
		puts("note: set-user-ID programs need root, setpriv and a file system that heeds the bit: skipped");
		skip();
	}
	put_snapshot("chosen.db", "chosen");
	asked =
		run(text("cp '%s/%s/ianareg' setuid && chmod 4755 setuid && IANAREG_SNAPSHOT=$PWD/chosen.db "
			 "setpriv --reuid=65534 --regid=65534 --clear-groups ./setuid info 2>&1 | grep -c chosen.db",
			 start, build_dir()));
	assert_string_equal(asked.out, "0\n");
	free_run(&asked);
	asked =
		run("chmod 0755 setuid && IANAREG_SNAPSHOT=$PWD/chosen.db setpriv --reuid=65534 --regid=65534 "
		    "--clear-groups ./setuid info | grep -c chosen.db");
	assert_string_equal(asked.out, "1\n");
	free_run(&asked);
}

TEST_PROGRAM(.set_up = enter_scratch, .tear_down = leave_scratch, .set_up_each = clear);
