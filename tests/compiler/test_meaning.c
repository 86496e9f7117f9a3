/* SPDX-License-Identifier: MIT */
/* How the registry becomes answers: each rule on a few rows of its own, and on the registry's own examples of it. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/module.h"

#define ROW(name, port, protocol, description, assignee, reference, notes) \
	name "," port "," protocol "," description "," assignee ",,,," reference ",,," notes "\n"

/* Cells of notes, quoted as the registry's own are. */
#define NOTES(remarks) "\"" remarks "\""
#define LEGACY(target) "This entry is an alias to \"\"" target "\"\". This entry is now historic."
#define DUPLICATE "This is a duplicate of the \"\"x\"\" service and should not be used."
#define WIDESPREAD "This entry records an unassigned but widespread use"
#define CONFLICT "<== NOTE Conflict on 100 !"

/* A row without any fault. */
#define PLAIN(name, port, protocol) ROW(name, port, protocol, "A thing", "[A]", "[RFC1]", "")

/* Compile rows under IANA's header without a warning and expect answers. */
static void expect_port(const char *rows, unsigned port, const char *protocol, const char *answer)
{
	struct compiled compiled = compile_clean(text(CSV_HEAD "%s", rows));

	assert_string_equal(snapshot_by_port(&compiled.snapshot, port, protocol), answer);
	free_compiled(&compiled);
}

static void expect_name(const char *rows, const char *name, const char *protocol, const char *answer)
{
	struct compiled compiled = compile_clean(text(CSV_HEAD "%s", rows));

	assert_string_equal(snapshot_by_name(&compiled.snapshot, name, protocol), answer);
	free_compiled(&compiled);
}

static void expect_all(const char *rows, const char *answers)
{
	struct compiled compiled = compile_clean(text(CSV_HEAD "%s", rows));
	char *all = snapshot_texts(&compiled.snapshot);

	assert_string_equal(all, answers);
	free(all);
	free_compiled(&compiled);
}

/* Several names on one port and protocol */

TEST(several_names_on_one_port_make_one_entry)
{
	expect_all(PLAIN("one", "100", "tcp") PLAIN("two", "100", "tcp") PLAIN("three", "100", "tcp"),
		   "one 100/tcp two three;");
}

TEST(each_of_several_names_finds_the_one_entry)
{
	const char *rows = PLAIN("one", "100", "tcp") PLAIN("two", "100", "tcp") PLAIN("three", "100", "tcp");

	expect_name(rows, "one", "tcp", "one 100/tcp two three");
	expect_name(rows, "two", "tcp", "one 100/tcp two three");
	expect_name(rows, "three", NULL, "one 100/tcp two three");
}

TEST(names_that_lose_are_aliases_in_registry_order)
{
	expect_port(ROW("bare", "100", "tcp", "", "", "", "") ROW("better", "100", "tcp", "A thing", "", "", "")
			    ROW("middling", "100", "tcp", "", "[A]", "", "") PLAIN("best", "100", "tcp"),
		    100, "tcp", "best 100/tcp bare better middling");
}

TEST(the_winner_is_found_for_each_protocol_by_itself)
{
	const char *rows = PLAIN("one", "100", "tcp") ROW("one", "100", "udp", "", "", "", "")
		PLAIN("two", "100", "udp") ROW("two", "100", "tcp", "", "", "", "");

	expect_all(rows, "one 100/tcp two;two 100/udp one;");
	expect_name(rows, "one", "udp", "two 100/udp one");
}

/* The winner: a row with the graver fault loses to one that has all the lesser faults together */

TEST(a_legacy_alias_yields_to_a_duplicate)
{
	expect_port(ROW("old", "100", "tcp", "A thing", "[A]", "[RFC1]", NOTES(LEGACY("new")))
			    ROW("new", "100", "tcp", "", "", "", NOTES(DUPLICATE " " WIDESPREAD " " CONFLICT)),
		    100, "tcp", "new 100/tcp old");
}

