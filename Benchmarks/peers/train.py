"""usage: train.py [threads] [lstm|gru]. A training step of PyTorch's LSTM and GRU as TrainBenchmark.swift does it: 4
layers of 320 units a direction and a linear layer, 16 utterances of 500 frames of 240 inputs and 60 labels each;
forward, CTC loss, backward, Adam. Prints one line of JSON: frames a second."""
import json
import os
import sys
import time

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
wanted = sys.argv[2:] or ["lstm", "gru"]
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)

import torch

INPUTS, HIDDEN, LAYERS, CLASSES = 240, 320, 4, 29
FRAMES, BATCH, LABELS, RUNS = 500, 16, 60, 5

torch.set_num_threads(threads)


class Network(torch.nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.encoder = cell(INPUTS, HIDDEN, LAYERS, bidirectional=True, batch_first=True)
        self.head = torch.nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, x):
        return self.head(self.encoder(x)[0])


result = {}
for name in wanted:
    torch.manual_seed(0)
    network = Network({"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[name])
    optimiser = torch.optim.Adam(network.parameters(), 1e-4)
    x, targets = torch.randn(BATCH, FRAMES, INPUTS), torch.randint(1, CLASSES, (BATCH, LABELS))
    frames, labels = torch.full((BATCH,), FRAMES), torch.full((BATCH,), LABELS)
    loss = torch.nn.CTCLoss()
    times = []
    for run in range(RUNS + 1):
        start = time.perf_counter()
        optimiser.zero_grad()
        loss(network(x).log_softmax(-1).transpose(0, 1), targets, frames, labels).backward()
        optimiser.step()
        if run > 0:
            times.append(time.perf_counter() - start)
    result[f"torch_train_bi{name}"] = BATCH * FRAMES / sorted(times)[RUNS // 2]
print(json.dumps(result))
