/* SPDX-License-Identifier: MIT */
/* The snapshot a verb works on, and what to say when there is none. */
#ifndef IANAREG_CLI_CHOSEN_SNAPSHOT_H
#define IANAREG_CLI_CHOSEN_SNAPSHOT_H

#include "cli/cli.h"
#include "snapshot/snapshot_file.h"

struct chosen_snapshot {
	struct snapshot_file file;
	const char *path;
};

/*
 * Open the file at `path` or, for NULL, the one the NSS module would use. EXIT_DONE, or a message is printed:
 * EXIT_TROUBLE where there is no such file to read, EXIT_INVALID where it is not a snapshot.
 */
enum exit_status chosen_open(const char *path, struct chosen_snapshot *chosen);
void chosen_close(struct chosen_snapshot *chosen);

/* Prove all of it, as snapshot_check() does. EXIT_DONE, or a message is printed: EXIT_INVALID. */
enum exit_status chosen_validate(const struct chosen_snapshot *chosen);

/* Say that the row with that number could not be read. EXIT_INVALID. */
enum exit_status chosen_report_row(const struct chosen_snapshot *chosen, uint32_t number, enum snapshot_status status);

#endif
