#!/usr/bin/env python3
"""Runs a folder of utterances through `utter batch`, through `utter transcribe` and through the same network in ONNX
Runtime, in turns, and prints medians and ratios, as compare.py does for the parts.

usage:    Benchmarks/compare-batch.py FOLDER [--rounds N] [--peers FOLDER] [--threads N] [--single N]
example:  Benchmarks/.peers/bin/python Benchmarks/make-utterances.py /tmp/utterances ../shared/speech/*/*.jsonl
          Benchmarks/compare-batch.py /tmp/utterances

Processor time tells more than the clock where others use the machine. Utter's times are those of whole processes, their
start and the loading of the model included; ONNX Runtime's begin when all is loaded. `utter transcribe` is measured with all files in one process, and with a process for each file (over N of
them, 100 unless given). At the end it is said how many texts are the same.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from compare import busy_seconds, run

HERE = pathlib.Path(__file__).resolve().parent
UTTER = HERE.parent / ".build/release/utter"
MODEL = HERE.parent / "models/english-small.safetensors"


def measure(name, hours, commands):
    """Hours of audio an hour that the commands do one after the other, by the clock and by processor time."""
    clock, before = time.perf_counter(), os.times()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    clock, after = time.perf_counter() - clock, os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return {name: hours / (clock / 3600), name + "_cpu": hours / (processor / 3600)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--single", type=int, default=100)
    parser.add_argument("--peers", type=pathlib.Path, default=HERE / ".peers")
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.wav"))
    # 16 bits, one channel, 16 kHz, as make-utterances.py writes them.
    hours = {file: (file.stat().st_size - 44) / 2 / 16000 / 3600 for file in files}
    some = files[::max(1, len(files) // options.single)][:options.single]
    threads = ["--threads", str(options.threads)]
    work = pathlib.Path(tempfile.mkdtemp())
    rounds = []
    everything_before, mine_before, total_before = busy_seconds()
    for number in range(options.rounds):
        out = work / str(number)
        values = {}
        every = sum(hours.values())
        values |= measure("utter_batch", every, [[UTTER, "batch", "-r", "-q", "--no-lm", options.folder, "--output", out, *threads]])
        values |= measure("utter_transcribe_one_process", every, [[UTTER, "transcribe", "-q", "--no-lm", *threads, *files]])
        values |= measure("utter_transcribe_file_by_file", sum(hours[file] for file in some),
                          [[UTTER, "transcribe", "-q", "--no-lm", *threads, file] for file in some])
        values |= run([options.peers / "bin/python", HERE / "peers/batch.py", str(options.threads), MODEL,
                       options.folder, work / "peer"])
        rounds.append(values)
    everything, mine, total = (after - before for after, before in zip(
        busy_seconds(), (everything_before, mine_before, total_before)))
    print(f"hours of audio an hour; {len(files)} files, {sum(hours.values()):.2f} h, {options.threads} threads,"
          f" {options.rounds} rounds, busy with others {100 * max(0, everything - mine) / total:.0f} %")
    for own, unit in (("utter_batch", "by the clock"), ("utter_batch_cpu", "by processor time, of all cores together")):
        print(f" {unit}")
        print(f"  {own:34} {statistics.median(values[own] for values in rounds):9.0f}")
        for other in [name for name in rounds[0] if name != own and name.endswith("_cpu") == own.endswith("_cpu")]:
            ratios = [values[own] / values[other] for values in rounds]
            print(f"  {other:34} {statistics.median(values[other] for values in rounds):9.0f}"
                  f"   ours / theirs {statistics.median(ratios):6.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")
    same = sum((work / "peer" / file.relative_to(options.folder)).with_suffix(".txt").read_text()
               == (work / "0" / file.relative_to(options.folder)).with_suffix(".txt").read_text() for file in files)
    print(f"  {same} of {len(files)} texts are the same in ONNX Runtime")
    shutil.rmtree(work)


main()
