/* SPDX-License-Identifier: MIT */
/* ianareg map: all ports as a picture. */
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/same_file.h"
#include "cli/output/map_screen.h"
#include "cli/output/map_svg.h"
#include "cli/output/terminal.h"
#include "query/row_info.h"
#include "cli/port_space.h"
#include "publish/publish.h"

static const char help[] =
	"Usage: ianareg map [OPTION]... [LO-HI]\n"
	"The ports as a picture: assigned, reserved, unassigned, unauthorised use. On a\n"
	"terminal a cell is several ports; a range of them is drawn finer.\n"
	"\n"
	"  --svg FILE       draw into an SVG file, a port a cell (- is standard output)\n"
	"  --protocol P     with this protocol (tcp, udp, sctp or dccp; may be given\n"
	"                   again) instead of with all four together\n"
	"  --snapshot FILE  draw this snapshot, not the one in use\n"
	"  -h, --help       this help\n"
	"\n"
	"In a pipe a line is a run of ports that are alike with one protocol: protocol,\n"
	"ports, status, remark on unauthorised use, with tabs between.\n"
	"Exit status: 0 done, 1 usage or the file cannot be written, 3 the snapshot is\n"
	"damaged.\n"
	"\n"
	"Examples: ianareg map\n"
	"          ianareg map --protocol sctp 0-4095\n"
	"          ianareg map --svg ports.svg\n";

struct map {
	struct port_request request;
	struct port_space space;
	const char *svg; /* NULL: on the terminal or into the pipe */
};

static void print_runs(const struct port_space *space, unsigned protocol)
{
	const struct port_view view = {space->ports, 1u << protocol, 1u << protocol};
	char ports[PORTS_TEXT_SIZE];
	struct port_run run;

	for (unsigned port = space->first; port <= space->last; port = run.last + 1) {
		run = port_run_at(&view, port, space->last);
		printf("%s\t%s\t%s\t", port_protocol_name(protocol), ports_text(run.first, run.last, ports),
		       port_class_text(run.class));
		write_escaped(run.remark ? run.remark : "", stdout);
		putchar('\n');
	}
}

/* All in memory first: a file is published whole or not at all. */
static enum exit_status write_svg_file(const struct port_space *space, const char *path)
{
	struct diagnostics diagnostics = {.stream = stderr};
	char *bytes = NULL;
	size_t size;
	FILE *stream = xcheck(open_memstream(&bytes, &size));

	if (same_file(path, space->chosen.path)) {
		fclose(stream);
		free(bytes);
		return complain(path, "is the snapshot that would be drawn");
	}
	write_map_svg(space, stream);
	xcheck(fclose(stream) == 0 ? bytes : NULL);

	const enum outcome status = publish_file(path, bytes, size, PUBLISH_ALONE, &diagnostics);

	free(bytes);
	return exit_status_of(status);
}

static enum exit_status draw(const struct map *map)
{
	const unsigned width = terminal_width();

	if (map->svg && strcmp(map->svg, "-") != 0)
		return write_svg_file(&map->space, map->svg);
	if (map->svg)
		write_map_svg(&map->space, stdout);
	else if (width)
		print_map_screen(&map->space, width);
	for (unsigned i = 0; !map->svg && !width && i < PORT_PROTOCOLS; i++)
		if (map->space.protocols >> i & 1)
			print_runs(&map->space, i);
	return EXIT_DONE;
}

/* Take one option; EXIT_TROUBLE after a message. */
static enum exit_status take_option(int option, struct map *map)
{
	switch (option) {
	case 'g':
		map->svg = optarg;
		return *optarg ? EXIT_DONE : complain("--svg", "a file needs a name");
	case 'p':
		return request_protocol(&map->request, optarg);
	case 's':
		map->request.snapshot = optarg;
		return EXIT_DONE;
	default:
		return EXIT_TROUBLE;
	}
}

enum exit_status verb_map(int argc, char **argv)
{
	static const struct option names[] = {
		{"svg", required_argument, NULL, 'g'},
		{"protocol", required_argument, NULL, 'p'},
		{"snapshot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct map map = {.svg = NULL};
	enum exit_status status = EXIT_DONE;
	int option;

	while (status == EXIT_DONE && (option = next_option(argc, argv, ":h", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		status = take_option(option, &map);
	}
	if (status == EXIT_DONE)
		status = request_range(&map.request, argc, argv);
	if (status == EXIT_DONE)
		status = port_space_open(&map.request, &map.space);
	if (status != EXIT_DONE)
		return status;
	status = draw(&map);
	port_space_close(&map.space);
	return status;
}
