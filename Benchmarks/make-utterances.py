#!/usr/bin/env python3
"""Makes a folder of utterances for the benchmark of `utter batch`: so many of 3 to 15 s, as 16 kHz WAV of 16 bits, in
folders of a hundred, drawn by a seed from the recordings of manifests (JSON lines with audio_filepath and duration).

usage:    Benchmarks/make-utterances.py OUTPUT MANIFEST... [--count N] [--seed N]
example:  Benchmarks/.peers/bin/python Benchmarks/make-utterances.py /tmp/utterances ../shared/speech/*/*.jsonl
"""
import argparse
import json
import pathlib
import random

import soundfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("output", type=pathlib.Path)
parser.add_argument("manifests", nargs="+", type=pathlib.Path)
parser.add_argument("--count", type=int, default=1000)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()

rows = []
for manifest in sorted(options.manifests):
    for line in manifest.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if 3 <= row.get("duration", 0) <= 15:
            rows.append(manifest.parent / row["audio_filepath"])
rows = sorted(set(rows))
if len(rows) < options.count:
    raise SystemExit(f"error: the manifests have {len(rows)} recordings of 3 to 15 s: give more, or a lower --count")
seconds = 0.0
for number, path in enumerate(random.Random(options.seed).sample(rows, options.count)):
    folder = options.output / f"{number // 100:02d}"
    folder.mkdir(parents=True, exist_ok=True)
    samples, rate = soundfile.read(path, dtype="int16")
    if rate != 16000 or samples.ndim > 1:
        raise SystemExit(f"error: {path} is no recording of one channel at 16 kHz: leave its manifest out")
    soundfile.write(folder / f"{number:04d}.wav", samples, rate)
    seconds += len(samples) / rate
print(f"{options.count} utterances, {seconds / 3600:.2f} h: {options.output}")
