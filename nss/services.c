/* SPDX-License-Identifier: MIT */
/*
 * The five entry points that glibc calls for the services database.
 *
 *   found                      NSS_STATUS_SUCCESS    the caller's errno as it was
 *   not there                  NSS_STATUS_NOTFOUND   ENOENT; at the end of an enumeration *errnop stays as it was
 *   buffer too small           NSS_STATUS_TRYAGAIN   ERANGE, nothing touched, the enumeration where it was
 *   no memory or descriptor    NSS_STATUS_TRYAGAIN   ENOMEM, EMFILE, ENFILE, EAGAIN
 *   no usable snapshot         NSS_STATUS_UNAVAIL    ENOENT, EACCES, EINVAL for a bad file, ...
 *
 * A lookup by key is an optimistic read (current.h): take the generation, find the record, copy it into the caller's
 * buffer, and start again if the generation has changed. `*result` is written last.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <nss.h>

#include "nss/current.h"
#include "nss/servent.h"
#include "snapshot/find.h"

NSS_DECLARE_MODULE_FUNCTIONS(ianareg)

#define ENTRY_POINT __attribute__((visibility("default"))) enum nss_status

/* The enumeration. libc calls set-, get- and endservent under a lock of its own. */
static struct snapshot_position position;
static struct snapshot_view enumerated; /* the snapshot held from its beginning to its end; no start: none is held */

static enum nss_status no_snapshot(int reason)
{
	return failure_is_temporary(reason) ? NSS_STATUS_TRYAGAIN : NSS_STATUS_UNAVAIL;
}

/* What a lookup by key returns once it is known to be of one snapshot. */
static enum nss_status finish(enum nss_status status, const struct servent *answer, struct servent *result, int *errnop)
{
	if (status == NSS_STATUS_SUCCESS)
		*result = *answer;
	else
		*errnop = status == NSS_STATUS_TRYAGAIN ? ERANGE : ENOENT;
	return status;
}

/* By service name or alias, without case where nothing matches exactly; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyname_r(const char *name, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	struct current_read read;
	struct found_record record;
	struct servent answer;
	enum nss_status status;

	do {
		if (!current_begin(&read, errnop))
			return no_snapshot(*errnop);
		status = find_by_name(read.file, name, proto, &record) ? servent_pack(record, &answer, buffer, buflen)
								       : NSS_STATUS_NOTFOUND;
	} while (!current_unchanged(&read));
	return finish(status, &answer, result, errnop);
}

/* By port, an int whose 16 low bits are in network byte order and whose others must be zero; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyport_r(int port, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	struct current_read read;
	struct found_record record;
	struct servent answer;
	enum nss_status status;

	do {
		if (!current_begin(&read, errnop))
			return no_snapshot(*errnop);
		status = (uint32_t)port <= PORT_MAX && find_by_port(read.file, ntohs((uint16_t)port), proto, &record)
				 ? servent_pack(record, &answer, buffer, buflen)
				 : NSS_STATUS_NOTFOUND;
	} while (!current_unchanged(&read));
	return finish(status, &answer, result, errnop);
}

/* Begin at the first entry; an enumeration that is under way is dropped. */
ENTRY_POINT _nss_ianareg_setservent(int stayopen)
{
	int reason;

	(void)stayopen;
	_nss_ianareg_endservent();
	if (current_hold(&enumerated, &reason))
		return NSS_STATUS_SUCCESS;
	errno = reason; /* there is no errnop here */
	return no_snapshot(reason);
}

/* End the enumeration; safe to call at any time, any number of times. */
ENTRY_POINT _nss_ianareg_endservent(void)
{
	current_release();
	enumerated = (struct snapshot_view){0};
	position = (struct snapshot_position){0};
	return NSS_STATUS_SUCCESS;
}

/* The next entry by port and protocol, past damaged records; the first one if nothing has begun. */
ENTRY_POINT _nss_ianareg_getservent_r(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	struct found_record record;
	struct servent answer;

	if (!enumerated.start && !current_hold(&enumerated, errnop))
		return no_snapshot(*errnop);
	for (; find_next(enumerated, &position, &record); snapshot_step(&position)) {
		const enum nss_status status = servent_pack(record, &answer, buffer, buflen);

		if (status == NSS_STATUS_NOTFOUND)
			continue;
		if (status == NSS_STATUS_SUCCESS)
			snapshot_step(&position);
		return finish(status, &answer, result, errnop);
	}
	return NSS_STATUS_NOTFOUND;
}
