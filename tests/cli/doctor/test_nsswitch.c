/* SPDX-License-Identifier: MIT */
/* The services line of nsswitch.conf as libc takes it; libc itself is asked whether that is so. */
#include <errno.h>
#include <string.h>

#include "cli/doctor/nsswitch.h"
#include "tests/support/private_machine.h"

/* What was read, as "files success=return ianareg ...", with each source's steps that are not the usual ones. */
static const char *as_text(const char *content)
{
	static const char *const answers[] = {"success", "notfound", "unavail", "tryagain"};
	static const char *const steps[] = {"continue", "return", "merge"};
	static char result[1024];

	put_file("nsswitch.conf", content);

	struct nsswitch nsswitch = nsswitch_read(text("%s/nsswitch.conf", scratch_dir()));

	strcpy(result, nsswitch.state == NSSWITCH_MALFORMED ? "malformed"
		       : nsswitch.state == NSSWITCH_DEFAULT ? "default"
							    : "line");
	snprintf(result + strlen(result), 16, " %u:", nsswitch.line_number);
	for (size_t i = 0; i < nsswitch.source_count && nsswitch.state != NSSWITCH_MALFORMED; i++) {
		strcat(strcat(result, " "), nsswitch.sources[i].name);
		for (unsigned j = 0; j < NSS_ANSWER_COUNT; j++)
			if (nsswitch.sources[i].steps[j] != (j == NSS_SUCCESS ? NSS_RETURN : NSS_CONTINUE))
				sprintf(result + strlen(result), " %s=%s", answers[j],
					steps[nsswitch.sources[i].steps[j]]);
	}
	if (nsswitch.lacks_newline)
		strcat(result, " (no newline)");
	nsswitch_free(&nsswitch);
	return result;
}

TEST(sources_stand_in_order)
{
	assert_string_equal(as_text("passwd: files\nservices: db files ianareg\n"), "line 2: db files ianareg");
	assert_string_equal(as_text("\t services \t:: files\tianareg  \n"), "line 1: files ianareg");
	assert_string_equal(as_text("services files\n"), "line 1: files");
}

TEST(criteria_change_what_is_done_with_an_answer)
{
	assert_string_equal(as_text("services: files [NOTFOUND=return] ianareg\n"),
			    "line 1: files notfound=return ianareg");
	assert_string_equal(as_text("services: files[ notfound = RETURN  Unavail=return]ianareg\n"),
			    "line 1: files notfound=return unavail=return ianareg");
	assert_string_equal(as_text("services: files [!UNAVAIL=return] ianareg\n"),
			    "line 1: files notfound=return tryagain=return ianareg");
	assert_string_equal(as_text("services: files [SUCCESS=merge] ianareg [success=continue]\n"),
			    "line 1: files success=merge ianareg success=continue");
	assert_string_equal(as_text("services: files [NOTFOUND=return NOTFOUND=continue]\n"), "line 1: files");
}

TEST(the_last_services_line_counts)
{
	assert_string_equal(as_text("services: ianareg\nservices: files\n"), "line 2: files");
	assert_string_equal(as_text("services: ianareg\nservices:\n"), "line 2:");
}

TEST(a_comment_begins_only_at_the_start_of_a_line)
{
	assert_string_equal(as_text("#services: ianareg\n"), "default 0: files");
	assert_string_equal(as_text("services: files # ianareg\n"), "line 1: files # ianareg");
}

TEST(without_a_line_the_default_is_files)
{
	assert_string_equal(as_text(""), "default 0: files");
	assert_string_equal(as_text("passwd: files\nSERVICES: ianareg\nservice: ianareg\n"), "default 0: files");

	struct nsswitch nsswitch = nsswitch_read(text("%s/none", scratch_dir()));

	assert_int_equal(nsswitch.state, NSSWITCH_DEFAULT);
	assert_int_equal(nsswitch.error, ENOENT);
	assert_int_equal(nsswitch.source_count, 1);
	nsswitch_free(&nsswitch);
}

TEST(what_keeps_the_file_from_being_read_is_kept)
{
	struct nsswitch nsswitch = nsswitch_read(scratch_dir());

	assert_int_equal(nsswitch.error, EISDIR);
	nsswitch_free(&nsswitch);
	put_file("nsswitch.conf", "services: files\n");
	nsswitch = nsswitch_read(text("%s/nsswitch.conf", scratch_dir()));
	assert_int_equal(nsswitch.error, 0);
	nsswitch_free(&nsswitch);
}

