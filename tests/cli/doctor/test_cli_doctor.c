/* SPDX-License-Identifier: MIT */
/*
 * `ianareg doctor`: what it finds on machines that are made for it, each in a mount namespace of its own: /etc/nsswitch.conf
 * as the test says, site snapshots in an empty /var/lib/misc, the module by LD_LIBRARY_PATH.
 */
#include <sys/xattr.h>

#include "tests/support/private_machine.h"
#include "tests/support/pty.h"

#define GOOD_LINE "services: files ianareg\n"
#define WITH_SNAPSHOT "cp s.db /var/lib/misc/ianareg.db"

/* Doctor's lines, and its exit status. free() `lines`. */
struct visit {
	int status;
	char *lines;
};

static struct visit visit_with(const char *nsswitch, const char *mounts, const char *command)
{
	need_private_machine();

	struct run result = on_machine(nsswitch, mounts, command);

	assert_string_equal(result.err, "");
	free(result.err);
	return (struct visit){result.status, result.out};
}

static struct visit visit(const char *nsswitch, const char *mounts, const char *environment)
{
	return visit_with(nsswitch, mounts, text("%s ianareg doctor", environment));
}

/* A line of that status, check, text and advice must be there; the last two are parts of what stands there. */
static void assert_says(const struct visit *visit, const char *status, const char *check, const char *said,
			const char *advice)
{
	const char *head = text("%s\t%s\t", status, check);

	for (char *line = visit->lines; *line; line = strchr(line, '\n') + 1) {
		const char *copy = text("%.*s", (int)strcspn(line, "\n"), line);
		const char *found = strncmp(copy, head, strlen(head)) == 0 ? strstr(copy, said) : NULL;

		if (found && strstr(strrchr(copy, '\t'), advice) &&
		    !(strncmp(advice, "services: ", 10) == 0 &&
		      strcmp(strstr(strrchr(copy, '\t'), advice), advice) != 0))
			return;
	}
	fail_msg("no line \"%s%s\" with advice \"%s\" in:\n%s", head, said, advice, visit->lines);
}

static void assert_every_problem_has_advice(const char *lines)
{
	for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
		const size_t size = strcspn(line, "\n");

		if (strncmp(line, "problem\t", 8) == 0 && line[size - 1] == '\t')
			fail_msg("a problem without advice: %.*s", (int)size, line);
	}
}

static void finds(const char *nsswitch, const char *mounts, int status, const char *kind, const char *check,
		  const char *said, const char *advice)
{
	struct visit one = visit(nsswitch, mounts, "");

	if (one.status != status)
		fail_msg("status %d, not %d:\n%s", one.status, status, one.lines);
	assert_says(&one, kind, check, said, advice);
	assert_every_problem_has_advice(one.lines);
	free(one.lines);
}

TEST(a_machine_in_order_has_no_problem)
{
	struct visit one = visit(GOOD_LINE, WITH_SNAPSHOT, "");

	assert_int_equal(one.status, 0);
	assert_null(strstr(one.lines, "problem\t"));
	assert_says(&one, "ok", "nsswitch", "/etc/nsswitch.conf:1: services: files ianareg: the registry answers what",
		    "");
	assert_says(&one, "ok", "module", "libnss_ianareg.so.2: loaded, with its 5 entry points", "");
	assert_says(&one, "note", "module", "LD_LIBRARY_PATH", "make install");
	assert_says(&one, "ok", "snapshot", "/var/lib/misc/ianareg.db is in use: mode 0644, user 0", "");
	assert_says(&one, "note", "age", "of 2024-12-20, ", "ianareg update");
	assert_says(&one, "ok", "proof", "72 answers, 9 names, 15 rows", "");
	assert_says(&one, "ok", "order", "/etc/services wins over the registry", "");
	assert_says(&one, "ok", "nscd", "does not run", "");
	assert_says(&one, "ok", "lookup", "which only the registry has", "");
	assert_says(&one, "note", "bypass", "/etc/services alone", "ianareg export --format services");
	free(one.lines);
}

/* ---- nsswitch ---- */

