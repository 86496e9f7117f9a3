/* SPDX-License-Identifier: MIT */
/* `ianareg unassigned`: blocks that are free or to avoid, picks, and how it ends. */
#include "query/port_suggest.h"
#include "tests/support/port_registry.h"

#define P "ianareg unassigned --snapshot p.db "

TEST(a_pipe_gets_a_line_for_each_block_free_or_to_avoid)
{
	expect(P, 0,
	       "1-79\t79\tfree\t\n"
	       "81-584\t504\tfree\t\n"
	       "586-5999\t5414\tfree\t\n"
	       "6064-6069\t6\tfree\t\n"
	       "6071-6074\t4\tfree\t\n"
	       "6075-6076\t2\tavoid\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n"
	       "6077-6079\t3\tfree\t\n"
	       "6081\t1\tavoid\tyes\n"
	       "6082-7999\t1918\tfree\t\n",
	       "");
}

TEST(a_range_cuts_the_blocks_it_ends_in)
{
	expect(P "6068-6072", 0, "6068-6069\t2\tfree\t\n6071-6072\t2\tfree\t\n", "");
	expect(P "6065", 0, "6065\t1\tfree\t\n", "");
	expect(P "0-65535 | wc -l", 0, "9\n", "");
	expect(P "0000081-00083", 0, "81-83\t3\tfree\t\n", "");
}

TEST(a_protocol_frees_what_others_have)
{
	expect(P "--protocol udp 78-82", 0, "78-82\t5\tfree\t\n", "");
	expect(P "--protocol udp 6069-6071", 0, "6069\t1\tfree\t\n6071\t1\tfree\t\n", "");
	expect(P "--protocol sctp --protocol dccp 6069-6071", 0, "6069-6071\t3\tfree\t\n", "");
	expect(P "--protocol tcp 6080", 0, "6080\t1\tfree\t\n", "");
}

/* A remark names a port, whatever the protocol of its row. */
TEST(a_report_is_to_be_heeded_with_any_protocol)
{
	expect(P "--protocol udp 6002-6004", 0,
	       "6002\t1\tfree\t\n6003\t1\tavoid\tKnown Unauthorized Use on port 6003\n6004\t1\tfree\t\n", "");
}

TEST(where_nothing_is_free_the_status_says_so)
{
	expect(P "80", 2, "", "ianareg: 80: no free port\n");
	expect(P "8000-65535", 2, "", "ianareg: 8000-65535: no free port\n");
	expect(P "50000-50010", 2, "", "ianareg: 50000-50010: no free port\n");
	expect(P "6075", 2, "6075\t1\tavoid\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n",
	       "ianareg: 6075: no free port\n");
}

TEST(json_is_an_object_with_both_kinds_of_blocks)
{
	expect(P "--json --protocol tcp --protocol udp 6074-6075", 0,
	       "{\n"
	       "  \"first_port\": 6074,\n"
	       "  \"last_port\": 6075,\n"
	       "  \"protocols\": [\n"
	       "    \"tcp\",\n"
	       "    \"udp\"\n"
	       "  ],\n"
	       "  \"free_count\": 1,\n"
	       "  \"avoid_count\": 1,\n"
	       "  \"free\": [\n"
	       "    {\n"
	       "      \"first_port\": 6074,\n"
	       "      \"last_port\": 6074,\n"
	       "      \"count\": 1\n"
	       "    }\n"
	       "  ],\n"
	       "  \"avoid\": [\n"
	       "    {\n"
	       "      \"first_port\": 6075,\n"
	       "      \"last_port\": 6075,\n"
	       "      \"count\": 1,\n"
	       "      \"unauthorized_use\": \"Known Use on ports\\n6075 and 6076 \\u001B[31m, \\tesc\"\n"
	       "    }\n"
	       "  ]\n"
	       "}\n",
	       "");

	json_t *json = json_of(P "--json 80", 2);
	json_t *free_blocks;

	assert_int_equal(json_unpack(json, "{s:o}", "free", &free_blocks), 0);
	assert_int_equal(json_array_size(free_blocks), 0);
	json_decref(json);
}

