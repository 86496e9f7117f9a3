/* SPDX-License-Identifier: MIT */
/*
 * All 65,536 ports with each transport protocol: what the registry makes of them, and whether it reports that someone
 * uses them without an assignment. Read once from the rows of a snapshot; then every question takes constant time.
 */
#ifndef IANAREG_QUERY_PORTS_H
#define IANAREG_QUERY_PORTS_H

#include "snapshot/protocols.h"
#include "snapshot/rows.h"

enum {
	PORT_COUNT = PORT_MAX + 1,
	PORT_PROTOCOLS = FIXED_PROTOCOL_COUNT, /* the registry's, in the order of snapshot/protocols.h */
	ALL_PROTOCOLS = (1 << PORT_PROTOCOLS) - 1, /* sets of them are bits, tcp's the lowest */
	FIRST_USER_PORT = 1024, /* RFC 6335 section 6; below are the system ports */
};

/* What a port is with one protocol. With several it is the last of these that one of them makes it. */
enum port_class {
	PORT_UNASSIGNED,
	PORT_DYNAMIC, /* 49152 and up, where no row says more */
	PORT_DE_REGISTERED,
	PORT_RESERVED,
	PORT_ASSIGNED, /* with a name or without, by IANA or by an overlay */
	PORT_CLASS_COUNT,
};

/* Remarks are inside the snapshot's bytes. Their pages stay untouched zeros but for the few ports that have one. */
struct ports {
	uint8_t classes[PORT_PROTOCOLS][PORT_COUNT];
	const char *remarks[PORT_PROTOCOLS][PORT_COUNT]; /* on unauthorised use; NULL: none is reported */
};

/*
 * Read the rows, in time linear in them whatever they claim. A row without a protocol speaks of all four, but a service
 * without one is tcp's and udp's. A remark is on the ports it names in its row's range or, if there are none, on all of
 * them. SNAPSHOT_OK: free() `*ports`. SNAPSHOT_BAD_ROW: `*bad_row` says which. Ends the process without memory.
 */
enum snapshot_status ports_read(const struct snapshot *snapshot, struct ports **ports, uint32_t *bad_row);

/* Ports seen through a choice of protocols. */
struct port_view {
	const struct ports *ports;
	unsigned protocols; /* whose classes count */
	unsigned remark_protocols; /* whose remarks count */
};

enum port_class port_class_of(const struct port_view *view, unsigned port);

/* The remark on unauthorised use of the port: the first protocol's that has one; NULL if none has. */
const char *port_remark_of(const struct port_view *view, unsigned port);

/* Ports next to each other that are alike. */
struct port_run {
	unsigned first, last;
	enum port_class class;
	const char *remark; /* or NULL */
};

/* The longest run from `first` on, to `last` at most. */
struct port_run port_run_at(const struct port_view *view, unsigned first, unsigned last);

struct port_counts {
	unsigned classes[PORT_CLASS_COUNT]; /* their sum is the number of ports */
	unsigned reported; /* with a remark, whatever their class */
};

struct port_counts count_ports(const struct port_view *view, unsigned first, unsigned last);

/* "Assigned" and so on, as facts have it. */
const char *port_class_text(enum port_class class);

/* The name of one of them; NULL for PORT_PROTOCOLS. */
const char *port_protocol_name(unsigned protocol);

#endif
