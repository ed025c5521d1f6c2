#!/usr/bin/env bash
# Writes the lists of recordings that the English model learns from, and by which it is measured.
#
# Usage:    recipes/english/prepare.sh SPEECH MADE OUTPUT
# Example:  recipes/english/prepare.sh ../shared/speech corpora/english output
# SPEECH has a folder a corpus (speechocean762, an4, ljspeech, mycroft, wakeword), with train.jsonl and dev.jsonl in
# it; MADE has a folder for all that synthesise.sh and sounds.sh made, or as much of it as there is, each with a
# manifest.jsonl. OUTPUT gets train.jsonl, dev.jsonl and the sets of dev apart (dev-CORPUS.jsonl).
set -euo pipefail
(($# == 3)) || { sed -n '2,9p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$(realpath "$1") made=$(realpath "$2") output=$3
for corpus in speechocean762 an4 ljspeech mycroft wakeword; do
    [[ -f $speech/$corpus/train.jsonl ]] || {
        printf 'error: "%s/%s/train.jsonl" is missing\n' "$speech" "$corpus" >&2
        exit 1
    }
done
mkdir -p "$output"

# rows FOLDER MANIFEST MOST: at most so many rows, evenly from the whole, with the whole path of each recording.
# Where the transcript has a short form that is not said so, the word is written out, in dev as well.
rows() {
    local all
    all=$(wc -l <"$1/$2")
    awk -v all="$all" -v most="$3" 'int(NR * most / all) > int((NR - 1) * most / all) || most >= all' "$1/$2" |
        sed -E "s|(\"audio_filepath\": \")([^/])|\1$1/\2|; s/\bmr\b/mister/g; s/\bmrs\b/missus/g; s/\bdr\b/doctor/g"
}
{
    # Real voices, most of all: met more often, so that the synthesisers are not all that is learned.
    for _ in 1 2; do rows "$speech/speechocean762" train.jsonl 100000; done
    # The only native readers there are: met more often, at another speed and in another room each time.
    for _ in 1 2 3; do rows "$speech/ljspeech" train.jsonl 100000; done
    for _ in 1 2; do rows "$speech/an4" train.jsonl 100000; done
    # Many voices, but a few words: not too often.
    rows "$speech/mycroft" train.jsonl 300
    rows "$speech/wakeword" train.jsonl 300
    for manifest in "$made"/*/manifest.jsonl; do
        [[ ! -f $manifest ]] || rows "${manifest%/*}" manifest.jsonl 100000
    done
} >"$output/train.jsonl.partial"
mv -f "$output/train.jsonl.partial" "$output/train.jsonl"
for corpus in speechocean762 ljspeech an4; do
    rows "$speech/$corpus" dev.jsonl 100000 >"$output/dev-$corpus.jsonl"
done
cat "$output"/dev-*.jsonl >"$output/dev.jsonl"
wc -l "$output/train.jsonl" "$output/dev.jsonl"
