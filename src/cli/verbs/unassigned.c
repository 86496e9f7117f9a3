/* SPDX-License-Identifier: MIT */
/* ianareg unassigned: which ports are free, which to avoid, and which to take. */
#include <string.h>
#include <sys/random.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/parse.h"
#include "cli/output/table.h"
#include "cli/port_space.h"
#include "export/row_json.h"
#include "query/port_suggest.h"

static const char help[] =
	"Usage: ianareg unassigned [OPTION]... [LO-HI]\n"
	"The blocks of ports that the registry has free, and those to avoid: unassigned,\n"
	"but with unauthorised use reported. 49152-65535 are dynamic, never unassigned.\n"
	"\n"
	"  --count N        pick N single ports: none next to another, spread over LO-HI\n"
	"                   (1024-49151: those below need an IETF review), outside\n"
	"                   this machine's ephemeral range\n"
	"  --seed WORD      pick the same each time; without it picks differ, for a port\n"
	"                   that everybody is given is soon used by everybody\n"
	"  --protocol P     free with this protocol (tcp, udp, sctp or dccp; may be given\n"
	"                   again) instead of with all four\n"
	"  --json           an object: first_port, last_port, protocols; then free_count,\n"
	"                   avoid_count, free, avoid, or ephemeral, seed, picks\n"
	"  --snapshot FILE  ask this snapshot, not the one in use\n"
	"  -h, --help       this help\n"
	"In a pipe: ports, how many, free or avoid, remark, tabs between. Exit status:\n"
	"0 done, 1 usage or no snapshot, 2 no free port there or too few, 3 invalid data.\n"
	"\n"
	"Examples: ianareg unassigned 19000-20000\n"
	"          ianareg unassigned --count 5 --seed my-service\n"
	"          ianareg unassigned --protocol udp 8000-9000 | grep avoid\n";

enum { SEED_SIZE = 2 * sizeof(uint32_t) + 1 };

struct unassigned {
	struct port_request request;
	struct port_space space;
	struct port_view view;
	const char *count; /* NULL: list blocks */
	const char *seed;
	bool json;
	unsigned free_count, avoid_count; /* ports listed */
	unsigned free_blocks;
};

/* A kind of block, and what is done with each of its blocks. */
typedef void block_function(struct unassigned *verb, const struct port_run *run, void *context);

static void for_each_block(struct unassigned *verb, bool avoid, block_function *function, void *context)
{
	struct port_run run;

	for (unsigned port = verb->space.first; port <= verb->space.last; port = run.last + 1) {
		run = port_run_at(&verb->view, port, verb->space.last);
		if (run.class == PORT_UNASSIGNED && avoid == (run.remark != NULL))
			function(verb, &run, context);
	}
}

static unsigned size_of(const struct port_run *run)
{
	return run->last - run->first + 1;
}

static void count_block(struct unassigned *verb, const struct port_run *run, void *unused)
{
	(void)unused;
	if (run->remark) {
		verb->avoid_count += size_of(run);
		return;
	}
	verb->free_count += size_of(run);
	verb->free_blocks++;
}

static void print_line(const struct port_run *run)
{
	char ports[PORTS_TEXT_SIZE];

	printf("%s\t%u\t%s\t", ports_text(run->first, run->last, ports), size_of(run), run->remark ? "avoid" : "free");
	write_escaped(run->remark ? run->remark : "", stdout);
	putchar('\n');
}

/* One list in order of the ports, the kinds told apart by their column: what programs want. */
static void print_lines(struct unassigned *verb)
{
	struct port_run run;

	for (unsigned port = verb->space.first; port <= verb->space.last; port = run.last + 1) {
		run = port_run_at(&verb->view, port, verb->space.last);
		if (run.class == PORT_UNASSIGNED)
			print_line(&run);
	}
}

enum {
	BLOCK_COLUMNS = PORTS_TEXT_SIZE - 1 + sizeof " 65536" - 1,
	GAP_COLUMNS = 3,
};

/* Blocks that stand side by side on a terminal. */
struct grid {
	unsigned columns, used;
};

static void print_block(struct unassigned *verb, const struct port_run *run, void *context)
{
	struct grid *grid = context;
	char ports[PORTS_TEXT_SIZE];

	(void)verb;
	if (grid->used == grid->columns) {
		putchar('\n');
		grid->used = 0;
	}
	printf("%*s", grid->used++ ? GAP_COLUMNS : 0, "");
	style_begin(STYLE_UNASSIGNED, stdout);
	printf("%-*s", PORTS_TEXT_SIZE - 1, ports_text(run->first, run->last, ports));
	style_end(stdout);
	printf("%*u", BLOCK_COLUMNS - (PORTS_TEXT_SIZE - 1), size_of(run));
}

