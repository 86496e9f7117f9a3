/* SPDX-License-Identifier: MIT */
/* `ianareg names`: names and aliases by prefix; and what shells offer with it, where the shells are installed. */
#include "tests/support/cli_tool.h"

/* Tests run from the top of the project. Static. */
static const char *project_dir(void)
{
	static char path[PATH_MAX];

	assert_non_null(getcwd(path, sizeof path));
	return path;
}

TEST(names_begin_with_the_prefix_in_order_and_once)
{
	expect("ianareg names", 0, "914c-g\n914c/g\nairplay\nboe-cms\ncora\ncora-disc\nhttp\nhttp-alt\nwww\nx11\n", "");
	expect("ianareg names http", 0, "http\nhttp-alt\n", "");
	expect("ianareg names CORA-", 0, "cora-disc\n", "");
	expect("ianareg names --snapshot ./s.db airplay", 0, "airplay\n", "");
}

TEST(aliases_that_an_overlay_gives_are_names)
{
	put_file("overlay", "ours 7001/tcp mine\n");
	expect("ianareg compile -o o.db --overlay overlay r.csv && ianareg names --snapshot o.db mi", 0, "mine\n", "");
}

TEST(no_such_name_is_said_in_silence)
{
	expect("ianareg names zzz", 2, "", "");
}

TEST(bad_usage_is_one_line)
{
	expect("ianareg names a b", 1, "", "ianareg: b: one prefix at most; see ianareg names --help\n");
	expect("ianareg names --frob", 1, "", "ianareg: --frob: no such option; see ianareg names --help\n");
	expect("ianareg names --snapshot none.db", 1, "", "ianareg: none.db: No such file or directory\n");
	expect("ianareg names >/dev/full", 1, "", "ianareg: standard output: No space left on device\n");
}

TEST(every_name_of_the_registry_is_found_by_lookup)
{
	expect(text("ianareg compile -o all.db '%s/%s' && export IANAREG_SNAPSHOT=all.db && ianareg names >names && "
		    "LC_ALL=C sort -cu names && ianareg lookup - <names >/dev/null",
		    project_dir(), BUNDLED_CSV),
	       0, "", "");
}

/* ---- shells ---- */

/* Where this shell is not installed: skip the test, with a note. */
static void need_shell(const char *shell)
{
	setenv("PROJECT", project_dir(), 1);

	struct run result = run(text("command -v %s", shell));
	const bool missing = result.status != 0;

	free_run(&result);
	if (!missing)
		return;
	printf("note: %s is not installed: its completion is skipped\n", shell);
	skip();
}

#define COMPLETIONS "data/completions/"

/* What bash offers for the last of these words, with blanks between. */
static void bash_offers(const char *words, const char *expected)
{
	need_shell("bash");
	put_file("offer.bash",
		 "words=(\"$@\")\nCOMP_WORDS=(\"$@\")\nCOMP_CWORD=$(($# - 1))\n"
		 "_ianareg \"$1\" \"${words[-1]#[\\\"\\']}\" \"${words[-2]}\"\necho \"${COMPREPLY[*]}\"\n");
	expect(text("bash -c '. \"$PROJECT\"/" COMPLETIONS "ianareg.bash; . ./offer.bash' - ianareg %s", words), 0,
	       text("%s\n", expected), "");
}

TEST(bash_completes_verbs_options_and_names)
{
	bash_offers("do", "doctor");
	bash_offers("--v", "--version");
	bash_offers("cora", "cora cora-disc");
	bash_offers("lookup cora", "cora cora-disc");
	bash_offers("lookup CORA-d", "cora-disc");
	bash_offers("lookup cora/", "cora/tcp cora/udp cora/sctp cora/dccp");
	bash_offers("lookup 19220/u", "19220/udp");
	bash_offers("lookup 914c/", "914c/g");
	bash_offers("lookup 914C/g/u", "914C/g/udp");
	bash_offers("lookup 19220-19230/u", "19220-19230/udp");
	bash_offers("lookup cor/", "");
	bash_offers("doctor --", "--json --max-time --help");
	bash_offers("export --format ''", "services csv json");
	bash_offers("export --format = c", "csv");
	bash_offers("lookup --snapshot s", "s.db");
	bash_offers("info s", "s.db");
	bash_offers("lookup --snapshot s.db x", "x11");
	bash_offers("lookup --snapshot = s.db x", "x11");
	bash_offers("lookup --snapshot none.db x", "");
	bash_offers("--json cora-", "cora-disc");
	bash_offers("lookup --h", "--help");
	bash_offers("--json --j", "--json --jsonl");
	bash_offers("doctor x", "");
	bash_offers("lookup ''", "");
}

