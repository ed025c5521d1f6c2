"""Recognisers of every shape that `utter import` takes, made in PyTorch with random weights, and what checks of them share.
Not a program: scripts/check-import.py and scripts/check-onnx.py use it."""

import dataclasses
import json
import pathlib
import subprocess
import sys

try:
    import kaldi_native_fbank
    import numpy as np
    import torch
    from safetensors.torch import save_file
except ImportError as error:
    sys.exit(f"error: {error.name} is missing: make the environment with Benchmarks/peers/set-up.sh, run its bin/python")

ROOT = pathlib.Path(__file__).resolve().parent.parent
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
MEAN = "subtract the utterance mean"
SOUND = "subtract the mean of frames that hold sound"


@dataclasses.dataclass
class Case:
    """A recogniser: its modules by the names of the state dict, what they do to steps, and the JSON beside it."""

    name: str
    modules: dict
    forward: object
    description: dict
    dtype: torch.dtype = torch.float32
    extra: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        """Weights as they are stored, so that PyTorch computes with the rounded ones too."""
        with torch.no_grad():
            for module in self.modules.values():
                for tensor in list(module.parameters()) + list(module.buffers()):
                    if tensor.is_floating_point():
                        tensor.copy_(tensor.to(self.dtype).to(tensor.dtype))
                module.eval()
            self.extra = {name: tensor.to(self.dtype).float() for name, tensor in self.extra.items()}

    def write(self, folder):
        """Writes the state dict and the JSON; returns the path of the first."""
        tensors = dict(self.extra)
        for name, module in self.modules.items():
            for key, tensor in module.state_dict().items():
                tensors[f"{name}.{key}" if name else key] = tensor
        tensors = {
            name: (tensor.to(self.dtype) if tensor.is_floating_point() else tensor).contiguous().clone()
            for name, tensor in tensors.items()
        }
        path = folder / f"{self.name}.pytorch.safetensors"
        save_file(tensors, path)
        path.with_suffix(".json").write_text(json.dumps(self.description, indent=1))
        return path

    def log_probabilities(self, features):
        """[frames, coefficients] to [steps, classes], in float64; the rows in the order of the model file: blank first."""
        front = self.description["features"]
        x = torch.from_numpy(normalised(np.asarray(features, dtype=np.float64), front))
        names = self.description.get("tensors", {})
        if "input_mean" in names:
            x = (x - self.extra[names["input_mean"]].double()) / self.extra[names["input_std"]].double()
        stack, stride = front.get("stack", 1), front.get("stride", 1)
        x = x.unfold(0, stack, stride).transpose(1, 2).reshape(-1, stack * x.shape[1])
        for module in self.modules.values():
            module.double()
        with torch.no_grad():
            y = torch.log_softmax(self.forward(x[None], self.modules)[0], dim=-1).numpy()
        for module in self.modules.values():
            module.float()
        blank = self.description["head"]["blank"]
        return np.concatenate([y[:, blank : blank + 1], np.delete(y, blank, axis=1)], axis=1)


def cosine_transform(bands, lifter):
    """[coefficients, bands]: log-mel energies to as many cepstra, as Kaldi has it."""
    k, band = np.arange(bands)[:, None], np.arange(bands)[None]
    rows = np.sqrt(np.where(k == 0, 1, 2) / bands) * np.cos(np.pi / bands * (band + 0.5) * k)
    return rows * (1 + lifter / 2 * np.sin(np.pi * k / lifter) if lifter else 1)


def normalised(x, front):
    """[frames, coefficients] less what a front end subtracts, held to its range; models/README.md has the formulas."""
    if front["normalisation"] == "none" and "range" not in front:
        return x
    is_sound, is_cepstral = front["normalisation"] == SOUND, front["kind"] == "mfcc"
    if not is_sound and "range" not in front:
        return x - x.mean(axis=0)
    if is_cepstral:
        transform = cosine_transform(front["num_mel_bins"], front.get("lifter", 22))
        x = x @ np.linalg.inv(transform).T
    levels = x.max(axis=1)
    loudest = np.sort(levels)[-min(10, len(levels))] if is_sound else levels.max()
    x = np.maximum(x, loudest - front.get("range", np.inf))
    weights = np.clip(1 - (loudest - levels) / 12.5, 0, 1) if is_sound else np.ones(len(x))
    if front["normalisation"] != "none":
        x = x - weights @ x / weights.sum()
    return x @ transform.T if is_cepstral else x


