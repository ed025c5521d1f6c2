#!/usr/bin/env bash
# Makes music-like sounds with sox: some voices of notes, chords or drones, each of a wave of its own, with or without
# drums, in rooms of several sizes. A speech detector learns from them that they are no speech.
#
# Usage:    recipes/english/music.sh OUTPUT [COUNT]      (COUNT: 300 clips of five seconds)
# Example:  recipes/english/music.sh corpora/english/music && utter detector --noise corpora/english/music/manifest.jsonl ...
# The same COUNT gives the same bytes with the same sox. Stopped, it goes on where it was. Needs sox.
set -euo pipefail
export LC_ALL=C
(($# >= 1)) || { sed -n '2,8p' "${BASH_SOURCE[0]}" >&2; exit 2; }
output=$1 count=${2:-300}
command -v sox >/dev/null || { printf 'error: sox is missing: apt-get install sox\n' >&2; exit 1; }
mkdir -p "$output"
scratch=$(mktemp -d "$output/.scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

synth() { sox -D -R -n -r 16000 -b 16 -c 1 "$@"; }
# pick LOW HIGH: sets `picked`; bash's own generator, seeded for each clip, gives 15 bits at a time.
pick() { picked=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); }
# decimal HUNDREDTHS
decimal() { printf -v decimal '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

waves=(sine triangle square sawtooth pluck sine triangle)
scales=('0 2 4 5 7 9 11 12 14 16' '0 2 3 5 7 8 10 12 14 15' '0 3 5 6 7 10 12 15 17 18')

# voice FILE LENGTH: five seconds of notes of LENGTH hundredths, of one wave with its overtones.
voice() {
    local file=$1 length=$2 wave base scale overtones chord attack decay notes=() note tones tone
    pick 0 6; wave=${waves[picked]}
    pick -30 8; base=$picked
    pick 0 2; read -ra scale <<<"${scales[picked]}"
    pick 0 5; overtones=$picked
    pick 0 3; chord=$((picked < 2 ? 1 : picked))
    pick 1 $((length / 4)); decimal "$picked"; attack=$decimal
    pick 3 $((length / 2)); decimal "$picked"; decay=$decimal
    decimal "$length"; local seconds=$decimal
    for ((note = 0; note * length < 500; note++)); do
        tones=()
        for ((tone = 0; tone < chord; tone++)); do
            pick 0 9
            local key=$((base + scale[picked]))
            tones+=("$wave" "%$key")
            # Overtones an octave, a twelfth, two octaves ... above.
            local above=(12 19 24 28 31)
            for ((o = 0; o < overtones; o++)); do tones+=(sine "%$((key + above[o]))"); done
        done
        pick 0 9
        if ((picked == 0)); then
            synth "$scratch/$note.note.wav" trim 0 "$seconds"
        else
            synth "$scratch/$note.note.wav" synth "$seconds" "${tones[@]}" remix - fade h "$attack" "$seconds" "$decay" gain -n -6
        fi
        notes+=("$scratch/$note.note.wav")
    done
    sox -D -R "${notes[@]}" "$file"
}

for ((number = 1; number <= count; number++)); do
    printf -v name 'music-%04d.flac' "$number"
    [[ ! -e $output/$name ]] || continue
    RANDOM=$number
    pick 0 2; voices=$((picked + 1))
    parts=()
    for ((v = 0; v < voices; v++)); do
        pick 0 3
        lengths=(12 25 50 170)
        voice "$scratch/voice$v.wav" "${lengths[picked]}"
        pick 20 100; decimal "$picked"
        parts+=(-v "$decimal" "$scratch/voice$v.wav")
    done
    pick 0 3
    if ((picked == 0)); then
        pick 15 50; decimal "$picked"; beat=$decimal
        synth "$scratch/beat.wav" synth 0.12 whitenoise fade l 0 0.12 0.11 pad 0 "$beat" repeat 30
        parts+=(-v 0.5 "$scratch/beat.wav")
    fi
    pick 0 70; room=$picked
    pick 100 2600; decimal "$picked"; loudness=$decimal
    pick 0 2; effects=(); ((picked == 0)) && effects=(reverb "$room"); pick 0 3; ((picked == 0)) && effects+=(tremolo 6 40)
    if ((${#parts[@]} > 3)); then sox -D -R -m "${parts[@]}" "$scratch/all.wav"; else sox -D -R "${parts[@]}" "$scratch/all.wav"; fi
    sox -D -R "$scratch/all.wav" -b 16 -c 1 "$scratch/done.flac" ${effects[@]+"${effects[@]}"} trim 0 5 gain -n "-$loudness"
    mv -f "$scratch/done.flac" "$output/$name"
done 2>>"$output/sox.log"
for file in "$output"/music-*.flac; do
    printf '{"audio_filepath": "%s", "duration": %s, "text": "", "speaker": "music"}\n' "${file##*/}" "$(soxi -D "$file")"
done >"$scratch/manifest.jsonl"
mv -f "$scratch/manifest.jsonl" "$output/manifest.jsonl"
printf '%s has %d clips\n' "$output" "$(wc -l <"$output/manifest.jsonl")"