TEST(a_duplicate_yields_to_an_unassigned_but_widespread_use)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "[RFC1]", NOTES(DUPLICATE))
			    ROW("winner", "100", "tcp", "", "", "", NOTES(WIDESPREAD " " CONFLICT)),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(an_unassigned_but_widespread_use_yields_to_a_conflict)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "[RFC1]", WIDESPREAD)
			    ROW("winner", "100", "tcp", "", "", "", CONFLICT),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(a_conflict_yields_to_an_empty_description)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "[RFC1]", CONFLICT)
			    ROW("winner", "100", "tcp", "", "", "", ""),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(an_empty_description_yields_to_no_assignee)
{
	expect_port(ROW("loser", "100", "tcp", "", "[A]", "[RFC1]", "")
			    ROW("winner", "100", "tcp", "A thing", "", "", ""),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(no_assignee_yields_to_no_reference)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "", "[RFC1]", "")
			    ROW("winner", "100", "tcp", "A thing", "[A]", "", ""),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(no_reference_yields_to_a_row_without_fault)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "", "") PLAIN("winner", "100", "tcp"), 100, "tcp",
		    "winner 100/tcp loser");
}

TEST(between_equals_the_first_in_the_registry_wins)
{
	expect_port(PLAIN("zeta", "100", "tcp") PLAIN("alpha", "100", "tcp"), 100, "tcp", "zeta 100/tcp alpha");
}

TEST(a_row_without_fault_wins_wherever_it_stands)
{
	expect_port(PLAIN("winner", "100", "tcp") ROW("loser", "100", "tcp", "", "", "", ""), 100, "tcp",
		    "winner 100/tcp loser");
}

TEST(notes_that_are_no_remark_demote_nobody)
{
	expect_port(ROW("winner", "100", "tcp", "A thing", "[A]", "[RFC1]",
			"Potential Conflict of ports; widespread use") PLAIN("loser", "100", "tcp"),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(dates_contact_code_and_unauthorised_use_demote_nobody)
{
	expect_port(
		"winner,100,tcp,A thing,[A],,,,[RFC1],,,\n"
		"loser,100,tcp,A thing,[A],[C],2020-01-01,2021-01-01,[RFC1],5,Yes,\n",
		100, "tcp", "winner 100/tcp loser");
}

TEST(a_remark_counts_though_white_space_is_folded_in_it)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "[RFC1]",
			NOTES("This entry records an unassigned\r\n    but\twidespread   use"))
			    ROW("winner", "100", "tcp", "", "", "", ""),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(a_legacy_alias_is_known_though_its_remark_is_broken_over_lines)
{
	expect_port(ROW("old", "100", "tcp", "A thing", "[A]", "[RFC1]",
			NOTES("This entry\n      is an alias\n      to \"\"new\"\"."))
			    ROW("new", "100", "tcp", "", "", "", ""),
		    100, "tcp", "new 100/tcp old");
}

TEST(a_duplicate_is_known_though_its_remark_is_broken_over_lines)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "[RFC1]",
			NOTES("duplicate\n   of the \"\"x\"\" service")) ROW("winner", "100", "tcp", "", "", "", ""),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(a_conflict_is_known_though_its_remark_is_broken_over_lines)
{
	expect_port(ROW("loser", "100", "tcp", "A thing", "[A]", "[RFC1]", NOTES("<== NOTE\n  Conflict on 100 !"))
			    ROW("winner", "100", "tcp", "", "", "", ""),
		    100, "tcp", "winner 100/tcp loser");
}

TEST(a_remark_in_the_description_counts_as_one_in_the_notes)
{
	expect_port(ROW("loser", "100", "tcp", WIDESPREAD, "[A]", "[RFC1]", "")
			    ROW("winner", "100", "tcp", "", "", "", ""),
		    100, "tcp", "winner 100/tcp loser");
	expect_port(ROW("old", "100", "tcp", NOTES(LEGACY("new")), "[A]", "[RFC1]", "")
			    ROW("new", "100", "tcp", "", "", "", ""),
		    100, "tcp", "new 100/tcp old");
}

