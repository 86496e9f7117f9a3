/* SPDX-License-Identifier: MIT */
/* `ianareg search`: what is found, in which order, how it is shown, and how it ends. */
#include "query/search_pattern.h"
#include "snapshot/rows.h"
#include "tests/support/cli_tool.h"
#include "tests/support/pty.h"

/* "alpha" in every place that has a rank of its own; the better the place, the higher the port. */
#define RANKS                                                                   \
	CSV_HEAD                                                                \
	"notes,1,tcp,,,,,,,,,see alpha\n"                                       \
	"use,2,tcp,,,,,,,,Known use by alpha,\n"                                \
	"reference,3,tcp,,,,,,[alpha],,,\n"                                     \
	"contact,4,tcp,,,[Alpha_Beta],,,,,,\n"                                  \
	"assignee,5,tcp,,[Alpha_Beta],,,,,,,\n"                                 \
	"part,6,tcp,The alphabet,,,,,,,,\n"                                     \
	"word,7,tcp,\"An alpha, of course\",,,,,,,,\n"                          \
	"partly,8,tcp,P,[A],[A],,,[R],,,\n"                                     \
	"xalphax,8,tcp,Q,[A],[A],,,[R],,,\"duplicate of the \"\"partly\"\"\"\n" \
	"xalpha,9,tcp,,,,,,,,,\n"                                               \
	"x-alpha,10,tcp,,,,,,,,,\n"                                             \
	"alpha-x,11,tcp,,,,,,,,,\n"                                             \
	"aliased,12,tcp,R,[A],[A],,,[R],,,\n"                                   \
	"alpha,12,tcp,S,[A],[A],,,[R],,,\"duplicate of the \"\"aliased\"\"\"\n"

/* References as they are written, and numbers beside them. */
#define REFERENCES                                           \
	CSV_HEAD                                             \
	"one,1,tcp,One,,,,,[RFC8314],,,\n"                   \
	"two,2,tcp,Two,,,,,[RFC3501][RFC8314][RFC9051],,,\n" \
	"three,3,tcp,Three,,,,,[RFC83140],,,\n"              \
	"four,4,tcp,Four,,,,,[RFC831],,,\n"                  \
	"five,5,tcp,Five,,,,,\"[RFC8314, Section 3]\",,,\n"  \
	"six,6,tcp,Six as in RFC 8314,,,,,,,,\n"             \
	"seven,7,tcp,Seven,,,,,[RFC18314],,,\n"              \
	"eight8314,8,tcp,Eight,,,,,,,,\n"                    \
	"nine,9,tcp,Nine,,,,,,,,\"Told by\nRFC\n8314\"\n"

#define CORA                                                                                              \
	"cora\t19220\ttcp\tAssigned\t\tClient Connection Management\t[Softvise]\t[Ronny_Kr\xc3\xbcger]\t" \
	"2016-11-10\t\t\t\t\t\tregistry\n"

static int make_snapshots(void **state)
{
	make_small_snapshot(state);
	put_file("ranks.csv", RANKS);
	put_file("references.csv", REFERENCES);
	expect("ianareg compile -o ranks.db ranks.csv && ianareg compile -o references.db references.csv", 0, "", NULL);
	return 0;
}

/* The names found, one a line. */
static void expect_names(const char *arguments, const char *names)
{
	expect(text("ianareg search %s | cut -f 1", arguments), 0, names, "");
}

static void expect_nothing(const char *arguments)
{
	expect(text("ianareg search %s", arguments), 2, "", "ianareg: search: nothing found\n");
}

/* Ranks */

/* That one stands right before the other in what is found for "alpha". */
static void expect_before(const char *better, const char *worse)
{
	struct run result = in_scratch("ianareg search --snapshot ranks.db alpha | cut -f 1");

	if (!strstr(text("\n%s", result.out), text("\n%s\n%s\n", better, worse)))
		fail_msg("%s is not before %s in %s", better, worse, result.out);
	free_run(&result);
}

TEST(the_whole_name_is_best)
{
	expect("ianareg search --snapshot ranks.db alpha | head -n 1 | cut -f 1", 0, "alpha\n", "");
}

