/* SPDX-License-Identifier: MIT */
/* `ianareg export`: the three formats, facts alone, and that CSV compiles to what it came from. */
#include <jansson.h>

#include "tests/support/cli_tool.h"

#define SMALL_FACTS                                                                                                \
	"Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification " \
	"Date,"                                                                                                    \
	"Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n"                                    \
	",0,tcp,Reserved,,,,2024-12-20,[RFC6335],,,\r\n"                                                           \
	",24,tcp,any private mail system,[Rick],[Rick],,,,,,\r\n"                                                  \
	"http,80,tcp,World Wide Web HTTP,[IESG],[Chair],,2021-10-01,[RFC9110],,,\r\n"                              \
	"www,80,tcp,World Wide Web HTTP,[IESG],[Chair],,2021-10-01,[RFC9110],,,\"duplicate of \"\"http\"\"\"\r\n"  \
	"914c-g,211,tcp,Texas Instruments,[Bill],[Bill],,,,,,\r\n"                                                 \
	"914c/g,211,tcp,Texas Instruments,[Bill],[Bill],,,,,,\"This entry is an alias to \"\"914c-g\"\".\"\r\n"    \
	",585,,De-registered,,,,2006-04-25,,,,\r\n"                                                                \
	"http-alt,591,tcp,FileMaker,[Clay],[Clay],,,,,,\r\n"                                                       \
	"x11,6000-6063,tcp,X Window System,[Stephen],[Stephen],,,,,Known Unauthorized Use on port 6003,\r\n"       \
	"boe-cms,6400,,Business Objects CMS,[Bo],[Bo],,,,,,\r\n"                                                   \
	"http-alt,8080,tcp,HTTP Alternate,[Stephen],[Stephen],,,,,,\r\n"                                           \
	",19195-19219,,Unassigned,,,,,,,,\r\n"                                                                     \
	"cora,19220,tcp,Client Connection Management,[Softvise],[Ronny_Kr\xc3\xbcger],2016-11-10,,,,,\r\n"         \
	"cora-disc,19220,udp,Discovery,[Softvise],[Ronny_Kr\xc3\xbcger],2016-11-10,,,,,\r\n"                       \
	"airplay,,tcp,Protocol for streaming,[Apple],[James],,,,,,\r\n"

TEST(services_has_what_answers)
{
	expect("ianareg export --format services | grep -v '^#' | grep -v '^x11' | awk '{print $1, $2, $3}' | sed 's/ "
	       "#$//'",
	       0,
	       "http-alt 8080/tcp\nhttp 80/tcp www\n914c-g 211/tcp 914c/g\nhttp-alt 591/tcp\nboe-cms 6400/tcp\n"
	       "boe-cms 6400/udp\ncora 19220/tcp\ncora-disc 19220/udp\n",
	       "");
}

TEST(csv_compiles_to_the_same_snapshot_and_exports_the_same_again)
{
	expect("ianareg export --format csv >e.csv && ianareg compile -o e.db e.csv && cmp e.db s.db", 0, "", "");
	expect("ianareg export --format csv --snapshot e.db | cmp - e.csv", 0, "", "");
}

TEST(csv_quotes_only_what_needs_it)
{
	put_file("q.csv", CSV_HEAD
		 "plain,1,tcp,it's a; text,,,,,,,,\n"
		 "comma,2,tcp,\"a,b\",,,,,,,,\nquote,3,tcp,\"a\"\"b\",,,,,,,,\n"
		 "line,4,tcp,\"a\r\nb\",,,,,,,,\n");
	expect("ianareg compile -o q.db q.csv && ianareg export --snapshot q.db --format csv | tail -n +2", 0,
	       "plain,1,tcp,it's a; text,,,,,,,,\r\ncomma,2,tcp,\"a,b\",,,,,,,,\r\n"
	       "quote,3,tcp,\"a\"\"b\",,,,,,,,\r\nline,4,tcp,\"a\nb\",,,,,,,,\r\n",
	       "");
}

/* Small registries made up at random: ranges, rows without protocol, several names on a port, remarks. */
static void put_random_registry(uint64_t *random)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	static const char *const ports[] = {"4", "5", "6", "4-6", "5-6", "1-10", ""};
	static const char *const protocols[] = {"tcp", "udp", ""};
	static const char *const notes[] = {"", "", "", "\"This entry is an alias to \"\"a\"\".\"", "NOTE Conflict"};
	char csv[4096] = CSV_HEAD;

	for (unsigned rows = 2 + next_random(random) % 6; rows; rows--)
		snprintf(csv + strlen(csv), 128, "%s,%s,%s,,,,,,,,,%s\n", names[next_random(random) % 4],
			 ports[next_random(random) % 7], protocols[next_random(random) % 3],
			 notes[next_random(random) % 5]);
	put_file("any.csv", csv);
}

