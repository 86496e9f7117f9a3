/* SPDX-License-Identifier: MIT */
/*
 * The report. JSON: {"facts": {...}, "sections": {NAME: {"heading", "figures": {ID: {"what", "median", "low", "high",
 * "pairs", "unit", and where there are such "ns", "over_ns", "target", "at_least", "met", "note"}}, "absent": {ID: {"what", "why"}},
 * "notes": [...]}}}.
 */
#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/report.h"

enum { WHAT_WIDTH = 64, VALUE_WIDTH = 20, SPREAD_WIDTH = 20, TARGET_WIDTH = 10 };

static json_t *root, *section;

static json_t *must(json_t *value)
{
	if (!value)
		errx(1, "no memory for the report");
	return value;
}

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, must(value)) != 0)
		errx(1, "no memory for the report");
}

/* The object at that key, made where there is none. */
static json_t *object_at(json_t *object, const char *key)
{
	if (!json_object_get(object, key))
		put(object, key, json_object());
	return json_object_get(object, key);
}

static json_t *report_root(void)
{
	if (!root)
		root = must(json_object());
	return root;
}

/* An id names one thing in its section, whether it was measured or not. */
static json_t *new_row(const char *kind, const char *id)
{
	if (!section)
		errx(1, "%s: reported outside of a section", id);
	if (json_object_get(object_at(section, "figures"), id) || json_object_get(object_at(section, "absent"), id))
		errx(1, "%s: reported twice in a section", id);
	return object_at(object_at(section, kind), id);
}

void report_fact(const char *name, const char *value)
{
	put(object_at(report_root(), "facts"), name, json_string(value));
}

void report_section(const char *name, const char *heading)
{
	section = object_at(object_at(report_root(), "sections"), name);
	put(section, "heading", json_string(heading));
	printf("\n%s: %s\n  %-*s %*s  %-*s %-*s\n", name, heading, WHAT_WIDTH, "", VALUE_WIDTH, "median", SPREAD_WIDTH,
	       "quartiles", TARGET_WIDTH, "target");
}

/* Three digits that say something, and all of a whole number, with commas. */
static const char *digits(char *text, size_t size, double value, bool whole)
{
	const int decimals = whole || fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : fabs(value) >= 2 ? 2 : 3;
	int length = snprintf(text, size, "%.*f", decimals, value);

	for (int comma = length - 3; decimals == 0 && comma > (value < 0) && length + 1 < (int)size; comma -= 3) {
		memmove(text + comma + 1, text + comma, (size_t)(length++ - comma) + 1);
		text[comma] = ',';
	}
	return text;
}

static bool is_whole(const struct spread *value)
{
	return value->pairs == 0 && value->median == floor(value->median);
}

static bool is_met(const struct figure *figure)
{
	return figure->at_least ? figure->value.median >= figure->target : figure->value.median <= figure->target;
}

static void print_figure(const struct figure *figure, double ns, double over_ns)
{
	const struct spread *value = &figure->value;
	char median[32], low[32], high[32], row[VALUE_WIDTH + 44] = "", spread[72] = "", target[40] = "";

	snprintf(row, sizeof row, "%s %s", digits(median, sizeof median, value->median, is_whole(value)), figure->unit);
	if (value->pairs)
		snprintf(spread, sizeof spread, "%s to %s", digits(low, sizeof low, value->low, false),
			 digits(high, sizeof high, value->high, false));
	if (!isnan(figure->target))
		snprintf(target, sizeof target, "%s %s", figure->at_least ? ">=" : "<=",
			 digits(low, sizeof low, figure->target, figure->target == floor(figure->target)));
	printf("  %-*s %*s  %-*s %-*s %-6s", WHAT_WIDTH, figure->what, VALUE_WIDTH, row, SPREAD_WIDTH, spread,
	       TARGET_WIDTH, target,
	       isnan(figure->target) ? ""
	       : is_met(figure)      ? "met"
				     : "MISSED");
	if (ns > 0)
		printf("  %s / %s ns", digits(median, sizeof median, ns, false),
		       digits(low, sizeof low, over_ns, false));
	putchar('\n');
	if (figure->note)
		printf("      %s\n", figure->note);
	fflush(stdout);
}

void report_times(const struct figure *figure, double ns, double over_ns)
{
	json_t *row = new_row("figures", figure->id);

	put(row, "what", json_string(figure->what));
	put(row, "median", json_real(figure->value.median));
	put(row, "low", json_real(figure->value.low));
	put(row, "high", json_real(figure->value.high));
	put(row, "pairs", json_integer(figure->value.pairs));
	put(row, "unit", json_string(figure->unit));
	if (ns > 0) {
		put(row, "ns", json_real(ns));
		put(row, "over_ns", json_real(over_ns));
	}
	if (!isnan(figure->target)) {
		put(row, "target", json_real(figure->target));
		put(row, "at_least", json_boolean(figure->at_least));
		put(row, "met", json_boolean(is_met(figure)));
	}
	if (figure->note)
		put(row, "note", json_string(figure->note));
	print_figure(figure, ns, over_ns);
}

void report_figure(const struct figure *figure)
{
	report_times(figure, 0, 0);
}

void report_absent(const char *id, const char *what, const char *why)
{
	json_t *row = new_row("absent", id);

	put(row, "what", json_string(what));
	put(row, "why", json_string(why));
	printf("  %-*s absent: %s\n", WHAT_WIDTH, what, why);
	fflush(stdout);
}

void report_note(const char *text)
{
	if (!section)
		errx(1, "a note outside of a section");
	if (!json_object_get(section, "notes"))
		put(section, "notes", json_array());
	if (json_array_append_new(json_object_get(section, "notes"), must(json_string(text))) != 0)
		errx(1, "no memory for the report");
	printf("  %s\n", text);
	fflush(stdout);
}

int report_write(const char *json_path)
{
	return json_dump_file(report_root(), json_path, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
}
