/* SPDX-License-Identifier: MIT */
/* ianareg: ask, compile, validate and export IANA's registry of service names and port numbers. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "base/edit_distance.h"
#include "base/memory.h"
#include "cli/cli.h"

struct verb {
	const char *name;
	const char *summary;
	verb_function *function;
};

static const struct verb verbs[] = {
	{"lookup", "what the registry says of ports and service names", verb_lookup},
	{"search", "the registry's rows that have words in them", verb_search},
	{"unassigned", "which ports are free, which to avoid, which to take", verb_unassigned},
	{"map", "the ports as a picture, on the terminal or as SVG", verb_map},
	{"compile", "make a snapshot of the registry and of this site's own entries", verb_compile},
	{"export", "write a snapshot as services(5), CSV or JSON", verb_export},
	{"info", "describe a snapshot", verb_info},
	{"diff", "what changed from one snapshot to another", verb_diff},
	{"update", "fetch the registry and put it in place", verb_update},
	{"rollback", "put back what the last update replaced", verb_rollback},
	{"verify", "validate a snapshot", verb_verify},
	{"doctor", "whether this machine's lookups reach the registry, and what to do", verb_doctor},
	{"names", "service names that begin with a prefix, for completion", verb_names},
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

static enum exit_status print_verbs(void)
{
	puts("Usage: ianareg [OPTION]... KEY...         the same as ianareg lookup\n"
	     "       ianareg VERB [OPTION]... [ARGUMENT]... | VERB --help | --help | --version\n"
	     "IANA's Service Name and Transport Protocol Port Number Registry on this machine.\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-12s%s\n", verbs[i].name, verbs[i].summary);
	puts("\nExit status: 0 done or found, 1 usage or operational error, 2 a key is not in\n"
	     "the registry, 3 the data is invalid, 4 the network would not or another update\n"
	     "is at work; diff: 0 same, 1 different, 2 trouble.\n"
	     "  $ ianareg 19220/tcp | cut -f 1-4\n"
	     "  cora\t19220\ttcp\tAssigned");
	return EXIT_DONE;
}

static enum exit_status print_version(void)
{
	puts("ianareg " IANAREG_VERSION);
	return EXIT_DONE;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

static const char *meant_verb(const char *word)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (is_misspelling_of(word, verbs[i].name))
			return verbs[i].name;
	return NULL;
}

/* The first that is no option, though it may be an option's argument; "" if there is none. */
static const char *first_word(char **arguments)
{
	while (*arguments && **arguments == '-')
		arguments++;
	return *arguments ? *arguments : "";
}

/* The verb at work; NULL where keys stand in its place. */
static const struct verb *running;

/* ianareg KEY...: a lookup whose messages name the verb that the first word may have been meant as. */
static enum exit_status run_bare(int argc, char **argv)
{
	const char *word = first_word(argv + 1);
	const struct bare_use bare = {.word = word, .verb = meant_verb(word)};

	return look_up_bare(argc, argv, &bare);
}

static enum exit_status run(int argc, char **argv)
{
	if (argc < 2) {
		fputs(MESSAGE_PREFIX "which key or verb? See ianareg --help\n", stderr);
		return EXIT_TROUBLE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_verbs();
	if (strcmp(argv[1], "--version") == 0)
		return print_version();
	running = find_verb(argv[1]);
	return running ? running->function(argc - 1, argv + 1) : run_bare(argc, argv);
}

/* All that was printed must have arrived. A closed stdout does not matter when nothing was printed. */
static enum exit_status close_output(enum exit_status status)
{
	bool failed = ferror(stdout), pending = __fpending(stdout) > 0;

	errno = 0;
	if (fclose(stdout) && (pending || errno != EBADF))
		failed = true;
	if (!failed)
		return status;
	complain("standard output", "%s", errno ? strerror(errno) : "write error");
	return worse_of(status, EXIT_TROUBLE);
}

/* diff ends as diff(1) does: 1 is no failure there, and 2 is any. */
static int exit_code(enum exit_status status)
{
	const bool is_diff = running && running->function == verb_diff;

	if (status == EXIT_DIFFER)
		return 1;
	return is_diff && status != EXIT_DONE ? 2 : (int)status;
}

static void end_out_of_memory(void)
{
	fputs(MESSAGE_PREFIX "out of memory\n", stderr);
	exit(exit_code(EXIT_TROUBLE));
}

int main(int argc, char **argv)
{
	/*
	 * A reader that has seen enough ends us quietly, even where the parent ignored or blocked the signal; and where
	 * it ignored the end of its children, ours would leave us no status.
	 */
	sigset_t pipe;

	out_of_memory_handler = end_out_of_memory;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &pipe, NULL);
	return exit_code(close_output(run(argc, argv)));
}
