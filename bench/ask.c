/* SPDX-License-Identifier: MIT */
/* The loops that are timed, and the same questions asked one by one to see that the answers are right. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/ask.h"

enum { BUFFER_SIZE = 1024 };

#define NUMERIC_HOST "127.0.0.1"

typedef unsigned loop(const struct asked *asked, const struct key *keys, unsigned count);

static unsigned libc_by_port(const struct asked *asked, const struct key *keys, unsigned count)
{
	char buffer[BUFFER_SIZE];
	struct servent answer, *result;
	unsigned found = 0;

	(void)asked;
	for (const struct key *key = keys; key < keys + count; key++)
		found += getservbyport_r(key->port_be, key->protocol, &answer, buffer, sizeof buffer, &result) == 0 &&
			 result;
	return found;
}

static unsigned libc_by_name(const struct asked *asked, const struct key *keys, unsigned count)
{
	char buffer[BUFFER_SIZE];
	struct servent answer, *result;
	unsigned found = 0;

	(void)asked;
	for (const struct key *key = keys; key < keys + count; key++)
		found += getservbyname_r(key->name, key->protocol, &answer, buffer, sizeof buffer, &result) == 0 &&
			 result;
	return found;
}

static unsigned libc_everything(const struct asked *asked, const struct key *keys, unsigned count)
{
	char buffer[BUFFER_SIZE];
	struct servent answer, *result;
	unsigned found = 0;

	(void)asked;
	(void)keys;
	for (unsigned pass = 0; pass < count; pass++) {
		setservent(1);
		while (getservent_r(&answer, buffer, sizeof buffer, &result) == 0)
			found++;
		endservent();
	}
	return found;
}

static unsigned module_by_port(const struct asked *asked, const struct key *keys, unsigned count)
{
	const struct entry_points *const module = asked->module;
	char buffer[BUFFER_SIZE];
	struct servent answer;
	unsigned found = 0;
	int error;

	for (const struct key *key = keys; key < keys + count; key++)
		found += module->by_port(key->port_be, key->protocol, &answer, buffer, sizeof buffer, &error) ==
			 NSS_STATUS_SUCCESS;
	return found;
}

static unsigned module_by_name(const struct asked *asked, const struct key *keys, unsigned count)
{
	const struct entry_points *const module = asked->module;
	char buffer[BUFFER_SIZE];
	struct servent answer;
	unsigned found = 0;
	int error;

	for (const struct key *key = keys; key < keys + count; key++)
		found += module->by_name(key->name, key->protocol, &answer, buffer, sizeof buffer, &error) ==
			 NSS_STATUS_SUCCESS;
	return found;
}

static unsigned module_everything(const struct asked *asked, const struct key *keys, unsigned count)
{
	const struct entry_points *const module = asked->module;
	char buffer[BUFFER_SIZE];
	struct servent answer;
	unsigned found = 0;
	int error;

	(void)keys;
	for (unsigned pass = 0; pass < count; pass++) {
		module->set(1);
		while (module->next(&answer, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS)
			found++;
		module->end();
	}
	return found;
}

/* The value's first byte is looked at, so that finding it includes having it. */
static unsigned cdb_keys(struct tinycdb *cdb, const struct tinycdb_key *keys, unsigned count)
{
	unsigned found = 0, length;

	for (const struct tinycdb_key *key = keys; key < keys + count; key++) {
		const char *value = tinycdb_find(cdb, key, &length);

		found += value && *value;
	}
	return found;
}

static unsigned put_text(char *to, const char *text, unsigned room)
{
	const size_t length = strnlen(text, room);

	memcpy(to, text, length);
	return (unsigned)length;
}

static unsigned put_port(char *to, int port_be)
{
	char digits[8];
	unsigned port = ntohs((uint16_t)port_be), count = 0;

	do
		digits[count++] = (char)('0' + port % 10);
	while (port /= 10);
	for (unsigned i = 0; i < count; i++)
		to[i] = digits[count - 1 - i];
	return count;
}

