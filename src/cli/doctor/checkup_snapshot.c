/* SPDX-License-Identifier: MIT */
/* doctor: the snapshot that lookups are answered from. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/doctor/checkup.h"
#include "snapshot/accessors.h"
#include "snapshot/rows.h"

/* Days after which a registry is called old: IANA changes it several times a month. */
enum { OLD_DAYS = 180 };

void check_environment(struct checkup *checkup)
{
	const char *chosen = secure_getenv(SNAPSHOT_VARIABLE);

	if (!chosen || !*chosen)
		return;
	report(checkup, REPORT_NOTE,
	       SNAPSHOT_VARIABLE "=%s: this shell's programs use that file alone, others and setuid programs do not",
	       chosen);
	advise(checkup, "unset " SNAPSHOT_VARIABLE " to see what other programs see");
}

/*
 * What keeps others from opening the file: the first directory that they may not search, or the file itself; "" for
 * none.
 */
static void find_closed(const char *path, char closed[PATH_MAX])
{
	char part[PATH_MAX];
	struct stat status;

	closed[0] = '\0';
	if (!realpath(path, part))
		return;
	for (char *end = part; *end; end++) {
		const char kept = end[1];

		if (*end != '/' && kept)
			continue;
		end[1] = '\0';
		if (stat(part, &status) == 0 && !(status.st_mode & (S_ISDIR(status.st_mode) ? S_IXOTH : S_IROTH))) {
			strcpy(closed, part);
			return;
		}
		end[1] = kept;
	}
}

static void report_access(struct checkup *checkup, const char *path)
{
	char closed[PATH_MAX];
	struct stat status;

	find_closed(path, closed);
	if (*closed) {
		report(checkup, REPORT_PROBLEM, "%s is closed to other users, whose programs therefore skip %s", closed,
		       path);
		advise(checkup, "chmod o+rX %s", closed);
	}
	if (stat(path, &status) == 0 && status.st_uid != 0) {
		report(checkup, REPORT_NOTE, "%s belongs to user %u, who can change what every program here is told",
		       path, status.st_uid);
		advise(checkup, "chown root: %s", path);
	}
}

static void report_unusable(struct checkup *checkup, const char *path, enum snapshot_status status)
{
	const int reason = errno;

	if (status == SNAPSHOT_SYSTEM_ERROR && reason == ENOENT) {
		report(checkup, REPORT_OK, "%s: %s", path, strerror(reason));
		return;
	}
	report(checkup, REPORT_PROBLEM, "%s: %s; passed over", path,
	       status == SNAPSHOT_SYSTEM_ERROR ? strerror(reason) : snapshot_status_text(status));
	if (status == SNAPSHOT_WRITABLE)
		advise(checkup, "see who wrote it, then chmod go-w %s", path);
	else if (status == SNAPSHOT_SYSTEM_ERROR && reason != EACCES)
		advise(checkup, "see what is there: ls -ld %s, and put a snapshot in its place: ianareg update -o %s",
		       path, path);
	else if (status == SNAPSHOT_SYSTEM_ERROR)
		advise(checkup, "make it readable for all: chmod 0644 %s, directories 0755", path);
	else if (status == SNAPSHOT_NOT_REGULAR)
		advise(checkup, "remove it, then ianareg update -o %s, or ianareg compile -o %s REGISTRY.csv", path,
		       path);
	else
		advise(checkup, "make it anew: ianareg update -o %s, or ianareg compile -o %s REGISTRY.csv", path,
		       path);
}

static void report_usable(struct checkup *checkup, const char *path, const struct snapshot_file *file)
{
	struct stat status = {0};

	if (checkup->has_snapshot) {
		report(checkup, REPORT_OK, "%s: valid as well, and not needed", path);
		return;
	}
	checkup->has_snapshot = true;
	checkup->snapshot_path = path;
	checkup->file = *file;
	stat(path, &status);
	report(checkup, REPORT_OK, "%s is in use: mode %04o, user %u", path, status.st_mode & 07777u, status.st_uid);
	report_access(checkup, path);
}

void check_snapshot(struct checkup *checkup)
{
	const char *paths[3];

	snapshot_paths(paths);
	for (unsigned i = 0; paths[i]; i++) {
		struct snapshot_file file;
		const bool had_snapshot = checkup->has_snapshot;
		const enum snapshot_status status = snapshot_file_open(paths[i], &file);

		if (status != SNAPSHOT_OK) {
			report_unusable(checkup, paths[i], status);
			continue;
		}
		report_usable(checkup, paths[i], &file);
		if (had_snapshot)
			snapshot_file_close(&file);
	}
	if (!checkup->has_snapshot) {
		report(checkup, REPORT_PROBLEM, "there is no snapshot: lookups pass ianareg by");
		advise(checkup, "ianareg update, or ianareg compile REGISTRY.csv");
	}
}

/* Days from a date YYYY-MM-DD or YYYY-MM to now; -1 if it is none, or yet to come. */
static long days_since(const char *date)
{
	struct tm day = {.tm_mday = 1};
	double seconds;

	if (sscanf(date, "%4d-%2d-%2d", &day.tm_year, &day.tm_mon, &day.tm_mday) < 2)
		return -1;
	day.tm_year -= 1900;
	day.tm_mon--;
	seconds = difftime(time(NULL), timegm(&day));
	return seconds < 0 ? -1 : (long)(seconds / 86400);
}

void check_age(struct checkup *checkup)
{
	const char *date;
	long days;

	if (!checkup->has_snapshot)
		return;
	date = snapshot_newest_date(&checkup->file.snapshot);
	days = days_since(date);
	if (days < 0) {
		report(checkup, REPORT_NOTE, "the snapshot does not say how old its registry is");
		return;
	}
	report(checkup, days > OLD_DAYS ? REPORT_NOTE : REPORT_OK,
	       "the newest row of the registry is of %s, %ld days ago", date, days);
	if (days > OLD_DAYS)
		advise(checkup, "ianareg update");
}

void check_proof(struct checkup *checkup)
{
	const struct snapshot *snapshot = &checkup->file.snapshot;
	struct snapshot_fault fault;
	enum snapshot_status status;

	if (!checkup->has_snapshot)
		return;
	status = snapshot_check(snapshot, &fault);
	if (status == SNAPSHOT_OK) {
		report(checkup, REPORT_OK, "valid: %u answers, %u names, %u rows of the registry",
		       snapshot_entry_count(snapshot), snapshot_name_count(snapshot), snapshot_row_count(snapshot));
		return;
	}
	report(checkup, REPORT_PROBLEM, "%s %s: some answers may be lost, none is false", checkup->snapshot_path,
	       snapshot_status_text(status));
	advise(checkup, "make it anew: ianareg rollback, ianareg update --force or ianareg compile");
}

bool snapshot_has_overlay(const struct checkup *checkup)
{
	const struct snapshot *snapshot = &checkup->file.snapshot;
	struct snapshot_row row;

	for (uint32_t i = 0; i < snapshot_row_count(snapshot); i++)
		if (snapshot_row(snapshot, i, &row) == SNAPSHOT_OK && row.from_overlay)
			return true;
	return false;
}
