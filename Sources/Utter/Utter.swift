// The public face of the library for apps: `import Utter` gives what recognising speech needs, stage by stage too.
@_exported import AcousticModel
@_exported import AudioIO
@_exported import CTC
@_exported import Decoding
@_exported import Features
@_exported import enum Files.FileError
@_exported import LanguageModel
@_exported import enum Messages.ErrorCode
@_exported import struct Messages.Fault
@_exported import protocol Messages.UtterError
@_exported import Pronunciation
@_exported import enum TensorFiles.TensorFileError
@_exported import Transcription
@_exported import enum VectorKernels.Parallel
@_exported import struct VectorKernels.VectorKernels

/// The version of the package.
public enum UtterVersion {
    /// Major, minor and patch; see CHANGELOG.md.
    public static let current = "0.1.0"
}