TEST(a_terminal_gets_free_blocks_side_by_side_and_those_to_avoid_with_remarks)
{
	expect_screen("ianareg unassigned", 80, 0,
		      "Free: ports and how many\n"
		      "1-79           79   81-584        504   586-5999     5414   6064-6069       6\n"
		      "6071-6074       4   6077-6079       3   6082-7999    1918\n"
		      "\n"
		      "To avoid   how many  for unauthorised use is reported\n"
		      "6075-6076         2  Known Use on ports 6075 and 6076 \\x1b[31m, esc\n"
		      "6081              1  yes\n"
		      "\n"
		      "7928 free in 7 blocks, 3 to avoid (tcp, udp, sctp, dccp)\n");
	expect_screen("ianareg unassigned --protocol udp 6060-6085", 200, 0,
		      "Free: ports and how many\n"
		      "6060-6069      10   6071-6074       4   6077-6079       3   6082-6085       4\n"
		      "\n"
		      "To avoid   how many  for unauthorised use is reported\n"
		      "6075-6076         2  Known Use on ports 6075 and 6076 \\x1b[31m, esc\n"
		      "6081              1  yes\n"
		      "\n"
		      "21 free in 4 blocks, 3 to avoid (udp)\n");
	expect_screen("ianareg unassigned 80", 80, 2, "ianareg: 80: no free port\n");
	expect_screen("ianareg unassigned 6060-6066", 5, 0,
		      "Free: ports and how many\n6064-6066       3\n\n3 free in 1 block, 0 to avoid (tcp, udp, sctp, "
		      "dccp)\n");
}

TEST(colours_are_for_terminals_that_want_them)
{
	expect_screen("NO_COLOR= ianareg unassigned 6074-6075", 80, 0,
		      "\033[2mFree: ports and how many\n\033[0m"
		      "\033[36m6074       \033[0m     1\n"
		      "\n"
		      "\033[2mTo avoid\033[0m  \033[2mhow many\033[0m  \033[2mfor unauthorised use is reported\033[0m\n"
		      "\033[31m6075\033[0m             1  Known Use on ports 6075 and 6076 \\x1b[31m, esc\n"
		      "\n"
		      "1 free in 1 block, 1 to avoid (tcp, udp, sctp, dccp)\n");
}

TEST(lines_fit_terminals_of_many_widths)
{
	static const unsigned short widths[] = {40, 80, 81, 120, 200};

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct screen screen = screen_of(
			text("IANAREG_SNAPSHOT=%s/ianareg.db %s/ianareg unassigned", build_dir(), build_dir()),
			widths[i]);
		char *last = NULL;

		for (char *line = strtok(screen.text, "\n"); line; line = strtok(NULL, "\n"))
			assert_in_range(strlen(last = line), 1,
					widths[i] > 64 ? widths[i] : 64); /* the last line needs 61 */
		assert_non_null(strstr(last, " to avoid ("));
		free_screen(&screen);
	}
}

/* Ports that the command prints, one a line; how many. */
static unsigned picks_of(const char *command, unsigned *picks, unsigned room)
{
	struct run result = in_scratch(command);
	unsigned count = 0;

	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
	for (char *line = strtok(result.out, "\n"); line; line = strtok(NULL, "\n")) {
		assert_in_range(count, 0, room - 1);
		picks[count++] = (unsigned)atoi(line);
	}
	free_run(&result);
	return count;
}

TEST(count_picks_user_ports_outside_this_machines_ephemeral_range)
{
	const struct ephemeral_range ephemeral = read_ephemeral_range(EPHEMERAL_FILE);
	unsigned picks[50];

	assert_int_equal(picks_of("ianareg unassigned --count 50", picks, 50), 50);
	for (unsigned i = 0; i < 50; i++) {
		assert_in_range(picks[i], 1024, 49151);
		assert_true(picks[i] < ephemeral.first || picks[i] > ephemeral.last);
		expect(text("ianareg unassigned %u", picks[i]), 0, text("%u\t1\tfree\t\n", picks[i]), "");
	}
}

TEST(system_ports_are_picked_where_the_range_has_them)
{
	unsigned pick;

	assert_int_equal(picks_of(P "--count 1 70-79", &pick, 1), 1);
	assert_in_range(pick, 70, 79);
}

TEST(the_same_seed_gives_the_same_picks_and_no_seed_others)
{
	expect(P "--count 9 --seed mine >a && " P "--seed mine --count 9 >b && cmp a b && " P
		 "--count 9 --seed yours "
		 ">b && ! cmp -s a b",
	       0, "", "");
	expect(P "--count 9 >a && " P "--count 9 >b && ! cmp -s a b", 0, "", "");
}

