/* SPDX-License-Identifier: MIT */
/* The module as tests see it: its five entry points, its answers as text, and processes that look things up afresh. */
#ifndef IANAREG_TESTS_SUPPORT_MODULE_H
#define IANAREG_TESTS_SUPPORT_MODULE_H

#include <netdb.h>
#include <nss.h>

#include "tests/support/support.h"

NSS_DECLARE_MODULE_FUNCTIONS(ianareg)

/* Whether AddressSanitizer or valgrind ($VALGRIND) looks on: each call then costs 5 to 50 times as much. */
bool instrumented(void);

/* Write `bytes` as scratch_dir()/`name`, mode 0644 whatever the umask. The path, in the ring of text(). */
const char *write_snapshot(const char *name, const void *bytes, size_t size);

/*
 * Compile the bundled registry, write it and name it in $IANAREG_SNAPSHOT: before the process's first lookup, since a
 * snapshot once mapped stays. free_compiled() the result.
 */
struct compiled use_registry(void);

/*
 * Have libc answer `services` from build_dir()'s module alone, whatever nsswitch.conf says; nscd is left out. Once per
 * process, before its first lookup through libc.
 */
void use_module_in_libc(void);

/*
 * An answer as text, "http 80/tcp www www-http" or "not found", "unavailable", "try again". In the ring of text().
 * Ports are in host order.
 */
const char *servent_text(const struct servent *servent);
const char *entry_text(const struct snapshot_entry *entry);
const char *module_by_port(unsigned port, const char *protocol);
const char *module_by_name(const char *name, const char *protocol);
const char *snapshot_by_port(const struct snapshot *snapshot, unsigned port, const char *protocol);
const char *snapshot_by_name(const struct snapshot *snapshot, const char *name, const char *protocol);

/* All entries of a snapshot in order, each as its text, ended by ';' and NUL at the very end. free() it. */
char *snapshot_texts(const struct snapshot *snapshot);

/* One way of asking the module; answers lie in static memory until the next call. False: not found. */
struct route {
	const char *name;
	void (*begin)(void);
	bool (*next)(struct servent *servent);
	void (*end)(void);
	bool (*by_name)(const char *name, const char *protocol, struct servent *servent);
	bool (*by_port)(int port_be, const char *protocol, struct servent *servent);
};
extern const struct route direct_route; /* the entry points */
extern const struct route libc_route; /* the *_r functions of <netdb.h>, after use_module_in_libc() */

/*
 * Run `body` in a child process, which must come to its end with every must() true within a minute or so. cmocka's
 * assertions must not be used in it: they would go on with the parent's tests there.
 */
void in_child(void (*body)(const void *argument), const void *argument);
#define must(condition) ((condition) ? (void)0 : child_failed(__FILE__, __LINE__, #condition))
_Noreturn void child_failed(const char *file, int line, const char *condition);

/* Descriptors this process has open. */
unsigned count_descriptors(void);

#endif
