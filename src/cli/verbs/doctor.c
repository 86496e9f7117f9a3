/* SPDX-License-Identifier: MIT */
/* ianareg doctor: what this machine does with lookups of services now, and what to do about it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/parse.h"
#include "cli/cli.h"
#include "cli/doctor/checkup.h"
#include "cli/output/terminal.h"
#include "export/row_json.h"

static const char help[] =
	"Usage: ianareg doctor [--json] [--max-time N]\n"
	"What this machine does with lookups of services, finding by finding, each with\n"
	"what to do about it. Nothing is changed. The module is loaded and asked in child\n"
	"processes, so a broken one does no harm.\n"
	"\n"
	"  --json           an object: reaches_registry, and findings with check, status\n"
	"                   (ok, note, problem), text and advice\n"
	"  --max-time N     seconds that loading the module, and a lookup, may take (10)\n"
	"  -h, --help       this help\n"
	"\n"
	"Checks: nsswitch (the services line), module (found and loadable), environment,\n"
	"snapshot (which file, and why not another), age, proof, order (which of two\n"
	"sources wins), nscd, lookup (a real one, through libc), timer (of ianareg\n"
	"update), confinement (AppArmor, SELinux), chroot, bypass (who never asks libc).\n"
	"\n"
	"On a terminal wrapped lines, and a last one that sums up. Otherwise a line for\n"
	"each finding with tabs between: status, check, text, advice.\n"
	"\n"
	"Exit status: 0 lookups of services reach the registry, whatever else is found;\n"
	"1 they do not.\n"
	"\n"
	"Examples: ianareg doctor | grep -v ^ok\n"
	"          ianareg doctor >/dev/null || echo see ianareg doctor\n";

/* In an order in which each may use what those before it found. */
static const struct {
	const char *name;
	check_function *function;
} checks[] = {
	{"nsswitch", check_nsswitch},
	{"module", check_module},
	{"environment", check_environment},
	{"snapshot", check_snapshot},
	{"age", check_age},
	{"proof", check_proof},
	{"order", check_order},
	{"nscd", check_nscd},
	{"lookup", check_lookup},
	{"timer", check_timer},
	{"confinement", check_confinement},
	{"chroot", check_chroot},
	{"bypass", check_bypass},
};

static const char *const kind_names[REPORT_KIND_COUNT] = {
	[REPORT_OK] = "ok", [REPORT_NOTE] = "note", [REPORT_PROBLEM] = "problem"};

static char *formatted(const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		xcheck(NULL);
	return text;
}

void report(struct checkup *checkup, enum report_kind kind, const char *format, ...)
{
	struct report report = {.kind = kind, .check = checkup->check};
	va_list arguments;

	va_start(arguments, format);
	report.text = formatted(format, arguments);
	va_end(arguments);
	checkup->reports = grow_by_one(checkup->reports, checkup->report_count, sizeof report);
	checkup->reports[checkup->report_count++] = report;
}

void advise(struct checkup *checkup, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	checkup->reports[checkup->report_count - 1].advice = formatted(format, arguments);
	va_end(arguments);
}

static void examine(struct checkup *checkup)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		checkup->check = checks[i].name;
		checks[i].function(checkup);
	}
}

static void free_checkup(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->report_count; i++) {
		free(checkup->reports[i].text);
		free(checkup->reports[i].advice);
	}
	free(checkup->reports);
	nsswitch_free(&checkup->nsswitch);
	if (checkup->has_snapshot)
		snapshot_file_close(&checkup->file);
}

static void print_json(const struct checkup *checkup)
{
	json_t *object = xcheck(json_object()), *findings = xcheck(json_array());

	for (size_t i = 0; i < checkup->report_count; i++) {
		const struct report *one = &checkup->reports[i];
		json_t *finding = xcheck(json_object());

		json_put(finding, "check", json_text(one->check));
		json_put(finding, "status", json_text(kind_names[one->kind]));
		json_put(finding, "text", json_text(one->text));
		json_put(finding, "advice", json_text(one->advice ? one->advice : ""));
		if (json_array_append_new(findings, finding) != 0)
			xcheck(NULL);
	}
	json_put(object, "reaches_registry", json_boolean(checkup->reaches_registry));
	json_put(object, "findings", findings);
	json_print(object, stdout);
}

