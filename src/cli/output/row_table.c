/* SPDX-License-Identifier: MIT */
/* Many facts at a glance. */
#include <string.h>
#include <strings.h>

#include "cli/output/row_table.h"
#include "cli/output/row_text.h"
#include "cli/output/table.h"

enum fact_column {
	COLUMN_PORT,
	COLUMN_PROTOCOL,
	COLUMN_NAME,
	COLUMN_DESCRIPTION,
	COLUMN_UNAUTHORISED,
	COLUMN_ASSIGNEE,
	COLUMN_REGISTERED,
	COLUMN_REFERENCE,
	COLUMN_COUNT,
};

static const struct table_column columns[COLUMN_COUNT] = {
	[COLUMN_PORT] = {.title = "Port", .min = PORTS_TEXT_SIZE - 1},
	[COLUMN_PROTOCOL] = {.title = "Protocol", .min = 8},
	[COLUMN_NAME] = {.title = "Service", .min = 15, .max = 24}, /* RFC 6335 allows 15; overlays are free */
	[COLUMN_DESCRIPTION] = {.title = "Description", .min = 16},
	[COLUMN_UNAUTHORISED] = {.title = "Unauthorised use", .min = 16},
	[COLUMN_ASSIGNEE] = {.title = "Assignee", .min = 16},
	[COLUMN_REGISTERED] = {.title = "Registered", .min = 10},
	[COLUMN_REFERENCE] = {.title = "Reference", .min = 12},
};

/* From which width on there is room for each column without robbing those before it. */
static const unsigned widths[COLUMN_COUNT] = {
	[COLUMN_PORT] = 60, [COLUMN_ASSIGNEE] = 110, [COLUMN_REGISTERED] = 130, [COLUMN_REFERENCE] = 150};

static unsigned columns_at(unsigned width)
{
	unsigned count = 0;

	while (count < COLUMN_COUNT && width >= widths[count])
		count++;
	return count;
}

static void put(struct table *table, enum fact_column column, unsigned column_count, const char *text, enum style style)
{
	if (column < column_count)
		table_put(table, column, text, style);
}

/* What has no name has its status in that place. */
static void put_name(struct table *table, const struct row_info *row_info)
{
	if (*row_info->row.name)
		table_put(table, COLUMN_NAME, row_info->row.name, STYLE_NAME);
	else
		table_put(table, COLUMN_NAME, row_status_text(row_info->status), row_status_style(row_info->status));
}

static void put_group(struct table *table, unsigned column_count, const struct row_group *group)
{
	const struct row_info *row_info = &group->row_info;
	const char *const *texts = row_info->row.text;
	char ports[PORTS_TEXT_SIZE], protocols[PROTOCOLS_SIZE];

	row_ports_text(&row_info->row, ports);
	format_protocols(group, protocols);
	table_add_row(table);
	table_put(table, COLUMN_PORT, *ports ? ports : "none", STYLE_PLAIN);
	table_put(table, COLUMN_PROTOCOL, protocols, STYLE_PLAIN);
	put_name(table, row_info);
	if (strcasecmp(texts[TEXT_DESCRIPTION], row_status_text(row_info->status)) != 0)
		table_put(table, COLUMN_DESCRIPTION, texts[TEXT_DESCRIPTION], STYLE_PLAIN);
	table_put(table, COLUMN_UNAUTHORISED, texts[TEXT_UNAUTHORIZED_USE], STYLE_WARNING);
	put(table, COLUMN_ASSIGNEE, column_count, texts[TEXT_ASSIGNEE], STYLE_PLAIN);
	put(table, COLUMN_REGISTERED, column_count, texts[TEXT_REGISTRATION_DATE], STYLE_PLAIN);
	put(table, COLUMN_REFERENCE, column_count, texts[TEXT_REFERENCE], STYLE_PLAIN);
}

/* Rows that would look the same but for their protocol are one. */
static struct row_groups groups_to_show(const struct row_groups *groups, unsigned column_count)
{
	static const unsigned bits[COLUMN_COUNT] = {
		[COLUMN_DESCRIPTION] = 1u << TEXT_DESCRIPTION, [COLUMN_UNAUTHORISED] = 1u << TEXT_UNAUTHORIZED_USE,
		[COLUMN_ASSIGNEE] = 1u << TEXT_ASSIGNEE,       [COLUMN_REGISTERED] = 1u << TEXT_REGISTRATION_DATE,
		[COLUMN_REFERENCE] = 1u << TEXT_REFERENCE,
	};
	struct row_groups shown = {0};

	for (unsigned i = 0; i < column_count; i++)
		shown.texts |= bits[i];
	for (uint32_t i = 0; i < groups->count; i++)
		row_groups_merge(&shown, &groups->list[i]);
	return shown;
}

bool print_row_table(const struct row_groups *groups, unsigned width, FILE *stream)
{
	const unsigned column_count = columns_at(width);

	if (!column_count)
		return false;

	struct row_groups shown = groups_to_show(groups, column_count);
	struct table *table = table_new(columns, column_count);

	for (uint32_t i = 0; i < shown.count; i++)
		put_group(table, column_count, &shown.list[i]);
	table_print(table, width, stream);
	table_free(table);
	row_groups_free(&shown);
	return true;
}
