/* SPDX-License-Identifier: MIT */
/*
 * nscd answers before nsswitch.conf is read: what it costs to ask it, beside libc asking ianareg itself; and what it costs
 * when it has nothing cached and has to ask, ianareg or files.
 */
#include <math.h>

#include "bench/compare.h"
#include "bench/report.h"

struct sides {
	struct side alone, shipped, roomy, shipped_files, roomy_files;
};

static struct side start(const struct bench *b, enum peer_kind kind, const char *id, const char *what)
{
	struct side side = {.id = id, .what = what};

	side.peer = peer_start(b, kind, false, &side.why);
	return side;
}

static void compare_sides(const struct bench *b, enum subject subject, const struct side *one, const struct side *over,
			  bool forget)
{
	const struct comparison comparison = {.subject = subject,
					      .side = one,
					      .over = over,
					      .how_id = forget ? "first_" : "",
					      .how = forget ? ", first" : "",
					      .target = forget ? 1 : NAN,
					      .forget = forget};

	compare(b, &comparison);
}

/* Warm. */
static void compare_caches(const struct bench *b, const struct sides *sides)
{
	static const enum subject asked[] = {PORT_UNIFORM, NAME_UNIFORM, PORT_HOT, NAME_HOT};

	for (unsigned i = 0; i < sizeof asked / sizeof *asked; i++) {
		compare_sides(b, asked[i], &sides->shipped, &sides->alone, false);
		compare_sides(b, asked[i], &sides->roomy, &sides->alone, false);
	}
}

/* Cold: the same peers, named after who is behind. */
static void compare_behind(const struct bench *b, struct side ianareg, struct side files, const char *what)
{
	ianareg.what = what;
	files.what = "files";
	compare_sides(b, PORT_UNIFORM, &ianareg, &files, true);
	compare_sides(b, NAME_UNIFORM, &ianareg, &files, true);
}

void bench_nscd(const struct bench *b)
{
	struct sides sides;

	report_section("nscd", "lookups through libc where nscd caches services, as programs pay");
	sides = (struct sides){
		.alone = start(b, PEER_IANAREG, "ianareg", "ianareg, no nscd"),
		.shipped = start(b, PEER_NSCD, "nscd", "nscd as shipped"),
		.roomy = start(b, PEER_NSCD_ROOMY, "nscd_20011", "nscd with 20011"),
		.shipped_files = start(b, PEER_NSCD_FILES, "nscd_files", "nscd with files behind"),
		.roomy_files = start(b, PEER_NSCD_ROOMY_FILES, "nscd_20011_files", "nscd with files behind"),
	};
	report_if_absent(&sides.shipped, "", "");
	report_if_absent(&sides.roomy, "", "");
	compare_caches(b, &sides);
	compare_behind(b, sides.shipped, sides.shipped_files, "ianareg behind nscd as shipped");
	compare_behind(b, sides.roomy, sides.roomy_files, "ianareg behind nscd with 20011");
	peer_stop(sides.alone.peer);
	peer_stop(sides.shipped.peer);
	peer_stop(sides.roomy.peer);
	peer_stop(sides.shipped_files.peer);
	peer_stop(sides.roomy_files.peer);
	report_note(
		"20011: suggested-size services 20011; as shipped it is 211. Warm, nscd has cached all that is "
		"asked");
	report_note("first: `nscd -i services` before each sample, and each key once");
}
