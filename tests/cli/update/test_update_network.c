/* SPDX-License-Identifier: MIT */
/*
 * `ianareg update` against a server on loopback that answers well or badly: what comes of it, and that the target is
 * then the old file or the new one, whole, with nothing left beside it.
 */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/update_tool.h"

#define CHANGED "out/s.db: 1 added\n"
#define UNCHANGED "out/s.db: unchanged\n"

static void expect_new_file(const char *path, const char *arguments)
{
	expect_update(path, arguments, 0, CHANGED);
	expect_replaced();
}

/* Whether the last request had such a line. */
static bool was_asked_with(const char *header)
{
	return strcasestr(server.log->head, text("\r\n%s", header));
}

/* ---- what is sent again, and what is not ---- */

TEST(a_registry_that_is_sent_whole_is_published)
{
	expect_new_file("plain/r.csv", "");
}

TEST(the_first_snapshot_of_all_is_new)
{
	expect("rm out/s.db", 0, "", "");
	expect_update("file/r.csv", "--guard 100", 0, "out/s.db: new, 11 assignments\n");
	expect("cmp out/s.db s.db && ls -A out", 0, "s.db\n", "");
	expect_tidy();
}

TEST(a_body_that_is_known_is_not_sent_again)
{
	expect_new_file("file/r.csv", "");
	assert_false(was_asked_with("If-None-Match:"));

	const unsigned long long sent = atomic_load(&server.log->bytes_out);

	expect_update("file/r.csv", "", 0, UNCHANGED);
	assert_true(was_asked_with("If-None-Match:") && was_asked_with("If-Modified-Since:"));
	assert_in_range(atomic_load(&server.log->bytes_out) - sent, 1, 200);
	expect_replaced();
}

TEST(a_server_may_know_bodies_by_their_tag_alone)
{
	expect_new_file("etag/r.csv", "");
	expect_update("etag/r.csv", "", 0, UNCHANGED);
	assert_true(was_asked_with("If-None-Match:"));
	assert_false(was_asked_with("If-Modified-Since:"));
}

TEST(a_server_may_know_bodies_by_their_date_alone)
{
	expect_new_file("date/r.csv", "");

	const unsigned long long sent = atomic_load(&server.log->bytes_out);

	expect_update("date/r.csv", "", 0, UNCHANGED);
	assert_true(was_asked_with("If-Modified-Since:"));
	assert_in_range(atomic_load(&server.log->bytes_out) - sent, 1, 200);
}

TEST(a_server_that_knows_nothing_is_asked_for_all_of_it)
{
	expect_new_file("plain/r.csv", "");
	expect_update("plain/r.csv", "", 0, UNCHANGED);
	assert_false(was_asked_with("If-"));
}

TEST(a_body_that_changed_is_taken_and_asked_for_by_its_new_tag)
{
	expect("cp old.csv srv/r.csv", 0, "", "");
	expect_update("file/r.csv", "", 0, UNCHANGED);
	expect("cp r.csv srv/r.csv", 0, "", "");
	expect_new_file("file/r.csv", "");
	expect_update("file/r.csv", "", 0, UNCHANGED);
	expect("ls cache | wc -l", 0, "2\n", "");
}

TEST(a_mirror_that_goes_back_to_an_older_file_is_followed)
{
	expect("touch -d '2026-02-02' srv/r.csv", 0, "", "");
	expect_new_file("date/r.csv", "");
	expect("cp old.csv srv/r.csv && touch -d '2026-01-01' srv/r.csv", 0, "", "");
	expect_update("date/r.csv", "--guard 10", 0, "out/s.db: 1 removed\n");
}

TEST(a_damaged_cache_is_not_believed)
{
	expect_update("file/r.csv", "", 0, CHANGED);
	expect("for f in cache/*.body; do printf X >>$f; done", 0, "", "");
	expect_update("file/r.csv", "", 0, UNCHANGED);
	assert_false(was_asked_with("If-"));
	expect_replaced();
	expect("printf 'url %s\\n' >cache/x && mv cache/x cache/*.facts", 0, "", "");
	expect_update("file/r.csv", "", 0, UNCHANGED);
	assert_false(was_asked_with("If-"));
	expect_tidy();
}

TEST(a_cache_that_others_may_write_is_none)
{
	expect("mkdir -m 777 cache", 0, "", "");
	expect_new_file("file/r.csv", "2>err && grep -q 'cache: is writable by others; going on' err; rmdir cache");
}

TEST(a_cache_that_cannot_be_is_no_harm)
{
	expect("echo >cache", 0, "", "");
	expect_new_file("file/r.csv", "2>err && grep -q 'going on without a cache' err; rm cache");
}

/* ---- redirections ---- */

TEST(a_redirection_on_loopback_is_followed)
{
	expect_new_file("to//to//file/r.csv", "");
}

