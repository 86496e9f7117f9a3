/* SPDX-License-Identifier: MIT */
/* Temporary files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "publish/temporary.h"

enum {
	ATTEMPTS_MAX = 100, /* to find a free name: one in 2^35 is taken */
	SWEEP_ENTRIES_MAX = 100000, /* takes less than 0.1 s */
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* Where the kernel has no random bytes yet the clock will do: O_EXCL makes sure that no name is used twice. */
static void choose_name(char *name)
{
	uint64_t number;
	char *end = stpcpy(name, TEMPORARY_PREFIX);

	if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) {
		struct timespec now = {0};

		clock_gettime(CLOCK_REALTIME, &now);
		number = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid() << 16;
	}
	for (unsigned i = 0; i < TEMPORARY_LETTERS; i++, number /= sizeof letters - 1)
		*end++ = letters[number % (sizeof letters - 1)];
	*end = '\0';
}

static bool is_temporary_name(const char *name)
{
	const size_t prefix = strlen(TEMPORARY_PREFIX);

	return strncmp(name, TEMPORARY_PREFIX, prefix) == 0 && strlen(name) == prefix + TEMPORARY_LETTERS &&
	       strspn(name + prefix, letters) == TEMPORARY_LETTERS;
}

static void close_keeping_errno(int fd)
{
	const int cause = errno;

	close(fd);
	errno = cause;
}

static bool leads_to(int directory, const char *name, int fd)
{
	struct stat named, opened;

	return fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &opened) == 0 &&
	       named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

enum lock { LOCK_HELD, LOCK_OF_ANOTHER, LOCK_IMPOSSIBLE };

static enum lock try_lock(int fd)
{
	if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) == 0)
		return LOCK_HELD;
	return errno == EWOULDBLOCK ? LOCK_OF_ANOTHER : LOCK_IMPOSSIBLE;
}

/*
 * Lock a file just created. False: a sweep is removing it. Where the file system has no locks the sweep gets none
 * either, and removes nothing.
 */
static bool lock_against_sweep(int fd)
{
	struct stat status;

	switch (try_lock(fd)) {
	case LOCK_HELD:
		return fstat(fd, &status) != 0 || status.st_nlink > 0;
	case LOCK_OF_ANOTHER: /* a sweep, which is about to remove it */
		return false;
	default:
		return true;
	}
}

bool temporary_create(int directory, struct temporary *temporary)
{
	struct temporary made = {.directory = directory};

	for (unsigned i = 0; i < ATTEMPTS_MAX; i++) {
		choose_name(made.name);
		made.fd = (int)TEMP_FAILURE_RETRY(
			openat(directory, made.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
		if (made.fd < 0 && errno != EEXIST)
			return false;
		if (made.fd >= 0 && lock_against_sweep(made.fd)) {
			*temporary = made;
			return true;
		}
		if (made.fd >= 0)
			close(made.fd);
	}
	errno = EEXIST;
	return false;
}

bool temporary_link(int directory, const char *name, struct temporary *temporary)
{
	struct temporary made = {.directory = directory, .fd = -1};

	for (unsigned i = 0; i < ATTEMPTS_MAX; i++) {
		choose_name(made.name);
		if (linkat(directory, name, directory, made.name, 0) == 0) {
			*temporary = made;
			return true;
		}
		if (errno != EEXIST)
			return false;
	}
	return false;
}

/*
 * The descriptor is closed after the name is gone, because its lock protects the name. An error of close() does not
 * matter: a file that was renamed had been fsynced, and a dropped one is gone.
 */
void temporary_drop(struct temporary *temporary)
{
	const int cause = errno;

	unlinkat(temporary->directory, temporary->name, 0);
	if (temporary->fd >= 0)
		close(temporary->fd);
	errno = cause;
}

bool temporary_become(struct temporary *temporary, const char *name)
{
	if (renameat(temporary->directory, temporary->name, temporary->directory, name) != 0) {
		temporary_drop(temporary);
		return false;
	}
	/* rename(2) between two links of one file does nothing and leaves both names. */
	if (temporary->fd < 0)
		unlinkat(temporary->directory, temporary->name, 0);
	else
		close_keeping_errno(temporary->fd);
	return true;
}

static bool is_regular_and_ours(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_uid == geteuid();
}

/* Checked before opening, because opening a device may have effects, and again after opening. */
static int open_abandoned(int directory, const char *name)
{
	struct stat status;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !is_regular_and_ours(&status))
		return -1;

	int fd = (int)TEMP_FAILURE_RETRY(openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));

	if (fd >= 0 && (fstat(fd, &status) != 0 || !is_regular_and_ours(&status))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void remove_if_abandoned(int directory, const char *name)
{
	const int fd = open_abandoned(directory, name);

	if (fd < 0)
		return;
	if (try_lock(fd) == LOCK_HELD && leads_to(directory, name, fd))
		unlinkat(directory, name, 0);
	close(fd);
}

void temporary_sweep(int directory)
{
	/*
	 * A descriptor of its own: the position of readdir() belongs to the open file description, which the caller
	 * shares.
	 */
	const int fd = (int)TEMP_FAILURE_RETRY(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (unsigned i = 0; i < SWEEP_ENTRIES_MAX && (entry = readdir(stream)); i++)
		if ((entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) && is_temporary_name(entry->d_name))
			remove_if_abandoned(directory, entry->d_name);
	closedir(stream);
}
