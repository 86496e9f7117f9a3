/* SPDX-License-Identifier: MIT */
/* All ports with each protocol. */
#include <string.h>

#include "base/memory.h"
#include "query/port_mentions.h"
#include "query/ports.h"
#include "query/row_info.h"

/* What one row says of some ports: their class or, if it has one, a remark. */
struct claim {
	uint16_t first, last;
	uint8_t protocols;
	enum port_class class;
	const char *remark;
};

struct claims {
	struct claim *list;
	size_t count;
};

const char *port_protocol_name(unsigned protocol)
{
	return protocol < PORT_PROTOCOLS ? fixed_protocols[protocol] : NULL;
}

static void add_claim(struct claims *claims, struct claim claim)
{
	claims->list = grow_by_one(claims->list, claims->count, sizeof claim);
	claims->list[claims->count++] = claim;
}

/* Protocols of an overlay beyond the four have ports of their own, which are not these. */
static uint8_t protocols_of(const struct snapshot_row *row)
{
	if (!*row->protocol && !*row->name)
		return ALL_PROTOCOLS;
	return (uint8_t)(row_protocols(row->protocol_index) & ALL_PROTOCOLS);
}

/* Dynamic ports are what they are by their number: a row that calls one unassigned changes nothing. */
static enum port_class class_of_status(enum row_status status)
{
	static const enum port_class classes[ROW_STATUS_STATUS_COUNT] = {
		[ROW_STATUS_ASSIGNED] = PORT_ASSIGNED,           [ROW_STATUS_WITHOUT_PORT] = PORT_UNASSIGNED,
		[ROW_STATUS_WITHOUT_NAME] = PORT_ASSIGNED,       [ROW_STATUS_RESERVED] = PORT_RESERVED,
		[ROW_STATUS_UNASSIGNED] = PORT_UNASSIGNED,       [ROW_STATUS_DYNAMIC] = PORT_DYNAMIC,
		[ROW_STATUS_DE_REGISTERED] = PORT_DE_REGISTERED,
	};

	return classes[status];
}

const char *port_class_text(enum port_class class)
{
	static const enum row_status facts[PORT_CLASS_COUNT] = {
		[PORT_UNASSIGNED] = ROW_STATUS_UNASSIGNED,       [PORT_DYNAMIC] = ROW_STATUS_DYNAMIC,
		[PORT_DE_REGISTERED] = ROW_STATUS_DE_REGISTERED, [PORT_RESERVED] = ROW_STATUS_RESERVED,
		[PORT_ASSIGNED] = ROW_STATUS_ASSIGNED,
	};

	return row_status_text(facts[class]);
}

/* The ports of `row` that its remark names; all of them if it names none. `claim` is about the whole row. */
static void add_remark_claims(struct claims *claims, struct claim claim)
{
	const size_t count_before = claims->count;
	const char *text = after_port_word(claim.remark);
	struct port_mention named;

	while (next_port_mention(&text, &named)) {
		struct claim part = claim;

		if (named.first > claim.last || named.last < claim.first)
			continue;
		part.first = named.first > claim.first ? (uint16_t)named.first : claim.first;
		part.last = named.last < claim.last ? (uint16_t)named.last : claim.last;
		add_claim(claims, part);
	}
	if (claims->count == count_before)
		add_claim(claims, claim);
}

static void add_row_claims(struct claims *claims, const struct snapshot *snapshot, const struct snapshot_row *row)
{
	const struct row_info row_info = row_info_of(snapshot, row);
	struct claim claim = {row->first_port, row->last_port, protocols_of(row), class_of_status(row_info.status),
			      NULL};

	if (claim.class > PORT_DYNAMIC)
		add_claim(claims, claim);
	claim.class = PORT_CLASS_COUNT;
	claim.remark = row->text[TEXT_UNAUTHORIZED_USE];
	if (*claim.remark)
		add_remark_claims(claims, claim);
}

static enum snapshot_status read_claims(const struct snapshot *snapshot, struct claims *claims, uint32_t *bad_row)
{
	struct snapshot_row row;