TEST(each_fault_of_the_services_line_is_named)
{
	static const struct {
		const char *content, *said, *advice;
	} faults[] = {
		{"passwd: files\n", "no services line: libc asks files alone", "services: files ianareg"},
		{"services: db files\n", "ianareg is not asked", "services: db files ianareg"},
		{"services: db [NOTFOUND=return] files\n", "ianareg is not asked", "services: db files ianareg"},
		{"services: files [NOTFOUND=return]\n", "ianareg is not asked", "services: files ianareg"},
		{"services: files #ianareg\n", "ianareg is not asked", "services: files ianareg"},
		{"services:\n", "ianareg is not asked", "services: files ianareg"},
		{"services: files [NOTFOUND=return] ianareg\n", "what files does not have is not found", "remove the [action] after files"},
		{"services: ianareg [SUCCESS=continue] files\n", "its answers are thrown away", "SUCCESS=continue"},
		{GOOD_LINE "group: files [x]\n", "conf:2: libc cannot read this line", "correct the line"},
		{"services: files ianareg", "does not end in a newline", "newline"},
	};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		finds(faults[i].content, WITH_SNAPSHOT, 1, "problem", "nsswitch", faults[i].said, faults[i].advice);
}

TEST(a_services_line_that_cannot_be_read_is_not_called_absent)
{
	struct visit one = visit_with(GOOD_LINE, WITH_SNAPSHOT "; chmod 600 nsswitch.conf",
				      "exec setpriv --reuid=64123 --clear-groups ianareg doctor");

	expect("chmod 644 nsswitch.conf", 0, "", "");
	assert_int_equal(one.status, 1);
	assert_says(&one, "problem", "nsswitch",
		    "nsswitch.conf cannot be read (Permission denied): libc asks files alone", "chmod 0644");
	free(one.lines);
}

TEST(a_line_that_works_for_the_registry_alone_is_a_problem_still)
{
	finds("services: files [SUCCESS=merge] ianareg\n", WITH_SNAPSHOT, 0, "problem", "nsswitch",
	      "libc does not merge services, and fails with EINVAL", "remove SUCCESS=merge");
	finds("services: files ianareg [SUCCESS=merge]\n", WITH_SNAPSHOT, 1, "problem", "nsswitch",
	      "[SUCCESS=merge] after ianareg", "remove SUCCESS=merge");
}

TEST(what_only_looks_wrong_or_right_is_a_note)
{
	finds("services: files # ianareg\n", WITH_SNAPSHOT, 0, "note", "nsswitch", "# begins a comment only", "remove");
	finds("services: compat files ianareg\n", WITH_SNAPSHOT, 0, "note", "nsswitch", "compat is asked before", "");
	finds("services: db files ianareg\n", WITH_SNAPSHOT "; cp s.db /var/lib/misc/services.db", 0, "note",
	      "nsswitch", "db answers before ianareg", "");
	finds("services: files [UNAVAIL=return] ianareg\n", WITH_SNAPSHOT, 0, "note", "nsswitch",
	      "where files is not there", "UNAVAIL=return");
}

TEST(the_registry_before_files_wants_an_overlay)
{
	const char *alone = "services: ianareg [UNAVAIL=continue NOTFOUND=return] files\n";

	finds(alone, WITH_SNAPSHOT, 0, "note", "order", "what only /etc/services has is not found",
	      "overlay = /etc/services");
	finds("services: ianareg files\n", WITH_SNAPSHOT, 0, "note", "order", "the registry wins over /etc/services",
	      "files first");
	finds(alone, "ianareg compile -o /var/lib/misc/ianareg.db --overlay /etc/services r.csv 2>/dev/null", 0, "ok",
	      "order", "this site's own entries", "");
}

/* ---- the module ---- */

TEST(a_module_that_is_not_there_is_a_problem)
{
	struct visit one = visit(GOOD_LINE, WITH_SNAPSHOT, "LD_LIBRARY_PATH=");

	assert_int_equal(one.status, 1);
	assert_says(&one, "problem", "module", "cannot open shared object file", "ldconfig");
	assert_says(&one, "problem", "lookup", "finds nothing; the snapshot has", "");
	free(one.lines);
}

/* A library of that C text in the place of the module. */
static struct visit visit_with_module(const char *source)
{
	put_file("module.c", source);
	need_private_machine();
	if (UNDER_ASAN) {
		puts("note: modules made by the test have no AddressSanitizer: skipped");
		skip();
	}
	expect("mkdir -p broken && cc -shared -fPIC -o broken/libnss_ianareg.so.2 module.c", 0, "", NULL);
	return visit_with(GOOD_LINE, WITH_SNAPSHOT,
			  "LD_LIBRARY_PATH=$PWD/broken timeout 30 ianareg doctor --max-time 1");
}

