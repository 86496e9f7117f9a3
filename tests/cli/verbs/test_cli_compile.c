/* SPDX-License-Identifier: MIT */
/* `ianareg compile`: sources and their order, options, what is refused, and that the output then stays as it was. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cli_tool.h"

#define HEAD "Service Name,Port Number,Transport Protocol\n"

/* Compile with those arguments into c.db and see what `ianareg lookup` of the keys shows in the first three cells. */
static void expect_lookup(const char *compile_arguments, const char *keys, const char *cells)
{
	expect(text("rm -f c.db && ianareg compile -o c.db %s", compile_arguments), 0, "", "");
	expect(text("ianareg lookup --snapshot c.db --json %s | tr -d ' \\n' | grep -o '\"answer\":[^}]*' | cut -d: "
		    "-f2-",
		    keys),
	       0, cells, NULL);
}

#define ANSWER(name, aliases, port, protocol) \
	"{\"name\":\"" name "\",\"aliases\":[" aliases "],\"port\":" #port ",\"protocol\":\"" protocol "\"\n"

/* Compile with those arguments and see all that answers. */
static void expect_entries(const char *compile_arguments, const char *entries)
{
	expect(text("rm -f c.db && ianareg compile -o c.db %s && ianareg export --snapshot c.db --format services |"
		    " grep -v '^#' | awk '{print $1, $2}'",
		    compile_arguments),
	       0, entries, "");
}

TEST(a_compile_is_silent_and_its_output_proves_sound)
{
	expect("ianareg compile -o new.db r.csv", 0, "", "");
	expect("ianareg verify new.db", 0, "new.db: valid: 72 entries, 9 names, 15 rows\n", "");
}

TEST(the_same_registry_gives_the_same_bytes)
{
	expect("sed 's/$/\\r/' r.csv >crlf.csv && ianareg compile -o crlf.db crlf.csv", 0, "", "");
	expect("TZ=Asia/Tokyo LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 ianareg compile -o tr.db ./r.csv && cmp tr.db s.db",
	       0, "", "");
	expect("ianareg compile -o in.db - <r.csv && cmp in.db s.db", 0, "", "");
}

TEST(the_first_overlay_named_wins_over_later_ones_and_the_registry)
{
	put_file("first", "mine 80/tcp m1\n");
	put_file("second", "yours 80/tcp\nyours 81/tcp\n");
	expect_lookup("--overlay first --overlay second r.csv", "80/tcp 81 mine",
		      ANSWER("mine", "\"m1\"", 80, "tcp") ANSWER("yours", "", 81, "tcp")
			      ANSWER("mine", "\"m1\"", 80, "tcp"));
}

TEST(an_overlay_in_csv_is_known_by_its_heads)
{
	put_file("o.csv", "\xef\xbb\xbfPort Number, \"Service Name\" ,Transport Protocol\n80,mine,tcp\n");
	expect_lookup("--overlay o.csv r.csv", "80", ANSWER("mine", "", 80, "tcp"));
	put_file("o.lines", "# Service Name, as it were\nServiceName 80/tcp\n");
	expect_lookup("--overlay o.lines r.csv", "80", ANSWER("ServiceName", "", 80, "tcp"));
}

TEST(a_comment_that_speaks_of_heads_makes_no_csv)
{
	put_file("site", "# Port, Service Name\nours 81/tcp\n");
	expect("ianareg compile -o o.db --overlay site r.csv && ianareg lookup --snapshot o.db ours/tcp | cut -f 1,2",
	       0, "ours\t81\n", "");
}

TEST(an_overlay_in_csv_may_begin_with_blank_lines)
{
	put_file("site.csv", "\n\n" CSV_HEAD "ours,81,tcp,,,,,,,,,\n");
	expect("ianareg compile -o o.db --overlay site.csv r.csv && ianareg lookup --snapshot o.db ours/tcp | cut -f "
	       "1,2",
	       0, "ours\t81\n", "");
}

TEST(an_overlay_that_is_no_text_is_refused)
{
	expect("printf 'x 1/tcp\\n\\0' >site; ianareg compile -o none.db --overlay site r.csv", 3, "",
	       "ianareg: site:2: has a NUL byte: not a services(5) file\n");
	expect("test -e none.db", 1, "", "");
}

