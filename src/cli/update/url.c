/* SPDX-License-Identifier: MIT */
/* Addresses that update may fetch from. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "cli/cli.h"
#include "cli/update/url.h"

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* RFC 3986 section 2: whatever may stand in an address. No blank, no quotation mark, no backslash, no brace. */
static const char url_letters[] = LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%";
static const char host_letters[] = LETTERS DIGITS "-._";

enum { HOST_MAX_BYTES = 253 }; /* RFC 1035: what a name in text can have */

struct authority {
	char host[HOST_MAX_BYTES + 1]; /* an IPv6 address without its brackets */
	bool is_ipv6;
};

/* The text after "https://" or "http://", and which it was; NULL for any other. */
static const char *behind_scheme(const char *text, bool *is_https)
{
	static const char https[] = "https://", http[] = "http://";

	*is_https = strncasecmp(text, https, strlen(https)) == 0;
	if (*is_https)
		return text + strlen(https);
	return strncasecmp(text, http, strlen(http)) == 0 ? text + strlen(http) : NULL;
}

/* What follows the host: nothing, or a colon and a port. */
static bool is_port_part(const char *text, size_t size)
{
	uint32_t port;

	return size == 0 || (*text == ':' && parse_number(text + 1, size - 1, UINT16_MAX, &port) && port > 0);
}

static bool read_ipv6(const char *text, size_t size, struct authority *authority)
{
	struct in6_addr address;
	const char *end = memchr(text, ']', size);

	if (!end || (size_t)(end - text) - 1 > HOST_MAX_BYTES)
		return false;
	memcpy(authority->host, text + 1, (size_t)(end - text) - 1);
	authority->is_ipv6 = true;
	return inet_pton(AF_INET6, authority->host, &address) == 1 &&
	       is_port_part(end + 1, size - (size_t)(end + 1 - text));
}

static bool read_name(const char *text, size_t size, struct authority *authority)
{
	const size_t host_size = strspn(text, host_letters);

	if (host_size == 0 || host_size > size || host_size > HOST_MAX_BYTES || *text == '-' || *text == '.')
		return false;
	memcpy(authority->host, text, host_size);
	return is_port_part(text + host_size, size - host_size);
}

/* 127.1 and 0177.0.0.1 mean loopback to some programs, too; here they are names like any other. */
static bool is_loopback(const struct authority *authority)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (authority->is_ipv6)
		return inet_pton(AF_INET6, authority->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
	if (inet_pton(AF_INET, authority->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcasecmp(authority->host, "localhost") == 0;
}

const char *url_read(const char *text, enum url_kind *kind)
{
	struct authority authority = {0};
	bool is_https;
	const char *rest = behind_scheme(text, &is_https);

	if (strlen(text) > URL_MAX_BYTES)
		return "is too long an address";
	if (text[strspn(text, url_letters)])
		return "has a character that no address has";
	if (!rest)
		return "is not an https address";

	const size_t size = strcspn(rest, "/?#");
	const bool sound = *rest == '[' ? read_ipv6(rest, size, &authority) : read_name(rest, size, &authority);

	if (!sound)
		return "names no host that can be told for certain";
	*kind = is_https ? URL_HTTPS : is_loopback(&authority) ? URL_HTTP_LOOPBACK : URL_HTTP;
	return NULL;
}

bool url_may_follow(enum url_kind from, enum url_kind to, bool allow_http)
{
	return to == URL_HTTPS || (from != URL_HTTPS && (to == URL_HTTP_LOOPBACK || allow_http));
}