TEST(a_redirection_in_a_circle_is_given_up)
{
	const unsigned before = atomic_load(&server.log->requests);

	expect_refused("loop", "", 4, "redirects more than 10 times");
	assert_int_equal(atomic_load(&server.log->requests) - before, 11);
}

TEST(a_redirection_to_another_scheme_is_not_followed)
{
	expect_refused("to/file:///etc/passwd", "", 4, "is not an https address");
	expect_refused("to/ftp://127.0.0.1/r.csv", "", 4, "is not an https address");
	expect_refused("to/gopher://127.0.0.1/r.csv", "--allow-http", 4, "is not an https address");
}

TEST(a_redirection_to_plain_http_elsewhere_is_not_followed)
{
	expect_refused("to/http://192.0.2.1/r.csv", "", 4, "is not https");
	expect_refused("to/http://127.0.0.1.evil.example/r.csv", "", 4, "is not https");
	expect_refused("to/http://127.0.0.1@192.0.2.1/r.csv", "--allow-http", 4, "names no host");
}

/* ---- answers that are none ---- */

TEST(an_address_without_a_file_is_trouble_for_later)
{
	expect_refused("file/none.csv", "", 4, "404");
}

TEST(a_server_in_trouble_is_asked_later)
{
	expect_refused("status/500", "", 4, "500");
	expect_refused("status/403", "", 4, "403");
}

TEST(a_status_that_brings_no_file_is_not_taken_for_one)
{
	expect_refused("status/204", "", 4, "answers with status 204");
	expect_refused("status/206", "", 4, "answers with status 206");
	expect_refused("status/300", "", 4, "answers with status 300");
	expect_refused("status/304", "", 4, "answers with status 304");
}

TEST(trouble_that_passes_is_tried_again)
{
	if (atomic_load(&server.log->requests) % 2) /* so that the next is refused */
		expect_refused("file/none.csv", "", 4, "404");
	expect_new_file("flaky/r.csv", "--retry 1");
}

TEST(an_attempt_that_took_too_long_is_tried_again)
{
	const unsigned before = atomic_load(&server.log->requests);

	expect_refused("silent", "--max-time 1 --retry 1", 4, "timed out");
	assert_int_equal(atomic_load(&server.log->requests) - before, 2);
}

TEST(a_connection_that_is_refused_is_trouble_for_later)
{
	expect(UPDATE "--retry 0 --url http://127.0.0.1:1/r.csv", 4, "", NULL);
	expect("cmp out/s.db old.db", 0, "", "");
	expect_tidy();
}

TEST(a_name_that_leads_nowhere_is_trouble_for_later)
{
	expect(UPDATE "--retry 0 --max-time 5 --url https://no-such-host.invalid/r.csv", 4, "", NULL);
	expect("cmp out/s.db old.db", 0, "", "");
	expect_tidy();
}

TEST(what_is_no_http_is_refused)
{
	expect_refused("garbage", "", 4, "ianareg: http://127.0.0.1:");
	expect_refused("empty", "", 4, "Empty reply");
}

TEST(headers_without_end_are_refused)
{
	expect_refused("headers", "", 4, "");
}

/* ---- bodies that are not whole ---- */

TEST(a_slow_server_is_given_up)
{
	expect_refused("trickle/r.csv", "--max-time 1", 4, "timed out");
	expect_refused("silent", "--max-time 1", 4, "timed out");
}

TEST(a_body_that_is_cut_off_is_not_taken)
{
	expect_refused("half/r.csv", "", 4, "transfer closed");
	expect_refused("chunked-half/r.csv", "", 4, "");
}

TEST(a_body_longer_than_it_says_is_cut_and_refused)
{
	expect_refused("short/r.csv", "--guard 0", 3, "r.csv:");
}

TEST(a_body_shorter_than_it_says_is_not_taken)
{
	expect_refused("long/r.csv", "", 4, "transfer closed");
}

TEST(a_body_in_chunks_is_whole)
{
	expect_new_file("chunked/r.csv", "");
}

TEST(a_body_without_an_end_is_cut_and_refused)
{
	expect_refused("endless", "--max-time 30", 3, "is longer than 33554432 bytes");
	expect_refused("endless-chunked", "--max-time 30", 3, "is longer than 33554432 bytes");
	expect_refused("endless-length", "--max-time 30", 3, "is longer than 33554432 bytes");
}

TEST(an_empty_body_is_refused)
{
	expect("cp /dev/null srv/empty.csv", 0, "", "");
	expect_refused("file/empty.csv", "", 3, "is empty: not a registry CSV");
}

TEST(a_body_that_is_packed_is_unpacked)
{
	expect("gzip <srv/r.csv >srv/r.csv.gz", 0, "", "");
	expect_new_file("gzip/r.csv", "");
	assert_true(was_asked_with("Accept-Encoding:") && strstr(server.log->head, "gzip"));
}

