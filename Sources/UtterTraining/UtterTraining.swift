// The workshop: `import UtterTraining` gives what `import Utter` does, and what training, adapting, measuring and exchanging
// models need.
@_exported import Adaptation
@_exported import Corpora
@_exported import Evaluation
@_exported import Files
@_exported import ModelExchange
@_exported import Networks
@_exported import TensorFiles
@_exported import Training
@_exported import Utter
