/* SPDX-License-Identifier: MIT */
/* Bytes onto the disk, whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/memory.h"
#include "compiler/publish.h"

static bool write_all(int fd, const unsigned char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

/* 0644 whatever the umask: a snapshot that programs cannot read, or others can write, is not one. */
static bool fill(int fd, const void *bytes, size_t size)
{
	return write_all(fd, bytes, size) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

static bool sync_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0) {
		int cause = errno;

		close(fd);
		errno = cause;
	}
	return synced;
}

/*
 * Only a regular file is replaced: a rename over a device would remove it, and over a symbolic link would surprise
 * whoever made the link.
 */
static const char *target_fault(const char *path)
{
	struct stat status;

	if (!*path)
		return "is no file name";
	if (lstat(path, &status) != 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (S_ISLNK(status.st_mode))
		return "is a symbolic link; name the file itself";
	if (S_ISDIR(status.st_mode))
		return "is a directory";
	return S_ISREG(status.st_mode) ? NULL : "is not a regular file";
}

/* Write beside the target and rename; NULL, or what failed, with errno. */
static const char *replace(const char *path, const char *directory, const void *bytes, size_t size)
{
	char *name = NULL;
	const char *failed = NULL;

	if (asprintf(&name, "%s/.ianareg-XXXXXX", directory) < 0)
		must_have(NULL);

	int fd = mkostemp(name, O_CLOEXEC);

	if (fd < 0) {
		free(name);
		return "cannot create a file beside it";
	}
	if (!fill(fd, bytes, size))
		failed = "cannot write";
	int cause = errno;

	if (close(fd) != 0 && !failed) {
		failed = "cannot write";
		cause = errno;
	}
	if (!failed && rename(name, path) != 0) {
		failed = "cannot put it in place";
		cause = errno;
	}
	if (failed)
		unlink(name);
	free(name);
	errno = cause;
	return failed;
}

enum compile_status publish_file(const char *path, const void *bytes, size_t size, enum publish_keep keep,
				 struct diagnostics *diagnostics)
{
	(void)keep;

	const char *fault = target_fault(path);

	if (fault) {
		diagnose_error(diagnostics, path, 0, "%s", fault);
		return COMPILE_FAILED;
	}

	char *copy = must_have(strdup(path));
	const char *directory = dirname(copy);
	sigset_t all, before;

	/* A signal that ends the process waits until there is no temporary file to leave behind. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);

	const char *failed = replace(path, directory, bytes, size);

	if (!failed && !sync_directory(directory))
		failed = "is in place, but its directory could not be synced";
	if (failed)
		diagnose_error(diagnostics, path, 0, "%s: %s", failed, strerror(errno));
	free(copy);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return failed ? COMPILE_FAILED : COMPILE_OK;
}