TEST(what_is_exported_compiles_to_the_same_bytes_whatever_the_order_of_rows)
{
	uint64_t random = 20261122;

	for (unsigned i = 0; i < 60; i++) {
		put_random_registry(&random);
		expect("ianareg compile -o 1.db any.csv 2>/dev/null && ianareg export --format csv --snapshot 1.db "
		       ">2.csv &&"
		       " ianareg compile -o 2.db 2.csv 2>/dev/null && cmp 1.db 2.db",
		       0, "", "");
	}
}

TEST(csv_is_ianas_rows_without_overlays)
{
	put_file("site", "ours 80/tcp\n");
	expect("ianareg compile -o o.db --overlay site r.csv && ianareg export --format csv >e.csv &&"
	       " ianareg export --format csv --snapshot o.db | cmp - e.csv",
	       0, "", "");
	expect("ianareg export --format json --snapshot o.db | grep -c '\"overlay\": true'", 0, "1\n", "");
}

TEST(facts_alone_are_what_a_compile_reads)
{
	expect("ianareg export --format csv --no-notes", 0, SMALL_FACTS, "");
	expect("ianareg export --format csv --no-notes >f.csv && ianareg compile -o f.db f.csv &&"
	       " ianareg export --snapshot f.db --format csv --no-notes | cmp - f.csv",
	       0, "", "");
	expect("ianareg export --format services --snapshot f.db >f.services;"
	       " ianareg export --format services | cmp - f.services",
	       0, "", "");
}

TEST(a_description_is_its_first_sentence_over_lines)
{
	put_file("d.csv", CSV_HEAD
		 "a,1,tcp,\"goes on\n      to here,  and\nhere\",,,,,,,,\n"
		 "b,2,tcp,\"A sentence. \n Another one.\",,,,,,,,\n"
		 "c,3,tcp,\"A name\n    IANA assigned this.\",,,,,,,,\n"
		 "d,4,tcp,IANA assigned,,,,,\"[RFC1]\n[RFC2]\",,,\n");
	expect("ianareg compile -o d.db d.csv && ianareg export --no-notes --snapshot d.db --format csv | tail -n +2",
	       0,
	       "a,1,tcp,\"goes on to here, and here\",,,,,,,,\r\nb,2,tcp,A sentence.,,,,,,,,\r\n"
	       "c,3,tcp,A name,,,,,,,,\r\nd,4,tcp,IANA assigned,,,,,[RFC1] [RFC2],,,\r\n",
	       "");
}

TEST(each_mark_survives_and_nothing_else_of_the_notes)
{
	put_file("m.csv", CSV_HEAD
		 "a,1,tcp,,,,,,,,,\"Some prose.\nThis entry records an UNASSIGNED but\n widespread use.\"\n"
		 "b,2,tcp,,,,,,,,,<== NOTE Conflict on 2 !\n"
		 "c,3,tcp,,,,,,,,,A duplicate of something\n"
		 "d,4,tcp,\"One.\nNote conflict\",,,,,,,,\"Duplicate of the \"\"c\"\" service\"\n");
	expect("ianareg compile -o m.db m.csv && ianareg export --no-notes --snapshot m.db --format csv | tail -n +2",
	       0,
	       "a,1,tcp,,,,,,,,,unassigned but widespread use\r\nb,2,tcp,,,,,,,,,NOTE Conflict\r\n"
	       "c,3,tcp,,,,,,,,,duplicate of another\r\n"
	       "d,4,tcp,One.,,,,,,,,\"duplicate of \"\"c\"\" NOTE Conflict\"\r\n",
	       "");
}