TEST(a_last_line_without_a_newline_is_not_read)
{
	assert_string_equal(as_text("services: files\nservices: ianareg"), "line 1: files (no newline)");
	assert_string_equal(as_text("services: files\npasswd: files"), "line 1: files");
}

TEST(one_malformed_line_spoils_the_file)
{
	assert_string_equal(as_text("services: files [NOTFOUND=give-up] ianareg\n"), "malformed 1:");
	assert_string_equal(as_text("services: files [NOTFOUND=return\n"), "malformed 1:");
	assert_string_equal(as_text("services: files []\n"), "malformed 1:");
	assert_string_equal(as_text("services: ianareg\ngroup: files [x]\n"), "malformed 2:");
	assert_string_equal(as_text("services: ianareg\nsudoers: files [x]\n"), "line 1: ianareg");
}

TEST(brackets_where_a_source_should_be_end_the_line)
{
	assert_string_equal(as_text("services: [x] ianareg\n"), "line 1:");
	assert_string_equal(as_text("services: files [NOTFOUND=continue] [UNAVAIL=continue] ianareg\n"),
			    "line 1: files");
}

TEST(barriers_are_found)
{
	put_file("nsswitch.conf", "services: db files [NOTFOUND=return] ianareg\n");

	struct nsswitch nsswitch = nsswitch_read(text("%s/nsswitch.conf", scratch_dir()));

	assert_int_equal(find_source(&nsswitch, "ianareg"), 2);
	assert_int_equal(find_source(&nsswitch, "nis"), 3);
	assert_int_equal(find_barrier(&nsswitch, 2, NSS_NOTFOUND), 1);
	assert_int_equal(find_barrier(&nsswitch, 2, NSS_UNAVAIL), 2);
	assert_int_equal(find_barrier(&nsswitch, 2, NSS_SUCCESS), 0);
	nsswitch_free(&nsswitch);
}

/* What libc does with that content when asked for 19220/tcp, which files does not have: "cora", "" or "error". */
static const char *asked_of_libc(const char *content)
{
	struct run result = on_machine(content, "",
				       "IANAREG_SNAPSHOT=s.db getent services 19220/tcp | cut -d ' ' -f 1; "
				       "getent services domain/tcp >/dev/null || echo error");
	static char answer[64];

	snprintf(answer, sizeof answer, "%.*s", (int)strcspn(result.out, "\n"), result.out);
	free_run(&result);
	return answer;
}

/* Whether our reading says that a lookup which files cannot answer comes to ianareg. */
static const char *our_reading(const char *content)
{
	put_file("nsswitch.conf", content);

	struct nsswitch nsswitch = nsswitch_read(text("%s/nsswitch.conf", scratch_dir()));
	const size_t own = find_source(&nsswitch, "ianareg");
	const char *result = "";

	if (nsswitch.state == NSSWITCH_MALFORMED || nsswitch.source_count == 0)
		result = "error";
	else if (own < nsswitch.source_count && find_barrier(&nsswitch, own, NSS_NOTFOUND) == own)
		result = "cora";
	nsswitch_free(&nsswitch);
	return result;
}

TEST(libc_agrees)
{
	static const char *const contents[] = {
		"services: files ianareg\n",
		"services files ianareg\n",
		"  services:: ianareg files\n",
		"services: files ianareg",
		"Services: ianareg\n",
		"services: files # ianareg\n",
		"#services: files ianareg\n",
		"services: ianareg files\nservices: files\n",
		"services: files [NOTFOUND=return] ianareg\n",
		"services: files[notfound=return]ianareg\n",
		"services: files [!SUCCESS=return] ianareg\n",
		"services: files [NOTFOUND=continue] [UNAVAIL=continue] ianareg\n",
		"services: nothing ianareg files\n",
		"services: files [NOTFOUND=x] ianareg\n",
		"services: files ianareg\ngroup: files [x]\n",
		"services: files ianareg\nsudoers: files [x]\n",
		"services: files [NOTFOUND=return NOTFOUND=continue] ianareg\n",
		"services:\n",
		"",
	};

	need_private_machine();
	if (UNDER_ASAN) {
		puts("note: getent cannot load a module with AddressSanitizer: skipped");
		skip();
	}
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
		if (strcmp(asked_of_libc(contents[i]), our_reading(contents[i])) != 0)
			fail_msg("%s: libc: %s; we: %s", contents[i], asked_of_libc(contents[i]),
				 our_reading(contents[i]));
}

TEST_PROGRAM(.set_up = make_small_snapshot);
