/* SPDX-License-Identifier: MIT */
/* tests/layers.sh finds what it is for: each kind of wrong arrow, planted into a copy of the sources. */
#include "tests/support/cli_tool.h"

static char project[PATH_MAX];

static int copy_sources(void **state)
{
	(void)state;
	assert_non_null(getcwd(project, sizeof project));
	expect(text("rm -rf copy && mkdir copy && cp -R '%s/src' '%s/nss' copy", project, project), 0, "", "");
	return 0;
}

static void expect_fault(const char *plant, const char *fault)
{
	struct run result = in_scratch(text("cd copy && { %s; } && sh '%s/tests/layers.sh' --arrows", plant, project));

	assert_int_equal(result.status, 1);
	if (!strstr(result.err, fault))
		fail_msg("%s: said \"%s\", not \"%s\"", plant, result.err, fault);
	free_run(&result);
}

TEST(the_sources_as_they_are_have_no_wrong_arrow)
{
	expect(text("cd copy && sh '%s/tests/layers.sh' --arrows", project), 0, "", "");
}

TEST(an_arrow_that_points_up_is_found)
{
	expect_fault("echo '#include \"cli/cli.h\"' >>src/query/key.c", "src/query may include headers of");
	expect_fault("echo '#include \"base/memory.h\"' >>nss/services.c", "nss may include headers of");
	expect_fault("echo '#include \"snapshot/format.h\"' >>src/base/memory.h", "src/base may include headers of");
}

TEST(a_verb_that_includes_another_is_found)
{
	expect_fault("echo '#include \"cli/verbs/diff.h\"' >>src/cli/verbs/update.c",
		     "nobody includes a verb's header");
}

TEST(a_private_header_of_another_room_is_found)
{
	expect_fault("echo '#include \"compiler/registry_parts.h\"' >>src/export/services_writer.c",
		     "a private header");
}

TEST(two_files_of_one_name_are_found)
{
	expect_fault("cp src/base/memory.c src/query/memory.c", "two files have one name");
}

TEST(headers_in_a_circle_are_found)
{
	expect_fault("echo '#include \"query/query.h\"' >>src/query/key.h", "in a circle");
}

TEST(a_raw_read_of_the_file_outside_the_reader_is_found)
{
	expect_fault("echo 'struct disk_header *header;' >>src/cli/verbs/info.c", "only src/snapshot and the writer");
}

TEST_PROGRAM(.set_up_each = copy_sources);
