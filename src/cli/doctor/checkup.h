/* SPDX-License-Identifier: MIT */
/* The state of a run of doctor, and its checks. One thread. */
#ifndef IANAREG_CLI_DOCTOR_CHECKUP_H
#define IANAREG_CLI_DOCTOR_CHECKUP_H

#include "cli/doctor/nsswitch.h"
#include "snapshot/snapshot_file.h"

enum report_kind {
	REPORT_OK,
	REPORT_NOTE, /* worth knowing; nothing is broken */
	REPORT_PROBLEM, /* something does not work as it should */
	REPORT_KIND_COUNT,
};

struct report {
	enum report_kind kind;
	const char *check; /* the name of the check that made it */
	char *text;
	char *advice; /* NULL: nothing to do */
};

struct checkup {
	const char *check; /* the name of the one at work */
	struct report *reports;
	size_t report_count;
	unsigned seconds_max; /* for each probe of the module and of lookups */
	struct nsswitch nsswitch;
	bool has_module; /* loadable and whole */
	bool has_snapshot;
	const char *snapshot_path;
	struct snapshot_file file; /* if has_snapshot */
	bool nscd_answers;
	bool reaches_registry; /* what doctor is asked for, and its exit status */
};

/* Add a report; its text may hold any bytes. */
__attribute__((format(printf, 3, 4))) void report(struct checkup *checkup, enum report_kind kind, const char *format,
						  ...);
/* Say what to do about the last report. */
__attribute__((format(printf, 2, 3))) void advise(struct checkup *checkup, const char *format, ...);

/* In this order: each may use what those before it found. */
typedef void check_function(struct checkup *checkup);
check_function check_nsswitch, check_module, check_environment, check_snapshot, check_age, check_proof, check_order,
	check_nscd, check_lookup, check_timer, check_confinement, check_chroot, check_bypass;

/* Whether the snapshot holds entries of this site's own. */
bool snapshot_has_overlay(const struct checkup *checkup);

#endif
