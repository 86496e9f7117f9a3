/* SPDX-License-Identifier: MIT */
/*
 * The module against glibc's own `files` backend, which reads what the project exports: the export is bind-mounted
 * over /etc/services in a private mount namespace, so that nothing of the machine is touched.
 *
 * Each comparison runs in children of its own: one enters the namespace, maps the snapshot and keeps it, as a process
 * does. DIFFERENTIAL=full asks for every key; else it is a seeded sample.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compiler/preferences.h"
#include "compiler/services_file.h"
#include "compiler/snapshot_writer.h"
#include "publish/publish.h"
#include "tests/support/support.h"

NSS_DECLARE_MODULE_FUNCTIONS(ianareg)

#define SERVICES "/etc/services"

enum {
	WORKERS = 2,
	ANSWER_ROOM = 4096, /* bytes: any entry's strings and pointers */
};

static const char *const protocols_asked[] = {"tcp", "udp", "sctp", "dccp", NULL};
enum { PROTOCOLS_ASKED = sizeof protocols_asked / sizeof *protocols_asked };

/* ---- one key, two answers ---- */

struct key {
	const char *name; /* NULL: by port */
	uint32_t port;
	const char *protocol;
};

struct answer {
	bool found;
	int error; /* what else came back: neither found nor not found */
	struct servent entry;
	char buffer[ANSWER_ROOM];
};

static void ask_module(const struct key *key, struct answer *answer)
{
	int error = 0;
	const enum nss_status status =
		key->name ? _nss_ianareg_getservbyname_r(key->name, key->protocol, &answer->entry, answer->buffer,
							 sizeof answer->buffer, &error)
			  : _nss_ianareg_getservbyport_r(htons((uint16_t)key->port), key->protocol, &answer->entry,
							 answer->buffer, sizeof answer->buffer, &error);

	answer->found = status == NSS_STATUS_SUCCESS;
	answer->error = answer->found || status == NSS_STATUS_NOTFOUND ? 0 : error;
}

/* libc as __nss_configure_lookup() has set it: `files` alone. */
static void ask_files(const struct key *key, struct answer *answer)
{
	struct servent *found = NULL;
	const int error = key->name ? getservbyname_r(key->name, key->protocol, &answer->entry, answer->buffer,
						      sizeof answer->buffer, &found)
				    : getservbyport_r(htons((uint16_t)key->port), key->protocol, &answer->entry,
						      answer->buffer, sizeof answer->buffer, &found);

	answer->found = found;
	answer->error = error == ENOENT ? 0 : error;
}

static bool has_alias(const struct servent *entry, const char *alias)
{
	for (char **own = entry->s_aliases; *own; own++)
		if (strcmp(*own, alias) == 0)
			return true;
	return false;
}

static bool same_aliases(const struct servent *a, const struct servent *b)
{
	for (char **alias = a->s_aliases; *alias; alias++)
		if (!has_alias(b, *alias))
			return false;
	for (char **alias = b->s_aliases; *alias; alias++)
		if (!has_alias(a, *alias))
			return false;
	return true;
}

static bool same_answer(const struct answer *a, const struct answer *b)
{
	if (a->found != b->found || a->error || b->error)
		return false;
	return !a->found || (strcmp(a->entry.s_name, b->entry.s_name) == 0 && a->entry.s_port == b->entry.s_port &&
			     strcmp(a->entry.s_proto, b->entry.s_proto) == 0 && same_aliases(&a->entry, &b->entry));
}

/* RFC 6335 has the module answer names in any case, which `files` knows nothing of. */
static bool folded(const struct key *key, const struct answer *answer)
{
	return key->name && answer->found && strcmp(key->name, answer->entry.s_name) != 0 &&
	       !has_alias(&answer->entry, key->name);
}

static const char *answer_text(const struct answer *answer)
{
	const char *line;

	if (answer->error)
		return text("error %d", answer->error);
	if (!answer->found)
		return "not found";
	line = text("%s %u/%s", answer->entry.s_name, ntohs((uint16_t)answer->entry.s_port), answer->entry.s_proto);
	for (char **alias = answer->entry.s_aliases; *alias; alias++)
		line = text("%s %s", line, *alias);
	return line;
}

