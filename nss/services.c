/* SPDX-License-Identifier: MIT */
/*
 * The five entry points that glibc calls for the services database: what the reader found, as libc wants to hear it.
 *
 *   found                      NSS_STATUS_SUCCESS    the caller's errno as it was
 *   not there                  NSS_STATUS_NOTFOUND   ENOENT; at the end of an enumeration *errnop stays as it was
 *   buffer too small           NSS_STATUS_TRYAGAIN   ERANGE, nothing touched, the enumeration where it was
 *   no memory or descriptor    NSS_STATUS_TRYAGAIN   ENOMEM, EMFILE, ENFILE, EAGAIN
 *   no usable snapshot         NSS_STATUS_UNAVAIL    ENOENT, EACCES, EINVAL for a bad file, ...
 */
#include <arpa/inet.h>
#include <errno.h>
#include <nss.h>
#include <string.h>

#include "nss/mapping.h"
#include "nss/servent.h"

NSS_DECLARE_MODULE_FUNCTIONS(ianareg)

/* No stack protector where no buffer is: what is on the stack here is a few words that only this file reads. */
#define ENTRY_POINT __attribute__((visibility("default"), no_stack_protector)) enum nss_status

/* libc calls set-, get- and endservent under a lock of its own. */
static _Alignas(64) struct walk walk; /* no word of it in two cache lines: each is read back at once */
static struct snapshot_view enumerated; /* what the enumeration goes over; no start before it has begun */

static enum nss_status no_snapshot(int reason)
{
	return mapping_failure_may_pass(reason) ? NSS_STATUS_TRYAGAIN : NSS_STATUS_UNAVAIL;
}

static enum nss_status answer(const struct snapshot_entry *entry, struct servent *result, char *buffer, size_t buflen,
			      int *errnop)
{
	if (servent_pack(entry, result, buffer, buflen))
		return NSS_STATUS_SUCCESS;
	*errnop = ERANGE;
	return NSS_STATUS_TRYAGAIN;
}

/*
 * What libc asks, and where it wants the answer. It waits in memory, not in registers that would have to be saved and
 * restored round the look at the clock: most lookups need but a part of it after that, and none needs all.
 */
struct call {
	const char *name; /* by name */
	uint32_t port_be; /* by port: an int of libc's, any value */
	const char *proto;
	struct servent *result;
	char *buffer;
	size_t buflen;
	int *errnop;
};

#define KEEP_IN_MEMORY(call) __asm__ volatile("" : "+m"(call))

/* All but what is asked for. */
static inline __attribute__((always_inline)) void
take_call(struct call *call, const char *proto, struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	call->proto = proto;
	call->result = result;
	call->buffer = buffer;
	call->buflen = buflen;
	call->errnop = errnop;
}

static bool find_asked_name(struct snapshot_view file, const struct call *call, struct snapshot_entry *entry)
{
	return find_by_name(file, call->name, protocol_in_file(file, call->proto), entry);
}

static bool find_asked_port(struct snapshot_view file, const struct call *call, struct snapshot_entry *entry)
{
	return call->port_be <= PORT_MAX &&
	       find_by_port(file, ntohs((uint16_t)call->port_be), protocol_in_file(file, call->proto), entry);
}

typedef bool find(struct snapshot_view file, const struct call *call, struct snapshot_entry *entry);

/*
 * Any question, with the whole rule: what is found is copied, and becomes the answer once it is sure to be of one
 * snapshot. Until then nothing of the caller's is touched.
 */
static __attribute__((noinline, cold)) enum nss_status answer_with_care(const struct call *call, find *find_asked)
{
	struct mapping_reading reading;
	struct snapshot_entry entry;
	char names[NAMES_MAX_BYTES], protocol[PROTOCOL_SIZE];
	bool found;

	do {
		if (!mapping_read(&reading, call->errnop))
			return no_snapshot(*call->errnop);
		found = find_asked(reading.file, call, &entry);
		if (found) {
			memcpy(names, entry.names, entry.names_size);
			memcpy(protocol, entry.protocol, entry.protocol_size);
		}
	} while (!mapping_stayed(reading.ticket));
	if (!found) {
		*call->errnop = ENOENT;
		return NSS_STATUS_NOTFOUND;
	}
	entry.names = names;
	entry.protocol = protocol;
	return answer(&entry, call->result, call->buffer, call->buflen, call->errnop);
}

