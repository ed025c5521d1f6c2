#!/usr/bin/env bash
# Fetches the public repositories that the English recipe learns from, and lays them out as SPEECH.
#
# Usage:    recipes/english/collect.sh [--dry-run] SPEECH [SET...]
# Example:  recipes/english/collect.sh speech && recipes/english/run.sh speech text
# SPEECH gets repositories/, as fetched, and a folder a set: train.jsonl and, where `dev-readers` names some of its
# speakers, dev.jsonl; SOURCE.txt says where it is from. Recordings stay in repositories/. What is there already is passed over.
# Recordings without text (librispeech_unlabelled, vctk, commands) are labelled by label.py, which takes hours; PYTHON names the
# Python that has its packages. --dry-run prints what would be done. Read the licence of each repository before you ship a model.
#
# Needs git and sox (soxi). It was written from the names of the files in these repositories and has not met all of them: one
# that is laid out otherwise gives an empty set, and a warning.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dry=no
if [[ ${1-} == --dry-run ]]; then dry=yes; shift; fi
(($# >= 1)) || { sed -n '2,12p' "${BASH_SOURCE[0]}" >&2; exit 2; }
speech=$1
shift
only=" $* "
python=${PYTHON:-python3}
for tool in git soxi; do
    command -v "$tool" >/dev/null || { printf 'error: %s is missing: apt-get install git sox\n' "$tool" >&2; exit 1; }
done

# The sets: name, repository, commit, folder in it, licence.
sets='speechocean762 jimbozhang/speechocean762 613968e3b0b789fc33936fb5eba1973176ba7d11 . Apache-2.0
an4 adagioNeo/VoiceInterpreter e750b5ef6fcc9b6ea8b63159297d89225aaab296 an4 BSD-2-Clause
ljspeech PrernaSocity/lj_speech_dataset_part_1 328134a60409b5d1060f411fde6fa0eb20b22150 . public-domain
ljtexts PhilippMatthes/dc_tts 5f20e75 LJSpeech-1.1 Apache-2.0
fsdd Jakobovski/free-spoken-digit-dataset 26eb9aaf76e81b692f806f9140c2d2777410d7a1 recordings CC-BY-SA-4.0
wakeword Picovoice/wake-word-benchmark 84919190fb1891bf0936dcb577d9268e467f876f audio Apache-2.0
mycroft MycroftAI/Precise-Community-Data 4854e39b7f8c0e14d387d4e135aa10486f5158bf . public-domain
commands Picovoice/speech-to-intent-benchmark 47b1ca6 data/speech/clean Apache-2.0
robotutor XPRIZE/GLEXP-Team-RoboTutor-EnglishAssets 8819c18 . CC-BY-4.0
vctk microsoft/MS-SNSD master clean_train CC-BY-4.0-and-ODbL-1.0
librispeech_unlabelled resemble-ai/Resemblyzer 15d828edebe06bc72b9cabc8ef8ca5ab2cb457ce audio_data/librispeech_train-clean-100 CC-BY-4.0
librispeech_readers Walleclipse/Deep_Speaker-speaker_recognition_system b975516 audio CC-BY-4.0
noise karoldvl/ESC-10 553c8f1 . CC-BY-3.0'

say() { printf '%s\n' "$*" >&2; }

# fetch REPOSITORY COMMIT FOLDER: that commit alone where the server gives it, else all of the history.
fetch() {
    local url=https://github.com/$1.git
    if [[ $dry == yes ]]; then
        printf 'git clone %s %s && git -C %s checkout %s\n' "$url" "$3" "$3" "$2"
        return
    fi
    [[ ! -e $3/.fetched ]] || return 0
    say "fetching $1 at $2"
    if ((${#2} == 40)); then
        git init -q "$3"
        git -C "$3" fetch -q --depth 1 "$url" "$2" && git -C "$3" checkout -q FETCH_HEAD && touch "$3/.fetched" && return
        rm -rf "$3"
    fi
    rm -rf "$3"
    git clone -q "$url" "$3"
    git -C "$3" checkout -q "$2"
    touch "$3/.fetched"
}

# Lower case, a-z, apostrophe and space.
plain() { tr '[:upper:]_-' '[:lower:]  ' | sed -E "s/[^a-z' ]//g; s/ +/ /g; s/^ //; s/ $//"; }
audio() { find "$1" -type f \( -iname '*.wav' -o -iname '*.flac' -o -iname '*.mp3' -o -iname '*.ogg' -o -iname '*.sph' \) | sort; }
# join_texts FOLDER TABLE: recordings whose name without ending stands in TABLE (name, tab, text), as path, tab, text.
join_texts() {
    audio "$1" | awk -F'\t' -v table="$2" '
        BEGIN { while ((getline line <table) > 0) { split(line, field, "\t"); text[field[1]] = field[2] } }
        { name = $0; sub(/.*\//, "", name); sub(/\.[^.]*$/, "", name); if (name in text) print $0 "\t" text[name] }'
}

# rows SET FOLDER: a line for each recording: path, speaker, text; no text where the teacher is to hear it.
rows() {
    local path name table=$scratch/table
    case $1 in
        speechocean762)
            cat "$2"/train/text "$2"/test/text | sed -E 's/[[:space:]]+/\t/' >"$table"
            join_texts "$2/WAVE" "$table" |
                awk -F'\t' '{ name = $1; sub(/.*\//, "", name); print $1 "\tso" substr(name, 2, 4) "\t" $2 }' ;;
        an4)
            sed -nE 's/^(<s> )?(.*)( <\/s>)? \(([^)]*)\)$/\4\t\2/p' "$2"/etc/an4_train.transcription |
                sed 's/ *<\/s>//' >"$table"
            join_texts "$2" "$table" | awk -F'\t' '{ split($1, part, "-"); print $1 "\tan4-" part[length(part) - 1] "\t" $2 }' ;;
        ljspeech | ljtexts)
            find "$2" -name '*.csv' -exec cat {} + | awk -F'|' 'NF >= 2 { print $1 "\t" ($3 != "" ? $3 : $2) }' >"$table"
            join_texts "$2" "$table" | awk -F'\t' -v who="${1/ljspeech/lj}" '{ print $1 "\t" who "\t" $2 }' ;;
        fsdd)
            audio "$2" | awk -F/ 'BEGIN { split("one two three four five six seven eight nine", said, " "); said[0] = "zero" }
                { split($NF, part, "_"); if (part[3] + 0 > 4) print $0 "\tfsdd-" part[2] "\t" said[part[1] + 0] }' ;;
        wakeword) audio "$2" | awk -F/ '{ print $0 "\tpvww-unknown\t" $(NF - 1) }' ;;
        mycroft)
            audio "$2" | grep -v -i 'not-wake' | awk -F/ '{ name = $(NF - 1); sub(/^hey-?/, "hey ", name)
                print $0 "\tmycroft-unknown\t" name }' ;;
        robotutor)
            audio "$2" | while IFS= read -r path; do
                name=${path##*/}
                printf '%s\trobotutor\t%s\n' "$path" "${name%.*}"
            done | awk -F'\t' 'split($3, word, /[ _-]+/) >= 3' ;;
        librispeech_readers)
            find "$2" -name '*.trans.txt' -exec cat {} + | sed -E 's/ /\t/' >"$table"
            join_texts "$2" "$table" | awk -F'\t' '{ n = split($1, part, "/"); split(part[n], who, "-"); print $1 "\tls" who[1] "\t" $2 }' ;;
        librispeech_unlabelled) audio "$2" | awk -F/ '{ split($NF, who, "-"); print $0 "\tls" who[1] "\t" }' ;;
        noise) audio "$2" | awk '{ print $0 "\tnoise\t" }' ;;
        *) audio "$2" | awk -v who="$1" '{ print $0 "\t" who "\t" }' ;;
    esac
}

