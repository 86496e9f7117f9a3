/* SPDX-License-Identifier: MIT */
/* The guard: it refuses an update that loses too much. */
#include "cli/update/guard.h"
#include "snapshot/accessors.h"

static enum exit_status guard_assignments(const struct baseline *baseline, const struct comparison *comparison,
					  const char *path, const struct guard_limits *limits)
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
	complain(baseline->path, "refused: %u of %u assignments would vanish, more than %u%%; --force lets them go",
		 vanished, count, limits->percent);
	return EXIT_INVALID;
}

/* By number alone: which answers went, and which came, the comparison of rows shows. */
static enum exit_status guard_answers(const struct baseline *baseline, const struct snapshot *next, unsigned percent)
{
	const uint32_t count = snapshot_entry_count(&baseline->file.snapshot);
	const uint32_t remaining = snapshot_entry_count(next);

	if (remaining >= count || (uint64_t)(count - remaining) * 100 <= (uint64_t)count * percent)
		return EXIT_DONE;
	complain(baseline->path, "refused: %u of %u answers would vanish, more than %u%%; --force lets them go",
		 count - remaining, count, percent);
	return EXIT_INVALID;
}

enum exit_status guard(const struct baseline *baseline, const struct comparison *comparison,
		       const struct snapshot *next, const char *path, const struct guard_limits *limits)
{
	enum exit_status status = guard_assignments(baseline, comparison, path, limits);

	if (status == EXIT_DONE && limits->answers && baseline->is_valid)
		status = guard_answers(baseline, next, limits->percent);
	return status;
}
