/* SPDX-License-Identifier: MIT */
/* ianareg compile: the registry's CSV, and overlays, into a snapshot. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cell.h"
#include "cli/input.h"
#include "cli/same_file.h"
#include "compiler/memory.h"
#include "compiler/preferences.h"
#include "compiler/registry_csv.h"
#include "compiler/services_file.h"
#include "compiler/publish.h"
#include "compiler/snapshot_writer.h"
#include "snapshot/snapshot_file.h"

static const char help[] =
	"Usage: ianareg compile [OPTION]... REGISTRY.csv\n"
	"Make a snapshot of IANA's registry in CSV; - reads standard input. Rows that\n"
	"make no sense are passed over with a warning. The output is replaced whole or,\n"
	"on any error, left as it was.\n"
	"\n"
	"  -o FILE           the snapshot to write; by default $IANAREG_SNAPSHOT or else\n"
	"                    " SITE_SNAPSHOT
	"\n"
	"  --overlay FILE    entries that win over the registry: services(5), or CSV in\n"
	"                    IANA's layout. May be repeated; the first named wins.\n"
	"  --protocols LIST  of the registry only these answer: tcp,udp,sctp,dccp\n"
	"  --max-port N      of the registry only ports up to N answer\n"
	"  --strict          publish nothing if a row or line is passed over or doubtful\n"
	"  -h, --help        this help\n"
	"\n"
	"Exit status: 0 done, 1 a file cannot be read or written, 3 the data is invalid.\n";

enum { OVERLAYS_MAX = 64 }; /* a row's source has 8 bits */

struct compile {
	const char *overlays[OVERLAYS_MAX];
	unsigned overlay_count;
	const char *input, *output;
	struct registry_options options;
	bool strict;
};

/* CSV begins with its heads, "Service Name" among them; services(5) has no such line. */
static bool begins_with_heads(const char *text)
{
	static const char bom[] = "\xef\xbb\xbf", head[] = "Service Name";

	text += strncmp(text, bom, strlen(bom)) == 0 ? strlen(bom) : 0;
	text += strspn(text, WHITE_SPACE); /* blank lines come before the heads of a CSV, too */
	if (*text == '#')
		return false;
	for (;;) {
		size_t cell;

		text += strspn(text, " \t\"");
		cell = strcspn(text, ",\r\n");
		if (strncasecmp(text, head, strlen(head)) == 0 &&
		    strspn(text + strlen(head), " \t\"") == cell - strlen(head))
			return true;
		if (text[cell] != ',')
			return false;
		text += cell + 1;
	}
}

static enum exit_status read_overlay(struct registry *registry, const char *path, struct diagnostics *diagnostics)
{
	char *bytes;
	size_t size;
	enum exit_status status = read_input(path, &bytes, &size);

	if (status != EXIT_DONE)
		return status;

	FILE *stream = stream_over(bytes, size);
	const bool is_csv = begins_with_heads(bytes);

	registry_begin_source(registry, is_csv ? SOURCE_OVERLAY_ROWS : SOURCE_OVERLAY_LINES, input_name(path));
	status = exit_status_of(is_csv ? registry_csv_read(registry, stream, diagnostics)
				       : services_file_read(registry, stream, diagnostics));
	fclose(stream);
	free(bytes);
	return status;
}

static enum exit_status read_preferences(struct registry *registry, struct diagnostics *diagnostics)
{
	char *copy = must_have(strdup(preferences_text));
	FILE *stream = stream_over(copy, strlen(copy));

	registry_begin_source(registry, SOURCE_PREFERENCES, "preferences");
	enum compile_status status = services_file_read(registry, stream, diagnostics);
	fclose(stream);
	free(copy);
	return exit_status_of(status);
}

static enum exit_status read_registry(struct registry *registry, const char *path, struct diagnostics *diagnostics)
{
	FILE *stream;
	enum exit_status status = open_input(path, &stream);

	if (status != EXIT_DONE)
		return status;
	registry_begin_source(registry, SOURCE_REGISTRY, input_name(path));
	status = exit_status_of(registry_csv_read(registry, stream, diagnostics));
	fclose(stream);
	return status;
}

/* Sources that are read first win. */
static enum exit_status read_sources(const struct compile *compile, struct registry *registry,
				     struct diagnostics *diagnostics)
{
	enum exit_status status = EXIT_DONE;

