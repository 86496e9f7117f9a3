/* SPDX-License-Identifier: MIT */
/* `ianareg update` and `rollback`: options, guard, lock, what is kept, and what a kill leaves. */
#include <unistd.h>

#ifndef BUNDLED_REGISTRY
#define BUNDLED_REGISTRY "/usr/share/ianareg/service-names-port-numbers.csv"
#endif

#include "tests/support/update_tool.h"

#define CHANGED "out/s.db: 1 added\n"

/* ---- the guard ---- */

/* A registry of so many rows, from number `first` on. */
static void put_rows(const char *name, unsigned first, unsigned count)
{
	expect(text("{ head -n 1 r.csv; seq %u %u | sed 's/.*/name-&,&,tcp,,,,,,,,,/'; } >%s", first, first + count - 1,
		    name),
	       0, "", "");
}

TEST(five_percent_may_vanish_and_no_more)
{
	put_rows("hundred.csv", 1, 100);
	expect("ianareg compile -o out/s.db hundred.csv && cp out/s.db old.db", 0, "", "");
	put_rows("srv/r.csv", 7, 94);
	expect_refused("file/r.csv", "", 3, "out/s.db: refused: 6 of 100 assignments would vanish, more than 5%");
	expect_update("file/r.csv", "--guard 6", 0, "out/s.db: 6 removed\n");
	expect("mv out/s.db.prev out/s.db", 0, "", "");
	put_rows("srv/r.csv", 6, 95);
	expect_update("file/r.csv", "", 0, "out/s.db: 5 removed\n");
}

TEST(what_is_added_makes_up_for_nothing)
{
	put_rows("hundred.csv", 1, 100);
	expect("ianareg compile -o out/s.db hundred.csv && cp out/s.db old.db", 0, "", "");
	put_rows("srv/r.csv", 51, 200);
	expect_refused("file/r.csv", "", 3, "50 of 100 assignments would vanish");
}

TEST(force_lets_everything_go)
{
	put_rows("hundred.csv", 1, 100);
	expect("ianareg compile -o out/s.db hundred.csv", 0, "", "");
	put_rows("srv/r.csv", 1, 1);
	expect_update("file/r.csv", "--force --minimum 5000", 0, "out/s.db: 99 removed\n");
}

TEST(fewer_than_the_minimum_are_refused)
{
	put_rows("srv/r.csv", 1, 99);
	expect("rm out/s.db", 0, "", "");
	expect_update("file/r.csv", "--minimum 100", 3, "");
	expect("ls -A out cache", 0, "cache:\n\nout:\n", "");
	expect_update("file/r.csv", "--minimum 99 --guard 100", 0, "out/s.db: new, 99 assignments\n");
}

TEST(a_whole_registry_must_keep_5000_unless_something_else_is_said)
{
	expect(text("ianareg update --config /dev/null -o out/s.db --guard 100 --url '%s'", at("file/r.csv")), 3, "",
	       "ianareg: out/s.db: refused: 11 assignments would remain, fewer than 5000; --force takes them\n");
}

TEST(a_target_that_is_no_snapshot_is_replaced)
{
	expect("echo garbage >out/s.db", 0, "", "");
	expect_update("file/r.csv", "--guard 100 2>err", 0, "out/s.db: new, 11 assignments\n");
	expect("cat err; cmp out/s.db s.db; cat out/s.db.prev", 0,
	       "ianareg: out/s.db: is not an ianareg snapshot; a valid one is to replace it\ngarbage\n", "");
	expect_tidy();
}

/* The guard measures by it, and it is not lost. */
TEST(a_sound_previous_one_outlives_what_is_no_snapshot)
{
	put_rows("hundred.csv", 1, 100);
	expect("ianareg compile -o out/s.db.prev hundred.csv && cp out/s.db.prev kept.db && echo garbage >out/s.db", 0,
	       "", "");
	put_rows("srv/r.csv", 7, 94);
	expect_update("file/r.csv", "2>err", 3, "");
	expect("tail -n 1 err; cat out/s.db", 0,
	       "ianareg: out/s.db.prev: refused: 6 of 100 assignments would vanish, more than 5%; --force lets them "
	       "go\ngarbage\n",
	       "");
	put_rows("srv/r.csv", 6, 95);
	expect_update("file/r.csv", "", 0, "out/s.db: new, 95 assignments\n");
	expect("cmp out/s.db.prev kept.db && ianareg rollback out/s.db && cmp out/s.db kept.db", 0,
	       "out/s.db: 5 added\n", "");
	expect_tidy();
}

