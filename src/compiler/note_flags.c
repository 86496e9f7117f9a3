/* SPDX-License-Identifier: MIT */
/* Remarks that the rules read. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "compiler/note_flags.h"

static const char alias_mark[] = "this entry is an alias to \"";
static const char duplicate_mark[] = "duplicate of";
static const char widespread_mark[] = "unassigned but widespread use";
static const char conflict_mark[] = "note conflict";

/* Append with every run of white space as one blank, and the same in small letters to `low`. */
static size_t collapse_into(char *collapsed, char *low, size_t used, const char *text)
{
	for (; *text; text++) {
		char c = is_white_space(*text) ? ' ' : *text;

		if (c == ' ' && (!used || collapsed[used - 1] == ' '))
			continue;
		collapsed[used] = c;
		low[used++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	collapsed[used] = low[used] = '\0';
	return used;
}

/* Copy what stands from `start` up to a quotation mark, if that can be a name. */
static void copy_quoted(const char *start, char target[NAME_MAX_BYTES + 1])
{
	const char *end = strchr(start, '"');

	if (!end || end - start > NAME_MAX_BYTES)
		return;
	memcpy(target, start, (size_t)(end - start));
	target[end - start] = '\0';
}

static void find_flags(const char *collapsed, const char *low, struct note_flags *flags)
{
	const char *found = strstr(low, alias_mark);

	if (found) {
		flags->legacy_alias = true;
		copy_quoted(collapsed + (found - low) + strlen(alias_mark), flags->alias_target);
	}
	found = strstr(low, duplicate_mark);
	if (found) {
		const char *rest = found + strlen(duplicate_mark);

		flags->duplicate = true;
		rest += strncmp(rest, " the", 4) == 0 ? 4 : 0;
		if (rest[0] == ' ' && rest[1] == '"')
			copy_quoted(collapsed + (rest - low) + 2, flags->duplicate_target);
	}
	flags->widespread_use = strstr(low, widespread_mark);
	flags->conflict = strstr(low, conflict_mark);
}

void note_flags_read(const char *description, const char *notes, struct note_flags *flags)
{
	const size_t room = strlen(description) + strlen(notes) + 2;

	*flags = (struct note_flags){0};
	if (room == 2)
		return;

	char *collapsed = xcheck(malloc(2 * room));
	size_t used = collapse_into(collapsed, collapsed + room, 0, description);

	used = collapse_into(collapsed, collapsed + room, used, " ");
	collapse_into(collapsed, collapsed + room, used, notes);
	find_flags(collapsed, collapsed + room, flags);
	free(collapsed);
}

/* Add a remark: `before`, the target it speaks of, `after`. */
static void append_flag(char notes[NOTE_FLAGS_TEXT_SIZE], const char *before, const char *target, const char *after)
{
	const size_t used = strlen(notes);

	snprintf(notes + used, NOTE_FLAGS_TEXT_SIZE - used, "%s%s%s%s", used ? " " : "", before, target, after);
}

void note_flags_write(const struct note_flags *flags, char notes[NOTE_FLAGS_TEXT_SIZE])
{
	notes[0] = '\0';
	if (flags->legacy_alias)
		append_flag(notes, "This entry is an alias to \"", flags->alias_target, "\".");
	if (flags->duplicate && flags->duplicate_target[0])
		append_flag(notes, "duplicate of \"", flags->duplicate_target, "\"");
	else if (flags->duplicate)
		append_flag(notes, duplicate_mark, " another", "");
	if (flags->widespread_use)
		append_flag(notes, widespread_mark, "", "");
	if (flags->conflict)
		append_flag(notes, "NOTE Conflict", "", "");
}
