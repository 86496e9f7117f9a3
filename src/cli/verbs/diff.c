/* SPDX-License-Identifier: MIT */
/* ianareg diff: what changed from one snapshot to another. */
#include "cli/chosen_snapshot.h"
#include "cli/output/changes_text.h"

static const char help[] =
	"Usage: ianareg diff [--json] OLD NEW\n"
	"What changed from one snapshot to another: assignments removed, added, renamed,\n"
	"moved, redescribed, reordered on their port; and questions whose answer differs\n"
	"though no row there changed (other protocols, preferences or overlays).\n"
	"\n"
	"  --json           an object: changes (kind, changed, before_row, after_row,\n"
	"                   before, after), answers (key, before, after), summary\n"
	"  -h, --help       this help\n"
	"\n"
	"On a terminal a block for each change, and a summary. Otherwise a line for each,\n"
	"with tabs between: the kind; what changed, with commas between; the row's cells\n"
	"as lookup has them, and its source, registry or overlay. Renamed, moved and\n"
	"redescribed rows: the cells before, then those after. The kind answer: what is\n"
	"asked, the answer before, the answer after.\n"
	"\n"
	"Exit status, as of diff(1): 0 no change, 1 changes, 2 trouble of any sort.\n"
	"\n"
	"Examples: ianareg diff old.db new.db\n"
	"          ianareg diff ianareg.db.prev ianareg.db | grep ^removed\n";

struct diff {
	struct chosen_snapshot before, after;
	bool json;
};

static enum exit_status compare_snapshots(const struct diff *diff)
{
	const struct snapshot *before = &diff->before.file.snapshot, *after = &diff->after.file.snapshot;
	struct changes changes;
	bool in_after;
	uint32_t bad_row;
	enum snapshot_status status = find_changes(before, after, &changes, &in_after, &bad_row);

	if (status != SNAPSHOT_OK)
		return chosen_report_row(in_after ? &diff->after : &diff->before, bad_row, status);

	enum exit_status result = changes_any(&changes) ? EXIT_DIFFER : EXIT_DONE;

	if (diff->json)
		print_changes_json(before, after, &changes);
	else
		print_changes(before, after, &changes);
	changes_free(&changes);
	return result;
}

/* Open and validate. EXIT_DONE: chosen_close() it. */
static enum exit_status open_valid(const char *path, struct chosen_snapshot *chosen)
{
	enum exit_status status = chosen_open(path, chosen);

	if (status != EXIT_DONE)
		return status;
	status = chosen_validate(chosen); /* damage would show as changes that were never made */
	if (status != EXIT_DONE)
		chosen_close(chosen);
	return status;
}

static enum exit_status run_diff(const char *old, const char *new, bool json)
{
	struct diff diff = {.json = json};
	enum exit_status status = open_valid(old, &diff.before);

	if (status != EXIT_DONE)
		return status;
	status = open_valid(new, &diff.after);
	if (status == EXIT_DONE) {
		status = compare_snapshots(&diff);
		chosen_close(&diff.after);
	}
	chosen_close(&diff.before);
	return status;
}

enum exit_status verb_diff(int argc, char **argv)
{
	bool json = false;
	enum exit_status status;

	if (!take_json_option(argc, argv, help, &json, &status))
		return status;
	if (argc - optind < 2)
		return complain("diff", "which two snapshots? See ianareg diff --help");
	if (argc - optind > 2)
		return complain(argv[optind + 2], "two snapshots, no more; see ianareg diff --help");
	return run_diff(argv[optind], argv[optind + 1], json);
}