TEST(a_module_that_breaks_its_process_does_not_break_doctor)
{
	static const struct {
		const char *source, *said;
	} modules[] = {
		{"__attribute__((constructor)) static void f(void) { __builtin_trap(); }", "ends the process: "},
		{"#include <unistd.h>\n__attribute__((constructor)) static void f(void) { _exit(7); }",
		 "ends the process with status 7"},
		{"#include <stdio.h>\n__attribute__((constructor)) static void f(void) { puts(\"x\"); fflush(stdout); "
		 "}",
		 "has no _nss_ianareg_setservent"},
		{"int absent(void); int f(void) { return absent(); }", "undefined symbol: absent"},
	};

	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		struct visit one = visit_with_module(modules[i].source);

		assert_int_equal(one.status, 1);
		assert_says(&one, "problem", "module", modules[i].said, "install ianareg");
		assert_every_problem_has_advice(one.lines);
		free(one.lines);
	}
}

TEST(a_module_that_hangs_is_killed_though_it_blocks_every_signal)
{
	static const char *const modules[] = {
		"#include <unistd.h>\n__attribute__((constructor)) static void f(void) { for (;;) pause(); }",
		"#include <signal.h>\n#include <unistd.h>\n__attribute__((constructor)) static void f(void) { "
		"sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, 0); alarm(0); for (;;) pause(); }",
	};

	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		struct visit one = visit_with_module(modules[i]);

		assert_int_equal(one.status, 1);
		assert_says(&one, "problem", "module", "does not come back within 1 second", "install ianareg");
		assert_says(&one, "problem", "lookup", "does not come back within 1 second", "getent -s services:");
		assert_every_problem_has_advice(one.lines);
		free(one.lines);
	}
}

TEST(a_child_that_cannot_be_made_is_no_fault_of_the_module)
{
	if (UNDER_ASAN)
		skip(); /* its search for leaks needs a process of its own */

	struct visit one = visit_with(GOOD_LINE, WITH_SNAPSHOT,
				      "exec setpriv --reuid=64123 --clear-groups prlimit --nproc=0 ianareg doctor");

	assert_int_equal(one.status, 1);
	assert_says(&one, "problem", "module", "cannot be tried: ", "ulimit -u");
	assert_says(&one, "problem", "lookup", "cannot be tried: ", "ulimit -u");
	free(one.lines);
}

/* ---- snapshots ---- */

TEST(without_a_snapshot_nothing_is_found)
{
	struct visit one = visit(GOOD_LINE, "", "");

	assert_int_equal(one.status, 1);
	assert_says(&one, "ok", "snapshot", "/var/lib/misc/ianareg.db: No such file or directory", "");
	assert_says(&one, "problem", "snapshot", "there is no snapshot", "ianareg update");
	assert_says(&one, "problem", "lookup", "there is no snapshot", "ianareg update");
	free(one.lines);
}

TEST(a_snapshot_that_is_passed_over_is_told_why)
{
	static const struct {
		const char *mounts, *said, *advice;
	} faults[] = {
		{WITH_SNAPSHOT "; chmod 664 /var/lib/misc/ianareg.db", "is writable by group or others; passed over",
		 "chmod go-w"},
		{"cp r.csv /var/lib/misc/ianareg.db", "is not an ianareg snapshot; passed over", "ianareg compile"},
		{"mkdir /var/lib/misc/ianareg.db", "is not a regular file; passed over", "remove it"},
		{"ln -s ianareg.db /var/lib/misc/ianareg.db", "Too many levels of symbolic links; passed over",
		 "ls -ld"},
	};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		finds(GOOD_LINE, faults[i].mounts, 1, "problem", "snapshot", faults[i].said, faults[i].advice);
}

TEST(a_snapshot_that_others_may_not_read_is_a_problem)
{
	finds(GOOD_LINE, WITH_SNAPSHOT "; chmod 600 /var/lib/misc/ianareg.db", 0, "problem", "snapshot",
	      "/var/lib/misc/ianareg.db is closed to other users", "chmod o+rX /var/lib/misc/ianareg.db");
	finds(GOOD_LINE, WITH_SNAPSHOT "; chmod 750 /var/lib/misc", 0, "problem", "snapshot",
	      "/var/lib/misc/ is closed to other users", "chmod o+rX /var/lib/misc/");
	finds(GOOD_LINE, WITH_SNAPSHOT "; chown 65534 /var/lib/misc/ianareg.db", 0, "note", "snapshot",
	      "belongs to user 65534", "chown root:");
}

TEST(a_snapshot_that_we_may_not_read_is_to_be_made_readable)
{
	struct visit one = visit_with(GOOD_LINE, WITH_SNAPSHOT "; chmod 600 /var/lib/misc/ianareg.db",
				      "exec setpriv --reuid=64123 --clear-groups ianareg doctor");

	assert_says(&one, "problem", "snapshot", "Permission denied; passed over", "chmod 0644");
	free(one.lines);
}

