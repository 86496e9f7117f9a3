/* SPDX-License-Identifier: MIT */
/*
 * Sandbox jobs: work on untrusted input in a child process with few rights: as another user where we are root, without
 * our descriptors, with limits on memory, time and what it writes, and dead as soon as we are.
 */
#ifndef IANAREG_CLI_UPDATE_SANDBOX_H
#define IANAREG_CLI_UPDATE_SANDBOX_H

#include <sys/types.h>

#include "cli/cli.h"

enum sandbox_limit {
	SANDBOX_FD_FIRST = 3, /* the child has the job's descriptors from here on */
	SANDBOX_FD_MAX = 4,
	SANDBOX_FAILED = 125, /* exit status of a child that could not be shut in; it says why */
	SANDBOX_NO_PROGRAM = 127,
	SANDBOX_SAID_MAX = 64 << 10, /* bytes of a child's messages that are read */
};

/* Whom to become. */
struct identity {
	const char *name;
	bool drop; /* we are root */
	uid_t uid;
	gid_t gid;
};

/*
 * Find the user; NULL is the account of our own, "ianareg", or "nobody" where the system has none. Any other process
 * of that user can reach into the child, so it should have none. EXIT_TROUBLE with a message: there is no such user, or
 * it is root. Who is not root stays who he is.
 */
enum exit_status find_identity(const char *user, struct identity *identity);

struct sandbox_job {
	int (*work)(const void *argument); /* gives the child's exit status; it may call exec */
	const void *argument;
	int output; /* its standard output; -1: /dev/null */
	int messages; /* its standard error; -1: ours */
	int descriptors[SANDBOX_FD_MAX];
	unsigned descriptor_count;
	size_t file_size_max; /* bytes of any file it writes */
	unsigned cpu_seconds;
};

/* How a child ended: an exit status, or the signal that killed it. */
struct sandbox_job_end {
	int status;
	int signal; /* 0: none */
};

/* Run it to its end. EXIT_TROUBLE, with a message: it could not be started. */
enum exit_status sandbox_run(const struct identity *identity, const struct sandbox_job *sandbox_job,
			     struct sandbox_job_end *end);

/* A file in memory, closed on exec; -1 after a message. What a child and we have in common. */
int scratch_file(void);

/*
 * A private copy of at most `size_max` bytes of it, NUL added after: a child that still lives cannot change it any
 * more. free() it. `*size` is size_max + 1 where there was more. NULL after a message: it cannot be read.
 */
char *scratch_copy(int fd, size_t size_max, size_t *size);

/* Print a child's messages, whatever bytes they are, in lines. */
void relay_messages(int fd);

#endif
