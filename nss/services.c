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

#include "nss/mapping.h"
#include "nss/servent.h"

NSS_DECLARE_MODULE_FUNCTIONS(ianareg)

#define ENTRY_POINT __attribute__((visibility("default"))) enum nss_status

/* libc calls set-, get- and endservent under a lock of its own. */
static struct snapshot_position position;
static const struct snapshot *enumerated; /* what the enumeration goes over; NULL before it has begun */

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

static enum nss_status answer_key(enum snapshot_status found, const struct snapshot_entry *entry,
				  struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	if (found == SNAPSHOT_OK)
		return answer(entry, result, buffer, buflen, errnop);
	*errnop = ENOENT;
	return NSS_STATUS_NOTFOUND;
}

/* Begin at the first entry; an enumeration that is under way is dropped. */
ENTRY_POINT _nss_ianareg_setservent(int stayopen)
{
	int reason;

	(void)stayopen;
	_nss_ianareg_endservent();
	enumerated = mapping_hold(&reason);
	if (enumerated)
		return NSS_STATUS_SUCCESS;
	errno = reason; /* there is no errnop here */
	return no_snapshot(reason);
}

/* Let the enumeration go; safe to call at any time, any number of times. */
ENTRY_POINT _nss_ianareg_endservent(void)
{
	mapping_release();
	enumerated = NULL;
	position = (struct snapshot_position){0};
	return NSS_STATUS_SUCCESS;
}

/* The next entry by port and protocol; the first one if nothing has begun. */
ENTRY_POINT _nss_ianareg_getservent_r(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	struct snapshot_entry entry;
	enum nss_status status;

	if (!enumerated)
		enumerated = mapping_hold(errnop);
	if (!enumerated)
		return no_snapshot(*errnop);
	if (snapshot_at(enumerated, &position, &entry) != SNAPSHOT_OK)
		return NSS_STATUS_NOTFOUND;
	status = answer(&entry, result, buffer, buflen, errnop);
	if (status == NSS_STATUS_SUCCESS)
		snapshot_step(&position);
	return status;
}

/* By service name or alias, without case where nothing matches exactly; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyname_r(const char *name, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	struct mapping_use use;
	const struct snapshot *snapshot = mapping_enter(&use, errnop);
	struct snapshot_entry entry;
	enum nss_status status;

	if (!snapshot)
		return no_snapshot(*errnop);
	status = answer_key(snapshot_find_name(snapshot, name, proto, &entry), &entry, result, buffer, buflen, errnop);
	mapping_leave(&use);
	return status;
}

/* By port, an int whose 16 low bits are in network byte order and whose others must be zero; proto may be NULL. */
ENTRY_POINT _nss_ianareg_getservbyport_r(int port, const char *proto, struct servent *result, char *buffer,
					 size_t buflen, int *errnop)
{
	struct mapping_use use;
	const struct snapshot *snapshot = mapping_enter(&use, errnop);
	struct snapshot_entry entry;
	enum nss_status status;
	enum snapshot_status found = SNAPSHOT_NOT_FOUND;

	if (!snapshot)
		return no_snapshot(*errnop);
	if (port >= 0 && port <= PORT_MAX)
		found = snapshot_find_port(snapshot, ntohs((uint16_t)port), proto, &entry);
	status = answer_key(found, &entry, result, buffer, buflen, errnop);
	mapping_leave(&use);
	return status;
}
