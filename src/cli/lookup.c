/* SPDX-License-Identifier: MIT */
/* ianareg lookup: what the registry says of ports and service names. */
#include <errno.h>
#include <string.h>

#include "cli/chosen_snapshot.h"
#include "cli/fact_json.h"
#include "cli/fact_text.h"
#include "cli/terminal.h"

static const char help[] =
	"Usage: ianareg lookup [OPTION]... KEY...\n"
	"What the registry says of ports and service names, row by row.\n"
	"\n"
	"A KEY is a port (19220), a range of ports (6000-6100), or a service name or\n"
	"alias (cora, iceedcp_tx; upper and lower case are the same), each with or\n"
	"without a protocol behind it (19220/udp, cora/tcp). A lone - reads keys from\n"
	"standard input, one a line.\n"
	"\n"
	"  --json           an array with an object for each key: key, found, answer\n"
	"                   (what getservbyname and getservbyport say), rows\n"
	"  --snapshot FILE  ask this snapshot, not the one in use\n"
	"  -h, --help       this help\n"
	"\n"
	"On a terminal each row is a block of labelled lines; otherwise it is one line of\n"
	"cells with tabs between: name, port or first-last, protocol, status, aliases,\n"
	"description, assignee, contact, registration date, modification date, reference,\n"
	"service code, unauthorised use, notes. Control bytes, tab, newline and backslash\n"
	"come as \\xNN, \\t, \\n and \\\\.\n"
	"\n"
	"Exit status: 0 all found (a reserved or unassigned port is found: that is its\n"
	"status), 1 a key makes no sense or there is no snapshot, 2 a key is not found,\n"
	"3 the snapshot is damaged.\n";

struct lookup {
	struct chosen_snapshot chosen;
	struct row_index index;
	struct json_list list;
	unsigned width; /* of the terminal, or 0 */
	bool json;
	bool has_blocks; /* so that a blank line goes between two */
	enum exit_status status;
};

static void print_finding(struct lookup *lookup, const char *text, const struct finding *finding)
{
	if (lookup->json)
		json_list_add(&lookup->list, json_finding(text, finding));
	for (uint32_t i = 0; !lookup->json && i < finding->fact_count; i++) {
		if (lookup->width && lookup->has_blocks)
			fputc('\n', stdout);
		lookup->has_blocks = true;
		if (lookup->width)
			print_fact_block(&finding->facts[i], lookup->width, stdout);
		else
			print_fact_line(&finding->facts[i], stdout);
	}
}

static enum exit_status answer_key(struct lookup *lookup, const char *text, const struct key *key)
{
	struct finding finding;
	uint32_t bad_row;
	enum snapshot_status status = find_key(&lookup->index, key, &finding, &bad_row);

	if (status != SNAPSHOT_OK)
		return complain_of_row(&lookup->chosen, bad_row, status);

	bool found = finding.fact_count > 0;

	print_finding(lookup, text, &finding);
	free_finding(&finding);
	if (!found)
		complain(text, "not in the registry");
	return found ? EXIT_DONE : EXIT_NOT_FOUND;
}

static void look_up(struct lookup *lookup, const char *text)
{
	struct key key;
	const char *fault = key_parse(&lookup->chosen.file.snapshot, text, &key);
	enum exit_status status = EXIT_TROUBLE;

	if (!fault)
		status = answer_key(lookup, text, &key);
	else if (!*text || strlen(text) > KEY_TEXT_MAX)
		complain("lookup", "a key %s", fault);
	else
		complain(text, "%s", fault);
	lookup->status = worse_of(lookup->status, status);
}

/* Read a line into `text`: as much of it as a key can be long, plus a byte to tell that it is longer. */
static bool read_key(FILE *stream, char text[KEY_TEXT_MAX + 2])
{
	size_t size = 0;
	int c;

	while ((c = getc_unlocked(stream)) != EOF && c != '\n')
		if (size <= KEY_TEXT_MAX)
			text[size++] = c ? (char)c : '\n'; /* a NUL must not end the key early; no name has a newline */
	if (c == '\n' && size && text[size - 1] == '\r')
		size--;
	text[size] = '\0';
	return c == '\n' || size > 0;
}

static void look_up_lines(struct lookup *lookup)
{
	char text[KEY_TEXT_MAX + 2];

	while (read_key(stdin, text))
		look_up(lookup, text);
	if (ferror(stdin)) {
		complain("standard input", "%s", strerror(errno));
		lookup->status = worse_of(lookup->status, EXIT_TROUBLE);
	}
}

static enum exit_status look_up_all(struct lookup *lookup, char **keys)
{
	lookup->index.snapshot = &lookup->chosen.file.snapshot;
	for (; *keys; keys++) {
		if (strcmp(*keys, "-") == 0)
			look_up_lines(lookup);
		else
			look_up(lookup, *keys);
	}
	if (lookup->json)
		json_list_end(&lookup->list);
	free_row_index(&lookup->index);
	close_chosen(&lookup->chosen);
	return lookup->status;
}

enum exit_status verb_lookup(int argc, char **argv)
{
	static const struct option names[] = {
		{"json", no_argument, NULL, 'j'},
		{"snapshot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct lookup lookup = {.list = {.stream = stdout}, .width = terminal_width()};
	const char *path = NULL;
	int option;

	while ((option = next_option(argc, argv, ":h", names)) != OPTION_END) {
		if (option == OPTION_BAD)
			return EXIT_TROUBLE;
		if (option == OPTION_HELP)
			return print_help(help);
		lookup.json |= option == 'j';
		path = option == 's' ? optarg : path;
	}
	if (optind == argc)
		return complain("lookup", "which key? See ianareg lookup --help");

	enum exit_status status = choose_snapshot(path, &lookup.chosen);

	return status == EXIT_DONE ? look_up_all(&lookup, argv + optind) : status;
}
