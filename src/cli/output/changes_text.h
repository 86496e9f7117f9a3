/* SPDX-License-Identifier: MIT */
/* What changed between two snapshots, printed on stdout as `diff` and `update --dry-run` show it. */
#ifndef IANAREG_CLI_OUTPUT_CHANGES_TEXT_H
#define IANAREG_CLI_OUTPUT_CHANGES_TEXT_H

#include "diff/changes.h"

/* Each change: blocks and a summary on a terminal, else tab-separated lines. */
void print_changes(const struct snapshot *before, const struct snapshot *after, const struct changes *changes);

/* An object with all changes, answers and a summary. */
void print_changes_json(const struct snapshot *before, const struct snapshot *after, const struct changes *changes);

#endif
