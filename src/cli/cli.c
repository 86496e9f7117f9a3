/* SPDX-License-Identifier: MIT */
/* What all verbs share. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum exit_status worse_of(enum exit_status a, enum exit_status b)
{
	static const int rank[] = {
		[EXIT_DONE] = 0,    [EXIT_DIFFER] = 1, [EXIT_NOT_FOUND] = 2,
		[EXIT_TROUBLE] = 3, [EXIT_LATER] = 4,  [EXIT_INVALID] = 5,
	};

	return rank[a] > rank[b] ? a : b;
}

enum exit_status exit_status_of(enum outcome outcome)
{
	static const enum exit_status exits[] = {
		[OUTCOME_OK] = EXIT_DONE,
		[OUTCOME_FAILED] = EXIT_TROUBLE,
		[OUTCOME_INVALID] = EXIT_INVALID,
		[OUTCOME_BUSY] = EXIT_LATER,
	};

	return exits[outcome];
}

enum exit_status complain(const char *subject, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report_failure_v(subject, format, arguments);
	va_end(arguments);
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

int next_option_of(const char *verb, int argc, char **argv, const char *letters, const struct option *names)
{
	opterr = 0;
	int option = getopt_long(argc, argv, letters, names, NULL);

	if (option == ':')
		complain(bad_option(argv), "needs an argument; see ianareg %s --help", verb);
	else if (option == '?')
		complain(bad_option(argv), "no such option; see ianareg %s --help", verb);
	return option == ':' ? OPTION_BAD : option;
}

int next_option(int argc, char **argv, const char *letters, const struct option *names)
{
	return next_option_of(argv[0], argc, argv, letters, names);
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