/* ---- what a child does and says ---- */

struct report {
	bool permitted; /* the namespace was */
	uint32_t keys, found, different;
	char first[512]; /* the first key whose answers differ, and both */
};

static void compare(const struct key *key, bool files_decides, struct report *report)
{
	static struct answer module, files;

	ask_files(key, &files);
	if (files_decides && !files.found && !files.error)
		return;
	ask_module(key, &module);
	if (!files.found && folded(key, &module))
		return;
	report->keys++;
	report->found += files.found;
	if (same_answer(&module, &files))
		return;
	if (!report->different++)
		snprintf(report->first, sizeof report->first, "%s%s: the module says \"%s\", files says \"%s\"",
			 key->name ? text("name %s/", key->name) : text("port %u/", key->port),
			 key->protocol ? key->protocol : "(any)", answer_text(&module), answer_text(&files));
}

static bool write_line(const char *path, const char *line)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	const bool written = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	if (fd >= 0)
		close(fd);
	return written;
}

/* A mount namespace of our own; without root inside a user namespace that makes us root in it. */
static bool enter_namespace(void)
{
	const uid_t user = geteuid();
	const gid_t group = getegid();

	if (unshare(CLONE_NEWNS) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	return write_line("/proc/self/setgroups", "deny") && write_line("/proc/self/uid_map", text("0 %u 1", user)) &&
	       write_line("/proc/self/gid_map", text("0 %u 1", group));
}

static bool see_instead_of_services(const char *path)
{
	return enter_namespace() && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(path, SERVICES, "none", MS_BIND, NULL) == 0;
}

/* Every name and alias that a snapshot holds, once each. */
struct names {
	const char **names;
	uint32_t count, room;
};

/* All that `files` enumerates, by port and by every name. */
struct lines {
	struct key *keys;
	uint32_t count;
};

/* What the running test holds. Static, so that a child that ends holds it still: it has not leaked it. */
static struct {
	char *overlay;
	struct compiled compiled;
	struct names names;
	struct lines lines;
} held;

static void let_go(void)
{
	free(held.overlay);
	free(held.names.names);
	free_compiled(&held.compiled);
	memset(&held, 0, sizeof held);
}

struct comparison {
	const char *snapshot; /* path */
	const char *services; /* path of what `files` is to read */
	void (*run)(const struct comparison *, unsigned worker, struct report *);
	const struct names *keys; /* for `run` */
	unsigned sample; /* how many keys that is to ask for, if it does not ask for all */
};

static void compare_in_child(const struct comparison *comparison, unsigned worker, int channel)
{
	struct report report = {0};

	setenv("IANAREG_SNAPSHOT", comparison->snapshot, 1);
	report.permitted =
		see_instead_of_services(comparison->services) && __nss_configure_lookup("services", "files") == 0;
	if (report.permitted)
		comparison->run(comparison, worker, &report);
	_exit(write(channel, &report, sizeof report) == (ssize_t)sizeof report ? 0 : 1);
}

static void add_report(struct report *sum, const struct report *report)
{
	sum->permitted &= report->permitted;
	sum->keys += report->keys;
	sum->found += report->found;
	if (!sum->different)
		memcpy(sum->first, report->first, sizeof sum->first);
	sum->different += report->different;
}

/* Compare in WORKERS children at once, and add up what they say. */
static struct report compare_all(const struct comparison *comparison)
{
	struct report sum = {.permitted = true};
	int channels[WORKERS][2];
	pid_t children[WORKERS];

	for (unsigned worker = 0; worker < WORKERS; worker++) {
		assert_int_equal(pipe2(channels[worker], O_CLOEXEC), 0);
		children[worker] = fork();
		assert_int_not_equal(children[worker], -1);
		if (!children[worker])
			compare_in_child(comparison, worker, channels[worker][1]);
		close(channels[worker][1]);
	}
	for (unsigned worker = 0; worker < WORKERS; worker++) {
		struct report report = {0};
		int status;

		assert_int_equal(read(channels[worker][0], &report, sizeof report), sizeof report);
		assert_int_equal(waitpid(children[worker], &status, 0), children[worker]);
		assert_int_equal(status, 0);
		close(channels[worker][0]);
		add_report(&sum, &report);
	}
	return sum;
}

static void assert_none_differ(const struct report *report)
{
	if (!report->permitted) {
		puts("note: differential: no private mount namespace here, or no " SERVICES ": not compared");
		skip();
	}
	if (report->different)
		fail_msg("%u of %u keys differ; the first: %s", report->different, report->keys, report->first);
	assert_true(report->found > 0 && report->found <= report->keys);
}

/* ---- keys ---- */

static void add_names(struct names *names, const struct snapshot_entry *entry)
{
	const char *name = entry->names;

	for (uint32_t i = 0; i <= entry->alias_count; i++) {
		if (names->count == names->room) {
			names->room = 2 * names->room + 64;
			names->names = realloc(names->names, names->room * sizeof *names->names);
			assert_non_null(names->names);
		}
		names->names[names->count++] = name;
		name += strlen(name) + 1;
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By record, so that those are there which are found by name alone. */
static struct names all_names(const struct snapshot *snapshot)
{
	const struct snapshot_bytes *records = &snapshot->sections[SECTION_RECORDS];
	struct names names = {0};
	struct snapshot_entry entry;
	uint32_t kept = 0;

	for (uint32_t offset = 0; offset < records->size; offset += record_size(entry.names_size)) {
		assert_int_equal(snapshot_record(snapshot, number_of_record(offset), PROTOCOL_NONE, &entry),
				 SNAPSHOT_OK);
		add_names(&names, &entry);
	}
	qsort(names.names, names.count, sizeof *names.names, compare_names);
	for (uint32_t i = 0; i < names.count; i++)
		if (!i || strcmp(names.names[i], names.names[kept - 1]) != 0)
			names.names[kept++] = names.names[i];
	names.count = kept;
	return names;
}

static bool full_sweep(void)
{
	const char *wish = getenv("DIFFERENTIAL");

	return wish && strcmp(wish, "full") == 0;
}

static void compare_every_key(const struct comparison *comparison, unsigned worker, struct report *report)
{
	const struct names *names = comparison->keys;
	const uint32_t ports = PORT_MAX + 1, total = (ports + names->count) * PROTOCOLS_ASKED;

	for (uint32_t i = worker; i < total; i += WORKERS) {
		const uint32_t item = i / PROTOCOLS_ASKED;
		const struct key key = {.name = item < ports ? NULL : names->names[item - ports],
					.port = item,
					.protocol = protocols_asked[i % PROTOCOLS_ASKED]};

		compare(&key, false, report);
	}
}

/* Of each three keys one is any port, one a port of the lower half that is mostly taken, one a name. */
static void compare_sample(const struct comparison *comparison, unsigned worker, struct report *report)
{
	const struct names *names = comparison->keys;
	const unsigned count = (getenv("VALGRIND") ? 120 : comparison->sample) / WORKERS;
	uint64_t random = 19220 + worker;

	for (unsigned i = 0; i < count; i++) {
		struct key key = {.protocol = protocols_asked[next_random(&random) % PROTOCOLS_ASKED]};

		if (i % 3 == 0)
			key.port = next_random(&random) & PORT_MAX;
		else if (i % 3 == 1)
			key.port = next_random(&random) % 10000;
		else
			key.name = names->names[next_random(&random) % names->count];
		compare(&key, false, report);
	}
}

/* ---- snapshots and what `files` reads in their place ---- */

static const char *publish(const struct compiled *compiled, const char *name)
{
	struct diagnostics diagnostics = {.stream = stderr};
	const char *path = text("%s/%s", scratch_dir(), name);

	assert_int_equal(publish_file(path, compiled->bytes, compiled->size, PUBLISH_ALONE, &diagnostics), OUTCOME_OK);
	return path;
}

/* What `ianareg export --format services` writes; no entry may be left out. */
static const char *export_services(const struct compiled *compiled, const char *name)
{
	struct diagnostics diagnostics = {.stream = stderr};
	const char *path = text("%s/%s", scratch_dir(), name);
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_int_equal(services_file_write(&compiled->snapshot, stream, name, &diagnostics), OUTCOME_OK);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(diagnostics.warning_count, 0);
	return path;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

TEST(the_module_and_files_agree_over_the_bundled_registry)
{
	held.compiled = compile_file(BUNDLED_CSV);
	held.names = all_names(&held.compiled.snapshot);

	const struct comparison comparison = {
		.snapshot = publish(&held.compiled, "bundled.db"),
		.services = export_services(&held.compiled, "bundled.services"),
		.run = full_sweep() ? compare_every_key : compare_sample,
		.keys = &held.names,
		.sample = 6000,
	};
	const double start = seconds();
	const struct report report = compare_all(&comparison);

	if (report.permitted)
		printf("note: differential: %u keys, %u found, %u differ, %.1f s\n", report.keys, report.found,
		       report.different, seconds() - start);
	let_go();
	assert_none_differ(&report);
}

/* ---- overlays ---- */

/* Lines that get in each other's way and in the registry's. */
static const char made_up_overlay[] =
	"# a comment, then a blank line\n"
	"\n"
	"web 80/tcp www intranet # shadows http\n"
	"second 80/tcp # the first line answers at the port; this one by name\n"
	"http 8000/tcp\n"
	"ssh 2222/tcp\n"
	"ssh 22/tcp secure-shell\n"
	"ssh 22/udp\n"
	"twice 7777/tcp a b\n"
	"twice 7778/tcp b a\n"
	"b 7779/tcp twice\n"
	"Twice 7780/tcp TWICE\n"
	"\tindented\t7781/udp  spaced   out\n"
	"nbp 2/ddp\n"
	"echo 4/ddp\n"
	"zero 0/tcp\n"
	"last 65535/dccp\n"
	"iceedcp_tx 7782/tcp\n"
	"cora 19220/udp colour # of two protocols one is the site's\n"
	"z39.50 210/tcp z3950 wais\n"
	"unended 7783/sctp";

/* Debian's, as it is outside the namespace, or NULL. */
static char *system_services(void)
{
	return access(SERVICES, R_OK) == 0 ? read_file(SERVICES, NULL) : NULL;
}

/* A few rows that the made-up overlay takes ports and names from. */
static const char small_csv[] = CSV_HEAD
	"ssh,22,tcp,Secure Shell,[T],[T],,,[RFC4251],,,\n"
	"ssh,22,udp,Secure Shell,[T],[T],,,[RFC4251],,,\n"
	"http,80,tcp,World Wide Web HTTP,[W3C],[W3C],,,[RFC9110],,,\n"
	"www,80,tcp,World Wide Web HTTP,[W3C],[W3C],,,,,,\n"
	"http,80,udp,World Wide Web HTTP,[W3C],[W3C],,,[RFC9110],,,\n"
	"http-alt,591,tcp,FileMaker,[F],[F],,,,,,\n"
	"interwise,7778,tcp,Interwise,[J],[J],,,,,,\n"
	"interwise,7778,udp,Interwise,[J],[J],,,,,,\n"
	"http-alt,8080,tcp,HTTP Alternate,[S],[S],,,,,,\n"
	"cora,19220,tcp,Client Connection Management,[P],[P],,,,,,\n"
	"cora,19220,udp,Discovery for Client Connection Management,[P],[P],,,,,,\n";

static struct compiled compile_over(const char *overlay)
{
	size_t size;
	char *csv = read_file(BUNDLED_CSV, &size);
	struct compiled compiled = compile_csv(csv, size, overlay, preferences_text);

	free(csv);
	if (compiled.status != OUTCOME_OK)
		fail_msg("compile said: %s", compiled.messages);
	return compiled;
}

static const char *save(const char *services, const char *name)
{
	const char *path = text("%s/%s", scratch_dir(), name);

	write_file(path, services, strlen(services));
	return path;
}

static struct report compare_export_over(const char *overlay)
{
	held.compiled = compile_over(overlay);
	held.names = all_names(&held.compiled.snapshot);

	const struct comparison comparison = {
		.snapshot = publish(&held.compiled, "overlay.db"),
		.services = export_services(&held.compiled, "overlay.services"),
		.run = compare_sample,
		.keys = &held.names,
		.sample = 2000,
	};
	const struct report report = compare_all(&comparison);

	let_go();
	return report;
}

static void add_line_key(const char *name, uint32_t port)
{
	struct lines *lines = &held.lines;

	if (lines->count % 256 == 0)
		lines->keys = realloc(lines->keys, (lines->count + 256) * sizeof *lines->keys);
	if (!lines->keys)
		abort();
	lines->keys[lines->count++] = (struct key){.name = name ? strdup(name) : NULL, .port = port};
}

/* In the child, where `files` reads what is compared. */
static void read_lines_of_files(void)
{
	struct servent *entry;

	setservent(1);
	while ((entry = getservent())) {
		add_line_key(NULL, ntohs((uint16_t)entry->s_port));
		add_line_key(entry->s_name, 0);
		for (char **alias = entry->s_aliases; *alias; alias++)
			add_line_key(*alias, 0);
	}
	endservent();
}

static void compare_lines(bool files_decides, unsigned worker, struct report *report)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp", NULL, "ddp"};
	const uint32_t step = getenv("VALGRIND") ? 41 : 1;

	read_lines_of_files();
	for (uint32_t i = worker; i < held.lines.count; i += WORKERS * step)
		for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++) {
			struct key *key = &held.lines.keys[i];

			key->protocol = protocols[p];
			compare(key, files_decides, report);
		}
}

static void compare_what_files_answers(const struct comparison *comparison, unsigned worker, struct report *report)
{
	(void)comparison;
	compare_lines(true, worker, report);
}

static void compare_what_files_enumerates(const struct comparison *comparison, unsigned worker, struct report *report)
{
	(void)comparison;
	compare_lines(false, worker, report);
}

static struct report compare_overlay_alone(const char *overlay)
{
	held.compiled = compile_over(overlay);

	const struct comparison comparison = {
		.snapshot = publish(&held.compiled, "overlay.db"),
		.services = save(overlay, "overlay.lines"),
		.run = compare_what_files_answers,
	};
	const struct report report = compare_all(&comparison);

	let_go();
	return report;
}

/* The same over a few rows, where every key can be asked for. */
TEST(the_export_of_a_small_snapshot_with_an_overlay_agrees_with_it_in_every_key)
{
	held.compiled = compile_csv(small_csv, strlen(small_csv), made_up_overlay, preferences_text);

	const struct comparison comparison = {
		.snapshot = publish(&held.compiled, "small.db"),
		.services = export_services(&held.compiled, "small.services"),
		.run = compare_what_files_enumerates,
	};
	const struct report report = compare_all(&comparison);

	let_go();
	assert_none_differ(&report);
}

TEST(the_export_of_a_snapshot_with_a_made_up_overlay_agrees_with_it)
{
	const struct report report = compare_export_over(made_up_overlay);

	assert_none_differ(&report);
}

TEST(all_that_files_answers_from_a_made_up_overlay_the_snapshot_answers_too)
{
	const struct report report = compare_overlay_alone(made_up_overlay);

	assert_none_differ(&report);
}

/* The test is skipped where there is none. */
static const char *services_or_skip(void)
{
	held.overlay = system_services();
	if (!held.overlay) {
		puts("note: differential: no " SERVICES " here: not tried as an overlay");
		skip();
	}
	return held.overlay;
}

TEST(the_export_of_a_snapshot_with_the_system_s_services_as_overlay_agrees_with_it)
{
	const struct report report = compare_export_over(services_or_skip());

	assert_none_differ(&report);
}

TEST(all_that_files_answers_from_the_system_s_services_the_snapshot_answers_too)
{
	const struct report report = compare_overlay_alone(services_or_skip());

	if (report.permitted)
		printf("note: differential: %u keys that files answers from " SERVICES ", %u differ\n", report.found,
		       report.different);
	assert_none_differ(&report);
}
