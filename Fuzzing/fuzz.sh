#!/bin/sh
# Fuzzes a module with libFuzzer and the address sanitizer:
#
#   Fuzzing/fuzz.sh MODULE [SECONDS] [FOLDER OF FIRST INPUTS]
#
# compiles Core, the module and Fuzzing/<MODULE>Fuzzer.swift, and runs them for a minute unless told otherwise.
set -eu
module=$1
seconds=${2:-60}
root=$(cd "$(dirname "$0")/.." && pwd)
build=${TMPDIR:-/tmp}/fuzz-$module
mkdir -p "$build/inputs"
cd "$build"
flags="-swift-version 6 -O -sanitize=fuzzer,address -parse-as-library -I . -L ."
flags="$flags -I $root/Sources/CCrypto"
flags="$flags -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility"
for name in Core "$module"; do
    # shellcheck disable=SC2086
    swiftc $flags -emit-module -emit-library -static -module-name "$name" -o "lib$name.a" \
        $(find "$root/Sources/$name" -name '*.swift')
done
# shellcheck disable=SC2086
swiftc $flags "$root/Fuzzing/${module}Fuzzer.swift" "-l$module" -lCore -o fuzz
MODELS="$root/Sources/AWSModels" exec ./fuzz inputs ${3:+"$3"} -max_total_time="$seconds" -max_len=1024 -rss_limit_mb=2000 -print_final_stats=1
