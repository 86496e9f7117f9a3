/* SPDX-License-Identifier: MIT */
/*
 * Commands on a machine of their own: a private mount namespace in which files of the scratch directory lie over those of
 * the system. For what looks at fixed paths. Tests are skipped, with a note, where that may not be done.
 */
#ifndef IANAREG_TESTS_SUPPORT_PRIVATE_MACHINE_H
#define IANAREG_TESTS_SUPPORT_PRIVATE_MACHINE_H

#include "tests/support/cli_tool.h"

/* Skip the test, unless we may make such a machine. */
static inline void need_private_machine(void)
{
	static int may = -1;

	if (may < 0) {
		struct run result = run("unshare -m mount -t tmpfs tmpfs /var/lib");

		may = result.status == 0;
		free_run(&result);
		if (!may)
			puts("note: no private mount namespace here (root?): what looks at fixed paths: skipped");
	}
	if (!may)
		skip();
}

/*
 * `sh -c command` as in in_scratch(), behind `mounts` in a namespace, with that nsswitch.conf, an empty /var/lib, an
 * empty /run (no nscd) and no $IANAREG_SNAPSHOT. The scratch directory must not be in these.
 */
static inline struct run on_machine(const char *nsswitch, const char *mounts, const char *command)
{
	put_file("nsswitch.conf", nsswitch);
	put_file("machine.sh", text("set -e\nmount --bind nsswitch.conf /etc/nsswitch.conf\n"
				    "mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/misc\nmount -t tmpfs tmpfs /run\n"
				    "unset IANAREG_SNAPSHOT\n%s\nset +e\n%s\n",
				    mounts, command));
	return in_scratch("exec unshare -m sh machine.sh");
}

#endif
