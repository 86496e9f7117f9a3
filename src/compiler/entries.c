/* SPDX-License-Identifier: MIT */
/* The rules by which rows become answers: conflicts, aliases, ranges, preferences, overlays. */
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/text_index.h"
#include "compiler/note_flags.h"
#include "compiler/registry_parts.h"
#include "snapshot/name.h"
#include "snapshot/protocols.h"

/*
 * A claim is one row's wish to name one port and protocol, as a number that sorts as the rules say: by source, port,
 * protocol; then what demotes the row, then the order of rows.
 */
enum claim_shift {
	CLAIM_ROW_BITS = 21,
	CLAIM_DEMOTION = CLAIM_ROW_BITS, /* 7 bits */
	CLAIM_PROTOCOL = CLAIM_DEMOTION + 7, /* 3 bits */
	CLAIM_PORT = CLAIM_PROTOCOL + 3, /* 16 bits */
	CLAIM_SOURCE = CLAIM_PORT + 16, /* 8 bits */
};
_Static_assert(ROW_COUNT_MAX == 1 << CLAIM_ROW_BITS, "a row's number fits a claim");
_Static_assert(PROTOCOL_MAX == 1 << 3, "a protocol's index fits a claim");

/* An entry and its place in the order of preference: source, then line or port and protocol. */
struct draft {
	uint64_t rank;
	struct registry_entry entry;
};

struct settling {
	struct registry *registry;
	const struct registry_options *options;
	struct diagnostics *diagnostics;
	struct text_index seen; /* names by source, port and protocol */
	uint64_t *claims;
	uint32_t claim_count;
	struct draft *drafts;
	uint32_t draft_count;
	const char **alias_targets; /* by row: what a legacy row is an alias to, until it was found missing */
};

static const char *row_file(const struct settling *settling, const struct registry_row *row)
{
	return settling->registry->sources[row->source].file;
}

static enum source_kind row_kind(const struct settling *settling, const struct registry_row *row)
{
	return settling->registry->sources[row->source].kind;
}

/* What demotes a row against others on its port, the gravest highest; read off the row alone. */
static uint64_t demotion(struct settling *settling, const struct registry_row *row, uint32_t row_number)
{
	struct note_flags marks;

	note_flags_read(row->text[TEXT_DESCRIPTION], row->text[TEXT_NOTES], &marks);
	if (marks.legacy_alias) {
		const size_t size = strlen(marks.alias_target) + 1;

		settling->alias_targets[row_number] =
			memcpy(obstack_alloc(&settling->registry->memory, (int)size), marks.alias_target, size);
	}
	return (uint64_t)(marks.legacy_alias << 6 | marks.duplicate << 5 | marks.widespread_use << 4 |
			  marks.conflict << 3 | !*row->text[TEXT_DESCRIPTION] << 2 | !*row->text[TEXT_ASSIGNEE] << 1 |
			  !*row->text[TEXT_REFERENCE]);
}

/* Add the entry with room for `name_count` names; the caller fills them in. */
static struct registry_entry *add_draft(struct settling *settling, uint64_t rank, uint16_t port, uint8_t protocol,
					uint32_t name_count)
{
	settling->drafts = grow_by_one(settling->drafts, settling->draft_count, sizeof *settling->drafts);

	struct draft *draft = &settling->drafts[settling->draft_count++];
	const size_t size = name_count * sizeof *draft->entry.names;

	*draft = (struct draft){rank, {.port = port, .protocol = protocol}};
	draft->entry.names = obstack_alloc(&settling->registry->memory, (int)size);
	memset(draft->entry.names, 0, size);
	return &draft->entry;
}

static bool bears_name(const struct registry_entry *entry, const char *name)
{
	const size_t size = strlen(name);

	for (uint32_t i = 0; i < entry->name_count; i++)
		if (strlen(entry->names[i].text) == size && names_fold_equal(entry->names[i].text, name, size))
			return true;
	return false;
}

/* A services(5) line is an entry by itself. */
static void add_line(struct settling *settling, const struct registry_row *row, uint32_t row_number)
{
	struct registry_entry *entry = add_draft(settling, (uint64_t)row->source << 32 | row_number, row->first_port,
						 row->protocol, 1 + row->alias_count);

	entry->names[entry->name_count++].text = row->name;
	for (uint32_t i = 0; i < row->alias_count; i++) {
		bool repeated = false;

		for (uint32_t k = 0; k < entry->name_count && !repeated; k++)
			repeated = strcmp(entry->names[k].text, row->aliases[i]) == 0;
		if (!repeated)
			entry->names[entry->name_count++].text = row->aliases[i];
	}
}

