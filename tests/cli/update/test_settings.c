/* SPDX-License-Identifier: MIT */
/* The configuration of update: what it takes, what it refuses and where, and that the command line wins. */
#include <unistd.h>

#include "tests/support/update_tool.h"

#define CHANGED "out/s.db: 1 added\n"

/* Update with those lines as the configuration. */
static void expect_with(const char *lines, const char *arguments, int status, const char *out, const char *err)
{
	put_file("lines", lines);
	expect(text("ianareg update --config lines -o out/s.db --retry 0 %s", arguments), status, out, err);
}

TEST(the_address_may_come_from_the_file)
{
	expect_with(text("# of this site\n\n\turl = %s \t# a mirror\r\nminimum=1\n", at("file/r.csv")), "", 0, CHANGED,
		    "");
	expect_replaced();
}

TEST(the_command_line_wins_over_the_file)
{
	expect_with("url = https://mirror.invalid/\nminimum = 5000\nmax-port = 1\nprotocols = udp\nguard = 0\n",
		    text("--url '%s' --minimum 1 --max-port 65535 --protocols tcp,udp,sctp,dccp --guard 5",
			 at("file/r.csv")),
		    0, CHANGED, "");
	expect_replaced();
}

TEST(overlays_of_the_file_are_taken_though_only_root_may_read_them)
{
	expect("mkdir -p -m 700 site && echo 'ours 80/tcp' >site/services && chmod 600 site/services", 0, "", "");
	expect_with(text("minimum = 1\noverlay = %s/site/services\nurl = %s\n", scratch_dir(), at("file/r.csv")), "", 0,
		    NULL, "");
	expect("ianareg lookup --snapshot out/s.db ours | cut -f 1,2", 0, "ours\t80\n", "");
}

TEST(overlays_of_the_command_line_come_first)
{
	expect("echo 'ours 80/tcp' >first && echo 'theirs 80/tcp' >second", 0, "", "");
	expect_with(text("minimum = 1\noverlay = %s/second\nurl = %s\n", scratch_dir(), at("file/r.csv")),
		    "--overlay first", 0, NULL, "");
	expect("ianareg export --format services --snapshot out/s.db | awk '$2 == \"80/tcp\" { print $1; exit }'", 0,
	       "ours\n", "");
}

TEST(options_of_the_file_limit_the_registry)
{
	expect_with(text("minimum = 1\nmax-port = 80\nprotocols = tcp\nurl = %s\n", at("file/r.csv")), "", 0, NULL, "");
	expect("ianareg export --format services --snapshot out/s.db | grep -v '^#' | awk '{print $1, $2}'", 0,
	       "http 80/tcp\n", "");
}

TEST(an_overlay_that_cannot_be_read_is_trouble)
{
	expect_with(text("minimum = 1\noverlay = /nonexistent/site\nurl = %s\n", at("file/r.csv")), "", 1, "",
		    "ianareg: /nonexistent/site: No such file or directory\n");
	expect("cmp out/s.db old.db", 0, "", "");
}

TEST(an_overlay_that_is_no_text_is_invalid)
{
	expect("printf 'x 1/tcp\\n\\0' >nul.site", 0, "", "");
	expect_with(text("minimum = 1\nurl = %s\n", at("file/r.csv")), "--overlay nul.site", 3, "",
		    "ianareg: nul.site:2: has a NUL byte: not a services(5) file\n");
	expect("cmp out/s.db old.db", 0, "", "");
}

/* Each with its line; nothing is asked of anybody. */
TEST(lines_that_make_no_sense_are_named)
{
	expect_with(
		"\nurll = https://x/\nurl\nurl =\nguard = 101\nguard = 5\nminimum = -1\nmax-port = 70000\n"
		"protocols = icmp\noverlay = relative\nurl = file:///x\n= 5\n",
		"", 1, "",
		"ianareg: lines:2: \"urll\" is no setting\n"
		"ianareg: lines:3: \"url\" has no value\n"
		"ianareg: lines:4: \"url\" has no value\n"
		"ianareg: lines:5: \"guard\" takes a percentage from 0 to 100\n"
		"ianareg: lines:6: \"guard\" is given twice\n"
		"ianareg: lines:7: \"minimum\" takes a number of assignments\n"
		"ianareg: lines:8: \"max-port\" takes a number from 0 to 65535\n"
		"ianareg: lines:9: \"protocols\" takes some of tcp,udp,sctp,dccp\n"
		"ianareg: lines:10: \"overlay\" is not an absolute path\n"
		"ianareg: lines:11: \"url\" is given twice\n"
		"ianareg: lines:12: \"\" is no setting\n");
	expect("ls -A out; test -e cache", 1, "s.db\n", "");
}

TEST(a_value_that_is_overruled_must_make_sense_all_the_same)
{
	expect_with("guard = many\n", "--guard 5", 1, "",
		    "ianareg: lines:1: \"guard\" takes a percentage from 0 to 100\n");
}

TEST(plain_http_in_the_file_needs_a_word_on_the_command_line)
{
	expect_with("url = http://192.0.2.1/\n", "", 1, "",
		    "ianareg: http://192.0.2.1/: is not https; --allow-http would let it pass\n");
	expect_with("url = http://192.0.2.1/\nallow-http = yes\n", "", 1, "",
		    "ianareg: lines:2: \"allow-http\" is no setting\n");
}

TEST(a_named_file_must_be_there_and_be_text)
{
	expect("ianareg update --config none -o out/s.db", 1, "", "ianareg: none: No such file or directory\n");
	expect("ianareg update --config . -o out/s.db", 1, "", "ianareg: .: is a directory\n");
	expect("printf 'guard = 5\\n\\0' >nul; ianareg update --config nul -o out/s.db", 1, "",
	       "ianareg: nul: has a NUL byte\n");
}

TEST(a_user_that_is_not_there_or_is_root_is_refused)
{
	if (geteuid() != 0)
		skip(); /* who is not root stays who he is */
	expect_with(text("user = no-such-user\nurl = %s\n", at("file/r.csv")), "", 1, "",
		    "ianareg: no-such-user: no such user; update needs an unprivileged user to parse downloads\n");
	expect_with(text("user = root\nurl = %s\n", at("file/r.csv")), "", 1, "",
		    "ianareg: root: has root's rights; update needs a user without\n");
	expect("ls -A out; test -e cache", 1, "s.db\n", "");
}

TEST_PROGRAM(.set_up = start_server, .tear_down = stop_server, .set_up_each = start_with_a_target,
	     .missing = missing_curl);
