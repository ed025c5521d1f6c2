#!/usr/bin/env bash
# Runs run.sh from end to end in a minute, on a tree of LibriSpeech's shape that is made of the recordings of audio/
# and thrown away afterwards. What comes out recognises nothing; that it comes out shows that every step works.
#
# Usage:    recipes/librispeech/try.sh
# Needs sox and a built utter (or UTTER, which names one).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
audio=$here/../../audio
command -v sox >/dev/null || { printf 'error: sox is not installed\n' >&2; exit 1; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# tree PART SPEAKER: the recordings of audio/ as chapter 1 of a speaker, with the texts in capitals, as LibriSpeech
# has them.
tree() {
    local part=$1 speaker=$2 number=0 file text
    local folder=$work/LibriSpeech/$part/$speaker/1
    mkdir -p "$folder"
    while IFS=$'\t' read -r file text; do
        local name
        printf -v name '%s-1-%04d' "$speaker" "$number"
        sox "$audio/$file" -r 16000 -c 1 "$folder/$name.flac"
        printf '%s %s\n' "$name" "${text^^}" >>"$folder/$speaker-1.trans.txt"
        number=$((number + 1))
    done < <(sed -E 's/.*"audio_filepath": ?"([^"]*)".*"text": ?"([^"]*)".*/\1\t\2/' "$audio/transcripts.jsonl")
}
speaker=100
for part in train-clean-100 dev-clean dev-other test-clean test-other; do
    tree "$part" "$speaker"
    speaker=$((speaker + 1))
done
"$here/run.sh" "$work/LibriSpeech" "$work/output" --epochs 3 --set network.hidden=32 --set network.layers=2
# Once more: what is there is not made again, and the run is complete.
"$here/run.sh" "$work/LibriSpeech" "$work/output" >/dev/null
printf 'all steps ran\n'
