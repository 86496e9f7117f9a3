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

static void the_whole_name_is_best(void **state)
{
	(void)state;
	expect("ianareg search --snapshot ranks.db alpha | head -n 1 | cut -f 1", 0, "alpha\n", "");
}

static void the_whole_name_goes_before_a_whole_alias(void **state)
{
	(void)state;
	expect_before("alpha", "aliased");
}

static void a_whole_alias_goes_before_the_start_of_a_name(void **state)
{
	(void)state;
	expect_before("aliased", "alpha-x");
}

static void the_start_of_a_name_goes_before_a_word_in_it(void **state)
{
	(void)state;
	expect_before("alpha-x", "x-alpha");
}

static void a_word_in_a_name_goes_before_a_part_of_one(void **state)
{
	(void)state;
	expect_before("x-alpha", "xalphax");
}

static void equals_stand_in_the_order_of_the_registry(void **state)
{
	(void)state;
	expect_before("xalphax", "xalpha");
}

static void a_part_of_a_name_goes_before_a_part_of_an_alias(void **state)
{
	(void)state;
	expect_before("xalpha", "partly");
}

static void a_part_of_an_alias_goes_before_a_word_in_the_description(void **state)
{
	(void)state;
	expect_before("partly", "word");
}

static void a_word_in_the_description_goes_before_a_part_of_one(void **state)
{
	(void)state;
	expect_before("word", "part");
}

static void the_description_goes_before_assignee_and_contact_which_are_equal(void **state)
{
	(void)state;
	expect_before("part", "contact");
	expect_before("contact", "assignee");
}

static void assignee_and_contact_go_before_the_reference(void **state)
{
	(void)state;
	expect_before("assignee", "reference");
}

static void the_reference_goes_before_the_unauthorised_use(void **state)
{
	(void)state;
	expect_before("reference", "use");
}

static void the_notes_come_last(void **state)
{
	(void)state;
	expect_before("use", "notes");
	expect("ianareg search --snapshot ranks.db alpha | tail -n 1 | cut -f 1", 0, "notes\n", "");
}

static void the_ranks_of_several_words_are_added(void **state)
{
	(void)state;
	put_file("sum.csv", CSV_HEAD
		 "far,1,tcp,alpha beta,,,,,,,,\n"
		 "alphabeta,2,tcp,,,,,,,,,\n"
		 "alpha-two,3,tcp,beta,,,,,,,,\n");
	expect("ianareg compile -o sum.db sum.csv", 0, "", NULL);
	expect_names("--snapshot sum.db alpha beta", "alphabeta\nalpha-two\nfar\n");
	expect_names("--snapshot sum.db beta alpha", "alphabeta\nalpha-two\nfar\n");
}

/* What is found */

static void all_words_must_be_in_the_row(void **state)
{
	(void)state;
	expect_names("connection management", "cora\n");
	expect_names("softvise discovery", "cora-disc\n");
	expect_nothing("connection discovery");
}

static void ascii_letters_have_no_case(void **state)
{
	(void)state;
	expect_names("SOFTVISE", "cora\ncora-disc\n");
	expect_names("x11", "x11\n");
	expect_names("X11", "x11\n");
}

static void other_letters_have_no_case_either_in_any_locale(void **state)
{
	(void)state;
	expect_names("kr\xc3\xbcger", "cora\ncora-disc\n");
	expect_names("KR\xc3\x9cGER", "cora\ncora-disc\n");
	expect("LC_ALL=C ianareg search KR\xc3\x9cGER | cut -f 1", 0, "cora\ncora-disc\n", "");
}

static void a_word_with_blanks_is_found_as_it_stands(void **state)
{
	(void)state;
	expect_names("'connection  management'", "cora\n");
	expect_nothing("'management connection'");
}

static void white_space_in_the_registry_is_a_blank(void **state)
{
	(void)state;
	expect_names("'instruments iana'", "914c-g\n");
}

static void an_alias_finds_its_service(void **state)
{
	(void)state;
	expect_names("--limit 2 www", "www\nhttp\n");
}

static void rows_without_a_name_are_found(void **state)
{
	(void)state;
	expect("ianareg search reserved | cut -f 2-4", 0, "0\ttcp\tReserved\n", "");
	expect("ianareg search unassigned | cut -f 2-4", 0, "19195-19219\t\tUnassigned\n", "");
}

