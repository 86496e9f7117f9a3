#!/bin/sh
# SPDX-License-Identifier: MIT
# Get what the bench compares with, once, and unpack it, installing nothing: peers.sh DIR. What it needs of the packages
# is linked in DIR/lib, DIR/bin and DIR/etc; why a package is not there is in DIR/PACKAGE.why. That is no error: the
# bench says so in its table.
set -u
peers=$1
log=$peers/log
mkdir -p "$peers/lib" "$peers/bin" "$peers/etc" || exit 1
: >"$log"

download() { # download PACKAGE: into the directory $peers/download
	rm -rf "$peers/download"
	mkdir "$peers/download" && (cd "$peers/download" && apt-get -q download "$1") >>"$log" 2>&1
}

# A machine that never asked what there is knows no package.
refresh() {
	[ "$(id -u)" -eq 0 ] && [ ! -e "$peers/refreshed" ] && apt-get -q update >>"$log" 2>&1 && : >"$peers/refreshed"
}

get() { # get PACKAGE
	[ -d "$peers/$1" ] && return
	echo "  GET $1"
	if ! command -v apt-get >/dev/null; then
		echo "there is no apt-get here to download the package $1 with" >"$peers/$1.why"
	elif { download "$1" || { refresh && download "$1"; }; } &&
		dpkg-deb -x "$peers"/download/*.deb "$peers/$1.part" >>"$log" 2>&1; then
		rm -f "$peers/$1.why"
		dpkg-deb -W "$peers"/download/*.deb >"$peers/$1.version"
		mv "$peers/$1.part" "$peers/$1"
	else
		rm -rf "$peers/$1.part"
		echo "the package $1 could not be downloaded or unpacked ($log)" >"$peers/$1.why"
		cat "$peers/$1.why"
	fi
	rm -rf "$peers/download"
}

link() { # link PACKAGE PATH DIR: the file whose path ends so
	file=$(find "$peers/$1" -path "*/$2" ! -type d 2>/dev/null | head -n 1)
	[ -z "$file" ] || ln -sf "../${file#"$peers/"}" "$peers/$3/${2##*/}"
}

for package in libnss-db libdb5.3 nscd libcdb1 netbase; do get "$package"; done
link libnss-db libnss_db.so.2 lib
link libdb5.3 libdb-5.3.so lib
link libcdb1 libcdb.so.1 lib
link libnss-db bin/makedb bin
link nscd sbin/nscd bin
link nscd etc/nscd.conf etc
link netbase etc/services etc
