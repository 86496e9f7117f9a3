/* SPDX-License-Identifier: MIT */
/* Rows that say the same of several protocols. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "query/row_group.h"

static bool same_ports(const struct snapshot_row *a, const struct snapshot_row *b)
{
	return a->has_port == b->has_port && a->first_port == b->first_port && a->last_port == b->last_port;
}

static bool same_aliases(const struct row_info *a, const struct row_info *b)
{
	const char *in_a = a->aliases, *in_b = b->aliases;

	if (a->alias_count != b->alias_count)
		return false;
	for (uint32_t i = 0; i < a->alias_count; i++, in_a = next_name(in_a), in_b = next_name(in_b))
		if (strcmp(in_a, in_b) != 0)
			return false;
	return true;
}

/* Whether two rows differ in nothing that matters but their protocol. */
static bool says_the_same(const struct row_info *a, const struct row_info *b, unsigned texts)
{
	if (!same_ports(&a->row, &b->row) || a->status != b->status || a->row.from_overlay != b->row.from_overlay ||
	    !*a->row.protocol != !*b->row.protocol || strcmp(a->row.name, b->row.name) != 0)
		return false;
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		if ((!texts || texts >> i & 1) && strcmp(a->row.text[i], b->row.text[i]) != 0)
			return false;
	return texts || same_aliases(a, b);
}

static void add_protocol(struct row_group *group, const char *protocol)
{
	for (unsigned i = 0; i < group->protocol_count; i++)
		if (strcmp(group->protocols[i], protocol) == 0)
			return;
	if (*protocol)
		group->protocols[group->protocol_count++] = protocol;
}

/* Rows of a port come one after the other: those of another port end the search. */
static struct row_group *find_group(const struct row_groups *groups, const struct row_info *row_info)
{
	for (uint32_t i = groups->count; i-- > 0;) {
		struct row_group *group = &groups->list[i];

		if (!same_ports(&group->row_info.row, &row_info->row))
			break;
		if (says_the_same(&group->row_info, row_info, groups->texts))
			return group;
	}
	return NULL;
}

/* The group for a row, which does not have its protocol yet. */
static struct row_group *group_for(struct row_groups *groups, const struct row_info *row_info)
{
	struct row_group *group = find_group(groups, row_info);

	if (group)
		return group;
	groups->list = grow_by_one(groups->list, groups->count, sizeof *groups->list);
	groups->list[groups->count] = (struct row_group){.row_info = *row_info};
	return &groups->list[groups->count++];
}

void row_groups_add(struct row_groups *groups, const struct row_info *row_info)
{
	add_protocol(group_for(groups, row_info), row_info->row.protocol);
}

void row_groups_merge(struct row_groups *groups, const struct row_group *group)
{
	struct row_group *into = group_for(groups, &group->row_info);

	for (unsigned i = 0; i < group->protocol_count; i++)
		add_protocol(into, group->protocols[i]);
}

void row_groups_free(struct row_groups *groups)
{
	free(groups->list);
	*groups = (struct row_groups){0};
}

void format_protocols(const struct row_group *group, char protocols[PROTOCOLS_SIZE])
{
	char *end = protocols;

	*end = '\0';
	for (unsigned i = 0; i < group->protocol_count; i++)
		end += snprintf(end, (size_t)(protocols + PROTOCOLS_SIZE - end), "%s%s", i ? ", " : "",
				group->protocols[i]);
}
