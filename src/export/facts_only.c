/* SPDX-License-Identifier: MIT */
/* A row without its prose. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "compiler/note_flags.h"
#include "export/facts_only.h"

/* Whether the description is complete at the end of this line: a sentence ends, or IANA's own remark comes next. */
static bool ends_description(const char *start, const char *line_end)
{
	static const char remark[] = "IANA assigned";
	const char *last = line_end;

	while (last > start && strchr(WHITE_SPACE, last[-1]))
		last--;
	line_end += strspn(line_end, WHITE_SPACE);
	return (last > start && last[-1] == '.') || strncmp(line_end, remark, strlen(remark)) == 0;
}

/* Lines go on as long as they are one sentence. */
static char *short_description(const char *text)
{
	const char *end = text + strcspn(text, "\n");

	while (*end && !ends_description(text, end))
		end += 1 + strcspn(end + 1, "\n");
	return collapse_blanks(text, (size_t)(end - text));
}

/* References are in square brackets; one so long is not the name of a document but a treatise on the service. */
enum { REFERENCE_MAX = 100 };

static char *short_references(const char *text)
{
	char *folded = collapse_blanks(text, strlen(text));
	char *kept = folded;

	for (const char *at = folded; *at;) {
		const char *close = strchr(at, ']');
		const size_t size = close ? (size_t)(close - at) + 1 : strlen(at);

		if (size <= REFERENCE_MAX) {
			memmove(kept, at, size);
			kept += size;
		}
		at += size;
	}
	*kept = '\0';
	return folded;
}

static char *marks_only(const struct snapshot_row *row)
{
	struct note_flags marks;
	char notes[NOTE_FLAGS_TEXT_SIZE];

	note_flags_read(row->text[TEXT_DESCRIPTION], row->text[TEXT_NOTES], &marks);
	note_flags_write(&marks, notes);
	return xcheck(strdup(notes));
}

struct facts_only facts_only_of(const struct snapshot_row *row)
{
	struct facts_only facts;

	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		if (i == TEXT_DESCRIPTION)
			facts.text[i] = short_description(row->text[i]);
		else if (i == TEXT_REFERENCE)
			facts.text[i] = short_references(row->text[i]);
		else if (i == TEXT_NOTES)
			facts.text[i] = marks_only(row);
		else
			facts.text[i] = collapse_blanks(row->text[i], strlen(row->text[i]));
	}
	return facts;
}

void facts_only_free(struct facts_only *facts)
{
	for (unsigned i = 0; i < TEXT_COUNT; i++)
		free(facts->text[i]);
}
