/* SPDX-License-Identifier: MIT */
/*
 * Snapshots on disk: where they are looked for, and how one is mapped. Shared by the NSS module and the tool, so that
 * the tool sees the file that the module sees, for the same reasons.
 */
#ifndef IANAREG_SNAPSHOT_FILE_H
#define IANAREG_SNAPSHOT_FILE_H

#include <sys/types.h>
#include <time.h>

#include "snapshot/snapshot.h"

#ifndef SITE_SNAPSHOT
#define SITE_SNAPSHOT "/var/lib/misc/ianareg.db"
#endif
#ifndef VENDOR_SNAPSHOT
#define VENDOR_SNAPSHOT "/usr/lib/ianareg/ianareg.db"
#endif
#define SNAPSHOT_VARIABLE "IANAREG_SNAPSHOT"

/*
 * Which file it is, in which state: two that differ in a field are not the same. A file that is mapped keeps its inode
 * number from being given to another.
 */
struct file_identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
};

struct snapshot_file {
	struct snapshot snapshot;
	void *map;
	size_t map_size;
	struct file_identity identity;
};

/*
 * The candidate paths in order, NULL at the end: $IANAREG_SNAPSHOT alone where secure_getenv() gives it (setuid
 * programs never see it), else site then vendor. `paths` is the caller's. Thread-safe as long as nobody calls setenv().
 */
void snapshot_paths(const char *paths[3]);

/*
 * Map the file and open the snapshot in it. The descriptor is closed before this returns. On failure `*file` is
 * untouched, nothing stays open, and errno is SNAPSHOT_SYSTEM_ERROR's cause or EINVAL. Regular files only, not
 * writable by group or others.
 */
enum snapshot_status snapshot_file_open(const char *path, struct snapshot_file *file);

/*
 * The first of the candidate paths that opens; *path says which (a string of snapshot_paths()). If none does, the
 * status and errno are those of the first failure that is not a missing file, else ENOENT's; *path is then that one's.
 */
enum snapshot_status snapshot_file_find(struct snapshot_file *file, const char **path);

/* What stands at `path` now, by one stat(2). False, with errno and `*identity` untouched, where that fails. */
bool file_identify(const char *path, struct file_identity *identity);
bool file_is_same(const struct file_identity *a, const struct file_identity *b);

/* Unmap; afterwards nothing that came from the snapshot may be used. */
void snapshot_file_close(struct snapshot_file *file);

#endif