static void add_block_to_avoid(struct unassigned *verb, const struct port_run *run, void *context)
{
	struct table *table = context;
	char ports[PORTS_TEXT_SIZE], count[PORTS_TEXT_SIZE];

	(void)verb;
	snprintf(count, sizeof count, "%u", size_of(run));
	table_add_row(table);
	table_put(table, 0, ports_text(run->first, run->last, ports), STYLE_WARNING);
	table_put(table, 1, count, STYLE_PLAIN);
	table_put(table, 2, run->remark, STYLE_PLAIN);
}

static void print_blocks_to_avoid(struct unassigned *verb, unsigned width)
{
	static const struct table_column columns[] = {
		{.title = "To avoid", .min = PORTS_TEXT_SIZE - 1},
		{.title = "how many", .min = sizeof "65536" - 1, .to_the_right = true},
		{.title = "for unauthorised use is reported", .min = 10},
	};
	struct table *table = table_new(columns, sizeof columns / sizeof *columns);

	for_each_block(verb, true, add_block_to_avoid, table);
	table_print(table, width, stdout);
	table_free(table);
	putchar('\n');
}

static void print_protocols(unsigned protocols, const char *between)
{
	const char *separator = "";

	for (unsigned i = 0; i < PORT_PROTOCOLS; i++) {
		if (protocols >> i & 1) {
			printf("%s%s", separator, port_protocol_name(i));
			separator = between;
		}
	}
}

static void print_screen(struct unassigned *verb, unsigned width)
{
	struct grid grid = {.columns = (width + GAP_COLUMNS) / (BLOCK_COLUMNS + GAP_COLUMNS)};

	grid.columns += !grid.columns;
	if (verb->free_count) {
		style_begin(STYLE_LABEL, stdout);
		puts("Free: ports and how many");
		style_end(stdout);
		for_each_block(verb, false, print_block, &grid);
		fputs("\n\n", stdout);
	}
	if (verb->avoid_count)
		print_blocks_to_avoid(verb, width);
	printf("%u free in %u block%s, %u to avoid (", verb->free_count, verb->free_blocks,
	       verb->free_blocks == 1 ? "" : "s", verb->avoid_count);
	print_protocols(verb->space.protocols, ", ");
	puts(")");
}

static void put_block(struct unassigned *verb, const struct port_run *run, void *array)
{
	json_t *object = xcheck(json_object());

	(void)verb;
	json_put(object, "first_port", json_integer(run->first));
	json_put(object, "last_port", json_integer(run->last));
	json_put(object, "count", json_integer(size_of(run)));
	if (run->remark)
		json_put(object, "unauthorized_use", json_text(run->remark));
	json_array_append_new(array, object);
}

static json_t *json_blocks(struct unassigned *verb, bool avoid)
{
	json_t *array = xcheck(json_array());

	for_each_block(verb, avoid, put_block, array);
	return array;
}

/* What both kinds of answer begin with. */
static json_t *json_question(const struct unassigned *verb)
{
	json_t *object = xcheck(json_object()), *protocols = xcheck(json_array());

	for (unsigned i = 0; i < PORT_PROTOCOLS; i++)
		if (verb->space.protocols >> i & 1)
			json_array_append_new(protocols, json_text(port_protocol_name(i)));
	json_put(object, "first_port", json_integer(verb->space.first));
	json_put(object, "last_port", json_integer(verb->space.last));
	json_put(object, "protocols", protocols);
	return object;
}

static void print_json_blocks(struct unassigned *verb)
{
	json_t *object = json_question(verb);

	json_put(object, "free_count", json_integer(verb->free_count));
	json_put(object, "avoid_count", json_integer(verb->avoid_count));
	json_put(object, "free", json_blocks(verb, false));
	json_put(object, "avoid", json_blocks(verb, true));
	json_print(object, stdout);
}

static enum exit_status list_blocks(struct unassigned *verb)
{
	char ports[PORTS_TEXT_SIZE];
	const unsigned width = terminal_width();

	for_each_block(verb, false, count_block, NULL);
	for_each_block(verb, true, count_block, NULL);
	if (verb->json)
		print_json_blocks(verb);
	else if (!width)
		print_lines(verb);
	else if (verb->free_count || verb->avoid_count)
		print_screen(verb, width);
	if (verb->free_count)
		return EXIT_DONE;
	complain(ports_text(verb->space.first, verb->space.last, ports), "no free port");
	return EXIT_NOT_FOUND;
}

