/* SPDX-License-Identifier: MIT */
/* What a command shows on a terminal. */
#include <errno.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/pty.h"
#include "tests/support/support.h"

_Noreturn static void run_command(const char *command)
{
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "1", 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Until the last program has closed the terminal, which reads as EIO. */
static char *read_terminal(int terminal)
{
	char *shown = NULL, bytes[4096];
	size_t size;
	ssize_t got;
	FILE *stream = open_memstream(&shown, &size);

	assert_non_null(stream);
	while ((got = read(terminal, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			assert_int_equal(fwrite(bytes, 1, (size_t)got, stream), got);
	assert_true(got == 0 || errno == EIO);
	assert_int_equal(fclose(stream), 0);
	return shown;
}

struct screen screen_of(const char *command, unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};
	struct termios raw = {0}; /* so that the kernel adds no carriage returns of its own */
	struct screen screen;
	int terminal, status;
	pid_t child;

	cfmakeraw(&raw);
	child = forkpty(&terminal, NULL, &raw, &size);
	assert_true(child >= 0);
	if (child == 0)
		run_command(command);
	screen.text = read_terminal(terminal);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(terminal);
	screen.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return screen;
}

void free_screen(struct screen *screen)
{
	free(screen->text);
}
