"""usage: mfcc.py THREADS. Seconds of audio a second, for the 600 s that `UtterBenchmarks mfcc` computes features of."""
from common import *
import kaldi_native_fbank as knf
import librosa
import numpy as np
import torch
import torchaudio.compliance.kaldi as kaldi

torch.set_num_threads(THREADS)
random = np.random.RandomState(0)
t = np.arange(60 * 16000) / 16000
utterances = [
    (3000 * np.sin(2 * np.pi * (200 + 37 * i) * t) + 800 * random.randn(len(t))).astype(np.float32) for i in range(10)
]


def native_fbank(x, kind, bins):
    options = knf.MfccOptions() if kind == "mfcc" else knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = bins
    options.use_energy = False
    if kind == "mfcc":
        options.num_ceps = bins
    online = knf.OnlineMfcc(options) if kind == "mfcc" else knf.OnlineFbank(options)
    online.accept_waveform(16000, x)
    online.input_finished()
    return np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])


window = dict(sr=16000, n_fft=512, win_length=400, hop_length=160)
tools = {
    "kaldi_native_fbank_mfcc40": lambda x: native_fbank(x, "mfcc", 40),
    "kaldi_native_fbank_fbank80": lambda x: native_fbank(x, "fbank", 80),
    "torchaudio_mfcc40": lambda x: kaldi.mfcc(torch.from_numpy(x)[None], num_mel_bins=40, num_ceps=40),
    "torchaudio_fbank80": lambda x: kaldi.fbank(torch.from_numpy(x)[None], num_mel_bins=80),
    "librosa_mfcc40": lambda x: librosa.feature.mfcc(y=x, n_mfcc=40, n_mels=40, **window),
    "librosa_fbank80": lambda x: librosa.feature.melspectrogram(y=x, n_mels=80, **window),
}
report({name: 600 / median_time(lambda: [tool(x) for x in utterances], 3) for name, tool in tools.items()})
