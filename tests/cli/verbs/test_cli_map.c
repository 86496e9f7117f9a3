/* SPDX-License-Identifier: MIT */
/* `ianareg map`: the picture on a terminal, as runs, as SVG; and how it ends. */
#include <unistd.h>

#include "tests/support/port_registry.h"

#define P "ianareg map --snapshot p.db "

#define FULL "\xe2\x96\x88"
#define THREE "\xe2\x96\x93"
#define HALF "\xe2\x96\x92"
#define FEW "\xe2\x96\x91"
#define DOT "\xc2\xb7"

TEST(a_pipe_gets_runs_for_each_protocol)
{
	expect(P "6060-6085", 0,
	       "tcp\t6060-6063\tAssigned\t\n"
	       "tcp\t6064-6069\tUnassigned\t\n"
	       "tcp\t6070\tAssigned\t\n"
	       "tcp\t6071-6074\tUnassigned\t\n"
	       "tcp\t6075-6076\tUnassigned\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n"
	       "tcp\t6077-6080\tUnassigned\t\n"
	       "tcp\t6081\tUnassigned\tyes\n"
	       "tcp\t6082-6085\tUnassigned\t\n"
	       "udp\t6060-6069\tUnassigned\t\n"
	       "udp\t6070\tAssigned\t\n"
	       "udp\t6071-6074\tUnassigned\t\n"
	       "udp\t6075-6076\tUnassigned\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n"
	       "udp\t6077-6079\tUnassigned\t\n"
	       "udp\t6080\tReserved\t\n"
	       "udp\t6081-6085\tUnassigned\t\n"
	       "sctp\t6060-6074\tUnassigned\t\n"
	       "sctp\t6075-6076\tUnassigned\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n"
	       "sctp\t6077-6085\tUnassigned\t\n"
	       "dccp\t6060-6074\tUnassigned\t\n"
	       "dccp\t6075-6076\tUnassigned\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n"
	       "dccp\t6077-6085\tUnassigned\t\n",
	       "");
}

TEST(a_protocol_and_a_range_narrow_the_runs)
{
	expect(P "--protocol tcp", 0,
	       "tcp\t0\tReserved\t\n"
	       "tcp\t1-79\tUnassigned\t\n"
	       "tcp\t80\tAssigned\t\n"
	       "tcp\t81-584\tUnassigned\t\n"
	       "tcp\t585\tDe-registered\t\n"
	       "tcp\t586-5999\tUnassigned\t\n"
	       "tcp\t6000-6002\tAssigned\t\n"
	       "tcp\t6003\tAssigned\tKnown Unauthorized Use on port 6003\n"
	       "tcp\t6004-6063\tAssigned\t\n"
	       "tcp\t6064-6069\tUnassigned\t\n"
	       "tcp\t6070\tAssigned\t\n"
	       "tcp\t6071-6074\tUnassigned\t\n"
	       "tcp\t6075-6076\tUnassigned\tKnown Use on ports\\n6075 and 6076 \\x1b[31m, \\tesc\n"
	       "tcp\t6077-6080\tUnassigned\t\n"
	       "tcp\t6081\tUnassigned\tyes\n"
	       "tcp\t6082-7999\tUnassigned\t\n"
	       "tcp\t8000-49151\tReserved\t\n"
	       "tcp\t49152-65535\tDynamic and/or Private\t\n",
	       "");
	expect(P "--protocol sctp 80", 0, "sctp\t80\tUnassigned\t\n", "");
}

