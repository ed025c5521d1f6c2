#!/usr/bin/env python3
"""Trains a recogniser in PyTorch on a GPU, for `utter import`: the network that `utter train` trains, on the same lists.

Everything happens on the GPU: the recordings lie there as samples, and speeds, rooms, noise and features are computed for
each batch. The length of the run is given in minutes, as a GPU is lent; the learning rate follows the clock: up for the
first twentieth, then down as a cosine. What is written are the averaged weights (OUTPUT.safetensors) and the JSON that
describes them (OUTPUT.json), once in a while and at the end, so that a run that is cut off has left something.

Usage:    scripts/train-with-pytorch.py --train LIST... --dev LIST... --output OUTPUT --minutes MINUTES [option...]
Example:  scripts/train-with-pytorch.py --train train.jsonl --dev dev.jsonl --output run/english --minutes 60
          utter import run/english.safetensors --half --output english.safetensors
Needs torch, numpy, soundfile and safetensors. Recordings are 16 kHz, of one channel; rows may have an "offset".
"""

import argparse
import concurrent.futures
import copy
import json
import math
import pathlib
import random
import time

import numpy as np
import soundfile
import torch
from safetensors.torch import load_file, save_file

from pytorch_front_end import HIGHEST, LOWEST, RATE, Augmentation, FrontEnd, Speeds

SYMBOLS = ["<blank>", " ", "'"] + [chr(code) for code in range(ord("a"), ord("z") + 1)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--train", action="append", required=True, help="lists of recordings to learn from")
    parser.add_argument("--dev", action="append", default=[], help="lists that measure, each apart")
    parser.add_argument("--noise", action="append", default=[], help="folders of sounds to mix in, or lists of them")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="what is written, without its ending")
    parser.add_argument("--from", dest="base", help="weights to begin with, as written before")
    parser.add_argument("--cell", choices=["gru", "lstm"], default="gru")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=320)
    parser.add_argument("--bands", type=int, default=80)
    parser.add_argument("--range", type=float, default=15, help="nats below the loudest at which energies are held")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--minutes", type=float, default=10, help="how long to train")
    parser.add_argument("--updates", type=int, help="in place of --minutes: how many updates")
    parser.add_argument("--plain", type=float, default=0.08, help="share of the run, its first, without augmentation")
    parser.add_argument("--batch-seconds", type=float, default=1600)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--average", type=float, default=0.998, help="decay of the averaged weights")
    parser.add_argument("--measure-seconds", type=float, default=45)
    parser.add_argument("--longest", type=float, default=20, help="longer recordings are left out, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def rows_of(path):
    path = pathlib.Path(path)
    for line in path.read_text().splitlines():
        row = json.loads(line)
        row["audio_filepath"] = str(path.parent / row["audio_filepath"])
        yield row


def sounds_of(path):
    """Rows of a list, or of the recordings of a folder."""
    path = pathlib.Path(path)
    if not path.is_dir():
        return rows_of(path)
    endings = {".wav", ".flac", ".ogg", ".opus"}
    return [{"audio_filepath": str(file)} for file in sorted(path.rglob("*")) if file.suffix.lower() in endings]


def read(path):
    samples, rate = soundfile.read(path, dtype="int16")
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"error: {path}: {rate} Hz, {samples.ndim} channels; make it 16 kHz mono first")
    return samples


class Recordings:
    """All samples in one long tensor on the device, and where each row begins."""

    def __init__(self, paths, device):
        self.device, self.begins, self.lengths = device, {}, {}
        paths, parts, length = sorted(set(paths)), [], 0
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for path, samples in zip(paths, pool.map(read, paths)):
                self.begins[path], self.lengths[path] = length, len(samples)
                parts.append(samples)
                length += len(samples)
        self.sound = torch.from_numpy(np.concatenate(parts)).to(device)

    def place(self, row):
        """The first sample and their number."""
        path, offset = row["audio_filepath"], round(row.get("offset", 0) * RATE)
        left = self.lengths[path] - offset
        # Durations of lists are rounded, perhaps beyond the end.
        return self.begins[path] + offset, min(left, round(row["duration"] * RATE)) if "duration" in row else left


class Recogniser(torch.nn.Module):
    """Recurrent layers over steps, a linear layer to characters; log-probabilities of a packed batch."""

    def __init__(self, cell, inputs, hidden, layers, dropout):
        super().__init__()
        layer = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
        self.encoder = layer(inputs, hidden, layers, bidirectional=True, batch_first=True, dropout=dropout)
        self.dropout = torch.nn.Dropout(dropout)
        self.head = torch.nn.Linear(2 * hidden, len(SYMBOLS))

    def forward(self, steps, counts):
        """[batch, steps, inputs] and their numbers, on the CPU, to [steps, batch, classes]."""
        packed = torch.nn.utils.rnn.pack_padded_sequence(steps, counts, batch_first=True, enforce_sorted=False)
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0])
        return torch.log_softmax(self.head(self.dropout(outputs)), dim=-1)


