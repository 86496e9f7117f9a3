/* SPDX-License-Identifier: MIT */
/* ianareg compile: the registry's CSV, and overlays, into a snapshot. */
#include <stdlib.h>

#include "cli/cli.h"
#include "compiler/pipeline.h"
#include "publish/publish.h"
#include "snapshot/snapshot_file.h"

static const char help[] =
	"Usage: ianareg compile [OPTION]... REGISTRY.csv\n"
	"Make a snapshot of IANA's registry in CSV; - reads standard input. Rows that\n"
	"make no sense are skipped with a warning. The output is replaced whole or,\n"
	"on any error, left as it was.\n"
	"\n"
	"  -o FILE           the snapshot to write; by default $IANAREG_SNAPSHOT or else\n"
	"                    " SITE_SNAPSHOT
	"\n"
	"  --overlay FILE    entries that win over the registry: services(5), or CSV in\n"
	"                    IANA's layout. May be repeated; the first named wins.\n"
	"  --protocols LIST  of the registry only these answer: tcp,udp,sctp,dccp\n"
	"  --max-port N      of the registry only ports up to N answer\n"
	"  --strict          publish nothing if a row or line is skipped or suspicious\n"
	"  -h, --help        this help\n"
	"\n"
	"Exit status: 0 done, 1 a file cannot be read or written, 3 the data is invalid.\n"
	"\n"
	"Examples: ianareg compile service-names-port-numbers.csv\n"
	"          ianareg compile --overlay /etc/services -o site.db registry.csv\n"
	"          curl https://mirror.example/ports.csv | ianareg compile -\n";

struct compile {
	struct build build;
	const char *output;
	bool strict;
};

/* Say how many warnings there were; with --strict they are why nothing is published. */
static enum exit_status sum_up(const struct compile *compile, const struct diagnostics *diagnostics)
{
	const uint32_t count = diagnostics->warning_count;

	if (!count)
		return EXIT_DONE;
	complain("compile", "%s%u %s skipped or suspicious", compile->strict ? "refused: " : "", count,
		 count == 1 ? "row" : "rows");
	return compile->strict ? EXIT_INVALID : EXIT_DONE;
}

static enum exit_status run_compile(const struct compile *compile)
{
	struct diagnostics diagnostics = {.stream = stderr};
	unsigned char *bytes;
	size_t size;
	enum exit_status status = exit_status_of(build_snapshot(&compile->build, &diagnostics, &bytes, &size));

	if (status != EXIT_DONE)
		return status;
	status = sum_up(compile, &diagnostics);
	if (status == EXIT_DONE)
		status = exit_status_of(publish_file(compile->output, bytes, size, PUBLISH_ALONE, &diagnostics));
	free(bytes);
	return status;
}

/* True, or false after a message. */
static bool accepted(const char *subject, const char *fault)
{
	if (fault)
		complain(subject, "%s", fault);
	return !fault;
}

/* Take one option; false after a message. */
static bool take_option(int option, struct compile *compile)
{
	switch (option) {
	case 'o':
		compile->output = optarg;
		return true;
	case 'v':
		return accepted(optarg, build_take_overlay(optarg, &compile->build));
	case 'p':
		return accepted("--protocols", build_take_protocols(optarg, &compile->build));
	case 'm':
		return accepted("--max-port", build_take_max_port(optarg, &compile->build));
	case 's':
		compile->strict = true;
		return true;
	default:
		return false;
	}
}

enum exit_status verb_compile(int argc, char **argv)
{
	static const struct option names[] = {
		{"output", required_argument, NULL, 'o'},
		{"overlay", required_argument, NULL, 'v'},
		{"protocols", required_argument, NULL, 'p'},
		{"max-port", required_argument, NULL, 'm'},
		{"strict", no_argument, NULL, 's'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct compile compile = {.build = build_of_everything(), .output = build_default_output()};
	int option;

	while ((option = next_option(argc, argv, ":ho:", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		if (!take_option(option, &compile))
			return EXIT_TROUBLE;
	}
	if (argc - optind != 1)
		return complain("compile", "%s; see ianareg compile --help",
				optind == argc ? "which registry" : "one registry at a time");
	compile.build.registry.path = argv[optind];

	enum exit_status status = exit_status_of(build_check_output(&compile.build, compile.output));

	return status == EXIT_DONE ? run_compile(&compile) : status;
}
