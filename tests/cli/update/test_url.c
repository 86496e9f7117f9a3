/* SPDX-License-Identifier: MIT */
/* Which addresses update fetches from: unit tests of the reading, and hostile ones on the command line. */
#include <string.h>
#include <unistd.h>

#include "cli/update/url.h"
#include "tests/support/cli_tool.h"

static void expect_kind(const char *url, enum url_kind expected)
{
	enum url_kind kind;
	const char *fault = url_read(url, &kind);

	if (fault || kind != expected)
		fail_msg("%s: %s (kind %d, not %d)", url, fault ? fault : "is read", (int)kind, (int)expected);
}

static void expect_no_url(const char *url)
{
	enum url_kind kind = URL_HTTP;

	if (!url_read(url, &kind))
		fail_msg("%s: is read as kind %d", url, (int)kind);
	assert_int_equal(kind, URL_HTTP);
}

TEST(https_addresses_are_taken_in_any_case)
{
	expect_kind("https://www.iana.org/assignments/x.csv", URL_HTTPS);
	expect_kind("HTTPS://WWW.IANA.ORG/x.csv?a=b&c=%20#part", URL_HTTPS);
	expect_kind("https://mirror", URL_HTTPS);
	expect_kind("https://mirror:8443/ianareg.db", URL_HTTPS);
	expect_kind("https://[2001:db8::1]:8443/ianareg.db", URL_HTTPS);
	expect_kind("https://localhost/x", URL_HTTPS);
}

TEST(http_on_loopback_is_known_as_such)
{
	expect_kind("http://localhost/x", URL_HTTP_LOOPBACK);
	expect_kind("http://LocalHost:80/x", URL_HTTP_LOOPBACK);
	expect_kind("http://127.0.0.1:8080/x", URL_HTTP_LOOPBACK);
	expect_kind("http://127.255.3.4/x", URL_HTTP_LOOPBACK);
	expect_kind("http://[::1]:8080/x", URL_HTTP_LOOPBACK);
	expect_kind("HTTP://127.0.0.1", URL_HTTP_LOOPBACK);
}

TEST(http_elsewhere_is_never_taken_for_loopback)
{
	expect_kind("http://www.iana.org/", URL_HTTP);
	expect_kind("HTTP://www.iana.org/", URL_HTTP);
	expect_kind("http://localhost.evil/", URL_HTTP);
	expect_kind("http://localhost./", URL_HTTP);
	expect_kind("http://127.0.0.1.evil/", URL_HTTP);
	expect_kind("http://evil/127.0.0.1", URL_HTTP);
	expect_kind("http://evil?@127.0.0.1/", URL_HTTP);
	expect_kind("http://evil#@localhost/", URL_HTTP);
	expect_kind("http://128.0.0.1/", URL_HTTP);
	expect_kind("http://[::2]/", URL_HTTP);
	expect_kind("http://[::ffff:192.0.2.1]/", URL_HTTP);
}

/* Forms that some resolvers take for loopback are not worth a guess. */
TEST(odd_spellings_of_loopback_are_names)
{
	expect_kind("http://127.1/", URL_HTTP);
	expect_kind("http://0177.0.0.1/", URL_HTTP);
	expect_kind("http://0x7f.0.0.1/", URL_HTTP);
	expect_kind("http://2130706433/", URL_HTTP);
	expect_kind("http://127.0.0.1x/", URL_HTTP);
}

TEST(an_authority_that_could_be_read_in_two_ways_is_refused)
{
	expect_no_url("http://127.0.0.1@evil/");
	expect_no_url("http://127.0.0.1:80@evil/");
	expect_no_url("https://user:word@mirror/");
	expect_no_url("http://evil\\@127.0.0.1/");
	expect_no_url("http://127.0.0.1%00.evil/");
	expect_no_url("http://%6cocalhost/");
	expect_no_url("http://[::1/");
	expect_no_url("http://[::1]evil/");
	expect_no_url("http://[fe80::1%25eth0]/");
	expect_no_url("http://127.0.0.1:/");
	expect_no_url("http://127.0.0.1:0/");
	expect_no_url("http://127.0.0.1:65536/");
	expect_no_url("http://127.0.0.1:80:80/");
	expect_no_url("http://127.0.0.1,evil/");
	expect_no_url("http:///x");
	expect_no_url("https://");
	expect_no_url("https://?x");
	expect_no_url("https://-Kx/");
	expect_no_url("https://.mirror/");
}

