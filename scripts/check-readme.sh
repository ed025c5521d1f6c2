#!/usr/bin/env bash
# Runs the commands that README.md shows, as they are written, so that they stay true. Each block fenced as ```sh is one
# run of `bash -euo pipefail` in the root of this checkout; blocks fenced otherwise (```console, ```text) are not run.
# A block under the line `<!-- not run by CI: REASON -->` is skipped. The first command that fails stops the check.
#
# Usage:    scripts/check-readme.sh [--only PATTERN] [--except PATTERN] [DOCUMENT.md ...]
#   --only     run only the blocks whose text matches this pattern (grep -E)
#   --except   leave those out
#   DOCUMENT   further documents to check after README.md, from the root of the checkout
# Example:  scripts/check-readme.sh --except 'swift test' docs/training.md
set -euo pipefail

usage='usage: scripts/check-readme.sh [--only PATTERN] [--except PATTERN] [DOCUMENT.md ...]'
fail() {
    printf 'error: %s\n' "$1" >&2
    exit "${2:-1}"
}

only='' except='' documents=(README.md)
while (($# > 0)); do
    case "$1" in
        --only | --except)
            [[ -n ${2-} ]] || fail "$1 wants a pattern; $usage" 2
            if [[ $1 == --only ]]; then only=$2; else except=$2; fi
            shift
            ;;
        -*) fail "unknown option '$1'; $usage" 2 ;;
        *) documents+=("$1") ;;
    esac
    shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
ran=0

# True where TEXT is one or more whole commands, false where a command goes on in the next line.
is_complete() {
    [[ $1 != *\\ && -z $(bash -n <<<"$1" 2>&1) ]]
}

# add_command LINE TEXT: appends to the block's script what notes the line, shows the command, and is the command.
add_command() {
    local shown="\$ ${2//$'\n'/$'\n'  }"
    [[ $2 == \#* ]] && shown=$2
    printf 'printf %%s %d >%q\nprintf "%%s\\n" %q\n%s\n' "$1" "$work/line" "$shown" "$2" >>"$work/block.sh"
}

# run_block DOCUMENT FIRST_LINE TEXT
run_block() {
    local document=$1 first=$2 text=$3 number=$2 start=$2 command='' line status=0
    : >"$work/block.sh"
    while IFS= read -r line; do
        if [[ -z $command && $line =~ ^[[:space:]]*$ ]]; then
            number=$((number + 1))
            continue
        fi
        [[ -n $command ]] || start=$number
        command+="${command:+$'\n'}$line"
        number=$((number + 1))
        if is_complete "$command"; then
            add_command "$start" "$command"
            command=''
        fi
    done <<<"$text"
    [[ -z $command ]] || add_command "$start" "$command"

    printf '%s:%d\n' "$document" "$first"
    printf '%d' "$first" >"$work/line"
    bash -euo pipefail "$work/block.sh" </dev/null 2>&1 || status=$?
    if ((status != 0)); then
        line="$(<"$work/line")"
        fail "$document:$line: exit status $status from: $(sed -n "${line}s/^[[:space:]]*//p" "$document")"
    fi
    ran=$((ran + 1))
}

# consider DOCUMENT FIRST_LINE TEXT REASON: runs the block unless the patterns or its REASON leave it out.
consider() {
    [[ -z $only ]] || grep -Eq -- "$only" <<<"$3" || return 0
    [[ -z $except ]] || ! grep -Eq -- "$except" <<<"$3" || return 0
    if [[ -n $4 ]]; then
        printf '%s:%d: skipped: %s\n' "$1" "$2" "$4"
    else
        run_block "$1" "$2" "$3"
    fi
}

check_document() {
    local document=$1 line number=0 previous='' fence='' indent='' language='' text='' first=0 reason=''
    [[ -r $document ]] || fail "$document: no such document in $PWD"
    # The document is read before anything is run: a command may write into it.
    local lines=()
    while IFS= read -r line || [[ -n $line ]]; do lines+=("${line%$'\r'}"); done <"$document"

    for line in ${lines[@]+"${lines[@]}"}; do
        number=$((number + 1))
        if [[ -z $fence ]]; then
            if [[ $line =~ ^([[:space:]]*)(\`\`\`+)[[:space:]]*([^[:space:]\`]*) ]]; then
                indent=${BASH_REMATCH[1]} fence=${BASH_REMATCH[2]} language=${BASH_REMATCH[3]}
                text='' first=$((number + 1)) reason=''
                [[ $previous =~ \<\!--\ *not\ run\ by\ CI:\ *(.*[^ ])\ *--\> ]] && reason=${BASH_REMATCH[1]}
            fi
        elif [[ $line =~ ^[[:space:]]*"$fence"\`*[[:space:]]*$ ]]; then
            fence=''
            [[ $language != sh ]] || consider "$document" "$first" "$text" "$reason"
        else
            text+="${line#"$indent"}"$'\n'
        fi
        previous=$line
    done
    [[ -z $fence ]] || fail "$document:$((first - 1)): this fenced block is never closed"
}

for document in "${documents[@]}"; do check_document "$document"; done
[[ -z $only ]] || ((ran > 0)) || fail "no block that is run matches '$only' in: ${documents[*]}"
printf 'blocks run: %d, of %s\n' "$ran" "${documents[*]}"