/* Legacy aliases */

TEST(a_legacy_alias_is_folded_into_its_target)
{
	const char *rows = PLAIN("new-name", "100", "tcp")
		ROW("new_name", "100", "tcp", "A thing", "[A]", "[RFC1]", NOTES(LEGACY("new-name")));

	expect_all(rows, "new-name 100/tcp new_name;");
	expect_name(rows, "new_name", "tcp", "new-name 100/tcp new_name");
	expect_name(rows, "new-name", "tcp", "new-name 100/tcp new_name");
}

TEST(a_legacy_alias_is_folded_wherever_it_stands)
{
	expect_all(ROW("new_name", "100", "tcp", "A thing", "[A]", "[RFC1]", NOTES(LEGACY("new-name")))
			   PLAIN("new-name", "100", "tcp"),
		   "new-name 100/tcp new_name;");
}

/* Compile one warning's worth of rows and expect all entries, and the warning on that line with those words. */
static void expect_warning(const char *rows, const char *answers, const char *where, const char *words)
{
	const char *csv = text(CSV_HEAD "%s", rows);
	struct compiled compiled = compile_csv(csv, strlen(csv), NULL, NULL);

	assert_int_equal(compiled.status, OUTCOME_OK);
	assert_int_equal(compiled.warning_count, 1);
	if (!strstr(compiled.messages, where) || !strstr(compiled.messages, words))
		fail_msg("it says: %s", compiled.messages);

	char *all = snapshot_texts(&compiled.snapshot);

	assert_string_equal(all, answers);
	free(all);
	free_compiled(&compiled);
}

TEST(a_legacy_alias_without_its_target_stands_by_itself_with_a_warning)
{
	expect_warning(PLAIN("other", "99", "tcp") ROW("old", "100", "tcp", "", "", "", NOTES(LEGACY("new"))),
		       "other 99/tcp;old 100/tcp;", "registry.csv:3:", "\"new\"");
}

TEST(a_legacy_alias_whose_target_is_at_another_port_stands_by_itself)
{
	expect_warning(PLAIN("new", "99", "tcp") ROW("old", "100", "tcp", "", "", "", NOTES(LEGACY("new"))),
		       "new 99/tcp;old 100/tcp;", "registry.csv:3:", "100/tcp");
}

TEST(a_legacy_alias_whose_target_has_another_protocol_stands_by_itself)
{
	expect_warning(PLAIN("new", "100", "udp") ROW("old", "100", "tcp", "", "", "", NOTES(LEGACY("new"))),
		       "old 100/tcp;new 100/udp;", "registry.csv:3:", "100/tcp");
}

/* One name on several ports */

TEST(a_name_on_several_ports_gives_the_lowest)
{
	const char *rows = PLAIN("many", "300", "tcp") PLAIN("many", "100", "tcp") PLAIN("many", "200", "tcp");

	expect_name(rows, "many", "tcp", "many 100/tcp");
	expect_name(rows, "many", NULL, "many 100/tcp");
}

TEST(a_name_on_several_ports_answers_at_each)
{
	expect_all(PLAIN("many", "300", "tcp") PLAIN("many", "100", "tcp") PLAIN("many", "200", "tcp"),
		   "many 100/tcp;many 200/tcp;many 300/tcp;");
}

TEST(a_name_gives_the_lowest_port_of_the_protocol_asked)
{
	const char *rows = PLAIN("many", "100", "udp") PLAIN("many", "200", "tcp");

	expect_name(rows, "many", "tcp", "many 200/tcp");
	expect_name(rows, "many", NULL, "many 100/udp");
}

