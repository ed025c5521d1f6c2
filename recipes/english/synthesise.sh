#!/usr/bin/env bash
# Speaks sentences with free synthesisers, each with another voice, rate, pitch and sound. Stopped, it goes on where
# it was.
#
# Usage:    recipes/english/synthesise.sh PROMPTS OUTPUT [LAST] [WORKERS]     (LAST: all of them; WORKERS: 2)
# Example:  recipes/english/synthesise.sh ../shared/text/prompts.tsv.xz corpora/english
# PROMPTS has a sentence a line: as it is written, a tab, as it is said (a-z, apostrophe, space). It may be packed
# with xz. OUTPUT gets audio/NN/NNNNN.flac, 16 kHz, and manifest.jsonl. All that varies is drawn from the sentence's
# number.
# Needs flite, espeak-ng, festival (festvox-kallpc16k, festvox-kdlpc16k) and sox.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 2)) || { sed -n '2,10p' "${BASH_SOURCE[0]}" >&2; exit 2; }
source "$here/draw.sh"
prompts=$1 output=$2 last=${3:-1000000000} workers=${4:-2}
for tool in flite espeak-ng text2wave sox soxi; do
    command -v "$tool" >/dev/null || {
        printf 'error: %s is not installed: apt-get install flite %s\n' "$tool" \
            'espeak-ng festival festvox-kallpc16k festvox-kdlpc16k sox' >&2
        exit 1
    }
done
[[ -f $prompts ]] || { printf 'error: "%s" is missing\n' "$prompts" >&2; exit 1; }
mkdir -p "$output/audio"

# Accents and variants of espeak-ng that sound like a person; whispers, robots and the like are left out.
accents=(en-us en-us en-us en-gb en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd en-us-nyc en-029)
variants=(Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike Storm
    adam anika antonio aunty belinda benjamin boris caleb david ed edward edward2 f1 f2 f3 f4 f5 grandma grandpa gustave
    iven
    iven2 iven3 john linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy rob robert
    sandro shelby steph steph2 steph3 travis victor zac klatt klatt2 klatt3)

# speak NUMBER WRITTEN SAID: one utterance. The row of the manifest is written last, and says that the sound is whole.
# Where it fails, the next sentence is spoken and a later run tries this one again.
speak() {
    local number=$1 written=$2 said=$3 name voice lowest=84 highest=119
    printf -v name '%02d/%05d' $((number / 1000)) "$number"
    local sound=$output/audio/$name.flac row=$output/audio/$name.json raw=$scratch/raw.wav
    [[ ! -e $row ]] || return 0
    state=$number
    draw 0 99; local kind=$drawn
    draw 75 130; hundredths "$drawn"; local stretch=$decimal
    draw -30 30; local pitch=$drawn
    rm -f "$raw"
    mkdir -p "${sound%/*}"
    if ((kind < 54)); then
        local base=100
        if ((kind < 16)); then voice=awb base=120
        elif ((kind < 32)); then voice=rms
        elif ((kind < 48)); then voice=slt base=180 highest=110
        else voice=kal16 base=110; fi
        flite -voice "$voice" --setf duration_stretch="$stretch" \
            --setf int_f0_target_mean=$((base * (100 + pitch) / 100)) -t "$written" -o "$raw" </dev/null || return 1
        voice=flite-$voice
    elif ((kind < 66)); then
        voice=ked
        ((kind < 63)) || voice=kal
        printf '%s\n' "$written" >"$scratch/text"
        draw 8 30
        text2wave "$scratch/text" -o "$raw" -eval "(voice_${voice}_diphone)" \
            -eval "(Parameter.set 'Duration_Stretch $stretch)" \
            -eval "(set! int_lr_params '((target_f0_mean $((110 * (100 + pitch) / 100))) (target_f0_std $drawn)
                (model_f0_mean 170) (model_f0_std 34)))" </dev/null || return 1
        voice=festival-$voice
    else
        draw 0 $((${#accents[@]} - 1)); local accent=${accents[drawn]}
        draw 0 $((${#variants[@]} - 1)); voice=$accent+${variants[drawn]}
        draw 125 200
        espeak-ng -v "$voice" -s "$drawn" -p $((50 + pitch)) -w "$raw" -- "$written" </dev/null || return 1
        voice=espeak-$voice lowest=90 highest=112
    fi
    # Played faster with the rate put right again: pitch and formants move as with another vocal tract.
    draw "$lowest" "$highest"; local speed=$drawn
    hundredths $((10000 / speed)); local tempo=$decimal
    hundredths "$speed"; speed=$decimal
    draw -600 600; hundredths "$drawn"; local bass=$decimal
    draw -800 600; hundredths "$drawn"; local treble=$decimal
    draw -1800 -100; hundredths "$drawn"; local level=$decimal
    draw 0 35; hundredths "$drawn"; local before=$decimal
    draw 0 35; hundredths "$drawn"; local after=$decimal
    sox -R "$raw" -b 16 -c 1 "$scratch/sound.flac" gain -6 speed "$speed" rate 16000 tempo -s "$tempo" \
        bass "$bass" 250 treble "$treble" 3000 pad "$before" "$after" gain -n "$level" 2>>"$output/sox.log" || return 1
    mv -f "$scratch/sound.flac" "$sound" || return 1
    printf '{"audio_filepath": "audio/%s.flac", "duration": %s, "text": "%s", "speaker": "%s"}\n' \
        "$name" "$(soxi -D "$sound")" "$said" "$voice" >"$scratch/row"
    mv -f "$scratch/row" "$row"
}

# A sentence that ends at an abbreviation or has one inside is not said as it is written down; it is left out.
unsure="(^|[ ])(mr|mrs|dr|st|th|esq|etc|messrs|co|jr|[b-hj-np-z])( |$)"
work() {
    local worker=$1 number=0 written said
    scratch=$(mktemp -d "$output/.scratch.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    while IFS=$'\t' read -r written said; do
        number=$((number + 1))
        ((number <= last)) || break
        ((number % workers == worker)) || continue
        [[ $said =~ ^[a-z\'\ ]+$ && ! $said =~ $unsure ]] || continue
        speak "$number" "$written" "$said" || printf 'warning: sentence %d was not spoken\n' "$number" >&2
        ((number / workers % 200)) || printf '%s: worker %d at sentence %d\n' "$(date +%T)" "$worker" "$number" >&2
    done < <(xz -dcf "$prompts")
}

pids=()
for ((worker = 0; worker < workers; worker++)); do
    work "$worker" &
    pids+=($!)
done
trap 'kill "${pids[@]}" 2>/dev/null || true' INT TERM
for pid in "${pids[@]}"; do wait "$pid"; done
"$here/manifest.sh" "$output"
