/* SPDX-License-Identifier: MIT */
/* The model's store: sources, protocols, rows. */
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "compiler/registry_parts.h"
#include "snapshot/protocols.h"

static void *chunk_alloc(size_t size)
{
	return xcheck(malloc(size));
}

#define obstack_chunk_alloc chunk_alloc
#define obstack_chunk_free free

struct registry *registry_new(void)
{
	struct registry *registry = xcheck(calloc(1, sizeof *registry));

	obstack_init(&registry->memory);
	memcpy(registry->protocols, fixed_protocols, sizeof fixed_protocols);
	return registry;
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	obstack_free(&registry->memory, NULL);
	free(registry->rows);
	free(registry->entries);
	free(registry);
}

/* A copy that lives as long as the registry. */
static void *keep(struct registry *registry, const void *bytes, size_t size)
{
	return memcpy(obstack_alloc(&registry->memory, (int)size), bytes, size);
}

static const char *copy_text(struct registry *registry, const char *text)
{
	return *text ? keep(registry, text, strlen(text) + 1) : "";
}

void registry_begin_source(struct registry *registry, enum source_kind kind, const char *file)
{
	if (registry->source_count == SOURCE_COUNT_MAX) {
		fputs("ianareg: too many overlays\n", stderr);
		exit(1);
	}
	registry->sources[registry->source_count++] = (struct source){.kind = kind, .file = copy_text(registry, file)};
}

const char *registry_source_file(const struct registry *registry)
{
	return registry->source_count ? registry->sources[registry->source_count - 1].file : "";
}

int registry_protocol(struct registry *registry, const char *protocol, bool add)
{
	unsigned i = 0;

	if (!*protocol)
		return -1;
	for (; i < PROTOCOL_MAX && registry->protocols[i][0]; i++)
		if (strcmp(registry->protocols[i], protocol) == 0)
			return (int)i;
	if (!add || i == PROTOCOL_MAX || strlen(protocol) >= PROTOCOL_SIZE ||
	    registry_name_fault(protocol, strlen(protocol)))
		return -1;
	strcpy(registry->protocols[i], protocol);
	return (int)i;
}

const char *registry_protocol_name(const struct registry *registry, unsigned index)
{
	return index < PROTOCOL_MAX ? registry->protocols[index] : "";
}

const char *registry_name_fault(const char *name, size_t size)
{
	if (!size)
		return "is empty";
	if (size > NAME_MAX_BYTES)
		return "is longer than 255 bytes";
	for (size_t i = 0, step; i < size; i += step) {
		step = printable_size(name + i, size - i);
		if (name[i] == ' ' || (!step && utf8_sequence_size(name + i, size - i)))
			return "holds a blank or a control character";
		if (!step)
			return "is not UTF-8";
	}
	return NULL;
}

static const char *const *copy_aliases(struct registry *registry, const struct registry_row *row)
{
	if (!row->alias_count)
		return NULL;

	const char **aliases = xcheck(calloc(row->alias_count, sizeof *aliases));

	for (uint32_t i = 0; i < row->alias_count; i++)
		aliases[i] = copy_text(registry, row->aliases[i]);

	const char **copy = keep(registry, aliases, row->alias_count * sizeof *aliases);

	free(aliases);
	return copy;
}

bool registry_add(struct registry *registry, const struct registry_row *row)
{
	if (registry->row_count == ROW_COUNT_MAX)
		return false;

	struct registry_row *copy = keep(registry, row, sizeof *row);

	copy->name = copy_text(registry, row->name);
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		copy->text[i] = copy_text(registry, row->text[i]);
	copy->aliases = copy_aliases(registry, row);
	copy->source = (uint8_t)(registry->source_count - 1);
	registry->rows = grow_by_one(registry->rows, registry->row_count, sizeof *registry->rows);
	registry->rows[registry->row_count++] = copy;
	return true;
}

/* Canonical order of a row; rows of the same order stay as they were read. */
static uint32_t row_order(const struct registry_row *row)
{
	return row->has_port ? (uint32_t)row->first_port << 8 | (uint8_t)(row->protocol + 1) : UINT32_MAX;
}

struct placed_row {
	uint64_t place;
	struct registry_row *row;
};

static int compare_places(const void *a, const void *b)
{
	const struct placed_row *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

/* Put rows into canonical order, those that were dropped left out; how many are left. */
static uint32_t sort_rows(struct registry_row **rows, uint32_t row_count)
{
	struct placed_row *placed = xcheck(calloc(row_count + 1, sizeof *placed));
	uint32_t count = 0;

	for (uint32_t i = 0; i < row_count; i++)
		if (rows[i])
			placed[count++] = (struct placed_row){(uint64_t)row_order(rows[i]) << 32 | i, rows[i]};
	qsort(placed, count, sizeof *placed, compare_places);
	for (uint32_t i = 0; i < count; i++)
		rows[i] = placed[i].row;
	free(placed);
	return count;
}

/*
 * The order in which the rules see rows is the canonical one, in which an export writes them, so that compiling the
 * export gives the same answers. The lines of services(5) stay as they are: there, order is meaning.
 */
static void sort_tables(struct registry *registry)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i <= registry->row_count; i++) {
		const struct registry_row *row = registry->rows[first];
		const enum source_kind kind = registry->sources[row->source].kind;

		if (i < registry->row_count && registry->rows[i]->source == row->source)
			continue;
		if (kind == SOURCE_REGISTRY || kind == SOURCE_OVERLAY_ROWS)
			sort_rows(registry->rows + first, i - first);
		first = i;
	}
}

enum outcome registry_finish(struct registry *registry, const struct registry_options *options,
			     struct diagnostics *diagnostics)
{
	sort_tables(registry);

	enum outcome status = registry_settle(registry, options, diagnostics);

	if (status == OUTCOME_OK)
		registry->row_count = sort_rows(registry->rows, registry->row_count);
	return status;
}

const struct registry_entry *registry_entries(const struct registry *registry, uint32_t *count)
{
	*count = registry->entry_count;
	return registry->entries;
}

const struct registry_row *const *registry_rows(const struct registry *registry, uint32_t *count)
{
	*count = registry->row_count;
	return (const struct registry_row *const *)registry->rows;
}

bool registry_row_is_overlay(const struct registry *registry, const struct registry_row *row)
{
	return registry->sources[row->source].kind != SOURCE_REGISTRY;
}