TEST(a_name_that_is_an_alias_at_the_lowest_port_gives_that_entry)
{
	expect_name(PLAIN("main", "100", "tcp") PLAIN("many", "100", "tcp") PLAIN("many", "200", "tcp"), "many", "tcp",
		    "main 100/tcp many");
}

TEST(a_preference_moves_a_name_to_another_of_its_ports)
{
	static const char rows[] = CSV_HEAD PLAIN("many", "100", "tcp") PLAIN("many", "200", "tcp");
	struct compiled compiled = compile_csv(rows, strlen(rows), NULL, "many 200/tcp\n");
	char *all = snapshot_texts(&compiled.snapshot);

	assert_string_equal(snapshot_by_name(&compiled.snapshot, "many", "tcp"), "many 200/tcp");
	assert_string_equal(all, "many 100/tcp;many 200/tcp;");
	free(all);
	free_compiled(&compiled);
}

TEST(a_preference_for_what_the_registry_does_not_hold_adds_nothing)
{
	static const char rows[] = CSV_HEAD PLAIN("many", "100", "tcp");
	struct compiled compiled = compile_csv(rows, strlen(rows), NULL, "many 200/tcp\nother 100/tcp\n");
	char *all = snapshot_texts(&compiled.snapshot);

	assert_string_equal(all, "many 100/tcp;");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "other", "tcp"), "not found");
	free(all);
	free_compiled(&compiled);
}

/* Order of entries */

TEST(entries_come_by_port_then_tcp_udp_sctp_dccp_whatever_the_order_of_rows)
{
	expect_all(PLAIN("b", "200", "dccp") PLAIN("c", "65535", "tcp") PLAIN("b", "200", "udp") PLAIN("a", "0", "sctp")
			   PLAIN("b", "200", "tcp") PLAIN("a", "0", "udp") PLAIN("b", "200", "sctp"),
		   "a 0/udp;a 0/sctp;b 200/tcp;b 200/udp;b 200/sctp;b 200/dccp;c 65535/tcp;");
}

/* Named ranges */

TEST(every_port_of_a_named_range_answers_and_is_enumerated)
{
	expect_all(PLAIN("range", "100-103", "tcp"), "range 100/tcp;range 101/tcp;range 102/tcp;range 103/tcp;");
	expect_port(PLAIN("range", "100-103", "tcp"), 102, NULL, "range 102/tcp");
	expect_port(PLAIN("range", "100-103", "tcp"), 104, NULL, "not found");
	expect_port(PLAIN("range", "100-103", "tcp"), 99, NULL, "not found");
}

TEST(a_named_range_gives_its_first_port_by_name)
{
	expect_name(PLAIN("range", "100-103", "tcp"), "range", "tcp", "range 100/tcp");
}

TEST(a_range_and_a_name_inside_it_share_the_port)
{
	expect_all(PLAIN("range", "100-102", "tcp") PLAIN("inside", "101", "tcp"),
		   "range 100/tcp;range 101/tcp inside;range 102/tcp;");
}

/* No protocol, no port, no name */

TEST(a_port_without_protocol_answers_for_tcp_and_udp)
{
	expect_all(PLAIN("both", "100", ""), "both 100/tcp;both 100/udp;");
	expect_port(PLAIN("both", "100", ""), 100, NULL, "both 100/tcp");
	expect_port(PLAIN("both", "100", ""), 100, "sctp", "not found");
	expect_name(PLAIN("both", "100", ""), "both", "udp", "both 100/udp");
	expect_name(PLAIN("both", "100", ""), "both", "dccp", "not found");
}

TEST(a_range_without_protocol_answers_for_tcp_and_udp)
{
	expect_all(PLAIN("both", "100-101", ""), "both 100/tcp;both 100/udp;both 101/tcp;both 101/udp;");
}

TEST(a_name_without_a_port_is_not_found)
{
	const char *rows = PLAIN("nowhere", "", "tcp") PLAIN("nothing", "", "") PLAIN("other", "100", "tcp");

	expect_name(rows, "nowhere", "tcp", "not found");
	expect_name(rows, "nothing", NULL, "not found");
	expect_all(rows, "other 100/tcp;");
}

