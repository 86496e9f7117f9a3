/* SPDX-License-Identifier: MIT */
/* `ianareg lookup`: keys, what is shown for them, and how it ends. */
#include <unistd.h>

#include "tests/support/cli_tool.h"

#define CORA                                               \
	"cora\t19220\ttcp\tAssigned\t\tClient Connection " \
	"Management\t[Softvise]\t[Ronny_Kr\xc3\xbcger]\t2016-11-10\t\t\t\t\t\tregistry\n"
#define CORA_DISC                                                                                   \
	"cora-disc\t19220\tudp\tAssigned\t\tDiscovery\t[Softvise]\t[Ronny_Kr\xc3\xbcger]\t2016-11-" \
	"10\t\t\t\t\t\tregistry\n"
#define UNASSIGNED "\t19195-19219\t\tUnassigned\t\tUnassigned\t\t\t\t\t\t\t\t\tregistry\n"
#define HTTP                                                                                                        \
	"http\t80\ttcp\tAssigned\twww\tWorld Wide Web HTTP\t[IESG]\t[Chair]\t\t2021-10-01\t[RFC9110]\t\t\tDefined " \
	"TXT keys\tregistry\n"
#define WWW                                                                                             \
	"www\t80\ttcp\tAssigned\t\tWorld Wide Web HTTP\t[IESG]\t[Chair]\t\t2021-10-01\t[RFC9110]\t\t\t" \
	"This is a duplicate of the \"http\" service\\nand should not be used.\tregistry\n"
#define X11                                                                                                          \
	"x11\t6000-6063\ttcp\tAssigned\t\tX Window System\t[Stephen]\t[Stephen]\t\t\t\t\tKnown Unauthorized Use on " \
	"port 6003\t\tregistry\n"
#define BOE "boe-cms\t6400\t\tAssigned\t\tBusiness Objects CMS\t[Bo]\t[Bo]\t\t\t\t\t\t\tregistry\n"
#define DYNAMIC "\t49152-65535\t\tDynamic and/or Private\t\t\t\t\t\t\t[RFC6335]\t\t\t\trfc6335\n"
#define TI                                                                                                \
	"914c-g\t211\ttcp\tAssigned\t914c/g\tTexas Instruments\\nIANA assigned this well-formed service " \
	"name\t[Bill]\t[Bill]\t\t\t\t\t\t\tregistry\n"                                                    \
	"914c/g\t211\ttcp\tAssigned\t\tTexas Instruments\t[Bill]\t[Bill]\t\t\t\t\t\t"                     \
	"This entry is an alias to \"914c-g\".\\nThis entry is now historic.\tregistry\n"

TEST(a_port_shows_all_its_rows)
{
	expect("ianareg lookup 19220", 0, CORA CORA_DISC, "");
	expect("ianareg lookup 0019220", 0, CORA CORA_DISC, "");
}

TEST(a_protocol_narrows_a_port)
{
	expect("ianareg lookup 19220/udp", 0, CORA_DISC, "");
	expect("ianareg lookup 19220/sctp", 2, "", "ianareg: 19220/sctp: not in the registry\n");
}

TEST(a_range_shows_every_row_it_meets)
{
	expect("ianareg lookup 19200-19220/tcp", 0, UNASSIGNED CORA, "");
	expect("ianareg lookup 6063-6400", 0, X11 BOE, "");
	expect("ianareg lookup 6064-6399", 2, "", "ianareg: 6064-6399: not in the registry\n");
}

TEST(a_port_inside_a_named_range_shows_the_range)
{
	expect("ianareg lookup 6010", 0, X11, "");
}

TEST(a_name_is_found_without_regard_to_case)
{
	expect("ianareg lookup CoRa", 0, CORA, "");
	expect("ianareg lookup cora/tcp", 0, CORA, "");
	expect("ianareg lookup cora/udp", 2, "", "ianareg: cora/udp: not in the registry\n");
	expect("ianareg lookup cor", 2, "", "ianareg: cor: not in the registry\n");
}

TEST(an_alias_shows_the_rows_of_both_names)
{
	expect("ianareg lookup WWW", 0, HTTP WWW, "");
	expect("ianareg lookup http", 0, HTTP, "");
}

TEST(a_slash_before_no_protocol_belongs_to_the_name)
{
	expect("ianareg lookup 914c/g", 0, TI, "");
	expect("ianareg lookup 914c/g/tcp", 0, TI, "");
	expect("ianareg lookup 914c/g/udp", 2, "", "ianareg: 914c/g/udp: not in the registry\n");
	expect("ianareg lookup 80/TCP", 2, "", "ianareg: 80/TCP: not in the registry\n");
}

