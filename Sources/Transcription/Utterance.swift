import AcousticModel
import AudioIO
import CTC
import Features
import Networks

/// A recording no longer than a window, read and made ready for the network: many of like length share a batch.
///
/// ```swift
/// let utterances = try paths.compactMap { path in
///     try transcriber.utterance(AudioReader(path: path, sampleRate: transcriber.model.frontEnd.options.sampleRate))
/// }
/// for result in transcriber.transcripts(of: utterances) { print(try result.get().text) }
/// ```
public struct Utterance: Sendable {
    /// Steps of the network: what its time and memory are in proportion to.
    public var steps: Int { matrix.rows }
    /// Seconds of audio.
    public var duration: Double { heard.duration }

    let matrix: Matrix
    let pauses: Pauses
    let heard: Transcriber.Heard
}

extension Transcriber {
    /// Reads a recording that is no longer than a window.
    /// - Parameter reader: gives the sample rate of the model's front end; where nil is returned, it stands somewhere.
    /// - Returns: nil where the recording is longer: ``transcribe(_:progress:)`` takes it in bounded memory.
    /// - Throws: `AudioError` where the file cannot be read, ``TranscriptionError`` where it is too short.
    public func utterance(_ reader: AudioReader) throws -> Utterance? {
        let longest = windows.frames(model.frontEnd)
        var all = FeatureMatrix(dimension: model.frontEnd.frameDimension)
        do {
            let heard = try frames(of: reader) {
                all.append($0)
                if all.frames > longest { throw LongerThanAWindow() }
            }
            let (matrix, pauses) = model.frontEnd.stepsOfSound(ofFrames: all)
            return Utterance(matrix: matrix, pauses: pauses, heard: heard)
        } catch is LongerThanAWindow {
            return nil
        }
    }

    /// Transcribes utterances as one batch.
    ///
    /// A transcript may differ from that of the utterance by itself in the last bits of its confidences: sums over other
    /// numbers of rows are made in another order. Equal batches give equal bits.
    /// - Parameters:
    ///   - utterances: of like length, for speed.
    ///   - threads: at most this many run at once; 1 unless given, for callers that run several batches side by side.
    /// - Returns: for each utterance its transcript, or ``TranscriptionError``.
    public func transcripts(
        of utterances: [Utterance], threads: Int = 1
    ) -> [Result<Transcript, any Error>] {
        let posteriors = group.logProbabilities(
            ofSteps: utterances.map(\.matrix), pauses: utterances.map(\.pauses), threads: threads)[0]
        return zip(utterances, posteriors).map { utterance, posteriors in
            Result { try transcript(of: utterance, posteriors) }
        }
    }

    private func transcript(of utterance: Utterance, _ posteriors: LogProbabilities) throws -> Transcript {
        var collector = WordCollector(model: model, decoder: decoder)
        do {
            try collector.accept(posteriors)
            return try transcript(of: utterance.heard, by: model, &collector)
        } catch is ForcedAlignmentError {
            throw TranscriptionError.noProbabilities(path: utterance.heard.path)
        }
    }

    private struct LongerThanAWindow: Error {}
}