	for (unsigned i = 0; i < compile->overlay_count && status == EXIT_DONE; i++)
		status = read_overlay(registry, compile->overlays[i], diagnostics);
	if (status == EXIT_DONE)
		status = read_preferences(registry, diagnostics);
	if (status == EXIT_DONE)
		status = read_registry(registry, compile->input, diagnostics);
	if (status == EXIT_DONE)
		status = exit_status_of(registry_finish(registry, &compile->options, diagnostics));
	return status;
}

/* Say how many warnings there were; with --strict they are why nothing is published. */
static enum exit_status sum_up(const struct compile *compile, const struct diagnostics *diagnostics)
{
	const uint32_t count = diagnostics->warning_count;

	if (!count)
		return EXIT_DONE;
	complain("compile", "%s%u %s passed over or doubtful", compile->strict ? "refused: " : "", count,
		 count == 1 ? "row" : "rows");
	return compile->strict ? EXIT_INVALID : EXIT_DONE;
}

static enum exit_status write_and_publish(const struct compile *compile, const struct registry *registry,
					  struct diagnostics *diagnostics)
{
	unsigned char *bytes;
	size_t size;
	enum exit_status status = exit_status_of(snapshot_write(registry, diagnostics, &bytes, &size));

	if (status != EXIT_DONE)
		return status;
	status = sum_up(compile, diagnostics);
	if (status == EXIT_DONE)
		status = exit_status_of(publish_file(compile->output, bytes, size, PUBLISH_ALONE, diagnostics));
	free(bytes);
	return status;
}

static enum exit_status run_compile(const struct compile *compile)
{
	struct diagnostics diagnostics = {.stream = stderr};
	struct registry *registry = registry_new();
	enum exit_status status = read_sources(compile, registry, &diagnostics);

	if (status == EXIT_DONE)
		status = write_and_publish(compile, registry, &diagnostics);
	registry_free(registry);
	return status;
}

static bool take_protocols(const char *list, struct registry_options *options)
{
	static const char *const names[] = {"tcp", "udp", "sctp", "dccp"};
	uint32_t bits = 0;

	for (const char *name = list;; name++) {
		const size_t size = strcspn(name, ",");
		unsigned i = 0;

		while (i < 4 && (strlen(names[i]) != size || memcmp(names[i], name, size) != 0))
			i++;
		if (i == 4) {
			complain("--protocols", "takes some of tcp,udp,sctp,dccp");
			return false;
		}
		bits |= 1u << i;
		name += size;
		if (!*name)
			break;
	}
	options->protocols = bits;
	return true;
}

static bool take_max_port(const char *text, struct registry_options *options)
{
	const int port = port_number(text, strlen(text));

	if (port < 0)
		complain("--max-port", "takes a number from 0 to 65535");
	else
		options->max_port = (uint32_t)port;
	return port >= 0;
}

static bool take_overlay(const char *path, struct compile *compile)
{
	if (compile->overlay_count < OVERLAYS_MAX) {
		compile->overlays[compile->overlay_count++] = path;
		return true;
	}
	complain(path, "more than %d overlays", OVERLAYS_MAX);
	return false;
}

/* Take one option; false after a message. */
static bool take_option(int option, struct compile *compile)
{
	switch (option) {
	case 'o':
		compile->output = optarg;
		return true;
	case 'v':
		return take_overlay(optarg, compile);
	case 'p':
		return take_protocols(optarg, &compile->options);
	case 'm':
		return take_max_port(optarg, &compile->options);
	case 's':
		compile->strict = true;
		return true;
	default:
		return false;
	}
}

/* The output must not be one of the inputs, nor a stream. */
static enum exit_status check_output(const struct compile *compile)
{
	bool is_input = same_file(compile->output, compile->input);

	for (unsigned i = 0; i < compile->overlay_count; i++)
		is_input |= same_file(compile->output, compile->overlays[i]);
	if (is_input)
		return complain(compile->output, "is both input and output");
	if (strcmp(compile->output, "-") == 0)
		return complain("-o -", "a snapshot goes to a file, not to standard output");
	if (!*compile->output)
		return complain("-o", "a file needs a name");
	return EXIT_DONE;
}

static const char *default_output(void)
{
	const char *paths[3];

	snapshot_paths(paths);
	return paths[0];
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
	struct compile compile = {.options = {.max_port = PORT_MAX, .protocols = ~0u}, .output = default_output()};
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
	compile.input = argv[optind];

	enum exit_status status = check_output(&compile);

	return status == EXIT_DONE ? run_compile(&compile) : status;
}
