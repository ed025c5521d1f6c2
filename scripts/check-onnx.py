#!/usr/bin/env python3
"""Compares exported ONNX graphs, run by ONNX Runtime, with what utter computes with the models that they are of.

The shipped model, and small ones of every kind that scripts/exchange_models.py makes. Each graph passes onnx.checker with
shape inference; then ONNX Runtime runs it on recordings of several lengths, one at a time, and on all of them as one batch,
padded with not-a-numbers, so that nothing of the padding can have been used in silence.

Needs the environment of Benchmarks/peers/set-up.sh and a built command.

Usage:    scripts/check-onnx.py [--utter COMMAND]
Example:  swift build -c release && Benchmarks/.peers/bin/python scripts/check-onnx.py
"""

import argparse
import json
import pathlib
import sys
import tempfile
import wave

import numpy as np
import onnx
import onnxruntime

import exchange_models as exchange

LIMIT = 1e-4
SECONDS = (0.09, 0.5, 2.0, 10.0, 1.37)


def cut(recording, seconds, path):
    """Writes the first seconds of a recording."""
    with wave.open(str(recording)) as source, wave.open(str(path), "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(int(seconds * source.getframerate())))
    return path


def largest(result, expected):
    return np.abs(result - expected).max() if result.shape == expected.shape else np.inf


def check(model, graph, utter, recordings, folder):
    """The largest difference of single recordings, and of the padded batch."""
    utter("export", "--format", "onnx", "--model", model, "--output", graph)
    proto = onnx.load(graph)
    onnx.checker.check_model(proto, full_check=True)
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    described = json.loads(metadata["utter"])
    assert json.loads(metadata["vocabulary"]) == described["head"]["vocabulary"]
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    features = [utter.features(path, described["features"], described["sample_rate"], folder) for path in recordings]
    expected = [utter.posteriors(path, model, folder) for path in recordings]

    def run(batch, lengths):
        return session.run(None, {"features": batch, "lengths": np.array(lengths, dtype=np.int64)})

    alone = 0.0
    for x, y in zip(features, expected):
        result, steps = run(x[None], [len(x)])
        alone = max(alone, largest(result[0], y), abs(int(steps[0]) - len(y)))
    padded = np.full((len(features), max(map(len, features)), features[0].shape[1]), np.nan, dtype=np.float32)
    for row, x in zip(padded, features):
        row[: len(x)] = x
    result, steps = run(padded, [len(x) for x in features])
    assert list(steps) == [len(y) for y in expected], (steps, [len(y) for y in expected])
    return alone, max(largest(row[: len(y)], y) for row, y in zip(result, expected))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--utter", default=exchange.ROOT / ".build/release/utter", help="the command")
    utter = exchange.Utter(parser.parse_args().utter)
    worst = 0.0
    print(f"onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}")
    print(f"{'model':34}{'alone':>12}{'padded':>12}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        recordings = [
            cut(exchange.ROOT / "audio/ten-seconds.wav", seconds, folder / f"{seconds}.wav") for seconds in SECONDS
        ]
        # The shipped model without its speech detector, which a graph does not have: by way of PyTorch.
        models = {"english-small": folder / "english-small.safetensors"}
        state_dict = folder / "english-small.pytorch.safetensors"
        shipped = exchange.ROOT / "models/english-small.safetensors"
        utter("export", "--format", "pytorch", "--model", shipped, "--output", state_dict)
        utter("import", state_dict, "--output", models["english-small"])
        for case in exchange.cases():
            models[case.name] = folder / f"{case.name}.safetensors"
            utter("import", case.write(folder), "--output", models[case.name])
        for name, model in models.items():
            alone, padded = check(model, folder / f"{name}.onnx", utter, recordings, folder)
            print(f"{name:34}{alone:12.1e}{padded:12.1e}")
            worst = max(worst, alone, padded)
    if not worst <= LIMIT:
        sys.exit(f"error: the largest difference, {worst:.1e}, is beyond {LIMIT}")


if __name__ == "__main__":
    main()
