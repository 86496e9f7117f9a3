/* SPDX-License-Identifier: MIT */
/*
 * Registries of other sizes than today's, as CSV in IANA's layout, the same bytes every time: a tenth (a sample of the
 * real rows), five times (made up in today's shape: two protocols a port that say the same), and the limit of the port
 * space (every port of four protocols, four different names an entry, of which three are legacy aliases).
 */
#ifndef IANAREG_BENCH_SYNTHETIC_H
#define IANAREG_BENCH_SYNTHETIC_H

#include <stdint.h>

enum registry_size {
	REGISTRY_TENTH,
	REGISTRY_TODAY, /* the real one, which nobody has to write */
	REGISTRY_FIVEFOLD,
	REGISTRY_LIMIT,
	REGISTRY_SIZES,
};

enum {
	SYNTHETIC_NAME_SIZE = 16, /* RFC 6335: 15 characters at most */
	SYNTHETIC_NAMES_MAX = 4,
};

struct synthetic_entry {
	uint16_t port; /* host order */
	const char *protocol;
	unsigned name_count; /* the service name first, then its aliases */
	char names[SYNTHETIC_NAMES_MAX][SYNTHETIC_NAME_SIZE];
};

/* Entry `i` of a size that is made up, by port and protocol. */
struct synthetic_entry synthetic_entry(enum registry_size size, uint32_t i);

/* Entries, and different names, of a size that is made up; 0 for the others. */
uint32_t synthetic_entry_count(enum registry_size size);
uint32_t synthetic_name_count(enum registry_size size);

/*
 * Write the registry of that size, not REGISTRY_TODAY, to `path`; the sample is of `registry_csv`. Ends the program with a
 * message where it cannot. The number of entries that come of it.
 */
uint32_t synthetic_write(enum registry_size size, const char *registry_csv, const char *path);

#endif