/* A record of several names, if it is the answer and nothing is in the way. */
static __attribute__((noinline)) enum nss_status answer_several(const struct call *call, uintptr_t ticket,
								const struct plain_answer *plain, find *find_asked)
{
	struct several_names names;

	if (copy_several(mapping_view_of(ticket), plain, &names) && mapping_stayed(ticket) &&
	    (find_asked == find_asked_port ||
	     several_have(&names, plain->name[0], plain->name[1], strlen(call->name))) &&
	    servent_pack_several(plain, &names, call->result, call->buffer, call->buflen))
		return NSS_STATUS_SUCCESS;
	return answer_with_care(call, find_asked);
}

static inline uint16_t port_be_of(const struct plain_answer *plain)
{
	return htons((uint16_t)key_port(plain->key));
}

/* What a quick lookup came to; otherwise, as where the snapshot did not stay, what the next best way comes to. */
typedef enum nss_status otherwise(const struct call *call, find *find_asked);

static inline __attribute__((always_inline)) enum nss_status settle(const struct call *call, uintptr_t ticket,
								    enum plainness plainness,
								    const struct plain_answer *plain, find *find_asked,
								    otherwise *next_best)
{
	if (LIKELY(plainness == PLAIN)) {
		if (UNLIKELY(call->buflen < PLAIN_ROOM || !mapping_stayed(ticket)))
			return next_best(call, find_asked);
		servent_pack_plain(plain, find_asked == find_asked_port ? (uint16_t)call->port_be : port_be_of(plain),
				   call->result, call->buffer);
		return NSS_STATUS_SUCCESS;
	}
	if (LIKELY(plainness == NOT_FOUND && mapping_stayed(ticket))) {
		*call->errnop = ENOENT;
		return NSS_STATUS_NOTFOUND;
	}
	if (plainness == SEVERAL) {
		const struct plain_answer copy = *plain; /* so that the other needs no address */

		return answer_several(call, ticket, &copy, find_asked);
	}
	return next_best(call, find_asked);
}

/* By port, where it is not the port's first record that answers, or the protocol is none of the usual ones. */
static __attribute__((noinline)) enum nss_status answer_behind(const struct call *call, find *find_asked)
{
	struct mapping_reading reading;
	struct plain_answer plain;

	if (!mapping_read(&reading, call->errnop))
		return no_snapshot(*call->errnop);

	const unsigned asked = protocol_in_file(reading.file, call->proto);
	const uint32_t port = ntohs((uint16_t)call->port_be);

	if (call->port_be > PORT_MAX || asked == PROTOCOL_UNKNOWN ||
	    (asked != PROTOCOL_ANY && asked >> FIXED_PROTOCOLS))
		return answer_with_care(call, find_asked);

	const uint32_t word = word_of_port(reading.file, port);
	const enum plainness plainness =
		index_byte(word) & asked ? plain_among(reading.file, port, record_at(reading.file, index_number(word)),
						       GROUP_LIMIT, asked, &plain)
					 : NOT_FOUND;

	return settle(call, reading.ticket, plainness, &plain, find_asked, answer_with_care);
}

/* Begin at the first entry; an enumeration that is under way is dropped. */
ENTRY_POINT _nss_ianareg_setservent(int stayopen)
{
	int reason;

	(void)stayopen;
	_nss_ianareg_endservent();
	if (mapping_hold(&enumerated, &reason))
		return NSS_STATUS_SUCCESS;
	errno = reason; /* there is no errnop here */
	return no_snapshot(reason);
}

/* Let the enumeration go; safe to call at any time, any number of times. */
ENTRY_POINT _nss_ianareg_endservent(void)
{
	mapping_release();
	enumerated = (struct snapshot_view){0};
	walk = (struct walk){0};
	return NSS_STATUS_SUCCESS;
}

