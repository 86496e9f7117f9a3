/* SPDX-License-Identifier: MIT */
/* The list of changes as `diff` prints it, for others that have found some. */
#ifndef IANAREG_CLI_VERBS_DIFF_H
#define IANAREG_CLI_VERBS_DIFF_H

#include "diff/changes.h"

/* Print each change on stdout: blocks and a summary on a terminal, else tab-separated lines (ianareg diff --help). */
void print_changes(const struct snapshot *before, const struct snapshot *after, const struct changes *changes);

#endif
