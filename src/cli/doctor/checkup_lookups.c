/* SPDX-License-Identifier: MIT */
/* doctor: how libc comes to the module, and whether a lookup does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/doctor/checkup.h"
#include "cli/doctor/probe.h"

#define OWN_SOURCE "ianareg"
#define DB_FILE "/var/lib/misc/services.db" /* of nss_db, as Debian builds it */
#define OVERLAY_ADVICE \
	"write \"overlay = /etc/services\" to /etc/ianareg/ianareg.conf, then ianareg update; or put files first"
#define SOURCE_ADVICE                                                                                               \
	"ask each source of the services line alone, getent -s services:SOURCE services 1: mend the one that does " \
	"it, "                                                                                                      \
	"or take it out of the line"
#define USUAL_SOURCES "files ianareg"

/* ---- nsswitch.conf ---- */

static void report_default(struct checkup *checkup)
{
	if (checkup->nsswitch.lacks_newline) {
		report(checkup, REPORT_PROBLEM,
		       "the services line of " NSSWITCH_FILE
		       " is its last and does not end in a newline: libc does not read it");
		advise(checkup, "end the line with a newline");
		return;
	}
	if (checkup->nsswitch.error == EISDIR) {
		report(checkup, REPORT_PROBLEM, NSSWITCH_FILE " is a directory: lookups of services fail");
		advise(checkup, "put a file in its place, with the line:  services: " USUAL_SOURCES);
		return;
	}
	if (checkup->nsswitch.error && checkup->nsswitch.error != ENOENT) {
		report(checkup, REPORT_PROBLEM, NSSWITCH_FILE " cannot be read (%s): libc asks files alone",
		       strerror(checkup->nsswitch.error));
		advise(checkup, "see what is there, ls -l " NSSWITCH_FILE ", and make it readable for all: chmod 0644");
		return;
	}
	report(checkup, REPORT_PROBLEM, "%s: libc asks files alone",
	       checkup->nsswitch.error ? "there is no " NSSWITCH_FILE : NSSWITCH_FILE " has no services line");
	advise(checkup,
	       "write this line there:  "
	       "services: " USUAL_SOURCES);
}

/* Whether it is a source at all, not what was meant as a comment. */
static bool is_source(const struct nsswitch *nsswitch, size_t number)
{
	for (size_t i = 0; i <= number; i++)
		if (nsswitch->sources[i].name[0] == '#')
			return false;
	return true;
}

/* The line's sources and ianareg last: without brackets, any of which may keep libc from it. */
static void advise_line(struct checkup *checkup)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;
	char *sources = NULL;
	size_t size;
	FILE *stream = xcheck(open_memstream(&sources, &size));

	for (size_t i = 0; i < nsswitch->source_count && is_source(nsswitch, i); i++)
		if (strcmp(nsswitch->sources[i].name, OWN_SOURCE) != 0)
			fprintf(stream, "%s ", nsswitch->sources[i].name);
	fputs(OWN_SOURCE, stream);
	xcheck(fclose(stream) == 0 ? sources : NULL);
	advise(checkup, "let the line say:  services: %s", strchr(sources, ' ') ? sources : USUAL_SOURCES);
	free(sources);
}

/* What keeps the sources before number `own` from passing on what they do not have. */
static void report_way(struct checkup *checkup, size_t own)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;
	const size_t barrier = find_barrier(nsswitch, own, NSS_NOTFOUND);

	if (own == nsswitch->source_count) {
		report(checkup, REPORT_PROBLEM, NSSWITCH_FILE ":%u: services: %s: ianareg is not asked",
		       nsswitch->line_number, nsswitch->text);
		advise_line(checkup);
	} else if (barrier < own) {
		report(checkup, REPORT_PROBLEM,
		       NSSWITCH_FILE ":%u: services: %s: what %s does not have is not found, and ianareg is not asked",
		       nsswitch->line_number, nsswitch->text, nsswitch->sources[barrier].name);
		advise(checkup, "remove the [action] after %s", nsswitch->sources[barrier].name);
	} else {
		report(checkup, REPORT_OK, NSSWITCH_FILE ":%u: services: %s: %s", nsswitch->line_number, nsswitch->text,
		       own ? "the registry answers what the sources before it do not have"
			   : "the registry answers first");
	}
}

/* What libc does with answers that it should simply return. */
static void report_answers(struct checkup *checkup, size_t own)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;

	for (size_t i = 0; i < nsswitch->source_count; i++) {
		const struct nss_source *source = &nsswitch->sources[i];

		if (source->steps[NSS_SUCCESS] == NSS_MERGE) {
			report(checkup, REPORT_PROBLEM,
			       "[SUCCESS=merge] after %s: libc does not merge services, and fails with EINVAL where "
			       "%s answers",
			       source->name, source->name);
			advise(checkup, "remove SUCCESS=merge: it is for the group line");
		}
		if (source->steps[NSS_SUCCESS] == NSS_CONTINUE && i <= own && i + 1 < nsswitch->source_count) {
			report(checkup, REPORT_PROBLEM,
			       "[SUCCESS=continue] after %s: its answers are thrown away for those of %s", source->name,
			       nsswitch->sources[i + 1].name);
			advise(checkup, "remove SUCCESS=continue");
		}
	}
}