/* The entry that the enumeration is at, of any kind and into any buffer. */
static __attribute__((noinline, cold)) enum nss_status next_with_care(struct servent *result, char *buffer,
								      size_t buflen, int *errnop)
{
	struct snapshot_entry entry;
	enum nss_status status;

	walk_forget(&walk);
	if (!find_next(enumerated, &walk.position, &entry))
		return NSS_STATUS_NOTFOUND;
	status = answer(&entry, result, buffer, buflen, errnop);
	if (status == NSS_STATUS_SUCCESS)
		walk_step(&walk);
	return status;
}

/* One of several names, found as such. */
static __attribute__((noinline)) enum nss_status next_several(const struct plain_answer *plain, struct servent *result,
							      char *buffer, size_t buflen, int *errnop)
{
	struct several_names names;

	if (!copy_several(enumerated, plain, &names) || !servent_pack_several(plain, &names, result, buffer, buflen))
		return next_with_care(result, buffer, buflen, errnop);
	walk_step(&walk);
	return NSS_STATUS_SUCCESS;
}

/* Of a record that the enumeration has not come to. */
static __attribute__((noinline)) enum nss_status next_record(struct servent *result, char *buffer, size_t buflen,
							     int *errnop)
{
	struct plain_answer plain;

	if (UNLIKELY(!enumerated.start) && !mapping_hold(&enumerated, errnop))
		return no_snapshot(*errnop);

	const enum plainness plainness = plain_next(enumerated, &walk, &plain);

	if (LIKELY(plainness == PLAIN && buflen >= PLAIN_ROOM)) {
		servent_pack_plain(&plain, port_be_of(&plain), result, buffer);
		walk_step(&walk);
		return NSS_STATUS_SUCCESS;
	}
	if (plainness == SEVERAL) {
		const struct plain_answer copy = plain; /* so that the other needs no address */

		return next_several(&copy, result, buffer, buflen, errnop);
	}
	return plainness == NOT_FOUND ? NSS_STATUS_NOTFOUND : next_with_care(result, buffer, buflen, errnop);
}

/* The next entry by port and protocol; the first one if nothing has begun. */
ENTRY_POINT _nss_ianareg_getservent_r(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	if (UNLIKELY(!walk.left))
		return next_record(result, buffer, buflen, errnop);
	if (UNLIKELY(buflen < PLAIN_ROOM))
		return next_with_care(result, buffer, buflen, errnop);

	const struct plain_answer *plain = plain_again(enumerated, &walk);

	servent_pack_plain(plain, port_be_of(plain), result, buffer);
	walk_step(&walk);
	return NSS_STATUS_SUCCESS;
}

/* By service name or alias, without case where nothing matches exactly; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyname_r(const char *name, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	struct call call;
	struct plain_answer plain;

	take_call(&call, proto, result, buffer, buflen, errnop);
	call.name = name;
	KEEP_IN_MEMORY(call);

	const size_t size = strlen(call.name);
	const unsigned asked = usual_protocol(call.proto);

	if (UNLIKELY(asked == PROTOCOL_UNKNOWN || size - 1 >= SHORT_NAME_MAX))
		return answer_with_care(&call, find_asked_name);
	if (mapping_is_due() && !mapping_prepare(call.errnop))
		return no_snapshot(*call.errnop);

	const uintptr_t ticket = mapping_begin();
	const enum plainness plainness = plain_by_name(mapping_view_of(ticket), call.name, size, asked, &plain);

	return settle(&call, ticket, plainness, &plain, find_asked_name, answer_with_care);
}

/* By port, an int whose 16 low bits are in network byte order and whose others must be zero; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyport_r(int port, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	struct call call;
	struct plain_answer plain;

	take_call(&call, proto, result, buffer, buflen, errnop);
	call.port_be = (uint32_t)port;
	KEEP_IN_MEMORY(call);

	const unsigned asked = usual_protocol(proto);

	if (UNLIKELY(asked == PROTOCOL_UNKNOWN) || UNLIKELY(call.port_be > PORT_MAX))
		return answer_behind(&call, find_asked_port);
	if (mapping_is_due() && !mapping_prepare(call.errnop))
		return no_snapshot(*call.errnop);

	const uintptr_t ticket = mapping_begin();
	const uint16_t port_be = (uint16_t)call.port_be;
	const enum plainness plainness = plain_by_port(mapping_view_of(ticket), ntohs(port_be), asked, &plain);

	return settle(&call, ticket, plainness, &plain, find_asked_port, answer_behind);
}
