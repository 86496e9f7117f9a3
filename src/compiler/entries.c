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

/* A candidate for an entry and its rank in the order of preference: source, then line or port and protocol. */
struct candidate {
	uint64_t rank;
	struct registry_entry entry;
};

struct resolution {
	struct registry *registry;
	const struct registry_options *options;
	struct diagnostics *diagnostics;
	struct text_index seen; /* names by source, port and protocol */
	uint64_t *claims;
	uint32_t claim_count;
	struct candidate *candidates;
	uint32_t candidate_count;
	const char **alias_targets; /* by row: what a legacy row is an alias to, until it was found missing */
};

static const char *row_file(const struct resolution *resolution, const struct registry_row *row)
{
	return resolution->registry->sources[row->source].file;
}

static enum source_kind row_kind(const struct resolution *resolution, const struct registry_row *row)
{
	return resolution->registry->sources[row->source].kind;
}

/* What demotes a row against others on its port, the gravest highest; read off the row alone. */
static uint64_t demotion(struct resolution *resolution, const struct registry_row *row, uint32_t row_number)
{
	struct note_flags flags;

	note_flags_read(row->text[TEXT_DESCRIPTION], row->text[TEXT_NOTES], &flags);
	if (flags.legacy_alias) {
		const size_t size = strlen(flags.alias_target) + 1;

		resolution->alias_targets[row_number] =
			memcpy(obstack_alloc(&resolution->registry->memory, (int)size), flags.alias_target, size);
	}
	return (uint64_t)(flags.legacy_alias << 6 | flags.duplicate << 5 | flags.widespread_use << 4 |
			  flags.conflict << 3 | !*row->text[TEXT_DESCRIPTION] << 2 | !*row->text[TEXT_ASSIGNEE] << 1 |
			  !*row->text[TEXT_REFERENCE]);
}

