/* SPDX-License-Identifier: MIT */
/* doctor: what stands round libc on this machine: nscd, the timer, confinement, and programs that never ask libc. */
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/doctor/checkup.h"
#include "cli/update/nscd.h"

/* ---- nscd ---- */

#define NSCD_CONF "/etc/nscd.conf"

/* A prime above the registry's 11,986 answers with room for questions by name; measured in the README. */
enum { NSCD_SIZE = 20011 };

/* What nscd.conf says of services; nscd's own defaults where it says nothing. */
struct nscd_settings {
	bool caches;
	long size, seconds;
};

static struct nscd_settings read_nscd_settings(void)
{
	struct nscd_settings settings = {.size = 211, .seconds = 3600};
	FILE *stream = fopen(NSCD_CONF, "re");
	char line[512], key[64], value[64];

	while (stream && fgets(line, sizeof line, stream)) {
		if (sscanf(line, " %63[^ \t#] services %63[^ \t\n#]", key, value) != 2)
			continue;
		if (strcmp(key, "enable-cache") == 0)
			settings.caches = strcmp(value, "yes") == 0;
		else if (strcmp(key, "suggested-size") == 0)
			settings.size = strtol(value, NULL, 10);
		else if (strcmp(key, "positive-time-to-live") == 0)
			settings.seconds = strtol(value, NULL, 10);
	}
	if (stream)
		fclose(stream);
	return settings;
}

void check_nscd(struct checkup *checkup)
{
	const struct nscd_settings settings = read_nscd_settings();

	checkup->nscd_answers = nscd_is_running();
	if (!checkup->nscd_answers) {
		report(checkup, REPORT_OK, "nscd does not run");
		return;
	}
	if (!settings.caches) {
		report(checkup, REPORT_OK, "nscd runs, and does not cache services");
		return;
	}
	report(checkup, REPORT_NOTE,
	       "nscd answers before " NSSWITCH_FILE " is read, for %ld seconds what it found once", settings.seconds);
	advise(checkup, "after a new snapshot: nscd -i services (ianareg update does that)");
	if (settings.size < NSCD_SIZE) {
		report(checkup, REPORT_NOTE, NSCD_CONF ": suggested-size services %ld is too small for the registry",
		       settings.size);
		advise(checkup, "write there:  suggested-size services %d  and restart nscd", NSCD_SIZE);
	}
}

/* ---- the update timer ---- */

#define TIMER "ianareg-update.timer"

static bool find_timer(char path[PATH_MAX])
{
	static const char *const places[] = {"/etc/systemd/system", "/run/systemd/system",
					     "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
					     "/lib/systemd/system"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(path, PATH_MAX, "%s/" TIMER, places[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

void check_timer(struct checkup *checkup)
{
	char path[PATH_MAX], target[PATH_MAX];
	struct stat status;

	if (!find_timer(path)) {
		report(checkup, REPORT_NOTE, TIMER " is not installed: nothing here brings a new registry by itself");
		advise(checkup, "ianareg update once a month, by cron or by hand");
	} else if (realpath(path, target) && strcmp(target, "/dev/null") == 0) {
		report(checkup, REPORT_NOTE, "%s is masked: nothing here brings a new registry by itself", path);
		advise(checkup, "systemctl unmask " TIMER);
	} else if (lstat("/etc/systemd/system/timers.target.wants/" TIMER, &status) != 0) {
		report(checkup, REPORT_NOTE, "%s is not enabled: nothing here brings a new registry by itself", path);
		advise(checkup, "systemctl enable --now " TIMER);
	} else {
		report(checkup, REPORT_OK, "%s is enabled", path);
	}
}

/* ---- AppArmor and SELinux ---- */

static bool apparmor_is_on(void)
{
	FILE *stream = fopen("/sys/module/apparmor/parameters/enabled", "re");
	const bool is_on = stream && getc(stream) == 'Y';

	if (stream)
		fclose(stream);
	return is_on;
}

/* What abstractions/base and abstractions/nameservice let every profile that includes them read. */
static bool apparmor_allows(const char *path)
{
	return strncmp(path, "/usr/lib/", 9) == 0 || fnmatch("/var/lib/misc/*.db", path, FNM_PATHNAME) == 0;
}

static void check_apparmor(struct checkup *checkup, const char *path)
{
	if (apparmor_allows(path)) {
		report(checkup, REPORT_OK, "AppArmor is on; profiles for name services may read %s", path);
		return;
	}
	report(checkup, REPORT_NOTE,
	       "AppArmor is on, and its usual profiles may not read %s: confined programs pass it over", path);
	advise(checkup, "use %s or %s, or add \"%s r,\" to /etc/apparmor.d/abstractions/nameservice.d/ianareg",
	       SITE_SNAPSHOT, VENDOR_SNAPSHOT, path);
}

/* Types of files that were made elsewhere and moved here, or never labelled: policies keep daemons from them. */
static bool is_stray_label(const char *label)
{
	static const char *const types[] = {"tmp_t",       "user_tmp_t", "user_home_t", "admin_home_t",
					    "unlabeled_t", "default_t",  "file_t"};
	char type[128] = "";

	sscanf(label, "%*[^:]:%*[^:]:%127[^:]", type);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return !*type;
}

static void check_selinux(struct checkup *checkup, const char *path)
{
	char label[512];
	const ssize_t size = getxattr(path, "security.selinux", label, sizeof label - 1);

	label[size > 0 ? size : 0] = '\0';
	if (!is_stray_label(label)) {
		report(checkup, REPORT_OK, "SELinux is on; %s is labelled %s", path, label);
		return;
	}
	report(checkup, REPORT_PROBLEM, "SELinux is on, and the label of %s keeps confined programs from it: %s", path,
	       *label ? label : "none");
	advise(checkup, "restorecon -v %s", path);
}

void check_confinement(struct checkup *checkup)
{
	char path[PATH_MAX];

	if (!checkup->has_snapshot || !realpath(checkup->snapshot_path, path))
		return;
	if (apparmor_is_on())
		check_apparmor(checkup, path);
	if (access("/sys/fs/selinux/enforce", F_OK) == 0)
		check_selinux(checkup, path);
}

/* ---- other views of the machine ---- */

/* Only root may look at the first process's root. */
void check_chroot(struct checkup *checkup)
{
	struct stat own, first;

	if (stat("/", &own) != 0 || stat("/proc/1/root/.", &first) != 0)
		return;
	if (own.st_dev == first.st_dev && own.st_ino == first.st_ino)
		return;
	report(checkup, REPORT_NOTE, "this is a chroot: all that is said here is of what is in it");
	advise(checkup, "a chroot needs its own nsswitch.conf, module and snapshot");
}

static bool has_musl(void)
{
	glob_t found;
	const bool any = glob("/lib/ld-musl-*.so.1", GLOB_NOSORT, NULL, &found) == 0;

	if (any)
		globfree(&found);
	return any;
}

void check_bypass(struct checkup *checkup)
{
	report(checkup, REPORT_NOTE,
	       "programs that do not ask glibc (%sGo without cgo, static ones) read /etc/services alone",
	       has_musl() ? "musl's, which is here; " : "musl's, ");
	advise(checkup, "give them a file with the same answers: ianareg export --format services -o FILE");
}
