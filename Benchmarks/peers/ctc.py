"""usage: ctc.py [threads]. PyTorch's CTC loss and gradient from logits, log_softmax included, as CTCBenchmark.swift does
it: 500 frames, 16 utterances, 60 labels each. Prints one line of JSON: frames a second for 29 and for 1000 classes."""
import json
import os
import sys
import time

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)

import torch

FRAMES, BATCH, LABELS, RUNS = 500, 16, 60, 15

torch.set_num_threads(threads)
torch.manual_seed(0)
result = {}
for classes in (29, 1000):
    logits = torch.randn(FRAMES, BATCH, classes, requires_grad=True)
    targets = torch.randint(1, classes, (BATCH, LABELS))
    frames, labels = torch.full((BATCH,), FRAMES), torch.full((BATCH,), LABELS)
    loss = torch.nn.CTCLoss()
    times = []
    for run in range(RUNS + 1):
        start = time.perf_counter()
        logits.grad = None
        loss(logits.log_softmax(-1), targets, frames, labels).backward()
        if run > 0:
            times.append(time.perf_counter() - start)
    result[f"torch_c{classes}"] = FRAMES * BATCH / sorted(times)[RUNS // 2]
print(json.dumps(result))
