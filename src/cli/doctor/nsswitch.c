/* SPDX-License-Identifier: MIT */
/* The services line of nsswitch.conf as glibc takes it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cli/doctor/nsswitch.h"

#define BLANKS " \t\n\v\f\r" /* isspace() in the C locale */

/* A word that ends before any of `ends`. */
struct word {
	const char *start;
	size_t size;
};

static struct word take_word(const char **text, const char *ends)
{
	struct word word = {*text, strcspn(*text, ends)};

	*text += word.size;
	return word;
}

static void skip_blanks(const char **text)
{
	*text += strspn(*text, BLANKS);
}

/* The number of the word in a list that NULL ends, upper and lower case the same; -1 for another word. */
static int number_of(struct word word, const char *const list[])
{
	for (int i = 0; list[i]; i++)
		if (strlen(list[i]) == word.size && strncasecmp(word.start, list[i], word.size) == 0)
			return i;
	return -1;
}

/* `[!]ANSWER = STEP` and the blanks after it. */
static bool take_criterion(const char **text, struct nss_source *source)
{
	static const char *const answers[] = {"SUCCESS", "NOTFOUND", "UNAVAIL", "TRYAGAIN", NULL};
	static const char *const steps[] = {"CONTINUE", "RETURN", "MERGE", NULL};
	const bool all_but = **text == '!';

	*text += all_but;

	const int answer = number_of(take_word(text, BLANKS "=]"), answers);

	skip_blanks(text);
	if (answer < 0 || **text != '=')
		return false;
	++*text;
	skip_blanks(text);

	const int step = number_of(take_word(text, BLANKS "=]"), steps);

	for (int i = 0; i < NSS_ANSWER_COUNT && step >= 0; i++)
		if ((i == answer) != all_but)
			source->steps[i] = (enum nss_step)step;
	skip_blanks(text);
	return step >= 0;
}

static bool take_criteria(const char **text, struct nss_source *source)
{
	++*text;
	skip_blanks(text);
	do {
		if (!take_criterion(text, source))
			return false;
	} while (**text != ']');
	++*text;
	return true;
}

static bool take_source(const char **text, struct nsswitch *nsswitch)
{
	const struct word name = take_word(text, BLANKS "[");
	struct nss_source source = {
		.name = xcheck(strndup(name.start, name.size)),
		.steps = {[NSS_SUCCESS] = NSS_RETURN},
	};

	nsswitch->sources = grow_by_one(nsswitch->sources, nsswitch->source_count, sizeof source);
	skip_blanks(text);

	const bool sound = **text != '[' || take_criteria(text, &source);

	nsswitch->sources[nsswitch->source_count++] = source;
	return sound;
}

static void forget_sources(struct nsswitch *nsswitch)
{
	for (size_t i = 0; i < nsswitch->source_count; i++)
		free(nsswitch->sources[i].name);
	free(nsswitch->sources);
	nsswitch->sources = NULL;
	nsswitch->source_count = 0;
}

/* False where libc cannot read that. A [ where a source should be ends the line for libc, too. */
static bool take_sources(const char *text, struct nsswitch *nsswitch)
{
	bool sound = true;

	skip_blanks(&text);
	while (sound && *text && *text != '[') {
		sound = take_source(&text, nsswitch);
		skip_blanks(&text);
	}
	return sound;
}

static void keep_text(struct nsswitch *nsswitch, unsigned line_number, const char *text)
{
	size_t size;

	text += strspn(text, BLANKS);
	size = strlen(text);
	while (size && strchr(BLANKS, text[size - 1]))
		size--;
	free(nsswitch->text);
	nsswitch->text = xcheck(strndup(text, size));
	nsswitch->line_number = line_number;
}

/* Whether libc knows a database of that name: it reads the lines of these alone. */
static bool is_database(struct word name)
{
	static const char *const databases[] = {
		"aliases",    "ethers",   "group",    "group_compat", "gshadow",       "hosts",
		"initgroups", "netgroup", "networks", "passwd",       "passwd_compat", "protocols",
		"publickey",  "rpc",      "services", "shadow",       "shadow_compat",
	};

	for (size_t i = 0; i < sizeof databases / sizeof *databases; i++)
		if (strlen(databases[i]) == name.size && memcmp(databases[i], name.start, name.size) == 0)
			return true;
	return false;
}

static bool is_services(struct word name)
{
	return name.size == strlen("services") && memcmp(name.start, "services", name.size) == 0;
}

/* One line. False where libc gives up. */
static bool take_line(struct nsswitch *nsswitch, unsigned line_number, const char *line)
{
	skip_blanks(&line);

	const struct word name = take_word(&line, BLANKS ":");

	if (name.size == 0 || !*line || !is_database(name))
		return true;
	line += strspn(line, BLANKS ":");

	struct nsswitch found = {.state = NSSWITCH_LINE};
	const bool sound = take_sources(line, &found);

	if (!sound || is_services(name)) {
		forget_sources(nsswitch);
		keep_text(nsswitch, line_number, line);
		nsswitch->state = sound ? NSSWITCH_LINE : NSSWITCH_MALFORMED;
		nsswitch->sources = found.sources;
		nsswitch->source_count = found.source_count;
	} else {
		forget_sources(&found);
	}
	return sound;
}

static bool is_about_services(const char *line)
{
	skip_blanks(&line);
	return is_services(take_word(&line, BLANKS ":"));
}

static void read_lines(FILE *stream, struct nsswitch *nsswitch)
{
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;

	while (getline(&line, &room, stream) > 0) {
		if (!strchr(line, '\n') && feof(stream)) {
			nsswitch->lacks_newline = is_about_services(line);
			break;
		}
		if (!take_line(nsswitch, ++number, line))
			break;
	}
	if (ferror(stream))
		nsswitch->error = errno;
	free(line);
}

struct nsswitch nsswitch_read(const char *path)
{
	struct nsswitch nsswitch = {.state = NSSWITCH_DEFAULT};
	FILE *stream;

	keep_text(&nsswitch, 0, "files");
	stream = fopen(path, "re");
	if (stream) {
		read_lines(stream, &nsswitch);
		fclose(stream);
	} else {
		nsswitch.error = errno;
	}
	if (nsswitch.state == NSSWITCH_DEFAULT)
		take_sources("files", &nsswitch);
	return nsswitch;
}

void nsswitch_free(struct nsswitch *nsswitch)
{
	forget_sources(nsswitch);
	free(nsswitch->text);
}

size_t find_source(const struct nsswitch *nsswitch, const char *name)
{
	size_t number = 0;

	while (number < nsswitch->source_count && strcmp(nsswitch->sources[number].name, name) != 0)
		number++;
	return number;
}

size_t find_barrier(const struct nsswitch *nsswitch, size_t end, enum nss_answer answer)
{
	size_t number = 0;

	while (number < end && nsswitch->sources[number].steps[answer] != NSS_RETURN)
		number++;
	return number;
}
