/* SPDX-License-Identifier: MIT */
/* Start traced_lookups under valgrind: see valgrind.h. */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/text.h"
#include "bench/valgrind.h"

enum { LOG_FD = 9 }; /* in the child */

const char *valgrind_absent(void)
{
	static int found = -1;

	if (found < 0)
		found = system("valgrind --version >/dev/null 2>&1") == 0;
	return found ? NULL : "there is no valgrind (package valgrind)";
}

static const char *write_keys(const struct valgrind_work *work)
{
	const char *path = text_of("%s/traced_keys", work->b->build_dir);
	FILE *file = fopen(path, "we");

	if (!file)
		err(1, "%s", path);
	for (unsigned i = 0; i < work->count; i++) {
		const struct key *key = work->keys[i];

		if (work->by_name)
			fprintf(file, "%s %s\n", key->name, key->protocol);
		else
			fprintf(file, "%u %s\n", ntohs((uint16_t)key->port_be), key->protocol);
	}
	if (fclose(file) != 0)
		err(1, "%s", path);
	return path;
}

pid_t valgrind_start(const struct valgrind_work *work, unsigned passes, const char *const tool[3], int log, int output)
{
	const char *keys = write_keys(work), *count = text_of("%u", passes);
	const char *program = text_of("%s/traced_lookups", work->b->build_dir);
	const char *kind = work->by_name ? "by-name" : "by-port";
	const pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (child > 0)
		return child;
	setenv("IANAREG_SNAPSHOT", work->b->snapshot, 1);
	if (dup2(log, LOG_FD) != LOG_FD || dup2(output, STDOUT_FILENO) != STDOUT_FILENO)
		err(1, "dup2");
	execlp("valgrind", "valgrind", "--log-fd=9", tool[0], tool[1], tool[2] ? tool[2] : "--error-exitcode=0",
	       program, work->library, work->module, kind, keys, count, (char *)NULL);
	err(1, "valgrind");
}

void valgrind_wait(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0)
		errx(1, "traced_lookups failed under valgrind (status %#x)", (unsigned)status);
}
