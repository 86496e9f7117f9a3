/* SPDX-License-Identifier: MIT */
/* What `unassigned` and `map` are asked about: some ports of a snapshot, with some protocols. */
#ifndef IANAREG_CLI_PORT_SPACE_H
#define IANAREG_CLI_PORT_SPACE_H

#include "cli/chosen_snapshot.h"
#include "query/ports.h"

/* As the command line has it. */
struct port_request {
	const char *snapshot; /* NULL: the one in use */
	unsigned protocols; /* bits; 0: all */
	const char *range; /* LO-HI or one port; NULL: all */
};

struct port_space {
	struct chosen_snapshot chosen;
	struct ports *ports;
	unsigned protocols; /* bits */
	unsigned first, last;
};

/* Add the protocol of that name. EXIT_DONE, or EXIT_TROUBLE after a message. */
enum exit_status request_protocol(struct port_request *request, const char *name);

/* Take the arguments after the options: a range or none. EXIT_DONE, or EXIT_TROUBLE after a message. */
enum exit_status request_range(struct port_request *request, int argc, char **argv);

/* EXIT_DONE, and port_space_close() it; or a message is printed. */
enum exit_status port_space_open(const struct port_request *request, struct port_space *space);
void port_space_close(struct port_space *space);

#endif