TEST(where_nothing_is_in_place_the_guard_measures_by_the_previous_one)
{
	put_rows("hundred.csv", 1, 100);
	expect("ianareg compile -o out/s.db.prev hundred.csv && rm out/s.db", 0, "", "");
	put_rows("srv/r.csv", 51, 50);
	expect_update("file/r.csv", "", 3, "");
	expect_update("file/r.csv", "--force", 0, "out/s.db: new, 50 assignments\n");
}

/* The server wants to be asked again, a second later. */
TEST(a_target_that_changed_while_the_server_was_asked_is_compared_as_it_is_then)
{
	if (atomic_load(&server.log->requests) % 2)
		expect_refused("file/none.csv", "", 4, "404");
	expect(text("{ " UPDATE "--retry 1 --url '%s' & } 2>/dev/null; update=$!; until test -e out/.s.db.lock; do "
		    "sleep 0.01; done; sleep 0.3; cp s.db new.db; mv new.db out/s.db; wait $update",
		    at("flaky/r.csv")),
	       0, "out/s.db: unchanged\n", NULL);
}

/* ---- what is shown, and what is done ---- */

TEST(a_dry_run_shows_what_would_change_and_keeps_nothing)
{
	expect_update("file/r.csv", "--dry-run | cut -f 1-5", 0, "added\t\tcora-disc\t19220\tudp\n" CHANGED);
	expect("cmp out/s.db old.db; ls -A out; test -e cache", 1, "s.db\n", "");
}

TEST(a_dry_run_is_refused_by_the_guard_as_well)
{
	expect("head -n 8 r.csv >srv/half.csv", 0, "", "");
	expect_update("file/half.csv", "--dry-run >seen", 3, NULL);
	expect("tail -n 1 seen | cut -c 1-9; cmp out/s.db old.db", 0, "out/s.db:\n", "");
}

TEST(an_update_that_changes_nothing_touches_nothing)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("rm out/s.db.prev && touch -d 2001-01-01 out/s.db && stat -c '%i %Y' out/s.db >before", 0, "", "");
	expect_update("file/r.csv", "", 0, "out/s.db: unchanged\n");
	expect("stat -c '%i %Y' out/s.db | cmp - before; ls -A out", 0, "s.db\n", "");
}

TEST(other_options_change_the_target_though_the_registry_did_not)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect_update("file/r.csv", "--max-port 79", 0, NULL);
	expect("ianareg lookup --snapshot out/s.db --json http | grep -c '\"answer\": null'", 0, "1\n", NULL);
	expect_update("file/r.csv", "--protocols udp", 0, NULL);
	expect_tidy();
}

TEST(a_target_of_another_mode_is_made_readable_again)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("chmod 600 out/s.db", 0, "", "");
	expect_update("file/r.csv", "", 0, "out/s.db: no changes\n");
	expect("stat -c %a out/s.db", 0, "644\n", "");
}

TEST(the_target_is_by_default_the_snapshot_in_use)
{
	expect(text("export IANAREG_SNAPSHOT=out/mine.db; ianareg update --guard 100 --config conf --url '%s' && cmp "
		    "out/mine.db "
		    "s.db",
		    at("file/r.csv")),
	       0, "out/mine.db: new, 11 assignments\n", "");
}

