#!/usr/bin/env python3
"""What adapting gains: digits, wake words and AN4, beside the same network from scratch and a linear probe.

Digits: so many recordings a digit of each of two speakers to learn from, the third to test, all three turns. Wake words: so
many recordings a phrase, tested on its dev; a tenth of speechocean762 train is given as other speech, and what is taken for a
phrase is counted in other recordings of it (dev) and of LibriSpeech. Commands: so many (synthetic) voices of audio/commands,
tested on its dev. 0 is a list of the words alone (--words), without a recording; any other number is given the recordings alone.
Prints a line for each figure as it comes; --rows says which. The probe needs torch and numpy.

Usage:    scripts/measure-adaptation.py SPEECH [--rows digits wake commands] [--examples 0 1 3 5 10 50] [--scratch] [--probe]
                                        [--model MODEL] [--utter .build/release/utter] [--options "--stages head"]
Example:  scripts/measure-adaptation.py ../shared/speech --rows digits --examples 5 --scratch --probe
SPEECH has a folder a corpus (fsdd, wakeword, speechocean762, librispeech_unlabelled), with manifests in it.
"""
import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import time


def rows(speech, corpus, part):
    folder = os.path.abspath(os.path.join(speech, corpus))
    with open(os.path.join(folder, part + ".jsonl"), encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines if line.strip()]
    return [row | {"audio_filepath": os.path.join(folder, row["audio_filepath"])} for row in found]


def some(found, count):
    """The first so many of each label and speaker, in an order drawn once: fewer are a part of more."""
    drawn, chosen, seen = random.Random(1), [], {}
    for row in drawn.sample(found, len(found)):
        place = (row["text"], row.get("speaker"))
        if seen.setdefault(place, 0) < count:
            seen[place] += 1
            chosen.append(row)
    return chosen


class Measurement:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def manifest(self, name, found):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in found)
        return path

    def run(self, *arguments):
        done = subprocess.run([self.options.utter, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0 and not done.stdout:
            raise SystemExit(f"utter {shlex.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def adapted(self, train, *more, name="adapted.safetensors"):
        """The path of an adapted model, and the seconds that it took. An empty manifest gives what its words alone give."""
        path, began = os.path.join(self.folder, name), time.monotonic()
        source = ["--train", train] if os.path.getsize(train) > 0 else ["--words", os.path.join(self.folder, "words.txt")]
        self.run("adapt", "--quiet", "--model", self.options.model, *source, "--output", path, *more)
        return path, time.monotonic() - began

    def words(self, found):
        """Writes the labels of recordings as a list."""
        with open(os.path.join(self.folder, "words.txt"), "w", encoding="utf-8") as file:
            file.writelines(text + "\n" for text in sorted({row["text"] for row in found}))

    def heard(self, model, manifest):
        """What is heard in each recording of a manifest, "" where it is rejected."""
        path = os.path.join(self.folder, "heard.jsonl")
        self.run("evaluate", "--quiet", "--model", model, "--manifest", manifest, "--save", path, "--show", "0")
        with open(path, encoding="utf-8") as lines:
            return [json.loads(line).get("pred_text", "") for line in lines if line.strip()]

    def right(self, model, found, manifest):
        heard = self.heard(model, manifest)
        assert len(heard) == len(found), "a recording was not heard"
        return sum(row["text"] == text for row, text in zip(found, heard)) / len(found)

    def probe(self, train, test):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "linear-probe.py")
        done = subprocess.run(
            [sys.executable, script, "--train", train, "--test", test, "--model", self.options.model, "--utter",
             self.options.utter], stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout.split("accuracy")[1].split("%")[0]) / 100

    def digits(self):
        found = rows(self.options.speech, "fsdd", "train")
        self.words(found)
        speakers = sorted({row["speaker"] for row in found})
        for count in self.options.examples:
            results = {}
            for speaker in speakers:
                test = [row for row in found if row["speaker"] == speaker]
                paths = [self.manifest("train.jsonl", some([row for row in found if row["speaker"] != speaker], count)),
                         self.manifest("test.jsonl", test)]
                self.compare(results, paths, test, [])
            tell(f"digits, {count} of each digit and speaker", results)

    def wake(self):
        found, test = (rows(self.options.speech, "wakeword", part) for part in ("train", "dev"))
        other = self.manifest("other.jsonl", rows(self.options.speech, "speechocean762", "train")[::10])
        foreign = rows(self.options.speech, "speechocean762", "dev") + rows(self.options.speech, "librispeech_unlabelled", "all")
        self.words(found)
        hours = sum(row["duration"] for row in foreign) / 3600
        for count in self.options.examples:
            results = {}
            train = some([row | {"speaker": None} for row in found], count)
            paths = [self.manifest("train.jsonl", train), self.manifest("test.jsonl", test)]
            model = self.compare(results, paths, test, ["--other", other])
            taken = sum(text != "" for text in self.heard(model, self.manifest("foreign.jsonl", foreign)))
            tell(f"wake words, {count} of each phrase, {taken} false acceptances in {hours:.2f} h", results)

    def commands(self):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "audio")
        found, test = (rows(folder, "commands", part) for part in ("train", "dev"))
        self.words(found)
        voices = sorted({row["speaker"] for row in found})
        for count in [count for count in self.options.examples if count <= len(voices)]:
            results = {}
            train = [row for row in found if row["speaker"] in voices[:count]]
            self.compare(results, [self.manifest("train.jsonl", train), self.manifest("test.jsonl", test)], test, [])
            tell(f"commands, {count} voices", results)

    def compare(self, results, paths, test, more):
        model, seconds = self.adapted(paths[0], *more, *shlex.split(self.options.options))
        results.setdefault("adapted", []).append(self.right(model, test, paths[1]))
        results.setdefault("seconds", []).append(seconds)
        if self.options.scratch:
            scratch, _ = self.adapted(paths[0], *more, "--from-scratch", name="scratch.safetensors")
            results.setdefault("from scratch", []).append(self.right(scratch, test, paths[1]))
        if self.options.probe:
            results.setdefault("linear probe", []).append(self.probe(*paths))
        return model


def tell(what, results):
    def mean(values):
        return sum(values) / len(values)

    def shown(values):
        return "" if len(values) == 1 else " (" + ", ".join(f"{100 * value:.1f}" for value in values) + ")"

    seconds = results.pop("seconds")
    print(f"{what}: " + "; ".join(f"{name} {100 * mean(values):.1f} %{shown(values)}" for name, values in results.items())
          + f"; {mean(seconds):.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("speech")
    parser.add_argument("--rows", nargs="+", choices=["digits", "wake", "commands"],
                        default=["digits", "wake", "commands"])
    parser.add_argument("--examples", nargs="+", type=int, default=[0, 1, 3, 5, 10, 50])
    parser.add_argument("--scratch", action="store_true", help="train the same network from random weights too")
    parser.add_argument("--probe", action="store_true", help="compare with a linear layer in PyTorch")
    parser.add_argument("--options", default="", help="more options of utter adapt")
    parser.add_argument("--model", default="models/english-small.safetensors")
    parser.add_argument("--utter", default=".build/release/utter")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measurement = Measurement(options, folder)
        for row in options.rows:
            getattr(measurement, row)()


if __name__ == "__main__":
    main()