# lay_out SET FOLDER OUTPUT: the manifests.
lay_out() {
    local list=train
    [[ $1 != noise && $1 != librispeech_unlabelled && $1 != vctk && $1 != commands ]] || list=all
    rows "$1" "$2" | while IFS=$'\t' read -r path speaker text; do
        printf '{"audio_filepath": "%s", "duration": %s, "text": "%s", "speaker": "%s"}\n' \
            "$path" "$(soxi -D "$path")" "$(plain <<<"$text")" "$speaker"
    done >"$scratch/rows"
    [[ -s $scratch/rows ]] || { say "warning: $1: no recording was found in $2; its layout is another"; return 0; }
    mv -f "$scratch/rows" "$3/$list.jsonl"
    [[ $list == train || $1 == noise ]] || {
        "$python" "$here/label.py" "$3/all.jsonl" "$3/teacher"
        cp "$3/teacher/manifest.jsonl" "$3/train.jsonl"
    }
    [[ $1 != noise ]] || return 0
    # The speakers, or the clips, that measure.
    awk -v set="$1" '$1 == set { for (i = 2; i <= NF; i++) print $i }' "$here/dev-readers" | sed -E 's/.*/["\/]&["_.]/' >"$scratch/dev"
    if [[ -s $scratch/dev ]]; then
        grep -E -f "$scratch/dev" "$3/train.jsonl" >"$3/dev.jsonl" || true
        grep -v -E -f "$scratch/dev" "$3/train.jsonl" >"$scratch/train" || true
        mv -f "$scratch/train" "$3/train.jsonl"
    fi
    wc -l "$3"/*.jsonl >&2
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[[ $dry == yes ]] || { mkdir -p "$speech/repositories"; speech=$(realpath "$speech"); }
while read -r name repository commit folder licence; do
    [[ $only == *[!\ ]* && $only != *" $name "* ]] && continue
    clone=$speech/repositories/${repository##*/}
    fetch "$repository" "$commit" "$clone"
    if [[ $dry == yes ]]; then
        printf '  %s: recordings of %s/%s, %s\n' "$name" "$clone" "$folder" "$licence"
        continue
    fi
    [[ ! -e $speech/$name/train.jsonl && ! ($name == noise && -e $speech/noise/all.jsonl) ]] || continue
    mkdir -p "$speech/$name"
    printf '%s %s %s/. Licence as far as known: %s.\n' "$repository" "$commit" "$folder" "$licence" >"$speech/$name/SOURCE.txt"
    case $name in
        vctk | commands | librispeech_unlabelled) echo 'Text: Whisper base (MIT), by label.py.' >>"$speech/$name/SOURCE.txt" ;;
    esac
    lay_out "$name" "$clone/$folder" "$speech/$name"
done <<<"$sets"
