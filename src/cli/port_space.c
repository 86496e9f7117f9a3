/* SPDX-License-Identifier: MIT */
/* What `unassigned` and `map` are asked about. */
#include <stdlib.h>
#include <string.h>

#include "cli/port_space.h"
#include "query/key.h"

enum exit_status request_protocol(struct port_request *request, const char *name)
{
	for (unsigned i = 0; i < PORT_PROTOCOLS; i++) {
		if (strcmp(name, port_protocol_name(i)) == 0) {
			request->protocols |= 1u << i;
			return EXIT_DONE;
		}
	}
	return complain(name, "no such protocol; there are tcp, udp, sctp and dccp");
}

enum exit_status request_range(struct port_request *request, int argc, char **argv)
{
	if (argc - optind > 1)
		return complain(argv[optind + 1], "one range at most; see ianareg %s --help", argv[0]);
	request->range = argv[optind];
	return EXIT_DONE;
}

static enum exit_status find_range(const char *text, struct port_space *space)
{
	struct key key;
	const char *fault = key_parse(&space->chosen.file.snapshot, text, &key);

	if (!*text)
		return complain("LO-HI", "a range %s", fault);
	if (!fault && (key.kind == KEY_NAME || key.protocol))
		fault = "is not a range of ports LO-HI";
	if (fault)
		return complain(text, "%s", fault);
	space->first = key.first_port;
	space->last = key.last_port;
	return EXIT_DONE;
}

static enum exit_status read_space(struct port_space *space)
{
	uint32_t bad_row;
	enum snapshot_status status = ports_read(&space->chosen.file.snapshot, &space->ports, &bad_row);

	return status == SNAPSHOT_OK ? EXIT_DONE : chosen_report_row(&space->chosen, bad_row, status);
}

enum exit_status port_space_open(const struct port_request *request, struct port_space *space)
{
	enum exit_status status = chosen_open(request->snapshot, &space->chosen);

	if (status != EXIT_DONE)
		return status;
	space->protocols = request->protocols ? request->protocols : ALL_PROTOCOLS;
	space->first = 0;
	space->last = PORT_MAX;
	if (request->range)
		status = find_range(request->range, space);
	if (status == EXIT_DONE)
		status = read_space(space);
	if (status != EXIT_DONE)
		chosen_close(&space->chosen);
	return status;
}

void port_space_close(struct port_space *space)
{
	free(space->ports);
	chosen_close(&space->chosen);
}
