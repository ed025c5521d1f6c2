import AcousticModel
import AudioIO
import TestSupport
import Transcription

enum Shipped {
    static func model() throws -> AcousticModel {
        try AcousticModel(path: Folders.package.appendingPathComponent("models/english-small.safetensors").path)
    }

    static func audio(_ name: String) -> String {
        Folders.package.appendingPathComponent("audio/\(name)").path
    }
}

extension Transcript {
    /// A transcript with these words of the recording `name`, which need not exist.
    static func made(_ words: [Word], duration: Double? = nil, name: String = "talk.wav") throws -> Transcript {
        Transcript(
            file: name, words: words, duration: duration ?? (words.last?.end ?? 0) + 0.5, model: "a model",
            recording: try AudioFile.information(Shipped.audio("ten-seconds.wav")))
    }

    /// Words of random letters, lengths and pauses, in order.
    static func random(words count: Int, longestWord: Int = 12, seed: UInt64) throws -> Transcript {
        var generator = SeededGenerator(seed: seed)
        let letters = Array("abcdefghijklmnopqrstuvwxyz<>&\"'-.,éß漢🎈")
        var time = Int.random(in: 0...2000, using: &generator)
        let words = (0..<count).map { _ in
            let length = Int.random(in: 1...longestWord, using: &generator)
            let text = String((0..<length).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
            let start = time
            let end = start + Int.random(in: 10...60, using: &generator) * length
            let isPause = Int.random(in: 0..<8, using: &generator) == 0
            time = end + (isPause ? Int.random(in: 0...4000, using: &generator) : 0)
            return Word(
                text: text, start: Double(start) / 1000, end: Double(end) / 1000,
                confidence: Double(Float.random(in: 0...1, using: &generator)))
        }
        return try made(words)
    }
}