TEST(each_better_match_comes_first)
{
	static const struct {
		const char *sentence;
		const char *better;
		const char *worse;
	} cases[] = {
		{"the whole name goes before a whole alias", "alpha", "aliased"},
		{"a whole alias goes before the start of a name", "aliased", "alpha-x"},
		{"the start of a name goes before a word in it", "alpha-x", "x-alpha"},
		{"a word in a name goes before a part of one", "x-alpha", "xalphax"},
		{"equals stand in the order of the registry", "xalphax", "xalpha"},
		{"a part of a name goes before a part of an alias", "xalpha", "partly"},
		{"a part of an alias goes before a word in the description", "partly", "word"},
		{"a word in the description goes before a part of one", "word", "part"},
		{"assignee and contact go before the reference", "assignee", "reference"},
		{"the reference goes before the unauthorised use", "reference", "use"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_before(cases[i].better, cases[i].worse);
	}
}

TEST(the_description_goes_before_assignee_and_contact_which_are_equal)
{
	expect_before("part", "contact");
	expect_before("contact", "assignee");
}

TEST(the_notes_come_last)
{
	expect_before("use", "notes");
	expect("ianareg search --snapshot ranks.db alpha | tail -n 1 | cut -f 1", 0, "notes\n", "");
}

TEST(the_ranks_of_several_words_are_added)
{
	put_file("sum.csv", CSV_HEAD
		 "far,1,tcp,alpha beta,,,,,,,,\n"
		 "alphabeta,2,tcp,,,,,,,,,\n"
		 "alpha-two,3,tcp,beta,,,,,,,,\n");
	expect("ianareg compile -o sum.db sum.csv", 0, "", NULL);
	expect_names("--snapshot sum.db alpha beta", "alphabeta\nalpha-two\nfar\n");
	expect_names("--snapshot sum.db beta alpha", "alphabeta\nalpha-two\nfar\n");
}

/* What is found */

TEST(all_words_must_be_in_the_row)
{
	expect_names("connection management", "cora\n");
	expect_names("softvise discovery", "cora-disc\n");
	expect_nothing("connection discovery");
}

TEST(ascii_letters_have_no_case)
{
	expect_names("SOFTVISE", "cora\ncora-disc\n");
	expect_names("x11", "x11\n");
	expect_names("X11", "x11\n");
}

TEST(other_letters_have_no_case_either_in_any_locale)
{
	expect_names("kr\xc3\xbcger", "cora\ncora-disc\n");
	expect_names("KR\xc3\x9cGER", "cora\ncora-disc\n");
	expect("LC_ALL=C ianareg search KR\xc3\x9cGER | cut -f 1", 0, "cora\ncora-disc\n", "");
}

TEST(a_word_with_blanks_is_found_as_it_stands)
{
	expect_names("'connection  management'", "cora\n");
	expect_nothing("'management connection'");
}

TEST(each_search_finds_these_names)
{
	static const struct {
		const char *sentence;
		const char *arguments;
		const char *names;
	} cases[] = {
		{"white space in the registry is a blank", "'instruments iana'", "914c-g\n"},
		{"an alias finds its service", "--limit 2 www", "www\nhttp\n"},
		{"the number of an rfc is found alone", "--snapshot references.db 8314",
		 "eight8314\nsix\none\ntwo\nfive\nnine\n"},
		{"words after two dashes are no options", "-- -disc", "cora-disc\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin_case(cases[i].sentence);
		expect_names(cases[i].arguments, cases[i].names);
	}
}

TEST(rows_without_a_name_are_found)
{
	expect("ianareg search reserved | cut -f 2-4", 0, "0\ttcp\tReserved\n", "");
	expect("ianareg search unassigned | cut -f 2-4", 0, "19195-19219\t\tUnassigned\n", "");
}

TEST(nothing_in_a_word_is_special)
{
	expect_nothing("'c.ra'");
	expect_nothing("'c*'");
	expect_nothing("'^cora$'");
	expect_nothing("'(cora|http)'");
	expect_nothing("'%s%n'");
	expect_nothing("'\\'");
	expect_names("914c/g", "914c/g\n914c-g\n");
	expect_names("'[Softvise]'", "cora\ncora-disc\n");
}

TEST(an_rfc_is_found_however_it_is_written)
{
	static const char *const spellings[] = {"RFC8314",  "rfc8314",     "'RFC 8314'", "RFC 8314",
						"rfc 8314", "'[RFC8314]'", "'RFC-8314'", "RFC08314"};

	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		expect_names(text("--snapshot references.db %s", spellings[i]), "six\none\ntwo\nfive\nnine\n");
}

TEST(the_number_of_an_rfc_must_be_the_whole_number)
{
	expect_names("--snapshot references.db RFC831", "four\n");
	expect_names("--snapshot references.db 'RFC 831'", "four\n");
	expect_names("--snapshot references.db RFC83140", "three\n");
	expect_nothing("--snapshot references.db RFC83");
	expect_nothing("--snapshot references.db 1831");
}

TEST(rfc_before_a_word_is_a_word_of_its_own)
{
	expect_names("--snapshot references.db rfc three", "three\n");
	expect_nothing("--snapshot references.db rfc nine8314");
}

TEST(services_without_a_port_can_be_listed_and_searched)
{
	expect("ianareg search --without-port | cut -f 1-4", 0, "airplay\t\ttcp\tRegistered without a port\n", "");
	expect_names("--without-port streaming", "airplay\n");
	expect_nothing("--without-port cora");
}

TEST(an_overlays_entries_are_found)
{
	put_file("site", "ours 50000/tcp mine\n");
	expect("ianareg compile -o o.db --overlay site r.csv", 0, "", "");
	expect("ianareg search --snapshot o.db mine | cut -f 1-5 | sort -u", 0, "ours\t50000\ttcp\tAssigned\tmine\n",
	       "");
}

/* Forms of output */

TEST(a_pipe_gets_the_lines_of_lookup)
{
	expect("ianareg search Connection", 0, CORA, "");
	expect("ianareg lookup cora", 0, CORA, "");
}

TEST(rows_are_never_joined_in_a_pipe)
{
	put_file("twice.csv", CSV_HEAD "a,1,tcp,One,,,,,,,,\na,1,udp,One,,,,,,,,\n");
	expect("ianareg compile -o twice.db twice.csv", 0, "", "");
	expect("ianareg search --snapshot twice.db one | cut -f 1-3", 0, "a\t1\ttcp\na\t1\tudp\n", "");
}

TEST(a_limit_keeps_the_best)
{
	expect_names("--limit 1 http", "http\n");
	expect_names("--limit 3 http", "http\nhttp-alt\nhttp-alt\n");
	expect_names("--limit 999999999 cora", "cora\ncora-disc\n");
}

TEST(a_limit_that_is_no_number_is_refused)
{
	static const char *const limits[] = {"0", "-1", "", "x", "1x", "1.5", "9999999999", " 1", "+1"};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		expect(text("ianareg search --limit '%s' cora", limits[i]), 1, "",
		       text("ianareg: %s: --limit takes a number from 1 to 999999999\n", limits[i]));
}

TEST(json_is_an_array_of_rows_as_lookup_has_them)
{
	json_t *found = json_of("ianareg search --json connection", 0),
	       *looked_up = json_of("ianareg lookup --json cora", 0);
	json_t *row = json_array_get(json_object_get(json_array_get(looked_up, 0), "rows"), 0);

	assert_int_equal(json_array_size(found), 1);
	json_object_del(json_array_get(found, 0), "matched");
	assert_true(json_equal(json_array_get(found, 0), row));
	json_decref(found);
	json_decref(looked_up);
}

TEST(json_says_where_each_word_was_found)
{
	json_t *found = json_of("ianareg search --json Connection cor '[softvise]'", 0);
	json_t *expected = json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s}]", "word", "Connection",
				     "field", "description", "part", "word", "word", "cor", "field", "name", "part",
				     "start", "word", "[softvise]", "field", "assignee", "part", "part");

	assert_true(json_equal(json_object_get(json_array_get(found, 0), "matched"), expected));
	json_decref(expected);
	json_decref(found);
}

