/* SPDX-License-Identifier: MIT */
/*
 * Queries whose answer differs though no row does: another set of protocols or a lower --max-port, another preference,
 * another order of overlays.
 */
#ifndef IANAREG_DIFF_ANSWER_CHANGES_H
#define IANAREG_DIFF_ANSWER_CHANGES_H

#include "diff/changes.h"

/*
 * Ask both snapshots for each port, service name and alias, with each protocol and without, and list in `*changes`
 * where their answers differ and nothing listed before accounts for it: neither a change of a row nor of an answer at
 * the port and protocol that one of the two answers is for.
 */
void find_answer_changes(const struct snapshot *before, const struct snapshot *after, struct changes *changes);

#endif
