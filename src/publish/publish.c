/* SPDX-License-Identifier: MIT */
/* Crash-safe publication. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "publish/publish.h"
#include "publish/temporary.h"

enum { LINKS_TRIED_MAX = 100 }; /* a sweep may remove a link before it is renamed; not a hundred times in a row */

/* Where a publication goes. */
struct target {
	char *path, *previous_path; /* for messages */
	const char *name, *previous; /* their last components */
	int directory;
	sigset_t signals_before;
};

static bool write_all(int fd, const unsigned char *bytes, size_t size)
{
	while (size) {
		const ssize_t written = TEMP_FAILURE_RETRY(write(fd, bytes, size));

		if (written == 0)
			errno = EIO;
		if (written <= 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

/* The mode is 0644 under any umask: readers refuse a snapshot that others can write. */
static bool make_durable(int fd)
{
	return fchmod(fd, 0644) == 0 && TEMP_FAILURE_RETRY(fsync(fd)) == 0;
}

/*
 * Only a regular file is replaced: a rename over a device would remove the device, and a rename over a symbolic link
 * would silently replace the link.
 */
static const char *target_fault(const struct target *target, const char *name)
{
	struct stat status;

	if (!*name)
		return "is no file name";
	if (fstatat(target->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (S_ISLNK(status.st_mode))
		return "is a symbolic link; name the file itself";
	if (S_ISDIR(status.st_mode))
		return "is a directory";
	return S_ISREG(status.st_mode) ? NULL : "is not a regular file";
}

/* PATH.prev must exist and be a file that a publication of this user left. */
static const char *previous_fault(const struct target *target)
{
	const char *fault = target_fault(target, target->previous);
	struct stat status;

	if (fault)
		return fault;
	if (fstatat(target->directory, target->previous, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return strerror(errno);
	if (status.st_uid != geteuid())
		return "belongs to another user, who may have written it";
	return (status.st_mode & 07777) == 0644 ? NULL : "has another mode than 0644, so others may have written it";
}

/* Report `fault`, if there is one. */
static bool accept_path(const char *path, const char *fault, struct diagnostics *diagnostics)
{
	if (fault)
		diagnose_error(diagnostics, path, 0, "%s", fault);
	return !fault;
}

char *previous_path(const char *path)
{
	char *previous = NULL;

	if (asprintf(&previous, "%s.prev", path) < 0)
		xcheck(NULL);
	return previous;
}

static void target_name(const char *path, struct target *target)
{
	const char *slash = strrchr(path, '/');
	const size_t name_at = slash ? (size_t)(slash - path) + 1 : 0;

	target->path = xcheck(strdup(path));
	target->previous_path = previous_path(path);
	target->name = target->path + name_at;
	target->previous = target->previous_path + name_at;
}

/* The caller closes the target also after a failure, which is reported. */
static bool target_open(const char *path, struct target *target, struct diagnostics *diagnostics)
{
	target_name(path, target);

	const size_t directory_size = (size_t)(target->name - target->path);
	char *directory = xcheck(directory_size ? strndup(path, directory_size) : strdup("."));

	target->directory = (int)TEMP_FAILURE_RETRY(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (target->directory < 0)
		diagnose_error(diagnostics, path, 0, "cannot open its directory: %s", strerror(errno));
	free(directory);
	return target->directory >= 0;
}

static void target_close(struct target *target)
{
	if (target->directory >= 0)
		close(target->directory);
	free(target->path);
	free(target->previous_path);
}

/* Sweep, then block signals: a fatal one is delivered when no temporary file is left. */
static void publish_begin(struct target *target)
{
	sigset_t all;

	temporary_sweep(target->directory);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &target->signals_before);
}

/* Sync the directory and unblock signals. `failed` says what could not be done, with errno; NULL: nothing failed. */
static enum outcome publish_end(struct target *target, const char *failed, struct diagnostics *diagnostics)
{
	if (!failed && TEMP_FAILURE_RETRY(fsync(target->directory)) != 0)
		failed = "is in place, but its directory could not be synced";
	if (failed)
		diagnose_error(diagnostics, target->path, 0, "%s: %s", failed, strerror(errno));
	pthread_sigmask(SIG_SETMASK, &target->signals_before, NULL);
	return failed ? OUTCOME_FAILED : OUTCOME_OK;
}

static bool copy_bytes(int from, int to)
{
	unsigned char bytes[65536];
	ssize_t got;

	while ((got = TEMP_FAILURE_RETRY(read(from, bytes, sizeof bytes))) > 0)
		if (!write_all(to, bytes, (size_t)got))
			return false;
	return got == 0;
}

/* Copy the file into a temporary one, ready to be renamed. */
static bool copy_file(const struct target *target, const char *name, struct temporary *made)
{
	const int from = (int)TEMP_FAILURE_RETRY(
		openat(target->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	bool copied = from >= 0 && temporary_create(target->directory, made);

	if (copied && !(copy_bytes(from, made->fd) && make_durable(made->fd))) {
		temporary_drop(made);
		copied = false;
	}

	const int cause = errno;

	if (from >= 0)
		close(from);
	errno = cause;
	return copied;
}

/* A second name for the file: a hard link if the file has our owner and mode 0644 and linking works, else a copy. */
static bool link_or_copy(const struct target *target, const char *name, struct temporary *held)
{
	struct stat status;

	if (fstatat(target->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (status.st_mode == (S_IFREG | 0644) && status.st_uid == geteuid() &&
	    temporary_link(target->directory, name, held))
		return true;
	return copy_file(target, name, held);
}

/* Make PATH.prev what PATH is. Where PATH does not exist there is nothing to keep. */
static bool keep_previous(const struct target *target)
{
	struct temporary held;

	for (unsigned i = 0; i < LINKS_TRIED_MAX; i++) {
		if (!link_or_copy(target, target->name, &held))
			return errno == ENOENT;
		if (temporary_become(&held, target->previous))
			return true;
		if (errno != ENOENT)
			return false;
	}
	return false;
}

/* Write beside the target and rename. NULL, or what failed, with errno. */
static const char *replace_target(const struct target *target, const void *bytes, size_t size, enum publish_keep keep)
{
	const char *failed = NULL;
	struct temporary fresh;

	if (!temporary_create(target->directory, &fresh))
		return "cannot create a file beside it";
	if (!write_all(fresh.fd, bytes, size) || !make_durable(fresh.fd))
		failed = "cannot write";
	else if (keep == PUBLISH_KEEP_PREVIOUS && !keep_previous(target))
		failed = "cannot keep what it replaces";
	if (failed)
		temporary_drop(&fresh);
	else if (!temporary_become(&fresh, target->name))
		failed = "cannot put it in place";
	return failed;
}

/* Open the target and check that it may be replaced. The caller closes it also after a failure. */
static bool open_target(const char *path, enum publish_keep keep, struct target *target,
			struct diagnostics *diagnostics)
{
	return target_open(path, target, diagnostics) &&
	       accept_path(path, target_fault(target, target->name), diagnostics) &&
	       (keep == PUBLISH_ALONE ||
		accept_path(target->previous_path, target_fault(target, target->previous), diagnostics));
}

enum outcome publish_check(const char *path, enum publish_keep keep, struct diagnostics *diagnostics)
{
	struct target target;
	const bool sound = open_target(path, keep, &target, diagnostics);

	target_close(&target);
	return sound ? OUTCOME_OK : OUTCOME_FAILED;
}

enum outcome publish_file(const char *path, const void *bytes, size_t size, enum publish_keep keep,
			  struct diagnostics *diagnostics)
{
	struct target target;
	enum outcome status = OUTCOME_FAILED;

	if (open_target(path, keep, &target, diagnostics)) {
		publish_begin(&target);
		status = publish_end(&target, replace_target(&target, bytes, size, keep), diagnostics);
	}
	target_close(&target);
	return status;
}

/* With copies, not links: a sweep that removed the link to the old PATH would remove its last name. */
static const char *exchange_in_steps(const struct target *target)
{
	struct temporary current, previous;

	if (!copy_file(target, target->name, &current))
		return "cannot copy it";
	if (!copy_file(target, target->previous, &previous)) {
		temporary_drop(&current);
		return "cannot copy what was there before";
	}
	if (!temporary_become(&previous, target->name)) {
		temporary_drop(&current);
		return "cannot put in place what was there before";
	}
	return temporary_become(&current, target->previous) ? NULL
							    : "is what it was before, but cannot keep what it was";
}

static const char *exchange_names(const struct target *target)
{
	const int directory = target->directory;

	if (renameat2(directory, target->previous, directory, target->name, RENAME_EXCHANGE) == 0)
		return NULL;
	if (errno == ENOENT && renameat(directory, target->previous, directory, target->name) == 0)
		return NULL;
	/* The file system does not support it, or the kernel or C library does not know it. */
	if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
		return exchange_in_steps(target);
	return "cannot exchange it with what was there before";
}

enum outcome publish_exchange(const char *path, struct diagnostics *diagnostics)
{
	struct target target;
	enum outcome status = OUTCOME_FAILED;

	if (target_open(path, &target, diagnostics) &&
	    accept_path(path, target_fault(&target, target.name), diagnostics) &&
	    accept_path(target.previous_path, previous_fault(&target), diagnostics)) {
		publish_begin(&target);
		status = publish_end(&target, exchange_names(&target), diagnostics);
	}
	target_close(&target);
	return status;
}