TEST(a_damaged_snapshot_is_not_proven)
{
	finds(GOOD_LINE,
	      WITH_SNAPSHOT "; printf x | dd of=/var/lib/misc/ianareg.db bs=1 seek=300 conv=notrunc 2>/dev/null; true",
	      0, "problem", "proof", "does not match its checksum", "ianareg compile");
}

TEST(the_variable_is_told_and_used)
{
	struct visit one = visit(GOOD_LINE, "", "IANAREG_SNAPSHOT=$PWD/s.db");

	assert_int_equal(one.status, 0);
	assert_says(&one, "note", "environment", "use that file alone", "unset IANAREG_SNAPSHOT");
	assert_says(&one, "ok", "snapshot", "/s.db is in use", "");
	assert_null(strstr(one.lines, "/var/lib/misc/ianareg.db"));
	free(one.lines);
}

TEST(where_files_holds_all_it_is_enough_that_lookups_come_to_the_module)
{
	const char *exported = WITH_SNAPSHOT
		"; ianareg export --format services --snapshot s.db -o services; "
		"mount --bind services /etc/services";

	finds(GOOD_LINE, exported, 0, "note", "lookup", "other sources have all that was asked", "");
	finds("services: files [NOTFOUND=return] ianareg\n", exported, 1, "problem", "lookup",
	      "no lookup comes to ianareg", "services line");
}

TEST(a_snapshot_without_an_answer_by_port_answers_nobody)
{
	finds(GOOD_LINE, "head -n 1 r.csv | ianareg compile -o /var/lib/misc/ianareg.db - 2>/dev/null", 1, "problem",
	      "lookup", "the snapshot has no answer by port", "ianareg update");
	finds(GOOD_LINE,
	      WITH_SNAPSHOT
	      "; dd if=/dev/zero of=/var/lib/misc/ianareg.db bs=256 seek=1 count=32 conv=notrunc 2>/dev/null",
	      1, "problem", "lookup", "the snapshot has no answer by port", "ianareg update");
}

/* ---- the machine ---- */

TEST(the_timer_is_seen_by_its_links)
{
	const char *timer = WITH_SNAPSHOT
		"; mkdir -p /run/systemd/system; echo >/run/systemd/system/ianareg-update.timer; "
		"mount -t tmpfs tmpfs /etc/systemd/system 2>/dev/null || exit 0; ";

	need_private_machine();
	if (access("/etc/systemd/system", F_OK) != 0) {
		puts("note: no /etc/systemd/system here: timers: skipped");
		skip();
	}
	finds(GOOD_LINE, WITH_SNAPSHOT, 0, "note", "timer", "is not installed", "ianareg update");
	finds(GOOD_LINE, timer, 0, "note", "timer", "/run/systemd/system/ianareg-update.timer is not enabled",
	      "systemctl enable --now");
	finds(GOOD_LINE,
	      text("%s cd /etc/systemd/system; mkdir timers.target.wants; ln -s "
		   "/run/systemd/system/ianareg-update.timer "
		   "timers.target.wants/; cd - >/dev/null",
		   timer),
	      0, "ok", "timer", "is enabled", "");
	finds(GOOD_LINE, text("%s ln -s /dev/null /etc/systemd/system/ianareg-update.timer", timer), 0, "note", "timer",
	      "is masked", "unmask");
}

TEST(apparmor_is_told_of_paths_that_profiles_do_not_know)
{
	const char *apparmor = WITH_SNAPSHOT
		"; mount -t tmpfs tmpfs /sys/module; mkdir -p /sys/module/apparmor/parameters; "
		"echo Y >/sys/module/apparmor/parameters/enabled";

	finds(GOOD_LINE, apparmor, 0, "ok", "confinement", "may read /var/lib/misc/ianareg.db", "");

	struct visit one = visit(GOOD_LINE, apparmor, "IANAREG_SNAPSHOT=$PWD/s.db");

	assert_says(&one, "note", "confinement", "may not read", "abstractions/nameservice.d");
	free(one.lines);
}

static void selinux_finds(const char *label, const char *kind, const char *said, const char *advice)
{
	const char *selinux = "mount -t tmpfs tmpfs /sys/fs; mkdir /sys/fs/selinux; echo 1 >/sys/fs/selinux/enforce";

	if (*label && setxattr(text("%s/s.db", scratch_dir()), "security.selinux", label, strlen(label) + 1, 0) != 0) {
		puts("note: files of the scratch directory cannot be labelled: skipped");
		skip();
	}

	struct visit one = visit(GOOD_LINE, selinux, "IANAREG_SNAPSHOT=s.db");

	assert_says(&one, kind, "confinement", said, advice);
	free(one.lines);
}

