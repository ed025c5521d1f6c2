#!/usr/bin/env python3
"""Compares what utter computes with imported models with what PyTorch computes with the same weights.

Makes small recognisers with random weights (LSTM, GRU, plain cells; one direction and two; a module for all layers or one
for each; batch normalisation; statistics of the training set; float32, float16, bfloat16; the blank first, last, between),
saves their state dicts and descriptions, imports them, and compares log-probabilities on a recording: of PyTorch in
float64 on the features that utter computes, then on those of kaldi-native-fbank.

Needs the environment of Benchmarks/peers/set-up.sh and a built command.

Usage:    scripts/check-import.py [--utter COMMAND]
Example:  swift build -c release && Benchmarks/.peers/bin/python scripts/check-import.py
"""

import argparse
import pathlib
import sys
import tempfile
import wave

import numpy as np

import exchange_models as exchange

# Of log-probabilities: rounding of float32 through the layers; then what the two ways to compute features differ by.
LIMIT, LIMIT_FEATURES = 1e-4, 5e-2


def samples(path, rate):
    """The samples of a recording of 16 kHz; those of 8 kHz only where it is kept as such."""
    with wave.open(str(path)) as recording:
        if recording.getframerate() != rate:
            return None
        return np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2").astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--utter", default=exchange.ROOT / ".build/release/utter", help="the command")
    utter = exchange.Utter(parser.parse_args().utter)
    recording = exchange.ROOT / "audio/ten-seconds.wav"
    failed = False
    print(f"{'model':34}{'steps':>7}{'PyTorch':>12}{'and Kaldi':>12}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for case in exchange.cases():
            front, rate = case.description["features"], case.description["sample_rate"]
            model = folder / f"{case.name}.safetensors"
            utter("import", case.write(folder), "--output", model)
            heard = utter.posteriors(recording, model, folder)
            expected = case.log_probabilities(utter.features(recording, front, rate, folder))
            difference = np.abs(heard - expected).max() if heard.shape == expected.shape else np.inf
            kaldi, pcm = None, samples(recording, rate)
            if pcm is not None:
                kaldi = np.abs(heard - case.log_probabilities(exchange.kaldi_features(pcm, front, rate))).max()
            shown = "" if kaldi is None else f"{kaldi:12.1e}"
            print(f"{case.name:34}{len(heard):7}{difference:12.1e}{shown}")
            failed |= not difference <= LIMIT or (kaldi is not None and not kaldi <= LIMIT_FEATURES)
    if failed:
        sys.exit(f"error: a difference is beyond {LIMIT} (features of utter) or {LIMIT_FEATURES} (of Kaldi)")


if __name__ == "__main__":
    main()
