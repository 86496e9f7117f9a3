/* SPDX-License-Identifier: MIT */
/*
 * Real programs, each in four configurations of the services database: Debian's own /etc/services; the whole registry as
 * /etc/services; the module after `files`; the module first, over a snapshot that holds the site's file. Each runs in
 * namespaces of its own, with sockets, rules and sets that it makes itself. Wall time of the whole program.
 */
#include <err.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/machine.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/sections.h"
#include "bench/text.h"

enum {
	RUNS = 7,
	LONG_RUNS = 3, /* of what takes more than LONG_SECONDS */
	LONG_SECONDS = 10,
};

enum setup { STOCK, WHOLE, AFTER_FILES, FIRST, SETUP_COUNT };

static const struct {
	const char *id, *source;
} setups[SETUP_COUNT] = {
	[STOCK] = {"stock", "files"},
	[WHOLE] = {"whole", "files"},
	[AFTER_FILES] = {"after_files", "files ianareg"},
	[FIRST] = {"first", "ianareg [UNAVAIL=continue NOTFOUND=return] files"},
};

/* Listening sockets on 8,000 ports, until the program is killed; the file appears when all are open. */
#define LISTEN                                                                         \
	"ulimit -n 20000; python3 -c 'import socket,time,os\n"                         \
	"s=[]\n"                                                                       \
	"for p in range(1,40001,5):\n"                                                 \
	"  k=socket.socket(); k.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)\n" \
	"  k.bind((\"127.0.0.1\",p)); k.listen(); s.append(k)\n"                       \
	"open(\"listening\",\"w\").close(); time.sleep(3600)' & echo $! >listener; "   \
	"while [ ! -e listening ]; do sleep 0.1; done"

/* Service names with tcp, one a line. Not awk(1), nor iptables(8): those are links through the real machine's /etc. */
#define TCP_NAMES "sed -n 's|^\\([^# ]*\\) *[0-9]*/tcp.*|\\1|p' services | head -n 2000"

static const struct program {
	const char *id, *what, *package, *needs;
	const char *prepare; /* a shell command; the directory is the program's own */
	const char *command;
} programs[] = {
	{"ss", "ss -tl, 8,000 listening sockets", "iproute2", "ss python3", LISTEN, "ss -tl"},
	{"netstat", "busybox netstat -tl, the same", "busybox", "busybox python3", LISTEN, "busybox netstat -tl"},
	{"iptables_list", "iptables -L, 3,000 rules", "iptables", "xtables-nft-multi",
	 "{ echo '*filter'; i=1; while [ $i -le 3000 ]; do echo \"-A INPUT -p tcp --dport $((i*13)) -j ACCEPT\"; "
	 "i=$((i+1)); done; echo COMMIT; } | xtables-nft-multi iptables-restore",
	 "xtables-nft-multi iptables -L"},
	{"nft_list", "nft -S list of a set of 2,000 ports", "nftables", "nft",
	 "{ echo 'table inet t { set s { type inet_service; elements = {'; i=1; while [ $i -le 2000 ]; do "
	 "echo \"$((i*17)),\"; i=$((i+1)); done; echo '}'; echo '}'; echo '}'; } | nft -f -",
	 "nft -S list set inet t s"},
	{"iptables_restore", "iptables-restore of 2,000 rules by name", "iptables", "xtables-nft-multi",
	 "{ echo '*filter'; " TCP_NAMES " | "
	 "while read -r name; do echo \"-A INPUT -p tcp --dport $name -j ACCEPT\"; done; echo COMMIT; } >rules",
	 "xtables-nft-multi iptables-restore rules"},
	{"python3", "python3, 65,535 getservbyport()", "python3", "python3", "true",
	 "python3 -c 'import socket\n"
	 "for p in range(1,65536):\n"
	 "  try: print(p, socket.getservbyport(p))\n"
	 "  except OSError: pass'"},
	{"perl", "perl, 2,000 getservbyname()", "perl-base", "perl", TCP_NAMES " >names",
	 "perl -ne 'chomp; my @s = getservbyname($_, \"tcp\"); print \"$_ $s[2]\\n\" if @s' names"},
	{"getent", "getent services ssh", "libc-bin", "getent", "true", "getent services ssh"},
	{"getent_all", "getent services, all entries", "libc-bin", "getent", "true", "getent services >/dev/null"},
};
enum { PROGRAM_COUNT = sizeof programs / sizeof *programs };

