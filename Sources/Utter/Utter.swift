// The public face of the library: an app writes `import Utter` and has every room that transcribing and training need.
@_exported import AcousticModel
@_exported import Adaptation
@_exported import AudioIO
@_exported import CTC
@_exported import Corpora
@_exported import Decoding
@_exported import Evaluation
@_exported import Features
@_exported import Files
@_exported import LanguageModel
@_exported import enum Messages.ErrorCode
@_exported import struct Messages.Fault
@_exported import protocol Messages.UtterError
@_exported import ModelExchange
@_exported import Networks
@_exported import Pronunciation
@_exported import TensorFiles
@_exported import Training
@_exported import Transcription
@_exported import enum VectorKernels.Parallel
@_exported import struct VectorKernels.VectorKernels

/// The version of the package.
public enum UtterVersion {
    /// Major, minor and patch; see CHANGELOG.md.
    public static let current = "0.1.0"
}
