#!/usr/bin/env bash
# Finds what was read from books: takes what a model heard in each recording, looks for the passage of the books that is
# most like it, and keeps its words as the transcript where it is like enough. What is found was written by the author,
# not by the model, so the model's mistakes are not learned again.
#
# Usage:    recipes/english/find-texts.sh HEARD BOOKS OUTPUT [SHARE]     (SHARE: 0.45)
# Example:  recipes/english/find-texts.sh output/heard.jsonl ../shared/text/novels.txt.xz output/corpora/english/found
# HEARD has lines of JSON as `utter transcribe --format json` writes them; BOOKS is lines of normalised text, perhaps
# packed with xz. A passage is kept where at most SHARE of the characters differ from what was heard. OUTPUT gets
# manifest.jsonl, whose field "differs" says how many do.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(($# >= 3)) || { sed -n '2,11p' "${BASH_SOURCE[0]}" >&2; exit 2; }
heard=$1 books=$2 output=$3 share=${4:-0.45}
for file in "$heard" "$books"; do
    [[ -f $file ]] || { printf 'error: "%s" is missing\n' "$file" >&2; exit 1; }
done
mkdir -p "$output"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A number, a path, a duration and a text for each recording; keys are in the order of the alphabet.
sed -nE 's/.*"duration":([0-9.]+).*"file":"([^"\\]*)".*"text":"([^"\\]*)".*/\2\t\1\t\3/p' "$heard" >"$scratch/heard"

# How often each word, and each two and three in a row, that was heard stands in the books.
xz -dcf "$books" | awk -F'\t' -v heard="$scratch/heard" '
    BEGIN {
        while ((getline line <heard) > 0) {
            split(line, field, "\t")
            words = split(field[3], word, " ")
            for (i = 1; i <= words; i++) {
                wanted[word[i]]
                if (i > 1) wanted[word[i - 1] " " word[i]]
                if (i > 2) wanted[word[i - 2] " " word[i - 1] " " word[i]]
            }
        }
    }
    {
        words = split($0, word, " ")
        for (i = 1; i <= words; i++) {
            two = one " " word[i]
            three = before " " two
            if (word[i] in wanted) count[word[i]]++
            if (two in wanted) count[two]++
            if (three in wanted) count[three]++
            before = one; one = word[i]
        }
        all += words
    }
    END { for (gram in count) printf "%s\t%d\t%d\n", gram, count[gram], all }
' >"$scratch/counts"

# The stretch of the books with the most of what was heard, the rarer the more it counts: in stretches of 64 words that
# overlap by half.
xz -dcf "$books" | awk -F'\t' -v heard="$scratch/heard" -v counts="$scratch/counts" '
    function close_stretch(series,    i, u) {
        for (i = 1; i <= met[series]; i++) {
            u = list[series, i]
            if (score[series, u] > best[u]) { best[u] = score[series, u]; place[u] = begun[series] }
            delete score[series, u]
        }
        met[series] = 0
        begun[series] = position
    }
    function hit(gram,    k, n, u, who, series) {
        n = split(owners[gram], who, " ")
        for (series = 0; series < 2; series++)
            for (k = 1; k <= n; k++) {
                u = who[k]
                if (!((series, u) in score)) list[series, ++met[series]] = u
                score[series, u] += weight[gram]
            }
    }
    function own(gram, u) {
        if (gram in weight && last[gram] != u) { owners[gram] = owners[gram] " " u; last[gram] = u }
    }
    BEGIN {
        while ((getline line <counts) > 0) {
            split(line, field, "\t")
            # What stands everywhere says nothing of the place.
            if (field[2] < 3000) weight[field[1]] = log(field[3] / field[2]) - 8
        }
        while ((getline line <heard) > 0) {
            recordings++
            split(line, field, "\t")
            words = split(field[3], word, " ")
            for (i = 1; i <= words; i++) {
                own(word[i], recordings)
                if (i > 1) own(word[i - 1] " " word[i], recordings)
                if (i > 2) own(word[i - 2] " " word[i - 1] " " word[i], recordings)
            }
        }
        begun[1] = 32
    }
    {
        words = split($0, word, " ")
        for (i = 1; i <= words; i++) {
            if (position % 64 == 0) close_stretch(0)
            if (position % 64 == 32) close_stretch(1)
            two = one " " word[i]
            three = before " " two
            if (word[i] in owners) hit(word[i])
            if (two in owners) hit(two)
            if (three in owners) hit(three)
            before = one; one = word[i]
            position++
        }
    }
    END {
        close_stretch(0); close_stretch(1)
        for (u = 1; u <= recordings; u++) printf "%d\t%d\n", u, place[u]
    }
' >"$scratch/places"

# The words around each place.
xz -dcf "$books" | awk -F'\t' -v places="$scratch/places" -v around=64 '
    BEGIN {
        while ((getline line <places) > 0) {
            split(line, field, "\t")
            first = field[2] - around
            if (first < 0) first = 0
            starting[first] = starting[first] " " field[1]
        }
    }
    {
        words = split($0, word, " ")
        for (i = 1; i <= words; i++) {
            if (position in starting) {
                n = split(starting[position], new, " ")
                for (k = 1; k <= n; k++) left[new[k]] = 64 + 2 * around
            }
            for (u in left) {
                text[u] = text[u] " " word[i]
                if (--left[u] == 0) delete left[u]
            }
            position++
        }
    }
    END { for (u in text) printf "%d\t%s\n", u, substr(text[u], 2) }
' >"$scratch/around"

# The passage in them with the fewest edits, character by character; it begins and ends where words do.
awk -F'\t' -v around="$scratch/around" -v share="$share" '
    BEGIN { while ((getline line <around) > 0) { split(line, field, "\t"); book[field[1]] = field[2] } }
    {
        file = $1; duration = $2; heard = $3
        n = split(heard, a, ""); m = split(book[NR], b, "")
        # Row by row over what was heard; from[j] is where the passage begins.
        for (j = 0; j <= m; j++) { cost[j] = 0; from[j] = j }
        for (i = 1; i <= n; i++) {
            corner = cost[0]; start = from[0]
            cost[0] = i
            for (j = 1; j <= m; j++) {
                least = corner + (a[i] != b[j]); begin = start
                corner = cost[j]; start = from[j]
                if (corner + 1 < least) { least = corner + 1; begin = start }
                if (cost[j - 1] + 1 < least) { least = cost[j - 1] + 1; begin = from[j - 1] }
                cost[j] = least; from[j] = begin
            }
        }
        least = n + 1
        for (j = 1; j <= m; j++)
            if ((j == m || b[j + 1] == " ") && cost[j] < least) { least = cost[j]; end = j }
        begin = from[end] + 1
        # To the start of the word.
        while (begin > 1 && b[begin - 1] != " ") begin--
        passage = substr(book[NR], begin, end - begin + 1)
        gsub(/^ +| +$/, "", passage)
        all++
        differs = n ? least / n : 1
        # Of a few words there is always something like them.
        if (n < 60 || differs > share) next
        kept++
        row = "{\"audio_filepath\": \"%s\", \"duration\": %s, \"text\": \"%s\", \"speaker\": \"found\", \"differs\": %.3f}\n"
        printf row, file, duration, passage, differs
    }
    END { printf "%d of %d recordings were found in the books\n", kept, all >"/dev/stderr" }
' "$scratch/heard" >"$output/manifest.partial"
mv -f "$output/manifest.partial" "$output/manifest.jsonl"
