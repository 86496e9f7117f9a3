/* SPDX-License-Identifier: MIT */
/*
 * Temporary files: an unfinished file lies in its target's directory under a name .ianareg-XXXXXX until it is renamed
 * over the target. The next publication (the sweep) removes those whose writer was killed.
 *
 * How the sweep tells a dead writer's file from a living one's: a writer holds a flock(2) on its file as long as the
 * file has its temporary name, and a process renames or removes such a name only while it holds the lock on the file
 * that the name leads to. So if the sweep gets the lock, and sees under the lock that the name still leads to the
 * locked file, the writer is gone, and no other process changes what the name leads to. A writer may lose the race
 * between creating and locking its file: it then sees under its lock that the name is gone, and takes another. No
 * process waits for a lock.
 *
 * A second link to a finished file (temporary_link()) is not locked, because every user may open, and so lock, that
 * file. A sweep may remove it from under a living process, whose rename then fails with ENOENT; that process links once
 * more.
 *
 * All names are relative to a descriptor of the directory, so that a renamed directory makes no difference. All
 * functions may be called by any number of threads and processes at once.
 */
#ifndef IANAREG_PUBLISH_TEMPORARY_H
#define IANAREG_PUBLISH_TEMPORARY_H

#include <stdbool.h>

#define TEMPORARY_PREFIX ".ianareg-"
enum { TEMPORARY_LETTERS = 6 };

struct temporary {
	int directory; /* the caller's, open for as long as this */
	int fd; /* of an empty file, mode 0600, and its lock; -1 for a link */
	char name[sizeof TEMPORARY_PREFIX + TEMPORARY_LETTERS];
};

/* Each ends with temporary_become() or temporary_drop(). On false, with errno, there is nothing to drop. */
bool temporary_create(int directory, struct temporary *temporary);
bool temporary_link(int directory, const char *name, struct temporary *temporary);

/* Rename it over `name` and close it. On false, with errno, it is dropped. */
bool temporary_become(struct temporary *temporary, const char *name);

/* Remove it. Keeps errno. */
void temporary_drop(struct temporary *temporary);

/*
 * Remove the temporary files of this user in the directory whose writers are gone: regular files under such a name that
 * no process has locked. A file that cannot be removed stays, without a message; at most SWEEP_ENTRIES_MAX entries of
 * the directory are read.
 */
void temporary_sweep(int directory);

#endif
