"""What the Python scripts of this recipe share: manifests, ledgers that survive a stop, and how far two texts differ."""

import json
import os
import pathlib
import sys

AUDIO = {".flac", ".wav", ".opus", ".ogg", ".mp3", ".m4a"}
# How the transcripts and the language model write what is said.
SHORT_FORMS = {"mr": "mister", "mrs": "missus", "dr": "doctor"}


def fail(message):
    """One line on standard error, and out."""
    sys.exit(f"error: {message}")


def written_out(text):
    return " ".join(SHORT_FORMS.get(word, word) for word in text.split())


def read_manifest(path, texts=True):
    """The rows of a manifest, each with the whole path of its recording."""
    path = pathlib.Path(path)
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(f'"{path}" cannot be read: {error}')
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row["audio_filepath"] = str((path.parent / row["audio_filepath"]).absolute())
            row["duration"] = float(row.get("duration", 0))
            row["text"] = row["text"] if texts else row.get("text", "")
        except (ValueError, KeyError, TypeError):
            fail(f'"{path}", line {number} is no row of a manifest: '
                 "audio_filepath, duration and text are due, as JSON")
        rows.append(row)
    return rows


def recordings(path):
    """The rows of a manifest, or a row without text for each recording of a folder and the folders in it."""
    path = pathlib.Path(path)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in AUDIO)
        if not found:
            fail(f'"{path}" holds no recording ({" ".join(sorted(AUDIO))})')
        return [{"audio_filepath": str(file.absolute()), "text": ""} for file in found]
    return read_manifest(path, texts=False)


def write_rows(rows, path):
    """All the rows or, where writing fails, the file that was there."""
    path = pathlib.Path(path)
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    os.replace(partial, path)


class Ledger:
    """A file of JSON lines that is only appended to. What a cut-off run left of its last line is dropped."""

    def __init__(self, path):
        self.rows = []
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes() if path.exists() else b""
        whole = data.rfind(b"\n") + 1
        for number, line in enumerate(data[:whole].splitlines(), 1):
            try:
                self.rows.append(json.loads(line))
            except ValueError:
                fail(f'"{path}", line {number} is damaged; take that line out')
        if whole < len(data):
            os.truncate(path, whole)
        self.file = open(path, "a", encoding="utf-8")

    def append(self, row):
        self.rows.append(row)
        self.file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.file.flush()


def edits(reference, hypothesis):
    """The fewest words to change, put in or take out."""
    costs = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, 1):
        corner, costs[0] = costs[0], i
        for j, other in enumerate(hypothesis, 1):
            corner, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, corner + (word != other))
    return costs[-1]


def differs(reference, hypothesis):
    """The share of words that differ, of the longer text."""
    one, other = reference.split(), hypothesis.split()
    return edits(one, other) / max(len(one), len(other), 1)
