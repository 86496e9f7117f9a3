/* SPDX-License-Identifier: MIT */
/* Full validation of a snapshot in memory that came from elsewhere: all checks, and every row looked up. */
#ifndef IANAREG_CLI_UPDATE_VALIDATE_H
#define IANAREG_CLI_UPDATE_VALIDATE_H

#include "cli/cli.h"
#include "compiler/registry.h"
#include "snapshot/snapshot.h"

/*
 * Open the bytes and validate them: snapshot_check(); each row can be read; each entry is found by port and protocol,
 * and by name as long as no other is preferred; and each row that the options let answer does, by port and by name.
 * `options` is NULL where they are not known. EXIT_DONE and `*snapshot`, or EXIT_INVALID with a message under `name`.
 */
enum exit_status validate_bytes(const char *name, const void *bytes, size_t size,
				const struct registry_options *options, struct snapshot *snapshot);

#endif