static void print_lines(const struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->report_count; i++) {
		const struct report *one = &checkup->reports[i];

		printf("%s\t%s\t", kind_names[one->kind], one->check);
		write_escaped(one->text, stdout);
		fputc('\t', stdout);
		write_escaped(one->advice ? one->advice : "", stdout);
		fputc('\n', stdout);
	}
}

enum { TEXT_COLUMN = 22 /* after "problem  environment  " */ };

/* Words from TEXT_COLUMN on, wrapped. Paths and commands have no blanks to break at but those between words. */
static void print_words(const char *text, unsigned width)
{
	char *const safe = escape_text(text);
	size_t column = TEXT_COLUMN;

	for (const char *word = safe; *word; word += *word == ' ') {
		const size_t size = strcspn(word, " "), columns = text_columns(word, size);

		if (column > TEXT_COLUMN && column + 1 + columns > width) {
			printf("\n%*s", TEXT_COLUMN, "");
			column = TEXT_COLUMN;
		}
		printf("%s%.*s", column > TEXT_COLUMN ? " " : "", (int)size, word);
		column += columns + (column > TEXT_COLUMN);
		word += size;
	}
	putchar('\n');
	free(safe);
}

static void print_blocks(const struct checkup *checkup, unsigned width)
{
	static const enum style inks[REPORT_KIND_COUNT] = {
		[REPORT_OK] = STYLE_ASSIGNED, [REPORT_NOTE] = STYLE_RESERVED, [REPORT_PROBLEM] = STYLE_WARNING};

	for (size_t i = 0; i < checkup->report_count; i++) {
		const struct report *one = &checkup->reports[i];

		style_begin(inks[one->kind], stdout);
		printf("%-7s", kind_names[one->kind]);
		style_end(stdout);
		printf("  %-13s", one->check);
		print_words(one->text, width);
		if (one->advice) {
			style_begin(STYLE_LABEL, stdout);
			printf("%*s", TEXT_COLUMN, "To do: ");
			style_end(stdout);
			print_words(one->advice, width);
		}
	}
	puts(checkup->reaches_registry ? "\nLookups of services reach the registry."
				       : "\nLookups of services do not reach the registry.");
}

enum { SECONDS_MAX = 3600 };

static enum exit_status take_seconds(const char *text, unsigned *seconds)
{
	uint32_t number;

	if (!parse_number(text, strlen(text), SECONDS_MAX, &number) || !number)
		return complain(text, "seconds from 1 to 3600");
	*seconds = number;
	return EXIT_DONE;
}

enum exit_status verb_doctor(int argc, char **argv)
{
	static const struct option names[] = {{"json", no_argument, NULL, 'j'},
					      {"max-time", required_argument, NULL, 't'},
					      {"help", no_argument, NULL, OPTION_HELP},
					      {0}};
	struct checkup checkup = {.seconds_max = 10};
	bool json = false;
	int option;

	while ((option = next_option(argc, argv, ":h", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		if (option == 't' ? take_seconds(optarg, &checkup.seconds_max) != EXIT_DONE : option != 'j')
			return EXIT_TROUBLE;
		json = json || option == 'j';
	}
	if (optind < argc)
		return complain(argv[optind], "doctor takes no arguments; see ianareg doctor --help");
	examine(&checkup);
	if (json)
		print_json(&checkup);
	else if (terminal_width())
		print_blocks(&checkup, terminal_width());
	else
		print_lines(&checkup);

	const bool reaches = checkup.reaches_registry;

	free_checkup(&checkup);
	return reaches ? EXIT_DONE : EXIT_TROUBLE;
}
