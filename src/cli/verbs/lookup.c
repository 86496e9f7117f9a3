/* SPDX-License-Identifier: MIT */
/* ianareg lookup: what the registry says of ports and service names. */
#include <stdio.h>
#include <string.h>

#include "cli/chosen_snapshot.h"
#include "cli/key_lines.h"
#include "cli/output/answers.h"
#include "cli/output/terminal.h"

static const char help[] =
	"Usage: ianareg [lookup] [OPTION]... KEY...\n"
	"What the registry says of ports and service names, row by row.\n"
	"A KEY is a port (80), a range (6000-6100), a service name or alias (http, www),\n"
	"in capitals or not, each with a protocol or not (80/tcp, www/tcp). A lone -\n"
	"reads keys from standard input, a line each, and answers them as they arrive.\n"
	"\n"
	"  --json           an array with an object for each key: lookup.schema.json\n"
	"  --jsonl          the same objects, each in a line of its own\n"
	"  --long, --table  as on a terminal: a block for each row, or all in a table;\n"
	"                   without either, from the fourth on it is a table\n"
	"  --snapshot FILE  ask this snapshot, not the one in use\n"
	"\n"
	"In a pipe, or a file, a row is a line with tabs between its cells: name, port or\n"
	"first-last, protocol, status, aliases, description, assignee, contact, dates of\n"
	"registration and of modification, reference, service code, unauthorised use,\n"
	"notes, source (registry, overlay, rfc6335). Control bytes: \\xNN, \\t, \\n, \\r, \\\\.\n"
	"Exit status: 0 all found (reserved and unassigned ports too), 1 a key makes no\n"
	"sense, or no snapshot, 2 a key is not found, 3 the snapshot is damaged.\n"
	"Examples:\n"
	"  $ ianareg 19220/udp | cut -f 1-4\n"
	"  cora-disc\t19220\tudp\tAssigned\n"
	"  $ echo www/tcp | ianareg --json - | jq -r '.[].answer.name'\n"
	"  http\n";

struct lookup {
	struct chosen_snapshot chosen;
	struct row_index index;
	struct answers answers;
	const struct bare_use *bare;
	enum exit_status status;
};

/* Where no verb was given, a key that is not found may have been meant as one. */
static void complain_of_absence(const struct lookup *lookup, const char *text)
{
	const struct bare_use *bare = lookup->bare;

	if (!bare || strcmp(text, bare->word) != 0)
		complain(text, "not in the registry");
	else if (bare->verb)
		complain(text, "not in the registry; if a verb was meant: ianareg %s", bare->verb);
	else
		complain(text, "not in the registry, nor a verb; see ianareg --help");
}

static enum exit_status answer_key(struct lookup *lookup, const char *text, const struct key *key)
{
	struct finding finding;
	uint32_t bad_row;
	enum snapshot_status status = query_key(&lookup->index, key, &finding, &bad_row);

	if (status != SNAPSHOT_OK)
		return chosen_report_row(&lookup->chosen, bad_row, status);

	const bool found = finding.fact_count > 0;

	answers_add(&lookup->answers, text, &finding, NULL);
	query_result_free(&finding);
	if (!found)
		complain_of_absence(lookup, text);
	return found ? EXIT_DONE : EXIT_NOT_FOUND;
}

/* A key that makes no sense has an answer too: a reader of JSON gets one for each key. */
static enum exit_status refuse_key(struct lookup *lookup, const char *text, bool has_nul, const char *fault)
{
	const bool can_be_shown = *text && strlen(text) <= KEY_TEXT_MAX && !has_nul;
	const char *subject = can_be_shown ? text : "a key";
	static const struct finding nothing;
	answers_add(&lookup->answers, text, &nothing, fault);
	return complain(subject, "%s", fault);
}

static void look_up(struct lookup *lookup, const char *text, bool has_nul)
{
	struct key key;
	const char *fault = has_nul ? "has a NUL byte in it" : key_parse(&lookup->chosen.file.snapshot, text, &key);
	const enum exit_status status =
		fault ? refuse_key(lookup, text, has_nul, fault) : answer_key(lookup, text, &key);

	lookup->status = worse_of(lookup->status, status);
}

static void complain_of_stream(struct lookup *lookup, const char *name, int error)
{
	if (error)
		lookup->status = worse_of(lookup->status, complain(name, "%s", strerror(error)));
}

static void look_up_lines(struct lookup *lookup)
{
	struct key_lines lines = {0};

	while (next_key_line(&lines)) {
		look_up(lookup, lines.text, lines.has_nul);
		answers_print(&lookup->answers);
	}
	complain_of_stream(lookup, "standard input", lines.error);
	complain_of_stream(lookup, "standard output", lines.output_error);
	if (lines.output_error)
		clearerr(stdout); /* said here, because main() could not say why any more */
}

static enum exit_status look_up_all(struct lookup *lookup, char **keys)
{
	lookup->index.snapshot = &lookup->chosen.file.snapshot;
	for (; *keys; keys++) {
		if (strcmp(*keys, "-") == 0)
			look_up_lines(lookup);
		else
			look_up(lookup, *keys, false);
	}
	answers_free(&lookup->answers);
	row_index_free(&lookup->index);
	chosen_close(&lookup->chosen);
	return lookup->status;
}

enum exit_status look_up_bare(int argc, char **argv, const struct bare_use *bare)
{
	static const struct option names[] = {
		{"json", no_argument, NULL, ANSWER_JSON},
		{"jsonl", no_argument, NULL, ANSWER_JSON_LINES},
		{"long", no_argument, NULL, ANSWER_BLOCKS},
		{"table", no_argument, NULL, ANSWER_TABLE},
		{"snapshot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct lookup lookup = {.bare = bare, .answers.list.stream = stdout};
	const char *path = NULL;
	char verb[64];
	int option;

	snprintf(verb, sizeof verb, "%s%slookup", bare && bare->verb ? bare->verb : "",
		 bare && bare->verb ? " --help or ianareg " : "");
	lookup.answers.format = terminal_width() ? ANSWER_FITTING : ANSWER_LINES;
	while ((option = next_option_of(verb, argc, argv, ":h", names)) != OPTION_END) {
		if (option == OPTION_BAD)
			return EXIT_TROUBLE;
		if (option == OPTION_HELP)
			return print_help(help);
		if (option == 's')
			path = optarg;
		else
			lookup.answers.format = (enum answer_format)option;
	}
	if (optind == argc)
		return complain("lookup", "which key? See ianareg lookup --help");

	enum exit_status status = chosen_open(path, &lookup.chosen);

	return status == EXIT_DONE ? look_up_all(&lookup, argv + optind) : status;
}

enum exit_status verb_lookup(int argc, char **argv)
{
	return look_up_bare(argc, argv, NULL);
}
