import AcousticModel
import AudioIO
import CTC
import Features
import Foundation

extension Recognizer {
    /// Words that stand together, and are decided: no later sound changes them.
    public struct Segment: Sendable, Equatable {
        /// The words in order, at least one.
        public let words: [Word]
        /// The words apart by single spaces.
        public var text: String { words.map(\.text).joined(separator: " ") }
        /// Seconds at which the first begins.
        public var start: Double { words.first?.start ?? 0 }
        /// Seconds at which the last ends.
        public var end: Double { words.last?.end ?? 0 }
    }

    /// What happens while a recording is heard.
    public enum Event: Sendable, Equatable {
        /// So many seconds have been taken in.
        case progress(seconds: Double)
        /// What was said between two pauses is decided.
        case segment(Segment)
        /// The recording has ended; the words of all segments are in the transcript.
        case finished(Transcript)
    }

    /// A recording whose samples come piece by piece.
    ///
    /// ```swift
    /// let session = try recognizer.session(sampleRate: 16_000)
    /// for block in blocks {
    ///     for case .segment(let segment) in try session.accept(block) { print(segment.text) }
    /// }
    /// for case .segment(let segment) in try session.finish() { print(segment.text) }
    /// ```
    ///
    /// The segments, joined, are word for word what a file with the same samples gives. The model reads windows of 40 s in both
    /// directions, so a segment is decided about a minute after it was said, or when the recording ends; memory does not grow.
    /// A session belongs to one thread at a time.
    public final class Session {
        /// A pause of so many seconds parts segments.
        public static let pause = 0.5

        /// Seconds taken in so far.
        public var seconds: Double { Double(taken) / Double(sampleRate) }

        private let transcriber: Transcriber
        private let sampleRate: Int
        private let resampler: Resampler
        private var stream: SampleStream
        private let windows: WindowedModel
        private let collected: Collected
        private var taken = 0
        /// Words that segments have given out, and words that nothing later changes.
        private var given = 0, settled = 0
        private var transcript: Transcript?

        init(_ recognizer: Recognizer, sampleRate: Int) throws {
            guard AudioFile.sampleRates.contains(sampleRate) else {
                let rates = AudioFile.sampleRates
                throw RecognizerError(
                    nil, "a sample rate of \(sampleRate) Hz", "give \(rates.lowerBound) to \(rates.upperBound) Hz")
            }
            guard recognizer.transcriber.group.models.count == 1 else {
                throw RecognizerError(nil, "a session runs one model", "give one adapter")
            }
            (transcriber, self.sampleRate) = (recognizer.transcriber, sampleRate)
            let model = transcriber.model
            let information = AudioInformation(samplesAt: sampleRate)
            resampler = try Resampler(from: sampleRate, to: model.frontEnd.options.sampleRate)
            stream = try SampleStream(model.frontEnd, information)
            let collected = Collected(WordCollector(model: model, decoder: transcriber.decoder))
            self.collected = collected
            windows = try WindowedModel(
                group: transcriber.group, threads: transcriber.threads, windows: transcriber.windows, windowsAtOnce: 1,
                detectsSpeech: true
            ) { try collected.collector.accept($1) }
        }

        /// Takes the next samples.
        /// - Parameter samples: one channel, full scale -1...1, any number of them.
        /// - Returns: what is decided now.
        /// - Throws: ``RecognizerError`` where a sample is no number: what came before is taken in, and ``finish()`` gives what
        ///   was said in it.
        public func accept(_ samples: [Float]) throws -> [Event] {
            guard transcript == nil else { throw RecognizerError(nil, "the session has ended", "begin another") }
            let good = samples.firstIndex { !$0.isFinite }
            try take(resampler.process(good.map { Array(samples[..<$0]) } ?? samples))
            taken += good ?? samples.count
            guard good == nil else {
                throw RecognizerError(
                    nil, String(format: "a sample is no number at %.2f s", seconds),
                    "look at where the sound comes from")
            }
            return [.progress(seconds: seconds)] + decided()
        }

        /// Says that the recording ends here.
        /// - Returns: the last segments, and ``Event/finished(_:)``.
        /// - Throws: ``TranscriptionError`` where there were too few samples to hold speech.
        public func finish() throws -> [Event] {
            let transcript = try end()
            return segments(of: transcript.words, isEnd: true) + [.finished(transcript)]
        }

        /// The same, without what is decided only now.
        func end() throws -> Transcript {
            if let transcript { return transcript }
            do {
                try take(resampler.finish())
                try windows.accept(stream.finish())
                let heard = stream.heard(warnings: [])
                try windows.finish()
                let transcript = try transcriber.transcript(of: heard, by: transcriber.model, &collected.collector)
                self.transcript = transcript
                return transcript
            } catch is ForcedAlignmentError {
                throw TranscriptionError.noProbabilities(path: stream.path)
            }
        }

        private func take(_ samples: [Float]) throws {
            do {
                try windows.accept(stream.accept(samples))
            } catch is ForcedAlignmentError {
                throw TranscriptionError.noProbabilities(path: stream.path)
            }
        }

        /// Segments of the words that nothing later changes, where there are more of these than before.
        private func decided() -> [Event] {
            let count = collected.collector.settledCount
            guard count > settled, !stream.isDigitalSilence else { return [] }
            settled = count
            let words = transcriber.words(collected.collector, duration: seconds)
            return segments(of: Array(words.prefix(count)), isEnd: false)
        }

        /// Segments that have not been given out; before the end such that a pause and another word stand behind them.
        private func segments(of words: [Word], isEnd: Bool) -> [Event] {
            var events: [Event] = []
            var first = given
            while first < words.count {
                var end = first + 1
                while end < words.count, words[end].start - words[end - 1].end < Self.pause { end += 1 }
                guard end < words.count || isEnd else { break }
                events.append(.segment(Segment(words: Array(words[first..<end]))))
                first = end
            }
            given = first
            return events
        }

        private final class Collected {
            var collector: WordCollector
            init(_ collector: WordCollector) { self.collector = collector }
        }
    }
}

extension AudioInformation {
    /// Of samples in memory.
    init(samplesAt sampleRate: Int) {
        self.init(
            path: "samples", container: "samples", encoding: "32 bit float", sampleRate: sampleRate, channels: 1,
            frames: nil)
    }
}
