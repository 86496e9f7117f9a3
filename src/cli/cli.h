/* SPDX-License-Identifier: MIT */
/* What all verbs share: how they end, what they say on stderr, how they take options. One thread. */
#ifndef IANAREG_CLI_CLI_H
#define IANAREG_CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>

#include "base/diagnostics.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_TROUBLE = 1, /* wrong usage, or the system would not */
	EXIT_NOT_FOUND = 2, /* a key is not in the registry, as with getent */
	EXIT_INVALID = 3, /* data is not what it must be */
	EXIT_LATER = 4, /* update: the network would not, or another update is at work; worth another try */
	EXIT_DIFFER = 5, /* diff: the snapshots are not the same; the process ends with 1, as diff(1) does */
};

/* Verbs: argv[0] is the verb's name. Results go to stdout, whose write errors main() reports. */
typedef enum exit_status verb_function(int argc, char **argv);
verb_function verb_compile, verb_diff, verb_doctor, verb_export, verb_info, verb_lookup, verb_map, verb_names;
verb_function verb_rollback, verb_search, verb_unassigned, verb_update, verb_verify;

/* What was given in a verb's place, and the verb that it may have been meant as, or NULL. */
struct bare_use {
	const char *word, *verb;
};

/* ianareg KEY...: verb_lookup() where no verb was given. */
enum exit_status look_up_bare(int argc, char **argv, const struct bare_use *bare);

/* Of two endings the one that says more: 3 over 4 over 1 over 2 over 5 over 0. */
enum exit_status worse_of(enum exit_status a, enum exit_status b);

enum exit_status exit_status_of(enum outcome outcome);

/* Print "ianareg: SUBJECT: message" on stderr; the subject may hold any bytes. EXIT_TROUBLE, to return. */
__attribute__((format(printf, 2, 3))) enum exit_status complain(const char *subject, const char *format, ...);

/* Print a verb's help. EXIT_DONE, to return. */
enum exit_status print_help(const char *help);

enum option_result {
	OPTION_END = -1,
	OPTION_BAD = '?', /* and a message was printed */
	OPTION_HELP = 'h',
};

/*
 * getopt_long() with this tool's messages, which end with "see ianareg VERB --help": of the verb argv[0] or, where the
 * verb is not there, of that in `verb`. `letters` begins with ':'.
 */
int next_option(int argc, char **argv, const char *letters, const struct option *names);
int next_option_of(const char *verb, int argc, char **argv, const char *letters, const struct option *names);

/* For verbs with no options but --json and --help: true to go on, *json as asked; false to return *status. */
bool take_json_option(int argc, char **argv, const char *help, bool *json, enum exit_status *status);

/*
 * Open /dev/null where a standard stream is closed: else a file of ours would take its place, and messages would go
 * into it. EXIT_TROUBLE, with a message.
 */
enum exit_status open_standard_streams(void);

#endif
