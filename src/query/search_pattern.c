/* SPDX-License-Identifier: MIT */
/* What a search asks of a row. */
#include <string.h>

#include "base/casefold.h"
#include "base/escape.h"
#include "base/memory.h"
#include "query/search_pattern.h"

enum { SPELLING_MAX = 2, NOWHERE = -1 };

enum field {
	FIELD_NAME,
	FIELD_ALIASES,
	FIELD_DESCRIPTION,
	FIELD_ASSIGNEE,
	FIELD_CONTACT,
	FIELD_REFERENCE,
	FIELD_UNAUTHORIZED_USE,
	FIELD_NOTES,
	FIELD_COUNT,
};

enum part {
	PART_WHOLE,
	PART_START,
	PART_WORD,
	PART_NUMBERS, /* anywhere, but not in the middle of a number */
	PART_ANY,
};

static const struct place {
	enum field field;
	enum part part;
	unsigned rank;
} places[MATCH_PLACE_COUNT] = {
	[MATCH_NAME] = {FIELD_NAME, PART_WHOLE, 0},
	[MATCH_ALIAS] = {FIELD_ALIASES, PART_WHOLE, 1},
	[MATCH_NAME_START] = {FIELD_NAME, PART_START, 2},
	[MATCH_NAME_WORD] = {FIELD_NAME, PART_WORD, 3},
	[MATCH_NAME_PART] = {FIELD_NAME, PART_ANY, 4},
	[MATCH_ALIAS_PART] = {FIELD_ALIASES, PART_ANY, 5},
	[MATCH_DESCRIPTION_WORD] = {FIELD_DESCRIPTION, PART_WORD, 6},
	[MATCH_DESCRIPTION_PART] = {FIELD_DESCRIPTION, PART_NUMBERS, 7},
	[MATCH_ASSIGNEE] = {FIELD_ASSIGNEE, PART_NUMBERS, 8},
	[MATCH_CONTACT] = {FIELD_CONTACT, PART_NUMBERS, 8},
	[MATCH_REFERENCE] = {FIELD_REFERENCE, PART_NUMBERS, 9},
	[MATCH_UNAUTHORIZED_USE] = {FIELD_UNAUTHORIZED_USE, PART_NUMBERS, 10},
	[MATCH_NOTES] = {FIELD_NOTES, PART_NUMBERS, 11},
};

/* A field of the row at hand, folded: strings with their NULs, one but for the aliases. */
struct folded {
	const char *source; /* the snapshot's string; rows beside each other share most of theirs */
	char *bytes;
	size_t size, room;
};

struct word {
	char *shown;
	char *spellings[SPELLING_MAX]; /* folded; any of them will do */
	size_t spelling_count;
	enum match_place place;
};

struct pattern {
	struct word *words;
	size_t word_count;
	struct folded fields[FIELD_COUNT];
};

const char *match_field(enum match_place place)
{
	static const char *const names[FIELD_COUNT] = {
		[FIELD_NAME] = "name",
		[FIELD_ALIASES] = "alias",
		[FIELD_DESCRIPTION] = "description",
		[FIELD_ASSIGNEE] = "assignee",
		[FIELD_CONTACT] = "contact",
		[FIELD_REFERENCE] = "reference",
		[FIELD_UNAUTHORIZED_USE] = "unauthorized_use",
		[FIELD_NOTES] = "notes",
	};

	return names[places[place].field];
}

const char *match_part(enum match_place place)
{
	static const char *const names[] = {
		[PART_WHOLE] = "whole",  [PART_START] = "start", [PART_WORD] = "word",
		[PART_NUMBERS] = "part", [PART_ANY] = "part",
	};

	return names[places[place].part];
}

