#!/usr/bin/env bash
# Builds and runs the programs of Examples/, and compares what they print. They are built into the build of this checkout
# (--scratch-path), so that the library is compiled once for both.
#
# Usage:    scripts/check-examples.sh
# Example:  swift build -c release && scripts/check-examples.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

swift build -c release --package-path Examples --scratch-path .build
build="$(swift build -c release --show-bin-path)"
failed=0

# expect NAME PATTERN [ARGUMENT...]: the whole output of an example, its lines joined by " | ", matches the pattern.
expect() {
    local name=$1 pattern=$2 output
    shift 2
    output="$("$build/$name" "$@" | paste -s -d '|' | sed 's/|/ | /g')" || output="exit code $? after: $output"
    if [[ $output =~ ^($pattern)$ ]]; then
        printf '%s: as expected\n' "$name"
    else
        printf 'error: Examples/Sources/%s: printed "%s", not "%s"\n' "$name" "$output" "$pattern" >&2
        failed=1
    fi
}

lamp=audio/turn-on-the-lamp.wav
word='   [0-9.]+ [0-9.]+ [a-z]+ [0-9.e-]+'
expect TranscribeFile "turn on the lamp( \|$word){4}" "$lamp"
expect SamplesInMemory '[0-9]+ samples: turn on the lamp' "$lamp"
expect LiveEvents 'segment: turn on the lamp \| finished: 4 words in [0-9.]+ s' "$lamp"
expect HearHotWords 'without: [a-z ]+ \| with: play the next song' \
    audio/play-the-next-song.wav 'play the next song: high'
expect HearCommands 'command: play the next song \| command: ' audio/play-the-next-song.wav audio/tell-me-the-time.wav
expect MakeAdapter 'label: next song \| label: stop' audio/commands/{next-song,stop}-flite-awb.flac
expect CancelTask 'cancelled'
expect EightTasks 'turn on the lamp( \| turn on the lamp){7}' "$lamp"
exit $failed