TEST(json_lines_are_one_object_a_line)
{
	struct run result = in_scratch("ianareg search --jsonl cora");
	char *second = strchr(result.out, '\n');
	json_t *first;

	assert_int_equal(result.status, 0);
	assert_non_null(second);
	*second++ = '\0';
	first = json_loads(result.out, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(first, "name")), "cora");
	json_decref(first);
	first = json_loads(second, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(first, "name")), "cora-disc");
	json_decref(first);
	assert_int_equal(strcspn(second, "\n"), strlen(second) - 1);
	free_run(&result);
}

TEST(json_of_nothing_is_an_empty_array_and_no_line)
{
	expect("ianareg search --json nobody", 2, "[]\n", "ianareg: search: nothing found\n");
	expect("ianareg search --jsonl nobody", 2, "", "ianareg: search: nothing found\n");
}

/* On a terminal */

static void expect_screen(const char *command, unsigned short columns, const char *expected)
{
	struct screen screen = screen_of(scratch_command(command), columns);

	assert_string_equal(screen.text, expected);
	assert_int_equal(screen.status, 0);
	free_screen(&screen);
}

TEST(a_terminal_gets_a_table_that_fits_80_columns)
{
	expect_screen("ianareg search KR\xc3\x9cGER", 80,
		      "Name       Port       Description                   Found in\n"
		      "cora       19220/tcp  Client Connection Management  contact [Ronny_Kr\xc3\xbcger]\n"
		      "cora-disc  19220/udp  Discovery                     contact [Ronny_Kr\xc3\xbcger]\n");
}