TEST(other_schemes_are_refused)
{
	expect_no_url("file:///etc/passwd");
	expect_no_url("FILE:///etc/passwd");
	expect_no_url("ftp://127.0.0.1/x");
	expect_no_url("scp://127.0.0.1/x");
	expect_no_url("httpss://127.0.0.1/x");
	expect_no_url("http:/127.0.0.1/x");
	expect_no_url("http:127.0.0.1/x");
	expect_no_url("//127.0.0.1/x");
	expect_no_url("127.0.0.1/x");
	expect_no_url("");
	expect_no_url("-Kx");
	expect_no_url("--config=x");
	expect_no_url("@/etc/passwd");
}

TEST(characters_that_no_address_has_are_refused)
{
	expect_no_url("https://mirror/a b");
	expect_no_url(" https://mirror/");
	expect_no_url("https://mirror/\n");
	expect_no_url("https://mirror/\r\nHost: evil");
	expect_no_url("https://mirror/{a,b}");
	expect_no_url("https://mirror/\"x\"");
	expect_no_url("https://m\xc3\xbcller/");
	expect_no_url("https://mirror/\x7f");
}

TEST(an_address_has_an_end)
{
	char url[URL_MAX_BYTES + 2] = "https://mirror/";

	memset(url + strlen(url), 'x', sizeof url - 2 - strlen(url));
	expect_kind(url, URL_HTTPS);
	url[URL_MAX_BYTES] = 'x';
	expect_no_url(url);
	memcpy(url + 8, "mirror.mirror.m", 15);
	memset(url + 8, 'm', 254);
	url[8 + 254] = '/';
	url[URL_MAX_BYTES] = '\0';
	expect_no_url(url);
}

TEST(what_begins_under_tls_never_leaves_it)
{
	assert_true(url_may_follow(URL_HTTPS, URL_HTTPS, false));
	assert_false(url_may_follow(URL_HTTPS, URL_HTTP, true));
	assert_false(url_may_follow(URL_HTTPS, URL_HTTP_LOOPBACK, true));
	assert_true(url_may_follow(URL_HTTP_LOOPBACK, URL_HTTPS, false));
}

TEST(plain_http_goes_elsewhere_only_when_asked_to)
{
	assert_true(url_may_follow(URL_HTTP_LOOPBACK, URL_HTTP_LOOPBACK, false));
	assert_false(url_may_follow(URL_HTTP_LOOPBACK, URL_HTTP, false));
	assert_true(url_may_follow(URL_HTTP_LOOPBACK, URL_HTTP, true));
	assert_false(url_may_follow(URL_HTTP, URL_HTTP, false));
	assert_true(url_may_follow(URL_HTTP, URL_HTTP, true));
}

/* Nothing is asked, locked or made for them. */
TEST(hostile_addresses_are_usage_errors)
{
	static const char *const urls[] = {
		"http://192.0.2.1/",      "HTTP://192.0.2.1/",      "http://localhost.evil/", "http://127.0.0.1@evil/",
		"http://127.0.0.1.evil/", "file:///etc/passwd",     "-K/etc/passwd",          "--help",
		"https://x/ -o /etc/x",   "https://x/$(touch hit)", "https://x/`touch hit`",  "",
	};

	expect("mkdir -p out", 0, "", "");
	for (unsigned i = 0; i < sizeof urls / sizeof *urls; i++)
		expect(text("CACHE_DIRECTORY=$PWD/c ianareg update --config /dev/null -o out/s.db --url '%s'", urls[i]),
		       1, "", NULL);
	expect("CACHE_DIRECTORY=$PWD/c ianareg update --config /dev/null --retry 0 --max-time 2 -o out/s.db "
	       "--url 'https://127.0.0.1:1/$(touch${IFS}hit)'",
	       1, "", NULL);
	expect("ls -A out c 2>/dev/null; test -e hit", 1, "out:\n", "");
}

TEST_PROGRAM(.set_up = make_small_snapshot);
