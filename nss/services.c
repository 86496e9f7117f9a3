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

#define ENTRY_POINT __attribute__((visibility("default"))) enum nss_status

/* libc calls set-, get- and endservent under a lock of its own. */
static struct snapshot_position position;
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
 * By name or, where that is NULL, by port, with the whole rule: what is found is copied, and becomes the answer once it is
 * sure to be of one snapshot. Until then nothing of the caller's is touched.
 */
static __attribute__((noinline, cold)) enum nss_status answer_with_care(const char *name, uint32_t port,
									const char *proto, struct servent *result,
									char *buffer, size_t buflen, int *errnop)
{
	struct mapping_reading reading;
	struct snapshot_entry entry;
	char names[NAMES_MAX_BYTES], protocol[PROTOCOL_SIZE];
	bool found;

	do {
		if (!mapping_read(&reading, errnop))
			return no_snapshot(*errnop);

		const unsigned asked = protocol_in_file(reading.file, proto);

		found = name ? find_by_name(reading.file, name, asked, &entry)
			     : find_by_port(reading.file, port, asked, &entry);
		if (found) {
			memcpy(names, entry.names, entry.names_size);
			memcpy(protocol, entry.protocol, entry.protocol_size);
		}
	} while (!mapping_stayed(&reading));
	if (!found) {
		*errnop = ENOENT;
		return NSS_STATUS_NOTFOUND;
	}
	entry.names = names;
	entry.protocol = protocol;
	return answer(&entry, result, buffer, buflen, errnop);
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
	position = (struct snapshot_position){0};
	return NSS_STATUS_SUCCESS;
}

/* The next entry of an enumeration that is not a plain one, or does not find the room of one. */
static __attribute__((noinline)) enum nss_status next_with_care(struct servent *result, char *buffer, size_t buflen,
								int *errnop)
{
	struct snapshot_entry entry;
	enum nss_status status;

	if (!find_next(enumerated, &position, &entry))
		return NSS_STATUS_NOTFOUND;
	status = answer(&entry, result, buffer, buflen, errnop);
	if (status == NSS_STATUS_SUCCESS)
		snapshot_step(&position);
	return status;
}

/* The next entry by port and protocol; the first one if nothing has begun. */
ENTRY_POINT _nss_ianareg_getservent_r(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	struct plain_answer plain;
	enum plainness plainness;

	if (UNLIKELY(!enumerated.start) && !mapping_hold(&enumerated, errnop))
		return no_snapshot(*errnop);
	plainness = plain_next(enumerated, &position, &plain);
	if (UNLIKELY(plainness == UNCLEAR || buflen < PLAIN_ROOM))
		return next_with_care(result, buffer, buflen, errnop);
	if (UNLIKELY(plainness == NOT_FOUND))
		return NSS_STATUS_NOTFOUND;
	servent_pack_plain(&plain, result, buffer);
	position.protocol_index++;
	return NSS_STATUS_SUCCESS;
}

/* By service name or alias, without case where nothing matches exactly; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyname_r(const char *name, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	const unsigned asked = usual_protocol(proto);
	const size_t size = strlen(name);
	struct mapping_reading reading;
	struct plain_answer plain;

	if (LIKELY(asked != PROTOCOL_UNKNOWN && size - 1 < SHORT_NAME_MAX && buflen >= PLAIN_ROOM)) {
		if (UNLIKELY(!mapping_read(&reading, errnop)))
			return no_snapshot(*errnop);

		const enum plainness plainness = plain_by_name(reading.file, name, size, asked, &plain);

		if (LIKELY(plainness != UNCLEAR && mapping_stayed(&reading))) {
			if (plainness == PLAIN) {
				servent_pack_plain(&plain, result, buffer);
				return NSS_STATUS_SUCCESS;
			}
			*errnop = ENOENT;
			return NSS_STATUS_NOTFOUND;
		}
	}
	return answer_with_care(name, 0, proto, result, buffer, buflen, errnop);
}

/* By port, an int whose 16 low bits are in network byte order and whose others must be zero; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyport_r(int port, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	const bool is_port = port >= 0 && port <= PORT_MAX;
	const uint32_t host_port = ntohs((uint16_t)port);
	const unsigned asked = usual_protocol(proto);
	struct mapping_reading reading;
	struct plain_answer plain;

	if (LIKELY(is_port && asked != PROTOCOL_UNKNOWN && buflen >= PLAIN_ROOM)) {
		if (UNLIKELY(!mapping_read(&reading, errnop)))
			return no_snapshot(*errnop);

		const enum plainness plainness = plain_by_port(reading.file, host_port, asked, &plain);

		if (LIKELY(plainness != UNCLEAR && mapping_stayed(&reading))) {
			if (plainness == PLAIN) {
				servent_pack_plain(&plain, result, buffer);
				return NSS_STATUS_SUCCESS;
			}
			*errnop = ENOENT;
			return NSS_STATUS_NOTFOUND;
		}
	}
	return answer_with_care(NULL, is_port ? host_port : PORT_MAX + 1u, proto, result, buffer, buflen, errnop);
}
