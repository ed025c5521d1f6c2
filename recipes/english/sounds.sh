#!/usr/bin/env bash
# Makes what is not speech, to be learned as no text at all, and speech with such sound before, under and after it.
#
# Usage:    recipes/english/sounds.sh NOISE SPEECH OUTPUT [COUNT]     (COUNT: 1600, a half of each)
# Example:  recipes/english/sounds.sh ../shared/speech/noise corpora/english/synthetic corpora/english/sounds
# NOISE is the folder of ESC-50 or ESC-10 (all.jsonl; fold 5, which only measures, is left out); SPEECH has a
# manifest.jsonl of FLAC or WAV. OUTPUT gets noise/, those clips at 16 kHz, audio/ and manifest.jsonl. Stopped, it
# goes on where it was.
# Needs sox and opusdec (Debian: sox, opus-tools).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 3)) || { sed -n '2,10p' "${BASH_SOURCE[0]}" >&2; exit 2; }
source "$here/draw.sh"
noise=$1 speech=$2 output=$3 count=${4:-1600}
for tool in sox soxi opusdec; do
    command -v "$tool" >/dev/null || {
        printf 'error: %s is not installed: apt-get install sox opus-tools\n' "$tool" >&2
        exit 1
    }
done
for manifest in "$noise/all.jsonl" "$speech/manifest.jsonl"; do
    [[ -f $manifest ]] || { printf 'error: "%s" is missing\n' "$manifest" >&2; exit 1; }