TEST(selinux_labels_of_stray_files_are_a_problem)
{
	need_private_machine();
	selinux_finds("", "problem", "keeps confined programs from it: none", "restorecon");
	selinux_finds("system_u:object_r:var_lib_t:s0", "ok", "is labelled system_u:object_r:var_lib_t:s0", "");
	selinux_finds("unconfined_u:object_r:user_tmp_t:s0", "problem", "user_tmp_t", "restorecon");
}

/* A real nscd, whose socket and tables are in the namespace. */
TEST(nscd_is_asked_as_programs_ask_it)
{
	const char *nscd = WITH_SNAPSHOT
		"; mkdir /run/nscd; mount -t tmpfs tmpfs /var/cache; mkdir /var/cache/nscd; "
		"nscd -f $PWD/nscd.conf -F >/dev/null 2>&1 & "
		"trap \"kill $!\" EXIT; mount --bind nscd.conf /etc/nscd.conf; "
		"for i in 1 2 3 4 5 6 7 8 9; do [ -S /run/nscd/socket ] && break; sleep 0.3; done; sleep 0.3";

	need_private_machine();
	if (UNDER_ASAN || access("/usr/sbin/nscd", X_OK) != 0 || access("/etc/nscd.conf", F_OK) != 0) {
		puts("note: nscd is not installed, or could not load the module: skipped");
		skip();
	}
	put_file("nscd.conf",
		 "enable-cache services yes\npositive-time-to-live services 600\nsuggested-size services 211\n");
	finds(GOOD_LINE, nscd, 0, "note", "nscd", "for 600 seconds what it found once", "nscd -i services");
	finds(GOOD_LINE, nscd, 0, "note", "nscd", "suggested-size services 211 is too small", "20011");
	finds(GOOD_LINE, nscd, 0, "ok", "lookup", "which only the registry has", "");
	put_file("nscd.conf", "enable-cache services no # yes\n");
	finds(GOOD_LINE, nscd, 0, "ok", "nscd", "does not cache services", "");
}

/* ---- forms ---- */

TEST(json_says_the_same)
{
	need_private_machine();

	struct run result = on_machine("services: db files\n", WITH_SNAPSHOT, "ianareg doctor --json");
	json_t *json = json_loads(result.out, 0, NULL);
	json_t *first = json_array_get(json_object_get(json, "findings"), 0);

	assert_int_equal(result.status, 1);
	assert_true(json_is_false(json_object_get(json, "reaches_registry")));
	assert_string_equal(json_string_value(json_object_get(first, "check")), "nsswitch");
	assert_string_equal(json_string_value(json_object_get(first, "status")), "problem");
	assert_string_equal(json_string_value(json_object_get(first, "advice")),
			    "let the line say:  services: db files ianareg");
	for (size_t i = 0; i < json_array_size(json_object_get(json, "findings")); i++)
		assert_int_equal(json_object_size(json_array_get(json_object_get(json, "findings"), i)), 4);
	json_decref(json);
	free_run(&result);
}

TEST(on_a_terminal_lines_fit_and_the_last_one_sums_up)
{
	struct screen screen = screen_of(scratch_command("ianareg doctor || true"), 60);

	assert_int_equal(screen.status, 0);
	assert_non_null(strstr(screen.text, "\n\nLookups of services "));
	for (char *line = screen.text; *line; line = strchr(line, '\n') + 1)
		if (strcspn(line, "\n") > 60 && !strchr(text("%.*s", (int)strcspn(line, "\n"), line), '/'))
			fail_msg("too long: %.*s", (int)strcspn(line, "\n"), line);
	free_screen(&screen);
}

TEST(bad_usage_is_one_line)
{
	expect("ianareg doctor who", 1, "", "ianareg: who: doctor takes no arguments; see ianareg doctor --help\n");
	for (unsigned i = 0; i < 3; i++) {
		static const char *const numbers[] = {"0", "3601", "x"};

		expect(text("ianareg doctor --max-time %s", numbers[i]), 1, "",
		       text("ianareg: %s: seconds from 1 to 3600\n", numbers[i]));
	}
	expect("ianareg doctor --frob", 1, "", "ianareg: --frob: no such option; see ianareg doctor --help\n");
	expect("ianareg doctor >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
}

TEST_PROGRAM(.set_up = make_small_snapshot);
