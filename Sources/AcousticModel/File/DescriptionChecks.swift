import Features
import Foundation
import Messages
import Networks

/// Why a description cannot be carried out: the rest of a sentence that begins with the file.
package struct DescriptionProblem: Error {
    package let text: String

    package init(_ text: String) { self.text = text }
}

extension FrontEndDescription {
    /// The options of the features, each checked.
    package func options(sampleRate: Int) throws(DescriptionProblem) -> FeatureOptions {
        var options = FeatureOptions()
        guard let kind = FeatureKind(rawValue: kind) else {
            throw DescriptionProblem("asks for features of an unknown kind, \(OneLine.quoted(self.kind))")
        }
        guard let window = WindowShape(rawValue: window) else {
            throw DescriptionProblem("asks for a window of an unknown shape, \(OneLine.quoted(self.window))")
        }
        guard samples == "int16 range", dither == 0 else {
            throw DescriptionProblem(
                "expects samples as \(OneLine.quoted(samples)) with dither \(dither), not int16 range and 0")
        }
        guard (4_000...192_000).contains(sampleRate) else {
            throw DescriptionProblem("expects a sample rate of \(sampleRate) Hz, which is not between 4000 and 192000")
        }
        options.kind = kind
        options.window = window
        options.sampleRate = sampleRate
        options.windowLength = windowLength
        options.frameShift = frameShift
        options.preemphasis = preemphasis
        options.removesDC = removesDC
        options.melBands = melBands
        options.lowFrequency = lowFrequency
        options.highFrequency = highFrequency
        options.usesEnergy = usesEnergy
        options.snipsEdges = snipsEdges
        if kind == .mfcc {
            guard let coefficients, let lifter else {
                throw DescriptionProblem("describes MFCC without num_ceps or lifter")
            }
            (options.coefficients, options.lifter) = (coefficients, lifter)
        }
        do { try options.validate() } catch {
            throw DescriptionProblem("has a front end that cannot be computed (\(error))")
        }
        guard fft == options.fourierSize else {
            throw DescriptionProblem(
                "asks for a Fourier transform of \(fft) points for frames of \(options.windowSize) samples")
        }
        guard (1...64).contains(stack), (1...64).contains(stride) else {
            throw DescriptionProblem(
                "stacks \(stack) frames at a stride of \(stride), and each may be 1 to 64")
        }
        guard options.frameShift * Double(stride) <= 1000 else {
            throw DescriptionProblem(
                "makes steps of \(options.frameShift * Double(stride)) ms, and they may be at most 1000")
        }
        return options
    }
}

extension FrontEndDescription {
    /// Nats that a range may have, and milliseconds of padding.
    package static let ranges = 1.0...1000.0
    package static let paddings = 0.0...1000.0

    /// The range in nats and the padding in seconds, each checked.
    package func rangeAndPadding() throws(DescriptionProblem) -> (range: Double?, padding: Double) {
        if let range, !Self.ranges.contains(range) {
            throw DescriptionProblem("asks for a dynamic range of \(range) nats, and it may be 1 to 1000")
        }
        let padding = padding ?? 0
        guard Self.paddings.contains(padding) else {
            throw DescriptionProblem("puts \(padding) ms of silence around recordings, and it may be 0 to 1000")
        }
        return (range, padding / 1000)
    }
}

extension EncoderDescription {
    /// Filters that a convolution may have.
    package static let mostFilters = 8192

    /// The kind of cell that a description names, with the numbers of layers and units checked.
    package static func checkedCell(
        _ name: String, layers: Int, hidden: Int
    ) throws(DescriptionProblem) -> RecurrentCell {
        guard let cell = RecurrentCell(rawValue: name) else {
            throw DescriptionProblem("has recurrent cells of an unknown kind, \(OneLine.quoted(name))")
        }
        guard (1...64).contains(layers), (1...8192).contains(hidden) else {
            throw DescriptionProblem("has \(layers) layers of \(hidden) units, and they may be 1 to 64 of 1 to 8192")
        }
        return cell
    }
}

extension DecodingError {
    /// What is wrong, without Foundation's debugging text.
    package var sentence: String {
        func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch self {
        case .keyNotFound(let key, let context): return "no field '\(place(context.codingPath + [key]))'"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "the field '\(place(context.codingPath))' is of the wrong type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not JSON" : "the field '\(place(context.codingPath))' has a value that is unknown"
        @unknown default: return "it is malformed"
        }
    }
}