static const char *field_text(const struct row_info *row_info, enum field field)
{
	static const enum row_text texts[FIELD_COUNT] = {
		[FIELD_DESCRIPTION] = TEXT_DESCRIPTION,
		[FIELD_ASSIGNEE] = TEXT_ASSIGNEE,
		[FIELD_CONTACT] = TEXT_CONTACT,
		[FIELD_REFERENCE] = TEXT_REFERENCE,
		[FIELD_UNAUTHORIZED_USE] = TEXT_UNAUTHORIZED_USE,
		[FIELD_NOTES] = TEXT_NOTES,
	};

	if (field == FIELD_NAME)
		return row_info->row.name;
	return field == FIELD_ALIASES ? row_info->aliases : row_info->row.text[texts[field]];
}

const char *match_text(const struct row_info *row_info, enum match_place place)
{
	return field_text(row_info, places[place].field);
}

/* Words */

bool pattern_word_is_empty(const char *word)
{
	return word[strspn(word, WHITE_SPACE)] == '\0';
}

static bool all_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* The digits of a folded word that names an RFC, without zeros before them; "" if it names none. *count is how many. */
static const char *rfc_digits(const char *folded, size_t *count)
{
	folded += *folded == '[';
	*count = 0;
	if (strncmp(folded, "rfc", 3) != 0)
		return "";
	folded += 3;
	folded += *folded == ' ' || *folded == '-';
	folded += strspn(folded, "0");
	*count = strspn(folded, "0123456789");
	return strcmp(folded + *count + (folded[*count] == ']'), "") == 0 ? folded : "";
}

/* How a word may stand in a folded text, if at all. */
static void spell(struct word *word)
{
	char *folded = collapse_blanks(word->shown, strlen(word->shown));
	const char *digits;
	size_t count;

	if (!utf8_valid(folded,
			strlen(folded))) { /* all that the registry has is, but half a character could be found */
		free(folded);
		return;
	}
	casefold_text(folded, strlen(folded), folded);
	digits = rfc_digits(folded, &count);
	if (*digits && count) {
		xcheck(asprintf(&word->spellings[0], "rfc%.*s", (int)count, digits) < 0 ? NULL : word);
		xcheck(asprintf(&word->spellings[1], "rfc %.*s", (int)count, digits) < 0 ? NULL : word);
		word->spelling_count = 2;
		free(folded);
	} else {
		word->spellings[0] = folded;
		word->spelling_count = 1;
	}
}

/* As many words of the command line as make one: "RFC 8314" is mostly written without quotes. */
static size_t take_word(char *const *words, size_t count, struct word *word)
{
	const bool is_rfc = count > 1 && strcasecmp(words[0], "rfc") == 0 && all_digits(words[1]);

	if (is_rfc)
		xcheck(asprintf(&word->shown, "%s %s", words[0], words[1]) < 0 ? NULL : word);
	else
		word->shown = xcheck(strdup(words[0]));
	spell(word);
	return is_rfc ? 2 : 1;
}

struct pattern *pattern_new(char *const *words, size_t count)
{
	struct pattern *pattern = xcheck(calloc(1, sizeof *pattern));

	pattern->words = xcheck(calloc(count + 1, sizeof *pattern->words));
	for (size_t i = 0; i < count;)
		i += take_word(words + i, count - i, &pattern->words[pattern->word_count++]);
	return pattern;
}

void pattern_free(struct pattern *pattern)
{
	for (size_t i = 0; i < pattern->word_count; i++) {
		free(pattern->words[i].shown);
		for (size_t k = 0; k < pattern->words[i].spelling_count; k++)
			free(pattern->words[i].spellings[k]);
	}
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		free(pattern->fields[i].bytes);
	free(pattern->words);
	free(pattern);
}

size_t pattern_word_count(const struct pattern *pattern)
{
	return pattern->word_count;
}

const char *pattern_word(const struct pattern *pattern, size_t number)
{
	return pattern->words[number].shown;
}

enum match_place pattern_place(const struct pattern *pattern, size_t number)
{
	return pattern->words[number].place;
}

/* Finding */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes past ASCII are letters here, all of them. */
static bool is_of_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (unsigned char)c & 0x80;
}

static bool is_of_nothing(char c)
{
	(void)c;
	return false;
}

/* What must not go on past the ends of a match: digits for a number, letters too for a word. */
typedef bool joins_function(char c);