TEST(a_narrow_terminal_gets_wrapped_descriptions)
{
	expect_screen("ianareg search management", 50,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection Management\n");
	expect_screen("ianareg search management", 40,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection\n"
		      "                 Management\n");
}

TEST(a_wide_terminal_has_room_for_all)
{
	put_file("wide.csv", CSV_HEAD
		 "wide,1,tcp,A description that takes more than eighty columns: it goes on and on until "
		 "the hundredth,[A],[A],,,[RFC1],,,\n");
	expect("ianareg compile -o wide.db wide.csv", 0, "", "");
	expect_screen(
		"ianareg search --snapshot wide.db rfc1", 200,
		"Name  Port   Description                                                                          "
		"     Found in\n"
		"wide  1/tcp  A description that takes more than eighty columns: it goes on and on until the "
		"hundredth  reference [RFC1]\n");
}

TEST(ports_and_protocols_of_a_service_share_a_line)
{
	put_file("group.csv", CSV_HEAD
		 "a,1,tcp,One,,,,,,,,\nb,1,tcp,Two,,,,,,,,\na,1,udp,One,,,,,,,,\n"
		 "a,7-9,udp,One,,,,,,,,\na,10,,One,,,,,,,,\na,11,tcp,Another one,,,,,,,,\n"
		 "a,,tcp,One,,,,,,,,\n");
	expect("ianareg compile -o group.db group.csv", 0, "", NULL);
	expect_screen("ianareg search --snapshot group.db one", 80,
		      "Name  Port                              Description\n"
		      "a     1/tcp,udp 7-9/udp 10 no-port/tcp  One\n"
		      "a     11/tcp                            Another one\n");
}

TEST(ports_without_a_name_share_no_line_with_others)
{
	put_file("free.csv", CSV_HEAD ",1,tcp,Reserved,,,,,,,,\n,1,udp,Reserved,,,,,,,,\n,2,tcp,Reserved,,,,,,,,\n");
	expect("ianareg compile -o free.db free.csv", 0, "", "");
	expect_screen("ianareg search --snapshot free.db reserved", 80,
		      "Port       Description\n"
		      "1/tcp,udp  Reserved\n"
		      "2/tcp      Reserved\n");
}

TEST(a_limit_on_a_terminal_counts_lines_and_says_how_many_there_are)
{
	expect_screen("ianareg search --limit 1 cora", 80,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection Management\n"
		      "1 of 2 lines\n");
}

TEST(of_long_notes_the_part_with_the_word_is_shown)
{
	put_file("long.csv", CSV_HEAD
		 "long,1,tcp,D,,,,,,,,Once upon a time there was a port that nobody wanted to have "
		 "for its zebra and for all the other animals that lived behind it and would not "
		 "leave it for any money in the world\n");
	expect("ianareg compile -o long.db long.csv", 0, "", "");
	expect_screen("ianareg search --snapshot long.db zebra", 80,
		      "Name  Port   Description  Found in\n"
		      "long  1/tcp  D            notes \xe2\x80\xa6 nobody wanted to have for its zebra and\n"
		      "                          for all the other animals that lived behind it\n"
		      "                          and \xe2\x80\xa6\n");
}

TEST(what_matched_is_inked_where_there_are_colours)
{
	expect_screen("NO_COLOR= ianareg search CONN", 80,
		      "\033[2mName\033[0m  \033[2mPort\033[0m       \033[2mDescription\033[0m\n"
		      "\033[1mcora\033[0m  19220/tcp  Client \033[1;4mConn\033[0mection Management\n");
	expect_screen("TERM=dumb NO_COLOR= ianareg search CONN", 80,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection Management\n");
}

TEST(json_on_a_terminal_is_json)
{
	struct screen screen = screen_of(scratch_command("ianareg search --json cora"), 80);

	assert_int_equal(screen.text[0], '[');
	free_screen(&screen);
}

TEST(a_description_cannot_harm_a_terminal)
{
	put_file("evil.csv", CSV_HEAD "evil,7,tcp,\"a\tb\x1b[31m\x7f\r\nd\",,,,,,,,\n");
	expect("ianareg compile -o evil.db evil.csv", 0, "", "");
	expect_screen("ianareg search --snapshot evil.db evil", 80,
		      "Name  Port   Description\n"
		      "evil  7/tcp  a b\\x1b[31m\\x7f d\n");
}

/* How it ends */

TEST(nothing_found_is_status_2)
{
	expect_nothing("nobody");
}

TEST(usage_errors_are_a_line_and_status_1)
{
	expect("ianareg search", 1, "", "ianareg: search: which word? See ianareg search --help\n");
	expect("ianareg search --json", 1, "", "ianareg: search: which word? See ianareg search --help\n");
	expect("ianareg search --frob x", 1, "", "ianareg: --frob: no such option; see ianareg search --help\n");
	expect("ianareg search x --limit", 1, "", "ianareg: --limit: needs an argument; see ianareg search --help\n");
}

TEST(an_empty_word_is_refused)
{
	expect("ianareg search ''", 1, "", "ianareg: search: a word is empty\n");
	expect("ianareg search cora ' \t'", 1, "", "ianareg: search: a word is empty\n");
	expect("ianareg search --without-port ''", 1, "", "ianareg: search: a word is empty\n");
}

TEST(control_bytes_and_bad_utf8_are_just_not_found)
{
	expect_nothing("\"$(printf 'a\\033[31m')\"");
	expect_nothing("\"$(printf 'Kr\\303')\"");
	expect_nothing("\"$(printf '\\377\\376')\"");
	expect_nothing("\"$(printf '\\001')\"");
}

TEST(a_word_as_long_as_the_system_lets_it_be_is_just_not_found)
{
	expect_nothing("$(printf %0130000d 7)");
	expect_nothing("$(yes cora | head -n 20000) nobody");
	expect_names("$(yes connection | head -n 20000)", "cora\n");
}

TEST(a_snapshot_that_cannot_be_used_is_named_with_its_reason)
{
	put_file("junk.db", "this is no snapshot");
	expect("ianareg search --snapshot none.db x", 1, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg search --snapshot junk.db x", 3, "", "ianareg: junk.db: is not an ianareg snapshot\n");
}

/* In the copy every byte of one section is 255. */
static void spoil_section(const char *name, enum snapshot_section section)
{
	size_t size;
	char *bytes = read_file(text("%s/s.db", scratch_dir()), &size);
	struct snapshot snapshot;

	assert_int_equal(snapshot_open(bytes, size, &snapshot), SNAPSHOT_OK);
	memset(bytes + (snapshot.sections[section].start - (const unsigned char *)bytes), 0xff,
	       snapshot.sections[section].size);
	write_file(text("%s/%s", scratch_dir(), name), bytes, size);
	free(bytes);
}

TEST(a_damaged_row_is_status_3_and_prints_nothing)
{
	spoil_section("rows.db", SECTION_ROWS);
	spoil_section("details.db", SECTION_DETAILS);
	spoil_section("strings.db", SECTION_STRINGS);
	expect("ianareg search --snapshot rows.db http", 3, "", NULL);
	expect("ianareg search --json --snapshot details.db http", 3, "", NULL);
	expect("ianareg search --snapshot strings.db http", 3, "", NULL);
}

TEST(output_that_cannot_be_written_is_an_error)
{
	expect("ianareg search cora >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("{ sleep 0.2; ianareg search cora; echo $? >&2; } | true", 0, "", "141\n");
}

TEST(help_fits_the_screen_and_ends_with_examples)
{
	struct run result = in_scratch("ianareg search --help");
	const char *examples = strstr(result.out, "\nExamples:\n");
	unsigned lines = 0;

	assert_int_equal(result.status, 0);
	assert_non_null(examples);
	assert_null(strstr(examples + 1, "\n\n"));
	for (const char *line = result.out; *line; line += strcspn(line, "\n") + 1, lines++)
		assert_in_range(strcspn(line, "\n"), 0, 80);
	assert_in_range(lines, 5, 24);
	free_run(&result);
}

/* The pattern itself, where no command line is long enough */

static struct row_info fact_with(const char *description)
{
	struct row_info row_info = {.row = {.name = "name", .protocol = ""}, .aliases = ""};

	for (unsigned i = 0; i < TEXT_COUNT; i++)
		row_info.row.text[i] = "";
	row_info.row.text[TEXT_DESCRIPTION] = description;
	return row_info;
}

static uint32_t rank_of(char *word, const char *description)
{
	struct pattern *pattern = pattern_new(&word, 1);
	const struct row_info row_info = fact_with(description);
	const uint32_t rank = pattern_match(pattern, &row_info);

	pattern_free(pattern);
	return rank;
}

TEST(a_word_of_ten_megabytes_is_just_not_found)
{
	enum { SIZE = 10000000 };
	char *word = malloc(SIZE + 1);

	assert_non_null(word);
	memset(word, 'a', SIZE);
	word[SIZE] = '\0';
	assert_true(rank_of(word, "aaaa") == NO_MATCH);
	memset(word, '1', SIZE);
	assert_true(rank_of(word, "1111") == NO_MATCH);
	free(word);
}

TEST(a_run_of_digits_is_not_looked_at_again_and_again)
{
	enum { SIZE = 60000 };
	char *digits = malloc(SIZE + 1);

	assert_non_null(digits);
	memset(digits, '1', SIZE);
	digits[SIZE] = '\0';
	for (unsigned i = 0; i < 100; i++) /* minutes, if each digit were begun with */
		assert_true(rank_of((char[]){"11"}, digits) == NO_MATCH);
	assert_true(rank_of(digits, digits) != NO_MATCH);
	free(digits);
}

TEST(letters_that_change_their_size_are_found_as_they_are)
{
	assert_true(rank_of((char[]){"\xe2\x84\xaa"}, "5 \xe2\x84\xaa") != NO_MATCH); /* the Kelvin sign */
	assert_true(rank_of((char[]){"k"}, "5 \xe2\x84\xaa") == NO_MATCH);
}

TEST(scripts_with_two_cases_have_none)
{
	assert_true(rank_of((char[]){"\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82"}, "\xd0\x9f\xd0\x9e\xd0\xa0\xd0\xa2") !=
		    NO_MATCH);
	assert_true(rank_of((char[]){"\xce\xa3"}, "\xcf\x83") != NO_MATCH);
}

TEST_PROGRAM(.set_up = make_snapshots);
