/* SPDX-License-Identifier: MIT */
/* ianareg verify: the full check of a snapshot. */
#include "base/escape.h"
#include "cli/chosen_snapshot.h"
#include "snapshot/accessors.h"
#include "snapshot/rows.h"

static const char help[] =
	"Usage: ianareg verify [FILE]\n"
	"Prove a snapshot, by default the one in use: its checksum, each offset, order\n"
	"and string, and that each name finds its answer.\n"
	"\n"
	"  -h, --help       this help\n"
	"\n"
	"Exit status: 0 valid, 1 there is no such file, 3 it is not a valid snapshot.\n"
	"\n"
	"Examples: ianareg verify\n"
	"          ianareg verify new.db && cp new.db /srv/mirror/\n";

static enum exit_status print_proven(const struct chosen_snapshot *chosen)
{
	const struct snapshot *snapshot = &chosen->file.snapshot;

	write_escaped(chosen->path, stdout);
	printf(": valid: %u entries, %u names, %u rows\n", snapshot_entry_count(snapshot),
	       snapshot_name_count(snapshot), snapshot_row_count(snapshot));
	return EXIT_DONE;
}

enum exit_status verb_verify(int argc, char **argv)
{
	static const struct option names[] = {{"help", no_argument, NULL, OPTION_HELP}, {0}};
	struct chosen_snapshot chosen;
	int option;

	while ((option = next_option(argc, argv, ":h", names)) != OPTION_END)
		return option == OPTION_HELP ? print_help(help) : EXIT_TROUBLE;
	if (argc - optind > 1)
		return complain(argv[optind + 1], "one file at most; see ianareg verify --help");

	enum exit_status status = chosen_open(argv[optind], &chosen);

	if (status != EXIT_DONE)
		return status;
	status = chosen_validate(&chosen);
	if (status == EXIT_DONE)
		status = print_proven(&chosen);
	chosen_close(&chosen);
	return status;
}
