import AcousticModel
import Foundation

/// From the steps of words to seconds.
///
/// A network trained with CTC gives a letter its steps somewhere inside the sound of the letter, not at its edge: a
/// word begins before the first step of its first letter, and ends after the last step of its last. What lies between
/// two words is shared out: each gets up to one step of it, and neither more than half.
/// `scripts/word-time-error.py` measures what is left of the error on speech whose word times are known.
///
/// Times are whole milliseconds, never run backwards, and stay within the recording.
package struct WordTimes {
    private let frontEnd: FrontEnd
    /// Whole milliseconds of the recording.
    private let length: Int
    /// A word is made no shorter than so many milliseconds, where the recording has room.
    private static let shortest = 10

    /// - Parameter duration: of the recording, in seconds.
    package init(frontEnd: FrontEnd, duration: Double) {
        self.frontEnd = frontEnd
        length = Int(max(0, duration * 1000))
    }

    /// The words in seconds.
    /// - Parameter aligned: in order, none of whose steps overlap.
    package func words(_ aligned: [WordAligner.AlignedWord]) -> [Word] {
        let lead = frontEnd.secondsPerStep
        let edges = aligned.map {
            (start: frontEnd.seconds(atStep: $0.steps.lowerBound), end: frontEnd.seconds(atStep: $0.steps.upperBound))
        }
        let spans = edges.indices.map { index -> (start: Int, end: Int) in
            let before = index > 0 ? (edges[index].start - edges[index - 1].end) / 2 : .infinity
            let after = index + 1 < edges.count ? (edges[index + 1].start - edges[index].end) / 2 : .infinity
            return (
                Self.milliseconds(edges[index].start - min(lead, max(0, before))),
                Self.milliseconds(edges[index].end + min(lead, max(0, after)))
            )
        }
        return zip(aligned, settled(spans)).map { word, span in
            Word(
                text: word.text, start: Double(span.start) / 1000, end: Double(span.end) / 1000,
                confidence: word.confidence)
        }
    }

    private static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

    /// Puts spans in order and into the recording, each as little from its place as that takes.
    private func settled(_ spans: [(start: Int, end: Int)]) -> [(start: Int, end: Int)] {
        guard !spans.isEmpty else { return [] }
        let shortest = min(Self.shortest, length / spans.count)
        var result: [(start: Int, end: Int)] = []
        result.reserveCapacity(spans.count)
        var earliest = 0
        for span in spans {
            let start = max(span.start, earliest)
            earliest = max(span.end, start + shortest)
            result.append((start, earliest))
        }
        var latest = length
        for index in result.indices.reversed() {
            let end = min(result[index].end, latest)
            latest = min(result[index].start, end - shortest)
            result[index] = (latest, end)
        }
        return result
    }
}