/* By hand and not by snprintf(3): a program in a hurry would do so. */
static unsigned form_key(char text[320], const struct key *key, bool by_port)
{
	unsigned length = by_port ? put_port(text, key->port_be) : put_text(text, key->name, 255);

	text[length++] = '/';
	return length + put_text(text + length, key->protocol, 63);
}

/* As cdb_keys(), with what a module would have to do besides. */
static unsigned cdb_whole(struct tinycdb *cdb, const struct key *keys, unsigned count, bool by_port)
{
	char text[320], buffer[BUFFER_SIZE];
	unsigned found = 0;

	for (const struct key *key = keys; key < keys + count; key++) {
		const struct tinycdb_key formed = {.text = text, .length = form_key(text, key, by_port)};
		unsigned length = 0;
		const char *const value = tinycdb_find(cdb, &formed, &length);

		if (!value || length > sizeof buffer)
			continue;
		memcpy(buffer, value, length);
		__asm__ volatile("" : : "r"(buffer) : "memory"); /* it is wanted */
		found++;
	}
	return found;
}

static unsigned cdb_by_port(const struct asked *asked, const struct key *keys, unsigned count)
{
	if (asked->whole)
		return cdb_whole(asked->cdb, keys, count, true);
	return cdb_keys(asked->cdb, asked->ready[ASK_BY_PORT] + (keys - asked->first), count);
}

static unsigned cdb_by_name(const struct asked *asked, const struct key *keys, unsigned count)
{
	if (asked->whole)
		return cdb_whole(asked->cdb, keys, count, false);
	return cdb_keys(asked->cdb, asked->ready[ASK_BY_NAME] + (keys - asked->first), count);
}

static unsigned addrinfo(const struct key *keys, unsigned count, int socktype)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = socktype, .ai_flags = AI_NUMERICHOST};
	unsigned found = 0;

	for (const struct key *key = keys; key < keys + count; key++) {
		struct addrinfo *list;

		if (getaddrinfo(NUMERIC_HOST, key->name, &hints, &list) == 0) {
			freeaddrinfo(list);
			found++;
		}
	}
	return found;
}

static unsigned libc_addrinfo(const struct asked *asked, const struct key *keys, unsigned count)
{
	(void)asked;
	return addrinfo(keys, count, SOCK_STREAM);
}

static unsigned libc_addrinfo_any_type(const struct asked *asked, const struct key *keys, unsigned count)
{
	(void)asked;
	return addrinfo(keys, count, 0);
}

static int name_service(const struct key *key, char *host, socklen_t host_size, char *service, socklen_t size)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = (in_port_t)key->port_be, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return getnameinfo((const struct sockaddr *)&address, sizeof address, host, host_size, service, size,
			   NI_NUMERICHOST);
}

static unsigned libc_nameinfo(const struct asked *asked, const struct key *keys, unsigned count)
{
	char host[64], service[NI_MAXSERV];
	unsigned found = 0;

	(void)asked;
	for (const struct key *key = keys; key < keys + count; key++)
		found += name_service(key, host, sizeof host, service, sizeof service) == 0;
	return found;
}

unsigned ask(const struct asked *asked, enum operation operation, const struct key *keys, unsigned count)
{
	static loop *const libc[OPERATIONS] = {libc_by_port,           libc_by_name,  libc_addrinfo,
					       libc_addrinfo_any_type, libc_nameinfo, libc_everything};
	static loop *const module[OPERATIONS] = {
		[ASK_BY_PORT] = module_by_port, [ASK_BY_NAME] = module_by_name, [ASK_EVERYTHING] = module_everything};
	static loop *const cdb[OPERATIONS] = {[ASK_BY_PORT] = cdb_by_port, [ASK_BY_NAME] = cdb_by_name};
	loop *const run = (asked->cdb ? cdb : asked->module ? module : libc)[operation];

	if (!run)
		abort();
	return run(asked, keys, count);
}