static bool may_answer(const struct settling *settling, const struct registry_row *row, uint32_t port,
		       unsigned protocol)
{
	return row_kind(settling, row) != SOURCE_REGISTRY ||
	       (port <= settling->options->max_port && settling->options->protocols >> protocol & 1);
}

/* Claim one port and protocol for a row. False if a row of the same source and name has done so before. */
static bool claim(struct settling *settling, const struct registry_row *row, uint64_t low_bits, uint32_t port,
		  unsigned protocol)
{
	const struct text_key key = {row->name, (uint32_t)strlen(row->name),
				     (uint32_t)row->source << 24 | port << 8 | protocol};
	bool added;

	text_index_add(&settling->seen, key, &added);
	if (added && may_answer(settling, row, port, protocol)) {
		settling->claims = grow_by_one(settling->claims, settling->claim_count, sizeof *settling->claims);
		settling->claims[settling->claim_count++] = (uint64_t)row->source << CLAIM_SOURCE |
							    (uint64_t)port << CLAIM_PORT |
							    (uint64_t)protocol << CLAIM_PROTOCOL | low_bits;
	}
	return added;
}

/* Claim all that a row asks for: each port of its range with each of its protocols. */
static bool claim_all(struct settling *settling, const struct registry_row *row, uint32_t row_number)
{
	const uint64_t low_bits = demotion(settling, row, row_number) << CLAIM_DEMOTION | row_number;
	bool claimed = false;

	for (uint32_t port = row->first_port; port <= row->last_port; port++)
		for (uint32_t left = row_protocols(row->protocol); left; left &= left - 1)
			claimed |= claim(settling, row, low_bits, port, (unsigned)__builtin_ctz(left));
	return claimed;
}

/* Whether the claims of one more row could go past the limit. */
static bool too_many(const struct settling *settling, const struct registry_row *row)
{
	return settling->seen.count + 2u * (row->last_port - row->first_port + 1u) > CLAIM_COUNT_MAX;
}

static enum outcome collect(struct settling *settling)
{
	struct registry *registry = settling->registry;

	for (uint32_t i = 0; i < registry->row_count; i++) {
		const struct registry_row *row = registry->rows[i];

		if (!*row->name || !row->has_port || row_kind(settling, row) == SOURCE_PREFERENCES)
			continue;
		if (row_kind(settling, row) == SOURCE_OVERLAY_LINES) {
			add_line(settling, row, i);
			continue;
		}
		if (too_many(settling, row)) {
			diagnose_error(settling->diagnostics, row_file(settling, row), row->line,
				       "too many ports, protocols and names: more than %d in all", CLAIM_COUNT_MAX);
			return OUTCOME_INVALID;
		}
		if (!claim_all(settling, row, i)) {
			diagnose_warning(settling->diagnostics, row_file(settling, row), row->line,
					 "%s repeats a name that port %u has already; passed over",
					 quote_text(row->name).text, row->first_port);
			registry->rows[i] = NULL;
		}
	}
	return OUTCOME_OK;
}

static const struct registry_row *claimant(const struct settling *settling, uint64_t claimed)
{
	return settling->registry->rows[claimed & (ROW_COUNT_MAX - 1)];
}

/* Say, once a row, that what a legacy name is an alias to is not where it is. */
static void check_target(struct settling *settling, const struct registry_entry *entry, uint64_t claimed)
{
	const struct registry_row *row = claimant(settling, claimed);
	const char **target = &settling->alias_targets[claimed & (ROW_COUNT_MAX - 1)];

	if (!*target || bears_name(entry, *target))
		return;
	diagnose_warning(settling->diagnostics, row_file(settling, row), row->line,
			 "%s is an alias to %s, which is not at %u/%s; it stands by itself", quote_text(row->name).text,
			 quote_text(*target).text, entry->port, settling->registry->protocols[entry->protocol]);
	*target = NULL;
}

static int compare_rows(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a & (ROW_COUNT_MAX - 1), y = *(const uint64_t *)b & (ROW_COUNT_MAX - 1);

	return (x > y) - (x < y);
}

