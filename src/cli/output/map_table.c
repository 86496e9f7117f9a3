/* SPDX-License-Identifier: MIT */
/* What is drawn of ports, and how many there are of each. */
#include "cli/output/map_table.h"

/* Which lines there are, from what is taken to what is not. */
static const struct map_line lines[MARK_COUNT] = {
	{.mark = PORT_ASSIGNED},   {.mark = PORT_RESERVED}, {.mark = PORT_DE_REGISTERED},
	{.mark = PORT_UNASSIGNED}, {.mark = PORT_DYNAMIC},  {.mark = MARK_REPORTED},
};

static void add_column(struct map_table *table, const char *head, const struct port_space *space, unsigned protocols)
{
	const struct port_view view = {space->ports, protocols, protocols};
	const struct port_counts counts = count_ports(&view, space->first, space->last);

	for (unsigned i = 0; i < MARK_COUNT; i++) {
		const unsigned mark = table->lines[i].mark;

		table->lines[i].counts[table->columns] = mark == MARK_REPORTED ? counts.reported : counts.classes[mark];
	}
	table->heads[table->columns++] = head;
}

struct map_table map_table_of(const struct port_space *space)
{
	struct map_table table = {.columns = 0};

	for (unsigned i = 0; i < MARK_COUNT; i++) {
		table.lines[i] = lines[i];
		table.lines[i].label =
			lines[i].mark == MARK_REPORTED ? "Unauthorised use reported" : port_class_text(lines[i].mark);
	}
	for (unsigned i = 0; i < PORT_PROTOCOLS; i++)
		if (space->protocols >> i & 1)
			add_column(&table, port_protocol_name(i), space, 1u << i);
	if (table.columns > 1)
		add_column(&table, "any", space, space->protocols);
	return table;
}

struct port_view map_view_of(const struct port_space *space)
{
	return (struct port_view){space->ports, space->protocols, space->protocols};
}
