#!/usr/bin/env python3
"""Reads what utter writes with readers that others wrote, and compares what they read with its JSON.

    SRT       srt 3.5
    VTT       webvtt-py 0.6
    TextGrid  praatio 6.2 and textgrid 1.6
    CTM, TSV  this script, by the columns that NIST's sclite and any spreadsheet read

Run by hand, in a virtual environment that has those packages; installs nothing.

Usage:    scripts/check-formats.py [--utter COMMAND] [RECORDING ...]
Example:  python3 -m venv /tmp/readers && /tmp/readers/bin/pip install srt webvtt-py praatio textgrid &&
          /tmp/readers/bin/python scripts/check-formats.py
"""

import argparse
import csv
import html
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import srt
    import textgrid
    import webvtt
    from praatio import textgrid as praatio
except ImportError as error:
    sys.exit(f"error: {error}; in a virtual environment: pip install srt webvtt-py praatio textgrid")

ROOT = pathlib.Path(__file__).resolve().parent.parent


def same(what, found, expected):
    if found != expected:
        sys.exit(f"error: {what}: read {found[:300]!r}, expected {expected[:300]!r}")


def clock(text):
    hours, minutes, seconds = text.split(":")
    return round(3600 * int(hours) + 60 * int(minutes) + float(seconds), 3)


def check(base, words):
    text = " ".join(word for word, _, _ in words)

    subtitles = list(srt.parse((base.parent / (base.name + ".srt")).read_text(), ignore_errors=False))
    same("SRT text", " ".join(" ".join(cue.content.split()) for cue in subtitles), text)
    times = [(cue.start.total_seconds(), cue.end.total_seconds()) for cue in subtitles]

    captions = list(webvtt.read(str(base.parent / (base.name + ".vtt"))))
    same("VTT text", " ".join(html.unescape(" ".join(cue.text.split())) for cue in captions), text)
    same("VTT times", [(clock(cue.start), clock(cue.end)) for cue in captions], times)

    path = str(base.parent / (base.name + ".TextGrid"))
    tier = praatio.openTextgrid(path, includeEmptyIntervals=False).getTier("words")
    same("TextGrid, praatio", [(entry.label, entry.start, entry.end) for entry in tier.entries], words)
    tier = textgrid.TextGrid.fromFile(path).getFirst("words")
    same("TextGrid, textgrid", [(i.mark, i.minTime, i.maxTime) for i in tier if i.mark], words)

    rows = [line.split() for line in (base.parent / (base.name + ".ctm")).read_text().splitlines()]
    same("CTM", [(r[4], float(r[2]), round(float(r[2]) + float(r[3]), 3)) for r in rows], words)
    with open(base.parent / (base.name + ".tsv"), newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    same("TSV", [(r["word"], float(r["start"]), float(r["end"])) for r in table], words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recordings", nargs="*", default=[])
    parser.add_argument("--utter", default=str(ROOT / ".build/release/utter"), help="the built command")
    arguments = parser.parse_args()
    recordings = arguments.recordings or sorted(map(str, (ROOT / "audio").glob("*.wav")))
    formats = ["--format", "srt,vtt,textgrid,ctm,tsv,json", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.utter, "transcribe", *formats, "--output-dir", folder, *recordings], check=True)
        # Quotation marks, which a TextGrid doubles and a table must leave alone.
        lamp = str(ROOT / "audio/turn-on-the-lamp.wav")
        subprocess.run([arguments.utter, "align", lamp, "--text", '"Turn" on the "lamp".', *formats,
                        "--output-dir", folder + "/quoted"], check=True)
        checked = 0
        for path in sorted(pathlib.Path(folder).rglob("*.json")):
            words = [(w["word"], w["start"], w["end"]) for w in json.loads(path.read_text())["words"]]
            check(path.with_suffix(""), words)
            checked += 1
    print(f"{checked} transcripts: SRT, VTT, TextGrid, CTM and TSV are read back as JSON has them")


if __name__ == "__main__":
    main()
