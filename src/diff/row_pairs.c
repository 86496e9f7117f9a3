/* SPDX-License-Identifier: MIT */
/* The rows of two snapshots, each with its like. */
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "diff/row_order.h"
#include "diff/row_pairs.h"
#include "snapshot/accessors.h"
#include "snapshot/protocols.h"

/* Numbers of the texts of one snapshot, by where they are, so that a text that many rows share is read once. */
struct reader {
	struct text_index places;
	uint32_t *numbers; /* by number of the place */
	struct text_index *texts;
};

static uint32_t number_text(struct text_index *texts, const char *text)
{
	return text_index_add(texts, (struct text_key){text, (uint32_t)strlen(text), 0}, NULL);
}

static uint32_t number_at(struct reader *reader, const struct snapshot *snapshot, const char *text)
{
	if (!*text)
		return EMPTY_TEXT; /* which need not lie in the snapshot */

	const uint32_t offset = snapshot_text_offset(snapshot, text);
	bool added;
	const uint32_t place = text_index_add(&reader->places, (struct text_key){"", 0, offset}, &added);

	if (added) {
		reader->numbers = grow_by_one(reader->numbers, place, sizeof *reader->numbers);
		reader->numbers[place] = number_text(reader->texts, text);
	}
	return reader->numbers[place];
}

static struct row_key key_of(struct reader *reader, const struct snapshot *snapshot, const struct snapshot_row *row)
{
	struct row_key key = {
		.name = number_at(reader, snapshot, row->name),
		.protocol = number_at(reader, snapshot, row->protocol),
		.ports = (uint32_t)row->first_port << 16 | row->last_port,
		.has_port = row->has_port,
		.from_overlay = row->from_overlay,
	};

	for (unsigned i = 0; i < TEXT_COUNT; i++)
		key.texts[i] = number_at(reader, snapshot, row->text[i]);
	return key;
}

static enum snapshot_status read_side(const struct snapshot *snapshot, struct text_index *texts,
				      struct paired_side *side, uint32_t *bad_row)
{
	struct reader reader = {.texts = texts};
	enum snapshot_status status = SNAPSHOT_OK;
	struct snapshot_row row;

	side->snapshot = snapshot;
	side->count = snapshot_row_count(snapshot);
	side->rows = xcheck(calloc((size_t)side->count + 1, sizeof *side->rows));
	for (uint32_t i = 0; i < side->count && status == SNAPSHOT_OK; i++) {
		status = snapshot_row(snapshot, i, &row);
		if (status == SNAPSHOT_OK)
			side->rows[i] = (struct paired_row){key_of(&reader, snapshot, &row), ROW_ALONE, NO_ROW};
		else
			*bad_row = i;
	}
	text_index_free(&reader.places);
	free(reader.numbers);
	return status;
}

/* A way in which two rows are alike: a run of the fields of their keys. */
struct likeness {
	enum row_fate fate;
	size_t start, size; /* bytes of struct row_key */
	bool needs_name, needs_port;
};

/*
 * In this order, each for what those before it left. A service name is what an assignment is known by (RFC 6335
 * section 5.1), so that a name still there has moved; only one that is gone can have been replaced by another.
 */
static const struct likeness likenesses[] = {
	{ROW_KEPT, 0, sizeof(struct row_key), false, false},
	{ROW_REDESCRIBED, 0, offsetof(struct row_key, texts), false, false},
	{ROW_MOVED, 0, offsetof(struct row_key, ports), true, false},
	{ROW_RENAMED, offsetof(struct row_key, protocol),
	 offsetof(struct row_key, texts) - offsetof(struct row_key, protocol), true, true},
};

static bool may_pair(const struct likeness *likeness, const struct paired_row *row)
{
	return row->fate == ROW_ALONE && (!likeness->needs_name || row->key.name != EMPTY_TEXT) &&
	       (!likeness->needs_port || row->key.has_port);
}

/* A site's own entry is never the successor of one of IANA's, nor the reverse: the key's number keeps them apart. */
static struct text_key key_for(const struct likeness *likeness, const struct paired_row *row)
{
	return (struct text_key){(const char *)&row->key + likeness->start, (uint32_t)likeness->size,
				 row->key.from_overlay};
}

