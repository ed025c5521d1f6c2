#!/usr/bin/env python3
"""Measures how well the confidence of words agrees with the share of them that are right.

Transcribes the recordings of manifests, aligns what was heard with what is said (fewest edits over words), and prints a
reliability table: of the words with a confidence in each tenth, their mean confidence and the share that is right.

ECE, the expected calibration error, is the mean distance of the two over the tenths, weighted by their words (Naeini et
al. 2015). AUC is the probability that a right word has a higher confidence than a wrong one; Brier the mean squared
distance of the confidence from 1 for right words and 0 for wrong ones. Needs Python alone; installs nothing.

Usage:    scripts/confidence-calibration.py [--utter COMMAND] [--model FILE] [--options OPTIONS] [--limit N]
              MANIFEST.jsonl ...
Example:  swift build -c release && scripts/confidence-calibration.py audio/transcripts.jsonl
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def right(said, heard):
    """Whether each heard word stands in an alignment of fewest edits against itself."""
    table = [list(range(len(heard) + 1))]
    for i, word in enumerate(said):
        row = [i + 1]
        for j, other in enumerate(heard):
            row.append(min(table[i][j] + (word != other), table[i][j + 1] + 1, row[j] + 1))
        table.append(row)
    result, i, j = [False] * len(heard), len(said), len(heard)
    while i and j:
        if table[i][j] == table[i - 1][j - 1] + (said[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            result[j] = said[i] == heard[j]
        elif table[i][j] == table[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return result


def transcripts(arguments, paths):
    command = [arguments.utter, "transcribe", "--format", "json", "--quiet", *shlex.split(arguments.options)]
    if arguments.model:
        command += ["--model", arguments.model]
    # So many names at once as any system takes.
    for first in range(0, len(paths), 200):
        result = subprocess.run(command + paths[first:first + 200], capture_output=True, text=True)
        if result.returncode not in (0, 1) or not result.stdout:
            sys.exit(f"error: {arguments.utter}: {result.stderr.strip()}")
        sys.stderr.write(result.stderr)
        for line in result.stdout.splitlines():
            transcript = json.loads(line)
            yield transcript["file"], transcript["words"]


def report(name, words):
    """words: (confidence, whether it is right)."""
    if not words:
        print(f"{name}: no words")
        return
    share = sum(is_right for _, is_right in words) / len(words)
    tenths = [[] for _ in range(10)]
    for word in words:
        tenths[min(9, int(10 * word[0]))].append(word)
    means = [(sum(c for c, _ in t) / len(t), sum(r for _, r in t) / len(t), len(t)) if t else None for t in tenths]
    error = sum(abs(confidence - correct) * count for confidence, correct, count in filter(None, means)) / len(words)
    brier = sum((confidence - is_right) ** 2 for confidence, is_right in words) / len(words)
    ranked, below, wins = sorted(words), 0, 0.0
    for _, is_right in ranked:
        if is_right:
            wins += below
        else:
            below += 1
    pairs = below * (len(words) - below)
    area = f"{wins / pairs:.3f}" if pairs else "none"
    print(f"{name}: {len(words)} words, {100 * share:.1f} % right; ECE {error:.3f}, AUC {area}, Brier {brier:.3f}")
    return means


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("manifests", nargs="+", metavar="MANIFEST.jsonl")
    parser.add_argument("--utter", default=str(ROOT / ".build/release/utter"), help="the built command")
    parser.add_argument("--model", help="a model other than the shipped one")
    parser.add_argument("--options", default="", help="more options of utter transcribe, such as --options=--no-lm")
    parser.add_argument("--limit", type=int, help="the first so many recordings of each manifest")
    arguments = parser.parse_args()

    everything = []
    for manifest in map(pathlib.Path, arguments.manifests):
        rows = [json.loads(line) for line in manifest.read_text().splitlines() if line.strip()][:arguments.limit]
        said = {str(manifest.parent / row["audio_filepath"]): row["text"].split() for row in rows}
        words = []
        for file, heard in transcripts(arguments, list(said)):
            correct = right(said[file], [word["word"] for word in heard])
            words += [(word["confidence"], is_right) for word, is_right in zip(heard, correct)]
        report(f"{manifest.parent.name}/{manifest.name}", words)
        everything += words
    means = report("all", everything)
    print("confidence    words    mean   right")
    for tenth, mean in enumerate(means or []):
        if mean:
            print(f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f} {mean[2]:8} {mean[0]:7.3f} {mean[1]:7.3f}")


if __name__ == "__main__":
    main()