TEST(the_registry_read_from_standard_input_is_not_overwritten)
{
	expect("cp r.csv in.csv; ianareg compile -o in.csv - <in.csv", 1, "",
	       "ianareg: in.csv: is both input and output\n");
	expect("cmp r.csv in.csv", 0, "", "");
}

TEST(a_signal_in_the_middle_of_writing_leaves_nothing_behind)
{
	expect("mkdir -p cut && (ulimit -f 1; ianareg compile -o cut/s.db r.csv) 2>/dev/null; ls -A cut", 0, "", NULL);
}

TEST(http_alt_is_preferred_at_8080_unless_an_overlay_says_otherwise)
{
	expect_lookup("r.csv", "http-alt", ANSWER("http-alt", "", 8080, "tcp"));
	put_file("alt", "http-alt 591/tcp\n");
	expect_lookup("--overlay alt r.csv", "http-alt", ANSWER("http-alt", "", 591, "tcp"));
}

TEST(max_port_limits_the_registry_but_not_overlays)
{
	put_file("high", "high 40000/tcp\n");
	expect_entries("--max-port 80 --overlay high r.csv", "high 40000/tcp\nhttp 80/tcp\n");
}

TEST(protocols_limit_the_registry)
{
	expect_entries("--protocols udp,sctp r.csv", "boe-cms 6400/udp\ncora-disc 19220/udp\n");
}

TEST(options_that_make_no_sense_are_usage_errors)
{
	expect("ianareg compile --max-port 65536 r.csv", 1, "",
	       "ianareg: --max-port: takes a number from 0 to 65535\n");
	expect("ianareg compile --max-port -1 r.csv", 1, "", "ianareg: --max-port: takes a number from 0 to 65535\n");
	expect("ianareg compile --protocols tcp,icmp r.csv", 1, "",
	       "ianareg: --protocols: takes some of tcp,udp,sctp,dccp\n");
	expect("ianareg compile --protocols '' r.csv", 1, "",
	       "ianareg: --protocols: takes some of tcp,udp,sctp,dccp\n");
	expect("ianareg compile --frob r.csv", 1, "", "ianareg: --frob: no such option; see ianareg compile --help\n");
	expect("ianareg compile", 1, "", "ianareg: compile: which registry; see ianareg compile --help\n");
	expect("ianareg compile r.csv r.csv", 1, "",
	       "ianareg: compile: one registry at a time; see ianareg compile --help\n");
	expect("ianareg compile -o - r.csv", 1, "",
	       "ianareg: -o -: a snapshot goes to a file, not to standard output\n");
	expect("ianareg compile -o '' r.csv", 1, "", "ianareg: -o: a file needs a name\n");
}

TEST(the_output_is_by_default_the_snapshot_in_use)
{
	expect("IANAREG_SNAPSHOT=default.db ianareg compile r.csv && cmp default.db s.db", 0, "", "");
}

TEST(doubtful_rows_are_counted_and_strict_refuses_them)
{
	put_file("doubt.csv", HEAD "good,1,tcp\nbad,70000,tcp\nworse,10-5,tcp\n");
	struct run result = in_scratch("ianareg compile -o doubt.db doubt.csv");

	assert_int_equal(result.status, 0);
	assert_string_equal(result.out, "");
	assert_non_null(strstr(result.err, "ianareg: doubt.csv:3: "));
	assert_non_null(strstr(result.err, "ianareg: doubt.csv:4: "));
	assert_non_null(strstr(result.err, "\nianareg: compile: 2 rows skipped or suspicious\n"));
	free_run(&result);
	expect("echo kept >strict.db; ianareg compile --strict -o strict.db doubt.csv 2>&1 | tail -n 1; cat strict.db",
	       0, "ianareg: compile: refused: 2 rows skipped or suspicious\nkept\n", "");
	expect("ianareg compile --strict -o strict.db doubt.csv", 3, "", NULL);
	expect("ianareg compile --strict -o strict.db r.csv && cmp strict.db s.db", 0, "", "");
}

/* Nothing is published: what was there stays, and nothing is left beside it. */
static void expect_untouched(const char *arguments, int status, const char *err)
{
	expect("rm -rf out && mkdir out && echo kept >out/it.db", 0, "", "");
	expect(text("timeout 10 ianareg compile -o out/it.db %s", arguments), status, "", err);
	expect("ls -A out && cat out/it.db", 0, "it.db\nkept\n", "");
}