/* Sources that are not what they look like. */
static void report_sources(struct checkup *checkup, size_t own)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;

	for (size_t i = 0; i < nsswitch->source_count; i++) {
		const char *name = nsswitch->sources[i].name;

		if (*name == '#') {
			report(checkup, REPORT_NOTE,
			       "# begins a comment only at the start of a line: to libc the words after it are "
			       "sources");
			advise(checkup, "remove the words from # on, or put them on a line of their own");
			return;
		}
		if (i < own && strcmp(name, "db") == 0 && access(DB_FILE, F_OK) == 0)
			report(checkup, REPORT_NOTE, "db answers before ianareg, from " DB_FILE);
		if (i < own && strcmp(name, "compat") == 0)
			report(checkup, REPORT_NOTE, "compat is asked before ianareg, and knows nothing of services");
	}
}

static void report_unavailable(struct checkup *checkup, size_t own)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;
	const size_t barrier = find_barrier(nsswitch, own, NSS_UNAVAIL);

	if (barrier == own)
		return;
	report(checkup, REPORT_NOTE,
	       "where %s is not there to be asked, nothing after it is asked either ([UNAVAIL=return])",
	       nsswitch->sources[barrier].name);
	advise(checkup, "remove UNAVAIL=return");
}

void check_nsswitch(struct checkup *checkup)
{
	struct nsswitch *nsswitch = &checkup->nsswitch;
	size_t own;

	*nsswitch = nsswitch_read(NSSWITCH_FILE);
	own = find_source(nsswitch, OWN_SOURCE);
	if (nsswitch->state == NSSWITCH_MALFORMED) {
		report(checkup, REPORT_PROBLEM,
		       NSSWITCH_FILE ":%u: libc cannot read this line, and lookups of every database fail: %s",
		       nsswitch->line_number, nsswitch->text);
		advise(checkup, "correct the line; nsswitch.conf(5) has the syntax");
	} else if (nsswitch->state == NSSWITCH_DEFAULT) {
		report_default(checkup);
	} else {
		report_way(checkup, own);
		report_answers(checkup, own);
		report_sources(checkup, own);
		if (own < nsswitch->source_count)
			report_unavailable(checkup, own);
	}
}

/* Which of two wins that both know a name, and whether that is what the machine's own file says. */
void check_order(struct checkup *checkup)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;
	const size_t own = find_source(nsswitch, OWN_SOURCE), files = find_source(nsswitch, "files");

	if (own == nsswitch->source_count || files == nsswitch->source_count || !checkup->has_snapshot)
		return;
	if (files < own) {
		report(checkup, REPORT_OK, "/etc/services wins over the registry; each lookup reads it first");
	} else if (snapshot_has_overlay(checkup)) {
		report(checkup, REPORT_OK,
		       "the registry, with this site's own entries over it, wins over /etc/services");
	} else if (find_barrier(nsswitch, files, NSS_NOTFOUND) < files) {
		report(checkup, REPORT_NOTE,
		       "the registry alone answers: what only /etc/services has is not found, for no overlay is in the "
		       "snapshot");
		advise(checkup, OVERLAY_ADVICE);
	} else {
		report(checkup, REPORT_NOTE, "the registry wins over /etc/services: no overlay is in the snapshot");
		advise(checkup, OVERLAY_ADVICE);
	}
}

/* ---- the module ---- */

/* `advice` is for a child that came to its work; one that did not says nothing of the module. */
static void report_end(struct checkup *checkup, const char *what, struct probe_result result, const char *advice)
{
	switch (result.end) {
	case PROBE_CRASHED:
		report(checkup, REPORT_PROBLEM, "%s ends the process: %s", what, strsignal(result.number));
		break;
	case PROBE_HUNG:
		report(checkup, REPORT_PROBLEM, "%s does not come back within %d second%s", what, result.number,
		       result.number == 1 ? "" : "s");
		break;
	case PROBE_ENDED:
		report(checkup, REPORT_PROBLEM, "%s ends the process with status %d", what, result.number);
		break;
	default:
		report(checkup, REPORT_PROBLEM, "%s cannot be tried: %s", what, strerror(result.number));
		advice = "see what keeps processes from being started (ulimit -u, ulimit -v, free), then try again";
	}
	advise(checkup, "%s", advice);
}

static void report_entry_points(struct checkup *checkup, const struct module_probe *probe)
{
	unsigned missing = 0;

	while (!(probe->missing >> missing & 1))
		missing++;
	report(checkup, REPORT_PROBLEM, "%s has no %s: it is not this module, or not whole", probe->path,
	       module_entry_point(missing));
	advise(checkup, "install ianareg again");
}