static bool stands_alone(const char *text, size_t size, size_t at, size_t length, joins_function *joins)
{
	if (at && joins(text[at - 1]) && joins(text[at]))
		return false;
	return at + length == size || !joins(text[at + length]) || !joins(text[at + length - 1]);
}

/*
 * Where a spelling stands in the text, at `from` or after; NOWHERE if it does not. Linear: no run is looked at twice.
 */
static ssize_t find(const char *text, size_t size, const char *spelling, enum part part, size_t from)
{
	joins_function *joins = part == PART_WORD ? is_of_word : part == PART_NUMBERS ? is_digit : is_of_nothing;
	const size_t length = strlen(spelling);
	const char *found;

	while (from < size && (found = memmem(text + from, size - from, spelling, length))) {
		const size_t at = (size_t)(found - text);

		if (stands_alone(text, size, at, length, joins))
			return (ssize_t)at;
		for (from = at + 1; from < size && joins(text[from - 1]) && joins(text[from]); from++)
			;
	}
	return NOWHERE;
}

static bool string_has(const char *text, const char *spelling, enum part part)
{
	if (part == PART_WHOLE)
		return strcmp(text, spelling) == 0;
	if (part == PART_START)
		return strncmp(text, spelling, strlen(spelling)) == 0;
	return find(text, strlen(text), spelling, part, 0) != NOWHERE;
}

static bool field_has(const struct folded *field, const struct word *word, enum part part)
{
	for (const char *text = field->bytes, *end = text + field->size; text < end; text = next_name(text))
		for (size_t i = 0; i < word->spelling_count; i++)
			if (string_has(text, word->spellings[i], part))
				return true;
	return false;
}

static void fold_field(struct folded *field, const char *source, size_t size)
{
	if (field->bytes && field->source == source && field->size == size)
		return;
	if (!field->bytes || size > field->room) {
		field->room = 2 * size + 64;
		free(field->bytes);
		field->bytes = xcheck(malloc(field->room));
	}
	casefold_text(source, size, field->bytes);
	field->source = source;
	field->size = size;
}

static size_t size_of_names(const char *names, uint32_t count)
{
	const char *end = names;

	while (count--)
		end = next_name(end);
	return (size_t)(end - names);
}

static enum match_place find_word(const struct pattern *pattern, const struct word *word)
{
	enum match_place place = MATCH_NAME;

	while (place < MATCH_PLACE_COUNT && !field_has(&pattern->fields[places[place].field], word, places[place].part))
		place++;
	return place;
}

uint32_t pattern_match(struct pattern *pattern, const struct row_info *row_info)
{
	uint32_t rank = 0;

	for (enum field field = FIELD_NAME; field < FIELD_COUNT; field++) {
		const char *source = field_text(row_info, field);

		fold_field(&pattern->fields[field], source,
			   field == FIELD_ALIASES ? size_of_names(source, row_info->alias_count) : strlen(source) + 1);
	}
	for (size_t i = 0; i < pattern->word_count; i++) {
		struct word *word = &pattern->words[i];

		word->place = find_word(pattern, word);
		if (word->place == MATCH_PLACE_COUNT)
			return NO_MATCH;
		rank += places[word->place].rank;
	}
	return rank;
}

static void mark_spelling(const char *spelling, const char *folded, size_t size, enum part part, bool *marks)
{
	const size_t length = strlen(spelling);
	ssize_t at = 0;

	while ((at = find(folded, size, spelling, part, (size_t)at)) != NOWHERE) {
		memset(marks + at, true, length);
		at += (ssize_t)length;
	}
}

void pattern_mark(const struct pattern *pattern, const char *text, size_t size, bool is_name, bool *marks)
{
	char *folded = xcheck(malloc(size + 1));

	casefold_text(text, size, folded);
	for (size_t i = 0; i < pattern->word_count; i++)
		for (size_t k = 0; k < pattern->words[i].spelling_count; k++)
			mark_spelling(pattern->words[i].spellings[k], folded, size, is_name ? PART_ANY : PART_NUMBERS,
				      marks);
	free(folded);
}
