import AudioIO
import Foundation

/// Knows recordings without a sound, and such as are too quiet.
///
/// Digital silence is nothing louder than the last bit of 16, around any constant: a model that has only ever heard rooms
/// has no opinion of a recording with no sound at all, and may spell one. An encoding of more bits can hold speech at that
/// level: there only the same values as 16 bits have, or a level below the last bit of 24, are silence.
struct LevelMeter {
    private var lowest = Float.infinity
    private var highest = -Float.infinity
    private var isOfWholeSteps = true
    private let isFine: Bool

    /// One bit of 16, and of 24.
    private static let (step, fineStep) = (Float(1) / 32_768, Float(1) / 8_388_608)
    /// Decibels of full scale below which words are lost: speech is then made of few steps, or was hardly recorded.
    private static let (quiet, fineQuiet) = (-50.0, -90.0)

    init(_ recording: AudioInformation) {
        // libsndfile's words for encodings that hold more than 16 bits.
        isFine = ["24 bit", "32 bit", "64 bit"].contains { recording.encoding.contains($0) }
    }

    mutating func accept(_ block: [Float]) {
        lowest = min(lowest, block.min() ?? lowest)
        highest = max(highest, block.max() ?? highest)
        // Of interest only where nothing loud has come, which next to no recording is for long.
        guard isFine, isOfWholeSteps, highest - lowest <= 2 * Self.step else { return }
        isOfWholeSteps = block.allSatisfy { ($0 / Self.step).rounded() * Self.step == $0 }
    }

    var isDigitalSilence: Bool {
        let span = highest - lowest
        return span <= 2 * Self.step && (!isFine || isOfWholeSteps || span <= 2 * Self.fineStep)
    }

    /// Why there may be no word: nothing but one value, a level at which words are lost, or sound of other kinds.
    var explanation: AudioWarning {
        guard highest > lowest else { return .digitalSilence }
        let level = 20 * log10(Double(highest - lowest) / 2)
        return level < (isFine ? Self.fineQuiet : Self.quiet) ? .tooQuiet(decibels: -level) : .noSpeech
    }
}
