/* SPDX-License-Identifier: MIT */
/* Whether two paths lead to one file: a verb must not replace what it reads. */
#ifndef IANAREG_BASE_SAME_FILE_H
#define IANAREG_BASE_SAME_FILE_H

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* - is standard input. */
static inline bool file_status(const char *path, struct stat *status)
{
	return strcmp(path, "-") == 0 ? fstat(0, status) == 0 : stat(path, status) == 0;
}

/* False where either is not there. */
static inline bool same_file(const char *a, const char *b)
{
	struct stat first, second;

	return file_status(a, &first) && file_status(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

#endif
