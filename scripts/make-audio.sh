#!/usr/bin/env bash
# Makes the recordings of audio/ and their transcripts, audio/transcripts.jsonl, and some sounds that are no speech,
# audio/sounds.jsonl, with the free synthesisers flite and
# espeak-ng, and sox for rates, channels and formats. No dither and no clock go in, so the same versions of the three
# (audio/README.md names those used) give the same bytes every time. Installs nothing.
#
# Usage:    scripts/make-audio.sh [--check]
#   --check   writes nothing; fails if what it would make differs from what stands in audio/
# Example:  scripts/make-audio.sh && git diff --stat audio
set -euo pipefail
export LC_ALL=C

fail() {
    printf 'error: %s\n' "$1" >&2
    exit "${2:-1}"
}

check=no
case "${1-}" in
    '') ;;
    --check) check=yes ;;
    *) fail "unknown argument '$1'; usage: scripts/make-audio.sh [--check]" 2 ;;
esac

# Each tool, and the Debian or Ubuntu package that has it.
missing=()
for tool in flite:flite espeak-ng:espeak-ng sox:sox; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
done
((${#missing[@]} == 0)) || fail "not installed: ${missing[*]}; on Debian or Ubuntu: sudo apt-get install ${missing[*]}"

audio="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/audio"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
made="$work/made"
mkdir "$made"

# record FILE VOICE SPEED RATE CHANNELS TEXT: speaks TEXT into FILE and adds its line to the manifest.
# VOICE is flite-NAME or espeak-NAME; SPEED is flite's duration stretch or espeak-ng's words a minute.
record() {
    local file=$1 voice=$2 speed=$3 rate=$4 channels=$5 text=$6
    local spoken="$work/spoken.wav" effects=()
    case "$voice" in
        flite-*) flite -voice "${voice#flite-}" --setf duration_stretch="$speed" -t "$text" -o "$spoken" ;;
        espeak-*) espeak-ng -v "${voice#espeak-}" -s "$speed" -w "$spoken" "$text" ;;
        *) fail "no such synthesiser: $voice" ;;
    esac
    # Two channels that differ, as of a speaker who sits to the left.
    [[ $channels == 2 ]] && effects=(remix 1 1v0.6)
    # -D: no dither; -R: the same random numbers in every run, should an effect draw any.
    sox -D -R "$spoken" -b 16 -r "$rate" --comment '' "$made/$file" ${effects[@]+"${effects[@]}"}

    local words
    words="$(printf '%s' "$text" | tr '[:upper:]' '[:lower:]' | tr -d '.,?')"
    printf '{"audio_filepath": "%s", "duration": %.2f, "text": "%s", "speaker": "%s"}\n' \
        "$file" "$(soxi -D "$made/$file")" "$words" "$voice" >>"$made/transcripts.jsonl"
}

#      file                              voice         speed rate  channels text
record turn-on-the-lamp.wav              flite-rms     1.1   16000 1 'Turn on the lamp.'
record play-the-next-song.wav            flite-slt     1.0   16000 1 'Play the next song.'
record remind-me-to-water-the-plants.wav flite-awb     1.0   16000 1 'Remind me to water the plants.'
record turn-to-the-left.flac             flite-rms     1.0   16000 1 'Turn to the left.'
record start-the-timer.wav               espeak-en-us  150   16000 1 'Start the timer.'
record tell-me-the-time.wav              espeak-en-gb  160   22050 1 'Tell me the time.'
record what-time-is-it-telephone.wav     flite-rms     1.05  8000  1 'What time is it?'
record call-me-in-the-morning-stereo.wav flite-slt     1.15  44100 2 'Call me in the morning.'
record ten-seconds.wav                   flite-rms     1.1   16000 1 \
    'I will meet you at the station at nine. The door to the garden was closed. The old man walked along the river. She sat by the fire and read the letter.'

# sound FILE EFFECTS...: makes two seconds of something that nobody says, and adds its line to the manifest of sounds.
sound() {
    local file=$1
    shift
    sox -D -R -n -r 16000 -b 16 -c 1 --comment '' "$made/$file" "$@" trim 0 2 fade 0.02 2 0.1 gain -n -6
    printf '{"audio_filepath": "%s", "duration": %.2f, "text": ""}\n' \
        "$file" "$(soxi -D "$made/$file")" >>"$made/sounds.jsonl"
}

sound sound-hum.flac synth 2 sine 50 sine mix 100 sine mix 150
sound sound-rain.flac synth 2 pinknoise tremolo 7 30 highpass 800
sound sound-whistle.flac synth 2 sine 900-2200
sound sound-string.flac synth 2 pluck E3
sound sound-chord.flac synth 2 triangle C4 triangle mix E4 triangle mix G4 tremolo 5 40
sound sound-knocks.flac synth 0.05 brownnoise fade 0 0.05 0.04 pad 0 0.35 repeat 6

if [[ $check == yes ]]; then
    for file in "$made"/*; do
        cmp -s "$file" "$audio/${file##*/}" ||
            fail "audio/${file##*/} differs from what this machine's synthesisers make, or is missing; make it again with scripts/make-audio.sh"
    done
    printf 'audio/ is as made here: %s recordings\n' "$(wc -l <"$made/transcripts.jsonl")"
else
    mkdir -p "$audio"
    mv "$made"/* "$audio/"
    printf 'wrote %s recordings and transcripts.jsonl to audio/\n' "$(wc -l <"$audio/transcripts.jsonl")"
fi
