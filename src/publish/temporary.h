/* SPDX-License-Identifier: MIT */
/*
 * Files that are not finished: they lie in their target's directory under a name .ianareg-XXXXXX until they are renamed
 * over it, and whoever comes next removes those whose writer was killed.
 *
 * How a dead writer's file is told from a living one's: the writer holds a flock(2) on its file as long as that has its
 * temporary name. Whoever renames or removes such a name holds the lock on the very file it leads to. So when a
 * sweeper has the lock, and sees under the lock that the name still leads to the locked file, then its writer is gone,
 * and nobody but the sweeper changes what the name leads to. A writer may lose the race between creating and locking:
 * it sees under its lock that its name is gone, and takes another. No lock is ever waited for.
 *
 * A second link to a finished file (temporary_link()) is not locked: everyone may open, and so lock, that file. A
 * sweeper may take it away from a living process, whose rename then fails with ENOENT; it links once more.
 *
 * All names are relative to a descriptor of the directory, whatever its path leads to meanwhile. All functions may be
 * called by any number of threads and processes at once.
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

/* Each ends with temporary_become() or temporary_drop(). False with errno: there is nothing to drop. */
bool temporary_create(int directory, struct temporary *temporary);
bool temporary_link(int directory, const char *name, struct temporary *temporary);

/* Rename it over `name` and let go of it. False with errno, and dropped. */
bool temporary_become(struct temporary *temporary, const char *name);

/* Remove it. Keeps errno. */
void temporary_drop(struct temporary *temporary);

/*
 * Remove what killed writers of this user left in the directory: regular files under such a name that nobody has
 * locked. What cannot be removed stays, without a word; of a directory without end only the beginning is looked at.
 */
void temporary_sweep(int directory);

#endif