/* Make one entry of the claims to one port and protocol: the first one's name wins, the others follow as read. */
static void settle_port(struct settling *settling, uint64_t *claims, uint32_t count)
{
	const uint16_t port = (uint16_t)(claims[0] >> CLAIM_PORT);
	const uint8_t protocol = claims[0] >> CLAIM_PROTOCOL & (PROTOCOL_MAX - 1);
	const uint64_t rank = claims[0] >> CLAIM_SOURCE << 32 | (uint32_t)port << 3 | protocol;
	const uint32_t room = count < NAME_COUNT_MAX ? count : NAME_COUNT_MAX;
	struct registry_entry *entry = add_draft(settling, rank, port, protocol, room);
	size_t names_size = 0;

	qsort(claims + 1, count - 1, sizeof *claims, compare_rows);
	for (uint32_t i = 0; i < count; i++) {
		const struct registry_row *row = claimant(settling, claims[i]);
		const size_t size = strlen(row->name) + 1;

		if (entry->name_count == room || names_size + size > NAMES_MAX_BYTES) {
			diagnose_warning(settling->diagnostics, row_file(settling, row), row->line,
					 "too many names on %u/%s; %s is left out", port,
					 settling->registry->protocols[protocol], quote_text(row->name).text);
			continue;
		}
		names_size += size;
		entry->names[entry->name_count++].text = row->name;
	}
	for (uint32_t i = 0; i < count; i++)
		check_target(settling, entry, claims[i]);
}

static void settle_claims(struct settling *settling)
{
	uint32_t first = 0;

	if (settling->claim_count)
		qsort(settling->claims, settling->claim_count, sizeof *settling->claims, compare_u64);
	for (uint32_t i = 1; i <= settling->claim_count; i++)
		if (i == settling->claim_count ||
		    settling->claims[i] >> CLAIM_PROTOCOL != settling->claims[first] >> CLAIM_PROTOCOL) {
			settle_port(settling, settling->claims + first, i - first);
			first = i;
		}
}

