/* SPDX-License-Identifier: MIT */
/* A registry in which ports are all that they can be, for tests of `unassigned` and `map`. */
#ifndef IANAREG_TESTS_SUPPORT_PORT_REGISTRY_H
#define IANAREG_TESTS_SUPPORT_PORT_REGISTRY_H

#include "tests/support/cli_tool.h"
#include "tests/support/pty.h"

#define PORT_REGISTRY                                                                           \
	CSV_HEAD                                                                                \
	",0,,Reserved,,,,,,,,\n"                                                                \
	"http,80,tcp,HTTP,[I],[I],,,,,,\n"                                                      \
	",585,,De-registered,,,,,,,,\n"                                                         \
	"x11,6000-6063,tcp,X,[S],[S],,,,,Known Unauthorized Use on port 6003,\n"                \
	",6064-6069,,Unassigned,,,,,,,,\n"                                                      \
	"cms,6070,,CMS,[B],[B],,,,,,\n"                                                         \
	",6071-6079,,Unassigned,,,,,,,\"Known Use on ports\n6075 and 6076 \x1b[31m, \tesc\",\n" \
	",6080,udp,Reserved,,,,,,,,\n"                                                          \
	",6081,tcp,Unassigned,,,,,,,yes,\n"                                                     \
	",8000-49151,,Reserved,,,,,,,,\n"

/* The snapshot p.db of it; s.db is of SMALL_REGISTRY. */
static inline int make_port_snapshot(void **state)
{
	make_small_snapshot(state);
	put_file("p.csv", PORT_REGISTRY);
	expect("ianareg compile -o p.db p.csv", 0, "", "");
	return 0;
}

/* What `command` shows on a terminal, run in the scratch directory with p.db in use. */
static inline struct screen screen_in_scratch(const char *command, unsigned short columns)
{
	char tool_dir[PATH_MAX];

	assert_non_null(realpath(build_dir(), tool_dir));
	return screen_of(text("cd '%s' && PATH='%s':\"$PATH\" && export IANAREG_SNAPSHOT=p.db && %s", scratch_dir(),
			      tool_dir, command),
			 columns);
}

static inline void expect_screen(const char *command, unsigned short columns, int status, const char *shown)
{
	struct screen screen = screen_in_scratch(command, columns);

	assert_string_equal(screen.text, shown);
	assert_int_equal(screen.status, status);
	free_screen(&screen);
}

#endif