/* A line of services(5) as an answer; its strings go to `words`. */
static bool read_value(const char *value, unsigned length, struct servent *answer, char *words, size_t size)
{
	static char protocol[16], name[256];
	unsigned port;

	snprintf(words, size, "%.*s", (int)length, value);
	if (sscanf(words, "%255s %u/%15s", name, &port, protocol) != 3)
		return false;
	*answer = (struct servent){.s_name = name, .s_proto = protocol, .s_port = htons((uint16_t)port)};
	return true;
}

static bool cdb_one(const struct asked *asked, enum operation operation, const struct key *key, struct servent *answer,
		    char *buffer)
{
	unsigned length = 0;
	const char *value = tinycdb_find(asked->cdb, asked->ready[operation] + (key - asked->first), &length);

	return value && read_value(value, length, answer, buffer, BUFFER_SIZE);
}

/* By port or by name. */
static bool one(const struct asked *asked, enum operation operation, const struct key *key, struct servent *answer,
		char *buffer)
{
	const struct entry_points *const module = asked->module;
	struct servent *result = NULL;
	int error;

	if (asked->cdb)
		return cdb_one(asked, operation, key, answer, buffer);
	if (module && operation == ASK_BY_PORT)
		return module->by_port(key->port_be, key->protocol, answer, buffer, BUFFER_SIZE, &error) ==
		       NSS_STATUS_SUCCESS;
	if (module)
		return module->by_name(key->name, key->protocol, answer, buffer, BUFFER_SIZE, &error) ==
		       NSS_STATUS_SUCCESS;
	if (operation == ASK_BY_PORT)
		getservbyport_r(key->port_be, key->protocol, answer, buffer, BUFFER_SIZE, &result);
	else
		getservbyname_r(key->name, key->protocol, answer, buffer, BUFFER_SIZE, &result);
	return result;
}

/* The port that getaddrinfo(3) found for tcp, or -1. */
static int addrinfo_port(const struct key *key, int socktype)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = socktype, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *list;
	int port = -1;

	if (getaddrinfo(NUMERIC_HOST, key->name, &hints, &list) != 0)
		return -1;
	for (const struct addrinfo *info = list; info && port < 0; info = info->ai_next)
		if (info->ai_protocol == IPPROTO_TCP)
			port = ((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_port;
	freeaddrinfo(list);
	return port;
}

/* These say part of an answer: make it whole with the key's. */
static bool one_of_libc(enum operation operation, const struct key *key, struct servent *answer, char *buffer)
{
	const struct asked libc = {.module = NULL};
	char host[64], service[NI_MAXSERV];

	if (operation == ASK_NAMEINFO)
		return one(&libc, ASK_BY_PORT, key, answer, buffer) &&
		       name_service(key, host, sizeof host, service, sizeof service) == 0 &&
		       strcmp(service, answer->s_name) == 0;
	if (!one(&libc, ASK_BY_NAME, key, answer, buffer))
		return false;
	answer->s_port = addrinfo_port(key, operation == ASK_ADDRINFO ? SOCK_STREAM : 0);
	return true;
}

bool ask_rightly(const struct asked *asked, enum operation operation, const struct key *key,
		 const struct key_answers *answers, char *text, size_t size)
{
	const bool simple = operation == ASK_BY_PORT || operation == ASK_BY_NAME;
	const bool by_port = operation == ASK_BY_PORT || operation == ASK_NAMEINFO;
	const uint64_t expected = by_port ? answers->by_port : answers->by_name;
	char buffer[BUFFER_SIZE], question[128];
	struct servent answer;
	const bool found =
		simple ? one(asked, operation, key, &answer, buffer) : one_of_libc(operation, key, &answer, buffer);

	if ((found ? keys_answer(&answer) : 0) == expected)
		return true;
	snprintf(question, sizeof question, "port %u, name %s, %s: by %s", (unsigned)ntohs((uint16_t)key->port_be),
		 key->name, key->protocol ? key->protocol : "any protocol", by_port ? "port" : "name");
	if (found)
		snprintf(text, size, "%s it answers %s %u/%s, ianareg otherwise", question, answer.s_name,
			 (unsigned)ntohs((uint16_t)answer.s_port), answer.s_proto);
	else
		snprintf(text, size, "%s it finds nothing, ianareg does", question);
	return false;
}
