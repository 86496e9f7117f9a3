/* SPDX-License-Identifier: MIT */
/*
 * A fault at every system call of a command that touches a file: strace(1) counts the calls of an undisturbed run,
 * then kills the command at each, or lets each fail with ENOSPC, EIO, EACCES and, where a kernel may, EINTR. After each
 * fault the files must be in one of the states that the command may leave; a success must have done its work; and an
 * undisturbed run must succeed and leave nothing else behind.
 */
#ifndef IANAREG_TESTS_SUPPORT_FAULTS_H
#define IANAREG_TESTS_SUPPORT_FAULTS_H

#include <stdbool.h>

enum { FAULT_FILES_MAX = 8, FAULT_STATES_MAX = 4 };

/*
 * What the files hold, a letter each: 'a' for what known/a.db holds and so on, '-' for no file, '*' for any file or none.
 */
struct fault_state {
	const char *holds; /* NULL: no such state */
	unsigned then; /* the state that a further run leaves */
};

struct fault_campaign {
	const char *name; /* in the notes */
	const char *const *command; /* argv, ending in NULL; run in the working directory */
	bool with_children; /* faults also in processes that the command starts */
	unsigned sample; /* without $FAULTS=full every so manyth point; 0: all; not 2, 4 or 5, the cycle of faults */
	const char *directory; /* emptied before each fault; nothing but `files` may remain below it */
	const char *files[FAULT_FILES_MAX]; /* below the directory */
	struct fault_state states[FAULT_STATES_MAX]; /* before; between; done; and what only further runs leave */
	unsigned done; /* which of them a success leaves */
	void (*prepare)(void); /* what else there is before each fault, or NULL */
	bool is_untidy; /* and that is left over, until a run that nothing disturbs */
};

/* Skip the test, and say so once, where strace may not trace here or this build cannot be traced. */
void need_faults(void);

/* Run it, fail the test at the first point that goes wrong, and print how many points there were. */
void run_campaign(const struct fault_campaign *campaign);

#endif