TEST(what_cannot_be_a_target_is_refused_before_anything_is_asked)
{
	const unsigned before = atomic_load(&server.log->requests);

	expect_update("file/r.csv", "-o -", 1, "");
	expect_update("file/r.csv", "-o ''", 1, "");
	expect_update("file/r.csv", "-o r.csv --overlay r.csv", 1, "");
	expect("ln -s s.db out/link && mkdir out/dir && mkfifo out/fifo && ln -s s.db out/k.db.prev", 0, "", "");
	expect_update("file/r.csv", "-o none/s.db 2>err || cat err; test ! -s err", 1,
		      "ianareg: none/s.db: cannot open its directory: No such file or directory\n");
	expect_update("file/r.csv", "-o out/link 2>err || cat err; test ! -s err", 1,
		      "ianareg: out/link: is a symbolic link; name the file itself\n");
	expect_update("file/r.csv", "-o out/dir 2>err || cat err; test ! -s err", 1,
		      "ianareg: out/dir: is a directory\n");
	expect_update("file/r.csv", "-o out/fifo 2>err || cat err; test ! -s err", 1,
		      "ianareg: out/fifo: is not a regular file\n");
	expect_update("file/r.csv", "-o /dev/null 2>err || cat err; test ! -s err", 1,
		      "ianareg: /dev/null: is not a regular file\n");
	expect_update("file/r.csv", "-o out/k.db 2>err || cat err; test ! -s err", 1,
		      "ianareg: out/k.db.prev: is a symbolic link; name the file itself\n");
	expect("ls -A out", 0, "dir\nfifo\nk.db.prev\nlink\ns.db\n", "");
	expect_update("file/r.csv", "more", 1, "");
	expect_update("file/r.csv", "--max-time x", 1, "");
	expect_update("file/r.csv", "--max-time 0", 1, ""); /* to curl that is for ever */
	expect_update("file/r.csv", "--retry 11", 1, "");
	expect_update("file/r.csv", "--guard 101", 1, "");
	assert_int_equal(atomic_load(&server.log->requests), before);
}

TEST(warnings_are_counted_when_they_are_many)
{
	expect("{ cat r.csv; seq 100 | sed 's/.*/bad-&,70000,tcp,,,,,,,,,/'; } >srv/r.csv", 0, "", "");
	expect_update("file/r.csv", "2>err", 0, CHANGED);
	expect("grep -c ':[0-9]*: ' err; tail -n 1 err | sed 's/.*: //'", 0, "20\nand 80 more warnings\n", "");
}

TEST(a_parent_that_ignores_the_end_of_its_children_is_no_matter)
{
	expect(text("env --ignore-signal=CHLD " UPDATE "--retry 0 --url '%s'", at("file/r.csv")), 0, CHANGED, "");
	expect_replaced();
}

TEST(closed_standard_streams_are_no_matter)
{
	expect_update("file/r.csv", "<&- >&- 2>&-", 0, "");
	expect_replaced();
	expect_update("status/500", "<&- >&- 2>&-", 4, "");
	expect_replaced();
}

/* ---- without a network ---- */

TEST(offline_takes_what_was_fetched_last)
{
	const unsigned before = atomic_load(&server.log->requests);

	expect_update("file/r.csv", "", 0, CHANGED);
	expect("rm out/s.db", 0, "", "");
	expect_update("file/r.csv", "--offline --guard 100", 0, "out/s.db: new, 11 assignments\n");
	assert_int_equal(atomic_load(&server.log->requests), before + 1);
	expect("cmp out/s.db s.db", 0, "", "");
}

TEST(offline_with_nothing_at_all_changes_nothing)
{
	if (access(BUNDLED_REGISTRY, R_OK) == 0)
		skip(); /* the machine has one installed */
	expect_update("file/r.csv", "--offline", 1, "");
	expect("cmp out/s.db old.db; test -e cache", 1, "", "");
}

/* ---- one at a time ---- */

/* Start an update that takes seconds, and wait until it has its lock. */
#define SLOW_UPDATE                                                                                         \
	UPDATE "--retry 0 --max-time 20 --url '%s' 2>slow.err & slow=$!; until test -e out/.s.db.lock; do " \
	       "sleep 0.01; done; "

TEST(a_second_update_of_the_target_is_for_later)
{
	expect(text(SLOW_UPDATE UPDATE
		    "--offline; echo $?; ianareg rollback out/s.db; echo $?; kill $slow; { wait $slow; } 2>/dev/null",
		    at("silent")),
	       128 + 15, "4\n4\n",
	       "ianareg: out/s.db: another update or rollback is at work on it\n"
	       "ianareg: out/s.db: another update or rollback is at work on it\n");
	expect("cmp out/s.db old.db; ls -A out", 0, "s.db\n", "");
	expect_tidy();
}

TEST(an_update_of_another_target_goes_on)
{
	expect(text(SLOW_UPDATE "ianareg update --config conf --guard 100 -o out/t.db --url '%s'; kill $slow; { wait "
				"$slow; } 2>/dev/null",
		    at("silent"), at("file/r.csv")),
	       128 + 15, "out/t.db: new, 11 assignments\n", NULL);
	expect("rm out/t.db", 0, "", "");
	expect_tidy();
}

