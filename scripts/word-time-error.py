#!/usr/bin/env python3
"""Measures how far the word times of utter are from those of synthesisers, which know when they say each word.

Speaks sentences with flite (four voices) and espeak-ng (two), asks each synthesiser for the start of every word, and
flite for the end too, through its C library, and compares with what `utter align` says of the recording. With
--transcribe, what was recognised is compared instead, as far as its words are the right ones.

Needs Debian's or Ubuntu's flite and espeak-ng (apt-get install flite espeak-ng) and a built command. Installs nothing.

Usage:    scripts/word-time-error.py [--utter COMMAND] [--model FILE] [--sentences FILE] [--transcribe]
Example:  swift build -c release && scripts/word-time-error.py
"""

import argparse
import ctypes
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Beside the commands of audio/household.txt: running speech, with pauses at the commas.
SENTENCES = """
she looked up at the clock, and then she put the letter back into the drawer
the old man walked along the river, because the road was closed for the winter
there was nothing in the room but a table, two chairs and a lamp
when the rain had stopped, the children ran out into the garden again
he had never seen the house before, but he knew at once whose it was
in the morning they took the first train to the north
nobody could remember who had built the bridge, or when it had been built
if you want to know the way, ask the man who sells the flowers
my brother lives in a small village near the sea
a light was burning in the kitchen, although it was long after midnight
the doctor said that he would come back on friday, and shut the door behind him
we have seen enough for one day, let us go home
they spoke of the harvest, of the weather and of the price of horses
a stranger had been asking for her at the station
it was so quiet that one could hear the snow fall from the trees
"""


def load(name):
    try:
        return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        sys.exit(f"error: {name} is missing; on Debian or Ubuntu: apt-get install flite espeak-ng")


class Flite:
    """Word times from the utterance that flite makes: the ends of its segments."""

    voices = ("rms", "slt", "awb", "kal16")

    def __init__(self):
        self.lib = load("libflite.so.1")
        for name in ("cmulex", "usenglish"):
            load(f"libflite_{name}.so.1")
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        for name, arguments, result in (
            ("flite_synth_text", [text, pointer], pointer),
            ("utt_relation", [pointer, text], pointer),
            ("relation_head", [pointer], pointer),
            ("item_next", [pointer], pointer),
            ("utt_wave", [pointer], pointer),
            ("ffeature_float", [pointer, text], ctypes.c_float),
            ("ffeature_string", [pointer, text], text),
            ("cst_wave_save_riff", [pointer, text], ctypes.c_int),
            ("delete_utterance", [pointer], None),
        ):
            function = getattr(self.lib, name)
            function.argtypes, function.restype = arguments, result
        self.lib.flite_init()
        self.registered = {}
        for voice in self.voices:
            register = getattr(load(f"libflite_cmu_us_{voice}.so.1"), f"register_cmu_us_{voice}")
            register.argtypes, register.restype = [pointer], pointer
            self.registered[voice] = register(None)

    def say(self, voice, sentence, path):
        lib = self.lib
        utterance = lib.flite_synth_text(sentence.encode(), self.registered[voice])
        lib.cst_wave_save_riff(lib.utt_wave(utterance), path.encode())
        words, item = [], lib.relation_head(lib.utt_relation(utterance, b"Word"))
        while item:
            words.append((
                lib.ffeature_string(item, b"name").decode(),
                lib.ffeature_float(item, b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"),
                lib.ffeature_float(item, b"R:SylStructure.daughtern.daughtern.R:Segment.end"),
            ))
            item = lib.item_next(item)
        lib.delete_utterance(utterance)
        return words


class Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int), ("identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("milliseconds", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("id", ctypes.c_char * 8),
    ]


