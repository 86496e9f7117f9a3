/* SPDX-License-Identifier: MIT */
/* Namespaces and mounts. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/machine.h"

static char reason_text[PATH_MAX + 128];

/* "WHAT: what errno says" as a reason. */
static const char *because(const char *what)
{
	snprintf(reason_text, sizeof reason_text, "%s: %s", what, strerror(errno));
	return reason_text;
}

static bool put(const char *path, const char *text)
{
	FILE *const file = fopen(path, "we");

	if (file)
		fputs(text, file);
	return file && fclose(file) == 0;
}

static bool copy_lines(FILE *from, FILE *to, const char *(*change)(const char *line))
{
	char line[4096];

	while (fgets(line, sizeof line, from))
		fputs(change ? change(line) : line, to);
	return !ferror(from);
}

/* Text or not: a line may hold anything but its end. */
static bool copy(const char *source, const char *path, const char *(*change)(const char *line))
{
	FILE *const from = fopen(source, "re"), *const to = fopen(path, "we");
	bool good = from && to;
	char block[65536];
	size_t size;

	if (good && change)
		good = copy_lines(from, to, change);
	while (good && !change && (size = fread(block, 1, sizeof block, from)) > 0)
		good = fwrite(block, 1, size, to) == size;
	if (from)
		fclose(from);
	return to && fclose(to) == 0 && good;
}

static const char *with_services_cached(const char *line)
{
	return strstr(line, "enable-cache") && strstr(line, "services") ? "enable-cache services yes\n" : line;
}

static const char *with_room(const char *line)
{
	return strstr(line, "suggested-size") && strstr(line, "services") ? "suggested-size services 20011\n"
									  : with_services_cached(line);
}

/* An own user namespace for those who are not root, in which they are. */
static bool become_root(void)
{
	char uid[64], gid[64];

	snprintf(uid, sizeof uid, "0 %u 1\n", (unsigned)geteuid());
	snprintf(gid, sizeof gid, "0 %u 1\n", (unsigned)getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/uid_map", uid) && put("/proc/self/gid_map", gid);
}

static bool leave_mounts(void)
{
	return (geteuid() == 0 ? unshare(CLONE_NEWNS) == 0 : become_root()) &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

const char *machine_forbidden(void)
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		_exit(leave_mounts() ? 0 : errno);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return because("fork");
	if (status == 0)
		return NULL;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
	return because("a private mount namespace");
}

/* What programs want of /etc besides, as it is here. */
static bool copy_common(const char *etc)
{
	static const char *const names[] = {"passwd", "group", "ld.so.cache", "hosts", "protocols"};
	char from[64], to[PATH_MAX];

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(from, sizeof from, "/etc/%s", names[i]);
		snprintf(to, sizeof to, "%s/%s", etc, names[i]);
		if (!copy(from, to, NULL) && access(from, F_OK) == 0)
			return false;
	}
	return true;
}

static bool make_dir(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST;
}

/* An /etc in which services come from `source`. */
static bool make_etc(const char *etc, const char *source, const char *services)
{
	char path[PATH_MAX], text[256];

	snprintf(text, sizeof text, "passwd: files\ngroup: files\nhosts: files\nservices: %s\n", source);
	if (!make_dir(etc) || !copy_common(etc))
		return false;
	snprintf(path, sizeof path, "%s/nsswitch.conf", etc);
	if (!put(path, text))
		return false;
	snprintf(path, sizeof path, "%s/services", etc);
	return services ? copy(services, path, NULL) : put(path, "");
}

/* An empty directory PARENT/NAME over what is there, in a new PARENT where there is none. */
static bool cover(const char *parent, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s", parent, name);
	if (stat(path, &status) == 0)
		return mount("none", path, "tmpfs", 0, "mode=0755") == 0;
	return mount("none", parent, "tmpfs", 0, "mode=0755") == 0 && mkdir(path, 0755) == 0;
}

static bool is_listening(const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	bool good;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	good = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

/* It ends when we do, however we end. */
static void exec_nscd(const struct machine *machine)
{
	const int nowhere = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int fd = 0; fd < 3; fd++)
		dup2(nowhere, fd);
	if (machine->library_path)
		setenv("LD_LIBRARY_PATH", machine->library_path, 1);
	execl(machine->nscd, "nscd", "-F", (char *)NULL);
	_exit(127);
}

static const char *start_nscd(const struct machine *machine, pid_t *nscd)
{
	const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

	*nscd = fork();
	if (*nscd < 0)
		return because("fork");
	if (*nscd == 0)
		exec_nscd(machine);
	for (unsigned i = 0; i < 1000; i++) {
		if (is_listening("/run/nscd/socket"))
			return NULL;
		if (waitpid(*nscd, NULL, WNOHANG) != 0)
			return "nscd does not start";
		nanosleep(&moment, NULL);
	}
	kill(*nscd, SIGKILL);
	waitpid(*nscd, NULL, 0);
	return "nscd starts, but does not listen";
}

/* nscd with its own /etc, and then another in which nobody else finds services: what clients find, nscd told them. */
static const char *enter_with_nscd(const struct machine *machine, const char *etc, pid_t *nscd)
{
	char path[PATH_MAX + 16], clients[PATH_MAX];
	const char *reason;

	snprintf(path, sizeof path, "%s/nscd.conf", etc);
	if (!copy(machine->nscd_conf, path, machine->roomy ? with_room : with_services_cached))
		return because(path);
	snprintf(clients, sizeof clients, "%s/etc-of-clients", machine->dir);
	if (!make_etc(clients, "files", NULL))
		return because(clients);
	if (!cover("/var/cache", "nscd") || mount(etc, "/etc", NULL, MS_BIND, NULL) != 0)
		return because("private mounts");
	reason = start_nscd(machine, nscd);
	if (reason)
		return reason;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(clients, "/etc", NULL, MS_BIND, NULL) != 0)
		return because("private mounts");
	return NULL;
}

const char *machine_enter(const struct machine *machine, pid_t *nscd)
{
	char etc[PATH_MAX];

	*nscd = 0;
	snprintf(etc, sizeof etc, "%s/etc", machine->dir);
	if (!make_dir(machine->dir) || !make_etc(etc, machine->source, machine->services))
		return because(etc);
	if (!leave_mounts() || !cover("/run", "nscd"))
		return because("private mounts");
	if (machine->nss_db &&
	    (!cover("/var/lib", "misc") || !copy(machine->nss_db, "/var/lib/misc/services.db", NULL)))
		return because("/var/lib/misc/services.db");
	if (machine->nscd)
		return enter_with_nscd(machine, etc, nscd);
	return mount(etc, "/etc", NULL, MS_BIND, NULL) == 0 ? NULL : because("a private /etc");
}
