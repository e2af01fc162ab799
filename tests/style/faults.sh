#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: faults.sh PYTHON ROOT
# The committed list of what can be told apart is the one the tests' table makes.
set -euo pipefail
if ! diff -u "$2/docs/faults.md" <("$1" -B "$2/tests/network/faults_document.py"); then
	echo "docs/faults.md is out of date: ninja -C build update-faults"
	exit 1
fi
