/* SPDX-License-Identifier: MIT */
/* What a new snapshot changes, and whether so much may go. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "cli/update/guard.h"
#include "snapshot/accessors.h"

enum exit_status previous_open(const char *path, struct previous *previous)
{
	struct previous found = {.path = path};
	enum snapshot_status status = snapshot_file_open(path, &found.file);
	struct snapshot_fault fault;

	if (status == SNAPSHOT_SYSTEM_ERROR && errno != ENOENT)
		return complain(path, "%s", strerror(errno));
	if (status == SNAPSHOT_OK) {
		status = snapshot_check(&found.file.snapshot, &fault);
		found.is_sound = status == SNAPSHOT_OK;
		if (!found.is_sound)
			snapshot_file_close(&found.file);
	}
	if (status != SNAPSHOT_OK && status != SNAPSHOT_SYSTEM_ERROR)
		complain(path, "%s; a sound one is to replace it", snapshot_status_text(status));
	*previous = found;
	return EXIT_DONE;
}

void previous_close(struct previous *previous)
{
	if (previous->is_sound)
		snapshot_file_close(&previous->file);
	free(previous->own_path);
}

static bool open_if_sound(const char *path, struct previous *previous)
{
	struct snapshot_fault fault;

	previous->path = path;
	previous->is_sound = snapshot_file_open(path, &previous->file) == SNAPSHOT_OK;
	if (previous->is_sound && snapshot_check(&previous->file.snapshot, &fault) != SNAPSHOT_OK) {
		snapshot_file_close(&previous->file);
		previous->is_sound = false;
	}
	return previous->is_sound;
}

void open_baseline(const char *path, struct previous *instead)
{
	*instead = (struct previous){0};
	if (asprintf(&instead->own_path, "%s.prev", path) < 0)
		xcheck(NULL);
	if (open_if_sound(instead->own_path, instead))
		return;
	free(instead->own_path);
	instead->own_path = NULL;
	open_if_sound(VENDOR_SNAPSHOT, instead);
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

enum exit_status compare_with(const struct previous *previous, const struct snapshot *next,
			      struct comparison *comparison)
{
	struct comparison found = {.has_previous = previous->is_sound};
	enum snapshot_status status;
	bool in_after;
	uint32_t bad_row;

	if (!found.has_previous) {
		found.changes.assignments_after = count_assignments(next);
		*comparison = found;
		return EXIT_DONE;
	}
	status = find_changes(&previous->file.snapshot, next, &found.changes, &in_after, &bad_row);
	if (status != SNAPSHOT_OK) {
		complain(previous->path, "%s (row %u)", snapshot_status_text(status), bad_row);
		return EXIT_INVALID;
	}
	*comparison = found;
	return EXIT_DONE;
}

void comparison_free(struct comparison *comparison)
{
	if (comparison->has_previous)
		changes_free(&comparison->changes);
}

static enum exit_status judge(const struct comparison *comparison, const struct previous *before, const char *path,
			      const struct guard_limits *limits)
{
	const struct changes *changes = &comparison->changes;
	const uint32_t vanished = changes->assignments_vanished, count = changes->assignments_before;

	if (changes->assignments_after < limits->minimum) {
		complain(path, "refused: %u assignments would remain, fewer than %u; --force takes them",
			 changes->assignments_after, limits->minimum);
		return EXIT_INVALID;
	}
	if ((uint64_t)vanished * 100 <= (uint64_t)count * limits->percent)
		return EXIT_DONE;
	complain(before->path, "refused: %u of %u assignments would vanish, more than %u%%; --force lets them go",
		 vanished, count, limits->percent);
	return EXIT_INVALID;
}

/* By number: what went and what came in its place is the rows' matter. */
static enum exit_status judge_answers(const struct previous *before, const struct snapshot *next, unsigned percent)
{
	const uint32_t count = snapshot_entry_count(&before->file.snapshot);
	const uint32_t remaining = snapshot_entry_count(next);

	if (remaining >= count || (uint64_t)(count - remaining) * 100 <= (uint64_t)count * percent)
		return EXIT_DONE;
	complain(before->path, "refused: %u of %u answers would vanish, more than %u%%; --force lets them go",
		 count - remaining, count, percent);
	return EXIT_INVALID;
}

enum exit_status guard(const struct previous *before, const struct snapshot *next, const char *path,
		       const struct guard_limits *limits)
{
	struct comparison comparison;
	enum exit_status status = compare_with(before, next, &comparison);

	if (status == EXIT_DONE) {
		status = judge(&comparison, before, path, limits);
		if (status == EXIT_DONE && limits->answers && before->is_sound)
			status = judge_answers(before, next, limits->percent);
		comparison_free(&comparison);
	}
	return status;
}

void print_comparison(const struct comparison *comparison, const char *path)
{
	write_escaped(path, stdout);
	fputs(": ", stdout);
	if (comparison->has_previous)
		print_changes_summary(&comparison->changes, stdout);
	else
		printf("new, %u assignments", comparison->changes.assignments_after);
	fputc('\n', stdout);
}