TEST(reserved_and_unassigned_ports_are_not_found)
{
	const char *rows = ROW("", "100", "tcp", "Reserved", "", "", "")
		ROW("", "101-110", "", "Unassigned", "", "", "") ROW("", "111", "udp", "De-registered", "", "", "");

	expect_all(rows, "");
	expect_port(rows, 100, "tcp", "not found");
	expect_port(rows, 105, NULL, "not found");
	expect_port(rows, 111, "udp", "not found");
	expect_name(rows, "Reserved", NULL, "not found");
	expect_name(rows, "", NULL, "not found");
}

TEST(a_named_row_on_a_reserved_port_answers)
{
	expect_all(ROW("", "100", "tcp", "Reserved", "", "", "") PLAIN("named", "100", "tcp"), "named 100/tcp;");
}

/* Case */

TEST(a_name_is_found_whatever_its_case)
{
	expect_name(PLAIN("Mixed-Case/1", "100", "tcp"), "mIXED-cASE/1", "tcp", "Mixed-Case/1 100/tcp");
	expect_name(PLAIN("Mixed-Case/1", "100", "tcp"), "MIXED-CASE/1", NULL, "Mixed-Case/1 100/tcp");
}

TEST(an_exact_match_comes_before_one_without_case)
{
	const char *rows = PLAIN("NAME", "100", "tcp") PLAIN("name", "200", "tcp") PLAIN("Name", "300", "tcp");

	expect_name(rows, "NAME", "tcp", "NAME 100/tcp");
	expect_name(rows, "name", "tcp", "name 200/tcp");
	expect_name(rows, "Name", "tcp", "Name 300/tcp");
}

TEST(among_names_that_differ_in_case_another_case_gives_the_lowest_port)
{
	expect_name(PLAIN("Name", "300", "tcp") PLAIN("NAME", "100", "tcp") PLAIN("name", "200", "tcp"), "nAmE", "tcp",
		    "NAME 100/tcp");
}

TEST(an_exact_match_of_another_protocol_does_not_hide_one_without_case)
{
	expect_name(PLAIN("name", "100", "udp") PLAIN("NAME", "200", "tcp"), "name", "tcp", "NAME 200/tcp");
}

TEST(an_alias_is_found_whatever_its_case)
{
	expect_name(PLAIN("main", "100", "tcp") PLAIN("Second", "100", "tcp"), "sECOND", "tcp", "main 100/tcp Second");
}

TEST(case_is_folded_at_every_place_of_names_of_every_length)
{
	for (unsigned size = 1; size <= 40; size++) {
		char name[41] = "";

		for (unsigned i = 0; i < size; i++)
			name[i] = (char)('a' + i % 26);
		struct compiled compiled = compile_clean(text(CSV_HEAD "%s,100,tcp,,,,,,,,,\n", name));

		for (unsigned i = 0; i < size; i++) {
			name[i] = (char)(name[i] - 'a' + 'A');
			assert_string_not_equal(snapshot_by_name(&compiled.snapshot, name, "tcp"), "not found");
			name[i] = '-';
			assert_string_equal(snapshot_by_name(&compiled.snapshot, name, "tcp"), "not found");
			name[i] = (char)('a' + i % 26);
		}
		free_compiled(&compiled);
	}
}