class ESpeak:
    """Word times from the events of espeak-ng; it tells starts, no ends."""

    voices = ("en-us", "en-gb")
    END, WORD, SYNCHRONOUS, RATE = 0, 1, 2, 1

    def __init__(self):
        self.lib = load("libespeak-ng.so.1")
        self.rate = self.lib.espeak_Initialize(self.SYNCHRONOUS, 0, None, 0)
        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))
        self.callback = callback(self.receive)
        self.lib.espeak_SetSynthCallback(self.callback)

    def receive(self, samples, count, events):
        if samples and count > 0:
            self.audio += ctypes.string_at(samples, 2 * count)
        index = 0
        while events[index].type != self.END:
            if events[index].type == self.WORD:
                self.events.append((events[index].text_position, events[index].length, events[index].milliseconds))
            index += 1
        return 0

    def say(self, voice, sentence, path):
        self.audio, self.events = b"", []
        self.lib.espeak_SetVoiceByName(voice.encode())
        self.lib.espeak_SetParameter(self.RATE, 160, 0)
        text = sentence.encode()
        self.lib.espeak_Synth(text, len(text) + 1, 0, 1, 0, 1, None, None)
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate)
            file.writeframes(self.audio)
        return [(sentence[at - 1:at - 1 + length], start / 1000, None) for at, length, start in self.events]


def heard(arguments, path, sentence):
    """The words of utter: (word, start, end)."""
    command = [arguments.utter, "transcribe" if arguments.transcribe else "align", path, "--format", "json", "--quiet"]
    if not arguments.transcribe:
        command += ["--text", sentence]
    if arguments.model:
        command += ["--model", arguments.model]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(command)}: {result.stderr.strip()}")
    return [(w["word"].strip(","), w["start"], w["end"]) for w in json.loads(result.stdout)["words"]]


def row(name, starts, ends):
    def figures(errors):
        if not errors:
            return " " * 33
        sizes = sorted(map(abs, errors))
        return (f"{1000 * statistics.median(sizes):9.1f}{1000 * sizes[len(sizes) * 9 // 10]:8.1f}"
                f"{1000 * statistics.median(errors):+8.1f}{100 * sum(s < 0.08 for s in sizes) / len(sizes):8.1f}")
    print(f"{name:<16}{len(starts):6}{figures(starts)}   {figures(ends)}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--utter", default=str(ROOT / ".build/release/utter"), help="the built command")
    parser.add_argument("--model", help="a model other than the shipped one")
    parser.add_argument("--sentences", help="a file of sentences, one a line: letters, apostrophes and commas")
    parser.add_argument("--transcribe", action="store_true", help="compare what is recognised, not the known text")
    arguments = parser.parse_args()
    if arguments.sentences:
        lines = pathlib.Path(arguments.sentences).read_text().splitlines()
    else:
        lines = SENTENCES.splitlines() + (ROOT / "audio/household.txt").read_text().splitlines()[::2]
    sentences = [line.strip().lower() for line in lines if re.fullmatch(r"[a-z', ]+", line.strip().lower())]

    starts, ends, left_out, not_heard = {}, {}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/spoken.wav"
        for synthesiser in (Flite(), ESpeak()):
            for voice in synthesiser.voices:
                name = f"{type(synthesiser).__name__.lower()} {voice}"
                starts[name], ends[name] = [], []
                for sentence in sentences:
                    spoken = synthesiser.say(voice, sentence, path)
                    words = sentence.replace(",", "").split()
                    # espeak-ng may join two words (of the) and flite parts an apostrophe: no time for each then.
                    if [word.strip(",") for word, _, _ in spoken] != words:
                        left_out += 1
                        continue
                    found = heard(arguments, path, sentence)
                    if [word for word, _, _ in found] != words:
                        not_heard += 1
                        continue
                    for (_, start, end), (_, own_start, own_end) in zip(spoken, found):
                        starts[name].append(own_start - start)
                        if end is not None:
                            ends[name].append(own_end - end)
    print("error in ms       words   starts: median    90 %   bias  <80 ms   ends: median    90 %    bias  <80 ms")
    for name in starts:
        row(name, starts[name], ends[name])
    row("all", sum(starts.values(), []), sum(ends.values(), []))
    print(f"left out: {left_out} recordings whose synthesiser did not give a time for each word"
          + (f", {not_heard} in which other words were recognised" if arguments.transcribe else ""))


if __name__ == "__main__":
    main()
