/* SPDX-License-Identifier: MIT */
/* setservent(), getservent_r() to the end and endservent(): all of the registry. */
#include <math.h>

#include "bench/compare.h"
#include "bench/report.h"

static void compare_sides(const struct bench *b, const struct side *one, const struct side *over, const char *how_id,
			  const char *how, double target, bool at_least)
{
	const struct comparison comparison = {.subject = EVERYTHING,
					      .side = one,
					      .over = over,
					      .how_id = how_id,
					      .how = how,
					      .target = target,
					      .at_least = at_least};

	compare(b, &comparison);
}

static void through_libc(const struct bench *b, bool pinned)
{
	struct side empty = {.id = "empty", .what = "empty"}, ianareg = {.id = "ianareg", .what = "ianareg"};

	empty.peer = peer_start(b, PEER_EMPTY, pinned, &empty.why);
	ianareg.peer = peer_start(b, PEER_IANAREG, pinned, &ianareg.why);
	compare_sides(b, &ianareg, &empty, pinned ? "nostat_" : "", pinned ? ", no stat" : "", 1.2, false);
	peer_stop(empty.peer);
	peer_stop(ianareg.peer);
}

static void by_direct_calls(const struct bench *b)
{
	const char *why;
	struct peer *const peer = peer_start(b, PEER_DIRECT, false, &why);
	const struct side empty = {.id = "empty", .what = "empty", .peer = peer, .backend = BACKEND_EMPTY};
	const struct side ianareg = {.id = "ianareg", .what = "ianareg", .peer = peer, .backend = BACKEND_IANAREG};
	const struct side files = {.id = "files", .what = "files", .peer = peer, .backend = BACKEND_FILES};

	if (!peer) {
		report_absent("direct", "direct calls", why);
		return;
	}
	compare_sides(b, &ianareg, &empty, "direct_", ", direct", NAN, false);
	compare_sides(b, &files, &ianareg, "direct_", ", direct", 10, true);
	peer_stop(peer);
}

void bench_enumeration(const struct bench *b)
{
	report_section("enumeration", "getservent() over everything, per entry");
	through_libc(b, false);
	through_libc(b, true);
	by_direct_calls(b);
	report_note("empty enumerates as many entries as the registry has, all the same");
}