TEST(bash_knows_every_verb)
{
	struct run verbs = in_scratch(
		"ianareg --help | sed -n 's/^  \\([a-z][a-z]*\\)  *[^ ].*/\\1/p' | grep -vx ianareg | "
		"tr '\\n' ' ' | sed 's/ $//'");

	assert_non_null(strstr(verbs.out, "lookup"));
	bash_offers("''", verbs.out);
	free_run(&verbs);
}

TEST(names_that_the_shell_would_read_otherwise_are_quoted)
{
	put_file("overlay", "odd*net 7002/tcp\n");
	expect("ianareg compile -o odd.db --overlay overlay r.csv", 0, "", "");
	bash_offers("lookup --snapshot odd.db odd", "odd\\*net");
	bash_offers("lookup --snapshot odd.db 'odd\\*'", "odd\\*net");
	bash_offers("lookup --snapshot odd.db '\"odd'", "odd*net");
}

/* What fish offers for a command line. */
static void fish_offers(const char *line, const char *expected)
{
	need_shell("fish");
	expect(text("HOME=$PWD fish -c 'source \"$PROJECT\"/" COMPLETIONS
		    "ianareg.fish; complete -C \"%s\"' | cut -f 1 | "
		    "LC_ALL=C sort | tr '\\n' ' '",
		    line),
	       0, expected, NULL);
}

TEST(fish_completes_verbs_options_and_names)
{
	fish_offers("ianareg do", "doctor ");
	fish_offers("ianareg lookup cora", "cora cora-disc ");
	fish_offers("ianareg lookup cora/u", "cora/udp ");
	fish_offers("ianareg lookup 19220/u", "19220/udp ");
	fish_offers("ianareg lookup 914c/", "914c/g ");
	fish_offers("ianareg lookup 914c/g/u", "914c/g/udp ");
	fish_offers("ianareg lookup cor/", "");
	fish_offers("ianareg cor", "cora cora-disc ");
	fish_offers("ianareg 19220/u", "19220/udp ");
	fish_offers("ianareg --json cora-", "cora-disc ");
	fish_offers("ianareg lookup --snapshot=none.db x", "");
	fish_offers("ianareg lookup --snapshot=s.db x", "x11 ");
	fish_offers("ianareg doctor --", "--help --json --max-time ");
	fish_offers("ianareg export --format ", "csv json services ");
	fish_offers("ianareg lookup --snapshot s.db x", "x11 ");
	fish_offers("ianareg info s.", "s.db ");
}

/*
 * Its completion runs in a line editor only, so zsh gets a terminal; and only one, for it reads hundreds of files at its
 * start. Arguments are command lines, each with a text that must stand in what zsh lists for it.
 */
static const char zsh_script[] =
	"zmodload zsh/zpty || exit 9\n"
	"zpty z zsh -f -i\n"
	"zpty -w z \"PS1=; fpath=('$1' \\$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' list-choices; "
	"print rea''dy\"\n"
	"zpty -r -m z seen '*ready*'\n"
	"lists() {\n"
	"	local text=\n"
	"	zpty -w -n z $'\\C-u'\"$1\"$'\\t'\n"
	"	for i in {1..50}; do\n"
	"		zpty -r -t z seen && text+=$seen\n"
	"		[[ $text == *$2* ]] && return\n"
	"		sleep 0.1\n"
	"	done\n"
	"	print -ru2 -- \"$1: $text\"\n"
	"	exit 1\n"
	"}\n"
	"shift\n"
	"for line listed; do lists $line $listed; done\n";

TEST(zsh_completes_verbs_options_and_names)
{
	need_shell("zsh");
	put_file("list.zsh", zsh_script);
	expect(text("HOME=$PWD timeout 60 zsh -f list.zsh '%s/" COMPLETIONS "' 'ianareg d' doctor "
		    "'ianareg lookup cora' cora-disc 'ianareg lookup cora/' dccp 'ianareg lookup 914c/' 914c/g "
		    "'ianareg --json cora-' cora-disc 'ianareg lookup --h' --help "
		    "'ianareg lookup 914c/g/' dccp 'ianareg doctor --' --json "
		    "'ianareg export --format ' services 'ianareg lookup --snapshot s.db x' x11",
		    project_dir()),
	       0, "", "");
}

TEST_PROGRAM(.set_up = make_small_snapshot);
