/* SPDX-License-Identifier: MIT */
/* The systemd units as `make install` puts them: sound, shut in, and asking for what they should. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/support.h"

static char *units; /* the directory they are installed in */

/* Of what is built already, for a tool that is there: systemd looks whether it can be run. */
static struct run install_for(const char *bindir, const char *root)
{
	return run(text("make -s --no-print-directory -o all B=%s install BINDIR='%s' UNITDIR=/units DESTDIR=%s",
			build_dir(), bindir, root));
}

static int install(void **state)
{
	char bindir[PATH_MAX];
	const char *root = text("%s/root", scratch_dir());

	(void)state;
	assert_non_null(realpath(build_dir(), bindir));

	struct run installed = install_for(bindir, root);

	if (installed.status)
		fail_msg("make install: %s%s", installed.out, installed.err);
	free_run(&installed);
	assert_true(asprintf(&units, "%s/units", root) > 0);
	return 0;
}

static int tidy(void **state)
{
	(void)state;
	free(units);
	return 0;
}

static void need_systemd_analyze(void)
{
	static bool said;
	struct run found = run("systemd-analyze --version && systemd-analyze security --help | grep -q -e --offline");
	const bool works = found.status == 0;

	free_run(&found);
	if (works)
		return;
	if (!said)
		puts("note: units: no systemd-analyze that judges files: skipped");
	said = true;
	skip();
}

/* Lines of a unit that begin so. */
static void assert_lines(const char *unit, const char *beginning, const char *expected)
{
	struct run result = run(text("grep '^%s' %s/%s", beginning, units, unit));

	assert_string_equal(result.out, expected);
	free_run(&result);
}

TEST(systemd_finds_nothing_wrong_with_them)
{
	need_systemd_analyze();

	struct run result =
		run(text("cd %s && systemd-analyze verify ./ianareg-update.service ./ianareg-update.timer "
			 "./ianareg-site.service ./ianareg-site.path",
			 units));

	assert_string_equal(result.err, "");
	assert_int_equal(result.status, 0);
	free_run(&result);
}

TEST(a_blank_in_the_path_of_the_tool_is_no_obstacle)
{
	char build[PATH_MAX];

	need_systemd_analyze();
	assert_non_null(realpath(build_dir(), build));

	const char *bindir = text("%s/with blank", scratch_dir()), *root = text("%s/blank", scratch_dir());
	struct run linked = run(text("mkdir '%s' && ln -s '%s/ianareg' '%s'", bindir, build, bindir));
	struct run installed = install_for(bindir, root);
	struct run result = run(text("cd %s/units && systemd-analyze verify ./ianareg-update.service", root));

	assert_int_equal(installed.status, 0);
	assert_string_equal(result.err, "");
	assert_int_equal(result.status, 0);
	free_run(&linked);
	free_run(&installed);
	free_run(&result);
}

/* systemd calls less than 5 of 10 "OK"; its threshold is in tenths. */
static void assert_exposure(const char *unit, unsigned threshold)
{
	struct run result = run(text("cd %s && systemd-analyze security --offline=true --no-pager --threshold=%u ./%s",
				     units, threshold, unit));
	const char *exposure = strstr(result.out, "exposure level for ");

	assert_non_null(exposure);
	exposure = strchr(exposure, ':');
	printf("note: units: exposure of %s%.5s of 10\n", unit, exposure);
	assert_non_null(strstr(exposure, " OK "));
	assert_int_equal(result.status, 0);
	free_run(&result);
}

TEST(the_update_is_shut_in)
{
	need_systemd_analyze();
	assert_exposure("ianareg-update.service", 25);
}

TEST(the_recompilation_is_shut_in)
{
	need_systemd_analyze();
	assert_exposure("ianareg-site.service", 18);
}

TEST(the_recompilation_has_no_network)
{
	assert_lines("ianareg-site.service", "PrivateNetwork=", "PrivateNetwork=yes\n");
	assert_lines("ianareg-site.service", "RestrictAddressFamilies=", "RestrictAddressFamilies=AF_UNIX\n");
	assert_lines("ianareg-site.service", "ExecStart=.*update --offline$",
		     text("ExecStart=\"%s/ianareg\" update --offline\n", realpath(build_dir(), (char[PATH_MAX]){0})));
}

TEST(both_may_write_beside_the_snapshot_and_in_the_cache_alone)
{
	assert_lines("ianareg-.service.d/sandbox.conf", "ProtectSystem=", "ProtectSystem=strict\n");
	assert_lines(
		"ianareg-.service.d/sandbox.conf", "ReadWritePaths=",
		text("ReadWritePaths=\"-%.*s\"\n", (int)(strrchr(SITE_SNAPSHOT, '/') - SITE_SNAPSHOT), SITE_SNAPSHOT));
	assert_lines("ianareg-.service.d/sandbox.conf", "[A-Z][a-z]*Directory=", "CacheDirectory=ianareg\n");
}

TEST(a_network_that_would_not_is_asked_again_and_bad_data_is_not)
{
	for (unsigned i = 0; i < 2; i++) {
		const char *unit = i ? "ianareg-site.service" : "ianareg-update.service";

		assert_lines(unit, "Type=", "Type=oneshot\n");
		assert_lines(unit, "Restart=", "Restart=on-failure\n");
		assert_lines(unit, "RestartSec=", i ? "RestartSec=1min\n" : "RestartSec=4h\n");
		assert_lines(unit, "StartLimit", "StartLimitIntervalSec=0\n");
		assert_lines(unit, "RestartPreventExitStatus=", "RestartPreventExitStatus=1 2 3\n");
	}
}

TEST(the_timer_comes_once_a_month_at_no_hour_that_all_have)
{
	assert_lines("ianareg-update.timer", "[A-Z][A-Za-z]*=",
		     "Description=Update the registry of service names and port numbers once a month\n"
		     "Documentation=https://www.iana.org/assignments/service-names-port-numbers\n"
		     "OnCalendar=monthly\nRandomizedDelaySec=12h\nPersistent=true\nWantedBy=timers.target\n");
}

TEST(what_is_the_sites_own_is_watched)
{
	assert_lines("ianareg-site.path", "PathChanged=", "PathChanged=/etc/services\nPathChanged=/etc/ianareg\n");
}

TEST(the_example_of_settings_changes_nothing_and_has_every_key_once)
{
	struct run keys = run("sed -n 's/^#\\([a-z-]*\\) = .*/\\1/p' data/ianareg.conf.example | tr '\\n' ' '");
	struct run active = run("grep -v '^#' data/ianareg.conf.example | grep .");

	assert_string_equal(keys.out, "url overlay protocols max-port guard minimum user ");
	assert_string_equal(active.out, "");
	free_run(&keys);
	free_run(&active);
}

TEST_PROGRAM(.set_up = install, .tear_down = tidy);
