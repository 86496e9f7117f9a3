/* SPDX-License-Identifier: MIT */
/* ianareg names: the service names and aliases that begin with a prefix, for completion in shells. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/chosen_snapshot.h"
#include "query/row_info.h"

static const char help[] =
	"Usage: ianareg names [--snapshot FILE] [PREFIX]\n"
	"Every service name and alias that begins with PREFIX, one a line, sorted; upper\n"
	"and lower case are the same. Without PREFIX all of them. Shells complete so.\n"
	"\n"
	"  --snapshot FILE  of this snapshot, not of the one in use\n"
	"  -h, --help       this help\n"
	"\n"
	"Exit status: 0 done, 1 there is no snapshot, 2 no name begins so, 3 the snapshot\n"
	"is damaged.\n"
	"\n"
	"Example: ianareg names iceed\n";

struct names {
	const char *prefix;
	const char **list;
	size_t count;
};

static void take_name(struct names *names, const char *name)
{
	if (!*name || strncasecmp(name, names->prefix, strlen(names->prefix)) != 0)
		return;
	names->list = grow_by_one(names->list, names->count, sizeof *names->list);
	names->list[names->count++] = name;
}

/* Rows have what answers to no port; entries have the aliases that an overlay gave. */
static enum exit_status take_names(const struct chosen_snapshot *chosen, struct names *names)
{
	const struct snapshot *snapshot = &chosen->file.snapshot;
	struct snapshot_position position = {0};
	struct snapshot_entry entry;
	struct snapshot_row row;

	for (uint32_t i = 0; i < snapshot_row_count(snapshot); i++) {
		const enum snapshot_status status = snapshot_row(snapshot, i, &row);

		if (status != SNAPSHOT_OK)
			return chosen_report_row(chosen, i, status);
		take_name(names, row.name);
	}
	for (; snapshot_at(snapshot, &position, &entry) == SNAPSHOT_OK; snapshot_step(&position)) {
		const char *name = entry.names;

		for (uint32_t i = 0; i <= entry.alias_count; i++, name = next_name(name))
			take_name(names, name);
	}
	return EXIT_DONE;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum exit_status print_names(const struct chosen_snapshot *chosen, const char *prefix)
{
	struct names names = {.prefix = prefix};
	enum exit_status status = take_names(chosen, &names);

	if (status == EXIT_DONE && names.count == 0)
		status = EXIT_NOT_FOUND; /* in silence: a shell that completes has nowhere to say it */
	if (names.count)
		qsort(names.list, names.count, sizeof *names.list, compare_names);
	for (size_t i = 0; i < names.count && status == EXIT_DONE; i++) {
		if (i && strcmp(names.list[i], names.list[i - 1]) == 0)
			continue;
		write_escaped(names.list[i], stdout);
		putchar('\n');
	}
	free(names.list);
	return status;
}

enum exit_status verb_names(int argc, char **argv)
{
	static const struct option options[] = {
		{"snapshot", required_argument, NULL, 's'}, {"help", no_argument, NULL, OPTION_HELP}, {0}};
	struct chosen_snapshot chosen;
	const char *path = NULL;
	int option;

	while ((option = next_option(argc, argv, ":h", options)) != OPTION_END) {
		if (option != 's')
			return option == OPTION_HELP ? print_help(help) : EXIT_TROUBLE;
		path = optarg;
	}
	if (argc - optind > 1)
		return complain(argv[optind + 1], "one prefix at most; see ianareg names --help");

	enum exit_status status = chosen_open(path, &chosen);

	if (status != EXIT_DONE)
		return status;
	status = print_names(&chosen, optind < argc ? argv[optind] : "");
	chosen_close(&chosen);
	return status;
}
