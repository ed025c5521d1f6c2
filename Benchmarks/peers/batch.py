"""usage: batch.py THREADS MODEL FOLDER [TEXTS]. Hours of audio an hour for all WAV files of a folder, by the network of an
Utter model in ONNX Runtime: torchaudio's MFCC, batches of 16 of like length, best path. Once with one step after the other,
once with reading and features in a thread of their own; and the same by processor time. Loading and exporting are not counted. Texts are written to the
folder TEXTS, if it is given, as `utter batch` names them."""
from common import *
import concurrent.futures
import json
import logging
import pathlib
import struct
import warnings

import numpy as np
import onnxruntime
import soundfile
import torch
import torchaudio.compliance.kaldi as kaldi

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(THREADS)
BATCH = 16


def read_model(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    description = json.loads(header.pop("__metadata__")["utter"])
    types = {"F16": np.float16, "F32": np.float32}
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[start:end], types[entry["dtype"]]).astype(np.float32)
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return description, tensors


description, tensors = read_model(sys.argv[2])
front, encoder = description["features"], description["encoder"]
assert front["kind"] == "mfcc" and encoder["cell"] == "lstm" and encoder["bidirectional"]
assert "convolution" not in encoder


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.LSTM(encoder["input"], encoder["hidden"], encoder["layers"], bidirectional=True,
                                 batch_first=True)
        self.output = torch.nn.Linear(2 * encoder["hidden"], len(description["head"]["vocabulary"]))
        state = {"output.weight": tensors["head.weight"], "output.bias": tensors["head.bias"]}
        for layer in range(encoder["layers"]):
            for direction, suffix in (("forward", ""), ("backward", "_reverse")):
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                    state[f"rnn.{name}_l{layer}{suffix}"] = tensors[f"encoder.layers.{layer}.{direction}.{name}"]
        self.load_state_dict(state)

    def forward(self, x, lengths):
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.output(hidden)


path = f"/tmp/utter-benchmark-{os.getpid()}.onnx"
torch.onnx.export(
    Model().eval(), (torch.randn(2, 50, encoder["input"]), torch.tensor([50, 40])), path, input_names=["x", "lengths"],
    output_names=["y"], opset_version=17, dynamo=False,
    dynamic_axes={"x": {0: "b", 1: "t"}, "lengths": {0: "b"}, "y": {0: "b", 1: "t"}})
options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
os.remove(path)

scale = tensors["frontend.scale"]
stack, stride = front["stack"], front["stride"]
vocabulary, blank = description["head"]["vocabulary"], description["head"]["blank"]


def steps_of(file):
    samples, rate = soundfile.read(file, dtype="int16")
    assert rate == description["sample_rate"]
    features = kaldi.mfcc(
        torch.from_numpy(samples.astype(np.float32))[None], num_mel_bins=front["num_mel_bins"],
        num_ceps=front["num_ceps"], low_freq=front["low_freq"], high_freq=front["high_freq"], dither=0,
        cepstral_lifter=front["lifter"], use_energy=front["use_energy"], sample_frequency=rate,
        preemphasis_coefficient=front["preemphasis"], remove_dc_offset=front["remove_dc"], window_type=front["window"])
    features = ((features - features.mean(0)) * scale).numpy()
    count = 1 + (len(features) - stack) // stride
    frames = np.arange(count)[:, None] * stride + np.arange(stack)
    return features[frames].reshape(count, -1), len(samples) / rate


def text_of(classes):
    kept = classes[np.concatenate(([True], classes[1:] != classes[:-1]))]
    return " ".join("".join(vocabulary[c] for c in kept if c != blank).split())


files = sorted(pathlib.Path(sys.argv[3]).rglob("*.wav"), key=lambda file: -file.stat().st_size)
batches = [files[start:start + BATCH] for start in range(0, len(files), BATCH)]


def read(batch):
    return sorted(zip((steps_of(file) for file in batch), batch), key=lambda item: -len(item[0][0]))


def recognise(items):
    lengths = np.array([len(steps) for (steps, _), _ in items])
    x = np.zeros((len(items), lengths[0], encoder["input"]), np.float32)
    for row, ((steps, _), _) in enumerate(items):
        x[row, :len(steps)] = steps
    best = session.run(None, {"x": x, "lengths": lengths})[0].argmax(-1)
    return [(file, text_of(best[row, :lengths[row]])) for row, (_, file) in enumerate(items)]


def one_after_the_other():
    return [result for batch in batches for result in recognise(read(batch))]


def overlapped():
    results = []
    with concurrent.futures.ThreadPoolExecutor(1) as reader:
        ahead = [reader.submit(read, batch) for batch in batches[:2]]
        for number in range(len(batches)):
            items = ahead.pop(0).result()
            if number + 2 < len(batches):
                ahead.append(reader.submit(read, batches[number + 2]))
            results += recognise(items)
    return results


recognise(read(batches[-1]))
hours = sum(soundfile.info(file).duration for file in files) / 3600
values = {}
for name, call in (("onnxruntime_batch", one_after_the_other), ("onnxruntime_batch_overlapped", overlapped)):
    start, processor = time.perf_counter(), time.process_time()
    results = call()
    values[name] = hours / ((time.perf_counter() - start) / 3600)
    values[name + "_cpu"] = hours / ((time.process_time() - processor) / 3600)
if len(sys.argv) > 4:
    for file, text in results:
        target = pathlib.Path(sys.argv[4]) / file.relative_to(sys.argv[3]).with_suffix(".txt")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n")
report(values)
