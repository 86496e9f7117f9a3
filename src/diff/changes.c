/* SPDX-License-Identifier: MIT */
/* What changed between two snapshots. */
#include <string.h>

#include "base/memory.h"
#include "diff/answer_changes.h"
#include "diff/row_pairs.h"

/* A change before its rows are read. */
struct draft {
	uint64_t place; /* the first of its rows' places in the list */
	enum change_kind kind;
	uint32_t before_row, after_row;
};

struct drafting {
	const struct row_pairs *pairs;
	uint32_t *name_ranks; /* by number of the text */
	struct draft *drafts;
	uint32_t count;
};

struct ranked_text {
	const char *text;
	uint32_t number;
};

static int compare_ranked(const void *a, const void *b)
{
	return strcmp(((const struct ranked_text *)a)->text, ((const struct ranked_text *)b)->text);
}

/* Names sorted once, so that sorting changes compares numbers, however long and however much alike the names are. */
static uint32_t *rank_names(const struct row_pairs *pairs)
{
	uint32_t *ranks = xcheck(calloc((size_t)pairs->texts.count, sizeof *ranks));
	struct ranked_text *names = xcheck(calloc((size_t)pairs->texts.count, sizeof *names));
	const struct paired_side *const sides[] = {&pairs->before, &pairs->after};
	uint32_t count = 0;

	for (unsigned s = 0; s < 2; s++)
		for (uint32_t i = 0; i < sides[s]->count; i++) {
			const uint32_t number = sides[s]->rows[i].key.name;

			if (sides[s]->rows[i].fate == ROW_KEPT || ranks[number])
				continue;
			ranks[number] = 1;
			names[count++] = (struct ranked_text){pairs->texts.keys[number].bytes, number};
		}
	qsort(names, count, sizeof *names, compare_ranked);
	for (uint32_t i = 0; i < count; i++)
		ranks[names[i].number] = i;
	free(names);
	return ranks;
}

/* By port, protocol, name; rows without a port last. */
static uint64_t place_of(const struct drafting *drafting, const struct paired_row *row)
{
	const uint64_t port = row->key.has_port ? row->key.ports >> 16 : PORT_MAX + 1;
	const uint32_t protocol = row->key.protocol <= TEXT_DCCP ? row->key.protocol : TEXT_DCCP + 1;

	return (port << 8 | protocol) << 32 | drafting->name_ranks[row->key.name];
}

static void add_draft(struct drafting *drafting, enum change_kind kind, uint32_t before_row, uint32_t after_row)
{
	uint64_t place = UINT64_MAX;

	if (before_row != NO_ROW)
		place = place_of(drafting, &drafting->pairs->before.rows[before_row]);
	if (after_row != NO_ROW) {
		const uint64_t after_place = place_of(drafting, &drafting->pairs->after.rows[after_row]);

		place = after_place < place ? after_place : place;
	}
	drafting->drafts = grow_by_one(drafting->drafts, drafting->count, sizeof *drafting->drafts);
	drafting->drafts[drafting->count++] = (struct draft){place, kind, before_row, after_row};
}

static void draft_changes(struct drafting *drafting)
{
	static const enum change_kind kinds[] = {
		[ROW_ALONE] = CHANGE_REMOVED,           [ROW_REORDERED] = CHANGE_REORDERED, [ROW_MOVED] = CHANGE_MOVED,
		[ROW_REDESCRIBED] = CHANGE_REDESCRIBED, [ROW_RENAMED] = CHANGE_RENAMED,
	};
	const struct paired_side *before = &drafting->pairs->before, *after = &drafting->pairs->after;

	for (uint32_t i = 0; i < before->count; i++)
		if (before->rows[i].fate != ROW_KEPT)
			add_draft(drafting, kinds[before->rows[i].fate], i, before->rows[i].partner);
	for (uint32_t i = 0; i < after->count; i++)
		if (after->rows[i].fate == ROW_ALONE)
			add_draft(drafting, CHANGE_ADDED, NO_ROW, i);
}

static int compare_drafts(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	if (x->place != y->place)
		return x->place > y->place ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind > y->kind ? 1 : -1;
	if (x->before_row != y->before_row)
		return x->before_row > y->before_row ? 1 : -1;
	return (x->after_row > y->after_row) - (x->after_row < y->after_row);
}

