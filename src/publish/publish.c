/* SPDX-License-Identifier: MIT */
/* Bytes onto the disk, whole or not at all. */
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

enum { LINKS_TRIED_MAX = 100 }; /* a sweeper may take a link away; it cannot always be that quick */

/* A publication: where it goes, from begin() to end(). */
struct place {
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

/* 0644 whatever the umask: a snapshot that programs cannot read, or others can write, is not one. */
static bool finish(int fd)
{
	return fchmod(fd, 0644) == 0 && TEMP_FAILURE_RETRY(fsync(fd)) == 0;
}

/*
 * Only a regular file is replaced: a rename over a device would remove it, and over a symbolic link would surprise
 * whoever made the link.
 */
static const char *target_fault(const struct place *place, const char *name)
{
	struct stat status;

	if (!*name)
		return "is no file name";
	if (fstatat(place->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (S_ISLNK(status.st_mode))
		return "is a symbolic link; name the file itself";
	if (S_ISDIR(status.st_mode))
		return "is a directory";
	return S_ISREG(status.st_mode) ? NULL : "is not a regular file";
}

/* What becomes PATH must be there, and what a publication left there. */
static const char *previous_fault(const struct place *place)
{
	const char *fault = target_fault(place, place->previous);
	struct stat status;

	if (fault)
		return fault;
	if (fstatat(place->directory, place->previous, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return strerror(errno);
	if (status.st_uid != geteuid())
		return "belongs to another user, who may have written it";
	return (status.st_mode & 07777) == 0644 ? NULL : "has another mode than 0644, so others may have written it";
}

/* True where nothing is wrong with it; else false, and said. */
static bool accept_path(const char *path, const char *fault, struct diagnostics *diagnostics)
{
	if (fault)
		diagnose_error(diagnostics, path, 0, "%s", fault);
	return !fault;
}

static void name_place(const char *path, struct place *place)
{
	const char *slash = strrchr(path, '/');
	const size_t name_at = slash ? (size_t)(slash - path) + 1 : 0;

	place->path = xcheck(strdup(path));
	if (asprintf(&place->previous_path, "%s.prev", path) < 0)
		xcheck(NULL);
	place->name = place->path + name_at;
	place->previous = place->previous_path + name_at;
}

/* close_place() it also where this fails, which is said. */
static bool open_place(const char *path, struct place *place, struct diagnostics *diagnostics)
{
	name_place(path, place);

	const size_t directory_size = (size_t)(place->name - place->path);
	char *directory = xcheck(directory_size ? strndup(path, directory_size) : strdup("."));

	place->directory = (int)TEMP_FAILURE_RETRY(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (place->directory < 0)
		diagnose_error(diagnostics, path, 0, "cannot open its directory: %s", strerror(errno));
	free(directory);
	return place->directory >= 0;
}

static void close_place(struct place *place)
{
	if (place->directory >= 0)
		close(place->directory);
	free(place->path);
	free(place->previous_path);
}

/* Sweep, then have signals wait: one that ends the process comes when there is nothing to leave behind. */
static void begin(struct place *place)
{
	sigset_t all;

	temporary_sweep(place->directory);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &place->signals_before);
}

/* `failed` is what could not be done, with errno, or NULL. */
static enum outcome end(struct place *place, const char *failed, struct diagnostics *diagnostics)
{
	if (!failed && TEMP_FAILURE_RETRY(fsync(place->directory)) != 0)
		failed = "is in place, but its directory could not be synced";
	if (failed)
		diagnose_error(diagnostics, place->path, 0, "%s: %s", failed, strerror(errno));
	pthread_sigmask(SIG_SETMASK, &place->signals_before, NULL);
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

/* A copy of the file, ready to become another. */
static bool copy(const struct place *place, const char *name, struct temporary *made)
{
	const int from =
		(int)TEMP_FAILURE_RETRY(openat(place->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	bool copied = from >= 0 && temporary_create(place->directory, made);

	if (copied && !(copy_bytes(from, made->fd) && finish(made->fd))) {
		temporary_drop(made);
		copied = false;
	}

	const int cause = errno;

	if (from >= 0)
		close(from);
	errno = cause;
	return copied;
}

/* Another name for the file as it is. A link where that will have our owner and 0644; no link for any reason: a copy. */
static bool hold(const struct place *place, const char *name, struct temporary *held)
{
	struct stat status;

	if (fstatat(place->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (status.st_mode == (S_IFREG | 0644) && status.st_uid == geteuid() &&
	    temporary_link(place->directory, name, held))
		return true;
	return copy(place, name, held);
}

/* Make PATH.prev what PATH is. Where there is no PATH there is nothing to keep. */
static bool keep_previous(const struct place *place)
{
	struct temporary held;

	for (unsigned i = 0; i < LINKS_TRIED_MAX; i++) {
		if (!hold(place, place->name, &held))
			return errno == ENOENT;
		if (temporary_become(&held, place->previous))
			return true;
		if (errno != ENOENT)
			return false;
	}
	return false;
}

/* Write beside the target and rename; NULL, or what failed, with errno. */
static const char *replace(const struct place *place, const void *bytes, size_t size, enum publish_keep keep)
{
	const char *failed = NULL;
	struct temporary fresh;

	if (!temporary_create(place->directory, &fresh))
		return "cannot create a file beside it";
	if (!write_all(fresh.fd, bytes, size) || !finish(fresh.fd))
		failed = "cannot write";
	else if (keep == PUBLISH_KEEP_PREVIOUS && !keep_previous(place))
		failed = "cannot keep what it replaces";
	if (failed)
		temporary_drop(&fresh);
	else if (!temporary_become(&fresh, place->name))
		failed = "cannot put it in place";
	return failed;
}

/* close_place() it whatever comes of it. */
static bool open_target(const char *path, enum publish_keep keep, struct place *place, struct diagnostics *diagnostics)
{
	return open_place(path, place, diagnostics) &&
	       accept_path(path, target_fault(place, place->name), diagnostics) &&
	       (keep == PUBLISH_ALONE ||
		accept_path(place->previous_path, target_fault(place, place->previous), diagnostics));
}

enum outcome publish_check(const char *path, enum publish_keep keep, struct diagnostics *diagnostics)
{
	struct place place;
	const bool sound = open_target(path, keep, &place, diagnostics);

	close_place(&place);
	return sound ? OUTCOME_OK : OUTCOME_FAILED;
}

enum outcome publish_file(const char *path, const void *bytes, size_t size, enum publish_keep keep,
			  struct diagnostics *diagnostics)
{
	struct place place;
	enum outcome status = OUTCOME_FAILED;

	if (open_target(path, keep, &place, diagnostics)) {
		begin(&place);
		status = end(&place, replace(&place, bytes, size, keep), diagnostics);
	}
	close_place(&place);
	return status;
}

/* Of copies, not links: a sweeper that takes the link to what PATH was would take the last name it has. */
static const char *exchange_in_steps(const struct place *place)
{
	struct temporary current, previous;

	if (!copy(place, place->name, &current))
		return "cannot copy it";
	if (!copy(place, place->previous, &previous)) {
		temporary_drop(&current);
		return "cannot copy what was there before";
	}
	if (!temporary_become(&previous, place->name)) {
		temporary_drop(&current);
		return "cannot put in place what was there before";
	}
	return temporary_become(&current, place->previous) ? NULL
							   : "is what it was before, but cannot keep what it was";
}

static const char *exchange(const struct place *place)
{
	const int directory = place->directory;

	if (renameat2(directory, place->previous, directory, place->name, RENAME_EXCHANGE) == 0)
		return NULL;
	if (errno == ENOENT && renameat(directory, place->previous, directory, place->name) == 0)
		return NULL;
	/* What a file system that cannot says, and a kernel or C library that does not know of it. */
	if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
		return exchange_in_steps(place);
	return "cannot exchange it with what was there before";
}

enum outcome publish_exchange(const char *path, struct diagnostics *diagnostics)
{
	struct place place;
	enum outcome status = OUTCOME_FAILED;

	if (open_place(path, &place, diagnostics) && accept_path(path, target_fault(&place, place.name), diagnostics) &&
	    accept_path(place.previous_path, previous_fault(&place), diagnostics)) {
		begin(&place);
		status = end(&place, exchange(&place), diagnostics);
	}
	close_place(&place);
	return status;
}
