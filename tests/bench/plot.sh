#!/bin/sh
# SPDX-License-Identifier: MIT
# Draw what a run of the bench measured, and keep the numbers beside it: plot.sh PROGRAM BENCH.json PICTURE.svg NUMBERS.json
set -eu
program=$1 json=$2 picture=$3 numbers=$4
columns=$(dirname "$json")/plot.dat

"$program" --plot-data "$json" >"$columns"
gnuplot -e "data='$columns'; picture='$picture.part'" "$(dirname "$0")/plot.gp"
mv "$picture.part" "$picture"
cp "$json" "$numbers"
echo "drawn: $picture, of the numbers in $numbers"
