"""Utter's front end and its augmentations in PyTorch, for whole batches on a GPU. Not a program: scripts/train-with-pytorch.py
uses it. Samples are from -32768 to 32767, as in Kaldi."""

import math

import torch

RATE = 16000
FRAME, SHIFT, FFT = 400, 160, 512
# Of the mel bands, Hz.
LOWEST, HIGHEST = 20, 7600


def mel_bank(bands, warp=1.0, lowest=LOWEST, highest=HIGHEST):
    """[FFT / 2 + 1, bands] of triangles, as Kaldi has them; frequencies of a vocal tract that is `warp` times as short."""

    def mel(hertz):
        return 1127.0 * torch.log1p(hertz / 700.0)

    edges = torch.linspace(mel(torch.tensor(float(lowest))).item(), mel(torch.tensor(float(highest))).item(), bands + 2)
    # Of warped spectra the upper end is pressed together, so that nothing leaves the range (piecewise linear, as in HTK).
    hertz = torch.arange(FFT // 2 + 1) * (RATE / FFT)
    knee = 0.8 * highest * min(1.0, 1.0 / warp)
    above = knee * warp + (hertz - knee) * (RATE / 2 - knee * warp) / (RATE / 2 - knee)
    at = mel(torch.where(hertz <= knee, hertz * warp, above))[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bank = torch.minimum((at - left) / (centre - left), (right - at) / (right - centre)).clamp(min=0)
    # Kaldi leaves out the highest bin.
    bank[-1] = 0
    return bank


class FrontEnd:
    """Log-mel energies, held to `held` nats below the loudest, less the mean of the frames that hold sound, three frames to a
    step: `utter`'s own front end (Sources/AcousticModel/FrontEnd/FrontEndSteps.swift has the formulas), of which a model file says
    "subtract the mean of frames that hold sound" and the range."""

    # Nats below the loudest from which on a frame holds no sound, and the frames that must reach the loudest.
    SOUND_RANGE, LOUD_FRAMES = 12.5, 10
    NORMALISATION = "subtract the mean of frames that hold sound"

    WARPS = [0.92 + 0.02 * step for step in range(9)]

    def __init__(self, bands, device, stack=3, held=15.0):
        self.bands, self.stack, self.held = bands, stack, held
        position = torch.arange(FRAME, device=device, dtype=torch.float32)
        self.window = (0.5 - 0.5 * torch.cos(2 * math.pi * position / (FRAME - 1))) ** 0.85
        self.banks = torch.stack([mel_bank(bands, warp) for warp in [1.0] + self.WARPS]).to(device)

    def frames(self, samples):
        """How many frames there are of so many samples; a tensor or a number."""
        return (samples - FRAME) // SHIFT + 1

    def __call__(self, waves, counts, warps=None):
        """[batch, samples] and their numbers of frames to [batch, frames, bands]. `warps` are indices into `banks`."""
        windows = waves.unfold(1, FRAME, SHIFT)
        windows = windows - windows.mean(dim=2, keepdim=True)
        before = torch.cat([windows[..., :1], windows[..., :-1]], dim=2)
        windows = (windows - 0.97 * before) * self.window
        power = torch.fft.rfft(windows, FFT).abs() ** 2
        if warps is None:
            energies = power @ self.banks[0]
        else:
            energies = torch.bmm(power, self.banks[warps])
        # As low as float32 goes: the range is what holds quiet cells.
        energies = energies.clamp(min=torch.finfo(torch.float32).tiny).log()
        return self.normalised(energies, counts.to(waves.device))

    def normalised(self, energies, counts):
        """[batch, frames, bands] of log-mel energies, `counts` frames each, less the mean; zero behind the end."""
        inside = torch.arange(energies.shape[1], device=energies.device)[None] < counts[:, None]
        levels = energies.amax(dim=2).masked_fill(~inside, -math.inf)
        loudest = levels.topk(min(self.LOUD_FRAMES, levels.shape[1]), dim=1).values
        # Of fewer frames the least loud.
        loudest = loudest.gather(1, (counts.clamp(max=loudest.shape[1]) - 1).clamp(min=0)[:, None])
        energies = torch.maximum(energies, (loudest - self.held)[..., None])
        weights = (1 - (loudest - levels) / self.SOUND_RANGE).clamp(0, 1) * inside
        total = weights.sum(dim=1, keepdim=True).clamp(min=1e-6)
        mean = (energies * weights[..., None]).sum(dim=1) / total
        # Digital silence looks like a pause.
        mean = mean + (loudest <= math.log(torch.finfo(torch.float32).tiny) + 0.1) * (self.held / 2)
        return (energies - mean[:, None]) * inside[..., None]

    def steps(self, energies, counts):
        """[batch, frames, bands] to [batch, steps, stack * bands]."""
        most = energies.shape[1] // self.stack
        stacked = energies[:, : most * self.stack].reshape(len(energies), most, self.stack * self.bands)
        return stacked, counts // self.stack


class Speeds:
    """Plays recordings faster and slower: windowed sinc of 8 taps, low enough that nothing folds over."""

    TAPS, PHASES = 8, 256

    def __init__(self, speeds, device):
        self.speeds = torch.tensor(speeds, dtype=torch.float64)
        offsets = torch.arange(self.TAPS) - self.TAPS // 2 + 1
        distance = offsets[None] - torch.arange(self.PHASES)[:, None] / self.PHASES
        tables = []
        for speed in speeds:
            cut = min(1.0, 1.0 / speed)
            table = cut * torch.sinc(cut * distance) * torch.cos(math.pi * distance / self.TAPS).clamp(min=0) ** 2
            tables.append(table / table.sum(dim=1, keepdim=True))
        self.tables = torch.stack(tables).to(device)

    def __call__(self, sound, starts, lengths, choice):
        """The recordings that begin at `starts` of the long `sound`, `lengths` samples each, at the chosen speeds:
        [batch, samples] where `sound` is, zero behind each, and how many samples they are now. All numbers are on the CPU."""
        speed = self.speeds[choice]
        played = (lengths / speed).long()
        samples = int(played.max())
        speed, starts, lengths, choice, ends = (
            each.to(sound.device)[:, None] for each in (speed, starts, lengths, choice, played)
        )
        time = torch.arange(samples, device=sound.device)[None] * speed
        whole = time.long()
        phase = ((time - whole) * self.PHASES).long()
        del time
        result = torch.zeros(whole.shape, device=sound.device)
        for tap in range(self.TAPS):
            at = whole + (tap - self.TAPS // 2 + 1)
            inside = (at >= 0) & (at < lengths)
            result += sound[starts + torch.minimum(at.clamp(min=0), lengths - 1)] * inside * self.tables[choice, phase, tap]
        return result * (torch.arange(samples, device=sound.device)[None] < ends), played


class Augmentation:
    """Rooms, telephones, noise, vocal tracts and masks, drawn anew for each recording of each batch."""

    SPEEDS = [1.0, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15]

    def __init__(self, device, noises, seed=1):
        self.device = device
        # One long sound of all clips, cut anywhere.
        self.noises = torch.cat(noises).to(device) if noises else None
        generator = torch.Generator().manual_seed(seed)
        self.rooms = torch.stack([self.room(generator) for _ in range(400)]).to(device)

    @staticmethod
    def room(generator, longest=0.5):
        """An impulse response: the direct sound, then echoes that die away (Polack's model: noise under an exponential)."""
        samples = int(longest * RATE)
        time = torch.arange(samples) / RATE
        reverberation = 0.12 + 0.5 * torch.rand((), generator=generator).item()
        echoes = torch.randn(samples, generator=generator) * torch.exp(-6.9 * time / reverberation)
        # Nothing comes back before some milliseconds.
        echoes[: int(RATE * (0.001 + 0.01 * torch.rand((), generator=generator).item()))] = 0
        direct_to_rest = 10 ** (torch.empty(()).uniform_(-3, 15, generator=generator).item() / 10)
        echoes *= (1 / (direct_to_rest * (echoes**2).sum().clamp(min=1e-9))) ** 0.5
        echoes[0] = 1
        return echoes

    def some(self, count, probability):
        """Which rows, drawn on the CPU."""
        return (torch.rand(count) < probability).nonzero()[:, 0].to(self.device)

    def uniform(self, count, low, high):
        """[count, 1]"""
        return torch.rand(count, 1, device=self.device) * (high - low) + low

    def filtered(self, waves):
        """A third in a room, a tenth by telephone."""
        size = 2 ** math.ceil(math.log2(waves.shape[1] + self.rooms.shape[1]))
        rows = self.some(len(waves), 0.3)
        if len(rows):
            rooms = self.rooms[torch.randint(len(self.rooms), (len(rows),)).to(self.device)]
            spectrum = torch.fft.rfft(waves[rows], size) * torch.fft.rfft(rooms, size)
            waves[rows] = torch.fft.irfft(spectrum, size)[:, : waves.shape[1]]
        rows = self.some(len(waves), 0.1)
        if len(rows):
            hertz = torch.arange(size // 2 + 1, device=self.device) * (RATE / size)
            low, high = self.uniform(len(rows), 150, 350), self.uniform(len(rows), 3200, 3700)
            band = torch.sigmoid((hertz - low) / 20) * torch.sigmoid((high - hertz) / 60)
            waves[rows] = torch.fft.irfft(torch.fft.rfft(waves[rows], size) * band, size)[:, : waves.shape[1]]
        return waves

    def noisy(self, waves, lengths):
        """A third among sounds, 5 to 30 dB below; most above a hiss, since digital silence is of synthesisers, but not all:
        a model that never met it loses the beginnings of such recordings."""
        count, samples = waves.shape
        energy = (waves**2).sum(dim=1, keepdim=True) / lengths.to(self.device)[:, None]
        hiss = 10 ** self.uniform(count, -0.5, 1.2) * (self.uniform(count, 0, 1) < 0.7)
        result = waves + hiss * torch.randn_like(waves)
        rows = self.some(count, 0.35)
        if self.noises is not None and len(rows):
            begin = torch.randint(len(self.noises), (len(rows), 1)).to(self.device)
            noise = self.noises[(begin + torch.arange(samples, device=self.device)) % len(self.noises)].float()
            ratio = 10 ** (-self.uniform(len(rows), 5, 30) / 10)
            result[rows] += noise * (energy[rows] * ratio / (noise**2).mean(dim=1, keepdim=True).clamp(min=1)).sqrt()
        return result

    def masked(self, energies, counts):
        """Two masks over up to 12 bands each, two over up to 25 frames, at most a fifteenth of the utterance each."""
        count, frames, bands = energies.shape
        counts = counts.to(self.device)[:, None].float()
        hidden = []
        for size, all, widest in ((bands, torch.full_like(counts, bands), torch.full_like(counts, 13)),
                                  (frames, counts, (counts / 15).clamp(max=26))):
            place = torch.arange(size, device=self.device)[None]
            hidden.append(torch.zeros(count, size, dtype=torch.bool, device=self.device))
            for _ in range(2):
                width = self.uniform(count, 0, 1) * widest
                begin = self.uniform(count, 0, 1) * (all - width)
                hidden[-1] |= (place >= begin.floor()) & (place < (begin + width).floor())
        return energies.masked_fill(hidden[0][:, None] | hidden[1][..., None], 0)
