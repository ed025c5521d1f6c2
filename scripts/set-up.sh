#!/usr/bin/env bash
# Installs what Utter is built on and is missing here: pkg-config, libsndfile, libmpg123, FFTW, OpenBLAS, libsoxr, Cairo and SQLite. By
# apt on Debian and Ubuntu (with sudo when not root), by Homebrew on macOS. Where all is there it changes nothing and asks
# for nothing. Swift itself, 6.1 or newer, it looks for but does not install.
#
# Usage:    scripts/set-up.sh
# Example:  scripts/set-up.sh && swift build -c release
set -euo pipefail

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

swift_is_new_enough() {
    local banner
    command -v swift >/dev/null || return 1
    banner="$(swift --version 2>&1)" || return 1
    [[ $banner =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] &&
        ((BASH_REMATCH[1] > 6 || BASH_REMATCH[1] == 6 && BASH_REMATCH[2] >= 1))
}

# pkg-config's name of each library: its package for apt, its formula for Homebrew.
libraries=(
    sndfile:libsndfile1-dev:libsndfile
    libmpg123:libmpg123-dev:mpg123
    fftw3f:libfftw3-dev:fftw
    openblas:libopenblas-dev:openblas
    soxr:libsoxr-dev:libsoxr
    cairo:libcairo2-dev:cairo
    sqlite3:libsqlite3-dev:sqlite
)

# The names of what is missing, in one line, as apt (field 2) or Homebrew (field 3) knows them.
missing() {
    local field=$1 tool=$2 library
    command -v pkg-config >/dev/null || printf '%s ' "$tool"
    for library in "${libraries[@]}"; do
        pkg-config --exists "${library%%:*}" 2>/dev/null || printf '%s ' "$(cut -d: -f"$field" <<<"$library")"
    done
}

# quietly COMMAND...: its output is shown, the last lines alone, only when it fails.
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
quietly() {
    if ! "$@" >>"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "this failed, its last lines are above: $*"
    fi
}

install_by_apt() {
    local as_root=()
    if (($(id -u) != 0)); then
        command -v sudo >/dev/null || fail "not root and no sudo here; as root: apt-get install $*"
        as_root=(sudo)
    fi
    local apt=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    printf 'installing by apt: %s\n' "$*"
    # A third party's list that is out of reach need not stop us: what matters is whether the install succeeds.
    "${apt[@]}" update >>"$log" 2>&1 || true
    quietly "${apt[@]}" install -y --no-install-recommends "$@"
}

install_by_brew() {
    command -v brew >/dev/null || fail "Homebrew is missing (https://brew.sh); then: brew install $*"
    printf 'installing by Homebrew: %s\n' "$*"
    quietly brew install --quiet "$@"
}

swift_is_new_enough || fail "Swift 6.1 or newer is needed and not on the PATH; get it at https://www.swift.org/install/"

case "$(uname -s)" in
    Darwin)
        # Homebrew keeps OpenBLAS out of pkg-config's own path, macOS having a BLAS; SwiftPM looks where this looks.
        if command -v brew >/dev/null; then
            PKG_CONFIG_PATH="$(brew --prefix)/opt/openblas/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
            export PKG_CONFIG_PATH
        fi
        field=3 tool=pkgconf install=install_by_brew
        ;;
    Linux)
        field=2 tool=pkg-config install=install_by_apt
        ;;
    *) fail "Utter is built on Linux and macOS; this is $(uname -s)" ;;
esac

read -r -a packages <<<"$(missing "$field" "$tool")"
if ((${#packages[@]} == 0)); then
    printf 'set-up: nothing to install\n'
    exit 0
fi
if [[ $install == install_by_apt ]] && ! command -v apt-get >/dev/null; then
    fail "no apt-get here; install what your system calls ${packages[*]}, then run this again"
fi
"$install" "${packages[@]}"

read -r -a packages <<<"$(missing "$field" "$tool")"
((${#packages[@]} == 0)) || fail "installed, and pkg-config still does not find: ${packages[*]}"