	for (uint32_t i = 0; i < snapshot_row_count(snapshot); i++) {
		enum snapshot_status status = snapshot_row(snapshot, i, &row);

		if (status != SNAPSHOT_OK) {
			*bad_row = i;
			return status;
		}
		if (row.has_port)
			add_row_claims(claims, snapshot, &row);
	}
	return SNAPSHOT_OK;
}

/*
 * Union-find of the next port that no claim has taken, with path halving: a million rows that claim every port cost no
 * more than as many that claim one.
 */
struct unclaimed {
	uint32_t next[PORT_COUNT + 1];
};

static void forget_claims(struct unclaimed *unclaimed)
{
	for (uint32_t i = 0; i <= PORT_COUNT; i++)
		unclaimed->next[i] = i;
}

static uint32_t next_unclaimed(struct unclaimed *unclaimed, uint32_t port)
{
	uint32_t *next = unclaimed->next;

	while (next[port] != port)
		port = next[port] = next[next[port]];
	return port;
}

/* The first claim takes a port: call it with the highest class first. Of remarks the first row's counts. */
static void settle_claims(const struct claims *claims, enum port_class class, unsigned protocol,
			  struct unclaimed *unclaimed, struct ports *ports)
{
	for (size_t i = 0; i < claims->count; i++) {
		const struct claim *claim = &claims->list[i];

		if (claim->class != class || !(claim->protocols >> protocol & 1))
			continue;
		for (uint32_t port = next_unclaimed(unclaimed, claim->first); port <= claim->last;
		     port = next_unclaimed(unclaimed, port + 1)) {
			unclaimed->next[port] = port + 1;
			if (claim->remark)
				ports->remarks[protocol][port] = claim->remark;
			else
				ports->classes[protocol][port] = (uint8_t) class;
		}
	}
}

static void settle_all(const struct claims *claims, struct ports *ports)
{
	struct unclaimed *unclaimed = xcheck(malloc(sizeof *unclaimed));

	for (unsigned protocol = 0; protocol < PORT_PROTOCOLS; protocol++) {
		memset(ports->classes[protocol] + DYNAMIC_FIRST, PORT_DYNAMIC, PORT_COUNT - DYNAMIC_FIRST);
		forget_claims(unclaimed);
		for (unsigned i = PORT_ASSIGNED; i > PORT_DYNAMIC; i--)
			settle_claims(claims, i, protocol, unclaimed, ports);
		forget_claims(unclaimed);
		settle_claims(claims, PORT_CLASS_COUNT, protocol, unclaimed, ports);
	}
	free(unclaimed);
}

enum snapshot_status ports_read(const struct snapshot *snapshot, struct ports **ports, uint32_t *bad_row)
{
	struct claims claims = {0};
	enum snapshot_status status = read_claims(snapshot, &claims, bad_row);

	if (status == SNAPSHOT_OK) {
		*ports = xcheck(calloc(1, sizeof **ports));
		settle_all(&claims, *ports);
	}
	free(claims.list);
	return status;
}

enum port_class port_class_of(const struct port_view *view, unsigned port)
{
	enum port_class class = PORT_UNASSIGNED;

	for (unsigned i = 0; i < PORT_PROTOCOLS; i++)
		if (view->protocols >> i & 1 && view->ports->classes[i][port] > class)
			class = view->ports->classes[i][port];
	return class;
}

const char *port_remark_of(const struct port_view *view, unsigned port)
{
	for (unsigned i = 0; i < PORT_PROTOCOLS; i++)
		if (view->remark_protocols >> i & 1 && view->ports->remarks[i][port])
			return view->ports->remarks[i][port];
	return NULL;
}

static bool same_remark(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

struct port_run port_run_at(const struct port_view *view, unsigned first, unsigned last)
{
	struct port_run run = {first, first, port_class_of(view, first), port_remark_of(view, first)};

	while (run.last < last && port_class_of(view, run.last + 1) == run.class &&
	       same_remark(port_remark_of(view, run.last + 1), run.remark))
		run.last++;
	return run;
}

struct port_counts count_ports(const struct port_view *view, unsigned first, unsigned last)
{
	struct port_counts counts = {0};

	for (unsigned port = first; port <= last; port++) {
		counts.classes[port_class_of(view, port)]++;
		counts.reported += port_remark_of(view, port) != NULL;
	}
	return counts;
}
