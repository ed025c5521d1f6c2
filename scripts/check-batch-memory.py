#!/usr/bin/env python3
"""Runs `utter batch` over a recording of hours among small ones, and tells the most memory that the process took.

usage:    scripts/check-batch-memory.py [--hours H] [--files N] [--threads N] [--most MB] [--folder FOLDER]
example:  swift build -c release && scripts/check-batch-memory.py

The long recording is audio/ten-seconds.wav over and over, the small ones are pieces of it. The figure is the peak of
resident memory as the system counts it (ru_maxrss). The exit code is 1 where it is beyond --most, or a result is missing.
"""
import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent
UTTER = ROOT / ".build/release/utter"


def write(path, parameters, pieces):
    with wave.open(str(path), "wb") as file:
        file.setparams(parameters)
        for piece in pieces:
            file.writeframes(piece)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=3)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most", type=float, default=500, help="megabytes (default: %(default)s)")
    parser.add_argument("--folder", type=pathlib.Path, help="work here and leave all there")
    options = parser.parse_args()
    work = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="utter-memory-"))
    recordings = work / "recordings"
    recordings.mkdir(parents=True, exist_ok=True)
    with wave.open(str(ROOT / "audio/ten-seconds.wav")) as source:
        parameters, samples = source.getparams(), source.readframes(source.getnframes())
    seconds = len(samples) / 2 / parameters.framerate
    write(recordings / "long.wav", parameters, (samples for _ in range(round(options.hours * 3600 / seconds))))
    draws = random.Random(1)
    for number in range(options.files):
        start, length = draws.randrange(0, 80_000), draws.randrange(16_000, 80_000)
        write(recordings / f"{number:04d}.wav", parameters, [samples[2 * start:2 * (start + length)]])

    start = time.monotonic()
    process = os.posix_spawn(UTTER, [UTTER, "batch", recordings, "--output", work / "texts", "--format", "text,json,srt",
                                     "--threads", str(options.threads)], os.environ)
    _, status, usage = os.wait4(process, 0)
    took = time.monotonic() - start
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    results = len(list((work / "texts").glob("*.txt")))
    print(f"{options.hours:g} h among {options.files} small ones: {results} results in {took:.0f} s, "
          f"{options.threads} threads, at most {peak:.0f} MB")
    if not options.folder:
        shutil.rmtree(work)
    if os.waitstatus_to_exitcode(status) != 0 or results != options.files + 1:
        raise SystemExit("error: not every recording has its result")
    if peak > options.most:
        raise SystemExit(f"error: that is more than {options.most:g} MB")


main()
