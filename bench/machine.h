/* SPDX-License-Identifier: MIT */
/*
 * A machine of a process' own: a mount namespace in which it has another /etc, and an nscd of its own where it wants one.
 * Nothing of the real machine is changed, and nothing of it is left when the process ends.
 */
#ifndef IANAREG_BENCH_MACHINE_H
#define IANAREG_BENCH_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct machine {
	const char *dir; /* where its /etc is made; not in /run, /var/cache or /var/lib/misc */
	const char *source; /* what nsswitch.conf says of services */
	const char *services; /* the file that becomes /etc/services; NULL: an empty one */
	const char *nss_db; /* the file that becomes /var/lib/misc/services.db; NULL: none */

	/* An nscd that caches services; NULL: none. Then only nscd sees source and services, its clients see neither. */
	const char *nscd;
	const char *nscd_conf;
	const char *library_path; /* where nscd finds modules */
	bool roomy; /* nscd gets room for the whole registry */
};

/* Whether this machine lets us make such machines; a reason why not, or NULL. */
const char *machine_forbidden(void);

/* Enter it, in a process made for it; a reason why not, or NULL. `nscd` is its process, or 0. */
const char *machine_enter(const struct machine *machine, pid_t *nscd);

#endif