TEST(only_ascii_letters_fold)
{
	static const struct {
		const char *name, *asked;
	} pairs[] = {
		{"k", "\xe2\x84\xaa"}, /* KELVIN SIGN, whose small letter is k */
		{"\xe2\x84\xaa", "k"},
		{"i", "\xc4\xb1"}, /* dotless i, whose capital is I */
		{"I", "\xc4\xb1"},
		{"i", "\xc4\xb0"}, /* I with a dot above */
		{"caf\xc3\xa9", "caf\xc3\x89"}, /* e acute, small and capital */
		{"\xd0\xb4", "\xd0\x94"}, /* Cyrillic de */
		{"a@b", "a`b"}, /* ASCII that differs in the bit of case alone */
		{"a[b", "a{b"},
		{"a\\b", "a|b"},
		{"a]b", "a}b"},
		{"a^b", "a~b"},
		{"s", "\xc5\xbf"}, /* long s, whose capital is S */
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct compiled compiled = compile_clean(text(CSV_HEAD "%s,100,tcp,,,,,,,,,\n", pairs[i].name));

		assert_string_equal(snapshot_by_name(&compiled.snapshot, pairs[i].name, "tcp"),
				    text("%s 100/tcp", pairs[i].name));
		assert_string_equal(snapshot_by_name(&compiled.snapshot, pairs[i].asked, "tcp"), "not found");
		free_compiled(&compiled);
	}
}

/* Names and protocols, byte for byte */

TEST(odd_names_are_found_by_their_exact_bytes)
{
	const char *rows = PLAIN("914c/g", "211", "tcp") PLAIN("sql*net", "66", "tcp") PLAIN("whois++", "63", "tcp")
		PLAIN("z39.50", "210", "tcp") PLAIN("a/tcp", "1", "tcp") PLAIN("#", "2", "tcp");

	expect_name(rows, "914c/g", "tcp", "914c/g 211/tcp");
	expect_name(rows, "sql*net", "tcp", "sql*net 66/tcp");
	expect_name(rows, "whois++", "tcp", "whois++ 63/tcp");
	expect_name(rows, "z39.50", "tcp", "z39.50 210/tcp");
	expect_name(rows, "a/tcp", "tcp", "a/tcp 1/tcp");
	expect_name(rows, "#", "tcp", "# 2/tcp");
	expect_name(rows, "sqlXnet", "tcp", "not found");
	expect_name(rows, "whois", "tcp", "not found");
	expect_name(rows, "914c", "g", "not found");
	expect_name(rows, "a", "tcp", "not found");
}

TEST(a_number_is_no_name)
{
	expect_name(PLAIN("named", "100", "tcp"), "100", "tcp", "not found");
}

TEST(a_name_of_255_bytes_is_found_and_one_byte_more_is_not)
{
	char name[257];

	memset(name, 'n', 256);
	name[256] = '\0';

	struct compiled compiled = compile_clean(text(CSV_HEAD "%.255s,100,tcp,,,,,,,,,\n", name));

	assert_string_equal(snapshot_by_name(&compiled.snapshot, name, "tcp"), "not found");
	name[255] = '\0';
	assert_string_equal(snapshot_by_name(&compiled.snapshot, name, "tcp"), text("%s 100/tcp", name));
	name[254] = '\0';
	assert_string_equal(snapshot_by_name(&compiled.snapshot, name, "tcp"), "not found");
	free_compiled(&compiled);
}

TEST(protocols_compare_exactly)
{
	static const char *const others[] = {"",     "TCP", "Tcp",   "tc",      "tcp ", " tcp", "tcpx",
					     "tcp4", "6",   "tcp\n", "udplite", "icmp", "t",    "\xff"};
	struct compiled compiled = compile_clean(CSV_HEAD PLAIN("named", "100", "tcp"));

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_string_equal(snapshot_by_port(&compiled.snapshot, 100, others[i]), "not found");
		assert_string_equal(snapshot_by_name(&compiled.snapshot, "named", others[i]), "not found");
	}
	free_compiled(&compiled);
}

TEST(a_protocol_of_any_length_is_just_not_found)
{
	struct compiled compiled = compile_clean(CSV_HEAD PLAIN("named", "100", "tcp"));
	char protocol[1000];

	memset(protocol, 't', sizeof protocol);
	protocol[sizeof protocol - 1] = '\0';
	assert_string_equal(snapshot_by_port(&compiled.snapshot, 100, protocol), "not found");
	memcpy(protocol, "tcp", 3);
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "named", protocol), "not found");
	free_compiled(&compiled);
}

