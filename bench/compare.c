/* SPDX-License-Identifier: MIT */
/* Rows of the table that compare two peers. */
#include <stdio.h>

#include "bench/compare.h"
#include "bench/report.h"

static const struct {
	const char *id, *what;
	enum operation operation;
	enum key_set set;
} subjects[SUBJECTS] = {
	[PORT_UNIFORM] = {"port_uniform", "by port, uniform", ASK_BY_PORT, KEYS_UNIFORM},
	[PORT_ANY_PROTOCOL] = {"port_any_protocol", "by port, no protocol", ASK_BY_PORT, KEYS_ANY_PROTOCOL},
	[PORT_SKEWED] = {"port_skewed", "by port, skewed", ASK_BY_PORT, KEYS_SKEWED},
	[PORT_HOT] = {"port_hot", "by port, hot", ASK_BY_PORT, KEYS_HOT},
	[PORT_MISS] = {"port_miss", "by port, misses", ASK_BY_PORT, KEYS_MISSES},
	[NAME_UNIFORM] = {"name_uniform", "by name, uniform", ASK_BY_NAME, KEYS_UNIFORM},
	[NAME_ANY_PROTOCOL] = {"name_any_protocol", "by name, no protocol", ASK_BY_NAME, KEYS_ANY_PROTOCOL},
	[NAME_SKEWED] = {"name_skewed", "by name, skewed", ASK_BY_NAME, KEYS_SKEWED},
	[NAME_HOT] = {"name_hot", "by name, hot", ASK_BY_NAME, KEYS_HOT},
	[NAME_ALIAS] = {"name_alias", "by alias", ASK_BY_NAME, KEYS_ALIASES},
	[NAME_FOLDED] = {"name_folded", "by name, upper case", ASK_BY_NAME, KEYS_FOLDED},
	[NAME_MISS] = {"name_miss", "by name, misses", ASK_BY_NAME, KEYS_MISSES},
	[ADDRINFO] = {"addrinfo", "getaddrinfo, stream", ASK_ADDRINFO, KEYS_TCP},
	[ADDRINFO_ANY_TYPE] = {"addrinfo_any_type", "getaddrinfo, any type", ASK_ADDRINFO_ANY_TYPE, KEYS_TCP},
	[NAMEINFO] = {"nameinfo", "getnameinfo", ASK_NAMEINFO, KEYS_TCP},
	[EVERYTHING] = {"everything", "an entry of an enumeration", ASK_EVERYTHING, KEYS_UNIFORM},
};

static struct work work_of(const struct comparison *comparison, const struct side *side)
{
	const enum key_set set = subjects[comparison->subject].set;

	return (struct work){.peer = side->peer,
			     .backend = side->backend,
			     .operation = subjects[comparison->subject].operation,
			     .set = comparison->set ? comparison->set : set,
			     .forget = comparison->forget};
}

void compare(const struct bench *b, const struct comparison *comparison)
{
	const struct side *const side = comparison->side, *const over = comparison->over;
	struct work work = work_of(comparison, side), work_over = work_of(comparison, over);
	struct spread ns, over_ns;
	char id[128], what[160];
	struct figure figure = {
		.what = what, .id = id, .unit = "x", .target = comparison->target, .at_least = comparison->at_least};

	if (!side->peer || !over->peer)
		return;
	snprintf(id, sizeof id, "%s%s_%s_over_%s", comparison->how_id, subjects[comparison->subject].id, side->id,
		 over->id);
	snprintf(what, sizeof what, "%s%s: %s over %s", subjects[comparison->subject].what, comparison->how, side->what,
		 over->what);
	work_prepare(&work_over, b);
	work_prepare(&work, b);
	measure_pairs(work_sample, &work_over, work_sample, &work, b->pairs, &figure.value, &over_ns, &ns);
	report_times(&figure, ns.median, over_ns.median);
}

void report_if_absent(const struct side *side, const char *how_id, const char *how)
{
	char id[128], what[160];

	if (side->peer)
		return;
	snprintf(id, sizeof id, "%s%s", how_id, side->id);
	snprintf(what, sizeof what, "%s%s", side->what, how);
	report_absent(id, what, side->why);
}
