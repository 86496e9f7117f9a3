#!/bin/sh
# SPDX-License-Identifier: MIT
# Draw what a run of the bench measured, and keep the numbers beside it: plot.sh PROGRAM BENCH.json PICTURE.svg NUMBERS.json
set -eu
program=$1 json=$2 picture=$3 numbers=$4
columns=$(dirname "$json")/plot.dat

# The numbers are committed: those of a whole run, not of a quick one or of some sections.
grep -q '"quick": "no"' "$json" || { echo "plot: $json is of a quick run" >&2; exit 1; }
for section in warm direct nscd enumeration threads cold counts growth compile; do
	grep -q "\"$section\": {" "$json" || { echo "plot: $json has no section $section: make bench" >&2; exit 1; }
done

"$program" --plot-data "$json" >"$columns"
gnuplot -e "data='$columns'; picture='$picture.part'" "$(dirname "$0")/plot.gp"
mv "$picture.part" "$picture"
cp "$json" "$numbers"
echo "drawn: $picture, of the numbers in $numbers"
