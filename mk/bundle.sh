#!/bin/sh
# SPDX-License-Identifier: MIT
# Renew the bundled facts from the registry as published: bundle.sh TOOL PUBLISHED.csv OUTPUT.csv
set -eu
tool=$1 published=$2 output=$3
[ -n "$published" ] || { echo 'usage: make bundle PUBLISHED=path/of/service-names-port-numbers.csv' >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tool" compile -o "$work/published.db" "$published"
"$tool" export --format csv --no-notes --snapshot "$work/published.db" -o "$work/bundled.csv"
"$tool" compile -o "$work/bundled.db" "$work/bundled.csv"
"$tool" export --format services --snapshot "$work/published.db" | sed 's/[[:space:]]*#.*//' >"$work/published.services"
"$tool" export --format services --snapshot "$work/bundled.db" | sed 's/[[:space:]]*#.*//' >"$work/bundled.services"
cmp "$work/published.services" "$work/bundled.services"
cp "$work/bundled.csv" "$output"
"$tool" map --snapshot "$work/bundled.db" --svg "$(dirname "$output")/ports.svg"
echo "$output: renewed, answers as $published does"