/* Daemons and setuid programs do not search where this shell's variable says. */
static void report_library_path(struct checkup *checkup, const struct module_probe *probe)
{
	const char *rest = secure_getenv("LD_LIBRARY_PATH");

	for (size_t size; rest && *rest; rest += size + (rest[size] == ':')) {
		size = strcspn(rest, ":");
		if (size && strncmp(probe->path, rest, size) == 0 && probe->path[size] == '/') {
			report(checkup, REPORT_NOTE,
			       "it was found through LD_LIBRARY_PATH, which other programs do not have");
			advise(checkup, "make install, then unset LD_LIBRARY_PATH");
			return;
		}
	}
}

void check_module(struct checkup *checkup)
{
	struct module_probe probe;
	const struct probe_result result = probe_module(checkup->seconds_max, &probe);

	if (result.end != PROBE_DONE) {
		report_end(checkup, "loading " MODULE_NAME, result, "install ianareg again");
	} else if (!*probe.path) {
		report(checkup, REPORT_PROBLEM, "%s", *probe.fault ? probe.fault : MODULE_NAME ": not found");
		advise(checkup, "install ianareg, then run ldconfig");
	} else if (probe.missing) {
		report_entry_points(checkup, &probe);
	} else {
		checkup->has_module = true;
		report(checkup, REPORT_OK, "%s: loaded, with its %d entry points", probe.path, ENTRY_POINT_COUNT);
		report_library_path(checkup, &probe);
	}
}

/* ---- a lookup ---- */

/* The names of all sources but ianareg, as a services line; NULL if there are none. free() it. */
static char *other_sources(const struct nsswitch *nsswitch)
{
	char *names = NULL;
	size_t size;
	FILE *stream = xcheck(open_memstream(&names, &size));

	for (size_t i = 0; i < nsswitch->source_count; i++)
		if (strcmp(nsswitch->sources[i].name, OWN_SOURCE) != 0)
			fprintf(stream, "%s ", nsswitch->sources[i].name);
	xcheck(fclose(stream) == 0 ? names : NULL);
	if (*names)
		return names;
	free(names);
	return NULL;
}

static void report_wrong_answer(struct checkup *checkup, const struct lookup_probe *probe)
{
	report(checkup, REPORT_PROBLEM, "getservbyport(%u, \"%s\") finds %s; the snapshot has %s there", probe->port,
	       probe->protocol, *probe->answer ? probe->answer : "nothing", probe->expected);
	if (checkup->nscd_answers)
		advise(checkup, "nscd -i services; if that does not help, restart nscd");
	else
		advise(checkup, "see what is said above of the services line, the module and the snapshot");
}

/* Where all that was tried stands in other sources too, we can only see whether libc comes to the module at all. */
static void judge_way(struct checkup *checkup, const struct lookup_probe *probe)
{
	const struct nsswitch *nsswitch = &checkup->nsswitch;
	const size_t own = find_source(nsswitch, OWN_SOURCE);
	const bool may_come = own < nsswitch->source_count && find_barrier(nsswitch, own, NSS_NOTFOUND) == own;

	checkup->reaches_registry =
		checkup->has_module && (probe->came_to_module || (checkup->nscd_answers && may_come));
	if (checkup->reaches_registry) {
		report(checkup, REPORT_NOTE,
		       "other sources have all that was asked of the registry; what they lack comes to it");
		return;
	}
	report(checkup, REPORT_PROBLEM, "no lookup comes to ianareg");
	advise(checkup, "see what is said above of the services line and the module");
}

static void judge_lookup(struct checkup *checkup, const struct lookup_probe *probe)
{
	if (!probe->has_entries) {
		report(checkup, REPORT_PROBLEM, "the snapshot has no answer by port");
		advise(checkup,
		       "make it anew, of the whole registry: ianareg update --force, or ianareg compile REGISTRY.csv");
	} else if (probe->error) {
		report(checkup, REPORT_PROBLEM, "getservbyport(%u, \"%s\") fails: %s", probe->port, probe->protocol,
		       strerror(probe->error));
		advise(checkup, "correct " NSSWITCH_FILE);
	} else if (!*probe->expected) {
		judge_way(checkup, probe);
	} else if (strcmp(probe->answer, probe->expected) != 0) {
		report_wrong_answer(checkup, probe);
	} else {
		checkup->reaches_registry = true;
		report(checkup, REPORT_OK, "getservbyport(%u, \"%s\") finds %s, which only the registry has",
		       probe->port, probe->protocol, probe->answer);
	}
}

void check_lookup(struct checkup *checkup)
{
	struct lookup_probe probe;
	struct probe_result result;
	char *others;

	if (!checkup->has_snapshot) {
		report(checkup, REPORT_PROBLEM, "there is no snapshot to look anything up in");
		advise(checkup, "ianareg update, or ianareg compile REGISTRY.csv");
		return;
	}
	others = other_sources(&checkup->nsswitch);
	result = probe_for_question(&checkup->file.snapshot, others, checkup->seconds_max, &probe);
	free(others);
	if (result.end != PROBE_DONE) {
		report_end(checkup, "a lookup in the sources beside ianareg", result, SOURCE_ADVICE);
		return;
	}
	result = probe_lookup(checkup->seconds_max, &probe);
	if (result.end == PROBE_DONE)
		judge_lookup(checkup, &probe);
	else
		report_end(checkup, "a lookup through libc", result, SOURCE_ADVICE);
}
