/* SPDX-License-Identifier: MIT */
/* Find and map a snapshot file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot/snapshot_file.h"

void snapshot_paths(const char *paths[3])
{
	const char *chosen = secure_getenv(SNAPSHOT_VARIABLE);

	paths[0] = chosen && *chosen ? chosen : SITE_SNAPSHOT;
	paths[1] = chosen && *chosen ? NULL : VENDOR_SNAPSHOT;
	paths[2] = NULL;
}

static struct file_identity identity_of(const struct stat *status)
{
	return (struct file_identity){
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = status->st_size,
		.modified = status->st_mtim,
		.changed = status->st_ctim,
	};
}

bool file_identify(const char *path, struct file_identity *identity)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	*identity = identity_of(&status);
	return true;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_is_same(const struct file_identity *a, const struct file_identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

/* Whether a file with that status may be mapped as a snapshot at all. */
static enum snapshot_status judge(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return SNAPSHOT_NOT_REGULAR;
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return SNAPSHOT_WRITABLE;
	if (status->st_size == 0) /* nothing to map */
		return SNAPSHOT_NO_MAGIC;
	return (uint64_t)status->st_size > UINT32_MAX ? SNAPSHOT_WRONG_SIZE : SNAPSHOT_OK;
}

static enum snapshot_status map_descriptor(int fd, struct snapshot_file *file)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return SNAPSHOT_SYSTEM_ERROR;

	enum snapshot_status verdict = judge(&status);

	if (verdict != SNAPSHOT_OK)
		return verdict;

	struct snapshot_file found = {.map_size = (size_t)status.st_size, .identity = identity_of(&status)};

	found.map = mmap(NULL, found.map_size, PROT_READ, MAP_SHARED, fd, 0);
	if (found.map == MAP_FAILED)
		return SNAPSHOT_SYSTEM_ERROR;
	verdict = snapshot_open(found.map, found.map_size, &found.snapshot);
	if (verdict == SNAPSHOT_OK)
		*file = found;
	else
		munmap(found.map, found.map_size);
	return verdict;
}

enum snapshot_status snapshot_file_open(const char *path, struct snapshot_file *file)
{
	/* O_NONBLOCK: opening a FIFO at this path must not hang a lookup. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return SNAPSHOT_SYSTEM_ERROR;

	enum snapshot_status status = map_descriptor(fd, file);
	int cause = status == SNAPSHOT_SYSTEM_ERROR ? errno : EINVAL;

	close(fd);
	if (status != SNAPSHOT_OK)
		errno = cause;
	return status;
}

enum snapshot_status snapshot_file_find(struct snapshot_file *file, const char **path)
{
	const char *paths[3];
	enum snapshot_status first_status = SNAPSHOT_SYSTEM_ERROR;
	int first_errno = ENOENT;

	snapshot_paths(paths);
	*path = paths[0];
	for (unsigned i = 0; paths[i]; i++) {
		enum snapshot_status status = snapshot_file_open(paths[i], file);

		if (status == SNAPSHOT_OK) {
			*path = paths[i];
			return status;
		}
		if (first_errno == ENOENT && errno != ENOENT) {
			first_status = status;
			first_errno = errno;
			*path = paths[i];
		}
	}
	errno = first_errno;
	return first_status;
}

void snapshot_file_close(struct snapshot_file *file)
{
	munmap(file->map, file->map_size);
	*file = (struct snapshot_file){0};
}