TEST(json_is_an_array_of_the_rows_of_lookup)
{
	struct run all = in_scratch("ianareg export --format json");
	struct run some = in_scratch("ianareg lookup --json 0-65535/tcp cora-disc airplay");
	json_t *exported = json_loads(all.out, 0, NULL), *looked_up = json_loads(some.out, 0, NULL);
	json_t *dynamic = json_array_get(json_object_get(json_array_get(looked_up, 0), "rows"), 13);
	size_t index;
	json_t *row;

	assert_int_equal(json_array_size(exported), 15);
	assert_string_equal(json_string_value(json_object_get(dynamic, "status")), "Dynamic and/or Private");
	json_array_foreach(exported, index, row)
	{
		size_t key = index < 13 ? 0 : index - 12;
		json_t *rows = json_object_get(json_array_get(looked_up, key), "rows");

		assert_true(json_equal(row, json_array_get(rows, index < 13 ? index : 0)));
	}
	json_decref(exported);
	json_decref(looked_up);
	free_run(&all);
	free_run(&some);
}

TEST(json_facts_have_no_prose)
{
	expect("ianareg export --format json --no-notes | grep '\"notes\": \"'", 0,
	       "    \"notes\": \"duplicate of \\\"http\\\"\",\n"
	       "    \"notes\": \"This entry is an alias to \\\"914c-g\\\".\",\n",
	       "");
}

TEST(a_file_is_written_whole_or_not_at_all)
{
	expect("ianareg export --format csv -o file.csv && ianareg export --format csv | cmp - file.csv", 0, "", "");
	expect("ianareg export --format csv -o - | cmp - file.csv", 0, "", "");
	expect("ianareg export --format csv -o /dev/full", 1, "", "ianareg: /dev/full: is not a regular file\n");
	expect("ln -s file.csv link.csv && ianareg export --format csv -o link.csv", 1, "", NULL);
	expect("ianareg export --format csv -o r.csv/x", 1, "", NULL);
	expect("ianareg export --format csv -o none/x", 1, "", NULL);
	expect("ianareg export --format csv -o s.db", 1, "", "ianareg: s.db: is the snapshot that would be exported\n");
	expect("ianareg verify s.db >out", 0, "", "");
}

TEST(a_full_disk_is_an_error_and_a_closed_pipe_is_quiet)
{
	expect("for f in services csv json; do ianareg export --format $f >/dev/full || echo $?; done", 0, "1\n1\n1\n",
	       "ianareg: standard output: No space left on device\n"
	       "ianareg: standard output: No space left on device\n"
	       "ianareg: standard output: No space left on device\n");
	expect("{ sleep 0.2; ianareg export --format csv; echo $? >&2; } | true", 0, "", "141\n");
}

TEST(bad_usage_is_one_line)
{
	expect("ianareg export", 1, "", "ianareg: export: in which format? --format services, csv or json\n");
	expect("ianareg export --format xml", 1, "",
	       "ianareg: xml: no such format; there are services, csv and json\n");
	expect("ianareg export --format services --no-notes", 1, "",
	       "ianareg: --no-notes: is for the formats csv and json\n");
	expect("ianareg export --format csv s.db", 1, "",
	       "ianareg: s.db: export takes no arguments; see ianareg export --help\n");
	expect("ianareg export --format csv -o ''", 1, "", "ianareg: -o: a file needs a name\n");
	expect("ianareg export --format csv --snapshot none.db", 1, "",
	       "ianareg: none.db: No such file or directory\n");
	expect("ianareg export --format csv --snapshot r.csv", 3, "", "ianareg: r.csv: is not an ianareg snapshot\n");
}

/* The whole registry: as published if that is here, else as bundled. */
TEST(the_whole_registry_goes_round_unchanged)
{
	const char *path = published_csv() ? published_csv() : BUNDLED_CSV;
	char *registry = realpath(path, NULL);

	if (!registry) {
		print_message("note: %s is not there\n", path);
		skip();
	}
	expect(text("ianareg compile -o w.db '%s'", registry), 0, "", NULL);
	expect("ianareg export --snapshot w.db --format csv >w.csv && ianareg compile -o w2.db w.csv && cmp w.db w2.db "
	       "&&"
	       " ianareg export --snapshot w2.db --format csv | cmp - w.csv",
	       0, "", NULL);
	expect("ianareg export --snapshot w.db --no-notes --format csv >f.csv && ianareg compile -o f.db f.csv &&"
	       " ianareg export --snapshot f.db --no-notes --format csv | cmp - f.csv &&"
	       " ianareg export --snapshot f.db --format csv | cmp - f.csv",
	       0, "", NULL);
	expect("for s in w f; do ianareg export --snapshot $s.db --format services | sed 's/ *#.*//; s/ *$//' "
	       ">$s.services;"
	       " done; cmp w.services f.services",
	       0, "", NULL);
	free(registry);
}

TEST_PROGRAM(.set_up = make_small_snapshot);
