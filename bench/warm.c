/* SPDX-License-Identifier: MIT */
/*
 * Lookups through libc in processes that have been at it for a while: ianareg over the empty module, and what else there
 * is over ianareg. Once as programs pay, who have libc look at nsswitch.conf at each lookup, and once without that.
 */
#include <math.h>

#include "bench/compare.h"
#include "bench/report.h"

/* Two ways to have libc ask. */
enum how { WITH_STAT, WITHOUT_STAT, HOWS };

static const struct {
	const char *id, *what;
} hows[HOWS] = {{"", ""}, {"nostat_", ", no stat"}};

/* 0: none. */
static const double targets_over_empty[SUBJECTS][HOWS] = {
	[PORT_UNIFORM] = {1.06, 1.6}, [NAME_UNIFORM] = {1.10, 2.2}, [PORT_HOT] = {1.03, 1.3},
	[NAME_HOT] = {1.03, 1.3},     [PORT_MISS] = {1.03, 1.3},    [NAME_MISS] = {1.03, 1.3},
};
static const double targets_of_files[SUBJECTS] = {[PORT_UNIFORM] = 5000, [NAME_UNIFORM] = 4000};
static const double targets_of_nss_db[SUBJECTS] = {[PORT_UNIFORM] = 40, [NAME_UNIFORM] = 40};

struct sides {
	struct side empty, ianareg, files, debian, nss_db;
};

static double target(double value)
{
	return value > 0 ? value : NAN;
}

/* What ianareg alone does is no ratio: names without regard to case. */
static bool others_can(enum subject subject)
{
	return subject != NAME_FOLDED;
}

/* With libc's stat in all of them, others are compared where it says most. */
static bool others_asked(enum how how, enum subject subject)
{
	return others_can(subject) && (how == WITHOUT_STAT || subject == PORT_UNIFORM || subject == NAME_UNIFORM ||
				       subject == PORT_SKEWED || subject == NAME_SKEWED);
}

static void compare_others(const struct bench *b, const struct sides *sides, enum how how, enum subject subject)
{
	struct comparison comparison = {.subject = subject,
					.over = &sides->ianareg,
					.how_id = hows[how].id,
					.how = hows[how].what,
					.at_least = true};

	comparison.side = &sides->files;
	comparison.target = target(how == WITHOUT_STAT ? targets_of_files[subject] : 0);
	compare(b, &comparison);
	comparison.side = &sides->nss_db;
	comparison.target = target(how == WITHOUT_STAT ? targets_of_nss_db[subject] : 0);
	if (subject < ADDRINFO)
		compare(b, &comparison);
	comparison.side = &sides->debian;
	comparison.target = NAN;
	comparison.set = KEYS_DEBIAN;
	if (subject == PORT_UNIFORM || subject == NAME_UNIFORM)
		compare(b, &comparison);
}

static void compare_all(const struct bench *b, const struct sides *sides, enum how how)
{
	report_if_absent(&sides->nss_db, hows[how].id, hows[how].what);
	report_if_absent(&sides->debian, hows[how].id, hows[how].what);
	for (int subject = 0; subject < EVERYTHING; subject++) {
		const struct comparison comparison = {.subject = (enum subject)subject,
						      .side = &sides->ianareg,
						      .over = &sides->empty,
						      .how_id = hows[how].id,
						      .how = hows[how].what,
						      .target = target(targets_over_empty[subject][how])};

		compare(b, &comparison);
		if (others_asked(how, (enum subject)subject))
			compare_others(b, sides, how, (enum subject)subject);
	}
}

static struct side start(const struct bench *b, enum peer_kind kind, enum how how, const char *id, const char *what)
{
	struct side side = {.id = id, .what = what};

	side.peer = peer_start(b, kind, how == WITHOUT_STAT, &side.why);
	return side;
}

void bench_warm(const struct bench *b)
{
	report_section("warm",
		       "lookups through libc; ratios of times, medians of interleaved pairs and their quartiles");
	for (int how = WITH_STAT; how < HOWS; how++) {
		struct sides sides = {
			.empty = start(b, PEER_EMPTY, (enum how)how, "empty", "empty"),
			.ianareg = start(b, PEER_IANAREG, (enum how)how, "ianareg", "ianareg"),
			.files = start(b, PEER_FILES, (enum how)how, "files", "files"),
			.debian = start(b, PEER_FILES_DEBIAN, (enum how)how, "files_debian", "files (Debian's)"),
			.nss_db = start(b, PEER_NSS_DB, (enum how)how, "nss_db", "nss_db"),
		};

		compare_all(b, &sides, (enum how)how);
		peer_stop(sides.empty.peer);
		peer_stop(sides.ianareg.peer);
		peer_stop(sides.files.peer);
		peer_stop(sides.debian.peer);
		peer_stop(sides.nss_db.peer);
	}
	report_note("no stat: libc was told whom to ask (__nss_configure_lookup) and does not look at nsswitch.conf");
	report_note(
		"empty: a module that answers anything with one fixed entry, misses with nothing: libc's own floor");
	report_note("files, nss_db: all of the registry; files (Debian's): netbase's file, and keys that both have");
}