static int compare_drafts(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

static void sort_drafts(struct settling *settling)
{
	if (settling->draft_count)
		qsort(settling->drafts, settling->draft_count, sizeof *settling->drafts, compare_drafts);
}

/* The registry's entry that a preference speaks of, or NULL. Drafts are sorted. */
static struct draft *find_preferred(const struct settling *settling, const struct registry_row *row)
{
	struct draft key = {.rank = (uint32_t)row->first_port << 3 | row->protocol};
	struct draft *found = NULL;

	for (uint32_t i = 0; i < settling->registry->source_count && settling->draft_count && !found; i++)
		if (settling->registry->sources[i].kind == SOURCE_REGISTRY) {
			key.rank = (uint32_t)key.rank | (uint64_t)i << 32;
			found = bsearch(&key, settling->drafts, settling->draft_count, sizeof key, compare_drafts);
		}
	return found && bears_name(&found->entry, row->name) ? found : NULL;
}

/* Let preferences rank the entries they name as if their own lines were entries; they are no rows of the registry. */
static void apply_preferences(struct settling *settling)
{
	struct registry *registry = settling->registry;
	struct draft **preferred = xcheck(calloc(registry->row_count + 1, sizeof *preferred));

	for (uint32_t i = 0; i < registry->row_count; i++)
		if (registry->rows[i] && row_kind(settling, registry->rows[i]) == SOURCE_PREFERENCES)
			preferred[i] = find_preferred(settling, registry->rows[i]);
	for (uint32_t i = 0; i < registry->row_count; i++) {
		if (!registry->rows[i] || row_kind(settling, registry->rows[i]) != SOURCE_PREFERENCES)
			continue;
		if (preferred[i] && !preferred[i]->entry.preferred) {
			preferred[i]->rank = (uint64_t)registry->rows[i]->source << 32 | i;
			preferred[i]->entry.preferred = true;
		}
		registry->rows[i] = NULL;
	}
	free(preferred);
	sort_drafts(settling);
}

/* Mark which names each entry answers to, most preferred entry first. */
static void award_names(struct settling *settling)
{
	struct text_index names = {0};
	uint8_t *won = NULL; /* by name: bits of the protocols that an entry before has won */

	for (uint32_t i = 0; i < settling->draft_count; i++) {
		struct registry_entry *entry = &settling->drafts[i].entry;

		for (uint32_t k = 0; k < entry->name_count; k++) {
			const char *name = entry->names[k].text;
			bool added;
			const uint32_t number =
				text_index_add(&names, (struct text_key){name, (uint32_t)strlen(name), 0}, &added);

			if (added) {
				won = grow_by_one(won, number, sizeof *won);
				won[number] = 0;
			}
			entry->names[k].answers = !(won[number] >> entry->protocol & 1);
			won[number] |= (uint8_t)(1u << entry->protocol);
		}
	}
	text_index_free(&names);
	free(won);
}

/* A copy of the name in small letters (ASCII). */
static const char *small_letters(struct settling *settling, const char *name)
{
	const size_t size = strlen(name) + 1;
	char *copy = memcpy(obstack_alloc(&settling->registry->memory, (int)size), name, size);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	return copy;
}

/* Spellings of names: which differ from another in case alone. */
struct spellings {
	struct text_index folded;
	const char **first; /* by folded name: the spelling seen first */
	bool *varied; /* by folded name */
};

static uint32_t note_spelling(struct settling *settling, struct spellings *spellings, const char *name)
{
	const char *folded = small_letters(settling, name);
	bool added;
	const uint32_t number =
		text_index_add(&spellings->folded, (struct text_key){folded, (uint32_t)strlen(folded), 0}, &added);

	if (added) {
		spellings->first = grow_by_one(spellings->first, number, sizeof *spellings->first);
		spellings->varied = grow_by_one(spellings->varied, number, sizeof *spellings->varied);
		spellings->first[number] = name;
		spellings->varied[number] = false;
	}
	spellings->varied[number] |= strcmp(spellings->first[number], name) != 0;
	return number;
}

/* Mark the entries a name of which another entry, or the same, spells otherwise. */
static void mark_varied(struct settling *settling)
{
	struct spellings spellings = {0};
	uint32_t *numbers = NULL; /* of the names in the order they are met */
	uint32_t count = 0, next = 0;

	for (uint32_t i = 0; i < settling->draft_count; i++) {
		const struct registry_entry *entry = &settling->drafts[i].entry;

		for (uint32_t k = 0; k < entry->name_count; k++) {
			numbers = grow_by_one(numbers, count, sizeof *numbers);
			numbers[count++] = note_spelling(settling, &spellings, entry->names[k].text);
		}
	}
	for (uint32_t i = 0; i < settling->draft_count; i++) {
		struct registry_entry *entry = &settling->drafts[i].entry;

		for (uint32_t k = 0; k < entry->name_count; k++)
			entry->varied |= spellings.varied[numbers[next++]];
	}
	text_index_free(&spellings.folded);
	free(spellings.first);
	free(spellings.varied);
	free(numbers);
}

static bool answers_to_a_name(const struct registry_entry *entry)
{
	for (uint32_t i = 0; i < entry->name_count; i++)
		if (entry->names[i].answers)
			return true;
	return false;
}

/* Of entries at one port and protocol the first answers there; the others stay if some name finds them. */
static void keep_entries(struct settling *settling)
{
	struct registry *registry = settling->registry;
	uint8_t *taken = xcheck(calloc(PORT_MAX + 1, sizeof *taken)); /* by port: bits of protocols */

	registry->entries = xcheck(calloc(settling->draft_count + 1, sizeof *registry->entries));
	for (uint32_t i = 0; i < settling->draft_count; i++) {
		struct registry_entry entry = settling->drafts[i].entry;
		const enum source_kind kind = registry->sources[settling->drafts[i].rank >> 32].kind;

		entry.preferred = kind != SOURCE_REGISTRY;
		entry.shadowed = taken[entry.port] >> entry.protocol & 1;
		taken[entry.port] |= (uint8_t)(1u << entry.protocol);
		if (!entry.shadowed || answers_to_a_name(&entry))
			registry->entries[registry->entry_count++] = entry;
	}
	free(taken);
}

enum outcome registry_settle(struct registry *registry, const struct registry_options *options,
			     struct diagnostics *diagnostics)
{
	struct settling settling = {.registry = registry, .options = options, .diagnostics = diagnostics};
	enum outcome status;

	settling.alias_targets = xcheck(calloc(registry->row_count + 1, sizeof *settling.alias_targets));
	status = collect(&settling);
	if (status == OUTCOME_OK) {
		settle_claims(&settling);
		sort_drafts(&settling);
		apply_preferences(&settling);
		award_names(&settling);
		mark_varied(&settling);
		keep_entries(&settling);
	}
	text_index_free(&settling.seen);
	free(settling.claims);
	free(settling.drafts);
	free(settling.alias_targets);
	return status;
}
