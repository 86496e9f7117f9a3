/* SPDX-License-Identifier: MIT */
/* The tool at work in the scratch directory: what tests of the command line share. */
#ifndef IANAREG_TESTS_SUPPORT_CLI_TOOL_H
#define IANAREG_TESTS_SUPPORT_CLI_TOOL_H

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/support/support.h"

/* A little of everything the registry has. */
#define SMALL_REGISTRY                                                                                            \
	CSV_HEAD                                                                                                  \
	",0,tcp,Reserved,,,,2024-12-20,[RFC6335],,,\n"                                                            \
	",24,tcp,any private mail system,[Rick],[Rick],,,,,,\n"                                                   \
	"http,80,tcp,World Wide Web HTTP,[IESG],[Chair],,2021-10-01,[RFC9110],,,Defined TXT keys\n"               \
	"www,80,tcp,World Wide Web HTTP,[IESG],[Chair],,2021-10-01,[RFC9110],,,"                                  \
	"\"This is a duplicate of the \"\"http\"\" service\nand should not be used.\"\n"                          \
	"914c-g,211,tcp,\"Texas Instruments\nIANA assigned this well-formed service name\",[Bill],[Bill],,,,,,\n" \
	"914c/g,211,tcp,Texas Instruments,[Bill],[Bill],,,,,,"                                                    \
	"\"This entry is an alias to \"\"914c-g\"\".\nThis entry is now historic.\"\n"                            \
	",585,,De-registered,,,,2006-04-25,,,,\"Use 993, instead\"\n"                                             \
	"http-alt,591,tcp,FileMaker,[Clay],[Clay],,,,,,\n"                                                        \
	"x11,6000-6063,tcp,X Window System,[Stephen],[Stephen],,,,,Known Unauthorized Use on port 6003,\n"        \
	"boe-cms,6400,,Business Objects CMS,[Bo],[Bo],,,,,,\n"                                                    \
	"http-alt,8080,tcp,HTTP Alternate,[Stephen],[Stephen],,,,,,\n"                                            \
	",19195-19219,,Unassigned,,,,,,,,\n"                                                                      \
	"cora,19220,tcp,Client Connection Management,[Softvise],[Ronny_Kr\xc3\xbcger],2016-11-10,,,,,\n"          \
	"cora-disc,19220,udp,Discovery,[Softvise],[Ronny_Kr\xc3\xbcger],2016-11-10,,,,,\n"                        \
	"airplay,,tcp,Protocol for streaming,[Apple],[James],,,,,,\n"

/* The command as run() takes it: in the scratch directory, with `ianareg` on its path and s.db the snapshot in use. */
static inline const char *scratch_command(const char *command)
{
	char tool_dir[PATH_MAX];

	assert_non_null(realpath(build_dir(), tool_dir));
	return text("cd '%s' && PATH='%s':\"$PATH\" && export IANAREG_SNAPSHOT=s.db && { %s\n}", scratch_dir(),
		    tool_dir, command);
}

/* What `sh -c command` does there. */
static inline struct run in_scratch(const char *command)
{
	return run(scratch_command(command));
}

/* NULL for what is no matter. */
static inline void expect(const char *command, int status, const char *out, const char *err)
{
	struct run result = in_scratch(command);

	if (result.status != status)
		fail_msg("%s: status %d, not %d; said: %s", command, result.status, status, result.err);
	if (out)
		assert_string_equal(result.out, out);
	if (err)
		assert_string_equal(result.err, err);
	free_run(&result);
}

static inline void put_file(const char *name, const char *content)
{
	write_file(text("%s/%s", scratch_dir(), name), content, strlen(content));
}

/* What a command prints as JSON. */
static inline json_t *json_of(const char *command, int status)
{
	struct run result = in_scratch(command);
	json_error_t error;
	json_t *json = json_loads(result.out, 0, &error);

	assert_int_equal(result.status, status);
	if (!json)
		fail_msg("%s: %s", error.text, result.out);
	free_run(&result);
	return json;
}

/* r.csv and the snapshot s.db of it; for cmocka_unit_test_setup(). */
static inline int make_small_snapshot(void **state)
{
	(void)state;
	put_file("r.csv", SMALL_REGISTRY);
	expect("ianareg compile -o s.db r.csv", 0, "", "");
	return 0;
}

#endif
