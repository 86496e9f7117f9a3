/* SPDX-License-Identifier: MIT */
/* Words that were meant to be others. */
#include <stddef.h>
#include <string.h>

#include "base/edit_distance.h"

enum {
	WORD_MAX = 16, /* bytes of a word that is compared; verbs are shorter */
	LONG_WORD = 5, /* from there on two faults still leave most of it */
	PREFIX_MIN = 3, /* letters of a beginning that say something */
};

static size_t least_of(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Faults between two words of at most WORD_MAX bytes: optimal string alignment, row by row. */
static size_t count_faults(const char *a, const char *b)
{
	const size_t a_size = strlen(a), b_size = strlen(b);
	size_t faults[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a_size; i++)
		for (size_t j = 0; j <= b_size; j++) {
			if (!i || !j) {
				faults[i][j] = i + j;
				continue;
			}
			faults[i][j] = least_of(faults[i - 1][j] + 1, faults[i][j - 1] + 1,
						faults[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    faults[i - 2][j - 2] + 1 < faults[i][j])
				faults[i][j] = faults[i - 2][j - 2] + 1;
		}
	return faults[a_size][b_size];
}

bool may_mean(const char *typed, const char *word)
{
	const size_t size = strnlen(typed, WORD_MAX + 1), word_size = strnlen(word, WORD_MAX + 1);

	if (size > WORD_MAX || word_size > WORD_MAX || size < PREFIX_MIN)
		return false;
	return strncmp(typed, word, size) == 0 || count_faults(typed, word) <= (word_size < LONG_WORD ? 1 : 2);
}
