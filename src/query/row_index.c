/* SPDX-License-Identifier: MIT */
/* Rows by port and by name. */
#include <string.h>

#include "base/memory.h"
#include "query/row_index.h"
#include "snapshot/name.h"

/*
 * Rows are in order of their first port, but a wide range may stand long before a port it holds. Blocks that know how
 * far their rows reach pass over whatever does not, so that one wide row costs its own block alone.
 */
enum { ROWS_PER_BLOCK = 64 };
struct row_block {
	uint16_t first_port, last_port; /* the lowest and the highest of its rows */
};

static void add_to_block(struct row_block *blocks, uint32_t number, uint16_t first, uint16_t last)
{
	struct row_block *block = &blocks[number / ROWS_PER_BLOCK];

	if (number % ROWS_PER_BLOCK == 0)
		*block = (struct row_block){first, last};
	if (last > block->last_port)
		block->last_port = last;
}

enum snapshot_status index_ports(struct row_index *index, uint32_t *bad_row)
{
	const uint32_t room = snapshot_row_count(index->snapshot) / ROWS_PER_BLOCK + 1;
	struct row_block *blocks;
	uint16_t first, last, before = 0;
	uint32_t count = 0;

	if (index->blocks)
		return SNAPSHOT_OK;
	blocks = xcheck(calloc(room, sizeof *blocks));
	for (; snapshot_row_ports(index->snapshot, count, &first, &last); count++, before = first) {
		if (first < before || first > last) {
			free(blocks);
			*bad_row = count;
			return SNAPSHOT_BAD_ROW;
		}
		add_to_block(blocks, count, first, last);
	}
	index->blocks = blocks;
	index->block_count = (count + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK;
	return SNAPSHOT_OK;
}

/* The first row from `from` to the end of its block that meets the ports. */
static uint32_t row_in_block(const struct row_index *index, uint16_t first_port, uint16_t last_port, uint32_t from)
{
	const uint32_t end = (from / ROWS_PER_BLOCK + 1) * ROWS_PER_BLOCK;
	uint16_t first, last;

	for (; from < end && snapshot_row_ports(index->snapshot, from, &first, &last); from++)
		if (first <= last_port && last >= first_port)
			return from;
	return NO_ROW_LEFT;
}

uint32_t row_at_ports(const struct row_index *index, uint16_t first_port, uint16_t last_port, uint32_t from)
{
	for (uint32_t i = from / ROWS_PER_BLOCK; i < index->block_count; from = ++i * ROWS_PER_BLOCK) {
		const struct row_block *block = &index->blocks[i];

		if (block->first_port > last_port)
			break;
		if (block->last_port < first_port)
			continue;

		const uint32_t row = row_in_block(index, first_port, last_port, from);

		if (row != NO_ROW_LEFT)
			return row;
	}
	return NO_ROW_LEFT;
}

bool same_name(const char *a, const char *b)
{
	const size_t size = strlen(a);

	return size == strlen(b) && names_fold_equal(a, b, size);
}

static uint32_t *head_of(const struct row_index *index, const char *name)
{
	return &index->heads[name_hash(name, strlen(name), 0) & index->head_mask];
}

static void make_room(struct row_index *index, uint32_t row_count)
{
	uint32_t head_count = 1;

	while (head_count < row_count)
		head_count *= 2;
	index->heads = xcheck(calloc(head_count, sizeof *index->heads));
	index->nexts = xcheck(calloc((size_t)row_count + 1, sizeof *index->nexts));
	index->head_mask = head_count - 1;
}

static void free_names(struct row_index *index)
{
	free(index->heads);
	free(index->nexts);
	index->heads = index->nexts = NULL;
}

/* From the last row to the first, so that each list is in order. */
enum snapshot_status index_names(struct row_index *index, uint32_t *bad_row)
{
	const uint32_t row_count = snapshot_row_count(index->snapshot);
	const char *name, *name_before = "";
	uint32_t *head = NULL;

	if (index->heads || !index->is_walked) {
		index->is_walked = true;
		return SNAPSHOT_OK;
	}
	make_room(index, row_count);
	for (uint32_t i = row_count; i-- > 0; name_before = name) {
		name = snapshot_row_name(index->snapshot, i);
		if (!name) {
			free_names(index);
			*bad_row = i;
			return SNAPSHOT_BAD_ROW;
		}
		if (!*name)
			continue;
		if (name != name_before) /* a text is in the file once: tcp's row and udp's share it */
			head = head_of(index, name);
		index->nexts[i] = *head;
		*head = i + 1;
	}
	return SNAPSHOT_OK;
}

/* The first with that name in the rest of a list. */
static uint32_t named_in_list(const struct row_index *index, const char *name, uint32_t link)
{
	for (; link; link = index->nexts[link - 1])
		if (same_name(snapshot_row_name(index->snapshot, link - 1), name))
			return link - 1;
	return NO_ROW_LEFT;
}

uint32_t first_row_named(const struct row_index *index, const char *name)
{
	return index->heads ? named_in_list(index, name, *head_of(index, name))
			    : snapshot_row_named(index->snapshot, name, 0);
}

uint32_t next_row_named(const struct row_index *index, const char *name, uint32_t after)
{
	return index->heads ? named_in_list(index, name, index->nexts[after])
			    : snapshot_row_named(index->snapshot, name, after + 1);
}

void row_index_free(struct row_index *index)
{
	free(index->blocks);
	free_names(index);
	*index = (struct row_index){.snapshot = index->snapshot};
}
