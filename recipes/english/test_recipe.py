#!/usr/bin/env python3
"""Tests of the Python scripts of this recipe: python3 recipes/english/test_recipe.py

Those that need numpy or num2words are skipped where these are missing.
"""

import importlib.util
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from corpus import Ledger, differs, edits, read_manifest  # noqa: E402


def script(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def has(name):
    return importlib.util.find_spec(name) is not None


class CorpusTests(unittest.TestCase):
    def test_edits_count_changed_missing_and_new_words(self):
        self.assertEqual(edits("a b c".split(), "a x c d".split()), 2)
        self.assertEqual(differs("", ""), 0)
        self.assertEqual(differs("a b", ""), 1)

    def test_a_ledger_drops_the_line_that_a_cut_off_run_left(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "heard.jsonl"
            path.write_text('{"a": 1}\n{"a": 2}\n{"a"')
            ledger = Ledger(path)
            ledger.append({"a": 3})
            ledger.file.close()
            self.assertEqual([json.loads(line)["a"] for line in path.read_text().splitlines()], [1, 2, 3])

    def test_a_row_that_is_no_json_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bad.jsonl"
            path.write_text('{"audio_filepath": "a.wav", "duration": 1, "text": "a"}\nnonsense\n')
            with self.assertRaisesRegex(SystemExit, 'bad.jsonl", line 2'):
                read_manifest(path)


class PrepareTests(unittest.TestCase):
    def setUp(self):
        self.prepare = script("prepare")

    def test_weights_below_and_above_one(self):
        rows = list(range(10))
        self.assertEqual(len(self.prepare.weighted(rows, 2.5)), 25)
        self.assertEqual(self.prepare.weighted(rows, 0.2), [0, 5])
        self.assertEqual(self.prepare.weighted(rows, 0), [])

    def test_readers_and_sentences_of_dev_sets_are_not_learned_from(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            sentence = "a sentence of six words here"

            def rows(name, part, *speakers_and_texts):
                (folder / "speech" / name).mkdir(parents=True, exist_ok=True)
                (folder / "speech" / name / f"{part}.jsonl").write_text("".join(
                    json.dumps({"audio_filepath": f"{speaker}-{i}.flac", "duration": 1, "text": text, "speaker": speaker})
                    + "\n" for i, (speaker, text) in enumerate(speakers_and_texts)))

            rows("librispeech_unlabelled", "dev", ("ls1", sentence))
            rows("librispeech_readers", "dev", ("ls2", "b"))
            rows("librispeech_unlabelled", "train", ("ls1", "x"), ("ls3", "mr x"), ("ls2", "x"), ("ls4", sentence))
            (folder / "made").mkdir()
            done = subprocess.run([sys.executable, HERE / "prepare.py", folder / "speech", folder / "made", folder / "out"],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            learned = [json.loads(line) for line in (folder / "out/train-real.jsonl").read_text().splitlines()]
            self.assertEqual({(row["speaker"], row["text"]) for row in learned}, {("ls3", "mister x")})
            self.assertEqual(len(learned), 3)

    def test_an_unknown_set_is_refused(self):
        done = subprocess.run([sys.executable, HERE / "prepare.py", HERE, HERE, "/nowhere", "--without", "timit"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^error: --without timit: no such set")


@unittest.skipUnless(has("numpy"), "numpy is missing")
class LabelScoreTests(unittest.TestCase):
    def test_the_score_is_the_sum_over_all_paths(self):
        import numpy as np

        random = np.random.default_rng(1)
        posteriors = random.normal(size=(6, 4))
        posteriors -= np.logaddexp.reduce(posteriors, axis=1, keepdims=True)
        score = script("check-labels").label_score
        for blank, labels in ((0, [1, 1, 2]), (0, [3]), (2, [0, 1, 3]), (0, [1, 2, 1])):
            paths = [sum(posteriors[t, c] for t, c in enumerate(path))
                     for path in itertools.product(range(4), repeat=6)
                     if [c for c, _ in itertools.groupby(path) if c != blank] == labels]
            expected = np.logaddexp.reduce(paths) - posteriors.max(axis=1).sum()
            self.assertAlmostEqual(score(posteriors, labels, blank), expected, places=9)
        self.assertIsNone(score(posteriors, [1, 1, 1, 1], 0))


@unittest.skipUnless(has("num2words"), "num2words is missing")
class SpokenTests(unittest.TestCase):
    def test_figures_and_signs_are_words(self):
        from spoken import spoken

        for written, said in {
            "It was 1803, and Mr. Smith paid $5.50 for 3 books.":
                "it was eighteen oh three and mister smith paid five dollars and fifty cents for three books",
            "At 10:30 a.m. on the 21st, 50% of 1,234":
                "at ten thirty a m on the twenty first fifty percent of one thousand two hundred and thirty four",
            "In the 1950s the U.S. TV cost £1; pi is 3.14":
                "in the nineteen fifties the u s t v cost one pound pi is three point one four",
            "'Tis the dogs' 'quoted' café, rock-n-roll": "'tis the dogs quoted cafe rock n roll",
            "": "",
        }.items():
            self.assertEqual(spoken(written), said)
        self.assertIsNone(spoken("Привет"))


if __name__ == "__main__":
    unittest.main()
