/// How words become subtitles. The defaults are what broadcasters and streaming services ask of subtitlers.
public struct CaptionOptions: Sendable {
    /// Characters of a line at most.
    public var lineLength = 42
    /// Lines of a cue at most.
    public var lines = 2
    /// Characters a second that a viewer can read; a cue stays longer, where there is room, to be no faster.
    public var readingSpeed = 17.0
    /// Seconds that a cue stays at least, where there is room.
    public var shortest = 1.0
    /// Seconds that a cue stays at most.
    public var longest = 7.0
    /// Seconds between two cues at least: two frames at 24 a second.
    public var gap = 0.083
    /// Seconds without a word that always end a cue.
    public var pause = 1.5

    /// The defaults.
    public init() {}
}

/// Words laid out as subtitles: cues of one or two lines that break at pauses and ends of sentences.
///
/// Where to break is chosen for the whole recording at once (dynamic programming over the words): of all ways to cut it
/// into cues that fit, the one with the lowest sum of costs. A cue costs 1, so that there are few; 4 for each second that
/// it lacks to be read or to stay the shortest time; up to 1 where it ends in the middle of speech, less the longer the
/// pause is, half after a comma, none after a full stop; and 1 for each second of pause inside it.
package struct Captions {
    /// A subtitle.
    package struct Cue: Equatable, Sendable {
        /// Milliseconds.
        package var start: Int
        /// Milliseconds; after the start, and before the next cue's.
        package var end: Int
        /// Its lines, top to bottom.
        package var lines: [String]
        /// Its lines, parted by line ends.
        package var text: String { lines.joined(separator: "\n") }
    }

    /// In order; no two overlap.
    package let cues: [Cue]

    /// Lays out the words of a transcript.
    package init(_ transcript: Transcript, options: CaptionOptions = CaptionOptions()) {
        precondition(options.lineLength > 0 && options.lines > 0 && options.readingSpeed > 0)
        let tokens = transcript.words.flatMap { Token.pieces(of: $0, longest: options.lineLength) }
        let layout = CaptionLayout(tokens: tokens, options: options)
        let end = transcript.end.milliseconds
        cues = layout.cues().map { range in
            let start = tokens[range.lowerBound].start
            let text = tokens[range].map(\.text)
            // Nothing is shown beyond the recording or into the next cue.
            let latest = layout.latestEnd(of: range) ?? max(end, tokens[range.upperBound - 1].end)
            let wanted = max(tokens[range.upperBound - 1].end, start + layout.readingTime(of: range))
            let longest = start + Int(options.longest * 1000)
            return Cue(start: start, end: min(wanted, latest, longest), lines: Self.lines(of: text, options))
        }
    }

    /// Words in as few lines as hold them, of lengths as equal as that allows.
    package static func lines(of words: [String], _ options: CaptionOptions) -> [String] {
        let fewest = wrapped(words, width: options.lineLength).count
        var width = options.lineLength
        while width > 1, wrapped(words, width: width - 1).count <= fewest,
            words.allSatisfy({ $0.count < width })
        {
            width -= 1
        }
        return wrapped(words, width: width)
    }

    private static func wrapped(_ words: [String], width: Int) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    /// A word, or a piece of one that is longer than a line.
    struct Token {
        let text: String
        /// Milliseconds.
        let start: Int
        /// Milliseconds.
        let end: Int
        /// Characters.
        let length: Int

        /// The word, cut where it is longer than a line, its time shared out.
        static func pieces(of word: Word, longest: Int) -> [Token] {
            let (start, time) = (word.start.milliseconds, max(0, word.end.milliseconds - word.start.milliseconds))
            let characters = Array(word.text)
            return stride(from: 0, to: characters.count, by: longest).map { from in
                let piece = characters[from..<min(from + longest, characters.count)]
                return Token(
                    text: String(piece), start: start + time * from / characters.count,
                    end: start + time * piece.endIndex / characters.count, length: piece.count)
            }
        }
    }
}
