/* SPDX-License-Identifier: MIT */
/*
 * A real nscd that caches services and looks them up through the module, in a mount namespace of its own with a private
 * /run/nscd: after an update, and after a rollback, what it has cached is asked anew.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/update_tool.h"

/* What a shell in the namespace does first. getent there has no module: what it finds, nscd told it. */
#define WITH_NSCD                                                                                                  \
	"mount --bind nsswitch.conf /etc/nsswitch.conf && mount --bind nscd.conf /etc/nscd.conf && "               \
	"mount -t tmpfs none /run/nscd && { LD_LIBRARY_PATH=$MODULE nscd -F >/dev/null 2>&1 & nscd=$!; } && "      \
	"for i in $(seq 300); do test -S /run/nscd/socket && break; sleep 0.02; done && unset LD_LIBRARY_PATH && " \
	"asked() { getent services 19220/udp; } && "

static const char *const configuration =
	"enable-cache services yes\npositive-time-to-live services 28800\n"
	"negative-time-to-live services 20\ncheck-files services no\n"
	"persistent services no\nshared services no\n"
	"enable-cache passwd no\nenable-cache group no\nenable-cache hosts no\n"
	"enable-cache netgroup no\n";

static void skip_because(const char *reason)
{
	printf("note: nscd: %s: skipped\n", reason);
	skip();
}

static void skip_unless_possible(void)
{
	struct run found = run("command -v nscd && test -d /run/nscd && unshare -m true");
	const bool possible = found.status == 0;

	free_run(&found);
	if (UNDER_ASAN)
		skip_because("cannot load a module built with AddressSanitizer");
	if (geteuid() != 0 || !possible)
		skip_because("is not installed, or there is no private mount namespace here");
}

/* Two registries that differ in the name at 19220/udp. */
static int prepare(void **state)
{
	start_server(state);
	put_file("nscd.conf", configuration);
	put_file("nsswitch.conf", "services: ianareg\n");
	expect("sed 's/cora-disc/the-old-name/' r.csv >old.csv && ianareg compile -o out/s.db old.csv", 0, "", "");
	return 0;
}

static void expect_with_nscd(const char *commands, const char *out)
{
	char module[4096];

	assert_non_null(realpath(build_dir(), module));
	put_file("commands", text("set -e; " WITH_NSCD "%s\nkill $nscd", commands));
	expect(text("IANAREG_SNAPSHOT=$PWD/out/s.db MODULE='%s' unshare -m sh commands", module), 0, out, NULL);
}

/* Without a word to nscd, as `compile` publishes, it gives the old answer on and on. */
TEST(update_and_rollback_have_nscd_ask_anew)
{
	skip_unless_possible();
	expect_with_nscd(
		text("asked; cp out/s.db kept.db; ianareg compile r.csv; sleep 1.1; asked; mv kept.db out/s.db;\n"
		     "ianareg update --config conf --guard 10 --url '%s' >/dev/null; asked;\n"
		     "ianareg rollback >/dev/null; asked",
		     at("file/r.csv")),
		"the-old-name          19220/udp\n"
		"the-old-name          19220/udp\n"
		"cora-disc             19220/udp\n"
		"the-old-name          19220/udp\n");
}

/* As where it was killed, before it could say so, after it had published. */
TEST(an_update_that_finds_nothing_new_has_nscd_ask_anew)
{
	skip_unless_possible();
	expect("ianareg compile -o out/s.db old.csv", 0, "", "");
	expect_with_nscd(text("asked; ianareg compile -o out/s.db r.csv; sleep 1.1; asked\n"
			      "ianareg update --config conf --dry-run --url '%1$s'; asked\n"
			      "ianareg update --config conf --url '%1$s'; asked",
			      at("file/r.csv")),
			 text("the-old-name          19220/udp\n"
			      "the-old-name          19220/udp\n"
			      "%1$s/out/s.db: unchanged\n"
			      "the-old-name          19220/udp\n"
			      "%1$s/out/s.db: unchanged\n"
			      "cora-disc             19220/udp\n",
			      scratch_dir()));
}

/* A socket that takes connections and says nothing, and an `nscd -i` that waits for it for ever. */
TEST(an_nscd_that_hangs_is_given_up)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	skip_unless_possible();
	expect("mkdir -p nscd && printf '#!/bin/sh\nexec sleep 60\n' >hung && chmod 755 hung", 0, "", "");
	snprintf(address.sun_path, sizeof address.sun_path, "%s/nscd/socket", scratch_dir());
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 100), 0);
	put_file("commands", text("set -e; mount --bind nscd /run/nscd; mount --bind hung $(command -v nscd)\n"
				  "timeout 30 ianareg update --config conf --force --url '%s' >/dev/null; ls -A out",
				  at("file/r.csv")));
	expect("IANAREG_SNAPSHOT=$PWD/out/s.db unshare -m sh commands", 0, "s.db\ns.db.prev\n",
	       "ianareg: nscd: did not take \"nscd -i services\"; it may give old answers for hours\n");
	close(fd);
}

TEST_PROGRAM(.set_up = prepare, .tear_down = stop_server, .missing = missing_curl);
