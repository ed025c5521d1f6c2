#!/usr/bin/env python3
"""Runs the same work through Utter and through other tools, in turns, and prints medians and ratios.

usage:    Benchmarks/compare.py [mfcc] [rnn] [rnn-float32] [gru] [ctc] [decode] ... [--rounds N] [--peers FOLDER] [--threads N]
example:  Benchmarks/peers/set-up.sh && Benchmarks/compare.py mfcc rnn

Each round runs every tool once, in processes of their own that time themselves after their start. A ratio is the median
of the ratios of the rounds, so that a machine that changes its speed does not decide. Close what else is running: the
line `busy` says what part of the processors others took meanwhile.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
# Made by the first run that wants them.
INPUTS = str(HERE / ".decode-inputs")
# name: (arguments of UtterBenchmarks, peer script and its arguments, threads unless given,
#        figures: (ours, theirs ...), what the figures count)
WORKS = {
    "mfcc": (["mfcc"], ["mfcc.py"], 1,
             [("utter_mfcc40", "torchaudio_mfcc40", "librosa_mfcc40", "kaldi_native_fbank_mfcc40"),
              ("utter_fbank80", "torchaudio_fbank80", "librosa_fbank80", "kaldi_native_fbank_fbank80")],
             "seconds of audio a second"),
    "rnn": (["rnn"], ["rnn.py", "lstm"], 2,
            [("utter_b1", "torch_b1", "onnxruntime_b1"), ("utter_b16", "torch_b16", "onnxruntime_b16")],
            "steps a second, BiLSTM, float16 weights"),
    "rnn-float32": (["rnn", "--full-precision"], ["rnn.py", "lstm"], 2,
                    [("utter_b1", "torch_b1", "onnxruntime_b1"), ("utter_b16", "torch_b16", "onnxruntime_b16")],
                    "steps a second, BiLSTM, float32 weights"),
    "gru": (["rnn", "--cell", "gru"], ["rnn.py", "gru"], 2,
            [("utter_b1", "torch_b1", "onnxruntime_b1"), ("utter_b16", "torch_b16", "onnxruntime_b16")],
            "steps a second, BiGRU, float16 weights"),
    "ctc": (["ctc"], ["ctc.py"], 2, [("utter_c29", "torch_c29"), ("utter_c1000", "torch_c1000")],
            "frames a second, loss and gradient"),
    "decode": (["decode", INPUTS, "--text", str(HERE.parent / "audio/household.txt")], ["decode.py", INPUTS], 1,
               [("utter_lm", "pyctcdecode_lm"), ("utter_lexicon", "flashlight_lexicon"),
                ("utter_nolm", "pyctcdecode_nolm", "flashlight_free")],
               "steps a second of beam search, beam 64, word 3-gram; its words alone; no language model"),
    "train": (["train"], ["train.py"], 2,
              [("utter_train_bilstm", "torch_train_bilstm"), ("utter_train_bigru", "torch_train_bigru"),
               ("utter_train_bilstm_bfloat16", "torch_train_bilstm", "utter_train_bilstm"),
               ("utter_train_bigru_bfloat16", "torch_train_bigru", "utter_train_bigru"), ("sgemm_gflops",)],
              "frames a second, a whole training step; the machine's sgemm beside it, GFLOP/s"),
}


def run(command, environment=None):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise SystemExit(f"error: {' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    return json.loads(lines[-1])


def busy_seconds():
    """Processor seconds of the whole machine and of this process's children."""
    fields = [int(value) for value in open("/proc/stat").readline().split()[1:]]
    ticks = os.sysconf("SC_CLK_TCK")
    children = os.times()
    return (sum(fields) - fields[3] - fields[4]) / ticks, children.children_user + children.children_system, sum(fields) / ticks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", choices=[[], *WORKS], default=[])
    parser.add_argument("--list", action="store_true", help="name the works and run none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--peers", type=pathlib.Path, default=HERE / ".peers")
    options = parser.parse_args()
    works = options.works or [*WORKS]
    if options.list:
        print("\n".join(f"{work}: {WORKS[work][4]}" for work in works))
        return
    python = options.peers / "bin/python"
    if not python.exists():
        raise SystemExit(f"error: {python} is missing: run Benchmarks/peers/set-up.sh first")
    subprocess.run(["swift", "build", "-c", "release", "--product", "UtterBenchmarks", "--package-path", HERE.parent],
                   check=True, stdout=subprocess.DEVNULL, env={**os.environ, "UTTER_WORKBENCH": "1"})
    ours = HERE.parent / ".build/release/UtterBenchmarks"

    for work in works:
        arguments, peer, threads, figures, unit = WORKS[work]
        threads = options.threads or threads
        takes_threads = work not in ("mfcc", "decode")
        rounds = []
        all_before, mine_before, total_before = busy_seconds()
        for _ in range(options.rounds):
            values = run([ours, *arguments, *(["--threads", str(threads)] if takes_threads else [])])
            values |= run([python, HERE / "peers" / peer[0], str(threads), *peer[1:]])
            rounds.append(values)
        everything, mine, total = (after - before for after, before in zip(
            busy_seconds(), (all_before, mine_before, total_before)))
        print(f"\n{work}: {unit}; {threads} thread{'s' * (threads > 1)}, {options.rounds} rounds,"
              f" busy with others {100 * max(0, everything - mine) / total:.0f} %")
        for own, *others in figures:
            if own not in rounds[0]:
                print(f"  {own:28}              this processor has none")
                continue
            median = statistics.median(values[own] for values in rounds)
            print(f"  {own:28} {median:12.0f}")
            for other in others:
                ratios = [values[own] / values[other] for values in rounds]
                theirs = statistics.median(values[other] for values in rounds)
                print(f"  {other:28} {theirs:12.0f}   ours / theirs {statistics.median(ratios):6.2f}"
                      f"   ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