static void nothing_in_a_word_is_special(void **state)
{
	(void)state;
	expect_nothing("'c.ra'");
	expect_nothing("'c*'");
	expect_nothing("'^cora$'");
	expect_nothing("'(cora|http)'");
	expect_nothing("'%s%n'");
	expect_nothing("'\\'");
	expect_names("914c/g", "914c/g\n914c-g\n");
	expect_names("'[Softvise]'", "cora\ncora-disc\n");
}

static void an_rfc_is_found_however_it_is_written(void **state)
{
	static const char *const spellings[] = {"RFC8314",  "rfc8314",     "'RFC 8314'", "RFC 8314",
						"rfc 8314", "'[RFC8314]'", "'RFC-8314'", "RFC08314"};

	(void)state;
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		expect_names(text("--snapshot references.db %s", spellings[i]), "six\none\ntwo\nfive\nnine\n");
}

static void the_number_of_an_rfc_is_found_alone(void **state)
{
	(void)state;
	expect_names("--snapshot references.db 8314", "eight8314\nsix\none\ntwo\nfive\nnine\n");
}

static void the_number_of_an_rfc_must_be_the_whole_number(void **state)
{
	(void)state;
	expect_names("--snapshot references.db RFC831", "four\n");
	expect_names("--snapshot references.db 'RFC 831'", "four\n");
	expect_names("--snapshot references.db RFC83140", "three\n");
	expect_nothing("--snapshot references.db RFC83");
	expect_nothing("--snapshot references.db 1831");
}

static void rfc_before_a_word_is_a_word_of_its_own(void **state)
{
	(void)state;
	expect_names("--snapshot references.db rfc three", "three\n");
	expect_nothing("--snapshot references.db rfc nine8314");
}

static void services_without_a_port_can_be_listed_and_searched(void **state)
{
	(void)state;
	expect("ianareg search --without-port | cut -f 1-4", 0, "airplay\t\ttcp\tRegistered without a port\n", "");
	expect_names("--without-port streaming", "airplay\n");
	expect_nothing("--without-port cora");
}

static void an_overlays_entries_are_found(void **state)
{
	(void)state;
	put_file("site", "ours 50000/tcp mine\n");
	expect("ianareg compile -o o.db --overlay site r.csv", 0, "", "");
	expect("ianareg search --snapshot o.db mine | cut -f 1-5 | sort -u", 0, "ours\t50000\ttcp\tAssigned\tmine\n",
	       "");
}

/* Forms of output */

static void a_pipe_gets_the_lines_of_lookup(void **state)
{
	(void)state;
	expect("ianareg search Connection", 0, CORA, "");
	expect("ianareg lookup cora", 0, CORA, "");
}

static void rows_are_never_joined_in_a_pipe(void **state)
{
	(void)state;
	put_file("twice.csv", CSV_HEAD "a,1,tcp,One,,,,,,,,\na,1,udp,One,,,,,,,,\n");
	expect("ianareg compile -o twice.db twice.csv", 0, "", "");
	expect("ianareg search --snapshot twice.db one | cut -f 1-3", 0, "a\t1\ttcp\na\t1\tudp\n", "");
}

static void a_limit_keeps_the_best(void **state)
{
	(void)state;
	expect_names("--limit 1 http", "http\n");
	expect_names("--limit 3 http", "http\nhttp-alt\nhttp-alt\n");
	expect_names("--limit 999999999 cora", "cora\ncora-disc\n");
}

static void a_limit_that_is_no_number_is_refused(void **state)
{
	static const char *const limits[] = {"0", "-1", "", "x", "1x", "1.5", "9999999999", " 1", "+1"};

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		expect(text("ianareg search --limit '%s' cora", limits[i]), 1, "",
		       text("ianareg: %s: --limit takes a number from 1 to 999999999\n", limits[i]));
}

static void json_is_an_array_of_rows_as_lookup_has_them(void **state)
{
	(void)state;
	json_t *found = json_of("ianareg search --json connection", 0),
	       *looked_up = json_of("ianareg lookup --json cora", 0);
	json_t *row = json_array_get(json_object_get(json_array_get(looked_up, 0), "rows"), 0);

	assert_int_equal(json_array_size(found), 1);
	json_object_del(json_array_get(found, 0), "matched");
	assert_true(json_equal(json_array_get(found, 0), row));
	json_decref(found);
	json_decref(looked_up);
}