def batches(durations, most_seconds, generator):
    """Indices of rows of about one length together, in a random order; each row once."""
    jittered = [(duration * generator.uniform(0.93, 1.07), index) for index, duration in enumerate(durations)]
    result, batch, longest = [], [], 0.0
    for _, index in sorted(jittered):
        longest = max(longest, durations[index])
        if batch and longest * (len(batch) + 1) > most_seconds:
            result.append(batch)
            batch, longest = [], durations[index]
        batch.append(index)
    result.append(batch)
    generator.shuffle(result)
    return result


def distance(a, b):
    """How many insertions, deletions and substitutions make b of a."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (one != other))
    return row[-1]


class Dev:
    """A set that measures: features of all of it, and what is said."""

    def __init__(self, path, rows, recordings, front, scale):
        places = [recordings.place(row) for row in rows]
        self.name, self.texts = pathlib.Path(path).stem, [row["text"] for row in rows]
        lengths = torch.tensor([length for _, length in places])
        waves = torch.zeros(len(rows), int(lengths.max()), device=recordings.device)
        for index, (begin, length) in enumerate(places):
            waves[index, :length] = recordings.sound[begin : begin + length].float()
        counts = front.frames(lengths)
        parts = [front(waves[i : i + 32], counts[i : i + 32]) for i in range(0, len(rows), 32)]
        steps, self.counts = front.steps(torch.cat(parts), counts)
        self.steps = steps * scale

    def measure(self, model):
        """(CER, WER) of the best symbols of each step, as percent."""
        errors = [0, 0, 0, 0]
        for first in range(0, len(self.texts), 64):
            with torch.no_grad():
                best = model(self.steps[first : first + 64], self.counts[first : first + 64]).argmax(dim=-1).T.cpu()
            for symbols, count, text in zip(best, self.counts[first : first + 64], self.texts[first : first + 64]):
                symbols = torch.unique_consecutive(symbols[:count]).tolist()
                heard = " ".join("".join(SYMBOLS[symbol] for symbol in symbols if symbol).split())
                errors[0] += distance(text, heard)
                errors[1] += len(text)
                errors[2] += distance(text.split(), heard.split())
                errors[3] += len(text.split())
        return 100 * errors[0] / errors[1], 100 * errors[2] / errors[3]


class Trainer:
    def __init__(self, options):
        self.options = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.manual_seed(options.seed)
        self.generator = random.Random(options.seed)
        begun = time.monotonic()
        self.rows = [
            row for path in options.train for row in rows_of(path) if 0.15 <= row["duration"] <= options.longest
        ]
        noise_rows = [row for path in options.noise for row in sounds_of(path)]
        dev_rows = {path: list(rows_of(path)) for path in options.dev}
        paths = [row["audio_filepath"] for row in sum(dev_rows.values(), self.rows + noise_rows)]
        recordings = self.recordings = Recordings(paths, self.device)
        places = [recordings.place(row) for row in self.rows]
        self.starts = torch.tensor([place[0] for place in places])
        self.lengths = torch.tensor([place[1] for place in places])
        self.labels = [torch.tensor([SYMBOLS.index(character) for character in row["text"]]) for row in self.rows]
        noises = [recordings.sound[begin : begin + length] for begin, length in map(recordings.place, noise_rows)]
        self.front = FrontEnd(options.bands, self.device, held=options.range)
        self.speeds = Speeds(Augmentation.SPEEDS, self.device)
        self.augmentation = Augmentation(self.device, noises)
        self.scale = self.one_over_deviation()
        self.dev = [Dev(path, rows, recordings, self.front, self.scale) for path, rows in dev_rows.items()]
        self.model = Recogniser(
            options.cell, self.front.stack * options.bands, options.hidden, options.layers, options.dropout
        ).to(self.device)
        if options.base:
            tensors = load_file(options.base)
            self.model.load_state_dict({name: tensors[name].float() for name in self.model.state_dict()})
        # In evaluation, where dropout does nothing.
        self.averaged = copy.deepcopy(self.model).eval()
        weights = sum(parameter.numel() for parameter in self.model.parameters())
        hours = sum(row["duration"] for row in self.rows) / 3600
        self.say(f"{len(self.rows)} recordings, {hours:.1f} h; {weights / 1e6:.2f} million weights; "
                 f"read in {time.monotonic() - begun:.0f} s; on {self.device}")

    @staticmethod
    def say(line):
        print(line, flush=True)

    def one_over_deviation(self):
        """One over the standard deviation of the energies of some hundred recordings: one number for all, so that steps are
        about one."""
        some = list(range(0, len(self.rows), max(1, len(self.rows) // 256)))
        total, count = 0.0, 0
        for first in range(0, len(some), 32):
            energies, counts = self.energies(some[first : first + 32], plain=True)
            total += (energies**2).sum().item()
            count += counts.sum().item() * energies.shape[2]
        return torch.tensor((count / total) ** 0.5, device=self.device)

    def energies(self, batch, plain):
        """[batch, frames, bands] of these rows, each varied, or as they are, and their numbers of frames on the CPU: what is
        drawn is drawn there, so that it need not wait for the GPU."""
        augmentation, indices = self.augmentation, torch.tensor(batch)
        choice = torch.zeros(len(batch), dtype=torch.long)
        if not plain:
            choice.random_(len(Augmentation.SPEEDS))
        starts, lengths = self.starts[indices], self.lengths[indices]
        waves, lengths = self.speeds(self.recordings.sound, starts, lengths, choice)
        counts, warps = self.front.frames(lengths), None
        if not plain:
            waves = augmentation.noisy(augmentation.filtered(waves), lengths)
            warps = torch.randint(1, len(self.front.banks), (len(batch),)).to(self.device)
        energies = self.front(waves, counts, warps)
        if not plain:
            energies = augmentation.masked(energies, counts)
        return energies, counts

    def loss(self, batch, plain):
        steps, counts = self.front.steps(*self.energies(batch, plain))
        scores = self.model(steps * self.scale, counts)
        labels = [self.labels[index] for index in batch]
        sizes = torch.tensor([len(label) for label in labels])
        targets = torch.zeros(len(batch), max(1, int(sizes.max())), dtype=torch.long)
        for row, label in zip(targets, labels):
            row[: len(label)] = label
        losses = torch.nn.functional.ctc_loss(
            scores, targets.to(self.device), counts, sizes, reduction="none", zero_infinity=True
        )
        # Natural logarithms a character, as `utter train` has them.
        return losses.sum() / sizes.sum().clamp(min=len(batch))

    def train(self):
        options, durations = self.options, [row["duration"] for row in self.rows]
        optimiser = torch.optim.AdamW(
            self.model.parameters(), options.learning_rate, betas=(0.9, 0.98), weight_decay=options.weight_decay
        )
        begun = measured = time.monotonic()
        update, epoch, seen, losses = 0, 0, 0.0, []
        while True:
            epoch += 1
            for batch in batches(durations, options.batch_seconds, self.generator):
                now = time.monotonic()
                done = update / options.updates if options.updates else (now - begun) / 60 / options.minutes
                if done >= 1:
                    self.report(update, epoch, seen, losses, now - begun)
                    self.write(update, seen, now - begun)
                    return
                rate = options.learning_rate * min(done / 0.05 + 0.01, 0.5 + 0.5 * math.cos(math.pi * done), 1)
                for group in optimiser.param_groups:
                    group["lr"] = rate
                self.model.train()
                loss = self.loss(batch, plain=done < options.plain)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                optimiser.step()
                decay = min(options.average, (1 + update) / (20 + update))
                with torch.no_grad():
                    torch._foreach_lerp_(
                        list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay
                    )
                update += 1
                losses.append(loss.detach())
                seen += sum(durations[index] for index in batch) / 3600
                if now - measured > options.measure_seconds:
                    self.report(update, epoch, seen, losses, now - begun)
                    losses, measured = [], time.monotonic()
                    self.write(update, seen, now - begun)

    def report(self, update, epoch, seen, losses, seconds):
        loss = torch.stack(losses).mean().item() if losses else float("nan")
        scores = ", ".join(
            "{} CER {:.2f} WER {:.2f}".format(dev.name, *dev.measure(self.averaged)) for dev in self.dev
        )
        self.say(f"{seconds:.0f} s: update {update}, epoch {epoch}, {seen:.0f} h met, loss {loss:.3f}; {scores}")

    def write(self, update, seen, seconds):
        options = self.options
        options.output.parent.mkdir(parents=True, exist_ok=True)
        tensors = {name: tensor.half().cpu().contiguous() for name, tensor in self.averaged.state_dict().items()}
        # Energies are divided by their deviation, all by the same; the mean is the utterance's own.
        tensors["deviation"] = torch.full((options.bands,), 1 / self.scale.item())
        tensors["zero"] = torch.zeros(options.bands)
        # Whole or not at all.
        partial = options.output.with_suffix(".partial")
        save_file(tensors, partial)
        partial.replace(options.output.with_suffix(".safetensors"))
        description = {
            "name": options.output.name,
            "sample_rate": RATE,
            "features": {"kind": "fbank", "num_mel_bins": options.bands, "low_freq": LOWEST,
                         "high_freq": HIGHEST, "normalisation": FrontEnd.NORMALISATION, "range": self.front.held,
                         "stack": self.front.stack, "stride": self.front.stack},
            "encoder": {"cell": options.cell, "bidirectional": True, "hidden": options.hidden,
                        "layers": options.layers},
            "head": {"blank": 0, "vocabulary": SYMBOLS},
            "tensors": {"encoder": "encoder", "head": "head", "input_mean": "zero", "input_std": "deviation"},
            "training": {"trainer": "PyTorch", "minutes": f"{seconds / 60:.1f}", "updates": str(update),
                         "hours met": f"{seen:.0f}"},
        }
        options.output.with_suffix(".json").write_text(json.dumps(description, indent=2))


def main():
    Trainer(arguments()).train()


if __name__ == "__main__":
    main()
