/* SPDX-License-Identifier: MIT */
/* Whether two paths lead to one file: a verb must not replace what it reads. */
#ifndef IANAREG_CLI_SAME_FILE_H
#define IANAREG_CLI_SAME_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/* False where either is not there. */
static inline bool same_file(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

#endif
