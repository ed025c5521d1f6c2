#!/usr/bin/env python3
"""A linear probe in PyTorch on the encoder outputs that `utter adapt` learns from, to compare with.

The outputs of each recording, as `utter features --encoder` writes them, are averaged over time; a linear layer to the labels
learns on the averages (Adam, weight decay, 300 passes). Needs torch and numpy.

Usage:    scripts/linear-probe.py --train train.jsonl --test test.jsonl [--model MODEL] [--utter .build/release/utter]
Example:  scripts/linear-probe.py --train audio/commands/train.jsonl --test audio/commands/dev.jsonl
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import tempfile

import numpy
import torch


def rows(path):
    folder = os.path.dirname(os.path.abspath(path))
    with open(path, encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines if line.strip()]
    return [(os.path.join(folder, entry["audio_filepath"]), entry["text"]) for entry in entries]


def average(recording, utter, model):
    """The mean over time of the encoder's outputs."""
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "outputs.npy")
        # Exit code 1 with a file written is a recording with a warning.
        done = subprocess.run([utter, "features", recording, "--encoder", model, "--output", place],
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{recording}: {done.stderr.strip()}")
        return numpy.load(place).mean(axis=0)


def averages(path, utter, model):
    entries = rows(path)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        result = list(threads.map(lambda entry: average(entry[0], utter, model), entries))
    return torch.tensor(numpy.stack(result)), [text for _, text in entries]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--model", default="models/english-small.safetensors")
    parser.add_argument("--utter", default=".build/release/utter")
    options = parser.parse_args()
    torch.manual_seed(1)
    x, texts = averages(options.train, options.utter, options.model)
    labels = sorted(set(texts))
    y = torch.tensor([labels.index(text) for text in texts])
    mean, deviation = x.mean(0), x.std(0) + 1e-3
    layer = torch.nn.Linear(x.shape[1], len(labels))
    optimiser = torch.optim.AdamW(layer.parameters(), lr=3e-3, weight_decay=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(layer((x - mean) / deviation), y).backward()
        optimiser.step()
    x, texts = averages(options.test, options.utter, options.model)
    with torch.no_grad():
        heard = layer((x - mean) / deviation).argmax(1)
    right = sum(labels[index] == text for index, text in zip(heard.tolist(), texts))
    print(f"{right} of {len(texts)} right, accuracy {100 * right / len(texts):.1f} %")


if __name__ == "__main__":
    main()
