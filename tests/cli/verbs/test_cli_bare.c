/* SPDX-License-Identifier: MIT */
/* `ianareg KEY...` without a verb, and what becomes of a verb that is spelt wrong. */
#include "base/edit_distance.h"
#include "tests/support/cli_tool.h"

TEST(a_key_alone_is_looked_up)
{
	expect("ianareg cora 6400 | cut -f 1,2", 0, "cora\t19220\nboe-cms\t6400\n", "");
	expect("ianareg 19195-19220/tcp | cut -f 2", 0, "19195-19219\n19220\n", "");
	expect("ianareg nobody", 2, "", "ianareg: nobody: not in the registry, nor a verb; see ianareg --help\n");
}

TEST(options_may_come_before_the_key)
{
	expect("ianareg --json 19220/udp | head -n 3", 0, "[\n  {\n    \"key\": \"19220/udp\",\n", "");
	expect("IANAREG_SNAPSHOT=none.db ianareg --snapshot s.db cora | cut -f 1", 0, "cora\n", "");
	expect("ianareg --snapshot none.db cora", 1, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg -- cora | cut -f 1", 0, "cora\n", "");
}

TEST(a_lone_dash_reads_keys)
{
	expect("echo 19220/udp | ianareg - | cut -f 1", 0, "cora-disc\n", "");
}

TEST(a_key_that_is_a_verbs_name_needs_the_verb)
{
	put_file("verb.csv", CSV_HEAD "verify,7,tcp,,,,,,,,,\n");
	expect("ianareg compile -o verb.db verb.csv && ianareg lookup --snapshot verb.db verify | cut -f 1,2", 0,
	       "verify\t7\n", "");
	expect("ianareg verify verb.db", 0, NULL, "");
}

TEST(a_misspelt_verb_is_named)
{
	expect("ianareg verfiy", 2, "", "ianareg: verfiy: not in the registry; if a verb was meant: ianareg verify\n");
	expect("ianareg exprot --format csv", 1, "",
	       "ianareg: --format: no such option; see ianareg export --help or ianareg lookup --help\n");
}

TEST(a_verb_behind_an_option_is_named)
{
	expect("ianareg --json info >info.json", 2, "",
	       "ianareg: info: not in the registry; if a verb was meant: ianareg info\n");
}

TEST(a_service_that_resembles_a_verb_is_found)
{
	put_file("like.csv", CSV_HEAD "infos,7,tcp,,,,,,,,,\n");
	expect("ianareg compile -o like.db like.csv && ianareg --snapshot like.db infos | cut -f 1", 0, "infos\n", "");
}

TEST(nothing_at_all_is_a_usage_error)
{
	expect("ianareg", 1, "", "ianareg: which key or verb? See ianareg --help\n");
	expect("ianareg --json", 1, "", "ianareg: lookup: which key? See ianareg lookup --help\n");
	expect("ianareg ''", 1, "", "ianareg: a key: is empty\n");
}

TEST(an_unknown_option_is_a_usage_error)
{
	expect("ianareg --frob", 1, "", "ianareg: --frob: no such option; see ianareg lookup --help\n");
	expect("ianareg -z 80", 1, "", "ianareg: -z: no such option; see ianareg lookup --help\n");
	expect("ianareg --snapshot", 1, "", "ianareg: --snapshot: needs an argument; see ianareg lookup --help\n");
}

TEST(the_version_is_said)
{
	expect("ianareg --version", 0, "ianareg " IANAREG_VERSION "\n", "");
}

TEST(near_words_are_taken_for_each_other)
{
	assert_true(is_misspelling_of("lokup", "lookup"));
	assert_true(is_misspelling_of("lookups", "lookup"));
	assert_true(is_misspelling_of("olokup", "lookup"));
	assert_true(is_misspelling_of("serach", "search"));
	assert_true(is_misspelling_of("comp", "compile"));
	assert_true(is_misspelling_of("mpa", "map"));
	assert_true(is_misspelling_of("map", "map"));
}

TEST(far_words_are_not)
{
	assert_false(is_misspelling_of("", "map"));
	assert_false(is_misspelling_of("ma", "map"));
	assert_false(is_misspelling_of("xyz", "map"));
	assert_false(is_misspelling_of("lop", "lookup"));
	assert_false(is_misspelling_of("unassignedunassignedunassigned", "unassigned"));
	assert_false(is_misspelling_of("19220", "info"));
}

TEST_PROGRAM(.set_up = make_small_snapshot);