/* Add the entry with room for `name_count` names; the caller fills them in. */
static struct registry_entry *add_candidate(struct resolution *resolution, uint64_t rank, uint16_t port,
					    uint8_t protocol, uint32_t name_count)
{
	resolution->candidates =
		grow_by_one(resolution->candidates, resolution->candidate_count, sizeof *resolution->candidates);

	struct candidate *candidate = &resolution->candidates[resolution->candidate_count++];
	const size_t size = name_count * sizeof *candidate->entry.names;

	*candidate = (struct candidate){rank, {.port = port, .protocol = protocol}};
	candidate->entry.names = obstack_alloc(&resolution->registry->memory, (int)size);
	memset(candidate->entry.names, 0, size);
	return &candidate->entry;
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
static void add_line(struct resolution *resolution, const struct registry_row *row, uint32_t row_number)
{
	struct registry_entry *entry = add_candidate(resolution, (uint64_t)row->source << 32 | row_number,
						     row->first_port, row->protocol, 1 + row->alias_count);

	entry->names[entry->name_count++].text = row->name;
	for (uint32_t i = 0; i < row->alias_count; i++) {
		bool repeated = false;

		for (uint32_t k = 0; k < entry->name_count && !repeated; k++)
			repeated = strcmp(entry->names[k].text, row->aliases[i]) == 0;
		if (!repeated)
			entry->names[entry->name_count++].text = row->aliases[i];
	}
}

static bool may_answer(const struct resolution *resolution, const struct registry_row *row, uint32_t port,
		       unsigned protocol)
{
	return row_kind(resolution, row) != SOURCE_REGISTRY ||
	       (port <= resolution->options->max_port && resolution->options->protocols >> protocol & 1);
}

/* Claim one port and protocol for a row. False if a row of the same source and name has done so before. */
static bool claim(struct resolution *resolution, const struct registry_row *row, uint64_t low_bits, uint32_t port,
		  unsigned protocol)
{
	const struct text_key key = {row->name, (uint32_t)strlen(row->name),
				     (uint32_t)row->source << 24 | port << 8 | protocol};
	bool added;

	text_index_add(&resolution->seen, key, &added);
	if (added && may_answer(resolution, row, port, protocol)) {
		resolution->claims =
			grow_by_one(resolution->claims, resolution->claim_count, sizeof *resolution->claims);
		resolution->claims[resolution->claim_count++] = (uint64_t)row->source << CLAIM_SOURCE |
								(uint64_t)port << CLAIM_PORT |
								(uint64_t)protocol << CLAIM_PROTOCOL | low_bits;
	}
	return added;
}

/* Claim all that a row asks for: each port of its range with each of its protocols. */
static bool claim_all(struct resolution *resolution, const struct registry_row *row, uint32_t row_number)
{
	const uint64_t low_bits = demotion(resolution, row, row_number) << CLAIM_DEMOTION | row_number;
	bool claimed = false;

	for (uint32_t port = row->first_port; port <= row->last_port; port++)
		for (uint32_t left = row_protocols(row->protocol); left; left &= left - 1)
			claimed |= claim(resolution, row, low_bits, port, (unsigned)__builtin_ctz(left));
	return claimed;
}

/* Whether the claims of one more row could go past the limit. */
static bool too_many(const struct resolution *resolution, const struct registry_row *row)
{
	return resolution->seen.count + 2u * (row->last_port - row->first_port + 1u) > CLAIM_COUNT_MAX;
}

static enum outcome collect(struct resolution *resolution)
{
	struct registry *registry = resolution->registry;

	for (uint32_t i = 0; i < registry->row_count; i++) {
		const struct registry_row *row = registry->rows[i];

		if (!*row->name || !row->has_port || row_kind(resolution, row) == SOURCE_PREFERENCES)
			continue;
		if (row_kind(resolution, row) == SOURCE_OVERLAY_LINES) {
			add_line(resolution, row, i);
			continue;
		}
		if (too_many(resolution, row)) {
			diagnose_error(resolution->diagnostics, row_file(resolution, row), row->line,
				       "too many ports, protocols and names: more than %d in all", CLAIM_COUNT_MAX);
			return OUTCOME_INVALID;
		}
		if (!claim_all(resolution, row, i)) {
			diagnose_warning(resolution->diagnostics, row_file(resolution, row), row->line,
					 "%s repeats a name that port %u has already; row skipped",
					 quote_text(row->name).text, row->first_port);
			registry->rows[i] = NULL;
		}
	}
	return OUTCOME_OK;
}

static const struct registry_row *claimant(const struct resolution *resolution, uint64_t claimed)
{
	return resolution->registry->rows[claimed & (ROW_COUNT_MAX - 1)];
}

/* Say, once a row, that what a legacy name is an alias to is not where it is. */
static void check_target(struct resolution *resolution, const struct registry_entry *entry, uint64_t claimed)
{
	const struct registry_row *row = claimant(resolution, claimed);
	const char **target = &resolution->alias_targets[claimed & (ROW_COUNT_MAX - 1)];

	if (!*target || bears_name(entry, *target))
		return;
	diagnose_warning(resolution->diagnostics, row_file(resolution, row), row->line,
			 "%s is an alias to %s, which is not at %u/%s; it stands by itself", quote_text(row->name).text,
			 quote_text(*target).text, entry->port, resolution->registry->protocols[entry->protocol]);
	*target = NULL;
}

static int compare_rows(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a & (ROW_COUNT_MAX - 1), y = *(const uint64_t *)b & (ROW_COUNT_MAX - 1);

	return (x > y) - (x < y);
}

/* Make one entry of the claims to one port and protocol: the first one's name wins, the others follow as read. */
static void settle_port(struct resolution *resolution, uint64_t *claims, uint32_t count)
{
	const uint16_t port = (uint16_t)(claims[0] >> CLAIM_PORT);
	const uint8_t protocol = claims[0] >> CLAIM_PROTOCOL & (PROTOCOL_MAX - 1);
	const uint64_t rank = claims[0] >> CLAIM_SOURCE << 32 | (uint32_t)port << 3 | protocol;
	const uint32_t room = count < NAME_COUNT_MAX ? count : NAME_COUNT_MAX;
	struct registry_entry *entry = add_candidate(resolution, rank, port, protocol, room);
	size_t names_size = 0;

	qsort(claims + 1, count - 1, sizeof *claims, compare_rows);
	for (uint32_t i = 0; i < count; i++) {
		const struct registry_row *row = claimant(resolution, claims[i]);
		const size_t size = strlen(row->name) + 1;

		if (entry->name_count == room || names_size + size > NAMES_MAX_BYTES) {
			diagnose_warning(resolution->diagnostics, row_file(resolution, row), row->line,
					 "too many names on %u/%s; %s is left out", port,
					 resolution->registry->protocols[protocol], quote_text(row->name).text);
			continue;
		}
		names_size += size;
		entry->names[entry->name_count++].text = row->name;
	}
	for (uint32_t i = 0; i < count; i++)
		check_target(resolution, entry, claims[i]);
}

static void settle_claims(struct resolution *resolution)
{
	uint32_t first = 0;

	if (resolution->claim_count)
		qsort(resolution->claims, resolution->claim_count, sizeof *resolution->claims, compare_u64);
	for (uint32_t i = 1; i <= resolution->claim_count; i++)
		if (i == resolution->claim_count ||
		    resolution->claims[i] >> CLAIM_PROTOCOL != resolution->claims[first] >> CLAIM_PROTOCOL) {
			settle_port(resolution, resolution->claims + first, i - first);
			first = i;
		}
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

static void sort_candidates(struct resolution *resolution)
{
	if (resolution->candidate_count)
		qsort(resolution->candidates, resolution->candidate_count, sizeof *resolution->candidates,
		      compare_candidates);
}

/* The registry's entry that a preference speaks of, or NULL. Drafts are sorted. */
static struct candidate *find_preferred(const struct resolution *resolution, const struct registry_row *row)
{
	struct candidate key = {.rank = (uint32_t)row->first_port << 3 | row->protocol};
	struct candidate *found = NULL;

	for (uint32_t i = 0; i < resolution->registry->source_count && resolution->candidate_count && !found; i++)
		if (resolution->registry->sources[i].kind == SOURCE_REGISTRY) {
			key.rank = (uint32_t)key.rank | (uint64_t)i << 32;
			found = bsearch(&key, resolution->candidates, resolution->candidate_count, sizeof key,
					compare_candidates);
		}
	return found && bears_name(&found->entry, row->name) ? found : NULL;
}

/* Let preferences rank the entries they name as if their own lines were entries; they are no rows of the registry. */
static void apply_preferences(struct resolution *resolution)
{
	struct registry *registry = resolution->registry;
	struct candidate **preferred = xcheck(calloc(registry->row_count + 1, sizeof *preferred));

	for (uint32_t i = 0; i < registry->row_count; i++)
		if (registry->rows[i] && row_kind(resolution, registry->rows[i]) == SOURCE_PREFERENCES)
			preferred[i] = find_preferred(resolution, registry->rows[i]);
	for (uint32_t i = 0; i < registry->row_count; i++) {
		if (!registry->rows[i] || row_kind(resolution, registry->rows[i]) != SOURCE_PREFERENCES)
			continue;
		if (preferred[i] && !preferred[i]->entry.preferred) {
			preferred[i]->rank = (uint64_t)registry->rows[i]->source << 32 | i;
			preferred[i]->entry.preferred = true;
		}
		registry->rows[i] = NULL;
	}
	free(preferred);
	sort_candidates(resolution);
}

/* Decide for each name which entry a lookup of it returns, most preferred entry first. */
static void assign_names(struct resolution *resolution)
{
	struct text_index names = {0};
	uint8_t *won = NULL; /* by name: bits of the protocols that an entry before has won */

	for (uint32_t i = 0; i < resolution->candidate_count; i++) {
		struct registry_entry *entry = &resolution->candidates[i].entry;

		for (uint32_t k = 0; k < entry->name_count; k++) {
			const char *name = entry->names[k].text;
			bool added;
			const uint32_t number =
				text_index_add(&names, (struct text_key){name, (uint32_t)strlen(name), 0}, &added);

			if (added) {
				won = grow_by_one(won, number, sizeof *won);
				won[number] = 0;
			}
			entry->names[k].is_primary = !(won[number] >> entry->protocol & 1);
			won[number] |= (uint8_t)(1u << entry->protocol);
		}
	}
	text_index_free(&names);
	free(won);
}

/* A copy of the name in small letters (ASCII). */
static const char *ascii_lower(struct resolution *resolution, const char *name)
{
	const size_t size = strlen(name) + 1;
	char *copy = memcpy(obstack_alloc(&resolution->registry->memory, (int)size), name, size);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	return copy;
}

/* Spellings of names: which differ from another in case alone. */
struct spellings {
	struct text_index lower;
	const char **first; /* by folded name: the spelling seen first */
	bool *case_variant; /* by folded name */
};

static uint32_t note_spelling(struct resolution *resolution, struct spellings *spellings, const char *name)
{
	const char *folded = ascii_lower(resolution, name);
	bool added;
	const uint32_t number =
		text_index_add(&spellings->lower, (struct text_key){folded, (uint32_t)strlen(folded), 0}, &added);

	if (added) {
		spellings->first = grow_by_one(spellings->first, number, sizeof *spellings->first);
		spellings->case_variant = grow_by_one(spellings->case_variant, number, sizeof *spellings->case_variant);
		spellings->first[number] = name;
		spellings->case_variant[number] = false;
	}
	spellings->case_variant[number] |= strcmp(spellings->first[number], name) != 0;
	return number;
}

/* Mark the entries that have a name which also occurs with different case. */
static void mark_case_variants(struct resolution *resolution)
{
	struct spellings spellings = {0};
	uint32_t *numbers = NULL; /* of the names in the order they are met */
	uint32_t count = 0, next = 0;

	for (uint32_t i = 0; i < resolution->candidate_count; i++) {
		const struct registry_entry *entry = &resolution->candidates[i].entry;

		for (uint32_t k = 0; k < entry->name_count; k++) {
			numbers = grow_by_one(numbers, count, sizeof *numbers);
			numbers[count++] = note_spelling(resolution, &spellings, entry->names[k].text);
		}
	}
	for (uint32_t i = 0; i < resolution->candidate_count; i++) {
		struct registry_entry *entry = &resolution->candidates[i].entry;

		for (uint32_t k = 0; k < entry->name_count; k++)
			entry->case_variant |= spellings.case_variant[numbers[next++]];
	}
	text_index_free(&spellings.lower);
	free(spellings.first);
	free(spellings.case_variant);
	free(numbers);
}

static bool answers_to_a_name(const struct registry_entry *entry)
{
	for (uint32_t i = 0; i < entry->name_count; i++)
		if (entry->names[i].is_primary)
			return true;
	return false;
}

/* Of the entries at one port and protocol the first answers there; the others stay if some name finds them. */
static void drop_unreachable(struct resolution *resolution)
{
	struct registry *registry = resolution->registry;
	uint8_t *taken = xcheck(calloc(PORT_MAX + 1, sizeof *taken)); /* by port: bits of protocols */

	registry->entries = xcheck(calloc(resolution->candidate_count + 1, sizeof *registry->entries));
	for (uint32_t i = 0; i < resolution->candidate_count; i++) {
		struct registry_entry entry = resolution->candidates[i].entry;
		const enum source_kind kind = registry->sources[resolution->candidates[i].rank >> 32].kind;

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
	struct resolution resolution = {.registry = registry, .options = options, .diagnostics = diagnostics};
	enum outcome status;

	resolution.alias_targets = xcheck(calloc(registry->row_count + 1, sizeof *resolution.alias_targets));
	status = collect(&resolution);
	if (status == OUTCOME_OK) {
		settle_claims(&resolution);
		sort_candidates(&resolution);
		apply_preferences(&resolution);
		assign_names(&resolution);
		mark_case_variants(&resolution);
		drop_unreachable(&resolution);
	}
	text_index_free(&resolution.seen);
	free(resolution.claims);
	free(resolution.candidates);
	free(resolution.alias_targets);
	return status;
}