/* A zombie counts as dead: whoever is to bury it may be slow. */
TEST(a_signal_ends_an_update_and_its_children_and_leaves_nothing)
{
	expect(text(SLOW_UPDATE
		    "until child=$(cat /proc/$slow/task/$slow/children) && test -n \"$child\"; do sleep 0.01; "
		    "done; kill $slow; { wait $slow; } 2>/dev/null; echo $?; sleep 0.1; "
		    "grep 'State:.*[RSD] ' /proc/${child%% }/status",
		    at("silent")),
	       1, "143\n", NULL);
	expect("cmp out/s.db old.db; ls -A out cache", 0, "cache:\n\nout:\ns.db\n", "");
}

TEST(what_a_killed_update_left_is_removed_by_the_next)
{
	expect(text(SLOW_UPDATE "kill -9 $slow; wait $slow; ls -A out", at("silent")), 0, ".s.db.lock\ns.db\n", NULL);
	expect("echo x >out/.ianareg-aaaaaa", 0, "", "");
	expect_update("file/r.csv", "", 0, CHANGED);
	expect_replaced();
}

TEST(what_was_left_goes_though_nothing_changes)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("echo x >out/.ianareg-aaaaaa; : >out/.s.db.lock", 0, "", "");
	expect_update("file/r.csv", "", 0, "out/s.db: unchanged\n");
	expect_replaced();
}

/* Anybody may hold a lock on what he can read, and so could keep updates away for ever. */
TEST(a_lock_on_the_directory_or_the_target_is_no_matter)
{
	expect(text("flock out flock out/s.db " UPDATE "--url '%s'", at("file/r.csv")), 0, CHANGED, "");
	expect_replaced();
}

/* ---- rollback ---- */

TEST(rollback_puts_the_previous_back_and_again_forward)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("ianareg rollback out/s.db && cmp out/s.db old.db && cmp out/s.db.prev s.db", 0, "out/s.db: 1 removed\n",
	       "");
	expect_tidy();
	expect("ianareg rollback -o out/s.db", 0, CHANGED, "");
	expect_replaced();
}

TEST(rollback_works_though_the_present_is_gone_or_broken)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("rm out/s.db && ianareg rollback out/s.db && cmp out/s.db old.db && ls -A out", 0,
	       "out/s.db: new, 10 assignments\ns.db\n", "");
	expect("cp s.db out/s.db.prev && echo x >out/s.db && ianareg rollback out/s.db 2>/dev/null && cmp out/s.db "
	       "s.db",
	       0, "out/s.db: new, 11 assignments\n", "");
}

TEST(rollback_to_nothing_is_trouble)
{
	expect("ianareg rollback out/s.db", 1, "", "ianareg: out/s.db.prev: No such file or directory\n");
	expect("cmp out/s.db old.db; ls -A out", 0, "s.db\n", "");
}

TEST(rollback_to_what_is_not_sound_is_refused)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("printf X | dd of=out/s.db.prev bs=1 seek=3000 conv=notrunc 2>/dev/null; ianareg rollback out/s.db", 3,
	       "", "ianareg: out/s.db.prev: does not match its checksum\n");
	expect("cmp out/s.db s.db", 0, "", "");
	expect_tidy();
}

TEST(rollback_with_closed_standard_streams_is_as_any_other)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("ianareg rollback out/s.db <&- >&- 2>&- && cmp out/s.db old.db && cmp out/s.db.prev s.db", 0, "", "");
	expect_tidy();
}

TEST(rollback_to_what_another_user_owns_is_refused)
{
	if (geteuid() != 0) {
		puts("note: not root: files of other users are not tested");
		skip();
	}
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("chown 65534 out/s.db.prev && ianareg rollback out/s.db", 1, "",
	       "ianareg: out/s.db.prev: belongs to another user, who may have written it\n");
	expect("cmp out/s.db s.db && cmp out/s.db.prev old.db", 0, "", "");
}

TEST(rollback_takes_one_file)
{
	expect("ianareg rollback a b", 1, "", NULL);
	expect("ianareg rollback -o a b", 1, "", NULL);
	expect("ianareg rollback -", 1, "", NULL);
	expect("ianareg rollback --frob", 1, "", NULL);
	expect("ianareg rollback --help | head -n 1", 0, "Usage: ianareg rollback [-o FILE] [FILE]\n", "");
}

TEST_PROGRAM(.set_up = start_server, .tear_down = stop_server, .set_up_each = start_with_a_target,
	     .missing = missing_curl);
