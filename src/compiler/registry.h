/* SPDX-License-Identifier: MIT */
/*
 * The model between the texts that are read (registry CSV, services(5) overlays) and the snapshot that is written:
 * rows as they were found, and, after registry_finish(), the entries that answer.
 *
 * A registry owns copies of all texts given to it. One thread at a time. Ports are in host order. Functions that
 * allocate end the process with a message when there is no memory (the tool has nothing to save then).
 */
#ifndef IANAREG_COMPILER_REGISTRY_H
#define IANAREG_COMPILER_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diagnostics.h"
#include "snapshot/format.h"

enum registry_limit {
	ROW_COUNT_MAX = 1 << 21,
	CLAIM_COUNT_MAX = 1 << 21, /* (port, protocol, name) triples once ranges and missing protocols are expanded */
};

/* Where rows come from. Sources that are begun first win over later ones; the registry proper comes last. */
enum source_kind {
	SOURCE_REGISTRY,
	SOURCE_OVERLAY_ROWS, /* CSV: names at one port and protocol make one entry, as in the registry */
	SOURCE_OVERLAY_LINES, /* services(5): each line is an entry, the first one answers */
	SOURCE_PREFERENCES, /* services(5): lines only order what the registry has, and add nothing */
};

struct registry_row {
	const char *name; /* "" where there is none */
	const char *text[TEXT_COUNT]; /* "" where there is none */
	const char *const *aliases; /* services(5) lines only */
	uint32_t alias_count;
	uint32_t line; /* physical line it begins on, from 1 */
	uint16_t first_port, last_port; /* only if has_port */
	bool has_port;
	uint8_t protocol; /* registry_protocol(), or PROTOCOL_NONE */
	uint8_t source; /* set by registry_add(): number in order of registry_begin_source() */
};

struct registry_name {
	const char *text;
	bool is_primary; /* a lookup of this name with the entry's protocol returns this entry */
};

/* One answer: after registry_finish(). */
struct registry_entry {
	struct registry_name *names; /* the service name, then the aliases */
	uint32_t name_count;
	uint16_t port;
	uint8_t protocol;
	bool shadowed; /* another entry answers at this port and protocol; found by name alone */
	bool preferred; /* comes before the order of ports */
	bool case_variant; /* some name of it also occurs with different case */
};

struct registry_options {
	uint32_t max_port; /* entries of the registry above it do not answer; overlays' do */
	uint32_t protocols; /* bits: protocols of the registry that answer; overlays' all do */
};

struct registry;

struct registry *registry_new(void);
void registry_free(struct registry *registry); /* NULL is fine */

/* All rows added from here on are from this file; `file` is copied, for diagnostics. */
void registry_begin_source(struct registry *registry, enum source_kind kind, const char *file);

/* Name of the file begun last. */
const char *registry_source_file(const struct registry *registry);

/*
 * Index of a protocol: tcp, udp, sctp, dccp are 0 to 3; another gets the next index when `add` says so, up to
 * PROTOCOL_MAX in all and PROTOCOL_SIZE - 1 bytes each. -1: unknown, or no room.
 */
int registry_protocol(struct registry *registry, const char *protocol, bool add);
const char *registry_protocol_name(const struct registry *registry, unsigned index); /* "" past the last */

/* NULL if those bytes can be a service name (or alias), else what is wrong with them, as "is longer than 255 bytes". */
const char *registry_name_fault(const char *name, size_t size);

/* Copy the row in. False when ROW_COUNT_MAX is reached: the row is not added. */
bool registry_add(struct registry *registry, const struct registry_row *row);

/*
 * Turn rows into entries by the rules of the README ("How the registry becomes answers"): fold aliases, expand ranges
 * and missing protocols, settle conflicts, order. Call once, after the last row. Warns about rows that repeat what
 * others said (they are dropped), and legacy aliases whose target is not there. OUTCOME_INVALID past CLAIM_COUNT_MAX.
 */
enum outcome registry_finish(struct registry *registry, const struct registry_options *options,
			     struct diagnostics *diagnostics);

/* After registry_finish(): entries in order of preference, most preferred first. */
const struct registry_entry *registry_entries(const struct registry *registry, uint32_t *count);

/* After registry_finish(): rows in canonical order, by port, then protocol, then as read; those without a port last. */
const struct registry_row *const *registry_rows(const struct registry *registry, uint32_t *count);

/* Whether a row comes from a source other than the registry. */
bool registry_row_is_overlay(const struct registry *registry, const struct registry_row *row);

#endif
