/* SPDX-License-Identifier: MIT */
/* `ianareg KEY...` without a verb, and what becomes of a verb that is spelt wrong. */
#include "base/edit_distance.h"
#include "tests/support/cli_tool.h"

static void a_key_alone_is_looked_up(void **state)
{
	(void)state;
	expect("ianareg cora 6400 | cut -f 1,2", 0, "cora\t19220\nboe-cms\t6400\n", "");
	expect("ianareg 19195-19220/tcp | cut -f 2", 0, "19195-19219\n19220\n", "");
	expect("ianareg nobody", 2, "", "ianareg: nobody: not in the registry, nor a verb; see ianareg --help\n");
}

static void options_may_come_before_the_key(void **state)
{
	(void)state;
	expect("ianareg --json 19220/udp | head -n 3", 0, "[\n  {\n    \"key\": \"19220/udp\",\n", "");
	expect("IANAREG_SNAPSHOT=none.db ianareg --snapshot s.db cora | cut -f 1", 0, "cora\n", "");
	expect("ianareg --snapshot none.db cora", 1, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg -- cora | cut -f 1", 0, "cora\n", "");
}

static void a_lone_dash_reads_keys(void **state)
{
	(void)state;
	expect("echo 19220/udp | ianareg - | cut -f 1", 0, "cora-disc\n", "");
}

static void a_key_that_is_a_verbs_name_needs_the_verb(void **state)
{
	(void)state;
	put_file("verb.csv", CSV_HEAD "verify,7,tcp,,,,,,,,,\n");
	expect("ianareg compile -o verb.db verb.csv && ianareg lookup --snapshot verb.db verify | cut -f 1,2", 0,
	       "verify\t7\n", "");
	expect("ianareg verify verb.db", 0, NULL, "");
}

static void a_misspelt_verb_is_named(void **state)
{
	(void)state;
	expect("ianareg verfiy", 2, "", "ianareg: verfiy: not in the registry; if a verb was meant: ianareg verify\n");
	expect("ianareg exprot --format csv", 1, "",
	       "ianareg: --format: no such option; see ianareg export --help or ianareg lookup --help\n");
}

static void a_verb_behind_an_option_is_named(void **state)
{
	(void)state;
	expect("ianareg --json info >info.json", 2, "",
	       "ianareg: info: not in the registry; if a verb was meant: ianareg info\n");
}

static void a_service_that_resembles_a_verb_is_found(void **state)
{
	(void)state;
	put_file("like.csv", CSV_HEAD "infos,7,tcp,,,,,,,,,\n");
	expect("ianareg compile -o like.db like.csv && ianareg --snapshot like.db infos | cut -f 1", 0, "infos\n", "");
}

static void nothing_at_all_is_a_usage_error(void **state)
{
	(void)state;
	expect("ianareg", 1, "", "ianareg: which key or verb? See ianareg --help\n");
	expect("ianareg --json", 1, "", "ianareg: lookup: which key? See ianareg lookup --help\n");
	expect("ianareg ''", 1, "", "ianareg: a key: is empty\n");
}

static void an_unknown_option_is_a_usage_error(void **state)
{
	(void)state;
	expect("ianareg --frob", 1, "", "ianareg: --frob: no such option; see ianareg lookup --help\n");
	expect("ianareg -z 80", 1, "", "ianareg: -z: no such option; see ianareg lookup --help\n");
	expect("ianareg --snapshot", 1, "", "ianareg: --snapshot: needs an argument; see ianareg lookup --help\n");
}

static void the_version_is_said(void **state)
{
	(void)state;
	expect("ianareg --version", 0, "ianareg " IANAREG_VERSION "\n", "");
}

static void near_words_are_taken_for_each_other(void **state)
{
	(void)state;
	assert_true(may_mean("lokup", "lookup"));
	assert_true(may_mean("lookups", "lookup"));
	assert_true(may_mean("olokup", "lookup"));
	assert_true(may_mean("serach", "search"));
	assert_true(may_mean("comp", "compile"));
	assert_true(may_mean("mpa", "map"));
	assert_true(may_mean("map", "map"));
}

static void far_words_are_not(void **state)
{
	(void)state;
	assert_false(may_mean("", "map"));
	assert_false(may_mean("ma", "map"));
	assert_false(may_mean("xyz", "map"));
	assert_false(may_mean("lop", "lookup"));
	assert_false(may_mean("unassignedunassignedunassigned", "unassigned"));
	assert_false(may_mean("19220", "info"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_alone_is_looked_up),
		cmocka_unit_test(options_may_come_before_the_key),
		cmocka_unit_test(a_lone_dash_reads_keys),
		cmocka_unit_test(a_key_that_is_a_verbs_name_needs_the_verb),
		cmocka_unit_test(a_misspelt_verb_is_named),
		cmocka_unit_test(a_verb_behind_an_option_is_named),
		cmocka_unit_test(a_service_that_resembles_a_verb_is_found),
		cmocka_unit_test(nothing_at_all_is_a_usage_error),
		cmocka_unit_test(an_unknown_option_is_a_usage_error),
		cmocka_unit_test(the_version_is_said),
		cmocka_unit_test(near_words_are_taken_for_each_other),
		cmocka_unit_test(far_words_are_not),
	};

	return cmocka_run_group_tests(tests, make_small_snapshot, NULL);
}
