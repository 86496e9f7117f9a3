#!/bin/sh
# SPDX-License-Identifier: MIT
# See that the build has what it needs; as root on Debian install what it lacks, else name it. deps.sh [COMMAND]...
# A command that is not called as its package is PACKAGE:COMMAND, a file PACKAGE:/ITS/PATH. deps.sh --try does what it can and says nothing: tests
# whose tools are missing skip.
set -u
try=
if [ "${1:-}" = --try ]; then
	try=1
	shift
fi

missing=
need() { # need PACKAGE COMMAND...: the package is missing if the command fails
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}
has_header() {
	# shellcheck disable=SC2086 # a compiler and its flags
	echo "#include <$1>" | ${CC:-cc} -E - >/dev/null
}
is_there() { # a command, or a file by its path
	case $1 in /*) test -e "$1" ;; *) command -v "$1" ;; esac
}
look() {
	missing=
	compiler=${CC:-cc}
	need gcc command -v "${compiler%% *}"
	need libc6-dev has_header netdb.h
	need binutils command -v readelf
	need pkg-config command -v "${PKG_CONFIG:-pkg-config}"
	need libcsv-dev has_header csv.h
	need libjansson-dev "${PKG_CONFIG:-pkg-config}" --exists jansson
	need libcmocka-dev "${PKG_CONFIG:-pkg-config}" --exists cmocka
	for thing; do need "${thing%%:*}" is_there "${thing##*:}"; done
}

look "$@"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	[ -z "$try" ] || exit 0
	echo "ianareg: the build needs what these Debian packages hold:$missing" >&2
	echo "ianareg: install them with:  apt-get install$missing" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 1
# shellcheck disable=SC2086 # a list of words
{ apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 || {
	[ "$try" ] || tail -n 20 "$log" >&2
	rm -f "$log"
	[ "$try" ] && exit 0
	exit 1
}
rm -f "$log"
look "$@"
[ -z "$missing" ] || [ "$try" ] || {
	echo "ianareg: still missing after the installation:$missing" >&2
	exit 1
}