TEST(a_row_without_a_protocol_is_shown_for_each)
{
	expect("ianareg lookup 6400/udp", 0, BOE, "");
	expect("ianareg lookup boe-cms/tcp", 0, BOE, "");
}

TEST(a_name_on_several_ports_shows_them_all)
{
	expect("ianareg lookup http-alt | cut -f 2", 0, "591\n8080\n", "");
}

TEST(a_name_without_a_port_is_found_as_such)
{
	expect("ianareg lookup airplay | cut -f 1-4", 0, "airplay\t\ttcp\tRegistered without a port\n", "");
}

TEST(rows_without_a_name_have_a_status)
{
	expect("ianareg lookup 0 24 585 19200 | cut -f 2-4", 0,
	       "0\ttcp\tReserved\n24\ttcp\tAssigned without a name\n585\t\tDe-registered\n"
	       "19195-19219\t\tUnassigned\n",
	       "");
}

TEST(each_spelling_of_a_status_is_understood)
{
	put_file("odd.csv", CSV_HEAD
		 ",1,tcp,(unassigned) Possibly assigned,,,,,,,,\n"
		 ",2,tcp,Unassigned,[A],,,,,,,\n"
		 ",3,tcp,Reserved - IANA,,,,,,,,\n"
		 ",4,tcp,\"Decomissioned Port 04/14/00, ms\",[A],,,,,,,\n"
		 ",5,tcp,De-Commissioned Port,,,,,,,,\n"
		 ",6,tcp,removed,,,,,,,,\n"
		 ",7,tcp,Deprecated,,,,,,,,\n"
		 ",8,tcp,Possibly used by Sun Solaris????,,,,,,,,\n");
	expect("ianareg compile -o odd.db odd.csv && ianareg lookup --snapshot odd.db 1-8 | cut -f 2,4", 0,
	       "1\tUnassigned\n2\tUnassigned\n3\tReserved\n4\tDe-registered\n5\tDe-registered\n6\tDe-registered\n"
	       "7\tDe-registered\n8\tReserved\n",
	       "");
}

TEST(ports_past_49151_without_a_row_are_dynamic)
{
	expect("ianareg lookup 49152 65535/udp", 0, DYNAMIC DYNAMIC, "");
	expect("ianareg lookup 19195-65535/tcp", 0, UNASSIGNED CORA DYNAMIC, "");
	expect("ianareg lookup 49151", 2, "", "ianareg: 49151: not in the registry\n");
}

TEST(an_overlay_on_a_dynamic_port_is_no_longer_dynamic)
{
	put_file("site", "ours 50000/tcp mine\n");
	expect("ianareg compile -o o.db --overlay site r.csv", 0, "", "");
	expect("ianareg lookup --snapshot o.db mine 50000/tcp | cut -f 1-5", 0,
	       "ours\t50000\ttcp\tAssigned\tmine\nours\t50000\ttcp\tAssigned\tmine\n", "");
	expect("ianareg lookup --snapshot o.db mine cora | cut -f 1,15", 0, "ours\toverlay\ncora\tregistry\n", "");
	expect("ianareg lookup --snapshot o.db 50000-50001 | cut -f 1,2", 0, "ours\t50000\n\t49152-65535\n", "");
}

TEST(several_keys_end_with_the_worst)
{
	expect("ianareg lookup 1 cora 99999 nobody", 1, CORA,
	       "ianareg: 1: not in the registry\nianareg: 99999: ports go from 0 to 65535\n"
	       "ianareg: nobody: not in the registry\n");
	expect("ianareg lookup 1 cora", 2, CORA, NULL);
}

TEST(keys_come_from_standard_input)
{
	expect("printf 'cora\\r\\n19220/udp' | ianareg lookup 6010 -", 0, X11 CORA CORA_DISC, "");
	expect("ianareg lookup - </dev/null", 0, "", "");
	expect("printf 'cora\\n\\ncora' | ianareg lookup -", 1, CORA CORA, "ianareg: a key: is empty\n");
	expect("printf 'co\\0ra\\ncora' | ianareg lookup -", 1, CORA, "ianareg: a key: has a NUL byte in it\n");
	expect("ianareg lookup - <.", 1, "", "ianareg: standard input: Is a directory\n");
}

TEST(keys_that_make_no_sense_are_refused_in_a_line)
{
	expect("ianareg lookup ''", 1, "", "ianareg: a key: is empty\n");
	expect("ianareg lookup 10-5", 1, "", "ianareg: 10-5: the range ends before it begins\n");
	expect("ianareg lookup 5-65536", 1, "", "ianareg: 5-65536: ports go from 0 to 65535\n");
	expect("ianareg lookup 18446744073709551696", 1, "",
	       "ianareg: 18446744073709551696: ports go from 0 to 65535\n");
	expect("ianareg lookup /tcp", 1, "", "ianareg: /tcp: names neither a port nor a service\n");
	expect("ianareg lookup $(printf %0300d 7)", 1, "", "ianareg: a key: is longer than 255 bytes\n");
}