/* What is measured in one configuration. */
struct outcome {
	char fault[256]; /* "": none */
	unsigned runs;
	double seconds[RUNS];
};

static bool run_shell(const char *command)
{
	const int status = system(command); /* the namespaces are this process' own */

	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static double run_timed(const char *command, bool *good)
{
	const double start = measure_now();

	*good = run_shell(command);
	return (measure_now() - start) / 1e9;
}

static const char *enter_network(void)
{
	if (unshare(CLONE_NEWNET) != 0)
		return "no network namespace";
	return run_shell("ip link set lo up 2>/dev/null") ? NULL : "no loopback interface in a network namespace";
}

static const char *enter(const struct bench *b, enum setup setup, const char *dir)
{
	const struct machine machine = {
		.dir = text_of("%s/machine", dir),
		.source = setups[setup].source,
		.services = setup == WHOLE ? text_of("%s/programs/services", b->build_dir) : "/etc/services",
	};
	pid_t nscd;
	const char *fault = enter_network();

	if (!fault)
		fault = machine_enter(&machine, &nscd);
	if (fault || chdir(dir) != 0)
		return fault ? fault : "no directory";
	setenv("IANAREG_SNAPSHOT", setup == FIRST ? text_of("%s/programs/overlay.db", b->build_dir) : b->snapshot, 1);
	setenv("LD_LIBRARY_PATH", text_of("%s/..", b->build_dir), 1);
	return NULL;
}

/* In a child: everything of one program in one configuration. */
static void measure_program(const struct bench *b, const struct program *program, enum setup setup,
			    struct outcome *outcome)
{
	const char *dir = text_of("%s/programs/%s.%s", b->build_dir, program->id, setups[setup].id);
	const char *command = text_of("{ %s\n} >output 2>errors", program->command);
	const char *fault;
	bool good = true;

	run_shell(text_of("rm -rf '%s' && mkdir -p '%s' && cp '%s/programs/services' '%s/services'", dir, dir,
			  b->build_dir, dir));
	fault = enter(b, setup, dir);
	if (!fault && !run_shell(text_of("{ %s\n} >prepared 2>&1", program->prepare)))
		fault = text_of("cannot prepare it: %s/prepared", dir);
	for (unsigned i = 0; !fault && i < (b->quick ? 1 : RUNS); i++) {
		outcome->seconds[outcome->runs++] = run_timed(command, &good);
		if (!good)
			fault = text_of("it failed: %s/errors", dir);
		if (outcome->seconds[0] > LONG_SECONDS && outcome->runs == LONG_RUNS)
			break;
	}
	run_shell("[ ! -e listener ] || kill $(cat listener)");
	snprintf(outcome->fault, sizeof outcome->fault, "%s", fault ? fault : "");
}

static struct outcome measure_apart(const struct bench *b, const struct program *program, enum setup setup)
{
	struct outcome outcome = {.fault = "its process ended"};
	int ends[2];
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		err(1, "programs");
	if (child == 0) {
		measure_program(b, program, setup, &outcome);
		_exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
	}
	close(ends[1]);
	if (read(ends[0], &outcome, sizeof outcome) != sizeof outcome)
		snprintf(outcome.fault, sizeof outcome.fault, "its process ended");
	close(ends[0]);
	waitpid(child, NULL, 0);
	return outcome;
}

/* What must be the same: the whole registry says the same as text and through the module, whichever comes first. */
static bool same_output(const struct bench *b, const struct program *program, enum setup setup)
{
	const char *whole = text_of("%s/programs/%s.%s", b->build_dir, program->id, setups[WHOLE].id);
	const char *other = text_of("%s/programs/%s.%s", b->build_dir, program->id, setups[setup].id);

	/* The kernel lists sockets in any order. */
	return run_shell(text_of("sort '%s/output' >'%s/sorted' && sort '%s/output' | cmp -s - '%s/sorted'", whole,
				 whole, other, whole));
}

static double median_of(const struct outcome *outcome)
{
	double seconds[RUNS];

	memcpy(seconds, outcome->seconds, sizeof seconds);
	return measure_spread(seconds, outcome->runs).median;
}

/* Each time as a ratio to the median with the module first, so that the figures keep their spread. */
static void report_ratio(const struct program *program, const struct outcome *over, const char *id, const char *words,
			 double first)
{
	double ratios[RUNS];

	for (unsigned i = 0; i < over->runs; i++)
		ratios[i] = over->seconds[i] / first;

	const struct figure figure = {
		.what = text_of("%s: %s over ianareg first", program->what, words),
		.id = text_of("%s_%s_over_first", program->id, id),
		.value = measure_spread(ratios, over->runs),
		.unit = "x",
		.target = NAN,
	};

	report_times(&figure, median_of(over) * 1e9, first * 1e9);
}

static const char *missing_command(const struct program *program)
{
	return run_shell(text_of("for c in %s; do command -v $c >/dev/null || exit 1; done", program->needs))
		       ? NULL
		       : text_of("%s is not installed", program->package);
}

static void report_program(const struct bench *b, const struct program *program)
{
	struct outcome outcomes[SETUP_COUNT];
	const char *fault = missing_command(program);

	for (unsigned i = 0; i < SETUP_COUNT && !fault; i++) {
		outcomes[i] = measure_apart(b, program, i);
		if (*outcomes[i].fault && i != STOCK) /* which may lack the names that are asked for */
			fault = text_of("%s: %s", setups[i].id, outcomes[i].fault);
	}
	if (fault) {
		report_absent(program->id, program->what, fault);
		return;
	}

	const double first = median_of(&outcomes[FIRST]);

	report_ratio(program, &outcomes[WHOLE], "whole", "the registry as text", first);
	if (*outcomes[STOCK].fault)
		report_absent(text_of("%s_stock_over_first", program->id), program->what, outcomes[STOCK].fault);
	else
		report_ratio(program, &outcomes[STOCK], "stock", "Debian's own file", first);
	report_ratio(program, &outcomes[AFTER_FILES], "after_files", "files ianareg", first);
	if (!same_output(b, program, FIRST))
		report_absent(text_of("%s_same", program->id), program->what,
			      "DIFFERS: the registry as text and the module first do not print the same");
}

/* A snapshot with the site's file as an overlay, and the text that it exports. */
static bool make_sources(const struct bench *b)
{
	return run_shell(
		text_of("mkdir -p '%s/programs' && '%s' compile -o '%s/programs/overlay.db' --overlay "
			"/etc/services '%s' 2>/dev/null && '%s' export --format services --snapshot "
			"'%s/programs/overlay.db' -o '%s/programs/services'",
			b->build_dir, b->tool, b->build_dir, b->registry_csv, b->tool, b->build_dir, b->build_dir));
}

void bench_programs(const struct bench *b)
{
	const char *fault = machine_forbidden();

	report_section("programs", "real programs, wall time of a run");
	if (!fault && !make_sources(b))
		fault = "the sources cannot be compiled";
	if (fault) {
		report_absent("programs", "real programs", fault);
		return;
	}
	for (unsigned i = 0; i < PROGRAM_COUNT; i++)
		report_program(b, &programs[i]);
	report_note(
		"median of 7 runs, of 3 where a run takes more than 10 s; the whole registry as text and the module "
		"first print the same unless a row says DIFFERS");
}