done
mkdir -p "$output/noise" "$output/audio"
scratch=$(mktemp -d "$output/.scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# field NAME LINE: the text of a field of a row.
field() { sed -E "s/.*\"$1\": \"([^\"]*)\".*/\1/" <<<"$2"; }

# The clips of the folds that may be learned from; ESC names a clip FOLD-SOURCE-TAKE.
clips=()
while read -r row; do
    path=$(field audio_filepath "$row")
    [[ $path =~ _([1-5])-[0-9]+-[A-Z]\. && ${BASH_REMATCH[1]} != 5 ]] || continue
    name=${path##*/}
    clip=$output/noise/${name%.*}.flac
    if [[ ! -e $clip ]]; then
        opusdec --quiet --rate 16000 "$noise/$path" "$scratch/clip.wav"
        sox -R "$scratch/clip.wav" -b 16 -c 1 "$scratch/clip.flac" rate 16000
        mv -f "$scratch/clip.flac" "$clip"
    fi
    clips+=("$clip")
done <"$noise/all.jsonl"

synth() { sox -R -n -r 16000 -b 16 -c 1 "$@"; }

# A tune of some notes on one of sox's waves: sets `tune` to a list of files to be joined.
notes() {
    local waves=(pluck sine triangle square sawtooth pluck pluck) scale=(0 2 4 5 7 9 11 12 14 16) wave length base note
    draw 0 6; wave=${waves[drawn]}
    draw 12 60; hundredths "$drawn"; length=$decimal
    draw -21 3; base=$drawn
    tune=()
    for ((note = 0; note < 8; note++)); do
        draw 0 9
        synth "$scratch/note$note.wav" synth "$length" "$wave" "%$((base + scale[drawn]))" fade 0.01 "$length" 0.05 \
            gain -6
        tune+=("$scratch/note$note.wav")
    done
}

# Sets `made` to a file of sound, about $1 hundredths of a second of it.
sound() {
    made=$scratch/sound.wav
    local length kind colours=(whitenoise pinknoise brownnoise) part=$scratch/part.wav
    hundredths "$1"; length=$decimal
    draw 0 99; kind=$drawn
    if ((kind < 50)); then  # a clip, from somewhere in it, slower or faster
        draw 0 $((${#clips[@]} - 1)); local clip=${clips[drawn]}
        draw 80 125; hundredths "$drawn"; local speed=$decimal
        draw 0 450; hundredths "$drawn"
        sox -R "$clip" "$made" speed "$speed" rate 16000 repeat 6 trim "$decimal" "$length"
    elif ((kind < 65)); then  # steady noise, coloured
        draw 0 2; local colour=${colours[drawn]}
        draw -1200 1200; hundredths "$drawn"; local treble=$decimal
        synth "$made" synth "$length" "$colour" treble "$treble" 2000
    elif ((kind < 70)); then  # hum of the mains with its overtones, and a hiss
        draw 0 1; local hum=$((50 + 10 * drawn))
        synth "$made" synth "$length" sine $hum sine $((2 * hum)) sine $((3 * hum)) pinknoise \
            remix 1v0.6,2v0.3,3v0.2,4v0.1
    elif ((kind < 78)); then  # a chord
        draw -24 6; local base=$drawn
        synth "$made" synth "$length" pluck "%$base" pluck "%$((base + 4))" pluck "%$((base + 7))" \
            pluck "%$((base + 12))" delay 0 0.1 0.2 0.3 remix - repeat 3 trim 0 "$length" gain -3
    elif ((kind < 88)); then
        notes
        sox -R "${tune[@]}" "$made" repeat 9 trim 0 "$length"
    elif ((kind < 94)); then  # drums: short decaying bursts at a beat
        draw 20 60; hundredths "$drawn"; local beat=$decimal
        synth "$part" synth 0.15 whitenoise fade l 0 0.15 0.14 pad 0 "$beat"
        synth "$scratch/low.wav" synth 0.2 sine 120-50 fade l 0 0.2 0.19 pad 0 "$beat"
        sox -R "$part" "$scratch/low.wav" "$made" repeat 30 trim 0 "$length"
    elif ((kind < 97)); then  # clicks
        draw 10 90; hundredths "$drawn"
        synth "$part" synth 0.004 whitenoise pad 0 "$decimal"
        sox -R "$part" "$made" repeat 200 trim 0 "$length"
    else  # one tone
        draw 100 3500
        synth "$made" synth "$length" sine "$drawn"
    fi
}

mapfile -t rows <"$speech/manifest.jsonl"
for ((number = 1; number <= count; number++)); do
    printf -v name '%05d' "$number"
    row=$output/audio/$name.json
    [[ ! -e $row ]] || continue
    state=$((7777777 + number))
    text='' speaker=sound
    if ((number % 2)); then
        draw 100 700; sound "$drawn"
        # From nearly nothing to as loud as may be.
        draw -5500 -100; hundredths "$drawn"
        sox -R "$made" -b 16 "$scratch/result.flac" gain -n "$decimal"
    else
        draw 0 $((${#rows[@]} - 1)); spoken=${rows[drawn]}
        text=$(field text "$spoken") speaker=$(field speaker "$spoken")
        draw 100 300; before=$drawn
        draw 100 300; after=$drawn
        file=$speech/$(field audio_filepath "$spoken")
        length=$(soxi -D "$file")
        length=${length/./}; length=$((10#${length:0:-4} + before + after))
        sound "$length"
        hundredths "$before"; before=$decimal
        hundredths "$after"; after=$decimal
        # The sound lies 6 to 35 dB under the speech, peak by peak.
        draw -3500 -600; hundredths "$drawn"
        sox -R "$made" "$scratch/under.wav" gain -n "$decimal"
        sox -R "$file" "$scratch/over.wav" gain -n -1 pad "$before" "$after"
        draw -1800 -100; hundredths "$drawn"
        sox -R -m -v 1 "$scratch/over.wav" -v 1 "$scratch/under.wav" -b 16 "$scratch/result.flac" gain -n "$decimal"
    fi
    mv -f "$scratch/result.flac" "$output/audio/$name.flac"
    printf '{"audio_filepath": "audio/%s.flac", "duration": %s, "text": "%s", "speaker": "%s"}\n' \
        "$name" "$(soxi -D "$output/audio/$name.flac")" "$text" "$speaker" >"$scratch/row"
    mv -f "$scratch/row" "$row"
done 2>>"$output/sox.log"
"$here/manifest.sh" "$output"
