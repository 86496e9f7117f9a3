/* SPDX-License-Identifier: MIT */
/* Suggestions: free ports for a new service, outside the ephemeral range and not next to each other. */
#ifndef IANAREG_QUERY_PORT_SUGGEST_H
#define IANAREG_QUERY_PORT_SUGGEST_H

#include "query/ports.h"

#define EPHEMERAL_FILE "/proc/sys/net/ipv4/ip_local_port_range"

/*
 * The ports that a machine gives to outgoing connections, so that a service cannot count on them: first > last is none.
 */
struct ephemeral_range {
	unsigned first, last;
};

/* Read a file like EPHEMERAL_FILE. Where it cannot be read or makes no sense, what Linux has by default. */
struct ephemeral_range read_ephemeral_range(const char *path);

struct suggest_request {
	struct port_view view;
	unsigned first, last;
	struct ephemeral_range ephemeral;
	const char *seed; /* the same wish with the same seed gets the same ports */
	uint32_t count;
};

/*
 * Fill `picks` with wish->count ports in ascending order, each unassigned, without a remark, not ephemeral, and none
 * next to another; each lies in its own share of the ports there are to pick from. Returns wish->count or, if there
 * are fewer, how many there are; `picks` is then as it was.
 */
uint32_t suggest_ports(const struct suggest_request *wish, uint16_t *picks);

#endif
