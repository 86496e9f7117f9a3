/* SPDX-License-Identifier: MIT */
/* What all verbs share. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cell.h"
#include "cli/cli.h"
#include "snapshot/format.h"

enum exit_status worse_of(enum exit_status a, enum exit_status b)
{
	static const int rank[] = {
		[EXIT_DONE] = 0,    [EXIT_DIFFER] = 1, [EXIT_NOT_FOUND] = 2,
		[EXIT_TROUBLE] = 3, [EXIT_LATER] = 4,  [EXIT_INVALID] = 5,
	};

	return rank[a] > rank[b] ? a : b;
}

enum exit_status exit_status_of(enum compile_status status)
{
	static const enum exit_status exits[] = {
		[COMPILE_OK] = EXIT_DONE,
		[COMPILE_FAILED] = EXIT_TROUBLE,
		[COMPILE_INVALID] = EXIT_INVALID,
	};

	return exits[status];
}

enum exit_status complain(const char *subject, const char *format, ...)
{
	va_list arguments;

	fputs("ianareg: ", stderr);
	write_escaped(subject, stderr);
	fputs(": ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return EXIT_TROUBLE;
}

enum exit_status print_help(const char *help)
{
	fputs(help, stdout);
	return EXIT_DONE;
}

/* The option getopt_long() was not happy with, as the user wrote it. */
static const char *bad_option(char **argv)
{
	static char letter[] = "-x";
	const char *last = argv[optind - 1];

	if (optopt == 0 || (last[0] == '-' && last[1] == '-'))
		return last;
	letter[1] = (char)optopt;
	return letter;
}

int next_option(int argc, char **argv, const char *letters, const struct option *names)
{
	opterr = 0;
	int option = getopt_long(argc, argv, letters, names, NULL);

	if (option == ':')
		complain(bad_option(argv), "needs an argument; see ianareg %s --help", argv[0]);
	else if (option == '?')
		complain(bad_option(argv), "no such option; see ianareg %s --help", argv[0]);
	return option == ':' ? OPTION_BAD : option;
}

bool take_json_option(int argc, char **argv, const char *help, bool *json, enum exit_status *status)
{
	static const struct option names[] = {
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	int option;

	while ((option = next_option(argc, argv, ":h", names)) == 'j')
		*json = true;
	if (option != OPTION_END)
		*status = option == OPTION_HELP ? print_help(help) : EXIT_TROUBLE;
	return option == OPTION_END;
}

int port_number(const char *digits, size_t size)
{
	int number = 0;

	for (size_t i = 0; i < size; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		number = number * 10 + (digits[i] - '0');
		if (number > PORT_MAX)
			return -1;
	}
	return size ? number : -1;
}

enum exit_status open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return complain("/dev/null", "%s", strerror(errno));
	close(fd);
	return EXIT_DONE;
}
