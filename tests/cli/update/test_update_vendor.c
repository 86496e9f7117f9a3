/* SPDX-License-Identifier: MIT */
/*
 * `ianareg update` beside what came with ianareg: the bundled registry and the vendor's snapshot, which lie at their
 * places in a private mount namespace, over those of the machine.
 */
#include "snapshot/snapshot_file.h"
#include "tests/support/private_machine.h"
#include "tests/support/update_tool.h"

#ifndef BUNDLED_REGISTRY
#define BUNDLED_REGISTRY "/usr/share/ianareg/service-names-port-numbers.csv"
#endif

#define CHANGED "out/s.db: 1 added\n"
#define OFFLINE UPDATE "--url https://mirror.invalid/ --offline "
#define SAYS_SO                                                                       \
	"ianareg: https://mirror.invalid/: nothing was fetched from it yet; what is " \
	"compiled is the bundled registry, " BUNDLED_REGISTRY "\n"

/* Run the command where a file of the scratch directory is at that path; NULL for what is no matter. */
static void expect_beside(const char *file, const char *path, const char *command, int status, const char *out,
			  const char *err)
{
	need_private_machine();

	const char *mounts =
		text("path='%s'; mkdir -p lay${path%%/*}; cp %s lay$path; top=/$(echo $path | cut -d / -f 2)\n"
		     "mount -t overlay overlay -o lowerdir=$PWD/lay$top:$top $top || exit 99",
		     path, file);
	struct run result = on_machine("passwd: files\n", mounts, command);

	if (result.status == 99) {
		puts("note: no overlay here: what came with ianareg is not tested");
		skip();
	}
	if (result.status != status)
		fail_msg("%s: status %d, not %d; said: %s", command, result.status, status, result.err);
	if (out)
		assert_string_equal(result.out, out);
	if (err)
		assert_string_equal(result.err, err);
	free_run(&result);
}

TEST(offline_without_a_cache_takes_the_bundled_registry_and_says_so)
{
	expect_beside("r.csv", BUNDLED_REGISTRY, OFFLINE, 0, CHANGED, SAYS_SO);
	expect_replaced();
	expect("test -e cache", 1, "", "");
	expect_beside("r.csv", BUNDLED_REGISTRY, OFFLINE, 0, "out/s.db: unchanged\n", SAYS_SO);
}

TEST(the_bundled_registry_does_not_replace_a_newer_one)
{
	expect("sed 's/2021-10-01/2026-11-01/' r.csv >newer.csv && ianareg compile -o out/s.db newer.csv && cp "
	       "out/s.db "
	       "old.db",
	       0, "", "");
	expect_beside("r.csv", BUNDLED_REGISTRY, OFFLINE, 1, "",
		      SAYS_SO
		      "ianareg: out/s.db: nothing was fetched from https://mirror.invalid/ yet, and the bundled "
		      "registry is older than what is in place: run ianareg update\n");
	expect_beside("r.csv", BUNDLED_REGISTRY, OFFLINE "--dry-run", 1, "", NULL);
	expect("cmp out/s.db old.db && ls -A out", 0, "s.db\n", "");
	expect_beside("r.csv", BUNDLED_REGISTRY, OFFLINE "--force", 0, NULL, SAYS_SO);
	expect_replaced();
}

TEST(what_is_not_sound_is_no_newer)
{
	expect("echo garbage >out/s.db", 0, "", "");
	expect_beside("r.csv", BUNDLED_REGISTRY, OFFLINE "--guard 100", 0, "out/s.db: new, 11 assignments\n", NULL);
}

/* Of the first update of all, where there is no previous one either. */
TEST(the_guard_measures_by_the_vendors_snapshot_where_there_is_no_other)
{
	expect("rm out/s.db && grep -v '^http-alt,591' r.csv >srv/r.csv", 0, "", "");

	const char *command = text(UPDATE "--retry 0 --url '%s' ", at("file/r.csv"));

	expect_beside("s.db", VENDOR_SNAPSHOT, command, 3, "",
		      "ianareg: " VENDOR_SNAPSHOT
		      ": refused: 1 of 11 assignments would vanish, more than 5%; --force lets them go\n");
	expect("ls -A out", 0, "", "");
	expect_beside("s.db", VENDOR_SNAPSHOT, text("%s --guard 10", command), 0, "out/s.db: new, 10 assignments\n",
		      "");
	expect_tidy();
}

TEST_PROGRAM(.set_up = start_server, .tear_down = stop_server, .set_up_each = start_with_a_target,
	     .missing = missing_curl);
