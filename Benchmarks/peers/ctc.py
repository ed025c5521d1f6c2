"""usage: ctc.py THREADS. Frames a second of the loss and gradient that `UtterBenchmarks ctc` computes: from logits,
log-softmax included; 500 frames, 16 utterances of 60 labels, 29 and 1000 classes."""
from common import *
import torch

FRAMES, BATCH, LABELS = 500, 16, 60
torch.set_num_threads(THREADS)
torch.manual_seed(0)
values = {}
for classes in (29, 1000):
    logits = torch.randn(FRAMES, BATCH, classes, requires_grad=True)
    targets = torch.randint(1, classes, (BATCH, LABELS))
    frames, labels = torch.full((BATCH,), FRAMES), torch.full((BATCH,), LABELS)
    loss = torch.nn.CTCLoss()

    def step():
        logits.grad = None
        loss(logits.log_softmax(-1), targets, frames, labels).backward()

    values[f"torch_c{classes}"] = FRAMES * BATCH / median_time(step, 15)
report(values)
