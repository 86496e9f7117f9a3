/* SPDX-License-Identifier: MIT */
/* What root's update does as a user without rights, and what nobody's own update does: /proc and strace tell. */
#include <pwd.h>
#include <unistd.h>

#include "cli/update/cache.h"
#include "cli/update/settings.h"
#include "snapshot/snapshot_file.h"
#include "tests/support/update_tool.h"

#define CHANGED "out/s.db: 1 added\n"

static void skip_unless_root(void)
{
	static bool said;

	if (geteuid() == 0)
		return;
	if (!said)
		puts("note: not root: that update drops root's rights is not tested");
	said = true;
	skip();
}

/* A command that sees $child, a curl that waits for its server; then the update is ended. */
static void expect_of_curl(const char *command, const char *out)
{
	expect(text(UPDATE "--retry 0 --max-time 20 --url '%s' 2>/dev/null & update=$!; for i in $(seq 500); do "
			   "child=$(cat /proc/$update/task/$update/children); child=${child%%%% }; "
			   "test -n \"$child\" && grep -q curl /proc/$child/comm && break; sleep 0.01; done; %s; "
			   "kill $update; { wait $update; } 2>/dev/null; true",
		    at("silent"), command),
	       0, out, NULL);
}

/* The user's number where nobody says another: the account of its own, if this machine has it. */
static unsigned default_uid(void)
{
	const struct passwd *entry = getpwnam("ianareg");

	return entry ? entry->pw_uid : 65534;
}

static unsigned default_gid(void)
{
	const struct passwd *entry = getpwnam("ianareg");

	return entry ? entry->pw_gid : 65534;
}

TEST(curl_runs_without_rights_and_can_become_nobody_else)
{
	skip_unless_root();
	expect_of_curl(
		"sed -n 's/^\\(Uid\\|NoNewPrivs\\|CapPrm\\|CapEff\\|Groups\\):[\\t ]*/\\1 /p' /proc/$child/status |"
		" sed 's/[ \\t]*$//' | tr '\\t' ' '",
		text("Uid %1$u %1$u %1$u %1$u\nGroups\nCapPrm 0000000000000000\nCapEff 0000000000000000\nNoNewPrivs "
		     "1\n",
		     default_uid()));
}

TEST(curl_has_no_descriptor_but_its_own)
{
	expect_of_curl(
		"for fd in /proc/$child/fd/*; do readlink $fd; done | "
		"grep -v '^socket:\\|^pipe:\\|^/memfd:ianareg (deleted)$\\|^/dev/null$\\|^anon_inode:'",
		"");
}

TEST(curl_has_little_of_our_environment)
{
	expect_of_curl(
		"tr '\\0' '\\n' </proc/$child/environ | grep -v '^\\(PATH=/usr/bin:/bin\\|LC_ALL=C\\|HOME=/"
		"nonexistent\\|SSL_CERT_[A-Z]*=.*\\|CURL_CA_BUNDLE=.*\\|[A-Za-z]*_[Pp][Rr][Oo][Xx][Yy]=.*\\)$'",
		"");
}

TEST(curl_is_limited)
{
	expect_of_curl(
		"awk '/^Max (core file|cpu time|file size|open files)/ { sub(/^Max /, \"\"); print $1, $(NF - 1) "
		"}' /proc/$child/limits | sort",
		"core 0\ncpu 60\nfile 33554433\nopen 64\n");
}

/* Where strace works: each child gives root's rights up for good before it opens a socket or parses anything. */
TEST(each_child_drops_roots_rights)
{
	struct run traced = run("strace -o /dev/null true");
	const bool works = traced.status == 0;

	free_run(&traced);
	skip_unless_root();
	if (!works || UNDER_ASAN) {
		puts("note: strace cannot be used: the rights of the parser are not tested");
		skip();
	}
	expect(text("strace -f -qq -e signal=none -o trace -e trace=setgroups,setresgid,setresuid,setuid " UPDATE
		    "--retry 0 --url '%s' && cut -d ' ' -f 2- trace | tr -s ' ' | sed 's/^ //; s/ (.*//' | sort | uniq "
		    "-c",
		    at("file/r.csv")),
	       0,
	       text(CHANGED "      2 setgroups(0, NULL) = 0\n"
			    "      2 setresgid(%1$u, %1$u, %1$u) = 0\n"
			    "      2 setresuid(%2$u, %2$u, %2$u) = 0\n"
			    "      2 setuid(0) = -1 EPERM\n",
		    default_gid(), default_uid()),
	       NULL);
}

#define AS_NOBODY "setpriv --reuid=65534 --regid=65534 --clear-groups "

/* In the directory `own`, nobody's. */
static void expect_as_nobody(const char *environment, const char *path, int status, const char *out)
{
	expect(text("cd own && unset CACHE_DIRECTORY && export %s && " AS_NOBODY
		    "$(command -v ianareg) update --config "
		    "../conf --guard 100 -o $PWD/s.db --retry 0 --url '%s'",
		    environment, at(path)),
	       status, out, NULL);
}

