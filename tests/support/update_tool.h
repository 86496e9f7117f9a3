/* SPDX-License-Identifier: MIT */
/* `ianareg update` against a server of its own: what tests of it share. Everything lies in the scratch directory. */
#ifndef IANAREG_TESTS_SUPPORT_UPDATE_TOOL_H
#define IANAREG_TESTS_SUPPORT_UPDATE_TOOL_H

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cli_tool.h"
#include "tests/support/http_server.h"

static struct http_server server; /* serves the directory srv */

/* For small registries, without waiting for what may pass. */
#define UPDATE "ianareg update --config conf -o out/s.db "

/* The cache and the target are as on the first day; srv/r.csv is the small registry, old.db and new.db what is expected. */
static inline int start_afresh(void **state)
{
	(void)state;
	expect("rm -rf out cache srv && mkdir out srv && cp r.csv srv/r.csv && echo 'minimum = 1' >conf", 0, "", "");
	return 0;
}

/* A target from r.csv without one of its rows, so that an update of r.csv changes it. */
static inline int start_with_a_target(void **state)
{
	start_afresh(state);
	expect("grep -v cora-disc r.csv >old.csv && ianareg compile -o out/s.db old.csv && cp out/s.db old.db", 0, "",
	       "");
	return 0;
}

/* The fixture of programs that test update. */
static inline int start_server(void **state)
{
	make_small_snapshot(state);
	start_afresh(state);
	assert_int_equal(setenv("CACHE_DIRECTORY", text("%s/cache", scratch_dir()), 1), 0);
	return http_server_start(text("%s/srv", scratch_dir()), &server);
}

/* For struct test_group. */
static inline const char *missing_curl(void)
{
	return access("/usr/bin/curl", X_OK) == 0 || access("/usr/local/bin/curl", X_OK) == 0 ? NULL : "curl";
}

static inline int stop_server(void **state)
{
	(void)state;
	http_server_stop(&server);
	return 0;
}

/* The address of a path of the server. */
static inline const char *at(const char *path)
{
	return text("http://127.0.0.1:%u/%s", server.port, path);
}

/* Update from that path. NULL for what is no matter. */
static inline void expect_update(const char *path, const char *arguments, int status, const char *out)
{
	expect(text(UPDATE "--retry 0 --url '%s' %s", at(path), arguments), status, out, NULL);
}

static inline struct run update_from(const char *path, const char *arguments)
{
	return in_scratch(text(UPDATE "--retry 0 --url '%s' %s", at(path), arguments));
}

/* What there is after any end: nothing beside the target but FILE.prev, and in the cache a body with its facts, or not. */
static inline void expect_tidy(void)
{
	expect("ls -A out | grep -vx 's.db\\(.prev\\)\\?'; ls -A cache 2>/dev/null | "
	       "grep -vx '[0-9a-f]\\{16\\}\\.\\(body\\|facts\\)'; find out cache ! -type d ! -perm 644 2>/dev/null; "
	       "find cache -type d ! -perm 755 2>/dev/null; true",
	       0, "", "");
}

/* The target is what r.csv compiles to, and before it there was the old one. */
static inline void expect_replaced(void)
{
	expect("cmp out/s.db s.db && cmp out/s.db.prev old.db", 0, "", "");
	expect_tidy();
}

/* Update from the path, which must not go well: the target and the cache stay, and the message has that in it. */
static inline void expect_refused(const char *path, const char *arguments, int status, const char *message)
{
	struct run result = update_from(path, arguments);

	if (result.status != status || !strstr(result.err, message) || *result.out)
		fail_msg("%s: status %d: %s%s", path, result.status, result.out, result.err);
	free_run(&result);
	expect("cmp out/s.db old.db", 0, "", "");
	expect_tidy();
}

#endif
