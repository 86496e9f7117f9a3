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
static size_t fold_into(char *folded, char *low, size_t used, const char *text)
{
	for (; *text; text++) {
		char c = is_white_space(*text) ? ' ' : *text;

		if (c == ' ' && (!used || folded[used - 1] == ' '))
			continue;
		folded[used] = c;
		low[used++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	folded[used] = low[used] = '\0';
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

static void find_marks(const char *folded, const char *low, struct note_flags *marks)
{
	const char *found = strstr(low, alias_mark);

	if (found) {
		marks->legacy_alias = true;
		copy_quoted(folded + (found - low) + strlen(alias_mark), marks->alias_target);
	}
	found = strstr(low, duplicate_mark);
	if (found) {
		const char *rest = found + strlen(duplicate_mark);

		marks->duplicate = true;
		rest += strncmp(rest, " the", 4) == 0 ? 4 : 0;
		if (rest[0] == ' ' && rest[1] == '"')
			copy_quoted(folded + (rest - low) + 2, marks->duplicate_target);
	}
	marks->widespread_use = strstr(low, widespread_mark);
	marks->conflict = strstr(low, conflict_mark);
}

void note_flags_read(const char *description, const char *notes, struct note_flags *marks)
{
	const size_t room = strlen(description) + strlen(notes) + 2;

	*marks = (struct note_flags){0};
	if (room == 2)
		return;

	char *folded = xcheck(malloc(2 * room));
	size_t used = fold_into(folded, folded + room, 0, description);

	used = fold_into(folded, folded + room, used, " ");
	fold_into(folded, folded + room, used, notes);
	find_marks(folded, folded + room, marks);
	free(folded);
}

/* Add a remark: `before`, the target it speaks of, `after`. */
static void append(char notes[NOTE_FLAGS_TEXT_SIZE], const char *before, const char *target, const char *after)
{
	const size_t used = strlen(notes);

	snprintf(notes + used, NOTE_FLAGS_TEXT_SIZE - used, "%s%s%s%s", used ? " " : "", before, target, after);
}

void note_flags_write(const struct note_flags *marks, char notes[NOTE_FLAGS_TEXT_SIZE])
{
	notes[0] = '\0';
	if (marks->legacy_alias)
		append(notes, "This entry is an alias to \"", marks->alias_target, "\".");
	if (marks->duplicate && marks->duplicate_target[0])
		append(notes, "duplicate of \"", marks->duplicate_target, "\"");
	else if (marks->duplicate)
		append(notes, duplicate_mark, " another", "");
	if (marks->widespread_use)
		append(notes, widespread_mark, "", "");
	if (marks->conflict)
		append(notes, "NOTE Conflict", "", "");
}
