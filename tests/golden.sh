#!/bin/sh
# SPDX-License-Identifier: MIT
# Renew the golden files with that tool: golden.sh TOOL, from the top of the project. Review the diff.
set -eu
tool=$1
golden=tests/golden
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
if ! "$tool" compile -o "$new/ianareg.db" "$golden/registry.csv" 2>"$new/messages.golden"; then
	cat "$new/messages.golden" >&2
	exit 1
fi
for format in services csv json; do
	"$tool" export --format "$format" --snapshot "$new/ianareg.db" >"$new/$format.golden"
done
# A key that is not found is part of it, and of the status.
"$tool" lookup --snapshot "$new/ianareg.db" 0-65535 adobe nobody >"$new/lookup.golden" 2>/dev/null || [ $? -eq 2 ]
for format in json jsonl; do
	"$tool" lookup --$format --snapshot "$new/ianareg.db" www 6000-8080/tcp nobody 99999 \
		>"$new/lookup-$format.golden" 2>/dev/null || [ $? -eq 1 ]
done
for layout in long table; do
	COLUMNS=80 "$tool" lookup --$layout --snapshot "$new/ianareg.db" 0-65535 adobe >"$new/lookup-$layout.golden"
done
for form in '' json jsonl; do
	"$tool" search ${form:+--$form} --snapshot "$new/ianareg.db" http >"$new/search${form:+-$form}.golden"
done
"$tool" map --snapshot "$new/ianareg.db" >"$new/map.golden"
"$tool" map --snapshot "$new/ianareg.db" --svg - >"$new/map-svg.golden"
"$tool" unassigned --snapshot "$new/ianareg.db" >"$new/unassigned.golden"
"$tool" unassigned --snapshot "$new/ianareg.db" --json >"$new/unassigned-json.golden"
"$tool" compile -o "$new/newer.db" "$golden/newer.csv" 2>/dev/null
"$tool" diff "$new/ianareg.db" "$new/newer.db" >"$new/diff.golden" || [ $? -eq 1 ]
"$tool" diff --json "$new/ianareg.db" "$new/newer.db" >"$new/diff-json.golden" || [ $? -eq 1 ]
# Lines that repeat are folded to a '*': most of the port blocks are empty.
LC_ALL=C od -A d -t x1 "$new/ianareg.db" >"$new/snapshot.golden"
cp "$new"/*.golden "$golden/"
