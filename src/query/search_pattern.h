/* SPDX-License-Identifier: MIT */
/*
 * What a search asks of a row: words that must all be in it, and where they are. Words are literal; upper and lower
 * case are the same (base/casefold.h), and so are all kinds of white space. Ends the process where there is no memory.
 * One thread.
 */
#ifndef IANAREG_QUERY_SEARCH_PATTERN_H
#define IANAREG_QUERY_SEARCH_PATTERN_H

#include "query/row_info.h"

/* Where a word is in a row, the best place first: that order is the rank. */
enum match_place {
	MATCH_NAME,
	MATCH_ALIAS,
	MATCH_NAME_START,
	MATCH_NAME_WORD,
	MATCH_NAME_PART,
	MATCH_ALIAS_PART,
	MATCH_DESCRIPTION_WORD,
	MATCH_DESCRIPTION_PART,
	MATCH_ASSIGNEE,
	MATCH_CONTACT, /* of the same rank as MATCH_ASSIGNEE: mostly it is the same person */
	MATCH_REFERENCE,
	MATCH_UNAUTHORIZED_USE,
	MATCH_NOTES,
	MATCH_PLACE_COUNT, /* nowhere */
};

/* The place's field, as JSON calls it, and which part of that: "whole", "start", "word" or "part". */
const char *match_field(enum match_place place);
const char *match_part(enum match_place place);

/* What the row has in that field; for the aliases a sequence of strings. */
const char *match_text(const struct row_info *row_info, enum match_place place);

struct pattern;

/*
 * A pattern of `count` words, none of them pattern_word_is_empty(). A word that names an RFC (RFC 8314, rfc8314,
 * [RFC8314]; also as two words) is all of these; a number in it, as in any word, is a whole one everywhere but in
 * names.
 */
struct pattern *pattern_new(char *const *words, size_t count);
void pattern_free(struct pattern *pattern);
bool pattern_word_is_empty(const char *word);

/* Words as pattern_new() understood them. Strings live as long as the pattern. */
size_t pattern_word_count(const struct pattern *pattern);
const char *pattern_word(const struct pattern *pattern, size_t number);

#define NO_MATCH UINT32_MAX

/*
 * The ranks of all words together, less being better; NO_MATCH if a word is nowhere. A pattern without words: 0. What
 * the row's texts are stays remembered: all rows of a pattern must be from one snapshot.
 */
uint32_t pattern_match(struct pattern *pattern, const struct row_info *row_info);

/* Where the word with that number is in the row that was matched last. */
enum match_place pattern_place(const struct pattern *pattern, size_t number);

/* Set marks[i] for each byte of a text in which a word of the pattern is found, as in a name or as in other fields. */
void pattern_mark(const struct pattern *pattern, const char *text, size_t size, bool is_name, bool *marks);

#endif