TEST(a_key_of_ten_megabytes_is_one_line_of_complaint)
{
	expect("{ head -c 10000000 /dev/zero | tr '\\0' x; echo; echo cora; } | ianareg lookup -", 1, CORA,
	       "ianareg: a key: is longer than 255 bytes\n");
}

TEST(a_missing_key_and_unknown_options_are_usage_errors)
{
	expect("ianareg lookup", 1, "", "ianareg: lookup: which key? See ianareg lookup --help\n");
	expect("ianareg lookup --frob cora", 1, "", "ianareg: --frob: no such option; see ianareg lookup --help\n");
	expect("ianareg lookup -x cora", 1, "", "ianareg: -x: no such option; see ianareg lookup --help\n");
	expect("ianareg lookup cora --snapshot", 1, "",
	       "ianareg: --snapshot: needs an argument; see ianareg lookup --help\n");
	expect("ianareg lookup -- --json", 2, "", "ianareg: --json: not in the registry\n");
}

TEST(a_service_without_a_protocol_is_tcps_and_udps_alone)
{
	expect("ianareg lookup boe-cms/udp | cut -f 1,2", 0, "boe-cms\t6400\n", "");
	expect("ianareg lookup boe-cms/sctp", 2, "", "ianareg: boe-cms/sctp: not in the registry\n");
	expect("ianareg lookup 6400/sctp", 2, "", "ianareg: 6400/sctp: not in the registry\n");
	expect("ianareg lookup 19200/sctp | cut -f 2,4", 0, "19195-19219\tUnassigned\n", "");
}

TEST(bytes_that_could_harm_a_terminal_are_escaped)
{
	put_file("evil.csv", CSV_HEAD "evil,7,tcp,\"a\tb\\c\x1b[31m\x7f\xc2\x9b\r\nd\",,,,,,,,\n");
	expect("ianareg compile -o evil.db evil.csv && ianareg lookup --snapshot evil.db 7 | cut -f 6", 0,
	       "a\\tb\\\\c\\x1b[31m\\x7f\\xc2\\x9b\\nd\n", "");
	expect("ianareg lookup \"$(printf 'a\\033\\377b')\"", 2, "", "ianareg: a\\x1b\\xffb: not in the registry\n");
}

TEST(characters_that_format_or_reorder_a_line_are_escaped)
{
	put_file("evil.csv", CSV_HEAD
		 "evil,7,tcp,a\xe2\x80\xae"
		 "b\xe2\x80\x8f"
		 "c\xe2\x81\xa6"
		 "d\xe2\x80\x8d"
		 "e\xe2\x81\xaa,,,,,,,,\n");
	expect("ianareg compile -o evil.db evil.csv && ianareg lookup --snapshot evil.db 7 | cut -f 6", 0,
	       "a\\xe2\\x80\\xaeb\\xe2\\x80\\x8fc\\xe2\\x81\\xa6d\\xe2\\x80\\x8de\\xe2\\x81\\xaa\n", "");
}

