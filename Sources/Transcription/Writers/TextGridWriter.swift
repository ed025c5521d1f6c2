import Foundation

/// A Praat TextGrid in the long text form, with one interval tier, `words`.
///
/// Intervals fill the recording from 0 to its end without gaps; where no word is, the interval is empty. A quotation mark
/// in a word is doubled, as Praat has it.
public struct TextGridWriter: TranscriptWriter {
    /// Begins.
    public init() {}

    /// See ``TranscriptWriter/body(of:)``.
    public func body(of transcript: Transcript) -> String {
        let end = max(transcript.end.milliseconds, transcript.words.last?.end.milliseconds ?? 0, 1)
        let intervals = Self.intervals(transcript.words, end: end)
        var lines = [
            "File type = \"ooTextFile\"", "Object class = \"TextGrid\"", "", "xmin = 0", "xmax = \(end.asSeconds)",
            "tiers? <exists>", "size = 1", "item []:", "    item [1]:", "        class = \"IntervalTier\"",
            "        name = \"words\"", "        xmin = 0", "        xmax = \(end.asSeconds)",
            "        intervals: size = \(intervals.count)",
        ]
        for (number, interval) in intervals.enumerated() {
            lines += [
                "        intervals [\(number + 1)]:", "            xmin = \(interval.start.asSeconds)",
                "            xmax = \(interval.end.asSeconds)",
                "            text = \"\(interval.text.replacingOccurrences(of: "\"", with: "\"\""))\"",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Words and the gaps between them, in milliseconds. Praat knows no interval without a length.
    private static func intervals(_ words: [Word], end: Int) -> [(start: Int, end: Int, text: String)] {
        var intervals: [(start: Int, end: Int, text: String)] = []
        var time = 0
        for word in words where word.end.milliseconds > max(time, word.start.milliseconds) {
            let start = max(time, word.start.milliseconds)
            if start > time { intervals.append((time, start, "")) }
            intervals.append((start, word.end.milliseconds, word.text))
            time = word.end.milliseconds
        }
        if time < end { intervals.append((time, end, "")) }
        return intervals
    }
}
