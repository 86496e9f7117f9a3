/* SPDX-License-Identifier: MIT */
/* Spelling mistakes. */
#ifndef IANAREG_BASE_EDIT_DISTANCE_H
#define IANAREG_BASE_EDIT_DISTANCE_H

#include <stdbool.h>

/*
 * Whether a typed word may be a mistake for another: it is its beginning, or within edit distance 1 of it (a letter
 * wrong, missing, added, or two swapped), or 2 if the word is long.
 */
bool is_misspelling_of(const char *typed, const char *word);

#endif
