/* SPDX-License-Identifier: MIT */
/*
 * libianareg: IANA's Service Name and Transport Protocol Port Number Registry, asked from a compiled snapshot
 * (ianareg-snapshot(5)). getservbyport(3) gives a name; this gives the assignee, the description and the rest, too, and
 * needs no libc that knows of NSS.
 *
 *	struct ianareg *registry;
 *	struct ianareg_row row;
 *	uint32_t position = 0;
 *
 *	if (ianareg_open(NULL, &registry) != IANAREG_OK)
 *		return;
 *	while (ianareg_next_row_of_ports(registry, 443, 443, "tcp", &position, &row) == IANAREG_OK)
 *		printf("%s: %s, %s\n", row.name, row.description, row.assignee);
 *	ianareg_close(registry);
 *
 * Words (RFC 6335). A row is a line of the registry: an assignment of a service name or a port number or both, or what
 * it says of ports that are reserved or unassigned. An entry is what the rows come to for programs: one port with one
 * protocol, its service name and aliases, as getservbyport(3) answers through libnss_ianareg(8) from the same snapshot.
 *
 * Units. Ports are in host order. Sizes and counts are of what their names say. Dates are texts, YYYY-MM-DD or YYYY-MM.
 *
 * Texts are UTF-8, end in NUL and are never NULL: "" is none. They are the registry's own and may hold any character,
 * newlines too: escape them before a terminal or a line of a log gets them.
 *
 * Ownership. Nothing but the handle is to be freed. Texts point into the mapped snapshot and live until
 * ianareg_close(); answers are structs of the caller.
 *
 * Errors. Functions return IANAREG_OK or say what was wrong; the handle or answer asked for is then as it was. errno
 * says more of IANAREG_SYSTEM_ERROR only; lookups leave it alone. Nothing here prints, exits, aborts, or changes what
 * the process has one of: locale, signals, environment. A snapshot is published by rename(2); a process that writes to
 * a file in place while others have it mapped ends them (SIGBUS), as with any mapped file.
 *
 * Threads. Any number of them may use one handle at once, without locks; only ianareg_close() must be alone. A handle
 * stays usable in the child after fork(2). ianareg_open(NULL, ...) reads the environment: not beside setenv(3).
 *
 * Stability. Functions, constants and the layout of structs stay as they are as long as the SONAME does. Both structs
 * end in reserved words, which the library sets to zero, and new fields will take their place: a program then reads
 * NULL or 0 in a field that an older library does not know, and one that is older than its library never looks there.
 * That costs callers neither an accessor for each field nor a size argument in each call, and Go, Python and Rust see
 * plain structs. New constants may be added to the enums: have a default. Pointers must not be NULL unless it is said
 * what NULL means.
 */
#ifndef IANAREG_H
#define IANAREG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Major, minor, patch: a byte each. The library's own is ianareg_version_number(). */
#define IANAREG_VERSION_NUMBER 0x000100

uint32_t ianareg_version_number(void);
const char *ianareg_version(void); /* "0.1.0" */

enum ianareg_status {
	IANAREG_OK = 0,
	IANAREG_NOT_FOUND = 1, /* no such entry or row, or no more of them */
	IANAREG_SYSTEM_ERROR = 2, /* errno says which; ENOMEM is one */
	IANAREG_NOT_REGULAR = 3, /* the file is a directory, a device, a FIFO ... */
	IANAREG_WRITABLE = 4, /* by group or others: it may not be believed */
	IANAREG_NOT_SNAPSHOT = 5, /* the file is something else */
	IANAREG_OTHER_FORMAT = 6, /* a snapshot in a format that this library does not read */
	IANAREG_DAMAGED = 7, /* a snapshot, but not as it was made */
};

/* A static sentence without a subject or a full stop, "is not a regular file"; never NULL, whatever `status` is. */
const char *ianareg_status_text(enum ianareg_status status);

/* ---- the handle ---- */

struct ianareg;

/*
 * Map a snapshot: the file at `path` or, for NULL, the first of the candidates that is one, as the NSS module does.
 * The descriptor is closed before this returns. Time does not depend on the size of the file.
 *
 * IANAREG_OK, and ianareg_close() is to be called. Otherwise errno is IANAREG_SYSTEM_ERROR's cause or EINVAL, and for
 * NULL they tell of the first candidate that is there but cannot be used; ENOENT: there is none.
 */
enum ianareg_status ianareg_open(const char *path, struct ianareg **registry);

/* Unmap it; no text of its may be used any more. NULL is nothing to close. errno stays. */
void ianareg_close(struct ianareg *registry);

/*
 * Where ianareg_open(NULL, ...) looks, in order; NULL past the last. $IANAREG_SNAPSHOT alone if it is set, but not in
 * programs that run with more rights than their caller (secure_getenv(3)); else what this machine compiled or
 * downloaded, then what the package brought.
 */
const char *ianareg_candidate(unsigned index);

/* The file that is mapped. The text lives until ianareg_close(). */
const char *ianareg_path(const struct ianareg *registry);

/*
 * Whether ianareg_open() with the same argument would still map the same file, by one stat(2) a candidate. To follow
 * publications, ask now and then (once a second is what the module does) and, if false, open a second handle; if that
 * fails keep the first, else close the first when no thread uses it or its texts.
 */
bool ianareg_is_current(const struct ianareg *registry);

