/* SPDX-License-Identifier: MIT */
/* The documents say what is: paths and targets that they name exist, the README is one page, and its examples print that. */
#include <ctype.h>
#include <glob.h>

#include "tests/support/cli_tool.h"
#include "tests/support/pty.h"

enum { README_LINES_MAX = 170 };

static const char *const documents[] = {"README.md",       "CONTRIBUTING.md", "doc/design.md",
					"doc/registry.md", "doc/updating.md", "doc/performance.md"};
enum { DOCUMENT_COUNT = sizeof documents / sizeof *documents };

TEST(the_readme_is_short)
{
	char *readme = read_file("README.md", NULL);
	unsigned lines = 0;

	for (const char *c = readme; *c; c++)
		lines += *c == '\n';
	if (lines > README_LINES_MAX)
		fail_msg("README.md has %u lines", lines);
	free(readme);
}

/* Bytes of a path of this project that begins there; 0 if none does. */
static size_t path_size(const char *text)
{
	static const char *const rooms[] = {"src/",   "nss/", "doc/",  "mk/",      "tests/",
					    "bench/", "man/", "data/", "include/", "examples/"};

	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
		if (strncmp(text, rooms[i], strlen(rooms[i])) == 0)
			return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.-");
	return 0;
}

static void expect_path(const char *document, const char *start, size_t size)
{
	char path[PATH_MAX];

	while (size && strchr(".-", start[size - 1]))
		size--;
	snprintf(path, sizeof path, "%.*s", (int)size, start);
	if (!strstr(path, "VERB") && access(path, F_OK) != 0)
		fail_msg("%s names %s, which is not there", document, path);
}

TEST(every_path_that_a_document_names_exists)
{
	unsigned paths = 0;

	for (unsigned i = 0; i < DOCUMENT_COUNT; i++) {
		char *content = read_file(documents[i], NULL);

		for (const char *c = content; *c; c++) {
			const bool is_start = c == content || !(isalnum((unsigned char)c[-1]) || strchr("/._-", c[-1]));
			const size_t size = is_start ? path_size(c) : 0;

			if (size) {
				expect_path(documents[i], c, size);
				paths++;
			}
		}
		free(content);
	}
	assert_true(paths > 40);
}

TEST(every_make_target_that_a_document_names_exists)
{
	struct run help = run("make --no-print-directory help");

	for (unsigned i = 0; i < DOCUMENT_COUNT; i++) {
		char *content = read_file(documents[i], NULL);

		for (const char *c = strstr(content, "`make "); c; c = strstr(c + 1, "`make ")) {
			const size_t size = strspn(c + strlen("`make "), "abcdefghijklmnopqrstuvwxyz-");
			const char *line = text("  make %.*s ", (int)size, c + strlen("`make "));

			if (size && !strstr(help.out, line))
				fail_msg("%s names make %.*s", documents[i], (int)size, c + strlen("`make "));
		}
		free(content);
	}
	free_run(&help);
}

/* An example of the README: the command after "$ ", and the lines below it up to the next "$ " or blank line. */
static void expect_example(const char *command, const char *expected)
{
	struct screen screen = screen_of(scratch_command(command), 80);

	if (!strstr(screen.text, expected))
		fail_msg("%s: the README has\n%s\nbut it prints\n%s", command, expected, screen.text);
	free_screen(&screen);
}

/* Suggestions depend on the machine's ephemeral ports: those of the README are for Linux's default. */
static bool has_usual_ephemeral_ports(void)
{
	struct run range = run("cat /proc/sys/net/ipv4/ip_local_port_range");
	unsigned first = 0, last = 0;
	const bool usual = sscanf(range.out, "%u %u", &first, &last) == 2 && first == 32768 && last == 60999;

	free_run(&range);
	return usual;
}

/* A line of an indented block without its indentation; NULL: it is not one. */
static const char *block_line(const char *line)
{
	return strncmp(line, "    ", 4) == 0 ? line + 4 : NULL;
}

TEST(examples_of_the_readme_print_what_it_says)
{
	char *readme = read_file("README.md", NULL), *rest = NULL, command[256] = "", expected[4096] = "";
	unsigned examples = 0;

	expect(text("ianareg compile -o s.db '%s/" BUNDLED_CSV "'", getcwd((char[PATH_MAX]){0}, PATH_MAX)), 0, "",
	       NULL);
	for (char *line = strtok_r(readme, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *content = block_line(line);
		const bool starts = content && strncmp(content, "$ ", 2) == 0;

		if ((starts || !content) && *command) {
			expect_example(command, expected);
			examples++;
			*command = *expected = '\0';
		}
		if (starts && strncmp(content, "$ ianareg ", 10) == 0 && !strstr(content, "old.db") &&
		    (!strstr(content, "unassigned") || has_usual_ephemeral_ports()))
			snprintf(command, sizeof command, "%s", content + 2);
		else if (content && *command)
			snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s\n", content);
	}
	assert_true(examples >= 4);
	free(readme);
}