/* The build may be in a directory that only root may enter. */
static bool nobody_may_run_the_tool(void)
{
	struct run result = in_scratch(AS_NOBODY "$(command -v ianareg) --version");
	const bool may = result.status == 0;

	free_run(&result);
	return may;
}

TEST(others_than_root_have_a_cache_of_their_own)
{
	skip_unless_root();
	if (!nobody_may_run_the_tool())
		skip();
	expect("mkdir own && chown 65534:65534 own", 0, "", "");
	expect_as_nobody("HOME=$PWD", "file/r.csv", 0, text("%s/own/s.db: new, 11 assignments\n", scratch_dir()));
	expect("cmp own/s.db s.db && stat -c '%a %U' own/.cache/ianareg own/s.db && ls own/.cache/ianareg | wc -l", 0,
	       "755 nobody\n644 nobody\n2\n", "");
	expect_as_nobody("XDG_CACHE_HOME=$PWD/xdg HOME=/nonexistent", "file/r.csv", 0, NULL);
	expect("ls own/xdg/ianareg | wc -l", 0, "2\n", "");
	expect_as_nobody("HOME=", "file/r.csv", 0, NULL);
	expect("rm -rf own", 0, "", "");
}

/* Commands in a mount namespace of its own, where no file of the machine can be harmed. */
static void expect_in_namespace(const char *commands, int status, const char *out, const char *err)
{
	struct run possible = run("unshare -m mount -t tmpfs none /mnt");
	const bool works = geteuid() == 0 && possible.status == 0;

	free_run(&possible);
	if (!works) {
		puts("note: no private mount namespace here: the default paths of update are not tested");
		skip();
	}
	put_file("commands", text("set -e; unset IANAREG_SNAPSHOT CACHE_DIRECTORY\n%s\n", commands));
	expect("unshare -m sh commands", status, out, err);
}

TEST(update_without_curl_names_it)
{
	expect_in_namespace(
		text("for c in /usr/bin/curl /bin/curl /usr/local/bin/curl; do test ! -e $c || mount --bind "
		     "/dev/null $c; done; " UPDATE "--url '%s'",
		     at("file/r.csv")),
		1, "", "ianareg: curl: is not installed; update needs it\n");
	expect("cmp out/s.db old.db", 0, "", "");
	expect_tidy();
}

TEST(root_needs_no_option_at_all)
{
	expect_in_namespace(
		text("mount -t tmpfs none /var/lib/misc; mount -t tmpfs none /var/cache; cp -a /etc/passwd /etc/group "
		     "/etc/nsswitch.conf /etc/hosts .; mount -t tmpfs none /etc; cp passwd group nsswitch.conf hosts "
		     "/etc; "
		     "mkdir /etc/ianareg; printf 'minimum = 1\nguard = 100\nurl = %s\n' >" SETTINGS_FILE
		     "\nianareg update; ianareg update; ianareg lookup cora-disc | cut -f 1,2; ls -A /var/lib/misc; "
		     "ls -A " CACHE_DIR " | wc -l; stat -c '%%a %%U' " SITE_SNAPSHOT " " CACHE_DIR,
		     at("file/r.csv")),
		0,
		SITE_SNAPSHOT ": new, 11 assignments\n" SITE_SNAPSHOT
			      ": unchanged\ncora-disc\t19220\nianareg.db\n2\n"
			      "644 root\n755 root\n",
		"");
}

/* On a machine without that account, and with it; curl waits for its server meanwhile. */
TEST(roots_children_are_an_account_of_its_own_where_there_is_one)
{
	put_file("uid",
		 text(UPDATE
		      "--retry 0 --max-time 20 --url '%s' \"$@\" 2>/dev/null & update=$!\n"
		      "for i in $(seq 500); do child=$(cat /proc/$update/task/$update/children); child=${child%%%% }\n"
		      "test -n \"$child\" && grep -q curl /proc/$child/comm && break; sleep 0.01; done\n"
		      "sed -n 's/^Uid:[\t]\\([0-9]*\\).*/\\1/p' /proc/$child/status; kill $update; wait $update\n",
		      at("silent")));
	expect_in_namespace(
		"grep -v ^ianareg: /etc/passwd >passwd; mount --bind passwd /etc/passwd; sh uid || true\n"
		"echo 'ianareg:x:64999:64999::/:/usr/sbin/nologin' >>passwd; sh uid || true; sh uid --user nobody || "
		"true",
		0, "65534\n64999\n65534\n", NULL);
}

TEST_PROGRAM(.set_up = start_server, .tear_down = stop_server, .set_up_each = start_with_a_target,
	     .missing = missing_curl);