TEST(each_of_the_four_protocols_is_an_entry_of_its_own)
{
	const char *rows =
		PLAIN("t", "100", "tcp") PLAIN("u", "100", "udp") PLAIN("s", "100", "sctp") PLAIN("d", "100", "dccp");

	expect_port(rows, 100, "tcp", "t 100/tcp");
	expect_port(rows, 100, "udp", "u 100/udp");
	expect_port(rows, 100, "sctp", "s 100/sctp");
	expect_port(rows, 100, "dccp", "d 100/dccp");
}

TEST(no_protocol_asked_gives_the_first_in_order)
{
	expect_port(PLAIN("d", "100", "dccp") PLAIN("u", "100", "udp") PLAIN("t", "100", "tcp"), 100, NULL,
		    "t 100/tcp");
	expect_port(PLAIN("d", "100", "dccp") PLAIN("s", "100", "sctp") PLAIN("u", "100", "udp"), 100, NULL,
		    "u 100/udp");
	expect_port(PLAIN("d", "100", "dccp") PLAIN("s", "100", "sctp"), 100, NULL, "s 100/sctp");
	expect_port(PLAIN("d", "100", "dccp"), 100, NULL, "d 100/dccp");
	expect_name(PLAIN("n", "100", "dccp") PLAIN("n", "100", "udp"), "n", NULL, "n 100/udp");
}

/* Overlays */

#define HTTP_ROWS                                                                                    \
	CSV_HEAD PLAIN("http", "80", "tcp") PLAIN("www", "80", "tcp") PLAIN("http", "80", "udp")     \
		PLAIN("many", "100", "tcp") PLAIN("many", "200", "tcp") PLAIN("domain", "53", "tcp") \
			PLAIN("domain", "53", "udp")

static struct compiled overlaid(const char *overlay)
{
	struct compiled compiled = compile_csv(HTTP_ROWS, strlen(HTTP_ROWS), overlay, NULL);

	if (compiled.status != OUTCOME_OK || compiled.warning_count)
		fail_msg("compile said: %s", compiled.messages);
	return compiled;
}

TEST(an_overlay_answers_at_its_port)
{
	struct compiled compiled = overlaid("mine 80/tcp other\n");
	const struct snapshot *snapshot = &compiled.snapshot;

	assert_string_equal(snapshot_by_port(snapshot, 80, "tcp"), "mine 80/tcp other");
	assert_string_equal(snapshot_by_port(snapshot, 80, NULL), "mine 80/tcp other");
	assert_string_equal(snapshot_by_name(snapshot, "mine", "tcp"), "mine 80/tcp other");
	assert_string_equal(snapshot_by_name(snapshot, "other", NULL), "mine 80/tcp other");
	assert_string_equal(snapshot_by_port(snapshot, 80, "udp"), "http 80/udp");
	free_compiled(&compiled);
}

TEST(a_registry_name_at_an_overlaid_port_is_found_with_its_own_entry)
{
	struct compiled compiled = overlaid("mine 80/tcp\n");

	assert_string_equal(snapshot_by_name(&compiled.snapshot, "http", "tcp"), "http 80/tcp www");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "www", NULL), "http 80/tcp www");
	free_compiled(&compiled);
}

TEST(a_shadowed_entry_is_not_enumerated)
{
	struct compiled compiled = overlaid("mine 80/tcp\n");
	char *all = snapshot_texts(&compiled.snapshot);

	assert_string_equal(all, "domain 53/tcp;domain 53/udp;mine 80/tcp;http 80/udp;many 100/tcp;many 200/tcp;");
	free(all);
	free_compiled(&compiled);
}

