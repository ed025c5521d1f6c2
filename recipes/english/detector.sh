#!/usr/bin/env bash
# Teaches the English model which sounds are no speech: the environmental sounds of ESC, sounds and music made by sox,
# against speech of several corpora.
#
# Usage:    recipes/english/detector.sh SPEECH MODEL OUTPUT
# Example:  recipes/english/detector.sh ../shared/speech models/english-small.safetensors taught.safetensors
# SPEECH is a folder with the sets noise, speechocean762, an4, ljspeech, wakeword, mycroft, librispeech_unlabelled, vctk and
# commands, of which the train lists are used. The clips of ESC's fold 5 are left out: they measure. What is made lies in
# corpora/english; stopped, it goes on where it was.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# == 3)) || { sed -n '2,9p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$(cd "$1" && pwd) model=$2 output=$3
utter=${UTTER:-.build/release/utter} made=corpora/english
mkdir -p "$made"
"$here/music.sh" "$made/music" 300

# rows MANIFEST COUNT: so many of its rows, evenly spread, with paths that hold from anywhere.
rows() {
    local folder=$speech/${1%/*} lines
    lines=$(wc -l <"$speech/$1")
    awk -v every=$((lines / $2 > 1 ? lines / $2 : 1)) -v most="$2" 'NR % every == 1 % every && n++ < most' "$speech/$1" |
        sed "s|\"audio_filepath\": \"|&$folder/|"
}
{
    rows speechocean762/train.jsonl 500
    rows an4/train.jsonl 300
    rows ljspeech/train.jsonl 100
    rows wakeword/train.jsonl 250
    rows mycroft/train.jsonl 250
    rows librispeech_unlabelled/train.jsonl 200
    rows vctk/train.jsonl 150
    rows commands/train.jsonl 150
} >"$made/detector-speech.jsonl"
rows noise/all.jsonl 1000000 | grep -v '_5-[0-9]*-[A-Z]\.' >"$made/detector-noise.jsonl"
noise=(--noise "$made/detector-noise.jsonl" --noise "$made/music/manifest.jsonl")
# The sounds of sounds.sh, if they are there: those in which nobody speaks.
if [[ -f $made/sounds/manifest.jsonl ]]; then
    grep '"text": ""' "$made/sounds/manifest.jsonl" | sed "s|\"audio_filepath\": \"|&$PWD/$made/sounds/|" |
        head -n 600 >"$made/detector-sounds.jsonl"
    noise+=(--noise "$made/detector-sounds.jsonl")
fi
"$utter" detector --model "$model" --speech "$made/detector-speech.jsonl" "${noise[@]}" --output "$output"
