# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion for bash: verbs, options, service names. All of it comes from the tool's own help and snapshot, so it
# cannot be out of date.

# The verbs of `TOOL --help`.
_ianareg_verbs() {
	"$1" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\)  *[^ ].*/\1/p' | grep -vx ianareg
}

# The long options of `TOOL VERB --help`, and --help, which not every page of help has room for.
_ianareg_options() {
	{
		"$1" "$2" --help 2>/dev/null | sed -n '/^  -/{s/^  //;s/  .*//;p;}' | grep -o -e '--[a-z-]*'
		echo --help
	} | awk '!seen[$0]++'
}

# Service names that begin with a prefix, as `TOOL names` has them, from the snapshot that the command line names, if it
# does.
_ianareg_list() {
	local -a snapshot=()
	local i
	for ((i = 2; i < COMP_CWORD - 1; i++)); do
		[[ ${COMP_WORDS[i]} == --snapshot ]] || continue
		[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
		snapshot=(--snapshot "${COMP_WORDS[i + 1]}")
	done
	"$1" names "${snapshot[@]}" -- "${2//\\/}" 2>/dev/null
}

# They become words of the shell, but behind an opening quote they are as they are.
_ianareg_names() {
	local name
	[[ $2 ]] || return
	while IFS= read -r name; do
		[[ ${COMP_WORDS[COMP_CWORD]} == [\"\']* ]] || printf -v name %q "$name" # sql*net
		COMPREPLY+=("$name")
	done < <(_ianareg_list "$1" "$2")
}

# Whether a protocol may follow: a port, a range, a whole name.
_ianareg_is_whole() {
	[[ $2 =~ ^[0-9]+(-[0-9]+)?$ ]] || _ianareg_list "$1" "$2" | grep -ixF -e "${2//\\/}" >/dev/null
}

# cora, cora/tcp, 19220/udp; a name may have a slash of its own: 914c/g
_ianareg_keys() {
	_ianareg_names "$1" "$2"
	[[ $2 == */* ]] && _ianareg_is_whole "$1" "${2%/*}" &&
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W 'tcp udp sctp dccp' -P "${2%/*}/" -- "${2##*/}")
}

_ianareg_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_ianareg_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_ianareg() {
	local tool=$1 word=$2 before=$3 verb=${COMP_WORDS[1]}
	COMPREPLY=()
	[[ $word == = ]] && word=
	[[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
	[[ $verb == -* ]] && verb=lookup # ianareg --json cora
	if ((COMP_CWORD == 1)); then
		if [[ $word == -* ]]; then
			_ianareg_words '--help --version' "$word"
		else
			_ianareg_words "$(_ianareg_verbs "$tool")" "$word"
			((${#COMPREPLY[@]})) || _ianareg_keys "$tool" "$word"
		fi
		return
	fi
	case $before in
	--snapshot | --overlay | --config | --svg | --output | -o) _ianareg_files "$word" ;;
	--format) _ianareg_words 'services csv json' "$word" ;;
	--protocol | --protocols) _ianareg_words 'tcp udp sctp dccp' "$word" ;;
	--user) mapfile -t COMPREPLY < <(compgen -u -- "$word") ;;
	--limit | --count | --seed | --max-port | --guard | --minimum | --max-time | --retry | --url) ;;
	*)
		case $word in
		-*) _ianareg_words "$(_ianareg_options "$tool" "$verb")" "$word" ;;
		*)
			case $verb in
			lookup | names) _ianareg_keys "$tool" "$word" ;;
			compile | diff | info | verify | rollback) _ianareg_files "$word" ;;
			esac
			;;
		esac
		;;
	esac
}

complete -F _ianareg ianareg