/*
 * Check all of the file: its checksum, each offset, order and text, and that each name finds its entry. IANAREG_OK or
 * IANAREG_DAMAGED, after milliseconds.
 */
enum ianareg_status ianareg_validate(const struct ianareg *registry);

/* The latest date that any row bears: how old the registry is; "" where none does. */
const char *ianareg_newest_date(const struct ianareg *registry);

uint32_t ianareg_entry_count(const struct ianareg *registry);
uint32_t ianareg_row_count(const struct ianareg *registry);

/* ---- entries: what getservbyname(3) and getservbyport(3) answer ---- */

struct ianareg_entry {
	const char *name; /* the service name */
	const char *protocol; /* "tcp", "udp", "sctp", "dccp", or one of an overlay's */
	const char *aliases; /* alias_count texts one after another, each ending in NUL: ianareg_entry_alias() */
	uint32_t alias_count;
	uint16_t port;
	uint16_t reserved16;
	const void *reserved[4];
};

/*
 * The entry of a port or of a name or alias, with a protocol or, for NULL, the one that answers first (mostly tcp's).
 * A name matches exactly, or else without regard to the case of ASCII letters (RFC 6335 section 5.1); protocols match
 * exactly. A name with several ports has one entry: the lowest port's unless an overlay prefers another. Constant time,
 * no system call. IANAREG_NOT_FOUND: also for numbers past 65535 and for an entry that is damaged.
 */
enum ianareg_status ianareg_by_port(const struct ianareg *registry, unsigned port, const char *protocol,
				    struct ianareg_entry *entry);
enum ianareg_status ianareg_by_name(const struct ianareg *registry, const char *name, const char *protocol,
				    struct ianareg_entry *entry);

/*
 * The first entry at or after a position, by port, then protocol; 0 is the beginning, and other positions come from
 * here. IANAREG_OK moves `*position` past the entry; after the last comes IANAREG_NOT_FOUND.
 */
enum ianareg_status ianareg_next_entry(const struct ianareg *registry, uint32_t *position, struct ianareg_entry *entry);

/* Alias number `index`, from 0; NULL past the last. */
const char *ianareg_entry_alias(const struct ianareg_entry *entry, uint32_t index);

/* ---- rows: what the registry says ---- */

enum ianareg_row_status {
	IANAREG_ASSIGNED = 0, /* a name and a port */
	IANAREG_WITHOUT_PORT = 1, /* a registered name */
	IANAREG_WITHOUT_NAME = 2, /* an assigned port */
	IANAREG_RESERVED = 3,
	IANAREG_UNASSIGNED = 4,
	IANAREG_DE_REGISTERED = 5,
	IANAREG_DYNAMIC = 6, /* 49152 and up, where no row says more: RFC 6335 section 6 rather than a row */
};

/* "Assigned" and so on; "Unknown" for other numbers. */
const char *ianareg_row_status_text(enum ianareg_row_status status);

struct ianareg_row {
	const char *name; /* service name */
	const char *protocol; /* "": the row names none; if it has a name and a port it is tcp's and udp's */
	const char *aliases; /* as an entry's */
	const char *description;
	const char *assignee;
	const char *contact;
	const char *registration_date;
	const char *modification_date;
	const char *reference; /* "[RFC9110]" */
	const char *service_code; /* DCCP's: RFC 5595 */
	const char *unauthorized_use; /* a report of use without an assignment */
	const char *notes;
	uint32_t alias_count;
	enum ianareg_row_status status;
	uint16_t first_port, last_port; /* the same unless the row is a range; 0 unless has_port */
	bool has_port;
	bool from_overlay; /* this site's own, not IANA's */
	uint16_t reserved16;
	const void *reserved[8];
};

/*
 * The first row at or after a position, in canonical order: by port, then protocol, those without a port last. 0 is the
 * beginning, and other positions come from here. IANAREG_OK moves `*position` past the row; after the last comes
 * IANAREG_NOT_FOUND. IANAREG_DAMAGED: a row is, and there is no going on.
 *
 * of_ports: rows whose ports meet first_port to last_port, with that protocol or, for NULL, with any; then a row with
 * the status IANAREG_DYNAMIC if one of the ports is dynamic and no row covers it. Ports past 65535 have no rows. A row
 * without a protocol is found with tcp and udp if it has a name, else with all. of_name: rows of a name, and of the
 * service that it is an alias of, without regard to case. Each function goes on from its own positions only.
 *
 * The first of_ports makes an index, and of_name makes one after some twenty calls: 1 kB and 120 kB for the registry
 * of IANA, until ianareg_close(). Without memory for them the answers are the same, and slower.
 */
enum ianareg_status ianareg_next_row(const struct ianareg *registry, uint32_t *position, struct ianareg_row *row);
enum ianareg_status ianareg_next_row_of_ports(const struct ianareg *registry, unsigned first_port, unsigned last_port,
					      const char *protocol, uint32_t *position, struct ianareg_row *row);
enum ianareg_status ianareg_next_row_of_name(const struct ianareg *registry, const char *name, const char *protocol,
					     uint32_t *position, struct ianareg_row *row);

/* Alias number `index`, from 0; NULL past the last. */
const char *ianareg_row_alias(const struct ianareg_row *row, uint32_t index);

#ifdef __cplusplus
}
#endif

#endif
