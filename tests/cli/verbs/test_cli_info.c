/* SPDX-License-Identifier: MIT */
/* `ianareg info` and `ianareg verify`: what a snapshot holds, and whether it is sound. */
#include <jansson.h>

#include "tests/support/cli_tool.h"

TEST(info_tells_what_a_snapshot_holds)
{
	expect("ianareg info | grep -v '^size\\|^hot' | sed '/^section/,$d'", 0,
	       "path\ts.db\nformat version\t2\nnewest date\t2024-12-20\nentries\t72\nnames\t9\nports used\t70\n"
	       "protocols\ttcp,udp,sctp,dccp\nrows\t15\nAssigned\t10\nRegistered without a port\t1\n"
	       "Assigned without a name\t1\nReserved\t1\nUnassigned\t1\nDe-registered\t1\nrows of overlays\t0\n",
	       "");
	expect("ianareg info s.db | sed -n '/^section/,$p' | cut -f 1", 0,
	       "section\nblocks\nports\nslots\nrecords\npreferred\nrows\ndetails\nstrings\n", "");
}

TEST(info_in_json_agrees_with_the_file)
{
	struct run result = in_scratch("ianareg info --json s.db");
	json_t *json = json_loads(result.out, 0, NULL);
	int size, entries, assigned, blocks, hot, end, last;
	const char *protocol;

	assert_int_equal(json_unpack(json, "{s:i, s:i, s:[s,s,s,s!], s:i, s:{s:i}, s:{s:{s:i}, s:{s:i, s:i}}}", "size",
				     &size, "entries", &entries, "protocols", &protocol, &protocol, &protocol,
				     &protocol, "hot_bytes", &hot, "rows", "Assigned", &assigned, "sections", "blocks",
				     "count", &blocks, "strings", "offset", &last, "size", &end),
			 0);
	assert_int_equal(entries, 72);
	assert_int_equal(assigned, 10);
	assert_int_equal(blocks, 4096);
	assert_in_range(hot, 4096 * 2, size - 256);
	assert_int_equal(last + end, size);
	assert_string_equal(protocol, "dccp");
	json_decref(json);
	free_run(&result);
}

TEST(verify_proves_a_sound_snapshot)
{
	expect("ianareg verify", 0, "s.db: valid: 72 entries, 9 names, 15 rows\n", "");
	expect("ianareg verify ./s.db", 0, "./s.db: valid: 72 entries, 9 names, 15 rows\n", "");
}

/* s.db with the byte at `offset` changed, as bad.db. */
static void damage(size_t offset)
{
	size_t size;
	char *bytes = read_file(text("%s/s.db", scratch_dir()), &size);

	assert_in_range(offset, 0, size - 1);
	bytes[offset] ^= 0x40;
	write_file(text("%s/bad.db", scratch_dir()), bytes, size);
	free(bytes);
}

TEST(verify_says_what_is_wrong_with_a_damaged_one)
{
	damage(1000);
	struct run result = in_scratch("chmod 644 bad.db; ianareg verify bad.db");

	assert_int_equal(result.status, 3);
	assert_string_equal(result.out, "");
	assert_int_equal(strncmp(result.err, "ianareg: bad.db: ", 17), 0);
	assert_ptr_equal(strchr(result.err, '\n'), result.err + strlen(result.err) - 1);
	free_run(&result);
}

TEST(a_damaged_header_is_no_snapshot_to_any_verb)
{
	damage(20);
	for (size_t i = 0; i < 4; i++) {
		static const char *const verbs[] = {"verify bad.db", "info bad.db", "lookup --snapshot bad.db 80",
						    "export --format csv --snapshot bad.db"};

		expect(text("ianareg %s", verbs[i]), 3, "", "ianareg: bad.db: has a damaged header\n");
	}
}

TEST(a_damaged_row_is_named_by_the_verbs_that_show_rows_and_nothing_damaged_is_exported)
{
	static const char *const verbs[] = {"info", "lookup --snapshot"};
	size_t size;
	char *bytes = read_file(text("%s/s.db", scratch_dir()), &size);
	struct disk_header header;

	memcpy(&header, bytes, sizeof header);
	memset(bytes + load32(header.sections[SECTION_ROWS].section_off) + sizeof(struct disk_row), 0xff, 4);
	write_file(text("%s/row.db", scratch_dir()), bytes, size);
	free(bytes);
	for (size_t i = 0; i < 2; i++)
		expect(text("chmod 644 row.db; ianareg %s row.db %s", verbs[i], i == 1 ? "24" : ""), 3, NULL,
		       "ianareg: row.db: has a damaged registry row (row 1)\n");
	expect("ianareg export --format csv --snapshot row.db", 3, "",
	       "ianareg: row.db: does not match its checksum\n");
}

TEST(files_that_are_no_snapshots_are_told_from_those_not_there)
{
	for (size_t i = 0; i < 2; i++) {
		const char *verb = i ? "info" : "verify";

		expect(text("ianareg %s none.db", verb), 1, "", "ianareg: none.db: No such file or directory\n");
		expect(text("ianareg %s r.csv/none.db", verb), 1, "", "ianareg: r.csv/none.db: Not a directory\n");
		expect(text("ianareg %s .", verb), 1, "", "ianareg: .: is not a regular file\n");
		expect(text("ianareg %s r.csv", verb), 3, "", "ianareg: r.csv: is not an ianareg snapshot\n");
	}
}

TEST(bad_usage_is_one_line)
{
	expect("ianareg info s.db two", 1, "", "ianareg: two: one file at most; see ianareg info --help\n");
	expect("ianareg verify s.db two", 1, "", "ianareg: two: one file at most; see ianareg verify --help\n");
	expect("ianareg info --frob", 1, "", "ianareg: --frob: no such option; see ianareg info --help\n");
	expect("ianareg verify -j", 1, "", "ianareg: -j: no such option; see ianareg verify --help\n");
	expect("ianareg info >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("ianareg verify >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
}

TEST_PROGRAM(.set_up = make_small_snapshot);
