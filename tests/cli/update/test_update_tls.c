/* SPDX-License-Identifier: MIT */
/* `ianareg update` over https, from `openssl s_server` with a certificate of its own, which nobody trusts by himself. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/update_tool.h"

#define CHANGED "out/s.db: 1 added\n"

static pid_t openssl;
static unsigned tls_port;

static void make_certificates(void)
{
	for (unsigned i = 0; i < 2; i++)
		expect(text("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout %s.key "
			    "-out %s.pem -days 2 -subj /CN=%s -addext subjectAltName=%s 2>/dev/null",
			    i ? "other" : "own", i ? "other" : "own", i ? "other" : "own",
			    i ? "DNS:other.example" : "IP:127.0.0.1"),
		       0, "", "");
}

/* s_server -HTTP sends files as they are, with the head that they hold. */
static void put_answers(void)
{
	expect("{ printf 'HTTP/1.0 200 OK\\r\\nETag: \"a\"\\r\\n\\r\\n'; cat r.csv; } >srv/r.csv", 0, "", "");
	put_file("srv/down", text("HTTP/1.0 302 Found\r\nLocation: %s\r\n\r\n", at("file/r.csv")));
}

/* Serve srv with that certificate on a port of the system's choice. */
static void start_openssl(const char *name)
{
	openssl = fork();
	if (openssl == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (chdir(text("%s/srv", scratch_dir())) == 0 &&
		    dup2(open("../tls.log", O_WRONLY | O_CREAT | O_TRUNC, 0644), 1) == 1 &&
		    dup2(open("/dev/null", O_RDWR), 0) == 0 && dup2(0, 2) == 2)
			execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-HTTP", "-key",
			       text("../%s.key", name), "-cert", text("../%s.pem", name), NULL);
		_exit(127);
	}
	expect("for i in $(seq 500); do grep -q ACCEPT tls.log && break; sleep 0.02; done 2>/dev/null; "
	       "sed -n 's/^ACCEPT 127.0.0.1://p' tls.log >port; test -s port",
	       0, "", NULL);

	char *digits = read_file(text("%s/port", scratch_dir()), NULL);

	tls_port = (unsigned)atoi(digits);
	free(digits);
}

static int stop_openssl(void **state)
{
	(void)state;
	if (openssl > 0) {
		kill(openssl, SIGKILL);
		waitpid(openssl, NULL, 0);
	}
	openssl = 0;
	return 0;
}

static bool has_openssl(void)
{
	struct run found = run("command -v openssl");
	const bool installed = found.status == 0;

	free_run(&found);
	return installed;
}

static int prepare(void **state)
{
	static bool made;

	start_with_a_target(state);
	if (!made && has_openssl())
		make_certificates();
	made = true;
	put_answers();
	return 0;
}

/* Serve with that certificate, or skip the test. */
static void serve_as(const char *name)
{
	if (has_openssl()) {
		start_openssl(name);
		return;
	}
	puts("note: openssl is not installed: https is not tested");
	skip();
}

static void expect_tls(const char *path, const char *variables, int status, const char *out, const char *message)
{
	struct run result =
		in_scratch(text("%s " UPDATE "--retry 0 --url https://127.0.0.1:%u/%s", variables, tls_port, path));

	if (result.status != status || strcmp(result.out, out) != 0 || !strstr(result.err, message))
		fail_msg("%s %s: status %d: %s%s", variables, path, result.status, result.out, result.err);
	free_run(&result);
	expect_tidy();
}

TEST(a_certificate_that_nobody_trusts_is_refused)
{
	serve_as("own");
	expect_tls("r.csv", "", 4, "", "certificate");
	expect("cmp out/s.db old.db", 0, "", "");
}

TEST(the_administrator_says_whom_to_trust)
{
	serve_as("own");
	expect_tls("r.csv", "SSL_CERT_FILE=$PWD/own.pem", 0, CHANGED, "");
	expect_replaced();
	expect_tls("r.csv", "CURL_CA_BUNDLE=$PWD/own.pem", 0, "out/s.db: unchanged\n", "");
}

TEST(a_trusted_certificate_for_another_host_is_refused)
{
	serve_as("other");
	expect_tls("r.csv", "SSL_CERT_FILE=$PWD/other.pem", 4, "", "");
	expect("cmp out/s.db old.db", 0, "", "");
}

/* Nor do a .curlrc and curl's own ways of being told otherwise reach it. */
TEST(no_configuration_of_curl_makes_it_trust_others)
{
	serve_as("own");
	put_file(".curlrc", "insecure\n");
	expect_tls("r.csv", "HOME=$PWD CURL_HOME=$PWD XDG_CONFIG_HOME=$PWD", 4, "", "certificate");
}

TEST(a_redirection_from_https_to_http_is_not_followed)
{
	const unsigned before = atomic_load(&server.log->requests);

	serve_as("own");
	expect_tls("down", "SSL_CERT_FILE=$PWD/own.pem", 4, "", "is not https");
	assert_int_equal(atomic_load(&server.log->requests), before);
}

TEST(http_spoken_where_https_is_expected_is_refused)
{
	expect(text(UPDATE "--retry 0 --max-time 1 --url https://127.0.0.1:%u/file/r.csv", server.port), 4, "", NULL);
	expect("cmp out/s.db old.db", 0, "", "");
}

/* Whom the machine's own environment trusts is no matter here. */
static int start(void **state)
{
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	unsetenv("CURL_CA_BUNDLE");
	return start_server(state);
}

TEST_PROGRAM(.set_up = start, .tear_down = stop_server, .set_up_each = prepare, .tear_down_each = stop_openssl,
	     .missing = missing_curl);
