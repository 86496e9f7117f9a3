/* SPDX-License-Identifier: MIT */
/* Keys from standard input. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/key_lines.h"

static bool read_more(struct key_lines *lines)
{
	ssize_t got;

	if (!ferror(stdout) && fflush(stdout) != 0)
		lines->output_error = errno;
	if (ferror(stdout))
		return false;
	do
		got = read(STDIN_FILENO, lines->bytes, sizeof lines->bytes);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		lines->error = errno;
	lines->at = 0;
	lines->end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

static void add_bytes(struct key_lines *lines, size_t *size, const char *bytes, size_t count)
{
	const size_t room = sizeof lines->text - 1 - *size;

	if (count > room)
		count = room;
	memcpy(lines->text + *size, bytes, count);
	*size += count;
}

/* A NUL must not end the key early, as if it were another one. */
static void add_line_part(struct key_lines *lines, size_t *size, const char *bytes, size_t count)
{
	while (count) {
		const size_t before = strnlen(bytes, count);

		add_bytes(lines, size, bytes, before);
		if (before == count)
			return;
		add_bytes(lines, size, "\\x00", 4);
		lines->has_nul = true;
		bytes += before + 1;
		count -= before + 1;
	}
}

bool next_key_line(struct key_lines *lines)
{
	const char *newline = NULL;
	bool any = false;
	size_t size = 0;

	lines->has_nul = false;
	while (!newline && (lines->at < lines->end || read_more(lines))) {
		const char *start = lines->bytes + lines->at;

		newline = memchr(start, '\n', lines->end - lines->at);

		const size_t count = newline ? (size_t)(newline - start) : lines->end - lines->at;

		add_line_part(lines, &size, start, count);
		lines->at += count + (newline != NULL);
		any = true;
	}
	if (newline && size && size < sizeof lines->text - 1 && lines->text[size - 1] == '\r')
		size--;
	lines->text[size] = '\0';
	return any && !ferror(stdout);
}
