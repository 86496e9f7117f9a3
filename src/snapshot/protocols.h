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

/*
 * The protocols of a row with a name and a port, as bits: the one it names or, where it names none, tcp and udp, as the
 * registry's older assignments are for both.
 */
static inline uint32_t row_protocols(unsigned protocol_index)
{
	return protocol_index == PROTOCOL_NONE ? 1u << TCP | 1u << UDP : 1u << protocol_index;
}

#endif
