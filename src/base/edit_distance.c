/* SPDX-License-Identifier: MIT */
/* Spelling mistakes: the edit distance of two words. */
#include <stddef.h>
#include <string.h>

#include "base/edit_distance.h"

enum {
	WORD_MAX = 16, /* bytes of a word that is compared; verbs are shorter */
	LONG_WORD = 5, /* from this length on two edits are allowed */
	PREFIX_MIN = 3, /* shorter beginnings match too much */
};

static size_t least_of(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edit distance with transpositions (optimal string alignment) of two words of at most WORD_MAX bytes. */
static size_t edit_distance(const char *a, const char *b)
{
	const size_t a_size = strlen(a), b_size = strlen(b);
	size_t distance[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a_size; i++)
		for (size_t j = 0; j <= b_size; j++) {
			if (!i || !j) {
				distance[i][j] = i + j;
				continue;
			}
			distance[i][j] = least_of(distance[i - 1][j] + 1, distance[i][j - 1] + 1,
						  distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    distance[i - 2][j - 2] + 1 < distance[i][j])
				distance[i][j] = distance[i - 2][j - 2] + 1;
		}
	return distance[a_size][b_size];
}

bool is_misspelling_of(const char *typed, const char *word)
{
	const size_t size = strnlen(typed, WORD_MAX + 1), word_size = strnlen(word, WORD_MAX + 1);

	if (size > WORD_MAX || word_size > WORD_MAX || size < PREFIX_MIN)
		return false;
	return strncmp(typed, word, size) == 0 || edit_distance(typed, word) <= (word_size < LONG_WORD ? 1 : 2);
}
