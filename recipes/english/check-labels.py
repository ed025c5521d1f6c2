#!/usr/bin/env python3
"""Aligns the text of every recording with a model and lists the rows that fit worst, so that they can be dropped.

The score of a row is log P(text) - log P(best path), both of the CTC posteriors, for each letter of the text: about 0 is a
text that the model itself would have written, a wrong text lies far below the others.

Usage:    recipes/english/check-labels.py MANIFEST OUTPUT [--share SHARE] [--below SCORE] [--model FILE]
Example:  recipes/english/check-labels.py output/lists/sets/vctk.jsonl output/labels --share 0.02
OUTPUT gets scores.jsonl, a line for each recording, worst first, and dropped.jsonl, for prepare.py --drop: SHARE of the
rows (0.02), or all below SCORE. Posteriors are computed 1000 recordings at a time and kept as scores alone; stopped, it
goes on where it was. UTTER names another utter than .build/release/utter.

Needs numpy and safetensors (PyPI).
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from corpus import Ledger, fail, read_manifest, write_rows

PART = 1000


def label_score(posteriors, labels, blank=0):
    """log P(labels) less the log-probability of the best path, over [steps, classes] log-probabilities, or None where the
    labels do not fit in so few steps. The forward recursion of Graves et al. 2006, over states blank, l1, blank, l2, ..."""
    import numpy as np

    steps = len(posteriors)
    if steps < len(labels) + sum(a == b for a, b in zip(labels, labels[1:])):
        return None
    states = np.full(2 * len(labels) + 1, blank)
    states[1::2] = labels
    # A label may be entered from the one before it, past the blank, unless both are alike.
    skips = np.zeros(len(states), bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    emitted = posteriors[:, states].astype(np.float64)
    scores = np.full(len(states), -np.inf)
    scores[:2] = emitted[0, :2]
    for step in range(1, steps):
        before = np.concatenate([[-np.inf], scores[:-1]])
        skipped = np.where(skips, np.concatenate([[-np.inf, -np.inf], scores[:-2]])[:len(scores)], -np.inf)
        scores = np.logaddexp(np.logaddexp(scores, before), skipped) + emitted[step]
    return float(np.logaddexp.reduce(scores[-2:]) - posteriors.max(axis=1).astype(np.float64).sum())


def spelling(description):
    """The columns of the head that spells, as a slice, their symbols, and which of them is the blank. Beside a head of
    phones it is the second."""
    if "characters" in description:
        first, symbols, blank = len(description["vocabulary"]), description["characters"], description["character_blank"]
    elif description.get("head") == "ctc-phones":
        fail("the model has phones alone, so it cannot spell the texts; give one with characters")
    else:
        first, symbols, blank = 0, description["vocabulary"], description["blank"]
    return slice(first, first + len(symbols)), {symbol: i for i, symbol in enumerate(symbols)}, blank


def scores_of(rows, options):
    """The rows with their score, by one run of utter posteriors."""
    from safetensors import safe_open

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_rows([{key: row[key] for key in ("audio_filepath", "duration", "text")} for row in rows],
                   folder / "part.jsonl")
        command = [options.utter, "posteriors", "--quiet", "--manifest", folder / "part.jsonl", "--max-bad", "1",
                   "--output", folder / "heard.safetensors", "--threads", str(options.threads)]
        done = subprocess.run(command + (["--model", options.model] if options.model else []),
                              capture_output=True, text=True)
        if not (folder / "heard.safetensors").exists():
            fail(f"utter posteriors: {done.stderr.strip()}")
        with safe_open(folder / "heard.safetensors", "numpy") as file:
            spelled, columns, blank = spelling(json.loads(file.metadata()["posteriors"]))
            names = set(file.keys())
            for row in rows:
                result = {key: row[key] for key in ("audio_filepath", "duration", "text") if key in row}
                text = row["text"]
                if row["audio_filepath"] not in names:
                    yield result | {"score": None, "problem": "cannot be heard"}
                    continue
                unknown = sorted(set(text) - columns.keys())
                if unknown:
                    yield result | {"score": None, "problem": f"the model does not spell {' '.join(unknown)}"}
                    continue
                matrix = file.get_tensor(row["audio_filepath"])[:, spelled]
                score = label_score(matrix, [columns[c] for c in text], blank) if text else 0.0
                yield result | ({"score": None, "problem": "the text is too long for the recording"} if score is None
                                else {"score": round(score / max(1, len(text)), 4)})


def main():
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--share", type=float, default=0.02, help="the share of rows that is dropped (default: 0.02)")
    parser.add_argument("--below", type=float, help="drop all rows below this score, in place of a share")
    parser.add_argument("--model", help="the acoustic model (default: the one that comes with utter)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if not 0 <= options.share < 1:
        parser.error("--share is a number from 0 to 1")
    options.utter = os.environ.get("UTTER", str(root / ".build/release/utter"))
    if not os.access(options.utter, os.X_OK):
        fail(f"{options.utter} is not built: swift build -c release")
    try:
        import numpy  # noqa: F401
        import safetensors  # noqa: F401
    except ImportError as error:
        fail(f"{error.name} is missing: pip install {error.name}")
    # A row that is met several times is scored once.
    rows = list({row["audio_filepath"]: row for row in read_manifest(options.manifest)}.values())
    ledger = Ledger(options.output / "scores.partial.jsonl")
    done = {(row["audio_filepath"], row["text"]) for row in ledger.rows}
    left = [row for row in rows if (row["audio_filepath"], row["text"]) not in done]
    for begin in range(0, len(left), PART):
        for row in scores_of(left[begin:begin + PART], options):
            ledger.append(row)
        print(f"{min(begin + PART, len(left))} of {len(left)} are aligned", file=sys.stderr)

    wanted = {(row["audio_filepath"], row["text"]) for row in rows}
    scored = [row for row in ledger.rows if (row["audio_filepath"], row["text"]) in wanted]
    scored.sort(key=lambda row: (row["score"] is not None, row["score"]))
    write_rows(scored, options.output / "scores.jsonl")
    if options.below is not None:
        count = sum(row["score"] is None or row["score"] < options.below for row in scored)
    else:
        count = round(options.share * len(scored))
    write_rows(scored[:count], options.output / "dropped.jsonl")
    for row in scored[:10]:
        reason = row.get("problem") or f"{row['score']:.2f}"
        print(f"{reason}  {row['audio_filepath']}: {row['text']}")
    middle = scored[len(scored) // 2]["score"] if scored else None
    print(f"{len(scored)} rows, median score {middle}; {count} are dropped: {options.output / 'dropped.jsonl'}")


if __name__ == "__main__":
    main()