/* Runs of a whole registry, for each protocol, lie end to end from 0 to 65535. */
TEST(runs_of_the_bundled_registry_are_all_ports_of_each_protocol)
{
	struct run result = run(text("%s/ianareg map --snapshot %s/ianareg.db", build_dir(), build_dir()));
	unsigned next = 0, protocols = 0;

	for (char *line = strtok(result.out, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned first, last;
		const int got = sscanf(line, "%*[a-z]\t%u-%u", &first, &last);

		last = got == 1 ? first : last;
		assert_in_range(got, 1, 2);
		assert_int_equal(first, next);
		next = last == PORT_MAX ? 0 : last + 1;
		protocols += last == PORT_MAX;
	}
	assert_int_equal(next, 0);
	assert_int_equal(protocols, 4);
	free_run(&result);
}

TEST(a_terminal_gets_a_picture_with_a_legend_and_counts)
{
	expect_screen("LC_ALL=C.UTF-8 ianareg map 6000-6090", 80, 0,
		      " 5952                                                 " FULL FULL FULL
		      "!" FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL
		      "\n"
		      " 6016 " FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL
			      FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL
				      FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL FULL DOT DOT DOT DOT DOT
					      DOT FULL DOT DOT DOT DOT "!!" DOT DOT DOT
		      "\n"
		      " 6080 r!" DOT DOT DOT DOT DOT DOT DOT DOT DOT
		      "\n"
		      "\n"
		      "                                    tcp     udp    sctp    dccp     any\n" FULL
		      "    Assigned                        65       1       0       0      65\n"
		      "r    Reserved                         0       1       0       0       1\n"
		      "d    De-registered                    0       0       0       0       0\n" DOT
		      "    Unassigned                      26      89      91      91      25\n"
		      "-    Dynamic and/or Private           0       0       0       0       0\n"
		      "!    Unauthorised use reported        4       2       2       2       4\n");
}

TEST(without_utf8_the_picture_is_ascii)
{
	struct screen screen;

	expect_screen("LC_ALL=C ianareg map --protocol tcp 6060-6085", 80, 0,
		      " 6016                                             ####......#....!!...\n"
		      " 6080 .!....\n"
		      "\n"
		      "                                    tcp\n"
		      "#    Assigned                         5\n"
		      "r    Reserved                         0\n"
		      "d    De-registered                    0\n"
		      ".    Unassigned                      21\n"
		      "-    Dynamic and/or Private           0\n"
		      "!    Unauthorised use reported        3\n");
	screen = screen_in_scratch("LC_ALL=C ianareg map", 80);
	for (const char *c = screen.text; *c; c++)
		assert_in_range(*c, '\n', '~');
	free_screen(&screen);
}

static unsigned lines_of(const char *screen)
{
	unsigned lines = 0;

	for (; *screen; screen++)
		lines += *screen == '\n';
	return lines;
}

/* The longest line, in characters. */
static size_t widest_line(const char *screen)
{
	size_t widest = 0, width = 0;

	for (; *screen; screen++) {
		width = *screen == '\n' ? 0 : width + (((unsigned char)*screen & 0xc0) != 0x80);
		widest = width > widest ? width : widest;
	}
	return widest;
}

TEST(all_ports_are_32_rows_on_any_terminal)
{
	static const struct {
		unsigned short columns;
		size_t wide;
	} widths[] = {{80, 71}, {200, 134}, {133, 71}, {134, 134}, {300, 262}};

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct screen screen = screen_in_scratch("LC_ALL=C.UTF-8 ianareg map", widths[i].columns);

		assert_int_equal(screen.status, 0);
		assert_int_equal(lines_of(screen.text), 32 + 2 + 7);
		assert_int_equal(widest_line(screen.text), widths[i].wide);
		free_screen(&screen);
	}
}

TEST(a_cell_of_several_ports_shows_what_is_taken_and_how_much_of_it)
{
	struct screen screen;
	const char *row;

	put_file("shades.csv", CSV_HEAD
		 "a,0-7,tcp,A,,,,,,,,\nb,8-13,tcp,B,,,,,,,,\nc,16-19,tcp,C,,,,,,,,\n"
		 "d,24,tcp,D,,,,,,,,\n,32,,Reserved,,,,,,,,\n,40,,Removed,,,,,,,,\n"
		 "e,48-50,tcp,E,,,,,,,,\n,51-55,,Reserved,,,,,,,,\n"
		 "f,56-63,tcp,F,,,,,,,on port 57,\n");
	expect("ianareg compile -o shades.db shades.csv", 0, "", "");
	/* 16383 / (64 * 8) is 32 rows of 8 ports a cell */
	screen = screen_in_scratch("LC_ALL=C.UTF-8 ianareg map --snapshot shades.db 0-16383", 80);
	row = "    0 " FULL FULL THREE FEW "rdr!" DOT;
	if (strncmp(screen.text, row, strlen(row)) != 0)
		fail_msg("not \"%s\" but \"%.60s\"", row, screen.text);
	assert_non_null(strstr(screen.text, "\n8 ports a cell, 512 a row; one with unauthorised use marks its cell\n"));
	assert_non_null(strstr(screen.text, "\n" FULL THREE HALF FEW " Assigned "));
	free_screen(&screen);
}