def peaked(module, factor=2.0):
    """Larger weights than PyTorch's: outputs that differ from step to step, so that an error shows."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(factor)
    return module


def batch_norm(size):
    norm = torch.nn.BatchNorm1d(size)
    with torch.no_grad():
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.uniform_(-0.3, 0.3)
        norm.running_mean.uniform_(-0.5, 0.5)
        norm.running_var.uniform_(0.5, 2.0)
    return norm


def normalised(norm, x):
    return norm(x.transpose(1, 2)).transpose(1, 2)


def description(name, front, encoder, blank, vocabulary, tensors, rate=16000, **head):
    return {
        "name": name,
        "sample_rate": rate,
        "features": front,
        "encoder": encoder,
        "head": {"blank": blank, "vocabulary": vocabulary, **head},
        "tensors": tensors,
        "training": {"data": "none: random weights"},
    }


def cases():
    """One of each kind, from a seed."""
    torch.manual_seed(11)
    mfcc = {"kind": "mfcc", "num_mel_bins": 40, "num_ceps": 40, "normalisation": MEAN, "stack": 3, "stride": 3}
    yield Case(
        "bilstm",
        {"module.lstm": peaked(torch.nn.LSTM(120, 48, 2, batch_first=True, bidirectional=True)),
         "module.fc": peaked(torch.nn.Linear(96, 29), 8)},
        lambda x, m: m["module.fc"](m["module.lstm"](x)[0]),
        description("bilstm", mfcc, {"cell": "lstm", "bidirectional": True, "hidden": 48, "layers": 2}, 28,
                    LETTERS + ["'", "|", ""], {}, space="|"),
    )
    sound = dict(mfcc, num_mel_bins=24, num_ceps=24, lifter=0, normalisation=SOUND, range=12)
    for name, front in (("sound-mfcc", sound), ("range-mfcc-lifter", dict(sound, lifter=22, normalisation=MEAN)),
                        ("sound-bands", {"kind": "fbank", "num_mel_bins": 24, "normalisation": SOUND, "range": 15,
                                         "stack": 3, "stride": 3})):
        yield Case(
            name,
            {"gru": peaked(torch.nn.GRU(72, 24, 1, batch_first=True, bidirectional=True)),
             "fc": peaked(torch.nn.Linear(48, 28), 4)},
            lambda x, m: m["fc"](m["gru"](x)[0]),
            description(name, front, {"cell": "gru", "bidirectional": True, "hidden": 24, "layers": 1}, 0,
                        ["<pad>", " "] + LETTERS, {}),
        )
    wide = dict(mfcc, stack=5, stride=2)
    conv = peaked(torch.nn.Conv1d(40, 24, kernel_size=5, stride=2, bias=False))
    yield Case(
        "bigru-convolution",
        {"conv": conv, "norm": batch_norm(24), "gru": peaked(torch.nn.GRU(24, 32, 2, batch_first=True, bidirectional=True)),
         "fc": peaked(torch.nn.Linear(64, 28), 8)},
        # Steps hold the five frames side by side: each is a sequence of its own.
        lambda x, m: m["fc"](m["gru"](torch.relu(
            m["norm"](m["conv"](x[0].reshape(-1, 5, 40).transpose(1, 2))))[:, :, 0][None])[0]),
        description("bigru-convolution", wide, {"cell": "gru", "bidirectional": True, "hidden": 32, "layers": 2}, 0,
                    ["<pad>", " "] + LETTERS, {"convolution": "conv", "batch_norm": {"relu": "norm"}}),
    )
    bands = {"kind": "fbank", "num_mel_bins": 40, "normalisation": MEAN, "stack": 4, "stride": 2, "snip_edges": False}
    yield Case(
        "bigru-batchnorm-half",
        {"bn": batch_norm(160), "encoder.gru": peaked(torch.nn.GRU(160, 32, 3, batch_first=True, bidirectional=True)),
         "classifier.0": batch_norm(64), "classifier.1": peaked(torch.nn.Linear(64, 28), 8)},
        lambda x, m: m["classifier.1"](normalised(m["classifier.0"], m["encoder.gru"](normalised(m["bn"], x))[0])),
        description("bigru", bands, {"cell": "gru", "bidirectional": True, "hidden": 32, "layers": 3}, 0,
                    ["<pad>", " "] + LETTERS, {"batch_norm": {"0": "bn", "head": "classifier.0"}}),
        torch.float16,
    )
    yield Case(
        "lstm-a-module-a-layer-bfloat16",
        {"rnns.0.rnn": peaked(torch.nn.LSTM(26, 40, batch_first=True)), "rnns.1.norm": batch_norm(40),
         "rnns.1.rnn": peaked(torch.nn.LSTM(40, 40, batch_first=True)), "fc": peaked(torch.nn.Linear(40, 28), 8),
         "aux": torch.nn.Linear(40, 7)},
        lambda x, m: m["fc"](m["rnns.1.rnn"](normalised(m["rnns.1.norm"], m["rnns.0.rnn"](x)[0]))[0]),
        description("deep", {"kind": "mfcc", "num_mel_bins": 26, "num_ceps": 13, "normalisation": "none", "stack": 2,
                             "stride": 2}, {"cell": "lstm", "bidirectional": False, "hidden": 40, "layers": 2}, 5,
                    LETTERS[:5] + ["_"] + LETTERS[5:] + [" "],
                    {"encoder": ["rnns.0.rnn", "rnns.1.rnn"], "head": "fc", "batch_norm": {"1": "rnns.1.norm"},
                     "input_mean": "cmvn.mean", "input_std": "cmvn.std", "ignore": ["aux"]}),
        torch.bfloat16,
        {"cmvn.mean": torch.randn(13) * 5, "cmvn.std": torch.rand(13) * 20 + 5},
    )
    for cell in ("tanh", "relu"):
        yield Case(
            f"birnn-{cell}-telephone",
            {"": torch.nn.RNN(80, 24, 1, nonlinearity=cell, bias=False, batch_first=True, bidirectional=True),
             "out": peaked(torch.nn.Linear(48, 28, bias=False), 8)},
            lambda x, m: m["out"](m[""](x)[0]),
            description("rnn", {"kind": "fbank", "num_mel_bins": 40, "normalisation": MEAN, "stack": 2, "stride": 3},
                        {"cell": cell, "bidirectional": True, "hidden": 24, "layers": 1, "bias": False}, 0,
                        ["<blank>", " "] + LETTERS, {"encoder": "", "head": "out"}, rate=8000, bias=False),
        )


class Utter:
    """The command."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments):
        result = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"error: utter {' '.join(map(str, arguments))}: {result.stderr.strip()}")
        return result.stdout

    def features(self, recording, front, rate, folder):
        """[frames, coefficients] as a model hears them, not normalised."""
        path = folder / "features.npy"
        options = ["--kind", front["kind"], "--mel-bands", front["num_mel_bins"], "--sample-rate", rate]
        options += ["--low-frequency", front.get("low_freq", 20), f"--high-frequency={front.get('high_freq', 0)}"]
        if front["kind"] == "mfcc":
            options += ["--coefficients", front["num_ceps"], "--lifter", front.get("lifter", 22)]
        if not front.get("snip_edges", True):
            options += ["--mirror-edges"]
        self("features", recording, "--output", path, *options)
        return np.load(path)

    def posteriors(self, recording, model, folder):
        path = folder / "posteriors.npy"
        self("posteriors", recording, "--model", model, "--output", path)
        return np.load(path)


def kaldi_features(samples, front, rate):
    """[frames, coefficients] by kaldi-native-fbank, of samples from -32768 to 32767."""
    is_cepstral = front["kind"] == "mfcc"
    options = kaldi_native_fbank.MfccOptions() if is_cepstral else kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = rate
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = front.get("snip_edges", True)
    options.mel_opts.num_bins = front["num_mel_bins"]
    options.use_energy = False
    if is_cepstral:
        options.num_ceps = front["num_ceps"]
        options.cepstral_lifter = front.get("lifter", 22)
    online = (kaldi_native_fbank.OnlineMfcc if is_cepstral else kaldi_native_fbank.OnlineFbank)(options)
    online.accept_waveform(rate, samples.tolist())
    online.input_finished()
    return np.stack([online.get_frame(frame) for frame in range(online.num_frames_ready)])
