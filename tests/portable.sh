#!/bin/sh
# SPDX-License-Identifier: MIT
# One snapshot, read by a 32-bit and by a big-endian program under qemu, answers as here. portable.sh SNAPSHOT WORK
set -eu
snapshot=$1 work=$2
sources='tests/portable/answers.c src/snapshot/snapshot.c src/snapshot/snapshot_file.c src/snapshot/check.c
	src/snapshot/status.c nss/services.c nss/mapping_slots.c nss/reload.c'
build() { # build COMPILER OUTPUT [FLAG]...
	compiler=$1 output=$2
	shift 2
	# shellcheck disable=SC2086 # a list of files
	"$compiler" -std=gnu11 -O2 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -I. "$@" -o "$output" $sources
}
mkdir -p "$work"
build "${CC:-cc}" "$work/native"
"$work/native" "$snapshot" >"$work/native.txt"
for target in i686-linux-gnu:qemu-i386:libc6-dev-i386-cross s390x-linux-gnu:qemu-s390x:libc6-dev-s390x-cross; do
	prefix=${target%%:*} rest=${target#*:}
	emulator=${rest%%:*} library=${rest#*:}
	if ! command -v "$prefix-gcc" >/dev/null || ! command -v "$emulator" >/dev/null; then
		echo "portable: $prefix needs the Debian packages gcc-$prefix $library qemu-user" >&2
		exit 1
	fi
	build "$prefix-gcc" "$work/$prefix" -static 2>"$work/$prefix.log" || { cat "$work/$prefix.log" >&2; exit 1; }
	"$emulator" "$work/$prefix" "$snapshot" >"$work/$prefix.txt"
	cmp "$work/native.txt" "$work/$prefix.txt"
	echo "portable: $prefix gives the same $(wc -l <"$work/native.txt") lines of answers"
done