static void print_json_picks(const struct unassigned *verb, const struct suggest_request *wish, const uint16_t *picks)
{
	json_t *object = json_question(verb), *array = xcheck(json_array()), *ephemeral = xcheck(json_object());

	json_put(ephemeral, "first_port", json_integer(wish->ephemeral.first));
	json_put(ephemeral, "last_port", json_integer(wish->ephemeral.last));
	json_put(object, "ephemeral", ephemeral);
	json_put(object, "seed", json_text(wish->seed));
	for (uint32_t i = 0; i < wish->count; i++)
		json_array_append_new(array, json_integer(picks[i]));
	json_put(object, "picks", array);
	json_print(object, stdout);
}

static enum exit_status complain_of_few(const struct suggest_request *wish, const char *count, uint32_t found)
{
	char ports[PORTS_TEXT_SIZE], ephemeral[PORTS_TEXT_SIZE];

	complain(count,
		 "too many: %u can be picked from %s, free, none next to another, outside the ephemeral ports %s",
		 found, ports_text(wish->first, wish->last, ports),
		 ports_text(wish->ephemeral.first, wish->ephemeral.last, ephemeral));
	return EXIT_NOT_FOUND;
}

/* A number of ports; 0 if the text is not one. A number past all ports counts as one more than there are. */
static uint32_t parse_count(const char *text)
{
	uint32_t count = 0;

	if (parse_number(text, strlen(text), PORT_COUNT, &count))
		return count;
	return *text && !text[strspn(text, "0123456789")] ? PORT_COUNT + 1 : 0;
}

static enum exit_status pick(const struct unassigned *verb)
{
	const struct suggest_request wish = {
		.view = verb->view,
		.first = verb->space.first,
		.last = verb->space.last,
		.ephemeral = read_ephemeral_range(EPHEMERAL_FILE),
		.seed = verb->seed,
		.count = parse_count(verb->count),
	};
	uint16_t picks[PORT_COUNT];
	const uint32_t found = suggest_ports(&wish, picks);

	if (found < wish.count)
		return complain_of_few(&wish, verb->count, found);
	if (verb->json)
		print_json_picks(verb, &wish, picks);
	for (uint32_t i = 0; !verb->json && i < found; i++)
		printf("%u\n", picks[i]);
	return EXIT_DONE;
}

/* Not to be guessed, only not to be the same for all: no entropy yet is no reason to wait, or to fail. */
static const char *random_seed(char seed[SEED_SIZE])
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number)
		number = 0;
	snprintf(seed, SEED_SIZE, "%08x", number);
	return seed;
}

static enum exit_status answer(struct unassigned *verb)
{
	char seed[SEED_SIZE];
	enum exit_status status = port_space_open(&verb->request, &verb->space);

	if (status != EXIT_DONE)
		return status;
	if (verb->count && !verb->request.range)
		verb->space.first = FIRST_USER_PORT;
	if (verb->count && !verb->request.range)
		verb->space.last = DYNAMIC_FIRST - 1;
	if (!verb->seed)
		verb->seed = random_seed(seed);
	/* remarks name ports, not protocols: who squats on one with tcp may come with udp */
	verb->view = (struct port_view){verb->space.ports, verb->space.protocols, ALL_PROTOCOLS};
	status = verb->count ? pick(verb) : list_blocks(verb);
	port_space_close(&verb->space);
	return status;
}

static enum exit_status check_usage(const struct unassigned *verb)
{
	if (verb->count && !parse_count(verb->count))
		return complain("--count", "how many ports? A number from 1 up");
	if (verb->seed && !verb->count)
		return complain("--seed", "is for --count");
	return EXIT_DONE;
}

/* Take one option; EXIT_TROUBLE after a message. */
static enum exit_status take_option(int option, struct unassigned *verb)
{
	switch (option) {
	case 'c':
		verb->count = optarg;
		return EXIT_DONE;
	case 'e':
		verb->seed = optarg;
		return EXIT_DONE;
	case 'j':
		verb->json = true;
		return EXIT_DONE;
	case 'p':
		return request_protocol(&verb->request, optarg);
	case 's':
		verb->request.snapshot = optarg;
		return EXIT_DONE;
	default:
		return EXIT_TROUBLE;
	}
}

enum exit_status verb_unassigned(int argc, char **argv)
{
	static const struct option names[] = {
		{"count", required_argument, NULL, 'c'},
		{"seed", required_argument, NULL, 'e'},
		{"protocol", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'},
		{"snapshot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct unassigned verb = {.json = false};
	enum exit_status status = EXIT_DONE;
	int option;

	while (status == EXIT_DONE && (option = next_option(argc, argv, ":h", names)) != OPTION_END) {
		if (option == OPTION_HELP)
			return print_help(help);
		status = take_option(option, &verb);
	}
	if (status == EXIT_DONE)
		status = request_range(&verb.request, argc, argv);
	if (status == EXIT_DONE)
		status = check_usage(&verb);
	return status == EXIT_DONE ? answer(&verb) : status;
}
