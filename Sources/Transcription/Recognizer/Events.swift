import AudioIO

extension Recognizer {
    /// Hears sound as it comes.
    ///
    /// ```swift
    /// for try await event in recognizer.events(in: microphone.blocks, sampleRate: 48_000) {
    ///     if case .segment(let segment) = event { print(segment.text) }
    /// }
    /// ```
    ///
    /// Where the sound fails (its sequence throws, a sample is no number) or the task is cancelled, what was said before comes
    /// first, as segments, and then the error.
    /// - Parameters:
    ///   - blocks: samples of one channel, full scale -1...1, any number at a time.
    ///   - sampleRate: hertz of the samples.
    public func events<Blocks: AsyncSequence & Sendable>(
        in blocks: Blocks, sampleRate: Int
    ) -> AsyncThrowingStream<Event, any Error> where Blocks.Element == [Float] {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    // Used by one call after the other, never by two at once.
                    nonisolated(unsafe) let session = try session(sampleRate: sampleRate)
                    do {
                        for try await block in blocks {
                            try Task.checkCancellation()
                            try await Work.run { _ in try session.accept(block) }.forEach { continuation.yield($0) }
                        }
                        try Task.checkCancellation()
                    } catch {
                        // A task that is cancelled can still wait for this.
                        let last = (try? await Work.run { _ in try session.finish() }) ?? []
                        for case .segment(let segment) in last { continuation.yield(.segment(segment)) }
                        throw error
                    }
                    try await Work.run { _ in try session.finish() }.forEach { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// A stretch of a recording that holds speech.
    public struct SpeechSegment: Sendable, Hashable, Codable {
        /// Seconds at which it begins.
        public let start: Double
        /// Seconds at which it ends.
        public let end: Double

        /// Takes its ends, in seconds.
        public init(start: Double, end: Double) { (self.start, self.end) = (start, end) }
    }

    /// The stretches of a recording in which somebody speaks: where the model hears sounds of speech, of whatever words.
    ///
    /// Each begins and ends a tenth of a second outside the sound; pauses shorter than half a second are within.
    /// - Parameter path: the path of a sound file, or `-` for standard input.
    /// - Returns: them in order, and what was noticed in the file.
    /// - Throws: as ``transcribe(file:progress:)``.
    public func speech(
        in path: String, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> (segments: [SpeechSegment], warnings: [AudioWarning]) {
        let transcript = try await Work.run { check in
            try Transcriber(group: transcriber.group, threads: transcriber.threads).transcribe(path, channels: channels)
            {
                try check()
                progress($0)
            }
        }
        return (Self.stretches(of: transcript.words, within: transcript.duration), transcript.warnings)
    }

    /// Joins words that no pause parts, with a margin around them.
    static func stretches(of words: [Word], within duration: Double, margin: Double = 0.1) -> [SpeechSegment] {
        var stretches: [SpeechSegment] = []
        for word in words {
            let start = max(0, (1000 * (word.start - margin)).rounded() / 1000)
            let end = min(duration, (1000 * (word.end + margin)).rounded() / 1000)
            if let last = stretches.last, word.start - (last.end - margin) < Session.pause {
                stretches[stretches.count - 1] = SpeechSegment(start: last.start, end: max(last.end, end))
            } else {
                stretches.append(SpeechSegment(start: start, end: end))
            }
        }
        return stretches
    }
}
