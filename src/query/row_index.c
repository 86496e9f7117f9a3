/* SPDX-License-Identifier: MIT */
/* Rows by port and by name. */
#include <stdlib.h>
#include <string.h>

#include "query/row_index.h"
#include "snapshot/name.h"

/*
 * Rows are in order of their first port, but a wide range may stand long before a port it holds. Blocks that know how
 * far their rows reach skip whatever does not, so that one wide row costs its own block alone.
 */
enum { ROWS_PER_BLOCK = 64 };
struct row_block {
	uint16_t first_port, last_port; /* the lowest and the highest of its rows */
};
struct port_blocks {
	uint32_t count;
	struct row_block blocks[];
};

/* Numbers of the rows with a name, by hash of the name and then in order. */
struct name_table {
	uint32_t hash_mask;
	uint32_t *starts; /* by hash: its first row in `rows`; one more at the end */
	uint32_t *rows;
	uint32_t words[]; /* of both */
};

/* Making the table takes as long as about 20 walks: 380 us beside 18 for the 14,500 rows of the registry. */
enum { WALKS_FOR_A_TABLE = 20 };

static void add_to_block(struct row_block *blocks, uint32_t number, uint16_t first, uint16_t last)
{
	struct row_block *block = &blocks[number / ROWS_PER_BLOCK];

	if (number % ROWS_PER_BLOCK == 0)
		*block = (struct row_block){first, last};
	if (last > block->last_port)
		block->last_port = last;
}

/* NULL where there is no memory. */
static struct port_blocks *make_blocks(const struct snapshot *snapshot, uint32_t row_count)
{
	const uint32_t count = (row_count + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK;
	struct port_blocks *ports = malloc(sizeof *ports + count * sizeof *ports->blocks);
	uint16_t first, last;

	if (!ports)
		return NULL;
	ports->count = count;
	for (uint32_t i = 0; i < row_count && snapshot_row_ports(snapshot, i, &first, &last); i++)
		add_to_block(ports->blocks, i, first, last);
	return ports;
}

enum snapshot_status index_ports(struct row_index *index, uint32_t *bad_row)
{
	uint16_t first, last, before = 0;
	uint32_t count = 0;

	if (atomic_load_explicit(&index->ports, memory_order_acquire))
		return SNAPSHOT_OK;
	for (; snapshot_row_ports(index->snapshot, count, &first, &last); count++, before = first)
		if (first < before || first > last) {
			*bad_row = count;
			return SNAPSHOT_BAD_ROW;
		}

	struct port_blocks *made = make_blocks(index->snapshot, count), *none = NULL;

	if (!atomic_compare_exchange_strong(&index->ports, &none, made)) /* another thread was first */
		free(made);
	return SNAPSHOT_OK;
}

/* The first row from `from` to `end` that meets the ports. */
static uint32_t row_among(const struct row_index *index, uint16_t first_port, uint16_t last_port, uint32_t from,
			  uint32_t end)
{
	uint16_t first, last;

	for (; from < end && snapshot_row_ports(index->snapshot, from, &first, &last) && first <= last_port; from++)
		if (last >= first_port)
			return from;
	return NO_ROW_LEFT;
}

uint32_t row_at_ports(const struct row_index *index, uint16_t first_port, uint16_t last_port, uint32_t from)
{
	const struct port_blocks *ports = atomic_load_explicit(&index->ports, memory_order_acquire);

	if (!ports)
		return row_among(index, first_port, last_port, from, NO_ROW_LEFT);
	for (uint32_t i = from / ROWS_PER_BLOCK; i < ports->count; from = ++i * ROWS_PER_BLOCK) {
		const struct row_block *block = &ports->blocks[i];

		if (block->first_port > last_port)
			break;
		if (block->last_port < first_port)
			continue;

		const uint32_t row = row_among(index, first_port, last_port, from, (i + 1) * ROWS_PER_BLOCK);

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

static uint32_t bucket_of(const struct name_table *table, const char *name)
{
	return name_hash(name, strlen(name), 0) & table->hash_mask;
}

static struct name_table *allocate_table(uint32_t row_count)
{
	uint32_t bucket_count = 1;

	while (bucket_count < row_count)
		bucket_count *= 2;

	struct name_table *table = calloc(1, sizeof *table + sizeof(uint32_t) * ((size_t)bucket_count + 2 + row_count));

	if (table) {
		table->hash_mask = bucket_count - 1;
		table->starts = table->words;
		table->rows = table->words + bucket_count + 2;
	}
	return table;
}

/* A counting sort: starts[b + 2] counts bucket b; then starts[b + 1] is where b begins, and moves to where it ends. */
static void fill_table(const struct snapshot *snapshot, uint32_t row_count, struct name_table *table)
{
	const uint32_t bucket_count = table->hash_mask + 1;
	const char *name, *name_before = "";
	uint32_t bucket = 0;

	for (uint32_t i = 0; i < row_count; i++)
		if (*(name = snapshot_row_name(snapshot, i)))
			table->starts[bucket_of(table, name) + 2]++;
	for (uint32_t b = 2; b < bucket_count + 2; b++)
		table->starts[b] += table->starts[b - 1];
	for (uint32_t i = 0; i < row_count; i++, name_before = name) {
		name = snapshot_row_name(snapshot, i);
		if (name != name_before) /* a text is in the file once: tcp's row and udp's share it */
			bucket = bucket_of(table, name);
		if (*name)
			table->rows[table->starts[bucket + 1]++] = i;
	}
}

/* From the time on when walks have cost as much, so that a single name does not pay for a table. */
enum snapshot_status index_names(struct row_index *index, uint32_t *bad_row)
{
	const uint32_t row_count = snapshot_row_count(index->snapshot);

	if (atomic_load_explicit(&index->names, memory_order_acquire) ||
	    atomic_load_explicit(&index->walked_rows, memory_order_relaxed) / WALKS_FOR_A_TABLE < row_count)
		return SNAPSHOT_OK;
	for (uint32_t i = 0; i < row_count; i++)
		if (!snapshot_row_name(index->snapshot, i)) {
			*bad_row = i;
			return SNAPSHOT_BAD_ROW;
		}

	struct name_table *made = allocate_table(row_count), *none = NULL;

	if (made)
		fill_table(index->snapshot, row_count, made);
	if (!atomic_compare_exchange_strong(&index->names, &none, made))
		free(made);
	return SNAPSHOT_OK;
}

static uint32_t row_in_table(const struct row_index *index, const struct name_table *table, const char *name,
			     uint32_t from)
{
	const uint32_t bucket = bucket_of(table, name), end = table->starts[bucket + 1];
	uint32_t low = table->starts[bucket], high = end;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (table->rows[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < end; low++)
		if (same_name(snapshot_row_name(index->snapshot, table->rows[low]), name))
			return table->rows[low];
	return NO_ROW_LEFT;
}

uint32_t row_named(struct row_index *index, const char *name, uint32_t from)
{
	const struct name_table *table = atomic_load_explicit(&index->names, memory_order_acquire);

	if (table)
		return row_in_table(index, table, name, from);

	const uint32_t row_count = snapshot_row_count(index->snapshot);
	const uint32_t row = snapshot_row_named(index->snapshot, name, from);
	const uint32_t end = row == NO_ROW_LEFT ? row_count : row + 1;

	if (end > from)
		atomic_fetch_add_explicit(&index->walked_rows, end - from, memory_order_relaxed);
	return row;
}

void row_index_free(struct row_index *index)
{
	free(atomic_exchange(&index->ports, NULL));
	free(atomic_exchange(&index->names, NULL));
	atomic_store(&index->walked_rows, 0);
}
