#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrows between the rooms, and what the module needs and exports. layers.sh MODULE; SAN=... leaves the module's
# libraries unchecked, for a sanitizer brings its own. layers.sh --arrows checks the arrows of the current directory alone.
set -u
module=$1
faults=0
fault() {
	echo "layers: $*" >&2
	faults=$((faults + 1))
}

# only ROOM ALLOWED...: files of a room may include headers of the allowed rooms alone. Rooms are named by directory.
only() {
	room=$1
	shift
	allowed=$(printf '%s|' "$@")
	wrong=$(grep -rHnE '^#include "' "$room" | grep -vE "#include \"(${allowed%|})/[^/]*\"")
	[ -z "$wrong" ] || fault "$room may include headers of $* only: $wrong"
}
only nss nss snapshot
only src/snapshot snapshot
only src/base base
only src/publish publish base
only src/query query snapshot base
only src/compiler compiler snapshot base
only src/library query snapshot base
only src/diff diff query snapshot base
only src/export export query compiler snapshot base

only src/cli/update cli/update cli cli/output cli/doctor query diff export compiler publish snapshot base
only src/cli/doctor cli/doctor cli cli/output cli/update query diff export compiler publish snapshot base
only src/cli/output cli/output cli query diff export snapshot base cli/doctor

# A verb is called by main() alone.
wrong=$(grep -rHnE '^#include "cli/verbs/' src nss)
[ -z "$wrong" ] || fault "nobody includes a verb's header: $wrong"

# A header called *_parts.h is private to its room.
wrong=$(grep -rHnE '^#include "[^"]*_parts\.h"' src nss | awk -F: '{
	file = $1; sub(/^src\//, "", file); sub(/\/[^\/]*$/, "", file)
	room = $3; sub(/^#include "/, "", room); sub(/\/[^\/]*$/, "", room)
	if (file != room) print $1 ": " $3 }')
[ -z "$wrong" ] || fault "a private header is included from outside its room: $wrong"

# A basename stands for one file.
wrong=$(find nss src -name '*.[ch]' | sed 's|.*/||' | sort | uniq -d)
[ -z "$wrong" ] || fault "two files have one name: $wrong"

# No header includes itself, through whichever others; tsort(1) finds the cycles.
wrong=$(grep -rHE --include='*.h' '^#include "' nss src | sed -E 's|^src/||; s|^([^:]*):#include "([^"]*)".*|\1 \2|' |
	tsort 2>&1 >/dev/null)
[ -z "$wrong" ] || fault "headers include each other in a circle: $wrong"

# How the file is laid out is the reader's and the writer's alone: all others ask snapshot/accessors.h and rows.h.
raw='struct disk_|\b(load|store|le)(16|32|64)\b|sections\[|(->|\.)header\b|SECTION_[A-Z]+_|SECTION_(BLOCKS|PORTS|SLOTS|RECORDS|PREFERRED|ROWS|DETAILS|STRINGS)\b'
wrong=$(find src -name '*.[ch]' ! -path 'src/snapshot/*' ! -path src/compiler/snapshot_writer.c \
	-exec grep -HnE "$raw" {} +)
[ -z "$wrong" ] || fault "only src/snapshot and the writer read the file's structures: $wrong"

# The module's rooms know libc alone.
libc='arpa/inet|endian|errno|fcntl|limits|netdb|nss|pthread|sched|stdalign|stdatomic|stdbool|stddef|stdint|stdlib|string|sys/mman|sys/stat|sys/syscall|sys/types|time|unistd'
wrong=$(grep -rHnE '^#include <' nss src/snapshot | grep -vE "#include <($libc)\.h>")
[ -z "$wrong" ] || fault "nss/ and src/snapshot/ include libc's headers only: $wrong"

if [ "$module" = --arrows ]; then
	[ "$faults" -eq 0 ]
	exit
fi

needed=$(readelf -dW "$module" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
if [ -z "${SAN:-}" ]; then
	[ "$needed" = 'libc.so.6 ' ] || fault "$module needs more than libc.so.6: $needed"
fi
for flag in NODELETE NOW; do
	readelf -dW "$module" | grep -q "$flag" || fault "$module lacks $flag"
done
readelf -lW "$module" | grep -q GNU_RELRO || fault "$module lacks RELRO"

expected='_nss_ianareg_endservent _nss_ianareg_getservbyname_r _nss_ianareg_getservbyport_r _nss_ianareg_getservent_r _nss_ianareg_setservent '
exported=$(nm -D --defined-only "$module" | awk '{print $3}' | sort | tr '\n' ' ')
[ "$exported" = "$expected" ] || fault "$module exports: $exported"

[ "$faults" -eq 0 ] || exit 1
echo "layers: arrows, needed libraries and exported names are as they must be"