TEST(a_packed_body_that_is_cut_or_no_gzip_is_refused)
{
	expect("gzip <srv/r.csv >srv/r.csv.gz; echo no gzip >srv/no.gz", 0, "", "");
	expect_refused("gzip/no", "", 4, "");

	struct run result = update_from("gzip-cut/r.csv", "--guard 0");

	assert_in_range(result.status, 3, 4); /* curl lets an unfinished stream pass; what it had unpacked is half */
	free_run(&result);
	expect("cmp out/s.db old.db", 0, "", "");
}

TEST(a_bomb_does_not_go_off)
{
	expect("head -c 40000000 /dev/zero | gzip -1 >srv/bomb.gz", 0, "", "");
	expect_refused("gzip/bomb", "", 3, "is longer than 33554432 bytes");
}

/* ---- bodies that are something else ---- */

TEST(a_page_for_people_is_no_registry)
{
	put_file("srv/login.html", "<!DOCTYPE html>\n<title>Sign in</title>\n<p>Service Name, please\n");
	expect_refused("file/login.html", "", 3, "not a registry CSV");
	expect("cat cache/* 2>/dev/null | wc -c", 0, "0\n", "");
}

TEST(a_registry_without_a_tail_is_refused_by_the_guard)
{
	expect("head -n 8 r.csv >srv/half.csv", 0, "", "");
	expect_refused("file/half.csv", "", 3, "7 of 10 assignments would vanish, more than 5%");
	expect("ls -A cache", 0, "", "");
}

TEST(a_registry_with_one_row_less_is_taken)
{
	expect("ianareg compile -o out/s.db r.csv && cp out/s.db old.db && cp srv/r.csv all.csv && "
	       "grep -v '^http-alt,591' all.csv >srv/r.csv && ianareg compile -o less.db srv/r.csv",
	       0, "", "");
	expect_update("file/r.csv", "--guard 10", 0, "out/s.db: 1 removed\n");
	expect("cmp out/s.db less.db && cmp out/s.db.prev old.db", 0, "", "");
	expect_tidy();
}

TEST(a_compiled_snapshot_is_taken_as_it_is)
{
	expect("cp s.db srv/ianareg.db", 0, "", "");
	expect_new_file("file/ianareg.db", "");
	expect_update("file/ianareg.db", "", 0, UNCHANGED);
	assert_true(was_asked_with("If-None-Match:"));
}

/* All the rows, and hardly an answer. */
TEST(a_snapshot_that_answers_little_is_refused_by_the_guard)
{
	expect("ianareg compile -o out/s.db r.csv && cp out/s.db old.db && ianareg compile --max-port 79 -o "
	       "srv/ianareg.db r.csv",
	       0, "", "");
	expect_refused("file/ianareg.db", "", 3, "answers would vanish, more than 5%; --force lets them go");
	expect_refused("file/ianareg.db", "--guard 99", 3, "out/s.db: refused: ");
	expect_update("file/ianareg.db", "--force", 0, NULL);
	expect("cmp out/s.db srv/ianareg.db", 0, "", "");
	expect("cp old.db srv/ianareg.db && touch -d tomorrow srv/ianareg.db", 0, "", "");
	expect_update("file/ianareg.db", "", 0, NULL);
}

/* Whoever says so on his own machine means it. */
TEST(options_of_ones_own_may_leave_few_answers)
{
	expect_update("file/r.csv", "--max-port 79", 0, NULL);
}

TEST(a_snapshot_damaged_in_one_byte_is_refused)
{
	expect("cp s.db srv/bad.db && printf X | dd of=srv/bad.db bs=1 seek=3000 conv=notrunc 2>/dev/null", 0, "", "");
	expect_refused("file/bad.db", "--force", 3, "/file/bad.db: does not match its checksum");
	expect("head -c 3000 s.db >srv/cut.db", 0, "", "");
	expect_refused("file/cut.db", "--force", 3, "/file/cut.db: is not as long as its header says");
	expect("sed 's/^ianareg/ianareG/' s.db >srv/other.db", 0, "", "");
	expect_refused("file/other.db", "--force", 3, "");
}

TEST(a_snapshot_leaves_no_room_for_overlays)
{
	expect("cp s.db srv/ianareg.db && echo mine 1/tcp >o", 0, "", "");
	expect_refused("file/ianareg.db", "--overlay o", 1, "overlays, protocols and max-port need the registry's CSV");
	expect_refused("file/ianareg.db", "--max-port 100", 1, "is a compiled snapshot");
}

TEST_PROGRAM(.set_up = start_server, .tear_down = stop_server, .set_up_each = start_with_a_target,
	     .missing = missing_curl);
