#!/usr/bin/env python3
"""Writes the lists of recordings that the English model learns from and is measured by, and decodes the recordings once.

Usage:    recipes/english/prepare.py SPEECH MADE OUTPUT [--without SET] [--drop FILE] [--weights FILE]
Example:  recipes/english/prepare.py ../shared/speech output/corpora/english output/lists
SPEECH has a folder a set with train.jsonl and, some of them, dev.jsonl. MADE has a folder for all that this recipe
made, or as much of it as there is, each with a manifest.jsonl. The file `weights` says how often a row is met.
OUTPUT gets
  train-real.jsonl       recordings of people, sounds without speech among them
  train-synthetic.jsonl  what synthesisers spoke, to be learned from first
  train-real.yaml, train-synthetic.yaml  the same as manifests with weights, for utter train --set data.train=
  sets/SET.jsonl         each set apart, a row once
  dev-SET.jsonl          dev sets apart, and dev.jsonl, by which an epoch is chosen: both native sets and some rows of each other
  audio/SET/             what was not FLAC or WAV, as 16 kHz FLAC: Opus takes a tenth of the time that training takes
A reader of a dev set is never learned from, but for LJ Speech, whose dev set has other sentences of the same reader:
--without ljspeech leaves it out of training. A sentence of six words or more that a dev set holds is left out too.
--drop takes a list of check-labels.py. Run again, it decodes only what is new.

Needs numpy and soundfile (PyPI).
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import re
import sys

from corpus import fail, read_manifest, write_rows, written_out

RATE = 16000
# Native readers whom nobody trains on come first: they decide.
DEV = ["librispeech_unlabelled", "librispeech_readers", "speechocean762", "ljspeech", "an4", "wakeword"]
NATIVE = DEV[:2]
# Sets whose own dev set has the same reader, or readers without a name.
SAME_READERS = {"ljspeech", "wakeword"}
# Sets of a few words, where the same texts stand on both sides.
SHORT = {"an4", "wakeword", "mycroft", "fsdd", "commands"}


def read_weights(path):
    """Kind, weight and the most rows of each set."""
    weights = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        fail(f'"{path}" cannot be read: {error.strerror}')
    for number, line in enumerate(lines, 1):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        try:
            name, kind, weight = fields[:3]
            if kind not in ("real", "synthetic") or float(weight) < 0 or len(fields) > 4 or name in weights:
                raise ValueError
            weights[name] = kind, float(weight), int(fields[3]) if len(fields) > 3 else None
        except ValueError:
            fail(f'"{path}", line {number}: a set, once, "real" or "synthetic", a weight and perhaps the most rows')
    return weights


def evenly(rows, count):
    """So many of the rows, spread over the whole."""
    return rows if count is None or count >= len(rows) else [rows[i * len(rows) // count] for i in range(count)]


def weighted(rows, weight):
    whole = int(weight)
    return rows * whole + evenly(rows, round((weight - whole) * len(rows)))


def decode(job):
    """Writes a recording as 16 kHz FLAC; what is wrong with it, or None."""
    import numpy as np
    import soundfile

    source, target = job
    try:
        samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        return f'"{source}" cannot be read: {error}'
    samples = samples.mean(axis=1)
    if len(samples) < rate // 20:
        return f'"{source}" is shorter than 0.05 s'
    if rate != RATE:
        count = round(len(samples) * RATE / rate)
        spectrum = np.fft.rfft(samples)[:count // 2 + 1]
        samples = np.fft.irfft(spectrum, count) * (count / len(samples))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    soundfile.write(partial, samples.clip(-1, 1), RATE, format="FLAC", subtype="PCM_16")
    os.replace(partial, target)
    return None


class Preparation:
    def __init__(self, options):
        self.options = options
        self.jobs = {}
        self.refused = collections.Counter()
        self.dropped = {row["audio_filepath"] for path in options.drop for row in read_manifest(path, texts=False)}

    def rows(self, name, manifest):
        """A set's rows as they are learned from or measured by, their recordings put down to be decoded."""
        good = []
        for row in read_manifest(manifest):
            row["text"] = written_out(row["text"].lower())
            if not re.fullmatch(r"[a-z' ]*", row["text"]):
                self.refused[f"{name}: other characters than a-z, apostrophe and space"] += 1
                continue
            source = pathlib.Path(row["audio_filepath"])
            if source.suffix.lower() not in (".flac", ".wav"):
                target = self.options.output / "audio" / name / source.with_suffix(".flac").name
                row |= {"audio_filepath": str(target), "source": str(source)}
                if not target.exists():
                    self.jobs[source] = target
            good.append(row)
        return good

    def learned(self, name, rows, speakers, stems, texts):
        """Without what a dev set knows, and what check-labels.py dropped."""
        good = []
        for row in rows:
            if row.get("speaker") in speakers or pathlib.Path(row["audio_filepath"]).stem in stems:
                self.refused[f"{name}: a reader or a recording of a dev set"] += 1
            elif name not in SHORT and row["text"] in texts:
                self.refused[f"{name}: a sentence of a dev set"] += 1
            elif {row["audio_filepath"], row.get("source")} & self.dropped:
                self.refused[f"{name}: dropped, its text does not fit"] += 1
            else:
                good.append(row)
        return good

    def decode_all(self):
        """The recordings that cannot be decoded."""
        bad = set()
        jobs = list(self.jobs.items())
        if not jobs:
            return bad
        try:
            import numpy  # noqa: F401
            import soundfile  # noqa: F401
        except ImportError as error:
            fail(f"{error.name} is missing: pip install {error.name}")
        with multiprocessing.Pool(self.options.workers) as pool:
            for number, (job, problem) in enumerate(zip(jobs, pool.imap(decode, jobs, chunksize=8)), 1):
                if problem:
                    print(f"warning: {problem}", file=sys.stderr)
                    bad.add(str(job[1]))
                if number % 2000 == 0 or number == len(jobs):
                    print(f"{number} of {len(jobs)} recordings are decoded", file=sys.stderr)
        return bad


