/* SPDX-License-Identifier: MIT */
/* Work in a child process that can do little else. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/update/sandbox.h"

enum {
	MEMORY_MORE = 1 << 30, /* bytes beyond what the process has mapped: curl reserves 64 MiB a thread */
	DESCRIPTORS_MAX = 64,
};

enum exit_status find_identity(const char *user, struct identity *identity)
{
	struct identity found = {.name = user ? user : "ianareg", .drop = geteuid() == 0};

	if (found.drop) {
		const struct passwd *entry = getpwnam(found.name);

		if (!entry && !user) {
			found.name = "nobody";
			entry = getpwnam(found.name);
		}

		if (!entry)
			return complain(found.name,
					"no such user; update needs an unprivileged user to parse downloads");
		if (entry->pw_uid == 0 || entry->pw_gid == 0)
			return complain(found.name, "has root's rights; update needs a user without");
		found.uid = entry->pw_uid;
		found.gid = entry->pw_gid;
	}
	*identity = found;
	return EXIT_DONE;
}

__attribute__((noreturn)) static void give_up(const char *what)
{
	fprintf(stderr, "ianareg: %s: %s\n", what, strerror(errno));
	_exit(SANDBOX_FAILED);
}

/* The job's descriptors as 0 to 3 and on, and no other. First out of the way, for they may stand in each other's. */
static void take_descriptors(const struct sandbox_job *sandbox_job)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int wanted[] = {null, sandbox_job->output < 0 ? null : sandbox_job->output,
			      sandbox_job->messages < 0 ? STDERR_FILENO : sandbox_job->messages};
	const int count = SANDBOX_FD_FIRST + (int)sandbox_job->descriptor_count;
	int moved[SANDBOX_FD_FIRST + SANDBOX_FD_MAX];

	for (int i = 0; i < count; i++) {
		moved[i] = fcntl(i < SANDBOX_FD_FIRST ? wanted[i] : sandbox_job->descriptors[i - SANDBOX_FD_FIRST],
				 F_DUPFD_CLOEXEC, SANDBOX_FD_FIRST + SANDBOX_FD_MAX);
		if (moved[i] < 0)
			give_up("descriptors");
	}
	for (int i = 0; i < count; i++)
		if (dup2(moved[i], i) < 0)
			give_up("descriptors");
	closefrom(count);
}

/* For good: real, effective and saved; a way back must not be there. */
static void become(const struct identity *identity)
{
	if (!identity->drop)
		return;
	if (setgroups(0, NULL) != 0 || setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
	    setresuid(identity->uid, identity->uid, identity->uid) != 0)
		give_up(identity->name);
	if (setuid(0) == 0 || setgid(0) == 0) {
		errno = EPERM;
		give_up(identity->name);
	}
}

/* A soft limit where there can be no hard one (valgrind keeps descriptors for itself). */
static void limit(int resource, rlim_t value)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		give_up("limits");
	if (value > now.rlim_max)
		value = now.rlim_max;
	if (setrlimit(resource, &(struct rlimit){value, value}) != 0 &&
	    setrlimit(resource, &(struct rlimit){value, now.rlim_max}) != 0)
		give_up("limits");
}

/* Bytes of address space there are now; 0 where /proc does not say. A sanitizer's shadow alone can be terabytes. */
static rlim_t mapped_now(void)
{
	FILE *stream = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (stream) {
		if (fscanf(stream, "%lu", &pages) != 1)
			pages = 0;
		fclose(stream);
	}
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(const struct sandbox_job *sandbox_job)
{
	signal(SIGXFSZ, SIG_IGN); /* a write past the limit fails, and the writer can report it */
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, sandbox_job->file_size_max);
	limit(RLIMIT_CPU, sandbox_job->cpu_seconds);
	limit(RLIMIT_NOFILE, DESCRIPTORS_MAX);
	limit(RLIMIT_AS, mapped_now() + MEMORY_MORE);
}

/* After become(): a change of user clears the wish to die with the parent. */
static void bind_to_parent(pid_t parent)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		give_up("prctl");
	if (getppid() != parent)
		_exit(SANDBOX_FAILED);
}

/* Our handlers are not the child's: what they clean up is ours. */
static void forget_handlers(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void run_child(const struct identity *identity, const struct sandbox_job *sandbox_job,
						pid_t parent)
{
	forget_handlers();
	take_descriptors(sandbox_job);
	setsid(); /* without a terminal of its own it cannot type into ours, though it may print there */
	if (chdir("/") != 0)
		give_up("/");
	set_limits(sandbox_job);
	become(identity);
	bind_to_parent(parent);

	const int status = sandbox_job->work(sandbox_job->argument);

	fflush(NULL);
	_exit(status);
}

enum exit_status sandbox_run(const struct identity *identity, const struct sandbox_job *sandbox_job,
			     struct sandbox_job_end *end)
{
	const pid_t parent = getpid();
	sigset_t all, before;
	int status;

	fflush(NULL); /* or the child would print it once more */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before); /* until the child has forgotten our handlers */

	const pid_t child = fork();

	if (child == 0)
		run_child(identity, sandbox_job, parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (child < 0)
		return complain("fork", "%s", strerror(errno));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return complain("waitpid", "%s", strerror(errno));
	*end = (struct sandbox_job_end){.status = WIFEXITED(status) ? WEXITSTATUS(status) : SANDBOX_FAILED,
					.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
	return EXIT_DONE;
}

int scratch_file(void)
{
	const int fd = memfd_create("ianareg", MFD_CLOEXEC);

	if (fd < 0)
		complain("memfd_create", "%s", strerror(errno));
	return fd;
}

char *scratch_copy(int fd, size_t size_max, size_t *size)
{
	char *bytes = xcheck(malloc(size_max + 2));
	size_t used = 0;
	ssize_t got;

	do {
		got = pread(fd, bytes + used, size_max + 1 - used, (off_t)used);
		used += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0) {
		complain("read", "%s", strerror(errno));
		free(bytes);
		return NULL;
	}
	bytes[used] = '\0';
	*size = used;
	return xcheck(realloc(bytes, used + 1));
}

/* One line, which may hold backslashes: our own messages have such escapes already. */
static void relay_line(char *line)
{
	char *rest = line, *part;

	while ((part = strsep(&rest, "\\"))) {
		write_escaped(part, stderr);
		if (rest)
			fputc('\\', stderr);
	}
	fputc('\n', stderr);
}

void relay_messages(int fd)
{
	size_t size;
	char *bytes = scratch_copy(fd, SANDBOX_SAID_MAX, &size), *rest = bytes, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			relay_line(line);
	free(bytes);
}
