/* SPDX-License-Identifier: MIT */
/* nscd keeps answers for hours. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/update/nscd.h"

enum { NSCD_MS_MAX = 10 * 1000, LOOK_MS = 10 };

static bool is_answering(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool connected;

	if (fd < 0)
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	/* EAGAIN: more wait than it listens to, so something is there, though it may hang. */
	connected = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
	close(fd);
	return connected;
}

bool nscd_is_running(void)
{
	return is_answering("/run/nscd/socket") || is_answering("/var/run/nscd/socket");
}

static void pause_ms(long ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000 * 1000};

	while (nanosleep(&left, &left) != 0)
		;
}

/* A second, and a tick of CLOCK_MONOTONIC_COARSE (10 ms at most), and some more. */
static void wait_for_module(void)
{
	pause_ms(1100);
}

/* Its exit status as waitpid() gives it; one that takes too long is killed. */
static int end_of(pid_t child)
{
	int status = -1;

	for (int waited = 0; waited < NSCD_MS_MAX; waited += LOOK_MS) {
		const pid_t ended = waitpid(child, &status, WNOHANG);

		if (ended == child || (ended < 0 && errno != EINTR))
			return ended == child ? status : -1;
		pause_ms(LOOK_MS);
	}
	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return -1;
}

static int run_nscd(void)
{
	static const char *const places[] = {"/usr/sbin/nscd", "/sbin/nscd", "/usr/bin/nscd"};
	char program[] = "nscd", option[] = "-i", table[] = "services", path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const arguments[] = {program, option, table, NULL}, *const environment[] = {path, NULL};
	pid_t child;

	for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
		if (posix_spawn(&child, places[i], NULL, NULL, arguments, environment) == 0)
			return end_of(child);
	return -1;
}

void refresh_nscd(void)
{
	if (geteuid() != 0) /* nscd listens to root alone, and to others' files not at all */
		return;
	if (!nscd_is_running())
		return;
	wait_for_module();
	if (run_nscd() != 0)
		complain("nscd", "did not take \"nscd -i services\"; it may give old answers for hours");
}
