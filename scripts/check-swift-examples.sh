#!/usr/bin/env bash
# Type-checks every block of Swift in the guides that begins with `import Utter`, against the release build of this checkout.
#
# Usage:    scripts/check-swift-examples.sh [FILE...]      (default: README.md docs/*.md)
# Example:  swift build -c release && scripts/check-swift-examples.sh docs/training.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($# > 0)) || set -- README.md docs/*.md

build="$(swift build -c release --show-bin-path)"
[[ -d $build/Modules ]] || {
    echo "error: $build/Modules is not there: run swift build -c release first" >&2
    exit 1
}
flags=(-swift-version 6 -parse-as-library -I "$build/Modules")
# What the modules were built with: C modules, and the folders of the libraries' headers.
for map in Sources/*/module.modulemap "$build"/*.build/module.modulemap .build/checkouts/Yams/Sources/CYaml/include/module.modulemap; do
    [[ -e $map ]] && flags+=(-Xcc "-fmodule-map-file=$map")
done
for include in $(pkg-config --cflags-only-I sndfile libmpg123 fftw3f openblas soxr cairo) -ISources/CVectorKernels/include \
    -I.build/checkouts/Yams/Sources/CYaml/include; do
    flags+=(-Xcc "$include")
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
count=0 failed=0
for file in "$@"; do
    # Each block in a file of its own, named after the line at which it begins.
    rm -f "$work"/*
    awk -v work="$work" '/^```swift$/ { inside = 1; line = NR; text = ""; next }
        /^```$/ && inside {
            inside = 0
            if (text ~ /(^|\n)import Utter/) printf "%s", text > (work "/" sprintf("%05d", line))
        }
        inside { text = text $0 "\n" }' "$file"
    for block in "$work"/*; do
        [[ -e $block ]] || continue
        count=$((count + 1))
        # The statements of a block are those of a function that may throw and wait; its imports stay outside.
        {
            grep '^import ' "$block"
            echo 'func example() async throws {'
            grep -v '^import ' "$block"
            echo '}'
        } >"$work/example.swift"
        if ! swiftc -typecheck "${flags[@]}" "$work/example.swift" 2>"$work/errors"; then
            failed=$((failed + 1))
            echo "error: the example of $file at line $((10#$(basename "$block"))) does not compile:" >&2
            grep -E 'error:' "$work/errors" >&2 || cat "$work/errors" >&2
        fi
        rm -f "$work/example.swift" "$work/errors"
    done
done
((failed == 0)) || exit 1
echo "$count examples compile"
