#!/usr/bin/env python3
"""Kills `utter batch` (kill -9) at random moments of a run over many recordings, runs it again each time, and compares
what is there at the end with a run that nobody disturbed: byte for byte, every recording once.

usage:    scripts/check-batch-kills.py [--files N] [--kills N] [--seed N] [--processes N] [--folder FOLDER]
example:  scripts/check-batch-kills.py --files 500 --kills 20

Recordings are pieces of audio/ten-seconds.wav, of lengths drawn by the seed. So are the moments: when so many results are
there, spread over the whole of the work, and a little later; one in four falls into a start. With --processes 2, two
processes share the folder at any time, and each time one of them is killed and another takes its place.
"""
import argparse
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent
UTTER = ROOT / ".build/release/utter"


def make_recordings(folder, count, draws):
    with wave.open(str(ROOT / "audio/ten-seconds.wav")) as source:
        parameters, samples = source.getparams(), source.readframes(source.getnframes())
    for number in range(count):
        start, length = draws.randrange(0, 80_000), draws.randrange(16_000, 80_000)
        place = folder / f"{number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        with wave.open(str(place / f"{number:04d}.wav"), "wb") as piece:
            piece.setparams(parameters)
            piece.writeframes(samples[2 * start:2 * (start + length)])


def command(recordings, output):
    return [UTTER, "batch", "--recursive", "--format", "text,json,srt", "--quiet", "--output", output, recordings]


def contents(folder):
    """All files but the ledger and what is hidden."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and ".utter" not in path.parts and path.name != "ledger.sqlite"}


def results(folder):
    """How many recordings have their results in a folder of seven folders."""
    places = [folder / f"{number}" for number in range(7)]
    return sum(name.endswith(".srt") for place in places if place.exists() for name in os.listdir(place))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, help="work here and leave all there")
    options = parser.parse_args()
    draws = random.Random(options.seed)
    work = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="utter-kills-"))
    recordings = work / "recordings"
    make_recordings(recordings, options.files, draws)

    start = time.monotonic()
    subprocess.run(command(recordings, work / "undisturbed"), check=True)
    took = time.monotonic() - start
    start = time.monotonic()
    subprocess.run(command(recordings, work / "undisturbed"), check=True)
    idle = time.monotonic() - start  # what a run takes that does nothing
    print(f"undisturbed: {options.files} recordings in {took:.1f} s")

    disturbed = work / "disturbed"
    killed, within, running = 0, 0, []

    def has_ended(process):
        if process.poll() not in (None, 0):
            raise SystemExit(f"error: a process that was not killed failed, with {process.returncode}")
        return process.returncode == 0

    while killed < options.kills:
        running += [subprocess.Popen(command(recordings, disturbed)) for _ in range(options.processes - len(running))]
        done = results(disturbed)
        is_early = draws.random() < 0.25
        goal = done + (0 if is_early else draws.randint(0, 2 * (options.files - done) // (options.kills - killed + 1)))
        pause = draws.uniform(0, idle if is_early else 4 * took / options.files)
        while results(disturbed) < goal and not all(map(has_ended, running)):
            time.sleep(0.005)
        time.sleep(pause)
        running = [process for process in running if not has_ended(process)]
        if not running:
            continue
        victim = running.pop(draws.randrange(len(running)))
        victim.kill()
        victim.wait()
        killed += 1
        done = results(disturbed)
        within += done < options.files
        print(f"killed when {done} recordings had results", flush=True)
    for process in running:
        process.wait()
        has_ended(process)
    subprocess.run(command(recordings, disturbed), check=True)

    expected, found = contents(work / "undisturbed"), contents(disturbed)
    if expected != found:
        differing = sorted(str(path) for path in expected.keys() | found.keys()
                           if expected.get(path) != found.get(path))
        raise SystemExit(f"error: {len(differing)} files differ, the first is {differing[0]} in {work}")
    lines = found[pathlib.Path("results.jsonl")].splitlines()
    left = [path.name for path in (disturbed / ".utter").iterdir() if path.suffix in (".tmp", ".lock")]
    if len(lines) != options.files or len(set(lines)) != options.files or left:
        raise SystemExit(f"error: {len(lines)} results of {options.files} recordings, left behind: {left}")
    print(f"killed {killed} times, {within} before all was done; {len(found)} files are equal byte for byte, "
          f"{len(lines)} recordings each once")
    if not options.folder:
        shutil.rmtree(work)


main()
