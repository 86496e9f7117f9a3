/* SPDX-License-Identifier: MIT */
/* One update or rollback of a target at a time. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "publish/lock.h"
#include "publish/temporary.h"

static char *lock_path; /* for the signal handler; set while the lock is held */
static int lock_fd;

static const int fatal_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGXCPU};
enum { FATAL_SIGNAL_COUNT = sizeof fatal_signals / sizeof *fatal_signals };

static void remove_and_die(int signal_number)
{
	unlink(lock_path);
	signal(signal_number, SIG_DFL);
	raise(signal_number); /* blocked until this handler returns */
}

/* A signal that is ignored (nohup) stays ignored. */
static void set_fatal_handler(void (*handler)(int))
{
	for (int i = 0; i < FATAL_SIGNAL_COUNT; i++) {
		struct sigaction now, action = {.sa_handler = handler, .sa_flags = SA_RESTART};

		sigfillset(&action.sa_mask);
		if (sigaction(fatal_signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(fatal_signals[i], &action, NULL);
	}
}

/* Remove temporary files of killed publications even if nothing is published now. */
static void sweep_beside(const char *path)
{
	char *copy = xcheck(strdup(path));
	const int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory >= 0) {
		temporary_sweep(directory);
		close(directory);
	}
	free(copy);
}

static char *lock_file_path(const char *path)
{
	char *first = xcheck(strdup(path)), *second = xcheck(strdup(path)), *name = NULL;

	if (asprintf(&name, "%s/.%s.lock", dirname(first), basename(second)) < 0)
		xcheck(NULL);
	free(first);
	free(second);
	return name;
}

/* The descriptor of the locked file, or -1 with errno. */
static int open_and_lock(const char *path)
{
	for (;;) {
		const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		struct stat status;

		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &status) != 0) {
			const int cause = errno;

			if (cause != EWOULDBLOCK)
				unlink(path); /* we hold the lock, or this file system has no locks */
			close(fd);
			errno = cause;
			return -1;
		}
		if (status.st_nlink > 0)
			return fd;
		close(fd); /* its holder removed it after we had opened it: it locks nothing any more */
	}
}

enum outcome lock_target(const char *path)
{
	char *name = lock_file_path(path);
	const int fd = open_and_lock(name);

	if (fd >= 0) {
		lock_path = name;
		lock_fd = fd;
		set_fatal_handler(remove_and_die);
		sweep_beside(path);
		return OUTCOME_OK;
	}
	if (errno == EWOULDBLOCK) {
		report_failure(path, "another update or rollback is at work on it");
		free(name);
		return OUTCOME_BUSY;
	}
	report_failure(name, "%s", strerror(errno));
	free(name);
	return OUTCOME_FAILED;
}

void unlock_target(void)
{
	unlink(lock_path);
	set_fatal_handler(SIG_DFL);
	close(lock_fd);
	free(lock_path);
	lock_path = NULL;
}
