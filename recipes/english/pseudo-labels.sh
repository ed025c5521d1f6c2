#!/usr/bin/env bash
# Hears recordings without transcripts with a first model and the language model, and keeps what it is sure of as
# transcripts to learn from. prepare.py takes them in, as it takes in whatever has a manifest there.
#
# Usage:    recipes/english/pseudo-labels.sh RECORDINGS MODEL LM OUTPUT [CONFIDENCE]     (CONFIDENCE: 0.6)
# Example:  recipes/english/pseudo-labels.sh ../shared/speech/librispeech_unlabelled output/run/best.safetensors \
#               output/lm/english.lm output/corpora/english/pseudo
# RECORDINGS has an all.jsonl; a recording is kept where the mean confidence of its words is as high as CONFIDENCE.
# UTTER names another utter than .build/release/utter.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 4)) || { sed -n '2,9p' "${BASH_SOURCE[0]}" >&2; exit 2; }
recordings=$(realpath "$1") model=$2 lm=$3 output=$4 confidence=${5:-0.6}
utter=${UTTER:-$here/../../.build/release/utter}
[[ -x $utter ]] || { printf 'error: %s is not built: swift build -c release\n' "$utter" >&2; exit 1; }
[[ -f $recordings/all.jsonl ]] || { printf 'error: "%s/all.jsonl" is missing\n' "$recordings" >&2; exit 1; }
mkdir -p "$output"

sed -E "s|.*\"audio_filepath\": ?\"([^\"]*)\".*|$recordings/\1|" "$recordings/all.jsonl" | tr '\n' '\0' |
    xargs -0 "$utter" transcribe --quiet --format json --model "$model" --lm "$lm" >"$output/heard.jsonl"

# Field by field: keys are in the order of the alphabet, and no text has a quote or a backslash in it.
awk -v least="$confidence" '
    function field(name) {
        if (!match($0, "\"" name "\":\"[^\"]*\"")) return ""
        return substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5)
    }
    {
        all++
        words = split($0, parts, /"confidence":/) - 1
        sum = 0
        for (i = 2; i <= words + 1; i++) sum += parts[i] + 0
        if (words == 0 || sum / words < least) next
        match($0, /"duration":[0-9.]+/)
        duration = substr($0, RSTART, RLENGTH)
        kept++
        row = "{\"audio_filepath\": \"%s\", %s, \"text\": \"%s\", \"speaker\": \"heard\"}\n"
        printf row, field("file"), duration, field("text")
    }
    END { printf "%d of %d recordings are kept\n", kept, all > "/dev/stderr" }
' "$output/heard.jsonl" >"$output/manifest.partial"
mv -f "$output/manifest.partial" "$output/manifest.jsonl"
