/* SPDX-License-Identifier: MIT */
/* ianareg rollback: the snapshot that the last update replaced comes back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/chosen_snapshot.h"
#include "cli/update/baseline.h"
#include "cli/update/nscd.h"
#include "compiler/pipeline.h"
#include "publish/lock.h"
#include "publish/publish.h"

static const char help[] =
	"Usage: ianareg rollback [-o FILE] [FILE]\n"
	"Put the snapshot that update replaced, FILE.prev, back into its place, once it\n"
	"is valid, and keep the present one as FILE.prev: a second rollback undoes the\n"
	"first. FILE is by default $IANAREG_SNAPSHOT or else\n" SITE_SNAPSHOT
	".\n"
	"\n"
	"  -h, --help       this help\n"
	"\n"
	"Exit status: 0 done, 1 there is no FILE.prev or a file cannot be changed, 3 it\n"
	"is not a valid snapshot, 4 an update is at work.\n"
	"\n"
	"Examples: ianareg rollback\n"
	"          ianareg rollback -o ./site.db\n";

static enum exit_status exchange_snapshots(const char *path, const struct comparison *comparison)
{
	struct diagnostics diagnostics = {.stream = stderr};
	enum exit_status status = exit_status_of(publish_exchange(path, &diagnostics));

	if (status != EXIT_DONE)
		return status;
	comparison_print(comparison, !comparison->has_baseline, path);
	refresh_nscd();
	return EXIT_DONE;
}

static enum exit_status compare_and_exchange(const char *path, const struct chosen_snapshot *next)
{
	struct baseline present;
	struct comparison comparison;
	enum exit_status status = chosen_validate(next);

	if (status == EXIT_DONE)
		status = baseline_open(path, &present);
	if (status != EXIT_DONE)
		return status;
	status = baseline_compare(&present, &next->file.snapshot, &comparison);
	if (status == EXIT_DONE) {
		status = exchange_snapshots(path, &comparison);
		comparison_free(&comparison);
	}
	baseline_close(&present);
	return status;
}

static enum exit_status roll_back(const char *path)
{
	char *previous = previous_path(path);
	struct chosen_snapshot next;
	enum exit_status status = chosen_open(previous, &next);

	if (status == EXIT_DONE) {
		status = compare_and_exchange(path, &next);
		chosen_close(&next);
	}
	free(previous);
	return status;
}

enum exit_status verb_rollback(int argc, char **argv)
{
	static const struct option names[] = {
		{"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, OPTION_HELP}, {0}};
	const struct build nothing = build_of_everything();
	const char *path = NULL;
	int option;

	while ((option = next_option(argc, argv, ":ho:", names)) != OPTION_END) {
		if (option != 'o')
			return option == OPTION_HELP ? print_help(help) : EXIT_TROUBLE;
		path = optarg;
	}
	if (argc - optind > (path ? 0 : 1))
		return complain(argv[argc - 1], "one file at most; see ianareg rollback --help");
	if (optind < argc)
		path = argv[optind];
	path = path ? path : build_default_output();

	enum exit_status status = open_standard_streams();

	if (status == EXIT_DONE)
		status = exit_status_of(build_check_output(&nothing, path));
	if (status == EXIT_DONE)
		status = exit_status_of(lock_target(path));
	if (status != EXIT_DONE)
		return status;
	status = roll_back(path);
	unlock_target();
	return status;
}
