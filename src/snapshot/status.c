/* SPDX-License-Identifier: MIT */
/* Each status as a sentence. */
#include "snapshot/snapshot.h"

static const char *const sentences[SNAPSHOT_STATUS_COUNT] = {
	[SNAPSHOT_OK] = "no error",
	[SNAPSHOT_NOT_FOUND] = "not found",
	[SNAPSHOT_NO_MAGIC] = "is not an ianareg snapshot",
	[SNAPSHOT_OTHER_VERSION] = "is a snapshot of another format version",
	[SNAPSHOT_WRONG_SIZE] = "is not as long as its header says",
	[SNAPSHOT_BAD_HEADER] = "has a damaged header",
	[SNAPSHOT_BAD_SECTION] = "has a section that lies outside the file",
	[SNAPSHOT_SYSTEM_ERROR] = "cannot be read",
	[SNAPSHOT_NOT_REGULAR] = "is not a regular file",
	[SNAPSHOT_WRITABLE] = "is writable by group or others",
	[SNAPSHOT_BAD_CHECKSUM] = "does not match its checksum",
	[SNAPSHOT_BAD_PADDING] = "has nonzero padding",
	[SNAPSHOT_BAD_BLOCK] = "has an inconsistent port block",
	[SNAPSHOT_BAD_PORT] = "has a port whose records are not its own",
	[SNAPSHOT_BAD_RECORD] = "has a damaged record",
	[SNAPSHOT_NESTED_RECORD] = "has a record inside another",
	[SNAPSHOT_AMBIGUOUS_RECORD] = "has an ambiguous record: its checksum also matches another length",
	[SNAPSHOT_BAD_NAME] = "has a name that does not find its record",
	[SNAPSHOT_BAD_SLOT] = "has a dangling name slot",
	[SNAPSHOT_BAD_PREFERRED] = "prefers an entry that is not there",
	[SNAPSHOT_BAD_ROW] = "has a damaged registry row",
	[SNAPSHOT_BAD_DETAILS] = "has details that point outside the strings",
	[SNAPSHOT_BAD_STRING] = "has a string without an end",
	[SNAPSHOT_BAD_COUNT] = "has item counts that do not match the header",
};

const char *snapshot_status_text(enum snapshot_status status)
{
	return (unsigned)status < SNAPSHOT_STATUS_COUNT ? sentences[status] : "fails for an unknown reason";
}
