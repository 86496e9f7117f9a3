/* SPDX-License-Identifier: MIT */
/* What update is to do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/update/settings.h"
#include "cli/update/url.h"
#include "compiler/input.h"

enum { GUARD_PERCENT = 5, MINIMUM_ASSIGNMENTS = 5000 }; /* the registry has 12,779 */

static const char *const names[SETTING_COUNT] = {
	[SETTING_URL] = "url",           [SETTING_OVERLAY] = "overlay", [SETTING_PROTOCOLS] = "protocols",
	[SETTING_MAX_PORT] = "max-port", [SETTING_GUARD] = "guard",     [SETTING_MINIMUM] = "minimum",
	[SETTING_USER] = "user",
};

/* Where a file is being read. */
struct place {
	const char *file;
	uint32_t line;
	bool given[SETTING_COUNT];
	struct diagnostics diagnostics;
};

struct settings settings_default(void)
{
	return (struct settings){
		.url = IANA_URL,
		.build = build_of_everything(),
		.guard = GUARD_PERCENT,
		.minimum = MINIMUM_ASSIGNMENTS,
	};
}

void settings_free(struct settings *settings)
{
	free(settings->file);
}

const char *setting_name(enum setting setting)
{
	return names[setting];
}

static const char *take_guard(const char *value, struct settings *settings)
{
	return parse_number(value, strlen(value), 100, &settings->guard) ? NULL : "takes a percentage from 0 to 100";
}

static const char *take_minimum(const char *value, struct settings *settings)
{
	return parse_number(value, strlen(value), ROW_COUNT_MAX, &settings->minimum) ? NULL
										     : "takes a number of assignments";
}

static const char *take_url(const char *value, struct settings *settings)
{
	enum url_kind kind;
	const char *fault = url_read(value, &kind);

	if (!fault)
		settings->url = value;
	return fault;
}

const char *take_setting(enum setting setting, const char *value, struct settings *settings)
{
	switch (setting) {
	case SETTING_URL:
		return take_url(value, settings);
	case SETTING_OVERLAY:
		return build_take_overlay(value, &settings->build);
	case SETTING_PROTOCOLS:
		return build_take_protocols(value, &settings->build);
	case SETTING_MAX_PORT:
		return build_take_max_port(value, &settings->build);
	case SETTING_GUARD:
		return take_guard(value, settings);
	case SETTING_MINIMUM:
		return take_minimum(value, settings);
	default:
		settings->user = value;
		return NULL;
	}
}

/* Without white space round it, in place. */
/* A comment begins a line or follows white space, so that an address may hold a '#'. */
static void cut_comment(char *line)
{
	for (char *c = line; (c = strchr(c, '#')); c++)
		if (c == line || is_white_space(c[-1])) {
			*c = '\0';
			return;
		}
}

static enum setting setting_of(const char *name)
{
	enum setting setting = 0;

	while (setting < SETTING_COUNT && strcmp(names[setting], name) != 0)
		setting++;
	return setting;
}

/* NULL, or what is wrong with a key and its value. What is checked is checked even where the command line wins. */
static const char *take_line(struct place *place, enum setting setting, const char *value, struct settings *settings)
{
	struct settings ignored = *settings;
	const bool repeated = place->given[setting];

	place->given[setting] = true;
	if (!*value)
		return "has no value";
	if (setting == SETTING_OVERLAY)
		return *value == '/' ? take_setting(setting, value, settings) : "is not an absolute path";
	if (repeated)
		return "is given twice";
	return take_setting(setting, value, settings->taken[setting] ? &ignored : settings);
}

static bool read_line(struct place *place, char *line, struct settings *settings)
{
	char *value, *name;
	const char *fault;
	enum setting setting;

	cut_comment(line);
	name = trim_text(line);
	if (!*name)
		return true;
	value = strchr(name, '=');
	if (value)
		*value++ = '\0';
	name = trim_text(name);
	setting = setting_of(name);
	fault = setting == SETTING_COUNT ? "is no setting"
		: value                  ? take_line(place, setting, trim_text(value), settings)
					 : "has no value";
	if (fault)
		diagnose_error(&place->diagnostics, place->file, place->line, "%s %s", quote_text(name).text, fault);
	return !fault;
}

static enum exit_status read_lines(const char *path, char *rest, struct settings *settings)
{
	struct place place = {.file = path, .diagnostics = {.stream = stderr}};
	bool sound = true;

	for (char *line; (line = strsep(&rest, "\n"));) {
		place.line++;
		sound &= read_line(&place, line, settings);
	}
	return sound ? EXIT_DONE : EXIT_TROUBLE;
}

enum exit_status settings_read(const char *path, struct settings *settings)
{
	size_t size;

	if (!path && access(SETTINGS_FILE, F_OK) != 0 && errno == ENOENT)
		return EXIT_DONE;
	path = path ? path : SETTINGS_FILE;
	if (read_input(path, &settings->file, &size) != OUTCOME_OK)
		return EXIT_TROUBLE;
	if (strlen(settings->file) != size)
		return complain(path, "has a NUL byte");
	return read_lines(path, settings->file, settings);
}
