#!/bin/sh
# SPDX-License-Identifier: MIT
# Run test programs against a build directory and sum up their TAP: check.sh BUILD TEST... ; VALGRIND=1 runs them under
# memcheck.
set -u
build=$1
shift
export IANAREG_BUILD="$build" LD_LIBRARY_PATH="$PWD/$build${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:${ASAN_OPTIONS:-}" UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export CMOCKA_MESSAGE_OUTPUT=TAP
unset IANAREG_SNAPSHOT
passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# count PATTERN: lines of the log that match
count() {
	grep -acE "$1" "$log"
}

# A plan for each group of tests (1..N), and a line for each test; a program that ends early has planned more than it ran.
run_program() {
	start=$(date +%s)
	if [ "${VALGRIND:-}" ]; then
		valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible "$1" >"$log" 2>&1
	else
		"$1" >"$log" 2>&1
	fi
	status=$?
	planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
	skip=$(count '^(not )?ok [0-9]+ .*# SKIP')
	ok=$(($(count '^ok [0-9]+ ') - $(count '^ok [0-9]+ .*# SKIP')))
	bad=$(($(count '^not ok [0-9]+ ') - $(count '^not ok [0-9]+ .*# SKIP')))
	missing=$((planned - ok - bad - skip))
	[ "$missing" -le 0 ] || bad=$((bad + missing))
	if [ "$planned" -eq 0 ]; then echo "no test ran" >>"$log"; fi
	if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$planned" -eq 0 ]; }; then bad=1; fi
	printf '%-28s %3d passed, %d failed, %d skipped  %3d s\n' "${1##*/}" "$ok" "$bad" "$skip" "$(($(date +%s) - start))"
	grep -ah '^note: ' "$log"
	if [ "$bad" -ne 0 ]; then grep -avE '^ok [0-9]+ ' "$log" | tail -n 60; fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
}

for test; do run_program "$test"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