TEST(invalid_data_leaves_the_output_as_it_was)
{
	put_file("torn.csv", HEAD "a,1,\"tcp\n");
	put_file("short.csv", HEAD "a,1\n");
	put_file("nohead.csv", "a,1,tcp\n");
	expect_untouched("torn.csv", 3, NULL);
	expect_untouched("short.csv", 3, NULL);
	expect_untouched("nohead.csv", 3, NULL);
	expect_untouched("/dev/null", 3, NULL);
	expect_untouched("- </dev/null", 3, "ianareg: standard input: is empty: not a registry CSV\n");
	expect_untouched("--overlay torn.csv r.csv", 3, NULL);
}

TEST(what_is_no_file_is_named_and_refused)
{
	expect_untouched("none.csv", 1, "ianareg: none.csv: No such file or directory\n");
	expect_untouched(".", 1, "ianareg: .: is a directory\n");
	expect_untouched("- <.", 1, "ianareg: standard input: is a directory\n");
	expect_untouched("- <&-", 1, "ianareg: standard input: Bad file descriptor\n");
	expect_untouched("--overlay none r.csv", 1, "ianareg: none: No such file or directory\n");
	expect_untouched("--overlay . r.csv", 1, "ianareg: .: is a directory\n");
}

TEST(a_fifo_without_a_writer_reads_as_empty)
{
	expect("mkfifo fifo", 0, "", "");
	expect_untouched("fifo", 3, "ianareg: fifo: is empty: not a registry CSV\n");
	expect_untouched("--overlay fifo none.csv", 1, "ianareg: none.csv: No such file or directory\n");
}

TEST(a_fifo_with_a_writer_is_read_to_its_end)
{
	expect("mkfifo slow; { sleep 0.3; cat r.csv; } >slow & exec 3<slow && timeout 10 ianareg compile -o slow.db "
	       "slow &&"
	       " cmp slow.db s.db",
	       0, "", "");
}

TEST(an_endless_input_is_refused)
{
	expect_untouched("/dev/zero", 3, NULL);
	expect_untouched("--overlay /dev/zero r.csv", 3, "ianareg: /dev/zero: is longer than 268435456 bytes\n");
}

TEST(a_device_as_output_is_refused)
{
	struct stat before, after;

	assert_int_equal(stat("/dev/full", &before), 0);
	expect("ianareg compile -o /dev/full r.csv", 1, "", "ianareg: /dev/full: is not a regular file\n");
	assert_int_equal(stat("/dev/full", &after), 0);
	assert_true(S_ISCHR(after.st_mode));
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mode, before.st_mode);
}

TEST(an_output_that_is_a_symbolic_link_is_refused)
{
	expect("echo kept >target && ln -s target link.db", 0, "", "");
	expect("ianareg compile -o link.db r.csv", 1, "", NULL);
	expect("readlink link.db && cat target", 0, "target\nkept\n", "");
}

TEST(an_output_in_no_directory_is_refused)
{
	expect("ianareg compile -o none/c.db r.csv", 1, "", NULL);
	expect("ianareg compile -o r.csv/c.db r.csv", 1, "", NULL);
	expect("mkdir -p d.db && ianareg compile -o d.db r.csv", 1, "", NULL);
}

TEST(an_unwritable_directory_is_refused)
{
	if (geteuid() == 0)
		skip(); /* root writes everywhere */
	expect("mkdir shut && chmod 555 shut && ianareg compile -o shut/c.db r.csv", 1, "", NULL);
}

TEST(an_input_is_never_the_output)
{
	expect("cp r.csv both.csv && ianareg compile -o both.csv ./both.csv", 1, "",
	       "ianareg: both.csv: is both input and output\n");
	expect("ianareg compile -o both.csv --overlay both.csv r.csv", 1, "",
	       "ianareg: both.csv: is both input and output\n");
	expect("cmp both.csv r.csv", 0, "", "");
}

TEST(a_compile_with_standard_output_closed_succeeds)
{
	expect("ianareg compile -o closed.db r.csv >&- && cmp closed.db s.db", 0, "", "");
}

TEST_PROGRAM(.set_up = make_small_snapshot);
