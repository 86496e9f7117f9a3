/* SPDX-License-Identifier: MIT */
/* The snapshot that is replaced, and what changes from it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/update/baseline.h"
#include "publish/publish.h"

/* Open and check the file; its status. */
static enum snapshot_status open_checked(char *path, struct baseline *baseline)
{
	struct snapshot_fault fault;
	enum snapshot_status status;

	*baseline = (struct baseline){.path = path};
	status = snapshot_file_open(path, &baseline->file);
	if (status != SNAPSHOT_OK)
		return status;
	status = snapshot_check(&baseline->file.snapshot, &fault);
	baseline->is_valid = status == SNAPSHOT_OK;
	if (!baseline->is_valid)
		snapshot_file_close(&baseline->file);
	return status;
}

enum exit_status baseline_open(const char *path, struct baseline *baseline)
{
	struct baseline found;
	const enum snapshot_status status = open_checked(xcheck(strdup(path)), &found);

	if (status == SNAPSHOT_SYSTEM_ERROR && errno != ENOENT) {
		const int cause = errno;

		baseline_close(&found);
		return complain(path, "%s", strerror(cause));
	}
	if (status != SNAPSHOT_OK && status != SNAPSHOT_SYSTEM_ERROR)
		complain(path, "%s; a valid one is to replace it", snapshot_status_text(status));
	*baseline = found;
	return EXIT_DONE;
}

void baseline_open_instead(const char *path, struct baseline *baseline)
{
	if (open_checked(previous_path(path), baseline) == SNAPSHOT_OK)
		return;
	baseline_close(baseline);
	open_checked(xcheck(strdup(VENDOR_SNAPSHOT)), baseline);
}

void baseline_close(struct baseline *baseline)
{
	if (baseline->is_valid)
		snapshot_file_close(&baseline->file);
	free(baseline->path);
}

/* As find_changes() counts them. */
static uint32_t count_assignments(const struct snapshot *snapshot)
{
	struct snapshot_row row;
	uint32_t count = 0;

	for (uint32_t i = 0; snapshot_row(snapshot, i, &row) == SNAPSHOT_OK; i++)
		count += *row.name && !row.from_overlay;
	return count;
}

enum exit_status baseline_compare(const struct baseline *baseline, const struct snapshot *next,
				  struct comparison *comparison)
{
	struct comparison found = {.has_baseline = baseline->is_valid};
	enum snapshot_status status;
	bool in_after;
	uint32_t bad_row;

	if (!found.has_baseline) {
		found.changes.assignments_after = count_assignments(next);
		*comparison = found;
		return EXIT_DONE;
	}
	status = find_changes(&baseline->file.snapshot, next, &found.changes, &in_after, &bad_row);
	if (status != SNAPSHOT_OK) {
		complain(baseline->path, "%s (row %u)", snapshot_status_text(status), bad_row);
		return EXIT_INVALID;
	}
	*comparison = found;
	return EXIT_DONE;
}

void comparison_free(struct comparison *comparison)
{
	if (comparison->has_baseline)
		changes_free(&comparison->changes);
}

void comparison_print(const struct comparison *comparison, bool is_new, const char *path)
{
	write_escaped(path, stdout);
	fputs(": ", stdout);
	if (is_new)
		printf("new, %u assignments", comparison->changes.assignments_after);
	else
		print_changes_summary(&comparison->changes, stdout);
	fputc('\n', stdout);
}
