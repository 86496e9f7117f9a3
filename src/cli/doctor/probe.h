/* SPDX-License-Identifier: MIT */
/*
 * What libc does in a process of its own: loads the module, and looks services up. Each probe is a child process, so
 * that a module which crashes, hangs, ends its process or prints cannot do it to us: one that is not done in `seconds`
 * is killed. One thread.
 */
#ifndef IANAREG_CLI_DOCTOR_PROBE_H
#define IANAREG_CLI_DOCTOR_PROBE_H

#include <limits.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

#define MODULE_NAME "libnss_ianareg.so.2"

/* How a child came to its end. */
enum probe_end {
	PROBE_DONE,
	PROBE_CRASHED, /* `number` is the signal */
	PROBE_HUNG, /* for `number` seconds */
	PROBE_ENDED, /* it ended itself, with status `number` */
	PROBE_NO_CHILD, /* `number` is the errno */
};

struct probe_result {
	enum probe_end end;
	int number;
};

enum { ENTRY_POINT_COUNT = 5 };

struct module_probe {
	char path[PATH_MAX]; /* where it was loaded from; "" if it was not */
	char fault[1024]; /* why not */
	uint8_t missing; /* bit i: module_entry_point(i) is not there */
};

const char *module_entry_point(unsigned number);

/* Load the module as libc would, by its name alone. */
struct probe_result probe_module(unsigned seconds, struct module_probe *probe);

enum { PROBE_NAME_SIZE = 256 };

/* A question by port, and its answer. */
struct lookup_probe {
	bool has_entries; /* the snapshot has an answer by port at all */
	uint16_t port;
	char protocol[PROTOCOL_SIZE];
	char expected[PROBE_NAME_SIZE]; /* what the snapshot says; "": nobody has this port and protocol */
	char answer[PROBE_NAME_SIZE]; /* what libc says; "": nothing */
	int error; /* of the lookup; 0: none */
	bool came_to_module; /* libc has loaded the module for it */
};

/*
 * Find a question that only the snapshot can answer: an entry that none of the other sources has, given as a services
 * line (NULL: there are none). Entries from all over the snapshot are tried; where the others have them all, or there
 * are none (`has_entries`), the question is one that nobody can answer.
 */
struct probe_result probe_for_question(const struct snapshot *snapshot, const char *other_sources, unsigned seconds,
				       struct lookup_probe *probe);

/* Ask libc as programs do. */
struct probe_result probe_lookup(unsigned seconds, struct lookup_probe *probe);

#endif
