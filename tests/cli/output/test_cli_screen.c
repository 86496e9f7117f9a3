/* SPDX-License-Identifier: MIT */
/* `ianareg lookup` on a terminal: blocks, tables, widths, colours. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "tests/support/cli_tool.h"
#include "tests/support/pty.h"

static void expect_screen(const char *command, unsigned short columns, const char *expected)
{
	struct screen screen = screen_of(scratch_command(command), columns);

	assert_int_equal(screen.status, 0);
	assert_string_equal(screen.text, expected);
	free_screen(&screen);
}

TEST(few_rows_are_blocks_of_labelled_lines)
{
	expect_screen("ianareg www", 50,
		      "Service name:     http\n"
		      "Aliases:          www\n"
		      "Port:             80\n"
		      "Protocol:         tcp\n"
		      "Status:           Assigned\n"
		      "Description:      World Wide Web HTTP\n"
		      "Assignee:         [IESG]\n"
		      "Contact:          [Chair]\n"
		      "Modified:         2021-10-01\n"
		      "Reference:        [RFC9110]\n"
		      "Notes:            Defined TXT keys\n"
		      "\n"
		      "Service name:     www\n"
		      "Port:             80\n"
		      "Protocol:         tcp\n"
		      "Status:           Assigned\n"
		      "Description:      World Wide Web HTTP\n"
		      "Assignee:         [IESG]\n"
		      "Contact:          [Chair]\n"
		      "Modified:         2021-10-01\n"
		      "Reference:        [RFC9110]\n"
		      "Notes:            This is a duplicate of the\n"
		      "                  \"http\" service and should not be\n"
		      "                  used.\n");
}

TEST(ports_without_a_name_have_their_status_in_words)
{
	expect_screen("ianareg 19200", 80, "Status:           Unassigned 19195-19219\n");
	expect_screen("ianareg 0", 80,
		      "Port:             0\n"
		      "Protocol:         tcp\n"
		      "Status:           Reserved\n"
		      "Modified:         2024-12-20\n"
		      "Reference:        [RFC6335]\n");
}

TEST(unauthorised_use_is_part_of_the_status)
{
	expect_screen("ianareg 6010", 80,
		      "Service name:     x11\n"
		      "Ports:            6000-6063\n"
		      "Protocol:         tcp\n"
		      "Status:           Assigned; unauthorised use reported\n"
		      "Description:      X Window System\n"
		      "Assignee:         [Stephen]\n"
		      "Contact:          [Stephen]\n"
		      "Unauthorised use: Known Unauthorized Use on port 6003\n");
}

TEST(rows_that_differ_in_their_protocol_alone_are_one_block)
{
	put_file("both.csv", CSV_HEAD
		 "echo,7,tcp,Echo,[Jon],,,,,,,\n"
		 "echo,7,udp,Echo,[Jon],,,,,,,\n"
		 "echo,7,sctp,Echo again,[Jon],,,,,,,\n");
	expect("ianareg compile -o both.db both.csv", 0, "", "");
	expect_screen("ianareg --snapshot both.db 7 echo", 80,
		      "Service name:     echo\n"
		      "Port:             7\n"
		      "Protocols:        tcp, udp\n"
		      "Status:           Assigned\n"
		      "Description:      Echo\n"
		      "Assignee:         [Jon]\n"
		      "\n"
		      "Service name:     echo\n"
		      "Port:             7\n"
		      "Protocol:         sctp\n"
		      "Status:           Assigned\n"
		      "Description:      Echo again\n"
		      "Assignee:         [Jon]\n");
}

TEST(more_than_three_rows_are_a_table)
{
	expect_screen("ianareg 6010 585 19200-19220 airplay", 80,
		      "Port         Protocol  Service        Description           Unauthorised use\n"
		      "6000-6063    tcp       x11            X Window System       Known Unauthorized\n"
		      "                                                            Use on port 6003\n"
		      "585                    De-registered\n"
		      "19195-19219            Unassigned\n"
		      "19220        tcp       cora           Client Connection\n"
		      "                                      Management\n"
		      "19220        udp       cora-disc      Discovery\n"
		      "none         tcp       airplay        Protocol for\n"
		      "                                      streaming\n");
}

TEST(a_wide_terminal_shows_more_columns)
{
	expect_screen(
		"ianareg 19200-19220 80", 150,
		"Port         Protocol  Service     Description                   Assignee    Registered  Reference\n"
		"19195-19219            Unassigned\n"
		"19220        tcp       cora        Client Connection Management  [Softvise]  2016-11-10\n"
		"19220        udp       cora-disc   Discovery                     [Softvise]  2016-11-10\n"
		"80           tcp       http        World Wide Web HTTP           [IESG]                  [RFC9110]\n"
		"80           tcp       www         World Wide Web HTTP           [IESG]                  [RFC9110]\n");
}

TEST(rows_that_look_the_same_in_a_table_are_one)
{
	put_file("rtp.csv", CSV_HEAD
		 "avt,7,tcp,RTP,[Jon],,2004-01-01,,,,,\n"
		 "avt,7,udp,RTP,[Jon],,2005-01-01,,,,,\n"
		 "avt,7,dccp,RTP,[Jon],,2006-01-01,,,,,\n"
		 "rtp,8,udp,RTP,[Jon],,2006-01-01,,,,,\n");
	expect("ianareg compile -o rtp.db rtp.csv", 0, "", "");
	expect_screen("ianareg --snapshot rtp.db 7-8", 80,
		      "Port  Protocol        Service  Description\n"
		      "7     tcp, udp, dccp  avt      RTP\n"
		      "8     udp             rtp      RTP\n");
	expect_screen("ianareg --snapshot rtp.db 7-8", 140,
		      "Port  Protocol  Service  Description  Assignee  Registered\n"
		      "7     tcp       avt      RTP          [Jon]     2004-01-01\n"
		      "7     udp       avt      RTP          [Jon]     2005-01-01\n"
		      "7     dccp      avt      RTP          [Jon]     2006-01-01\n"
		      "8     udp       rtp      RTP          [Jon]     2006-01-01\n");
}

TEST(options_choose_the_layout)
{
	expect_screen("ianareg --table cora", 80,
		      "Port   Protocol  Service  Description\n"
		      "19220  tcp       cora     Client Connection Management\n");
	expect_screen("ianareg --long 0-30000 | grep -c '^Port'", 80, "13\n");
}

TEST(in_a_pipe_the_layouts_have_the_width_that_columns_says)
{
	expect("COLUMNS=40 ianareg --long boe-cms 19200", 0,
	       "Service name:     boe-cms\n"
	       "Port:             6400\n"
	       "Status:           Assigned\n"
	       "Description:      Business Objects CMS\n"
	       "Assignee:         [Bo]\n"
	       "Contact:          [Bo]\n"
	       "\n"
	       "Status:           Unassigned 19195-19219\n",
	       "");
	expect("COLUMNS=none ianareg --table cora", 0,
	       "Port   Protocol  Service  Description\n"
	       "19220  tcp       cora     Client Connection Management\n",
	       "");
}

TEST(a_narrow_terminal_gets_texts_below_their_labels)
{
	expect_screen("ianareg cora", 20,
		      "Service name:\n"
		      "  cora\n"
		      "Port:\n"
		      "  19220\n"
		      "Protocol:\n"
		      "  tcp\n"
		      "Status:\n"
		      "  Assigned\n"
		      "Description:\n"
		      "  Client Connection\n"
		      "  Management\n"
		      "Assignee:\n"
		      "  [Softvise]\n"
		      "Contact:\n"
		      "  [Ronny_Kr\xc3\xbcger]\n"
		      "Registered:\n"
		      "  2016-11-10\n");
}

TEST(a_terminal_too_narrow_for_a_table_gets_blocks)
{
	struct screen narrow = screen_of(scratch_command("ianareg --table 0-30000"), 40);

	assert_null(strstr(narrow.text, "Description  "));
	assert_non_null(strstr(narrow.text, "Description:      Discovery\n"));
	free_screen(&narrow);
}

TEST(a_word_longer_than_a_line_is_broken_behind_a_slash)
{
	put_file("long.csv", CSV_HEAD
		 "a,7,tcp,see https://example.org/registry/assignments/table now,,,,,,,,\n"
		 "b,8,tcp,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,,,,,,,,\n");
	expect("ianareg compile -o long.db long.csv", 0, "", "");
	expect_screen("ianareg --snapshot long.db 7 8", 46,
		      "Service name:     a\n"
		      "Port:             7\n"
		      "Protocol:         tcp\n"
		      "Status:           Assigned\n"
		      "Description:      see\n"
		      "                  https://example.org/\n"
		      "                  registry/assignments/table\n"
		      "                  now\n"
		      "\n"
		      "Service name:     b\n"
		      "Port:             8\n"
		      "Protocol:         tcp\n"
		      "Status:           Assigned\n"
		      "Description:      xxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
		      "                  xxxxxxxxxxxx\n");
}

TEST(wide_characters_take_two_columns)
{
	put_file("wide.csv", CSV_HEAD "a,7,tcp,\xe6\xbc\xa2\xe5\xad\x97 \xe6\xbc\xa2\xe5\xad\x97 ab,,,,,,,,\n");
	expect("ianareg compile -o wide.db wide.csv", 0, "", "");
	expect_screen("ianareg --snapshot wide.db 7", 10,
		      "Service name:\n  a\nPort:\n  7\nProtocol:\n  tcp\nStatus:\n  Assigned\n"
		      "Description:\n  \xe6\xbc\xa2\xe5\xad\x97\n  \xe6\xbc\xa2\xe5\xad\x97 ab\n");
}

TEST(colours_say_what_things_are)
{
	expect_screen("NO_COLOR= ianareg 19200", 80,
		      "\033[2mStatus\033[0m:           \033[36mUnassigned 19195-19219\033[0m\n");
	expect_screen(
		"NO_COLOR= ianareg --table 6010", 100,
		"\033[2mPort\033[0m       \033[2mProtocol\033[0m  \033[2mService\033[0m  \033[2mDescription\033[0m     "
		" "
		"\033[2mUnauthorised use\033[0m\n"
		"6000-6063  tcp       \033[1mx11\033[0m      X Window System  \033[31mKnown Unauthorized Use on port "
		"6003\033[0m\n");
}

TEST(there_are_no_colours_where_none_are_wanted)
{
	expect_screen("NO_COLOR=1 ianareg 19200", 80, "Status:           Unassigned 19195-19219\n");
	expect_screen("TERM=dumb NO_COLOR= ianareg 19200", 80, "Status:           Unassigned 19195-19219\n");
	expect_screen("NO_COLOR= ianareg --long 19200 | cat", 80, "Status:           Unassigned 19195-19219\n");
}

TEST(keys_typed_at_a_terminal_are_answered_one_by_one)
{
	expect_screen("printf '19200\\n585\\n' | ianareg -", 80,
		      "Status:           Unassigned 19195-19219\n"
		      "\n"
		      "Port:             585\n"
		      "Status:           De-registered\n"
		      "Modified:         2006-04-25\n"
		      "Notes:            Use 993, instead\n");
}

/* Columns of a line as the C library counts them. */
static int columns_of(const char *line)
{
	wchar_t wide[4096];
	const size_t count = mbstowcs(wide, line, 4096);

	assert_in_range(count, 0, 4095);
	return wcswidth(wide, count);
}

static void expect_fit(const char *options, int width)
{
	struct screen screen = screen_of(scratch_command(text("ianareg %s --snapshot whole.db 0-65535", options)),
					 (unsigned short)width);
	unsigned lines = 0;

	assert_int_equal(screen.status, 0);
	for (char *line = screen.text, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
		*end = '\0';
		if (columns_of(line) > width || (end > line && end[-1] == ' '))
			fail_msg("%d columns %s: \"%s\"", width, options, line);
	}
	assert_true(lines > 5000);
	free_screen(&screen);
}

TEST(no_line_is_wider_than_the_terminal)
{
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	struct run compiled = run(text("%s/ianareg compile -o %s/whole.db " BUNDLED_CSV, build_dir(), scratch_dir()));

	assert_int_equal(compiled.status, 0);
	free_run(&compiled);
	for (unsigned i = 0; i < 4; i++) {
		static const int widths[] = {20, 40, 80, 200};

		expect_fit("--long", widths[i]);
		expect_fit("", widths[i]);
	}
}

TEST_PROGRAM(.set_up = make_small_snapshot);
