/* SPDX-License-Identifier: MIT */
/* Words that were meant to be others. */
#ifndef IANAREG_BASE_EDIT_DISTANCE_H
#define IANAREG_BASE_EDIT_DISTANCE_H

#include <stdbool.h>

/*
 * Whether someone who typed one word may have meant the other: its beginning, or it with one letter wrong, missing, too
 * many or swapped with the next, or two if it is long.
 */
bool may_mean(const char *typed, const char *word);

#endif
