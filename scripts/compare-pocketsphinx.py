#!/usr/bin/env python3
"""Measures word error rate and processor time of PocketSphinx, with its own English model, and of utter, in turns.

Both hear the same recordings and are scored by `utter evaluate`. Processor time is that of the whole process, all its
threads, from start to end: loading the models and reading the files too. Abbreviations are spelled one way on all
sides.

Needs pocketsphinx and soundfile (pip install pocketsphinx soundfile) and a built utter.

Usage:    scripts/compare-pocketsphinx.py [--utter COMMAND] [--model FILE] [--lm FILE] [--rounds N] [--only TOOL]
              MANIFEST...
Example:  scripts/compare-pocketsphinx.py ../shared/speech/an4/test.jsonl ../shared/speech/ljspeech/dev.jsonl \\
              ../shared/speech/speechocean762/dev.jsonl
"""

import argparse
import json
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# PocketSphinx's dictionary and the transcripts write the one or the other.
SPELLINGS = {"mister": "mr", "missus": "mrs", "missis": "mrs", "doctor": "dr", "saint": "st"}


def normalised(text):
    words = re.sub(r"[^a-z' ]", "", re.sub(r"[-_]", " ", text.lower())).split()
    return " ".join(SPELLINGS.get(word, word) for word in words)


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def write_lines(rows, path):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def hear_with_pocketsphinx(manifest, output):
    """What the child process does: one decoder, each recording as a whole, so that its mean is its own."""
    import pocketsphinx
    import soundfile

    decoder = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL")
    heard = []
    for row in read_lines(manifest):
        samples, rate = soundfile.read(row["audio_filepath"], dtype="int16")
        if rate != 16000 or samples.ndim != 1:
            sys.exit(f"error: {row['audio_filepath']} is not 16 kHz, mono")
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), full_utt=True)
        decoder.end_utt()
        best = decoder.hyp()
        heard.append({"audio_filepath": row["audio_filepath"], "pred_text": best.hypstr if best else ""})
    write_lines(heard, pathlib.Path(output))


def processor_seconds(command):
    """Runs a command; seconds of processor time that it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # 1: a recording without a result, which the error rate counts.
    if done.returncode not in (0, 1):
        sys.exit(f"error: {' '.join(map(str, command))}\n{done.stderr.strip()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def evaluation(arguments, tool, manifest, folder):
    """The command that writes to the folder what a tool hears."""
    saved = folder / f"{tool}.jsonl"
    if tool == "pocketsphinx":
        return [sys.executable, __file__, "--hear", manifest, saved], saved
    command = [arguments.utter, "evaluate", "--quiet", "--manifest", manifest, "--save", saved, "--show", "0"]
    if arguments.model:
        command += ["--model", arguments.model]
    if tool == "utter":
        return command + (["--lm", arguments.lm] if arguments.lm else []), saved
    return command + ["--no-lm"], saved


def score(arguments, saved, manifest, folder):
    """Word error rate, in percent, of what was saved."""
    # What utter saves has what was said beside what was heard, which is missing where a recording has no result.
    heard = [
        {"audio_filepath": row["audio_filepath"], "pred_text": normalised(row.get("pred_text", ""))}
        for row in read_lines(saved)
    ]
    cleaned = folder / "normalised.jsonl"
    write_lines(heard, cleaned)
    done = subprocess.run(
        [arguments.utter, "evaluate", "--quiet", "--manifest", manifest, "--hypotheses", cleaned, "--json"],
        capture_output=True, text=True)
    try:
        return json.loads(done.stdout)["errors"]["words"]["rate"]
    except (ValueError, KeyError):
        sys.exit(f"error: utter evaluate gave no score: {done.stderr.strip() or done.stdout.strip()}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifests", nargs="*", type=pathlib.Path, metavar="MANIFEST")
    parser.add_argument("--utter", default=ROOT / ".build/release/utter", help="the built command")
    parser.add_argument("--model", help="the acoustic model (default: the one that comes with utter)")
    parser.add_argument("--lm", help="the language model (default: the one beside the acoustic model)")
    parser.add_argument("--rounds", type=int, default=1, help="turns of each tool; the median time is given")
    parser.add_argument("--only", choices=["pocketsphinx", "utter", "utter greedy"], help="measure this one alone")
    parser.add_argument("--hear", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.hear:
        return hear_with_pocketsphinx(*arguments.hear)
    if not arguments.manifests:
        parser.error("name at least one manifest")
    tools = [arguments.only] if arguments.only else ["pocketsphinx", "utter", "utter greedy"]
    print("| recordings | tool | WER | processor time | times real time of one core |\n| --- | --- | --- | --- | --- |")
    for path in arguments.manifests:
        rows = read_lines(path)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            manifest = folder / "manifest.jsonl"
            for row in rows:
                row["audio_filepath"] = str((path.parent / row["audio_filepath"]).resolve())
                row["text"] = normalised(row["text"])
            write_lines(rows, manifest)
            audio = sum(row["duration"] for row in rows)
            times = {tool: [] for tool in tools}
            for _ in range(max(1, arguments.rounds)):
                for tool in tools:
                    command, saved = evaluation(arguments, tool, manifest, folder)
                    times[tool].append(processor_seconds(command))
            for tool in tools:
                seconds = statistics.median(times[tool])
                wer = score(arguments, folder / f"{tool}.jsonl", manifest, folder)
                name = f"{path.parent.name} {path.stem}"
                print(f"| {name} | {tool} | {100 * wer:.2f} % | {seconds:.1f} s | {audio / seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
