/* SPDX-License-Identifier: MIT */
/* Ports named in prose. */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "query/port_mentions.h"
#include "snapshot/format.h"

static const char digits[] = "0123456789";

/* ASCII whatever the locale is; bytes of other characters count as letters, so that no number is cut out of a word. */
static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static size_t word_size(const char *text)
{
	size_t size = 0;

	while (is_word_byte(text[size]))
		size++;
	return size;
}

static bool is_port_word(const char *word, size_t size)
{
	static const char *const words[] = {"on", "port", "ports"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == size && strncasecmp(word, words[i], size) == 0)
			return true;
	return false;
}

const char *after_port_word(const char *text)
{
	size_t size;

	for (; *text; text += size ? size : 1) {
		size = word_size(text);
		if (is_port_word(text, size))
			return text + size;
	}
	return text;
}

/* What joins the two ends of a range, blanks included, before a digit: its size, or 0. */
static size_t joint_size(const char *text)
{
	static const char *const joints[] = {"-", "\xe2\x80\x93", "to ", "through "};
	const size_t blanks = strspn(text, " ");

	for (size_t i = 0; i < sizeof joints / sizeof *joints; i++) {
		const size_t size = strlen(joints[i]);

		if (strncmp(text + blanks, joints[i], size) != 0 || (i > 1 && !blanks))
			continue;

		const size_t whole = blanks + size + strspn(text + blanks + size, " ");

		return strspn(text + whole, digits) ? whole : 0;
	}
	return 0;
}

/* Numbers joined to each other: one is a port, two are a range, more are a date. The bytes they take, at least one. */
static size_t take_numbers(const char *text, struct port_mention *ports, bool *good)
{
	const char *at = text;
	uint32_t numbers[2] = {0};
	bool are_ports = true;
	unsigned count = 0;
	size_t joint = 0;

	do {
		const size_t size = strspn(at += joint, digits);

		if (count < 2)
			are_ports &= parse_number(at, size, PORT_MAX, &numbers[count]);
		count++;
		at += size;
		joint = joint_size(at);
	} while (joint);
	if (count == 1)
		numbers[1] = numbers[0];
	*good = count <= 2 && are_ports && numbers[0] <= numbers[1];
	if (*good)
		*ports = (struct port_mention){numbers[0], numbers[1]};
	return (size_t)(at - text);
}

/* The next number, word or byte of the text: its size, and whether it is ports. */
static size_t take_piece(const char *text, char before, struct port_mention *ports, bool *good)
{
	*good = false;
	if (!strspn(text, digits) || before == '.' || before == '-') {
		const size_t size = word_size(text);

		return size ? size : 1;
	}

	const size_t size = take_numbers(text, ports, good);

	/* 2.6003 and 6003x are no ports; a full stop ends a sentence */
	if (is_word_byte(text[size]) || (text[size] == '.' && strspn(text + size + 1, digits)))
		*good = false;
	return size + word_size(text + size);
}

bool next_port_mention(const char **text, struct port_mention *ports)
{
	struct port_mention found = {0};
	bool good = false;
	char before = ' ';

	while (**text && !good) {
		const size_t size = take_piece(*text, before, &found, &good);

		before = (*text)[size - 1];
		*text += size;
	}
	if (good)
		*ports = found;
	return good;
}
