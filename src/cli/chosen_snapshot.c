/* SPDX-License-Identifier: MIT */
/* The snapshot a verb works on. */
#include <errno.h>
#include <string.h>

#include "cli/chosen_snapshot.h"
#include "snapshot/accessors.h"

/* A file that may not or cannot be opened is the system's matter; one that is no snapshot is invalid data. */
static enum exit_status complain_of_file(const char *path, enum snapshot_status status)
{
	if (status == SNAPSHOT_SYSTEM_ERROR)
		return complain(path, "%s", strerror(errno));
	complain(path, "%s", snapshot_status_text(status));
	return status == SNAPSHOT_NOT_REGULAR || status == SNAPSHOT_WRITABLE ? EXIT_TROUBLE : EXIT_INVALID;
}

enum exit_status chosen_open(const char *path, struct chosen_snapshot *chosen)
{
	enum snapshot_status status;

	chosen->path = path;
	if (path)
		status = snapshot_file_open(path, &chosen->file);
	else
		status = snapshot_file_find(&chosen->file, &chosen->path);
	return status == SNAPSHOT_OK ? EXIT_DONE : complain_of_file(chosen->path, status);
}

void chosen_close(struct chosen_snapshot *chosen)
{
	snapshot_file_close(&chosen->file);
}

enum exit_status chosen_report_row(const struct chosen_snapshot *chosen, uint32_t number, enum snapshot_status status)
{
	complain(chosen->path, "%s (row %u)", snapshot_status_text(status), number);
	return EXIT_INVALID;
}

enum exit_status chosen_validate(const struct chosen_snapshot *chosen)
{
	struct snapshot_fault fault;
	enum snapshot_status status = snapshot_check(&chosen->file.snapshot, &fault);

	if (status == SNAPSHOT_OK)
		return EXIT_DONE;
	if (fault.section < SECTION_COUNT)
		complain(chosen->path, "%s (section %s, item %u)", snapshot_status_text(status),
			 snapshot_section_name(fault.section), fault.item);
	else
		complain(chosen->path, "%s", snapshot_status_text(status));
	return EXIT_INVALID;
}