static void add_change(const struct drafting *drafting, const struct draft *draft, struct changes *changes)
{
	struct change *change = &changes->list[changes->count++];
	const struct snapshot_row *row = draft->after_row == NO_ROW ? &change->before : &change->after;

	*change = (struct change){.kind = draft->kind, .before_row = draft->before_row, .after_row = draft->after_row};
	if (draft->before_row != NO_ROW)
		snapshot_row(drafting->pairs->before.snapshot, draft->before_row, &change->before);
	if (draft->after_row != NO_ROW)
		snapshot_row(drafting->pairs->after.snapshot, draft->after_row, &change->after);
	changes->kind_counts[draft->kind]++;
	if (*row->name) /* a pair has two names or none */
		changes->named_counts[draft->kind]++;
	else
		changes->nameless_count++;
}

static void list_changes(const struct row_pairs *pairs, struct changes *changes)
{
	struct drafting drafting = {.pairs = pairs, .name_ranks = rank_names(pairs)};

	draft_changes(&drafting);
	if (drafting.count)
		qsort(drafting.drafts, drafting.count, sizeof *drafting.drafts, compare_drafts);
	changes->list = xcheck(calloc((size_t)drafting.count + 1, sizeof *changes->list));
	for (uint32_t i = 0; i < drafting.count; i++)
		add_change(&drafting, &drafting.drafts[i], changes);
	free(drafting.name_ranks);
	free(drafting.drafts);
}

static uint32_t count_assignments(const struct paired_side *side)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < side->count; i++)
		count += side->rows[i].key.name != EMPTY_TEXT && !side->rows[i].key.from_overlay;
	return count;
}

enum snapshot_status find_changes(const struct snapshot *before, const struct snapshot *after, struct changes *changes,
				  bool *in_after, uint32_t *bad_row)
{
	struct row_pairs pairs;
	struct changes found = {0};
	enum snapshot_status status = pair_rows(before, after, &pairs, in_after, bad_row);

	if (status != SNAPSHOT_OK)
		return status;
	list_changes(&pairs, &found);
	found.assignments_before = count_assignments(&pairs.before);
	found.assignments_after = count_assignments(&pairs.after);
	found.assignments_vanished = count_vanished(&pairs);
	row_pairs_free(&pairs);
	find_answer_changes(before, after, &found);
	*changes = found;
	return SNAPSHOT_OK;
}

void changes_free(struct changes *changes)
{
	free(changes->list);
	free(changes->answers);
	*changes = (struct changes){0};
}

bool changes_any(const struct changes *changes)
{
	return changes->count || changes->answer_count;
}

const char *change_kind_text(enum change_kind kind)
{
	static const char *const texts[CHANGE_KIND_COUNT] = {
		[CHANGE_REMOVED] = "removed",         [CHANGE_ADDED] = "added",
		[CHANGE_RENAMED] = "renamed",         [CHANGE_MOVED] = "moved",
		[CHANGE_REDESCRIBED] = "redescribed", [CHANGE_REORDERED] = "reordered",
	};

	return texts[kind];
}

void print_changes_summary(const struct changes *changes, FILE *stream)
{
	static const enum change_kind order[] = {CHANGE_ADDED, CHANGE_REMOVED,     CHANGE_RENAMED,
						 CHANGE_MOVED, CHANGE_REDESCRIBED, CHANGE_REORDERED};
	const char *between = "";

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (changes->named_counts[order[i]]) {
			fprintf(stream, "%s%u %s", between, changes->named_counts[order[i]],
				change_kind_text(order[i]));
			between = ", ";
		}
	if (changes->nameless_count) {
		fprintf(stream, "%s%u %s of reserved or unassigned ports", between, changes->nameless_count,
			changes->nameless_count == 1 ? "change" : "changes");
		between = ", ";
	}
	if (changes->answer_count)
		fprintf(stream, "%s%u %s though no row there changed", between, changes->answer_count,
			changes->answer_count == 1 ? "answer differs" : "answers differ");
	if (!changes_any(changes))
		fputs("no changes", stream);
}
