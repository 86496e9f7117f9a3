/* SPDX-License-Identifier: MIT */
/* `ianareg lookup -`: keys that arrive one by one, and what is wrong with them; output that cannot be written. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/cli_tool.h"

enum { PATIENCE_MS = 20000 };

/* A command that is spoken with. */
struct partner {
	pid_t process;
	int to, from;
};

static struct partner start(const char *command)
{
	struct partner partner;
	int to[2], from[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	partner.process = fork();
	assert_true(partner.process >= 0);
	if (partner.process == 0) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", scratch_command(command), (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	partner.to = to[1];
	partner.from = from[0];
	return partner;
}

/* Say a line; what comes back up to the next newline must be that. */
static void expect_reply(struct partner *partner, const char *line, const char *reply)
{
	char got[4096];
	size_t size = 0;

	assert_int_equal(write(partner->to, line, strlen(line)), strlen(line));
	while (!size || got[size - 1] != '\n') {
		struct pollfd ready = {.fd = partner->from, .events = POLLIN};

		assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
		assert_int_equal(read(partner->from, got + size, 1), 1);
		size++;
		assert_true(size < sizeof got);
	}
	got[size] = '\0';
	assert_string_equal(got, reply);
}

static int finish(struct partner *partner)
{
	int status;

	close(partner->to);
	assert_int_equal(waitpid(partner->process, &status, 0), partner->process);
	close(partner->from);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(each_key_is_answered_before_the_next_is_asked)
{
	struct partner partner = start("ianareg lookup --jsonl - 2>err");

	expect_reply(&partner, "nobody\n",
		     "{\"key\":\"nobody\",\"found\":false,\"answer\":null,\"rows\":[],\"error\":null}\n");
	expect_reply(&partner, "10-5\n",
		     "{\"key\":\"10-5\",\"found\":false,\"answer\":null,\"rows\":[],"
		     "\"error\":\"the range ends before it begins\"}\n");
	assert_int_equal(finish(&partner), 1);
}

TEST(lines_are_answered_as_they_come_too)
{
	struct partner partner = start("exec ianareg -");

	expect_reply(&partner, "boe-cms\n",
		     "boe-cms\t6400\t\tAssigned\t\tBusiness Objects CMS\t[Bo]\t[Bo]\t\t\t\t\t\t\tregistry\n");
	expect_reply(&partner, "19200\n", "\t19195-19219\t\tUnassigned\t\tUnassigned\t\t\t\t\t\t\t\t\tregistry\n");
	assert_int_equal(finish(&partner), 0);
}

TEST(a_key_may_arrive_in_pieces)
{
	expect("{ printf bo; sleep 0.1; printf e-cm; sleep 0.1; printf 's\\n19'; sleep 0.1; printf 200; } | "
	       "ianareg - | cut -f 2",
	       0, "6400\n19195-19219\n", "");
}

TEST(many_keys_need_no_line_end_behind_the_last)
{
	expect("{ yes cora | head -n 5000; printf boe-cms; } | ianareg - | cut -f 1 | sort | uniq -c | tr -s ' '", 0,
	       " 1 boe-cms\n 5000 cora\n", "");
}

TEST(a_key_of_exactly_the_longest_name_is_looked_up)
{
	expect("{ printf %0255d 7 | tr 0 x; echo; printf %0255d/tcp 7 | tr 0 x; } | ianareg - 2>&1 | grep -c 'not in "
	       "the'",
	       0, "2\n", "");
	expect("{ printf %0256d 7 | tr 0 x; } | ianareg -", 1, "", NULL);
}

TEST(a_key_of_ten_megabytes_has_a_line_of_json)
{
	expect("{ head -c 10000000 /dev/zero | tr '\\0' x; echo; echo 19200; } | ianareg --jsonl - | "
	       "sed 's/xxx*/x/; s/rows.*error/rows ... error/'",
	       0,
	       "{\"key\":\"x\",\"found\":false,\"answer\":null,\"rows ... error\":\"is longer than 255 bytes\"}\n"
	       "{\"key\":\"19200\",\"found\":true,\"answer\":null,\"rows ... error\":null}\n",
	       "ianareg: a key: is longer than 255 bytes\n");
}

TEST(ten_megabytes_of_nul_bytes_are_one_line_of_complaint)
{
	expect("{ head -c 10000000 /dev/zero; echo; } | ianareg -", 1, "", "ianareg: a key: has a NUL byte in it\n");
	expect("printf 'a\\0b' | ianareg --jsonl -", 1,
	       "{\"key\":\"a\\\\x00b\",\"found\":false,\"answer\":null,\"rows\":[],\"error\":\"has a NUL byte in "
	       "it\"}\n",
	       "ianareg: a key: has a NUL byte in it\n");
}

TEST(a_carriage_return_before_the_newline_is_no_part_of_a_key)
{
	expect("printf 'boe-cms\\r\\n19200\\n' | ianareg - | cut -f 2", 0, "6400\n19195-19219\n", "");
	expect("printf 'a\\rb\\n' | ianareg -", 2, "", "ianareg: a\\rb: not in the registry\n");
}

TEST(a_closed_pipe_is_quiet)
{
	expect("{ yes cora | ianareg -; echo $? >&2; } | head -n 1 | cut -f 1", 0, "cora\n", "141\n");
	expect("trap '' PIPE; { yes cora | ianareg -; echo $? >&2; } | head -n 1 | cut -f 1", 0, "cora\n", NULL);
	expect("{ yes cora | ianareg --json -; } | head -n 1", 0, "[\n", "");
}

TEST(a_full_disk_ends_a_stream_with_an_error)
{
	expect("yes cora 2>/dev/null | timeout 20 ianareg - >/dev/full", 1, "",
	       "ianareg: standard output: No space left on device\n");
	expect("echo cora | ianareg - >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
	expect("timeout 20 ianareg --json 0-65535 >/dev/full", 1, "",
	       "ianareg: standard output: No space left on device\n");
}

TEST(input_that_cannot_be_read_is_an_error)
{
	expect("ianareg lookup - <.", 1, "", "ianareg: standard input: Is a directory\n");
	expect("ianareg lookup - <&-", 1, "", "ianareg: standard input: Bad file descriptor\n");
}

TEST_PROGRAM(.set_up = make_small_snapshot);
