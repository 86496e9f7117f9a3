/* SPDX-License-Identifier: MIT */
/* The entry points of the modules called by one process, without libc, and tinycdb beside them. */
#include <math.h>

#include "bench/compare.h"
#include "bench/report.h"

struct sides {
	struct side empty, ianareg, files, nss_db, tinycdb, tinycdb_whole;
};

static struct side side(const struct bench *b, struct peer *peer, enum backend backend, const char *id,
			const char *what)
{
	struct side side = {.id = id, .what = what, .backend = backend, .why = peer_lacks(b, backend)};

	side.peer = side.why ? NULL : peer;
	return side;
}

static void compare_sides(const struct bench *b, enum subject subject, const struct side *one, const struct side *over,
			  double target)
{
	const struct comparison comparison = {
		.subject = subject, .side = one, .over = over, .how_id = "", .how = "", .target = target};

	compare(b, &comparison);
}

/* What needs each entry's own key: tinycdb has no others. */
static bool has_all_sides(enum subject subject)
{
	return subject == PORT_UNIFORM || subject == NAME_UNIFORM;
}

void bench_direct(const struct bench *b)
{
	const char *why;
	struct peer *peer;

	report_section("direct", "entry points called directly; ratios of times, and what a lookup takes");
	peer = peer_start(b, PEER_DIRECT, false, &why);
	if (!peer) {
		report_absent("direct", "direct calls", why);
		return;
	}

	const struct sides sides = {.empty = side(b, peer, BACKEND_EMPTY, "empty", "empty"),
				    .ianareg = side(b, peer, BACKEND_IANAREG, "ianareg", "ianareg"),
				    .files = side(b, peer, BACKEND_FILES, "files", "files"),
				    .nss_db = side(b, peer, BACKEND_NSS_DB, "nss_db", "nss_db"),
				    .tinycdb = side(b, peer, BACKEND_TINYCDB, "tinycdb", "tinycdb"),
				    .tinycdb_whole =
					    side(b, peer, BACKEND_TINYCDB_WHOLE, "tinycdb_whole", "tinycdb, whole")};

	report_if_absent(&sides.nss_db, "", "");
	report_if_absent(&sides.tinycdb, "", "");
	for (int subject = 0; subject < ADDRINFO; subject++) {
		compare_sides(b, (enum subject)subject, &sides.ianareg, &sides.empty, NAN);
		if (!has_all_sides((enum subject)subject))
			continue;
		compare_sides(b, (enum subject)subject, &sides.files, &sides.ianareg, NAN);
		compare_sides(b, (enum subject)subject, &sides.nss_db, &sides.ianareg, NAN);
		compare_sides(b, (enum subject)subject, &sides.ianareg, &sides.tinycdb, 1);
		compare_sides(b, (enum subject)subject, &sides.ianareg, &sides.tinycdb_whole, NAN);
	}
	peer_stop(peer);
	report_note("tinycdb: cdb_find() with its key ready, and the value's first byte read: no proof, no servent");
	report_note("tinycdb, whole: the key is formed from port or name and protocol, and the value copied out");
}
