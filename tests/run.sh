#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every test, three times over where that finds more: all suites as gcc builds them, the
# units again under clang's address and undefined-behaviour sanitizers, and again under
# valgrind with its watch over descriptors; and the fuzzers for a minute each. The last
# line counts them all together.
set -euo pipefail
cd "$(dirname "$0")/.."

passed=0 failed=0 skipped=0

# count FILE RESULT ...: tests of this log that ended so
count() {
	local log=$1 result number=0
	shift
	for result in "$@"; do
		number=$((number + $(grep -c "\"result\": \"$result\"" "$log" || true)))
	done
	echo "$number"
}

# suite FOLDER NAME [MESON TEST OPTION ...]
suite() {
	local folder=$1 name=$2 log rc=0 bad
	shift 2
	echo "== $name"
	rm -f "$folder/meson-logs/$name"*
	meson test -C "$folder" --no-rebuild --print-errorlogs --logbase "$name" "$@" ||
		rc=$?
	# with a wrapper, Meson puts its name behind that of the log
	log=$(echo "$folder/meson-logs/$name"*.json)
	if [ ! -s "$log" ]; then
		echo "$name: no test ran" >&2
		failed=$((failed + 1))
		return
	fi
	bad=$(count "$log" FAIL TIMEOUT INTERRUPT ERROR UNEXPECTEDPASS)
	# Meson failed and no test did: its own trouble, not to be overlooked.
	if [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	passed=$((passed + $(count "$log" OK EXPECTEDFAIL)))
	skipped=$((skipped + $(count "$log" SKIP)))
	failed=$((failed + bad))
}

build() {
	local folder=$1
	shift
	[ -e "$folder/build.ninja" ] || meson setup "$folder" "$@"
	ninja --quiet -C "$folder"
}

build build-test -Db_sanitize=none
suite build-test all
CC=clang build build-clang -Db_sanitize=address,undefined -Db_lundef=false
CC=clang build build-fuzz -Dfuzz=true -Dfuzz_seconds=60
suite build-clang sanitizers --suite unit --timeout-multiplier 3
suite build-fuzz fuzz --suite fuzz
suite build-test valgrind --suite unit --timeout-multiplier 10 \
	--wrapper "$PWD/tests/valgrind.sh"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