/* Rows before that are alike, in their order. */
struct queue {
	uint32_t first, last;
};

struct queues {
	struct text_index keys;
	struct queue *queues; /* by number of the key */
	uint32_t *next; /* by row before */
};

static struct queue *queue_for(struct queues *queues, struct text_key key)
{
	bool added;
	const uint32_t number = text_index_add(&queues->keys, key, &added);

	if (added) {
		queues->queues = grow_by_one(queues->queues, number, sizeof *queues->queues);
		queues->queues[number] = (struct queue){NO_ROW, NO_ROW};
	}
	return &queues->queues[number];
}

static void join(struct queues *queues, struct queue *queue, uint32_t row)
{
	if (queue->first == NO_ROW)
		queue->first = row;
	else
		queues->next[queue->last] = row;
	queue->last = row;
	queues->next[row] = NO_ROW;
}

/* The first row after goes with the first like it before, the second with the second, and so on. */
static void pair_alike(struct row_pairs *pairs, const struct likeness *likeness)
{
	struct queues queues = {.next = xcheck(calloc((size_t)pairs->before.count + 1, sizeof *queues.next))};

	for (uint32_t i = 0; i < pairs->before.count; i++)
		if (may_pair(likeness, &pairs->before.rows[i]))
			join(&queues, queue_for(&queues, key_for(likeness, &pairs->before.rows[i])), i);
	for (uint32_t i = 0; i < pairs->after.count; i++) {
		struct paired_row *row = &pairs->after.rows[i];
		struct queue *queue = may_pair(likeness, row) ? queue_for(&queues, key_for(likeness, row)) : NULL;

		if (!queue || queue->first == NO_ROW)
			continue;
		row->partner = queue->first;
		pairs->before.rows[queue->first].partner = i;
		row->fate = pairs->before.rows[queue->first].fate = likeness->fate;
		queue->first = queues.next[queue->first];
	}
	text_index_free(&queues.keys);
	free(queues.queues);
	free(queues.next);
}

enum snapshot_status pair_rows(const struct snapshot *before, const struct snapshot *after, struct row_pairs *pairs,
			       bool *in_after, uint32_t *bad_row)
{
	struct row_pairs made = {0};
	enum snapshot_status status;

	number_text(&made.texts, "");
	for (unsigned i = 0; i < FIXED_PROTOCOL_COUNT; i++)
		number_text(&made.texts, fixed_protocols[i]);
	status = read_side(before, &made.texts, &made.before, bad_row);
	*in_after = status == SNAPSHOT_OK;
	if (status == SNAPSHOT_OK)
		status = read_side(after, &made.texts, &made.after, bad_row);
	if (status != SNAPSHOT_OK) {
		row_pairs_free(&made);
		return status;
	}
	for (size_t i = 0; i < sizeof likenesses / sizeof *likenesses; i++)
		pair_alike(&made, &likenesses[i]);
	mark_reordered(&made);
	*pairs = made;
	return SNAPSHOT_OK;
}

void row_pairs_free(struct row_pairs *pairs)
{
	free(pairs->before.rows);
	free(pairs->after.rows);
	text_index_free(&pairs->texts);
}

static struct text_key assignment_key(const struct paired_row *row)
{
	return (struct text_key){(const char *)&row->key, offsetof(struct row_key, texts), 0};
}

uint32_t count_vanished(const struct row_pairs *pairs)
{
	struct text_index there = {0};
	uint32_t count = 0;
	bool added;

	for (uint32_t i = 0; i < pairs->after.count; i++)
		text_index_add(&there, assignment_key(&pairs->after.rows[i]), NULL);

	const uint32_t after_count = there.count;

	for (uint32_t i = 0; i < pairs->before.count; i++) {
		const struct paired_row *row = &pairs->before.rows[i];

		if (row->key.name == EMPTY_TEXT || row->key.from_overlay)
			continue;
		count += text_index_add(&there, assignment_key(row), &added) >= after_count;
	}
	text_index_free(&there);
	return count;
}
