#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: reference.sh TOOL ROOT
# The committed manual is the one the program's tables make.
set -euo pipefail
if ! diff -u "$2/docs/reference.md" <("$1" "$2/conf/starface.catalogue"); then
	echo "docs/reference.md is out of date: ninja -C build update-reference"
	exit 1
fi
