#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every test, three times over where that finds more: all suites as gcc builds them, the
# units again under clang's address and undefined-behaviour sanitizers, and again under
# valgrind with its watch over descriptors; and the fuzzers for a minute each. The last
# line counts them all together.
#
# Networks mostly wait, so two lanes of them run beside all that computes; that is polite,
# so that it takes their processors only while they wait, for they watch times. Fuzzers
# have their time by the clock: a lane of its own gives them what the units leave, too. Of
# a slow machine that asks too much: a few tests that failed are asked again, alone, which
# is said. What a fuzzer, a sanitizer or valgrind has found stands.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly again_most=6 # of a suite: where more have failed, something is broken

results=$(mktemp -d)
polite=()
TIMEFORMAT='took %0R s, and %0U + %0S s of processors'

# Whatever ends this ends the lanes.
clean_up() {
	local lane
	for lane in $(jobs -p); do
		kill -- "-$lane" 2>/dev/null || true
	done
	rm -rf "$results"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# log_of FOLDER NAME: with a wrapper, Meson puts its name behind that of the log
log_of() {
	echo "$1/meson-logs/$2"*.json
}

# ended LOG RESULT ...: the names of the tests of this log that ended so, one a line
ended() {
	local log=$1 IFS='|'
	shift
	sed -nE 's/^\{"name": "([^"]* \/ )?([^"]*)".*"result": "('"$*"')".*/\2/p' "$log"
}

readonly bad=(FAIL TIMEOUT INTERRUPT ERROR UNEXPECTEDPASS)

# suite FOLDER NAME [MESON TEST OPTION ...]; leaves in $results/NAME how many have passed,
# failed, been skipped, and been asked again, and in $results/NAME.how how it was asked
suite() {
	local folder=$1 name=$2 log rc=0 failed
	shift 2
	echo "== $name"
	rm -f "$folder/meson-logs/$name"*
	printf '%s\n' "$folder" "$@" >"$results/$name.how"
	time "${polite[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs \
		--logbase "$name" "$@" || rc=$?
	log=$(log_of "$folder" "$name")
	if [ ! -s "$log" ]; then
		echo "$name: no test ran" >&2
		echo 0 1 0 0 >"$results/$name"
		return
	fi
	failed=$(ended "$log" "${bad[@]}" | wc -l)
	# Meson tells how many failed; else it is its own trouble, and not all were asked.
	if [ "$rc" -ne "$((failed % 256))" ]; then
		failed=$((failed + 1))
	fi
	echo "$(ended "$log" OK EXPECTEDFAIL | wc -l)" "$failed" \
		"$(ended "$log" SKIP | wc -l)" 0 >"$results/$name"
}

# Of valgrind's lines all but its list of descriptors, which ends whatever it has run.
readonly findings='Sanitizer: |runtime error: |==[0-9]+== [^FO ]|left open:'

# again NAME: of a suite, what failed, and alone. The faults have done so by themselves.
again() {
	local name=$1 how names log passed failed skipped more left
	read -r passed failed skipped _ <"$results/$name"
	if [ "$failed" -eq 0 ] || [ "$failed" -gt "$again_most" ] ||
		[ "$name" = fuzz ] || [ "$name" = faults ]; then
		return
	fi
	mapfile -t how <"$results/$name.how"
	log=$(log_of "${how[0]}" "$name")
	mapfile -t names < <(ended "$log" "${bad[@]}")
	if [ "${#names[@]}" -ne "$failed" ] || grep -qE "$findings" "$log"; then
		return
	fi
	suite "${how[0]}" "again-$name" --num-processes 1 "${how[@]:1}" "${names[@]}"
	read -r more left _ <"$results/again-$name"
	# who says nothing this time has failed as before
	if [ "$left" -lt "$((failed - more))" ]; then
		left=$((failed - more))
	fi
	echo "$((passed + more))" "$left" "$skipped" "$more" >"$results/$name"
}

build() {
	local folder=$1
	shift
	[ -e "$folder/build.ninja" ] || meson setup "$folder" "$@"
	time "${polite[@]}" ninja --quiet -C "$folder"
}

lanes=()

# lane FOLDER NAME [MESON TEST OPTION ...]: a suite beside what follows; told at its end
lane() {
	set -m # in a group of its own, which clean_up() can end
	suite "$@" >"$results/$2.said" 2>&1 </dev/null &
	set +m
	lanes+=("$2")
}

build build-test -Db_sanitize=none
lane build-test faults --suite faults --timeout-multiplier 3
# as ./dev run has it, before its test does: two builds in one folder would clash
build build --buildtype=release -Dtests=false
lane build-test network --suite network --no-suite faults --timeout-multiplier 3

polite=(nice -n 15)
suite build-test all-else --no-suite network --timeout-multiplier 3
CC=clang build build-clang -Dfuzz=true -Dfuzz_seconds=60 -Db_lundef=false \
	-Db_sanitize=address,undefined
polite=(nice -n 19)
lane build-clang fuzz --suite fuzz
polite=(nice -n 15)
suite build-clang sanitizers --suite unit --no-suite shipped --timeout-multiplier 5
suite build-test valgrind --suite unit --no-suite pure --no-suite shipped \
	--no-suite script --timeout-multiplier 20 --wrapper "$PWD/tests/valgrind.sh"
wait

polite=()
passed=0 failed=0 skipped=0 second=0
for name in "${lanes[@]}" all-else sanitizers valgrind; do
	if [ -e "$results/$name.said" ]; then
		cat "$results/$name.said"
	fi
	# a lane that ended before it counted has failed, whatever it asked
	if [ -s "$results/$name" ]; then
		again "$name"
	else
		echo 0 1 0 0 >"$results/$name"
	fi
	read -r more broken left late <"$results/$name"
	passed=$((passed + more)) failed=$((failed + broken))
	skipped=$((skipped + left)) second=$((second + late))
done

if [ "$second" -gt 0 ]; then
	echo "$second of these passed when asked again, alone: see above"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