TEST(colours_come_with_the_same_characters)
{
	struct screen plain = screen_in_scratch("LC_ALL=C.UTF-8 ianareg map", 80);
	struct screen inked = screen_in_scratch("NO_COLOR= LC_ALL=C.UTF-8 ianareg map", 80);
	char *to = inked.text;

	assert_null(strchr(plain.text, '\033'));
	assert_non_null(strstr(inked.text, "\033[31m!"));
	assert_non_null(strstr(inked.text, "\033[33mr"));
	for (const char *from = inked.text; *from;) {
		if (*from == '\033')
			from += strcspn(from, "m") + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
	assert_string_equal(inked.text, plain.text);
	free_screen(&plain);
	free_screen(&inked);
}

TEST(svg_is_well_formed_by_a_parser_of_others)
{
	expect(P "--svg p.svg && " P "--svg - 6000-6100 >range.svg && " P "--svg one.svg --protocol udp 80", 0, "", "");
	expect("ianareg compile -o none.db /dev/stdin <<'.'\n" CSV_HEAD
	       ".\nianareg map --snapshot none.db --svg none.svg",
	       0, "", "");

	struct run result = in_scratch("command -v xmllint || command -v python3");

	if (result.status != 0)
		puts("note: map: neither xmllint nor python3 is here: SVG is not parsed");
	else if (strstr(result.out, "xmllint"))
		expect("xmllint --noout --nonet p.svg range.svg one.svg none.svg", 0, "", "");
	else
		expect("for f in p range one none; do python3 -c 'import sys, xml.dom.minidom as m; "
		       "m.parse(sys.argv[1])' $f.svg || exit; done",
		       0, "", "");
	free_run(&result);
}

/* How many cells the path of that class covers: the sum of its lines. */
static unsigned cells_of(const char *svg, const char *class)
{
	const char *path = strstr(svg, text("<path class=\"%s\" d=\"", class));
	unsigned sum = 0, x, y, size;
	int taken;

	assert_non_null(path);
	for (path = strchr(path, 'M'); path && sscanf(path, "M%u %uh%u%n", &x, &y, &size, &taken) == 3; path += taken) {
		assert_in_range(x + size, 1, 256);
		assert_in_range(y, 0, 255);
		sum += size;
	}
	return sum;
}

TEST(svg_draws_each_port_once_and_counts_what_it_draws)
{
	struct run result = run(text("%s/ianareg map --svg - --snapshot %s/ianareg.db", build_dir(), build_dir()));
	struct run counts =
		run(text("%s/ianareg map --svg - --snapshot %s/ianareg.db | sed -n 's/.*>\\([0-9]*\\)<.text>$/\\1/p' | "
			 "tail -n 6 | tr '\\n' ' '",
			 build_dir(), build_dir()));
	unsigned a, r, d, u, y, x;

	assert_int_equal(sscanf(counts.out, "%u %u %u %u %u %u", &a, &r, &d, &u, &y, &x), 6);
	assert_int_equal(a + r + d + u + y, 65536);
	assert_int_equal(cells_of(result.out, "u"), 65536); /* the ground */
	assert_int_equal(cells_of(result.out, "a"), a);
	assert_int_equal(cells_of(result.out, "r"), r);
	assert_int_equal(cells_of(result.out, "d"), d);
	assert_int_equal(cells_of(result.out, "y"), y);
	assert_int_equal(cells_of(result.out, "x"), x);
	assert_in_range(strlen(result.out), 1000, 40000);
	free_run(&counts);
	free_run(&result);
}

TEST(svg_has_a_title_a_description_and_colours_for_the_dark)
{
	struct run result = in_scratch(P "--svg -");

	assert_non_null(strstr(result.out, "role=\"img\" aria-labelledby=\"t d\""));
	assert_non_null(strstr(result.out, "<title id=\"t\">IANA port numbers 0 to 65535 by status</title>"));
	assert_non_null(strstr(result.out,
			       "<desc id=\"d\">Ports 0 to 65535, 256 in a row: Assigned 66, Reserved 41154, "
			       "De-registered 1, Unassigned 7931, Dynamic and/or Private 16384, "
			       "Unauthorised use reported 4.</desc>"));
	assert_non_null(strstr(result.out, "@media(prefers-color-scheme:dark)"));
	free_run(&result);
}

/* Nothing of the snapshot but digits and dashes gets into the markup. */
TEST(a_date_that_is_none_is_left_out_of_the_svg)
{
	size_t size;
	char *bytes = read_file(text("%s/s.db", scratch_dir()), &size);
	struct disk_header *header = (struct disk_header *)(void *)bytes;

	expect("ianareg map --snapshot s.db --svg - | grep -c 'registry of 2024-12-20'", 0, "1\n", "");
	memcpy(header->newest_date, "<script>&\"\033x", sizeof header->newest_date);
	header->header_check = store64(checksum_words(header, sizeof *header - sizeof header->header_check));
	write_file(text("%s/date.db", scratch_dir()), bytes, size);
	expect("ianareg map --snapshot date.db --svg - | grep -c 'registry of\\|script'", 1, "0\n", "");
	free(bytes);
}

TEST(an_svg_file_is_published_whole_or_not_at_all)
{
	expect(P "--svg whole.svg && " P "--svg - | cmp - whole.svg && stat -c %a whole.svg", 0, "644\n", "");
	expect("cp p.db same.db && ianareg map --snapshot same.db --svg ./same.db; cmp p.db same.db", 0, "",
	       "ianareg: ./same.db: is the snapshot that would be drawn\n");
	expect("ln -s whole.svg link.svg && " P "--svg link.svg", 1, "", NULL);
	expect(P "--svg none/x.svg", 1, "", NULL);
	expect(P "--svg .", 1, "", NULL);
	expect(P "--svg - >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("{ sleep 0.2; " P "--svg - ; echo $? >&2; } | true", 0, "", "141\n");
}

TEST(a_damaged_row_is_named_and_nothing_is_drawn)
{
	size_t size;
	char *bytes = read_file(text("%s/p.db", scratch_dir()), &size);
	struct disk_header *header = (struct disk_header *)(void *)bytes;

	memset(bytes + load32(header->sections[SECTION_ROWS].section_off) + 2 * sizeof(struct disk_row), 0xff, 8);
	write_file(text("%s/bad.db", scratch_dir()), bytes, size);
	expect("ianareg map --snapshot bad.db", 3, "", NULL);
	expect("ianareg map --snapshot bad.db --svg bad.svg; test ! -e bad.svg", 0, "", NULL);
	expect("ianareg unassigned --snapshot bad.db --count 3", 3, "", NULL);
	free(bytes);
}

/* Whatever bytes there are, there is an end, and no signal is it. */
TEST(no_damage_crashes_it)
{
	size_t size;
	char *bytes = read_file(text("%s/p.db", scratch_dir()), &size);
	uint64_t seed = 7;

	for (unsigned i = 0; i < 100; i++) {
		char *damaged = malloc(size);

		memcpy(damaged, bytes, size);
		for (unsigned j = 0; j < 1 + i % 4; j++)
			damaged[sizeof(struct disk_header) + next_random(&seed) % (size - sizeof(struct disk_header))] =
				(char)next_random(&seed);
		write_file(text("%s/hurt.db", scratch_dir()), damaged, i % 5 ? size : next_random(&seed) % size);
		expect("for v in 'map' 'map --svg -' 'unassigned' 'unassigned --count 3'; do ianareg $v --snapshot "
		       "hurt.db "
		       ">/dev/null 2>&1; test $? -le 3 || exit 9; done",
		       0, "", "");
		free(damaged);
	}
	free(bytes);
}

TEST(bad_usage_is_one_line)
{
	expect("ianareg map 10-5", 1, "", "ianareg: 10-5: the range ends before it begins\n");
	expect("ianareg map 0-99999", 1, "", "ianareg: 0-99999: ports go from 0 to 65535\n");
	expect("ianareg map http", 1, "", "ianareg: http: is not a range of ports LO-HI\n");
	expect("ianareg map ''", 1, "", "ianareg: LO-HI: a range is empty\n");
	expect("ianareg map 1 2", 1, "", "ianareg: 2: one range at most; see ianareg map --help\n");
	expect("ianareg map --svg ''", 1, "", "ianareg: --svg: a file needs a name\n");
	expect("ianareg map --svg", 1, "", "ianareg: --svg: needs an argument; see ianareg map --help\n");
	expect("ianareg map --protocol icmp", 1, "",
	       "ianareg: icmp: no such protocol; there are tcp, udp, sctp and dccp\n");
	expect("ianareg map --json", 1, "", "ianareg: --json: no such option; see ianareg map --help\n");
	expect("ianareg map --snapshot no.db", 1, "", "ianareg: no.db: No such file or directory\n");
	expect("ianareg map --snapshot p.csv", 3, "", "ianareg: p.csv: is not an ianareg snapshot\n");
}

TEST_PROGRAM(.set_up = make_port_snapshot);