def hours(rows):
    return sum(row["duration"] for row in rows) / 3600


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=pathlib.Path)
    parser.add_argument("made", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--without", action="append", default=[], metavar="SET", help="learn nothing from this set")
    parser.add_argument("--drop", action="append", default=[], type=pathlib.Path, metavar="FILE",
                        help="leave out the recordings of this list")
    parser.add_argument("--weights", type=pathlib.Path, default=here / "weights")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.output = options.output.absolute()
    weights = read_weights(options.weights)
    if not options.speech.is_dir():
        fail(f'"{options.speech}" is no folder')
    for name in options.without:
        if name not in weights:
            fail(f"--without {name}: no such set; those in {options.weights} are {', '.join(weights)}")
    work = Preparation(options)

    dev = {name: work.rows(name, options.speech / name / "dev.jsonl")
           for name in DEV if (options.speech / name / "dev.jsonl").exists()}
    missing = [name for name in NATIVE if name not in dev]
    if missing:
        fail(f'"{options.speech / missing[0] / "dev.jsonl"}" is missing: by the native readers an epoch is chosen')
    speakers = {row["speaker"] for name in dev if name not in SAME_READERS for row in dev[name]}
    stems = {pathlib.Path(row["audio_filepath"]).stem for rows in dev.values() for row in rows}
    texts = {row["text"] for rows in dev.values() for row in rows if len(row["text"].split()) >= 6}

    manifests = {path.parent.name: path for path in sorted(options.made.glob("*/manifest.jsonl"))}
    manifests |= {path.parent.name: path for path in sorted(options.speech.glob("*/train.jsonl"))}
    for name in manifests.keys() - weights.keys():
        print(f"warning: {name} is passed over, {options.weights} does not name it", file=sys.stderr)
    sets = {name: work.learned(name, work.rows(name, manifests[name]), speakers, stems, texts)
            for name in weights if name in manifests and name not in options.without}
    if not sets:
        fail(f'neither "{options.speech}" nor "{options.made}" holds a set that {options.weights} names')
    bad = work.decode_all()

    lists, entries = {"real": [], "synthetic": []}, {"real": [], "synthetic": []}
    (options.output / "sets").mkdir(parents=True, exist_ok=True)
    print("| set | kind | rows | hours | speakers | weight |\n| --- | --- | --- | --- | --- | --- |")
    for name, rows in sets.items():
        kind, weight, most = weights[name]
        rows = evenly([row for row in rows if row["audio_filepath"] not in bad], most)
        # Silence and noise are what they are: also beside people's speech.
        quiet = [row for row in rows if not row["text"]] if kind == "synthetic" else []
        for kind_of, part, file in ((kind, rows, name), ("real", quiet, f"{name}-quiet")):
            if part and weight:
                path = options.output / "sets" / f"{file}.jsonl"
                write_rows(part, path)
                lists[kind_of] += weighted(part, weight)
                entries[kind_of].append(f"{{manifest: {json.dumps(str(path))}, weight: {weight:g}}}")
        names = len({row.get("speaker") for row in rows})
        print(f"| {name} | {kind} | {len(rows)} | {hours(rows):.2f} | {names} | {weight:g} |")
    for kind, rows in lists.items():
        write_rows(rows, options.output / f"train-{kind}.jsonl")
        (options.output / f"train-{kind}.yaml").write_text(f"[{', '.join(entries[kind])}]\n", encoding="utf-8")
        print(f"| train-{kind} | | {len(rows)} | {hours(rows):.2f} | | |")
    chosen = []
    for name, rows in dev.items():
        rows = [row for row in rows if row["audio_filepath"] not in bad]
        write_rows(rows, options.output / f"dev-{name}.jsonl")
        chosen += rows if name in NATIVE else evenly(rows, 40)
        print(f"| dev-{name} | | {len(rows)} | {hours(rows):.2f} | {len({row['speaker'] for row in rows})} | |")
    write_rows(chosen, options.output / "dev.jsonl")
    print(f"| dev | | {len(chosen)} | {hours(chosen):.2f} | | |")
    for reason, count in sorted(work.refused.items()):
        print(f"left out: {count} of {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
