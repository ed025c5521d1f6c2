"""usage: rnn.py THREADS CELL. Frames a second of the network that `UtterBenchmarks rnn` runs: 4 layers of 320 units a
direction, 240 inputs, a linear layer to 29 classes, utterances of 330 steps; CELL is lstm or gru. Weights are rounded to
float16 and back, as a model file holds them; they are float32 to both tools."""
from common import *
import logging
import warnings

import numpy as np
import onnxruntime
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(THREADS)
torch.manual_seed(0)


class Model(torch.nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.rnn = cell(240, 320, 4, bidirectional=True, batch_first=True)
        self.output = torch.nn.Linear(640, 29)

    def forward(self, x):
        return self.output(self.rnn(x)[0])


model = Model(torch.nn.GRU if sys.argv[2] == "gru" else torch.nn.LSTM).eval()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(parameter.half().float())

path = f"/tmp/utter-benchmark-{os.getpid()}.onnx"
torch.onnx.export(
    model, (torch.randn(2, 330, 240),), path, input_names=["x"], output_names=["y"], opset_version=17, dynamo=False,
    dynamic_axes={"x": {0: "b", 1: "t"}, "y": {0: "b", 1: "t"}})
options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
os.remove(path)

values = {}
for batch in (1, 16):
    x = torch.randn(batch, 330, 240)
    with torch.inference_mode():
        values[f"torch_b{batch}"] = batch * 330 / median_time(lambda: model(x), 5)
    array = x.numpy()
    values[f"onnxruntime_b{batch}"] = batch * 330 / median_time(lambda: session.run(None, {"x": array}), 5)
report(values)
