/* SPDX-License-Identifier: MIT */
/* Rows that say the same of several protocols. */
#include <string.h>

#include "cli/fact_group.h"
#include "compiler/memory.h"

static bool same_ports(const struct snapshot_row *a, const struct snapshot_row *b)
{
	return a->has_port == b->has_port && a->first_port == b->first_port && a->last_port == b->last_port;
}

static bool same_aliases(const struct fact *a, const struct fact *b)
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
static bool says_the_same(const struct fact *a, const struct fact *b, unsigned texts)
{
	if (!same_ports(&a->row, &b->row) || a->status != b->status || a->row.from_overlay != b->row.from_overlay ||
	    !*a->row.protocol != !*b->row.protocol || strcmp(a->row.name, b->row.name) != 0)
		return false;
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		if ((!texts || texts >> i & 1) && strcmp(a->row.text[i], b->row.text[i]) != 0)
			return false;
	return texts || same_aliases(a, b);
}

static void add_protocol(struct fact_group *group, const char *protocol)
{
	for (unsigned i = 0; i < group->protocol_count; i++)
		if (strcmp(group->protocols[i], protocol) == 0)
			return;
	if (*protocol)
		group->protocols[group->protocol_count++] = protocol;
}

/* Rows of a port come one after the other: those of another port end the search. */
static struct fact_group *find_group(const struct fact_groups *groups, const struct fact *fact)
{
	for (uint32_t i = groups->count; i-- > 0;) {
		struct fact_group *group = &groups->list[i];

		if (!same_ports(&group->fact.row, &fact->row))
			break;
		if (says_the_same(&group->fact, fact, groups->texts))
			return group;
	}
	return NULL;
}

/* The group for a row, which does not have its protocol yet. */
static struct fact_group *group_for(struct fact_groups *groups, const struct fact *fact)
{
	struct fact_group *group = find_group(groups, fact);

	if (group)
		return group;
	groups->list = room_for_one(groups->list, groups->count, sizeof *groups->list);
	groups->list[groups->count] = (struct fact_group){.fact = *fact};
	return &groups->list[groups->count++];
}

void group_fact(struct fact_groups *groups, const struct fact *fact)
{
	add_protocol(group_for(groups, fact), fact->row.protocol);
}

void merge_group(struct fact_groups *groups, const struct fact_group *group)
{
	struct fact_group *into = group_for(groups, &group->fact);

	for (unsigned i = 0; i < group->protocol_count; i++)
		add_protocol(into, group->protocols[i]);
}

void free_fact_groups(struct fact_groups *groups)
{
	free(groups->list);
	*groups = (struct fact_groups){0};
}

void format_protocols(const struct fact_group *group, char protocols[PROTOCOLS_SIZE])
{
	char *end = protocols;

	*end = '\0';
	for (unsigned i = 0; i < group->protocol_count; i++)
		end += snprintf(end, (size_t)(protocols + PROTOCOLS_SIZE - end), "%s%s", i ? ", " : "",
				group->protocols[i]);
}
