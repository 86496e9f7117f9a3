/* SPDX-License-Identifier: MIT */
/* The transport protocols that every snapshot names, in the order in which entries stand (header.protocols). */
#ifndef IANAREG_SNAPSHOT_PROTOCOLS_H
#define IANAREG_SNAPSHOT_PROTOCOLS_H

#include "snapshot/format.h"

static const char fixed_protocols[][PROTOCOL_SIZE] = {"tcp", "udp", "sctp", "dccp"};

enum {
	TCP,
	UDP,
	SCTP,
	DCCP,
	FIXED_PROTOCOL_COUNT,
};
_Static_assert(sizeof fixed_protocols == FIXED_PROTOCOL_COUNT * PROTOCOL_SIZE, "a name for each");

#endif
