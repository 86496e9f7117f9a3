/* SPDX-License-Identifier: MIT */
/*
 * An NSS module that answers every question with one fixed entry: what glibc and the call itself cost. The bench may
 * set its two variables: one has it find nothing, which is the floor of a miss, the other has it enumerate so many
 * entries, all the same.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

NSS_DECLARE_MODULE_FUNCTIONS(empty)

/* Protected: the module reads them as cheaply as statics. */
#define VARIABLE __attribute__((visibility("protected")))

extern bool empty_finds_nothing;
extern unsigned empty_entries;
VARIABLE bool empty_finds_nothing;
VARIABLE unsigned empty_entries;

static unsigned position;

static const struct {
	char name[8], protocol[4];
} fixed = {"empty", "tcp"};

static enum nss_status answer(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	const size_t padding = -(uintptr_t)buffer & (_Alignof(char *) - 1);

	if (buflen < padding + sizeof(char *) + sizeof fixed) {
		*errnop = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	result->s_aliases = (char **)(void *)(buffer + padding);
	result->s_aliases[0] = NULL;
	result->s_name = memcpy(buffer + padding + sizeof(char *), &fixed, sizeof fixed);
	result->s_proto = result->s_name + sizeof fixed.name;
	result->s_port = htons(7);
	return NSS_STATUS_SUCCESS;
}

static enum nss_status answer_key(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	if (!empty_finds_nothing)
		return answer(result, buffer, buflen, errnop);
	*errnop = ENOENT;
	return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_empty_getservbyport_r(int port, const char *proto, struct servent *result, char *buffer,
					   size_t buflen, int *errnop)
{
	(void)port;
	(void)proto;
	return answer_key(result, buffer, buflen, errnop);
}

enum nss_status _nss_empty_getservbyname_r(const char *name, const char *proto, struct servent *result, char *buffer,
					   size_t buflen, int *errnop)
{
	(void)name;
	(void)proto;
	return answer_key(result, buffer, buflen, errnop);
}

enum nss_status _nss_empty_setservent(int stayopen)
{
	(void)stayopen;
	position = 0;
	return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_empty_endservent(void)
{
	position = 0;
	return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_empty_getservent_r(struct servent *result, char *buffer, size_t buflen, int *errnop)
{
	if (position >= empty_entries)
		return NSS_STATUS_NOTFOUND;

	const enum nss_status status = answer(result, buffer, buflen, errnop);

	position += status == NSS_STATUS_SUCCESS;
	return status;
}
