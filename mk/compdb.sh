#!/bin/sh
# SPDX-License-Identifier: MIT
# compile_commands.json for clangd and its kind: compdb.sh 'COMPILER FLAGS' FILE...
set -eu
command=$(printf '%s' "$1" | sed 's/["\\]/\\&/g')
directory=$(pwd | sed 's/["\\]/\\&/g')
shift
separator='['
for file; do
	printf '%s\n  {"directory": "%s", "file": "%s", "command": "%s -c %s"}' \
		"$separator" "$directory" "$file" "$command" "$file"
	separator=','
done
printf '\n]\n'
