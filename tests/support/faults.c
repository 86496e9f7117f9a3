/* SPDX-License-Identifier: MIT */
/* A fault at every system call of a command that touches a file. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/faults.h"
#include "tests/support/support.h"

enum { ARGUMENTS_MAX = 64, CALLS_MAX = 1024, NTH_MAX = 1024, KILLED = 128 + SIGKILL };

#define TRACE "trace.out"
#define SAID "said.out"

/* A system call by name, and how often a process made it. */
struct call {
	unsigned long process;
	char name[32];
	unsigned count;
	bool passed_over[NTH_MAX + 1]; /* no point for a fault */
};

struct point {
	const char *call;
	unsigned nth;
	const char *fault; /* as strace takes it */
	const struct fault_campaign *campaign;
};

/* ---- commands ---- */

static void become_command(const char *const *arguments)
{
	const int null = open("/dev/null", O_RDONLY), said = open(SAID, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(null, 0);
	dup2(said, 1);
	dup2(said, 2);
	close(null);
	close(said);
	execvp(arguments[0], (char *const *)(uintptr_t)arguments);
	_exit(127);
}

/* Its exit status, or 128 + signal; what it says is in SAID. */
static int status_of_command(const char *const *arguments)
{
	const pid_t child = fork();
	int status;

	assert_return_code(child, errno);
	if (child == 0)
		become_command(arguments);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The command under strace, with what strace is to trace and to inject (or NULL). */
static int status_under_strace(const struct fault_campaign *campaign, const char *traced, const char *injected)
{
	const char *arguments[ARGUMENTS_MAX] = {"strace", "-qq", "-o", TRACE, "-e", text("trace=%s", traced)};
	unsigned count = 6;

	if (campaign->with_children)
		arguments[count++] = "-f";
	if (injected) {
		arguments[count++] = "-e";
		arguments[count++] = injected;
	}
	for (unsigned i = 0; campaign->command[i]; i++) {
		assert_in_range(count, 0, ARGUMENTS_MAX - 2);
		arguments[count++] = campaign->command[i];
	}
	return status_of_command(arguments);
}

/* ---- what calls there are ---- */

static struct call *call_of(struct call *calls, unsigned long process, const char *name, size_t size)
{
	for (unsigned i = 0; i < CALLS_MAX; i++) {
		if (!calls[i].name[0]) {
			calls[i].process = process;
			memcpy(calls[i].name, name, size);
		}
		if (calls[i].process == process && strlen(calls[i].name) == size &&
		    memcmp(calls[i].name, name, size) == 0)
			return &calls[i];
	}
	fail_msg("more than %d different system calls", CALLS_MAX);
	return NULL;
}

/* Memory that is asked for, and the command's own first execve(), in which strace lets nothing happen. */
static bool touches_no_file(const char *line, const char *trace)
{
	const char *anonymous = strstr(line, "MAP_ANONYMOUS");
	const bool is_first = !memchr(trace, '\n', (size_t)(line - trace));

	return is_first || (anonymous && anonymous < line + strcspn(line, "\n"));
}

static void count_call(struct call *call, bool passed_over)
{
	if (++call->count <= NTH_MAX)
		call->passed_over[call->count] = passed_over;
}

/* `strace -f` begins a line with the process; a call that goes on later has a second line, which begins with '<'. */
static void count_calls(const char *trace, struct call *calls)
{
	for (const char *line = trace; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char *name;
		const unsigned long process = strtoul(line, &name, 10);

		name += strspn(name, " ");

		const size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");

		if (size && size < sizeof calls->name && name[size] == '(')
			count_call(call_of(calls, process, name, size), touches_no_file(name, trace));
	}
}

/* strace counts for each process, so the one that makes a call most often says how many points that has. */
static bool is_longest(const struct call *calls, const struct call *call)
{
	for (const struct call *other = calls; other < calls + CALLS_MAX; other++)
		if (strcmp(other->name, call->name) == 0 &&
		    (other->count > call->count || (other->count == call->count && other < call)))
			return false;
	return true;
}

/* ---- what files there are ---- */

static const char *path_of(const struct fault_campaign *campaign, unsigned file)
{
	return text("%s/%s", campaign->directory, campaign->files[file]);
}

static const char *known(char letter)
{
	return text("known/%c.db", letter);
}

static bool same_content(const char *a, const char *b)
{
	size_t a_size, b_size;
	char *a_bytes = read_file(a, &a_size), *b_bytes = read_file(b, &b_size);
	const bool same = a_size == b_size && memcmp(a_bytes, b_bytes, a_size) == 0;

	free(a_bytes);
	free(b_bytes);
	return same;
}

/* Whether the file is what the letter says: whole, and for all to read. */
static bool file_holds(const char *path, char letter)
{
	struct stat status;

	if (letter == '*')
		return true;
	if (lstat(path, &status) != 0)
		return errno == ENOENT && letter == '-';
	return letter != '-' && status.st_mode == (S_IFREG | 0644) && same_content(path, known(letter));
}

static bool is_in_state(const struct fault_campaign *campaign, unsigned state)
{
	for (unsigned i = 0; i < FAULT_FILES_MAX && campaign->files[i]; i++)
		if (!file_holds(path_of(campaign, i), campaign->states[state].holds[i]))
			return false;
	return true;
}

/* The number of the state that the files are in, or FAULT_STATES_MAX. */
static unsigned state_now(const struct fault_campaign *campaign)
{
	unsigned state = 0;

	while (state < FAULT_STATES_MAX && !(campaign->states[state].holds && is_in_state(campaign, state)))
		state++;
	return state < FAULT_STATES_MAX ? state : FAULT_STATES_MAX;
}

static int remove_any(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static void put_first_state(const struct fault_campaign *campaign)
{
	const char *holds = campaign->states[0].holds;

	nftw(campaign->directory, remove_any, 8, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(mkdir(campaign->directory, 0755), 0);
	for (unsigned i = 0; i < FAULT_FILES_MAX && campaign->files[i]; i++) {
		if (holds[i] == '-' || holds[i] == '*')
			continue;

		size_t size;
		char *bytes = read_file(known(holds[i]), &size);

		write_file(path_of(campaign, i), bytes, size);
		assert_int_equal(chmod(path_of(campaign, i), 0644), 0);
		free(bytes);
	}
	if (campaign->prepare)
		campaign->prepare();
}

static const struct fault_campaign *looked_at;
static char stranger[4096];

static int look_for_stranger(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)where;
	if (type == FTW_D)
		return 0;
	for (unsigned i = 0; i < FAULT_FILES_MAX && looked_at->files[i]; i++)
		if (strcmp(path, path_of(looked_at, i)) == 0)
			return 0;
	snprintf(stranger, sizeof stranger, "%s", path);
	return 1;
}

/* A file that should not be there, or NULL. */
static const char *left_over(const struct fault_campaign *campaign)
{
	looked_at = campaign;
	return nftw(campaign->directory, look_for_stranger, 8, FTW_PHYS) ? stranger : NULL;
}

/* ---- a point ---- */

__attribute__((format(printf, 2, 3))) static void blame(const struct point *point, const char *format, ...)
{
	char *said = read_file(SAID, NULL);
	char complaint[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(complaint, sizeof complaint, format, arguments);
	va_end(arguments);
	print_message("said: %s", said);
	free(said);
	fail_msg("%s: %s at %s number %u: %s", point->campaign->name, point->fault, point->call, point->nth, complaint);
}

/* strace says so, and is itself ended by the signal that ended the command. */
static bool was_hit(int status)
{
	char *trace = read_file(TRACE, NULL);
	const bool hit = status == KILLED || strstr(trace, "(INJECTED)") || strstr(trace, "killed by SIGKILL");

	free(trace);
	return hit;
}

/* As the tool ends; 127 is ld.so, which could not load it; and killed only who was to be killed. */
static bool is_sane(const struct point *point, int status)
{
	return status == 0 || status == 1 || status == 3 || status == 4 || status == 127 ||
	       (status == KILLED && strcmp(point->fault, "signal=SIGKILL") == 0);
}

static void check_after_fault(const struct point *point, int status)
{
	const unsigned state = state_now(point->campaign);
	const bool killed = strcmp(point->fault, "signal=SIGKILL") == 0;

	if (!is_sane(point, status))
		blame(point, "exit status %d", status);
	if (state > point->campaign->done)
		blame(point, "the files are neither as before nor as after");
	if (status == 0 && state != point->campaign->done)
		blame(point, "success without the new file in place");
	/* Who is not killed clears up, unless it is the clearing up that fails. */
	if (!killed && strncmp(point->call, "unlink", 6) != 0 && !point->campaign->is_untidy &&
	    left_over(point->campaign))
		blame(point, "%s is left over", left_over(point->campaign));
}

static void check_next_run(const struct point *point)
{
	const unsigned before = state_now(point->campaign);
	const int status = status_of_command(point->campaign->command);

	if (status)
		blame(point, "the next run ends with status %d", status);
	if (state_now(point->campaign) != point->campaign->states[before].then)
		blame(point, "the next run leaves state %u", state_now(point->campaign));
	if (left_over(point->campaign))
		blame(point, "the next run leaves %s", left_over(point->campaign));
}

/* Whether the fault came to pass. */
static bool try_point(const struct point *point)
{
	const char *injected = text("inject=%s:%s:when=%u", point->call, point->fault, point->nth);

	put_first_state(point->campaign);

	const int status = status_under_strace(point->campaign, point->call, injected);

	if (!was_hit(status))
		return false;
	check_after_fault(point, status);
	check_next_run(point);
	return true;
}

/* ---- a campaign ---- */

/* Calls that the kernel may break off for a signal, or for a slow device or server. */
static bool may_be_interrupted(const char *call)
{
	static const char *const calls[] = {"open",      "openat",   "read",   "pread64", "readv",
					    "write",     "pwrite64", "writev", "fsync",   "fdatasync",
					    "ftruncate", "flock",    "close",  "poll",    "ppoll"};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strcmp(call, calls[i]) == 0)
			return true;
	return false;
}

static struct call *calls_of(const struct fault_campaign *campaign)
{
	struct call *calls = calloc(CALLS_MAX, sizeof *calls);

	assert_non_null(calls);
	put_first_state(campaign);
	if (status_under_strace(campaign, "%file,%desc", NULL) != 0 || state_now(campaign) != campaign->done)
		fail_msg("%s: fails without any fault: %s", campaign->name, read_file(SAID, NULL));

	char *trace = read_file(TRACE, NULL);

	count_calls(trace, calls);
	free(trace);
	return calls;
}

static bool is_sampled(const struct fault_campaign *campaign, unsigned point)
{
	const char *faults = getenv("FAULTS");

	return !campaign->sample || (faults && strcmp(faults, "full") == 0) || point % campaign->sample == 0;
}

/* All faults at one call; how many came to pass. `*point` counts all that there are. */
static unsigned try_call(const struct fault_campaign *campaign, const char *name, unsigned nth, unsigned *point)
{
	static const char *const faults[] = {"signal=SIGKILL", "error=ENOSPC", "error=EIO", "error=EACCES",
					     "error=EINTR"};
	const unsigned fault_count = may_be_interrupted(name) ? 5 : 4;
	unsigned hit = 0;

	for (unsigned i = 0; i < fault_count; i++)
		if (is_sampled(campaign, (*point)++))
			hit += try_point(&(const struct point){name, nth, faults[i], campaign});
	return hit;
}

void run_campaign(const struct fault_campaign *campaign)
{
	struct call *calls = calls_of(campaign);
	unsigned points = 0, hit = 0, call_count = 0;

	for (const struct call *call = calls; call < calls + CALLS_MAX && call->name[0]; call++)
		for (unsigned nth = 1; is_longest(calls, call) && nth <= call->count; nth++)
			if (nth > NTH_MAX || !call->passed_over[nth]) {
				hit += try_call(campaign, call->name, nth, &points);
				call_count++;
			}
	printf("note: faults: %s: %u system calls, %u of %u points tried, all well\n", campaign->name, call_count, hit,
	       points);
	assert_true(hit);
	free(calls);
}

void need_faults(void)
{
	const char *reason = NULL;
	struct run traced = run("strace -qq -e inject=getpid:error=EIO -o /dev/null true");

	if (UNDER_ASAN)
		reason = "a build with AddressSanitizer is not traced";
	else if (getenv("VALGRIND"))
		reason = "under valgrind nothing of what is traced would be looked at";
	else if (traced.status)
		reason = "strace is missing, or may not trace here";
	free_run(&traced);
	if (reason) {
		static bool said;

		if (!said)
			printf("note: faults: %s: skipped\n", reason);
		said = true;
		skip();
	}
}
