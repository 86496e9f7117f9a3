/* SPDX-License-Identifier: MIT */
/* Rows and what follows from them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "query/row_info.h"
#include "snapshot/protocols.h"

const char *next_name(const char *name)
{
	return name + strlen(name) + 1;
}

static bool starts_with_any(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strncasecmp(text, *words, strlen(*words)) == 0)
			return true;
	return false;
}

/* Rows without a name say in their description what they are, in as many spellings as there were decades. */
static enum row_status status_without_name(const struct snapshot_row *row)
{
	static const char *const unassigned[] = {"unassigned", NULL};
	static const char *const reserved[] = {"reserved", NULL};
	static const char *const gone[] = {"de-registered", "removed", "deprecated", "decom", "de-com", NULL};
	const char *text = row->text[TEXT_DESCRIPTION];

	text += *text == '(';
	if (starts_with_any(text, unassigned))
		return ROW_STATUS_UNASSIGNED;
	if (starts_with_any(text, reserved))
		return ROW_STATUS_RESERVED;
	if (starts_with_any(text, gone))
		return ROW_STATUS_DE_REGISTERED;
	return *row->text[TEXT_ASSIGNEE] ? ROW_STATUS_WITHOUT_NAME : ROW_STATUS_RESERVED;
}

static enum row_status status_of_row(const struct snapshot_row *row)
{
	if (!*row->name)
		return status_without_name(row);
	return row->has_port ? ROW_STATUS_ASSIGNED : ROW_STATUS_WITHOUT_PORT;
}

/* The entry with this row's name in front: the one at its port or, where an overlay answers there, the one by name. */
static bool find_entry(const struct snapshot *snapshot, const struct snapshot_row *row, const char *protocol,
		       struct snapshot_entry *entry)
{
	if (snapshot_find_port(snapshot, row->first_port, protocol, entry) == SNAPSHOT_OK &&
	    strcmp(entry->names, row->name) == 0)
		return true;
	return snapshot_find_name(snapshot, row->name, protocol, entry) == SNAPSHOT_OK &&
	       entry->port >= row->first_port && entry->port <= row->last_port && strcmp(entry->names, row->name) == 0;
}

static void find_aliases(const struct snapshot *snapshot, struct row_info *row_info)
{
	const struct snapshot_row *row = &row_info->row;
	struct snapshot_entry entry = {0};
	bool found = false;

	if (*row->protocol)
		found = find_entry(snapshot, row, row->protocol, &entry);
	for (unsigned i = 0; !*row->protocol && !found && *snapshot_protocol_name(snapshot, i); i++)
		found = find_entry(snapshot, row, snapshot_protocol_name(snapshot, i), &entry);
	if (found) {
		row_info->aliases = next_name(entry.names);
		row_info->alias_count = entry.alias_count;
	}
}

struct row_info row_info_of(const struct snapshot *snapshot, const struct snapshot_row *row)
{
	struct row_info row_info = {.row = *row, .status = status_of_row(row), .aliases = ""};

	if (row_info.status == ROW_STATUS_ASSIGNED)
		find_aliases(snapshot, &row_info);
	return row_info;
}

struct row_info row_info_of_dynamic_ports(void)
{
	struct row_info row_info = {
		.row = {.first_port = DYNAMIC_FIRST, .last_port = PORT_MAX, .has_port = true},
		.status = ROW_STATUS_DYNAMIC,
		.aliases = "",
	};

	row_info.row.name = row_info.row.protocol = "";
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		row_info.row.text[i] = "";
	row_info.row.text[TEXT_REFERENCE] = "[RFC6335]";
	return row_info;
}

const char *row_status_text(enum row_status status)
{
	static const char *const texts[ROW_STATUS_STATUS_COUNT] = {
		[ROW_STATUS_ASSIGNED] = "Assigned",
		[ROW_STATUS_WITHOUT_PORT] = "Registered without a port",
		[ROW_STATUS_WITHOUT_NAME] = "Assigned without a name",
		[ROW_STATUS_RESERVED] = "Reserved",
		[ROW_STATUS_UNASSIGNED] = "Unassigned",
		[ROW_STATUS_DE_REGISTERED] = "De-registered",
		[ROW_STATUS_DYNAMIC] = "Dynamic and/or Private",
	};

	return texts[status];
}

const char *row_text_name(enum row_text which)
{
	static const char *const names[TEXT_COUNT] = {
		[TEXT_DESCRIPTION] = "description",
		[TEXT_ASSIGNEE] = "assignee",
		[TEXT_CONTACT] = "contact",
		[TEXT_REGISTRATION_DATE] = "registration_date",
		[TEXT_MODIFICATION_DATE] = "modification_date",
		[TEXT_REFERENCE] = "reference",
		[TEXT_SERVICE_CODE] = "service_code",
		[TEXT_UNAUTHORIZED_USE] = "unauthorized_use",
		[TEXT_NOTES] = "notes",
	};

	return names[which];
}

bool row_has_protocol(const struct snapshot_row *row, const char *protocol)
{
	if (*row->protocol)
		return strcmp(row->protocol, protocol) == 0;
	if (!*row->name || !row->has_port)
		return true;
	for (uint32_t left = row_protocols(PROTOCOL_NONE); left; left &= left - 1)
		if (strcmp(fixed_protocols[__builtin_ctz(left)], protocol) == 0)
			return true;
	return false;
}

const char *ports_text(unsigned first, unsigned last, char text[PORTS_TEXT_SIZE])
{
	if (first == last)
		snprintf(text, PORTS_TEXT_SIZE, "%u", first);
	else
		snprintf(text, PORTS_TEXT_SIZE, "%u-%u", first, last);
	return text;
}

const char *row_ports_text(const struct snapshot_row *row, char text[PORTS_TEXT_SIZE])
{
	text[0] = '\0';
	return row->has_port ? ports_text(row->first_port, row->last_port, text) : text;
}
