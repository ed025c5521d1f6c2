"""usage: decode.py THREADS FOLDER. Steps a second of CTC beam search, beam 64, over the files that `UtterBenchmarks decode`
reads and makes: pyctcdecode with the word 3-gram and without, flashlight-text's decoder with the words of the 3-gram as
its lexicon (through torchaudio) and its lexicon-free one without a language model. One thread."""
from common import *
import logging
import pathlib
import tempfile

import numpy as np
import pyctcdecode
import torch
from flashlight.lib.text.decoder import CriterionType, LexiconFreeDecoder, LexiconFreeDecoderOptions, ZeroLM
from torchaudio.models.decoder import ctc_decoder

logging.disable(logging.WARNING)
torch.set_num_threads(1)
BEAM, ALPHA, BETA = 64, 0.5, 1.0
folder = pathlib.Path(sys.argv[2])
arpa = str(folder / "model.arpa")
posteriors = np.load(folder / "posteriors.npy")
utterances = [np.ascontiguousarray(x) for x in posteriors]
letters = [""] + [" "] + list("abcdefghijklmnopqrstuvwxyz") + ["'"]
unigrams = open(arpa).read().split("\\1-grams:")[1].split("\\2-grams:")[0]
words = [line.split("\t")[1] for line in unigrams.splitlines() if "\t" in line]
words = [word for word in words if not word.startswith("<")]

with_lm = pyctcdecode.build_ctcdecoder(letters, kenlm_model_path=arpa, unigrams=words, alpha=ALPHA, beta=BETA)
without = pyctcdecode.build_ctcdecoder(letters)
with tempfile.NamedTemporaryFile("w", suffix=".txt") as lexicon:
    lexicon.writelines(f"{word}\t{' '.join(word)} |\n" for word in words)
    lexicon.flush()
    flashlight = ctc_decoder(
        lexicon=lexicon.name, tokens=["-", "|"] + letters[2:], lm=arpa, nbest=1, beam_size=BEAM, beam_threshold=1e4,
        lm_weight=ALPHA * np.log(10), word_score=BETA, sil_score=0, log_add=True, blank_token="-", sil_token="|",
        unk_word="<unk>")
options = LexiconFreeDecoderOptions(BEAM, len(letters), 1e4, 0.0, 0.0, True, CriterionType.CTC)
free = LexiconFreeDecoder(options, ZeroLM(), 1, 0, [])
tensors = [torch.from_numpy(x)[None] for x in utterances]
steps = posteriors.shape[0] * posteriors.shape[1]


def rate(call, runs=3):
    return steps / median_time(call, runs)


report({
    "pyctcdecode_lm": rate(lambda: [with_lm.decode(x, beam_width=BEAM) for x in utterances]),
    "pyctcdecode_nolm": rate(lambda: [without.decode(x, beam_width=BEAM) for x in utterances]),
    "flashlight_lexicon": rate(lambda: [flashlight(x) for x in tensors]),
    "flashlight_free": rate(lambda: [free.decode(x.ctypes.data, *x.shape) for x in utterances]),
})
