/* SPDX-License-Identifier: MIT */
/* Lines of services(5): NAME PORT/PROTOCOL [ALIAS]... [# comment] */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/services_lines.h"

#define SPACE " \t\r\n"

/* "80/tcp" into port and protocol. */
static bool split_port(char *word, struct servent *entry)
{
	char *end;
	const unsigned long port = strtoul(word, &end, 10);

	if (end == word || *end != '/' || !end[1] || port > UINT16_MAX)
		return false;
	entry->s_port = htons((uint16_t)port);
	entry->s_proto = end + 1;
	return true;
}

static bool parse(struct services_line *line)
{
	char *rest = strcpy(line->words, line->text), *port;
	unsigned count = 0;

	line->entry.s_aliases = line->aliases;
	line->entry.s_name = strtok_r(NULL, SPACE, &rest);
	port = strtok_r(NULL, SPACE, &rest);
	if (!line->entry.s_name || !port || !split_port(port, &line->entry))
		return false;
	while (count < LINE_ALIASES && (line->aliases[count] = strtok_r(NULL, SPACE, &rest)))
		count++;
	line->aliases[count] = NULL;
	return true;
}

bool services_line_read(FILE *file, struct services_line *line)
{
	while (fgets(line->text, sizeof line->text, file)) {
		size_t length = strcspn(line->text, "#\n");

		while (length && strchr(SPACE, line->text[length - 1]))
			length--;
		line->text[length] = '\0';
		if (parse(line))
			return true;
	}
	return false;
}