TEST(an_overlay_moves_a_name_to_another_port)
{
	struct compiled compiled = overlaid("many 200/tcp\nhttp 8080/tcp\n");

	assert_string_equal(snapshot_by_name(&compiled.snapshot, "many", "tcp"), "many 200/tcp");
	assert_string_equal(snapshot_by_port(&compiled.snapshot, 100, "tcp"), "many 100/tcp");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "http", "tcp"), "http 8080/tcp");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "http", "udp"), "http 80/udp");
	assert_string_equal(snapshot_by_port(&compiled.snapshot, 80, "tcp"), "http 80/tcp www");
	free_compiled(&compiled);
}

TEST(the_order_of_overlay_lines_decides_where_no_protocol_is_asked)
{
	struct compiled compiled = overlaid("mine 53/udp\nmine 53/tcp\n");

	assert_string_equal(snapshot_by_port(&compiled.snapshot, 53, NULL), "mine 53/udp");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "mine", NULL), "mine 53/udp");
	assert_string_equal(snapshot_by_port(&compiled.snapshot, 53, "tcp"), "mine 53/tcp");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "domain", NULL), "domain 53/tcp");
	free_compiled(&compiled);
}

TEST(an_overlay_for_one_protocol_comes_first_where_none_is_asked)
{
	struct compiled compiled = overlaid("mine 53/udp\n");

	assert_string_equal(snapshot_by_port(&compiled.snapshot, 53, NULL), "mine 53/udp");
	assert_string_equal(snapshot_by_port(&compiled.snapshot, 53, "tcp"), "domain 53/tcp");
	free_compiled(&compiled);
}

TEST(entries_of_an_overlay_are_enumerated_in_the_one_order)
{
	struct compiled compiled = overlaid("late 65000/udp\nlate 65000/tcp\nmine 1/sctp\n");
	char *all = snapshot_texts(&compiled.snapshot);

	assert_string_equal(all,
			    "mine 1/sctp;domain 53/tcp;domain 53/udp;http 80/tcp www;http 80/udp;many 100/tcp;"
			    "many 200/tcp;late 65000/tcp;late 65000/udp;");
	free(all);
	free_compiled(&compiled);
}

TEST(of_overlay_lines_for_one_port_the_first_answers_and_each_name_is_found)
{
	struct compiled compiled = overlaid("first 80/tcp a\nsecond 80/tcp b\n");
	const struct snapshot *snapshot = &compiled.snapshot;

	assert_string_equal(snapshot_by_port(snapshot, 80, "tcp"), "first 80/tcp a");
	assert_string_equal(snapshot_by_name(snapshot, "second", "tcp"), "second 80/tcp b");
	assert_string_equal(snapshot_by_name(snapshot, "b", "tcp"), "second 80/tcp b");
	free_compiled(&compiled);
}

TEST(without_case_a_protocol_gives_its_lowest_port_though_an_overlay_prefers_another_for_another)
{
	static const char rows[] =
		CSV_HEAD PLAIN("name", "100", "tcp") PLAIN("Name", "200", "tcp") PLAIN("Name", "200", "udp");
	struct compiled compiled = compile_csv(rows, strlen(rows), "Name 200/udp\n", NULL);

	assert_string_equal(snapshot_by_name(&compiled.snapshot, "NAME", "udp"), "Name 200/udp");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "NAME", "tcp"), "name 100/tcp");
	free_compiled(&compiled);
}

TEST(an_overlay_may_bring_a_protocol_of_its_own)
{
	struct compiled compiled = overlaid("rtmp 1/ddp\n");

	assert_string_equal(snapshot_by_port(&compiled.snapshot, 1, "ddp"), "rtmp 1/ddp");
	assert_string_equal(snapshot_by_name(&compiled.snapshot, "rtmp", NULL), "rtmp 1/ddp");
	assert_string_equal(snapshot_by_port(&compiled.snapshot, 80, "ddp"), "not found");
	free_compiled(&compiled);
}