static void json_says_where_each_word_was_found(void **state)
{
	(void)state;
	json_t *found = json_of("ianareg search --json Connection cor '[softvise]'", 0);
	json_t *expected = json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s}]", "word", "Connection",
				     "field", "description", "part", "word", "word", "cor", "field", "name", "part",
				     "start", "word", "[softvise]", "field", "assignee", "part", "part");

	assert_true(json_equal(json_object_get(json_array_get(found, 0), "matched"), expected));
	json_decref(expected);
	json_decref(found);
}

static void json_lines_are_one_object_a_line(void **state)
{
	(void)state;
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

static void json_of_nothing_is_an_empty_array_and_no_line(void **state)
{
	(void)state;
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

static void a_terminal_gets_a_table_that_fits_80_columns(void **state)
{
	(void)state;
	expect_screen("ianareg search KR\xc3\x9cGER", 80,
		      "Name       Port       Description                   Found in\n"
		      "cora       19220/tcp  Client Connection Management  contact [Ronny_Kr\xc3\xbcger]\n"
		      "cora-disc  19220/udp  Discovery                     contact [Ronny_Kr\xc3\xbcger]\n");
}

static void a_narrow_terminal_gets_wrapped_descriptions(void **state)
{
	(void)state;
	expect_screen("ianareg search management", 50,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection Management\n");
	expect_screen("ianareg search management", 40,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection\n"
		      "                 Management\n");
}

static void a_wide_terminal_has_room_for_all(void **state)
{
	(void)state;
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

static void ports_and_protocols_of_a_service_share_a_line(void **state)
{
	(void)state;
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

static void ports_without_a_name_share_no_line_with_others(void **state)
{
	(void)state;
	put_file("free.csv", CSV_HEAD ",1,tcp,Reserved,,,,,,,,\n,1,udp,Reserved,,,,,,,,\n,2,tcp,Reserved,,,,,,,,\n");
	expect("ianareg compile -o free.db free.csv", 0, "", "");
	expect_screen("ianareg search --snapshot free.db reserved", 80,
		      "Port       Description\n"
		      "1/tcp,udp  Reserved\n"
		      "2/tcp      Reserved\n");
}

static void a_limit_on_a_terminal_counts_lines_and_says_how_many_there_are(void **state)
{
	(void)state;
	expect_screen("ianareg search --limit 1 cora", 80,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection Management\n"
		      "1 of 2 lines\n");
}

static void of_long_notes_the_part_with_the_word_is_shown(void **state)
{
	(void)state;
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

static void what_matched_is_inked_where_there_are_colours(void **state)
{
	(void)state;
	expect_screen("NO_COLOR= ianareg search CONN", 80,
		      "\033[2mName\033[0m  \033[2mPort\033[0m       \033[2mDescription\033[0m\n"
		      "\033[1mcora\033[0m  19220/tcp  Client \033[1;4mConn\033[0mection Management\n");
	expect_screen("TERM=dumb NO_COLOR= ianareg search CONN", 80,
		      "Name  Port       Description\n"
		      "cora  19220/tcp  Client Connection Management\n");
}

static void json_on_a_terminal_is_json(void **state)
{
	(void)state;
	struct screen screen = screen_of(scratch_command("ianareg search --json cora"), 80);

	assert_int_equal(screen.text[0], '[');
	free_screen(&screen);
}

static void a_description_cannot_harm_a_terminal(void **state)
{
	(void)state;
	put_file("evil.csv", CSV_HEAD "evil,7,tcp,\"a\tb\x1b[31m\x7f\r\nd\",,,,,,,,\n");
	expect("ianareg compile -o evil.db evil.csv", 0, "", "");
	expect_screen("ianareg search --snapshot evil.db evil", 80,
		      "Name  Port   Description\n"
		      "evil  7/tcp  a b\\x1b[31m\\x7f d\n");
}

/* How it ends */

static void nothing_found_is_status_2(void **state)
{
	(void)state;
	expect_nothing("nobody");
}

static void usage_errors_are_a_line_and_status_1(void **state)
{
	(void)state;
	expect("ianareg search", 1, "", "ianareg: search: which word? See ianareg search --help\n");
	expect("ianareg search --json", 1, "", "ianareg: search: which word? See ianareg search --help\n");
	expect("ianareg search --frob x", 1, "", "ianareg: --frob: no such option; see ianareg search --help\n");
	expect("ianareg search x --limit", 1, "", "ianareg: --limit: needs an argument; see ianareg search --help\n");
}

static void an_empty_word_is_refused(void **state)
{
	(void)state;
	expect("ianareg search ''", 1, "", "ianareg: search: a word is empty\n");
	expect("ianareg search cora ' \t'", 1, "", "ianareg: search: a word is empty\n");
	expect("ianareg search --without-port ''", 1, "", "ianareg: search: a word is empty\n");
}

static void words_after_two_dashes_are_no_options(void **state)
{
	(void)state;
	expect_names("-- -disc", "cora-disc\n");
}

static void control_bytes_and_bad_utf8_are_just_not_found(void **state)
{
	(void)state;
	expect_nothing("\"$(printf 'a\\033[31m')\"");
	expect_nothing("\"$(printf 'Kr\\303')\"");
	expect_nothing("\"$(printf '\\377\\376')\"");
	expect_nothing("\"$(printf '\\001')\"");
}

static void a_word_as_long_as_the_system_lets_it_be_is_just_not_found(void **state)
{
	(void)state;
	expect_nothing("$(printf %0130000d 7)");
	expect_nothing("$(yes cora | head -n 20000) nobody");
	expect_names("$(yes connection | head -n 20000)", "cora\n");
}

static void a_snapshot_that_cannot_be_used_is_named_with_its_reason(void **state)
{
	(void)state;
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

static void a_damaged_row_is_status_3_and_prints_nothing(void **state)
{
	(void)state;
	spoil_section("rows.db", SECTION_ROWS);
	spoil_section("details.db", SECTION_DETAILS);
	spoil_section("strings.db", SECTION_STRINGS);
	expect("ianareg search --snapshot rows.db http", 3, "", NULL);
	expect("ianareg search --json --snapshot details.db http", 3, "", NULL);
	expect("ianareg search --snapshot strings.db http", 3, "", NULL);
}

static void output_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	expect("ianareg search cora >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("{ sleep 0.2; ianareg search cora; echo $? >&2; } | true", 0, "", "141\n");
}

static void help_fits_the_screen_and_ends_with_examples(void **state)
{
	(void)state;
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

static void a_word_of_ten_megabytes_is_just_not_found(void **state)
{
	enum { SIZE = 10000000 };
	char *word = malloc(SIZE + 1);

	(void)state;
	assert_non_null(word);
	memset(word, 'a', SIZE);
	word[SIZE] = '\0';
	assert_true(rank_of(word, "aaaa") == NO_MATCH);
	memset(word, '1', SIZE);
	assert_true(rank_of(word, "1111") == NO_MATCH);
	free(word);
}

static void a_run_of_digits_is_not_looked_at_again_and_again(void **state)
{
	enum { SIZE = 60000 };
	char *digits = malloc(SIZE + 1);

	(void)state;
	assert_non_null(digits);
	memset(digits, '1', SIZE);
	digits[SIZE] = '\0';
	for (unsigned i = 0; i < 100; i++) /* minutes, if each digit were begun with */
		assert_true(rank_of((char[]){"11"}, digits) == NO_MATCH);
	assert_true(rank_of(digits, digits) != NO_MATCH);
	free(digits);
}

static void letters_that_change_their_size_are_found_as_they_are(void **state)
{
	(void)state;
	assert_true(rank_of((char[]){"\xe2\x84\xaa"}, "5 \xe2\x84\xaa") != NO_MATCH); /* the Kelvin sign */
	assert_true(rank_of((char[]){"k"}, "5 \xe2\x84\xaa") == NO_MATCH);
}

static void scripts_with_two_cases_have_none(void **state)
{
	(void)state;
	assert_true(rank_of((char[]){"\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82"}, "\xd0\x9f\xd0\x9e\xd0\xa0\xd0\xa2") !=
		    NO_MATCH);
	assert_true(rank_of((char[]){"\xce\xa3"}, "\xcf\x83") != NO_MATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_name_is_best),
		cmocka_unit_test(the_whole_name_goes_before_a_whole_alias),
		cmocka_unit_test(a_whole_alias_goes_before_the_start_of_a_name),
		cmocka_unit_test(the_start_of_a_name_goes_before_a_word_in_it),
		cmocka_unit_test(a_word_in_a_name_goes_before_a_part_of_one),
		cmocka_unit_test(equals_stand_in_the_order_of_the_registry),
		cmocka_unit_test(a_part_of_a_name_goes_before_a_part_of_an_alias),
		cmocka_unit_test(a_part_of_an_alias_goes_before_a_word_in_the_description),
		cmocka_unit_test(a_word_in_the_description_goes_before_a_part_of_one),
		cmocka_unit_test(the_description_goes_before_assignee_and_contact_which_are_equal),
		cmocka_unit_test(assignee_and_contact_go_before_the_reference),
		cmocka_unit_test(the_reference_goes_before_the_unauthorised_use),
		cmocka_unit_test(the_notes_come_last),
		cmocka_unit_test(the_ranks_of_several_words_are_added),
		cmocka_unit_test(all_words_must_be_in_the_row),
		cmocka_unit_test(ascii_letters_have_no_case),
		cmocka_unit_test(other_letters_have_no_case_either_in_any_locale),
		cmocka_unit_test(a_word_with_blanks_is_found_as_it_stands),
		cmocka_unit_test(white_space_in_the_registry_is_a_blank),
		cmocka_unit_test(an_alias_finds_its_service),
		cmocka_unit_test(rows_without_a_name_are_found),
		cmocka_unit_test(nothing_in_a_word_is_special),
		cmocka_unit_test(an_rfc_is_found_however_it_is_written),
		cmocka_unit_test(the_number_of_an_rfc_is_found_alone),
		cmocka_unit_test(the_number_of_an_rfc_must_be_the_whole_number),
		cmocka_unit_test(rfc_before_a_word_is_a_word_of_its_own),
		cmocka_unit_test(services_without_a_port_can_be_listed_and_searched),
		cmocka_unit_test(an_overlays_entries_are_found),
		cmocka_unit_test(a_pipe_gets_the_lines_of_lookup),
		cmocka_unit_test(rows_are_never_joined_in_a_pipe),
		cmocka_unit_test(a_limit_keeps_the_best),
		cmocka_unit_test(a_limit_that_is_no_number_is_refused),
		cmocka_unit_test(json_is_an_array_of_rows_as_lookup_has_them),
		cmocka_unit_test(json_says_where_each_word_was_found),
		cmocka_unit_test(json_lines_are_one_object_a_line),
		cmocka_unit_test(json_of_nothing_is_an_empty_array_and_no_line),
		cmocka_unit_test(a_terminal_gets_a_table_that_fits_80_columns),
		cmocka_unit_test(a_narrow_terminal_gets_wrapped_descriptions),
		cmocka_unit_test(a_wide_terminal_has_room_for_all),
		cmocka_unit_test(ports_and_protocols_of_a_service_share_a_line),
		cmocka_unit_test(ports_without_a_name_share_no_line_with_others),
		cmocka_unit_test(a_limit_on_a_terminal_counts_lines_and_says_how_many_there_are),
		cmocka_unit_test(of_long_notes_the_part_with_the_word_is_shown),
		cmocka_unit_test(what_matched_is_inked_where_there_are_colours),
		cmocka_unit_test(json_on_a_terminal_is_json),
		cmocka_unit_test(a_description_cannot_harm_a_terminal),
		cmocka_unit_test(nothing_found_is_status_2),
		cmocka_unit_test(usage_errors_are_a_line_and_status_1),
		cmocka_unit_test(an_empty_word_is_refused),
		cmocka_unit_test(words_after_two_dashes_are_no_options),
		cmocka_unit_test(control_bytes_and_bad_utf8_are_just_not_found),
		cmocka_unit_test(a_word_as_long_as_the_system_lets_it_be_is_just_not_found),
		cmocka_unit_test(a_snapshot_that_cannot_be_used_is_named_with_its_reason),
		cmocka_unit_test(a_damaged_row_is_status_3_and_prints_nothing),
		cmocka_unit_test(output_that_cannot_be_written_is_an_error),
		cmocka_unit_test(help_fits_the_screen_and_ends_with_examples),
		cmocka_unit_test(a_word_of_ten_megabytes_is_just_not_found),
		cmocka_unit_test(a_run_of_digits_is_not_looked_at_again_and_again),
		cmocka_unit_test(letters_that_change_their_size_are_found_as_they_are),
		cmocka_unit_test(scripts_with_two_cases_have_none),
	};

	return cmocka_run_group_tests(tests, make_snapshots, NULL);
}