TEST(picks_in_json_say_how_to_have_them_again)
{
	json_t *json = json_of(P "--json --count 2 --protocol udp 6000-6100", 0);
	const char *seed, *protocol;
	int first, last, a, b, low, high;

	assert_int_equal(json_unpack(json, "{s:i, s:i, s:[s!], s:{s:i, s:i!}, s:s, s:[i, i!]!}", "first_port", &first,
				     "last_port", &last, "protocols", &protocol, "ephemeral", "first_port", &low,
				     "last_port", &high, "seed", &seed, "picks", &a, &b),
			 0);
	assert_int_equal(first, 6000);
	assert_int_equal(last, 6100);
	assert_string_equal(protocol, "udp");
	assert_int_equal(strlen(seed), 8);
	expect(text(P "--count 2 --protocol udp --seed %s 6000-6100", seed), 0, text("%d\n%d\n", a, b), "");
	json_decref(json);
}

TEST(too_few_ports_are_no_picks_at_all)
{
	expect(P "--count 4 6064-6069", 2, "", NULL);
	expect(P "--count 4 6064-6069 2>&1 | sed 's/ports [0-9-]*$/ports/'", 0,
	       "ianareg: 4: too many: 3 can be picked from 6064-6069, free, none next to another, outside the "
	       "ephemeral ports\n",
	       "");
	expect(P "--count 1 6075", 2, "", NULL);
	expect(P "--json --count 1 50000-51000", 2, "", NULL);
	expect("ianareg unassigned --count 100000", 2, "", NULL);
	expect("ianareg unassigned --count 99999999999999999999", 2, "", NULL);
}

TEST(an_empty_registry_is_all_free)
{
	put_file("none.csv", CSV_HEAD);
	expect("ianareg compile -o none.db none.csv && ianareg unassigned --snapshot none.db", 0,
	       "0-49151\t49152\tfree\t\n", "");
	expect("ianareg unassigned --snapshot none.db --count 1000 1-9999 | wc -l", 0, "1000\n", "");
}

TEST(bad_usage_is_one_line)
{
	expect("ianareg unassigned 10-5", 1, "", "ianareg: 10-5: the range ends before it begins\n");
	expect("ianareg unassigned 0-65536", 1, "", "ianareg: 0-65536: ports go from 0 to 65535\n");
	expect("ianareg unassigned cora", 1, "", "ianareg: cora: is not a range of ports LO-HI\n");
	expect("ianareg unassigned 80/tcp", 1, "", "ianareg: 80/tcp: is not a range of ports LO-HI\n");
	expect("ianareg unassigned 10-", 1, "", "ianareg: 10-: is not a range of ports LO-HI\n");
	expect("ianareg unassigned ''", 1, "", "ianareg: LO-HI: a range is empty\n");
	expect("ianareg unassigned 1-2 3-4", 1, "", "ianareg: 3-4: one range at most; see ianareg unassigned --help\n");
	expect("ianareg unassigned --count 0", 1, "", "ianareg: --count: how many ports? A number from 1 up\n");
	expect("ianareg unassigned --count -5", 1, "", "ianareg: --count: how many ports? A number from 1 up\n");
	expect("ianareg unassigned --count ''", 1, "", "ianareg: --count: how many ports? A number from 1 up\n");
	expect("ianareg unassigned --count 5x", 1, "", "ianareg: --count: how many ports? A number from 1 up\n");
	expect("ianareg unassigned --seed a", 1, "", "ianareg: --seed: is for --count\n");
	expect("ianareg unassigned --protocol TCP", 1, "",
	       "ianareg: TCP: no such protocol; there are tcp, udp, sctp and dccp\n");
	expect("ianareg unassigned --frob", 1, "", "ianareg: --frob: no such option; see ianareg unassigned --help\n");
	expect("ianareg unassigned --count", 1, "",
	       "ianareg: --count: needs an argument; see ianareg unassigned --help\n");
	expect("ianareg unassigned --snapshot none-such.db", 1, "",
	       "ianareg: none-such.db: No such file or directory\n");
	expect("ianareg unassigned >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("{ sleep 0.2; ianareg unassigned; echo $? >&2; } | true", 0, "", "141\n");
}

TEST_PROGRAM(.set_up = make_port_snapshot);