TEST(a_snapshot_that_cannot_be_used_is_named_with_its_reason)
{
	put_file("junk.db", "this is no snapshot");
	put_file("empty.db", "");
	expect("ianareg lookup --snapshot none.db 80", 1, "", "ianareg: none.db: No such file or directory\n");
	expect("IANAREG_SNAPSHOT=none.db ianareg lookup 80", 1, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg lookup --snapshot . 80", 1, "", "ianareg: .: is not a regular file\n");
	expect("ianareg lookup --snapshot empty.db 80", 3, "", "ianareg: empty.db: is not an ianareg snapshot\n");
	expect("cat junk.db s.db >j.db && ianareg lookup --snapshot j.db 80", 3, "", NULL);
	expect("head -c 1000 s.db >cut.db && ianareg lookup --snapshot cut.db 80", 3, "",
	       "ianareg: cut.db: is not as long as its header says\n");
	expect("cp s.db open.db && chmod 666 open.db && ianareg lookup --snapshot open.db 80", 1, "",
	       "ianareg: open.db: is writable by group or others\n");
	expect("mkfifo pipe.db && timeout 10 ianareg lookup --snapshot pipe.db 80", 1, "",
	       "ianareg: pipe.db: is not a regular file\n");
}

TEST(an_unreadable_snapshot_is_a_system_error)
{
	if (geteuid() == 0)
		skip(); /* root reads everything */
	expect("cp s.db shut.db && chmod 0 shut.db && ianareg lookup --snapshot shut.db 80", 1, "",
	       "ianareg: shut.db: Permission denied\n");
}

TEST(output_that_cannot_be_written_is_an_error)
{
	expect("ianareg lookup cora >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("ianareg lookup cora >&-", 1, "", "ianareg: standard output: Bad file descriptor\n");
	expect("{ sleep 0.2; ianareg lookup cora; echo $? >&2; } | true", 0, "", "141\n");
}

TEST(json_has_an_object_for_each_key)
{
	json_t *json = json_of("ianareg lookup --json www 19195-19220/tcp nobody", 2);
	const char *key, *name, *alias, *protocol;
	int found, port;
	json_t *rows;

	assert_int_equal(json_array_size(json), 3);
	assert_int_equal(json_unpack(json_array_get(json, 0), "{s:s, s:b, s:{s:s, s:[s], s:i, s:s!}, s:o, s:n!}", "key",
				     &key, "found", &found, "answer", "name", &name, "aliases", &alias, "port", &port,
				     "protocol", &protocol, "rows", &rows, "error"),
			 0);
	assert_string_equal(key, "www");
	assert_true(found);
	assert_string_equal(name, "http");
	assert_string_equal(alias, "www");
	assert_int_equal(port, 80);
	assert_string_equal(protocol, "tcp");
	assert_int_equal(json_array_size(rows), 2);
	assert_int_equal(
		json_unpack(json_array_get(json, 1), "{s:b, s:n, s:o}", "found", &found, "answer", "rows", &rows), 0);
	assert_true(found);
	assert_int_equal(json_array_size(rows), 2);
	assert_int_equal(
		json_unpack(json_array_get(json, 2), "{s:b, s:n, s:o}", "found", &found, "answer", "rows", &rows), 0);
	assert_false(found);
	assert_int_equal(json_array_size(rows), 0);
	json_decref(json);
}

TEST(a_row_in_json_has_all_its_members_in_order)
{
	expect("ianareg lookup --json 19200", 0,
	       "[\n"
	       "  {\n"
	       "    \"key\": \"19200\",\n"
	       "    \"found\": true,\n"
	       "    \"answer\": null,\n"
	       "    \"rows\": [\n"
	       "      {\n"
	       "        \"name\": null,\n"
	       "        \"first_port\": 19195,\n"
	       "        \"last_port\": 19219,\n"
	       "        \"protocol\": null,\n"
	       "        \"status\": \"Unassigned\",\n"
	       "        \"aliases\": [],\n"
	       "        \"description\": \"Unassigned\",\n"
	       "        \"assignee\": null,\n"
	       "        \"contact\": null,\n"
	       "        \"registration_date\": null,\n"
	       "        \"modification_date\": null,\n"
	       "        \"reference\": null,\n"
	       "        \"service_code\": null,\n"
	       "        \"unauthorized_use\": null,\n"
	       "        \"notes\": null,\n"
	       "        \"overlay\": false\n"
	       "      }\n"
	       "    ],\n"
	       "    \"error\": null\n"
	       "  }\n"
	       "]\n",
	       "");
	expect("ianareg lookup --json - </dev/null", 0, "[]\n", "");
}

TEST(a_row_without_a_port_has_null_ports_in_json)
{
	json_t *json = json_of("ianareg lookup --json airplay", 0);
	const char *status;

	assert_int_equal(json_unpack(json, "[{s:n, s:[{s:n, s:n, s:s}]}]", "answer", "rows", "first_port", "last_port",
				     "status", &status),
			 0);
	assert_string_equal(status, "Registered without a port");
	json_decref(json);
}

TEST(a_key_that_is_not_utf8_does_not_break_json)
{
	json_t *json = json_of("ianareg lookup --json \"$(printf 'a\\377')\"", 2);
	const char *key;

	assert_int_equal(json_unpack(json, "[{s:s}]", "key", &key), 0);
	assert_string_equal(key, "a\\xff");
	json_decref(json);
}

TEST(help_goes_to_standard_output_and_fits_the_screen)
{
	static const char *const verbs[] = {"",       "lookup", "search", "compile",  "export",     "info",
					    "verify", "diff",   "update", "rollback", "unassigned", "map"};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		struct run result = in_scratch(text("ianareg %s --help", verbs[i]));
		unsigned lines = 0;

		assert_int_equal(result.status, 0);
		assert_string_equal(result.err, "");
		for (char *line = strtok(result.out, "\n"); line; line = strtok(NULL, "\n"), lines++)
			assert_in_range(strlen(line), 1, 80);
		assert_in_range(lines, 5, 23);
		free_run(&result);
	}
}

TEST_PROGRAM(.set_up = make_small_snapshot);
